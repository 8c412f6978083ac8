"""The inputs that a random program is run on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain, cycle, islice

from raspc.algebra.values import Value
from raspc.testing import RandomProgram
from raspc.testing.sampling import all_inputs, count_inputs, edge_inputs, sampled_inputs

EXHAUSTIVE = 90
"""Up to so many inputs, all are run."""

SAMPLES = 40
"""Otherwise so many edges and so many random inputs are, as long as they are short."""

CELLS = 40_000
"""So many pairs of positions may all inputs have together, as what a selector takes grows with them."""

FEWEST = 12
"""So many inputs are run however long they are."""


def inputs_of(program: RandomProgram, seed: int) -> list[list[Value]]:
    """All inputs of a program if they are few; otherwise edges, near-ties and a sample."""
    vocab, longest = program.vocab, program.max_seq_len
    if count_inputs(len(vocab), longest) <= EXHAUSTIVE:
        return list(all_inputs(vocab, longest))
    if longest <= 16 and len(vocab) <= 8:
        edges = islice(edge_inputs(vocab, longest), SAMPLES)
        samples = sampled_inputs(vocab, longest, SAMPLES, seed)
        return list(islice(chain(ties(program, seed), edges, samples), max(FEWEST, min(2 * SAMPLES, _most(longest)))))
    samples = chain(*zip(ties(program, seed), sampled_inputs(vocab, longest, SAMPLES, seed), strict=False))
    return list(islice(samples, max(FEWEST, min(SAMPLES, _most(longest)))))


def _most(longest: int) -> int:
    return CELLS // longest**2


def ties(program: RandomProgram, seed: int) -> Iterator[list[Value]]:
    """Inputs in which two tokens occur equally often, or nearly so, and others that have few different tokens."""
    chosen = random.Random(seed)
    longest = program.max_seq_len
    while True:
        fst, snd = (chosen.choice(program.vocab) for _ in range(2))
        n = chosen.choice((longest, longest, max(1, longest - 1), chosen.randint(1, longest)))
        number = min(max(n // 2 + chosen.choice((-1, 0, 0, 1)), 0), n)
        tokens = [fst] * number + [snd] * (n - number)
        match chosen.randint(0, 3):
            case 0:
                yield tokens
            case 1:
                yield list(islice(cycle((fst, snd)), n))
            case 2:
                chosen.shuffle(tokens)
                yield tokens
            case _:  # all equal but one
                tokens = [fst] * n
                tokens[chosen.randrange(n)] = snd
                yield tokens
