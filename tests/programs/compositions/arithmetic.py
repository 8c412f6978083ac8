"""Programs that compute with numbers: digits in the input, parities, sums."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, indices, length, tokens
from tests.programs.compositions.parts import (
    EVERYTHING,
    FROM_HERE,
    UP_TO_HERE,
    count,
    count_after,
    count_up_to_here,
    following,
    previous,
    value_at,
    where,
)
from tests.programs.program import Program


def position_of(operator: str) -> SOp:
    """The index of the first operator; the length if there is none."""
    return SelectorWidth(where(count_up_to_here(tokens == operator) == 0))


def first_operand(operator: SOp) -> SOp:
    """Behind the operator: whether there is a 1 at the same place of the first number, counted from its end."""
    return value_at(operator - (length - indices), tokens == "1", default=False)


def add_binary() -> SOp:
    """The sum of two binary numbers, from the plus sign on, undefined before it.

    The second number has at least as many digits as the first. A place where both digits are 1 generates a carry, and
    one where both are 0 takes it in; where they differ it goes on. So what is carried into a place is decided by the
    next place to the right at which they don't differ.
    """
    plus = position_of("+")
    ones = Map(
        lambda i, p, upper, token: int(upper) + int(token == "1") if i > p else 0,
        *(indices, plus, first_operand(plus), tokens),
    )
    decides = ones != 1
    deciding_after = count_after(decides)
    until_then = SelectorWidth(Select(deciding_after, deciding_after, Comparison.EQ) & FROM_HERE)
    carry = value_at(indices + until_then, ones == 2, default=False)
    digit = Map(lambda number, carried: (number + int(carried)) % 2, ones, carry)
    return Map(lambda i, p, result: result if i >= p else None, indices, plus, digit)


def increment_binary() -> SOp:
    """The binary number plus 1, without the carry out of it: a digit changes if all after it are 1."""
    return Map(lambda bit, zeros: 1 - bit if zeros == 0 else bit, tokens, count_after(tokens == 0))


def binary_value() -> SOp:
    """The number that the binary digits up to here are, by the mean of the powers of 2 at the ones."""
    last = length - 1
    worth = Map(lambda bit, i, end: bit * 2 ** (end - i), tokens, indices, last)
    return Map(lambda mean, n: round(mean * n), Aggregate(EVERYTHING, worth), length)


def parity() -> SOp:
    return count(tokens == 1) % 2


def prefix_parity() -> SOp:
    return count_up_to_here(tokens == 1) % 2


def running_sum() -> SOp:
    """The sum of the tokens up to here: their mean by their number."""
    mean = Aggregate(UP_TO_HERE, tokens)
    return Map(lambda average, i: round(average * (i + 1)), mean, indices)


def moving_average() -> SOp:
    """The mean of each token and its neighbours."""
    around = Select(indices, indices, lambda key, query: abs(key - query) <= 1)
    return Aggregate(around, tokens)


def deviation_from_mean() -> SOp:
    return tokens - Aggregate(EVERYTHING, tokens)


def rule_110() -> SOp:
    """One step of the cellular automaton 110, with zeros outside."""
    left, right = previous(tokens, default=0), following(tokens, default=0)
    return Map(lambda a, b, c: 110 >> (4 * a + 2 * b + c) & 1, left, tokens, right)


BITS = (0, 1)

ARITHMETIC = (
    Program(
        "add_binary",
        lambda _: add_binary(),
        ("0", "1", "+"),
        (
            ("101+110", [None, None, None, 1, 0, 1, 1]),
            ("1+011", [None, 0, 1, 0, 0]),
            ("11+01", [None, None, 1, 0, 0]),
            ("111+001", [None, None, None, 1, 0, 0, 0]),
            ("10", [None, None]),
        ),
        max_seq_len=7,
        sizes=(7,),
        note="addition: the carry into each digit comes from the next place that generates or stops one",
    ),
    Program(
        "increment_binary",
        lambda _: increment_binary(),
        BITS,
        (([0, 1, 1], [1, 0, 0]), ([1, 0, 0], [1, 0, 1]), ([1, 1], [0, 0])),
        max_seq_len=8,
        sizes=(8,),
        note="the carry of an increment reaches as far as there are only ones behind",
    ),
    Program(
        "binary_value",
        lambda _: binary_value(),
        BITS,
        (([1, 0, 1], [5, 5, 5]), ([0, 1, 1, 0], [6] * 4), ([1, 1, 1, 1, 1], [31] * 5)),
        sizes=(5,),
        note="a number is read from its digits: a mean of powers of 2, whose every sum must be told apart",
    ),
    Program(
        "parity",
        lambda _: parity(),
        BITS,
        (([1, 0, 1, 1], [1] * 4), ([1, 1], [0, 0]), ([0], [0])),
        max_seq_len=10,
        sizes=(10,),
        note="parity, which transformers are known to learn badly, is a width modulo 2",
    ),
    Program(
        "prefix_parity",
        lambda _: prefix_parity(),
        BITS,
        (([1, 0, 1, 1], [1, 1, 0, 1]), ([0, 1], [0, 1])),
        max_seq_len=10,
        sizes=(10,),
        note="the parity of each prefix",
    ),
    Program(
        "running_sum",
        lambda _: running_sum(),
        (0, 1, 2),
        (([2, 0, 1, 2], [2, 2, 3, 5]), ([1, 1], [1, 2])),
        max_seq_len=6,
        sizes=(6,),
        note="a sum is a mean by a number: the rounding must hit the right integer",
    ),
    Program(
        "moving_average",
        lambda _: moving_average(),
        (-1, 0, 2),
        (([2, -1, 2, 0], [1 / 2, 1, 1 / 3, 1]), ([2], [2]), ([-1, 0, 0], [-1 / 2, -1 / 3, 0])),
        sizes=(5,),
        note="a convolution: the mean over a window, which is smaller at the ends",
    ),
    Program(
        "deviation_from_mean",
        lambda _: deviation_from_mean(),
        (0, 1, 3),
        (([0, 3], [-3 / 2, 3 / 2]), ([1, 1], [0, 0]), ([0, 0, 1, 3], [-1, -1, 0, 2])),
        sizes=(5,),
        note="numbers of both signs: each token less the mean of all",
    ),
    Program(
        "rule_110",
        lambda _: rule_110(),
        BITS,
        (([0, 0, 1], [0, 1, 1]), ([1, 1, 1], [1, 0, 1]), ([0, 1, 0, 1, 1], [1, 1, 1, 1, 1])),
        max_seq_len=8,
        sizes=(8,),
        note="a cellular automaton that can compute anything: a map of each cell and its two neighbours",
    ),
)
