"""The means that an aggregate over numbers can take.

The mean of m numbers out of a finite set, for m up to some count, is one of finitely many: for the set {0, 1} these are
the Farey fractions p/q with q up to the count. The interpreter computes a mean exactly and rounds it once; so do these
functions, so that the floats are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product
from math import lcm
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.analysis import EXACT_INTS
from raspc.algebra.values import Value, reach_of


class TooManyMeansError(Exception):
    """There are more means than the limit allows; `found` is a lower bound of their number."""

    def __init__(self, found: int):
        super().__init__(f"more than {found} means")
        self.found = found


def _scaled(columns: Iterable[Iterable[Value]]) -> tuple[list[list[int]], int]:
    """Numbers as integers over one common denominator."""
    fractions = [[Fraction(number) for number in column] for column in columns]  # type: ignore[arg-type]
    denominator = lcm(*(number.denominator for column in fractions for number in column))
    return [[int(number * denominator) for number in column] for column in fractions], denominator


Counted: TypeAlias = list[tuple[tuple[Value, ...], list[int]]]
"""Tuples of means in ascending order, each with the numbers of tuples of which it is the mean, in ascending order."""


def _counted_tuples(tuples: list[tuple[Value, ...]], max_count: int, limit: int) -> Counted:
    """The means of tuples; see `mean_tuples`."""
    columns, denominator = _scaled(zip(*tuples, strict=True))
    exact = sorted(set(zip(*columns, strict=True)))
    found: dict[tuple[Fraction, ...], list[int]] = {}
    sums = {tuple(0 for _ in exact[0])}
    for count in range(1, max_count + 1):
        sums = {tuple(s + t for s, t in zip(partial, term, strict=True)) for partial in sums for term in exact}
        if len(sums) > limit:
            raise TooManyMeansError(len(sums))
        for total in sums:
            found.setdefault(tuple(Fraction(component, count * denominator) for component in total), []).append(count)
        if len(found) > limit:
            raise TooManyMeansError(len(found))
    given = [
        {Fraction(number, denominator): value for number, value in zip(column, values, strict=True)}
        for column, values in zip(columns, zip(*tuples, strict=True), strict=True)
    ]
    return [
        (means, found[key])
        for key in sorted(found)
        for means in product(*(_forms_of(mean, values) for mean, values in zip(key, given, strict=True)))
    ]


def _forms_of(mean: Fraction, given: dict[Fraction, Value]) -> list[Value]:
    """What a mean is as a value.

    If all numbers are equal, it is that number, in its form; otherwise it is a float, rounded once. A number beyond
    2**53 that others have for a mean may be both, and the two may differ.

    Args:
        mean: the mean.
        given: the numbers of which it is the mean, by their exact value.
    """
    value = given.get(mean)
    if value is None:
        return [float(mean)]
    rounded = float(mean)
    is_only_itself = value == rounded or not min(given) < mean < max(given)
    return [value] if is_only_itself else [value, rounded]


def mean_tuples(tuples: list[tuple[Value, ...]], max_count: int, limit: int) -> list[tuple[Value, ...]]:
    """All tuples of means of the components of `m` tuples, for 1 <= m <= `max_count`.

    A component that is the same in all is itself, in the form that it has; other means are floats, exactly rounded.
    Components beyond 2**53 may be combined in both ways though only one of them occurs.

    Raises:
        TooManyMeansError: there are more than `limit` of them.

    >>> mean_tuples([(0,), (1,)], 3, 100)
    [(0,), (0.3333333333333333,), (0.5,), (0.6666666666666666,), (1,)]
    >>> mean_tuples([(2**53 + 1, 0), (2**53 + 1, 1)], 2, 100)
    [(9007199254740993, 0), (9007199254740993, 0.5), (9007199254740993, 1)]
    """
    return [means for means, _ in _counted_tuples(tuples, max_count, limit)] if tuples else []


def may_be_mixed(sets: Sequence[Sequence[Value]], means: Sequence[Value]) -> bool:
    """Whether a number may stand among the means of sets of numbers in several forms, as an int and as a float.

    Means of floats are floats. Of ints up to 2**53 it is taken for granted. `2**60` is a mean of itself alone, and a
    float only if it lies between others, or is a mean of another set.

    Args:
        sets: the numbers of each set, in ascending order.
        means: the means of all sets.

    >>> may_be_mixed([[0, 1]], [0, 0.5, 1]), may_be_mixed([[0, 2**60]], [0, 2.0**59, 2**60])
    (True, False)
    """
    if all(reach_of(number) <= EXACT_INTS for numbers in sets for number in numbers):
        return any(not isinstance(number, float) for numbers in sets for number in numbers)
    floats = {mean for mean in means if isinstance(mean, float)}
    return any(
        number in floats or (numbers[0] < number < numbers[-1] and number == float(number))  # type: ignore[operator, arg-type]
        for numbers in sets
        for number in numbers
        if not isinstance(number, float)
    )


def counted_means(values: list[Value], max_count: int, limit: int) -> list[tuple[Value, list[int]]]:
    """All means of `m` numbers out of `values`, for 1 <= m <= `max_count`, in ascending order, each with its `m`.

    A single number repeated is itself, in the form that it has; other means are floats, exactly rounded: a float may
    stand there twice, of two means that it is nearest to. Integers over a common denominator are added as sets of bits
    in one big integer, so that a range of values costs little.

    Raises:
        TooManyMeansError: there are more than `limit` of them.

    >>> counted_means([0, 1], 3, 100)
    [(0, [1, 2, 3]), (0.3333333333333333, [3]), (0.5, [2]), (0.6666666666666666, [3]), (1, [1, 2, 3])]
    """
    (scaled,), denominator = _scaled([values])
    low = min(scaled)
    if max(scaled) - low > 64 * limit:
        return [(mean, counts) for (mean,), counts in _counted_tuples([(value,) for value in values], max_count, limit)]
    offsets = np.array(sorted({number - low for number in scaled}), dtype=np.int64)
    reachable: NDArray[np.bool_] = np.ones(1, dtype=np.bool_)
    found: dict[Fraction, list[int]] = {}
    for count in range(1, max_count + 1):
        wider = np.zeros(reachable.size + int(offsets[-1]), dtype=np.bool_)
        for offset in offsets.tolist():
            wider[offset : offset + reachable.size] |= reachable
        reachable = wider
        totals = np.flatnonzero(reachable)
        if totals.size > limit:
            raise TooManyMeansError(totals.size)
        for total in totals.tolist():
            found.setdefault(Fraction(total + count * low, count * denominator), []).append(count)
        if len(found) > limit:
            raise TooManyMeansError(len(found))
    given = {Fraction(key, denominator): value for key, value in zip(scaled, values, strict=True)}
    return [(mean, found[key]) for key in sorted(found) for mean in _forms_of(key, given)]


def mean_values(values: list[Value], max_count: int, limit: int) -> list[Value]:
    """All means of up to `max_count` numbers out of `values`; see `counted_means`.

    Raises:
        TooManyMeansError: there are more than `limit` of them.

    >>> mean_values([0, 1], 3, 100)
    [0, 0.3333333333333333, 0.5, 0.6666666666666666, 1]
    """
    return [mean for mean, _ in counted_means(values, max_count, limit)]


def means_of_two(low: int | float, high: int | float, count: int) -> list[Value]:
    """The mean of `count` whole numbers of which k are `high` and all others `low`, for k from 0 on.

    Means of equal numbers are the number itself, others are rounded once: Python divides ints so, whatever their size.

    >>> means_of_two(0, 1, 3)
    [0, 0.3333333333333333, 0.6666666666666666, 1]
    >>> means_of_two(2**53, 2**53 + 4, 4)
    [9007199254740992, 9007199254740992.0, 9007199254740994.0, 9007199254740996.0, 9007199254740996]
    """
    first, last = int(low), int(high)
    between: list[Value] = [(first * (count - k) + last * k) / count for k in range(1, count)]
    return [low, *between, high]
