"""Separating sums: one number that tells which combination of values several operands have.

Claim. Let operand j have the values `v_j1, ..., v_jn`, each of which adds a number `a_j(v)` to a sum. These numbers can
be chosen so that different combinations have different sums; for an operand that is a number itself, as a multiple.

Derivation. Order the operands from the least to the most significant. Let the sums of the first k differ by at least
g and span s. With a factor `K >= (s + g) / d`, where d is the smallest gap between the numbers of operand k + 1, its
multiples by K lead to sums that differ by at least g and span `s + K (span of operand k + 1)`. The digits of a number
are the case of equal gaps. K is a power of two, so that multiplying rounds nothing.

So one hidden layer looks up a function of several operands, also of numbers that no layer has read yet: a step decoder
(`algebra.steps`) of the sum, which is linear in one-hot vectors and in numbers. It needs two units for each change of
the result along the order of the sums; the order of the operands decides how many changes there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.additive import Terms, aligned_terms, as_integers
from raspc.algebra.lookup import merged_classes
from raspc.algebra.steps import StepDecoder, step_decoder

NEVER = -2
"""The class of a combination that doesn't occur."""

NEARLY = 1 / 8
"""How far a number may be from the whole one for which it counts in an aligned sum."""

LARGEST_UNIT = 1 << 10
"""The largest common denominator of fractions in an aligned sum."""

MOST_CHANGES = 1 << 11
"""Aligned sums along which the class changes more often aren't searched for."""

MOST_ELEMENTS = 1 << 20
"""The most elements of the output matrix of a sum's decoder."""

FINENESS = 1 << 12
"""What the values of one-hot operands add are multiples of the inverse, so that few digits are enough for them."""


@dataclass(frozen=True, eq=False)
class SeparatingSum:
    """A function of several operands as a function of one sum.

    Attributes:
        terms: for each operand what each of its values adds to the sum, [n_values].
        factors: for each operand the factor on its numbers.
        decoder: reads the sum.
    """

    terms: tuple[NDArray[np.float64], ...]
    factors: tuple[float, ...]
    decoder: StepDecoder

    @property
    def sums(self) -> NDArray[np.float64]:
        """The sums of all combinations: [n_values of operand 0, n_values of operand 1, ...]."""
        return reduce(np.add.outer, self.terms)

    @property
    def n_units(self) -> int:
        """The number of hidden units of the decoder."""
        return self.decoder.slopes.size

    @property
    def reach(self) -> float:
        """A bound on the partial sums."""
        return float(sum(np.abs(terms).max(initial=0.0) for terms in self.terms))


def separating_sum(
    table: NDArray[np.int64], numbers: Sequence[NDArray[np.float64] | None], order: Sequence[int], n_classes: int
) -> SeparatingSum | None:
    """Build the sum for one order of the operands.

    Args:
        table: the class of the result for each combination of values, -1 for none, `NEVER` where there is no such
            combination: [n_values of operand 0, n_values of operand 1, ...].
        numbers: for each operand its values in ascending order if it is a number, [n_values]; `None` if it is one-hot.
        order: the operands from the least to the most significant one.
        n_classes: the number of classes.

    Returns:
        Nothing if no combination occurs, sums of different classes are equal in float64, or the decoder is too large.

    >>> import numpy as np
    >>> table = np.array([[0, 0], [0, 1]])  # both of two
    >>> found = separating_sum(table, [None, None], [0, 1], 2)
    >>> [terms.tolist() for terms in found.terms], found.n_units
    ([[0.0, 1.0], [0.0, 2.0]], 2)
    """
    cells = np.argwhere(table != NEVER)
    if not len(cells):
        return None
    own = [_own_numbers(table, axis, values) for axis, values in enumerate(numbers)]
    factors = np.ones(table.ndim)
    span = gap = 0.0
    for axis in order:
        occurring = np.unique(own[axis][np.unique(cells[:, axis])])
        if occurring.size > 1:
            least = float(np.diff(occurring).min())
            factors[axis] = 2.0 ** np.ceil(np.log2((span + gap) / least)) if span else 1.0
            gap = gap or least
            span += float(factors[axis] * (occurring[-1] - occurring[0]))
    terms = tuple(factor * values for factor, values in zip(factors.tolist(), own, strict=True))
    return _with_decoder(table, terms, tuple(factors.tolist()), n_classes)


def _with_decoder(
    table: NDArray[np.int64], terms: tuple[NDArray[np.float64], ...], factors: tuple[float, ...], n_classes: int
) -> SeparatingSum | None:
    """The sum of some terms with its decoder.

    Combinations that don't occur get the class of a neighbour along the sums, so that classes change at the widest gap
    between any sums. No sum lies where a step rises then: what is known of the units is known whatever the operands
    are, be it that they occur together or not.

    Returns:
        Nothing if different classes have sums that are equal in float64, or the decoder is too large.
    """
    sums, which = np.unique(reduce(np.add.outer, terms), return_inverse=True)
    which, flat = which.ravel(), table.ravel()
    classes = np.full(sums.size, NEVER, dtype=np.int64)
    np.maximum.at(classes, which, flat)
    if ((flat != NEVER) & (flat != classes[which])).any():
        return None
    filled = _filled(sums, classes)
    if 2 * np.count_nonzero(np.diff(filled)) * n_classes > MOST_ELEMENTS:
        return None
    return SeparatingSum(terms, factors, step_decoder(sums, filled, n_classes))


