"""Programs that compare: maxima, ranks, medians, votes."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, length, tokens
from tests.programs.compositions.parts import (
    BEFORE,
    SAME_TOKEN,
    count,
    count_up_to_here,
    where,
)
from tests.programs.program import Program

SMALLER = Select(tokens, tokens, Comparison.LT)
GREATER = Select(tokens, tokens, Comparison.GT)


def maximum() -> SOp:
    """The token than which none is greater."""
    return Aggregate(where(SelectorWidth(GREATER) == 0), tokens)


def minimum() -> SOp:
    return Aggregate(where(SelectorWidth(SMALLER) == 0), tokens)


def value_range() -> SOp:
    return maximum() - minimum()


def argmax() -> SOp:
    """The first index of the greatest token: how many positions come before it."""
    is_greatest = SelectorWidth(GREATER) == 0
    return SelectorWidth(where(count_up_to_here(is_greatest) == 0))


def second_largest() -> SOp:
    """The greatest token that is less than the maximum; undefined if all are equal."""
    is_new = SelectorWidth(SAME_TOKEN & BEFORE) == 0
    greater_ones = SelectorWidth(GREATER & where(is_new))
    return Aggregate(where(greater_ones == 1), tokens)


def ranks() -> SOp:
    """The place of each token in the sorted input; equal tokens in the order of the input."""
    return SelectorWidth(SMALLER | (SAME_TOKEN & BEFORE))


def median() -> SOp:
    """The token in the middle of the sorted input, the lower of two."""
    in_the_middle = Map(lambda rank, n: rank == (n - 1) // 2, ranks(), length)
    return Aggregate(where(in_the_middle), tokens)


def is_sorted() -> SOp:
    """Whether no token is greater than a later one."""
    return count(SelectorWidth(GREATER & BEFORE) > 0) == 0


def running_maximum() -> SOp:
    """The greatest token so far: the number of thresholds that a token so far has reached."""
    reached = [Map(lambda n: int(n > 0), count_up_to_here(tokens >= threshold)) for threshold in (1, 2, 3)]
    return reached[0] + reached[1] + reached[2]


def majority_vote() -> SOp:
    """What more than half of those who voted voted for; undefined if it is equal."""
    yes, no = count(tokens == "yes"), count(tokens == "no")
    return Map(lambda y, n: "yes" if y > n else "no" if n > y else None, yes, no)


NUMBERS = (0, 1, 2, 3)

ORDERING = (
    Program(
        "maximum",
        lambda _: maximum(),
        (-2, 0, 3, 7),
        (([0, 7, -2, 7], [7] * 4), ([-2], [-2]), ([0, 0, -2], [0] * 3)),
        max_seq_len=4,
        sizes=(4,),
        note="the greatest token, which may stand at several positions, is averaged with itself",
    ),
    Program(
        "value_range",
        lambda _: value_range(),
        (-2, 0, 3),
        (([0, 3, -2], [5] * 3), ([3, 3], [0, 0]), ([0, -2], [2, 2])),
        max_seq_len=4,
        sizes=(4,),
        note="the difference of two extremes, each an aggregate",
    ),
    Program(
        "argmax",
        lambda _: argmax(),
        NUMBERS,
        (([1, 3, 0, 3], [1] * 4), ([2, 1], [0, 0]), ([0, 1, 2, 3], [3] * 4)),
        max_seq_len=4,
        sizes=(4,),
        note="the first of several positions: how many come before any",
    ),
    Program(
        "second_largest",
        lambda _: second_largest(),
        NUMBERS,
        (([1, 3, 0, 3], [1] * 4), ([2, 2], [None, None]), ([3, 2, 2], [2] * 3)),
        max_seq_len=4,
        sizes=(4,),
        note="a width that counts different values, and no answer where all are equal",
    ),
    Program(
        "median",
        lambda _: median(),
        NUMBERS,
        (([3, 0, 1], [1] * 3), ([3, 0, 1, 2], [1] * 4), ([2, 2, 0], [2] * 3)),
        max_seq_len=4,
        sizes=(4,),
        note="the token of a certain rank, by the paper's sort with ties",
    ),
    Program(
        "is_sorted",
        lambda _: is_sorted(),
        NUMBERS,
        (([0, 1, 1, 3], [True] * 4), ([0, 2, 1], [False] * 3), ([3], [True])),
        max_seq_len=4,
        sizes=(4,),
        note="no inversion anywhere",
    ),
    Program(
        "running_maximum",
        lambda _: running_maximum(),
        NUMBERS,
        (([1, 0, 3, 2], [1, 1, 3, 3]), ([0, 0], [0, 0]), ([2, 1, 2], [2, 2, 2])),
        max_seq_len=4,
        sizes=(4,),
        note="a maximum of prefixes, as a sum of thresholds",
    ),
    Program(
        "majority_vote",
        lambda _: majority_vote(),
        ("yes", "no", "abstain"),
        (
            (["yes", "no", "abstain", "yes"], ["yes"] * 4),
            (["no", "abstain", "abstain"], ["no"] * 3),
            (["yes", "no"], [None, None]),
        ),
        sizes=(5,),
        note="two counts compared; a tie is undefined",
    ),
)
