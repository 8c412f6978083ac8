"""Floating-point arithmetic as the certificate sees it: each operation is off by what its format allows.

The bounds are those of Higham, Accuracy and Stability of Numerical Algorithms, chapters 2 to 4. A sum of n terms, in
whatever order it is added, is off by at most `gamma(n - 1)` times the sum of the terms' absolute values, where
`gamma(n) = n u / (1 - n u)` and u is the unit roundoff.

Two facts make the bounds much smaller than that in most places.

- If all terms are multiples of one power of two, g, and their absolute values add up to no more than g / u, every
  partial sum is a number of the format, and the sum is exact. Even an inexact number is a multiple of the spacing of
  the format where it lies.
- Rounding is to the nearest: `fl(a + b)` is at most |b| away from a + b, since a is a number of the format. So a sum of
  L large terms and any number of small ones is off by at most `gamma(L)` times the whole and twice the small ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from raspc.algebra.binary import steps_of
from raspc.algebra.dtypes import DTYPES, FLOAT32, DType, rounded
from raspc.errors import CompileError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Arithmetic:
    """The arithmetic of one dtype, with any order of summation and with or without fused multiplications.

    Attributes:
        dtype: the format to which the result of every operation is rounded. Within an operation more digits may be
            kept.
        weights: the format of the weights, which may be a coarser one.
    """

    dtype: DType
    weights: DType

    def __str__(self) -> str:
        """What it is in a message: the dtype, and that of the weights if it is another one."""
        return str(self.dtype) if self.weights == self.dtype else f"{self.dtype} with weights of {self.weights}"

    @property
    def u(self) -> float:
        """The unit roundoff."""
        return self.dtype.unit_roundoff

    @property
    def underflow(self) -> float:
        """How far a number may be off because it is very small.

        Runtimes may flush the subnormal numbers of float32 and bfloat16 to zero. Those of float16 are computed: it has
        no range to spare.
        """
        return self.dtype.smallest_normal if self.dtype.min_exponent < -100 else self.dtype.smallest_subnormal

    @property
    def largest(self) -> float:
        """The largest number that may occur, with room for the rounding of sums."""
        return self.dtype.largest / 2

    def gamma(self, n: int | Floats) -> Floats:
        """The relative error of n roundings, infinite where there are too many: an array of the shape of `n`."""
        roundings = np.asarray(n, dtype=np.float64) * self.u
        with np.errstate(divide="ignore"):
            return np.where(roundings < 1, roundings / np.maximum(1 - roundings, self.u), np.inf)

    def stored(self, weights: ArrayLike) -> Floats:
        """The numbers that a model holds for weights: rounded to float32 first, as every model is."""
        return rounded(rounded(weights, FLOAT32), self.weights)

    def weight_error(self, weights: ArrayLike) -> Floats:
        """How far each weight of a model is from what it should be."""
        return np.abs(self.stored(weights) - np.asarray(weights, dtype=np.float64))

    def spacing(self, numbers: Floats) -> Floats:
        """A power of two of which all numbers of the dtype from there on are multiples; 0 for 0 or less."""
        _, exponents = np.frexp(np.maximum(numbers, 0.0))
        return np.where(numbers < self.dtype.smallest_normal, 0.0, np.ldexp(2 * self.u, exponents - 1))

    def adds_exactly(self, step: float, total: float) -> bool:
        """Whether every sum of multiples of `step` with absolute values of at most `total` in all is exact."""
        return total * self.u <= step and step >= self.dtype.smallest_normal


def arithmetics_of(dtype: str) -> list[Arithmetic]:
    """The arithmetics in which a model in a dtype has to be right.

    Runtimes that have no float16 or bfloat16 of their own compute in float32 with the same weights.

    Raises:
        CompileError: there is no dtype of this name.
    """
    if dtype not in DTYPES:
        raise CompileError(f"there is no dtype {dtype!r}", expected=f"one of {', '.join(DTYPES)}")
    weights = DTYPES[dtype]
    return [Arithmetic(computed, weights) for computed in dict.fromkeys((weights, FLOAT32))]


def scale_of(dtype: str) -> float:
    """How much coarser than float32 the arithmetics are in which a model in a dtype has to be right.

    Raises:
        CompileError: there is no dtype of this name.
    """
    return max(arithmetic.u for arithmetic in arithmetics_of(dtype)) / FLOAT32.unit_roundoff


def is_power_of_two(numbers: Floats) -> NDArray[np.bool_]:
    """Whether a number is plus or minus a power of two, so that a product with it is exact."""
    return np.abs(np.frexp(numbers)[0]) == 0.5


def common_step(numbers: Floats) -> float:
    """The largest power of two of which all numbers are multiples; infinite for zeros alone.

    >>> common_step(np.array([6.0, 0.0, 0.5])), common_step(np.array([12.0]))
    (0.5, 4.0)
    """
    return float(steps_of(numbers).min(initial=np.inf))