def _filled(sums: NDArray[np.float64], classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Classes of ascending sums, with one of the two nearest for each that has none: both are [n_sums]."""
    known = np.flatnonzero(classes != NEVER)
    place = np.arange(sums.size)
    part = np.searchsorted(known, place, side="right") - 1  # of those that begin with a known one; -1 before the first
    gaps = np.append(np.diff(sums), 0.0)
    widest = np.append(np.maximum.reduceat(gaps, known), np.inf)[part]
    at_widest = np.flatnonzero(gaps == widest)
    parts, first = np.unique(part[at_widest], return_index=True)
    step = np.full(known.size + 1, -1)
    step[parts] = at_widest[first]
    from_above = (part < 0) | ((place > step[part]) & (part < known.size - 1))
    return classes[known[np.where(from_above, part + 1, part)]]


def _own_numbers(table: NDArray[np.int64], axis: int, numbers: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """The numbers of an operand; those of a one-hot count the values that the function tells apart."""
    if numbers is not None:
        return numbers
    _, classes = merged_classes(table, axis)
    return classes.astype(np.float64)


def aligned_sums(
    table: NDArray[np.int64], numbers: Sequence[NDArray[np.float64] | None], n_classes: int
) -> Iterator[SeparatingSum]:
    """Sums in which combinations with the same class may have sums that are nearly equal.

    Numbers count for one or two times what they are, or the opposite. They must nearly be whole, up to `NEARLY`, or
    fractions; what the values of one-hot operands add is then searched (see `algebra.additive`) as if they were. So the
    sum of two attenuated widths is read by two units for each width, however many combinations there are.

    Args:
        table: as of `separating_sum`.
        numbers: as of `separating_sum`; at least one operand must be a number.
        n_classes: the number of classes.

    >>> import numpy as np
    >>> table = np.add.outer(np.arange(3), np.arange(3)) >= 2
    >>> nearly = np.array([0.0, 0.99, 1.96])
    >>> min(found.n_units for found in aligned_sums(table.astype(np.int64), [nearly, nearly], 2))
    2
    """
    numerical = [axis for axis, values in enumerate(numbers) if values is not None]
    one_hot = [axis for axis, values in enumerate(numbers) if values is None]
    given = [values for values in numbers if values is not None]
    whole = _whole(given)
    if whole is None or not (table != NEVER).any():
        return
    places, unit = whole
    for finer, multiples in product((1, 2) if one_hot else (1,), _multiples(len(numerical))):
        multiplied = [multiple * finer * part for multiple, part in zip(multiples, places, strict=True)]
        merged = _by_place(table.transpose([*numerical, *one_hot]), multiplied)
        if merged is None:
            continue
        at, rows = merged
        alike: list[NDArray[np.int64]] = []
        for axis in range(1, rows.ndim):
            first, classes = merged_classes(rows, axis)
            rows = rows.take(first, axis)
            alike.append(classes)
        for order in permutations(range(len(one_hot))):
            turned = rows.transpose([0, *(1 + axis for axis in order)])
            shifts = aligned_terms(turned, at, MOST_CHANGES, between=finer == 2)
            if shifts is None:
                continue
            terms: list[NDArray[np.float64]] = [np.zeros(0)] * table.ndim
            factors = np.ones(table.ndim)
            for axis, multiple, values in zip(numerical, multiples, given, strict=True):
                factors[axis] = multiple
                terms[axis] = multiple * values
            for axis, shift in zip(order, shifts[1:], strict=True):
                terms[one_hot[axis]] = (np.rint(shift / (unit * finer) * FINENESS) / FINENESS)[alike[axis]]
            found = _with_decoder(table, tuple(terms), tuple(factors.tolist()), n_classes)
            if found is not None:
                yield found


def _multiples(n_numbers: int) -> list[tuple[int, ...]]:
    """By what the numbers of a sum are multiplied: the simplest first."""
    found = product((1, 2), *[(1, -1, 2, -2)] * (n_numbers - 1))
    return sorted((each for each in found if 1 in map(abs, each)), key=lambda each: sum(map(abs, each)))


def _whole(numbers: Sequence[NDArray[np.float64]]) -> tuple[Terms, int] | None:
    """Numbers as multiples of one fraction, at least nearly: the multiples, and how many of them are 1."""
    nearest = [np.rint(values) for values in numbers]
    nearly = [
        whole if np.abs(values - whole).max(initial=0.0) <= NEARLY else values
        for values, whole in zip(numbers, nearest, strict=True)
    ]
    found = as_integers(nearly, LARGEST_UNIT)
    return None if found is None or found[1] > LARGEST_UNIT else found


def _by_place(
    table: NDArray[np.int64], places: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """A table whose first operands are numbers, by the sums of these: nothing if equal sums have different results.

    Args:
        table: [n_values of number 0, ..., n_values of one-hot 0, ...]
        places: what each value of each number adds.

    Returns:
        The sums, [n_sums], and the table [n_sums, n_values of one-hot 0, ...].
    """
    n_numbers = len(places)
    sums = reduce(np.add.outer, places).ravel()
    rows = table.reshape(sums.size, *table.shape[n_numbers:])
    at, which = np.unique(sums, return_inverse=True)
    merged = np.full((at.size, *rows.shape[1:]), NEVER, dtype=np.int64)
    np.maximum.at(merged, which.ravel(), rows)
    return None if ((rows != NEVER) & (rows != merged[which.ravel()])).any() else (at, merged)
