"""Programs whose floats round, as a part of the corpus: RASP's numbers are Python's, and not real numbers."""

from __future__ import annotations

from typing import Any

from raspc import rasp
from raspc.rasp import Comparison
from raspc.rasp.expressions import indices, tokens
from tests.programs.program import Program

EVERYTHING = rasp.Select(indices, indices, Comparison.TRUE)
MEAN = rasp.Aggregate(EVERYTHING, tokens)


def _of_token(values: dict[Any, Any]) -> rasp.Map:
    return rasp.Map(lambda token: values[token], tokens)


FLOAT_PROGRAMS = (
    Program(
        "rounded_to_halves",
        lambda _: rasp.Map(lambda x: (x + 4.6e15) - 4.6e15, MEAN),
        (0, 3),
        (([0, 3], [2.0, 2.0]), ([0, 0, 3], [1.0, 1.0, 1.0]), ([0], [0.0]), ([3, 3], [3.0, 3.0])),
        max_seq_len=3,
        sizes=(3,),
        note="each operation rounds: the floats near 4.6e15 are whole, and of two as near the even one is taken",
    ),
    Program(
        "rounded_difference",
        lambda _: rasp.Map(lambda x, y: (x + y) - y, MEAN, _of_token({0: 1e16, 3: 0.5})),
        (0, 3),
        (([0, 3], [2.0, 1.5]), ([0, 0, 3], [0.0, 0.0, 1.0]), ([0], [0.0]), ([3, 3], [3.0, 3.0])),
        max_seq_len=3,
        sizes=(3,),
        note="as a combination of real numbers, what is added and taken away again would vanish",
    ),
    Program(
        "undefined_beyond_the_floats",
        lambda _: rasp.Map(lambda x: x + 10**400, MEAN),
        (0.25, 1.5),
        (([0.25, 1.5], [None, None]), ([0.25], [None])),
        max_seq_len=2,
        sizes=(2,),
        note="an int that no float can hold and a float have no sum",
    ),
    Program(
        "two_means_beyond_the_exact_ints",
        lambda _: rasp.Map(
            lambda x, y: "yes" if x > 2**53 and y == 0.5 else "no",
            rasp.Aggregate(EVERYTHING, _of_token({0: 2**53 + 1, 1: 2**53 + 1, 2: 0})),
            rasp.Aggregate(EVERYTHING, _of_token({0: 0, 1: 1, 2: 0})),
        ),
        (0, 1, 2),
        (([0, 1], ["yes", "yes"]), ([0, 2], ["no", "no"]), ([1], ["no"])),
        max_seq_len=2,
        sizes=(2,),
        note="an int that all selected positions have is their mean as it is, though no float is equal to it",
    ),
    Program(
        "two_forms_of_a_large_number",
        lambda _: rasp.Map(lambda x, y: x == y, _of_token({0: 2**60, 1: 2.0**60, 2: 2**60 + 1}), tokens * 0 + 2**60),
        (0, 1, 2),
        (([0, 1, 2], [True, True, False]),),
        max_seq_len=3,
        sizes=(3,),
        note="an int and a float are equal only if they are the same number",
    ),
)
