"""At each position, the fraction of `x` among the tokens so far: a numerical output.

The program is causal: no position looks at a later one, as in a language model.
"""

from raspc import rasp

vocab = ["w", "x", "y", "z"]
max_seq_len = 10
causal = True

is_x = rasp.numerical(rasp.Map(lambda token: 1 if token == "x" else 0, rasp.tokens))
so_far = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE)
frac_prevs = rasp.numerical(rasp.Aggregate(so_far, is_x))
