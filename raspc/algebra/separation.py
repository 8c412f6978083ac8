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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.lookup import merged_classes
from raspc.algebra.steps import StepDecoder, step_decoder

NEVER = -2
"""The class of a combination that doesn't occur."""


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
        Nothing if no combination occurs, or sums of different classes are equal in float64.

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
    sums = sum((part[cells[:, axis]] for axis, part in enumerate(terms)), np.zeros(len(cells)))
    classes = table[tuple(cells.T)]
    ascending = np.argsort(sums, kind="stable")
    sums, classes = sums[ascending], classes[ascending]
    equal = np.diff(sums) == 0
    if (equal & (np.diff(classes) != 0)).any():
        return None
    first = np.append(True, ~equal)
    return SeparatingSum(terms, tuple(factors.tolist()), step_decoder(sums[first], classes[first], n_classes))


def _own_numbers(table: NDArray[np.int64], axis: int, numbers: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """The numbers of an operand; those of a one-hot count the values that the function tells apart."""
    if numbers is not None:
        return numbers
    _, classes = merged_classes(table, axis)
    return classes.astype(np.float64)
