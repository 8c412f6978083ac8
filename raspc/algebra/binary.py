"""Binary places of floating-point numbers: whether sums of them are exact."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def steps_of(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest power of two of which each number is a multiple; infinite for zero.

    >>> steps_of(np.array([6.0, 0.75, 0.0])).tolist()
    [2.0, 0.25, inf]
    """
    mantissa, exponent = np.frexp(numbers)
    digits = np.ldexp(mantissa, 53).astype(np.int64)
    lowest = np.ldexp((digits & -digits).astype(np.float64), exponent - 53)
    return np.where(numbers == 0, np.inf, lowest)
