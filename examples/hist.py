"""A histogram: at each position, how often its token occurs in the sequence."""

from raspc import rasp

vocab = ["a", "b", "c", "d"]
max_seq_len = 12

same_token = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)
hist = rasp.SelectorWidth(same_token)
