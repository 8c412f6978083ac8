"""How far what Python computes for an affine expression is from the same combination of real numbers.

Python rounds after each operation: `(x + 4.6e15) - 4.6e15` is a multiple of a half, and no affine function of x. Linear
algebra computes the combination. How far apart the two can be is found by value, over all combinations of
operands that occur: it is part of the error of a number that linear algebra computes.

Claim. Let z be the sum of n terms c x and a constant, with float64 for each c, x and the constant, and computed in
float64; and let R be the sum of the absolute values of the terms. Then z is within `2 (n + 5) u R` of the combination
of the numbers themselves, with u = 2**-53. Derivation: of each term the coefficient, the operand and the product are
rounded, and then there are n additions, which is (n + 3) u R but for terms of the order of u**2; a result that isn't a
float64 itself, but an int beyond 2**53, is rounded once more. If all numbers are whole and R is less than 2**53,
nothing is rounded. Underflow adds less than 2**-1000.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.analysis import EXACT_INTS
from raspc.algebra.functions import Affine

UNIT_ROUNDOFF = 2.0**-53
"""The unit roundoff of float64."""


def reach_of(affine: Affine, magnitudes: Sequence[float]) -> float:
    """A bound on the partial sums of an affine combination, infinite if it is beyond the floats.

    Args:
        affine: the combination.
        magnitudes: the largest absolute value of each operand.

    >>> reach_of(Affine((2, -1), 3), [10.0, 1.0])
    24.0
    """
    try:
        terms = [abs(float(c)) * magnitude for c, magnitude in zip(affine.coefficients, magnitudes, strict=True)]
        return sum(terms) + abs(float(affine.constant))
    except OverflowError:
        return math.inf


def deviation(affine: Affine, operands: Sequence[NDArray[np.float64]], results: NDArray[np.float64]) -> float:
    """A bound on how far results are from an affine combination of the operands.

    Args:
        affine: the combination.
        operands: the values of each operand, [n_combinations] each.
        results: what Python computes for them, [n_combinations].

    Returns:
        Zero if the two are the same, infinite if a number is beyond the floats.

    >>> import numpy as np
    >>> x = np.array([0.0, 1.5, 3.0])
    >>> deviation(Affine((2,), 1), [x], 2 * x + 1), deviation(Affine((1,), 0), [x], (x + 4.6e15) - 4.6e15)
    (9.325873406851315e-15, 0.5000000000000047)
    """
    reach = reach_of(affine, [float(np.abs(each).max(initial=0.0)) for each in operands])
    if not math.isfinite(reach):
        return math.inf
    coefficients = np.array(affine.coefficients, dtype=np.float64)
    total = np.full(results.shape, float(affine.constant))
    for coefficient, operand in zip(coefficients.tolist(), operands, strict=True):
        total = total + coefficient * operand
    off = float(np.abs(total - results).max(initial=0.0))
    whole = all(np.array_equal(each, np.rint(each)) for each in (coefficients, np.float64(affine.constant), *operands))
    if whole and reach < EXACT_INTS:  # 2**53 may stand for an int that is larger
        return off
    return off + 2 * (len(operands) + 5) * UNIT_ROUNDOFF * (reach + off)
