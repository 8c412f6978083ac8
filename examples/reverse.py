"""The sequence from its end to its beginning: `a b c` becomes `c b a`."""

from raspc import rasp

vocab = ["a", "b", "c", "d"]
max_seq_len = 12

opposite = rasp.length - rasp.indices - 1
flip = rasp.Select(rasp.indices, opposite, rasp.Comparison.EQ)
reverse = rasp.Aggregate(flip, rasp.tokens)
