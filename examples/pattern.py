"""Whether the tokens `a b c` end at each position."""

from raspc import rasp

vocab = ["a", "b", "c"]
max_seq_len = 12


def before(distance: int, sop: rasp.SOp) -> rasp.SOp:
    """Return what an s-op was `distance` positions before, or False where the sequence hadn't begun."""
    there = rasp.Select(rasp.indices, rasp.indices, lambda key, query: key == query - distance)
    return rasp.Aggregate(there, sop, default=False)


program = before(2, rasp.tokens == "a") & before(1, rasp.tokens == "b") & (rasp.tokens == "c")
