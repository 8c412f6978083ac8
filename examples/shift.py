"""Each token moves one position to the right. The first output is undefined: nothing moves there."""

from raspc import rasp

vocab = ["a", "b", "c", "d"]
max_seq_len = 12

previous = rasp.Select(rasp.indices, rasp.indices, lambda key, query: key == query - 1)
shift = rasp.Aggregate(previous, rasp.tokens, default=None)
