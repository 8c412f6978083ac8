"""The tokens by falling frequency: `b a a b c a` becomes `a a a b b c`.

Tokens that are equally frequent keep the order in which they stand, so `a b a b` stays `a b a b`.
"""

from raspc import rasp

vocab = ["a", "b", "c"]
max_seq_len = 8

same_token = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)
frequency = rasp.SelectorWidth(same_token)
# Frequent tokens get small keys; the index makes them distinct.
key = rasp.SequenceMap(lambda n, i: i - max_seq_len * n, frequency, rasp.indices)
place = rasp.SelectorWidth(rasp.Select(key, key, rasp.Comparison.LT))
sort_freq = rasp.Aggregate(rasp.Select(place, rasp.indices, rasp.Comparison.EQ), rasp.tokens)
