"""Whether two kinds of brackets are each balanced, however they are shuffled: `( { ) }` is, `) (` is not.

Every position gives the answer for the whole sequence.
"""

from raspc import rasp

vocab = ["(", ")", "{", "}"]
max_seq_len = 10

so_far = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LEQ)


def depth(opening: str, closing: str) -> rasp.SOp:
    """Return the brackets that are open, as a fraction of the tokens so far: the sign is what matters."""
    step = rasp.numerical(rasp.Map(lambda token: (token == opening) - (token == closing), rasp.tokens))
    return rasp.numerical(rasp.Aggregate(so_far, step))


round_depth = depth("(", ")")
curly_depth = depth("{", "}")

closed_too_often = (round_depth < 0) | (curly_depth < 0)
mistakes = rasp.SelectorWidth(rasp.Select(closed_too_often, rasp.tokens, lambda key, query: key))

all_closed = (round_depth == 0) & (curly_depth == 0)
last = rasp.Select(rasp.indices, rasp.length - 1, rasp.Comparison.EQ)
shuffle_dyck2 = (mistakes == 0) & rasp.Aggregate(last, all_closed)
