"""The length of the sequence, at every position: what `rasp.length` stands for, written out."""

from raspc import rasp

vocab = ["a", "b"]
max_seq_len = 20

everything = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE)
length = rasp.SelectorWidth(everything)
