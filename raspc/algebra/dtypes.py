"""The number formats that a model can be made for, and exact rounding to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class DType:
    """A binary floating-point format of IEEE 754's kind: the dtype of a model's weights and of all that it computes.

    >>> FLOAT16.unit_roundoff == 2**-11, FLOAT16.smallest_normal == 2**-14, FLOAT16.largest
    (True, True, 65504.0)

    Attributes:
        name: the name that numpy, JAX and ONNX Runtime know: `float16`.
        mlir: the name of the type in MLIR: `f16`.
        scalar: numpy's scalar type, for bfloat16 that of ml_dtypes.
        precision: the bits of a significand, with the leading one that isn't stored.
        min_exponent: the exponent of the smallest normal number, `2**min_exponent`.
        max_exponent: the exponent of the largest finite numbers, which lie between `2**max_exponent` and twice that.
    """

    name: str
    mlir: str
    scalar: type[np.generic]
    precision: int
    min_exponent: int
    max_exponent: int

    def __str__(self) -> str:
        return self.name

    @property
    def numpy(self) -> np.dtype[Any]:
        """The dtype of a numpy array of such numbers."""
        return np.dtype(self.scalar)

    @property
    def unit_roundoff(self) -> float:
        """The largest relative error of rounding a number in the normal range to the nearest."""
        return 2.0**-self.precision

    @property
    def smallest_normal(self) -> float:
        """The smallest positive number of full precision."""
        return 2.0**self.min_exponent

    @property
    def smallest_subnormal(self) -> float:
        """The smallest positive number. Below the smallest normal number all are multiples of it."""
        return 2.0 ** (self.min_exponent - self.precision + 1)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return 2.0**self.max_exponent * (2 - 2 * self.unit_roundoff)


FLOAT32 = DType("float32", "f32", np.float32, 24, -126, 127)
FLOAT16 = DType("float16", "f16", np.float16, 11, -14, 15)
BFLOAT16 = DType("bfloat16", "bf16", ml_dtypes.bfloat16, 8, -126, 127)

DTYPES: Mapping[str, DType] = MappingProxyType({dtype.name: dtype for dtype in (FLOAT32, FLOAT16, BFLOAT16)})
"""The dtypes by name."""


def dtype_named(name: str) -> DType:
    """The dtype of this name.

    Raises:
        ValueError: there is none.
    """
    if name not in DTYPES:
        raise ValueError(f"there is no dtype {name!r:.80}: expected one of {', '.join(DTYPES)}")
    return DTYPES[name]


def rounded(array: ArrayLike, dtype: DType) -> NDArray[np.float64]:
    """The nearest numbers of a dtype, ties to even, as float64, of the array's shape.

    What lies further out than halfway to the number that would follow the largest becomes infinite, as in IEEE 754.
    The result converts to `dtype.numpy` without a change. A conversion of float64 itself isn't always to the nearest:
    ml_dtypes converts to bfloat16 by way of float32, which rounds twice.

    >>> rounded([0.1, 2049, 65519, 65520], FLOAT16).tolist()
    [0.0999755859375, 2048.0, 65504.0, inf]
    """
    numbers = np.asarray(array, dtype=np.float64)
    _, exponents = np.frexp(numbers)  # |number| is in [2**(exponent - 1), 2**exponent)
    last_bit = np.maximum(exponents - dtype.precision, dtype.min_exponent - dtype.precision + 1)
    # Dividing and multiplying by a power of two is exact here: the quotient is of at most `precision` digits before
    # the binary point, and the product is a multiple of the smallest subnormal number.
    nearest = np.ldexp(np.rint(np.ldexp(numbers, -last_bit)), last_bit)
    return np.where(np.abs(nearest) > dtype.largest, np.copysign(np.inf, numbers), nearest)
