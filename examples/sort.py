"""The tokens in increasing order, for sequences without repetitions.

A token's place is the number of smaller tokens. Of a token that occurs twice both want the same place, and the place
after it stays undefined.
"""

from raspc import rasp

vocab = list(range(1, 9))
max_seq_len = 8

smaller = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.LT)
place = rasp.SelectorWidth(smaller)
sort = rasp.Aggregate(rasp.Select(place, rasp.indices, rasp.Comparison.EQ), rasp.tokens)
