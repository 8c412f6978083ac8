"""Numbers that differ by the rounding of floats alone: `0.1 + 0.2` and `0.3`.

A numerical output can't tell them apart: float32 has one number for both. They count as one, and that is the only
liberty that a numerical output takes, so that it has to be narrow:

- Twins are measured by themselves. The distance that is allowed is relative to their own magnitude, not to that of
  other values: 1e-7 is no twin of 0, whatever else is there, for that isn't what rounding makes of it; and 0 has no
  twin.
- Twins don't chain. A run of numbers of which each is near to the next is one group only if its first and its last
  number are as near to each other; otherwise none of them are twins. So no answer is further from the value than
  `TWIN_DISTANCE`.
- Whole numbers are exact: two of them are never twins.

Numbers that are neither twins nor far enough apart for float32 have to be one-hot, or are refused.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.values import MaybeValue, Value, is_finite_number

TWIN_DISTANCE = 2.0**-48
"""How far twins may be from each other, relative to the smaller of them."""

RESIDUE = 2.0**-50
"""What is left of numbers that cancel is at most about this part of them: 0.3 - 0.1 * 3 is -5.6e-17."""


def rounding_twins(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers are twins of the next one.

    Args:
        numbers: in ascending order, [n].

    Returns:
        [n - 1]

    >>> rounding_twins(np.array([0.0, 1 - 0.8, 0.2])).tolist()
    [False, True]
    >>> rounding_twins(np.array([0.0, 1e-17, 1.0])).tolist()
    [False, False]
    >>> rounding_twins(np.array([1 + k * 2.0**-51 for k in range(200)])).any()
    np.False_
    """
    if not numbers.size:
        return np.zeros(0, dtype=np.bool_)
    magnitudes = np.abs(numbers)
    near = gaps(numbers) <= TWIN_DISTANCE * np.minimum(magnitudes[1:], magnitudes[:-1])
    group = np.concatenate([[0], np.cumsum(~near)])
    first = np.flatnonzero(np.concatenate([[True], ~near]))
    last = np.append(first[1:], numbers.size) - 1
    with np.errstate(over="ignore"):
        within = numbers[last] - numbers[first] <= TWIN_DISTANCE * np.minimum(magnitudes[first], magnitudes[last])
    n_whole = np.bincount(group, weights=numbers == np.rint(numbers))
    return near & (within & (n_whole <= 1))[group[1:]]


def are_twins(one: int | float, other: int | float) -> bool:
    """Whether two finite numbers are twins, or equal. Of a run that is no group, see above, neighbours are so, too.

    >>> are_twins(0.2, 1 - 0.8), are_twins(0, 1e-300), are_twins(2**53, 2**53 + 1)
    (True, False, False)
    """
    if one == other:
        return True
    if one == int(one) and other == int(other):
        return False
    return abs(one - other) <= TWIN_DISTANCE * min(abs(one), abs(other))


def count_as_one(one: MaybeValue, other: MaybeValue) -> bool:
    """Whether two values are equal as Python compares them, or twins.

    >>> count_as_one(0.2, 1 - 0.8), count_as_one(1, True), count_as_one(None, 0), count_as_one(("a", 1), ("a", 1.0))
    (True, True, False, True)
    >>> count_as_one(10**15, 10**15 + 1), count_as_one(0, 1e-12)
    (False, False)
    """
    return one == other or (is_finite_number(one) and is_finite_number(other) and are_twins(one, other))


def without_twins(numbers: list[Value]) -> list[Value]:
    """One of each group of twins: the one with the shortest text.

    >>> without_twins([0, 1 - 0.8, 0.2, 1])
    [0, 0.2, 1]
    """
    twins = rounding_twins(np.array(numbers, dtype=np.float64)).tolist()
    groups: list[list[Value]] = [[number] for number in numbers[:1]]
    for number, is_twin in zip(numbers[1:], twins, strict=True):
        if is_twin:
            groups[-1].append(number)
        else:
            groups.append([number])
    return [min(group, key=lambda number: len(repr(number))) for group in groups]


def residues(numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which numbers are so near to the next one that a combination of floats can't be told from it as a scalar.

    Unlike twins these are measured by the largest number, as the errors of a sum are.

    Args:
        numbers: in ascending order, [n].

    Returns:
        [n - 1]

    >>> residues(np.array([0.3 - 0.1 * 3, 0.0, 0.3])).tolist()
    [True, False]
    """
    return gaps(numbers) <= RESIDUE * np.abs(numbers).max(initial=0.0)


def gaps(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much each number is less than the next one, infinite beyond the floats: [n] to [n - 1].

    >>> gaps(np.array([-1e308, 1e308])).tolist()
    [inf]
    """
    with np.errstate(over="ignore"):
        return np.diff(numbers)
