"""How far a value that is computed in float32 may be from what it stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UNIT_ROUNDOFF = 2.0**-24
"""The unit roundoff of float32."""

SMALLEST_NORMAL = 2.0**-126
"""The smallest float32 with full precision."""


@dataclass(frozen=True)
class ErrorBound:
    """How far an s-op in the residual stream may be from its value.

    Attributes:
        one_hot: for a categorical s-op, the sum over its directions of how far each may be off.
        largest: for a categorical s-op, how far one direction may be off.
        absolute: for a number, whatever it is.
        relative: for a number, times its absolute value, in addition.
        defined: how far the direction that tells whether a number is defined may be from 0 or 1.
    """

    one_hot: float = 0.0
    largest: float = 0.0
    absolute: float = 0.0
    relative: float = 0.0
    defined: float = 0.0

    def over(self, n_directions: float) -> float:
        """How far the sum of so many directions may be off."""
        return min(self.one_hot, n_directions * self.largest)

    def at(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The bound for each of `numbers`: [n]."""
        return self.absolute + self.relative * np.abs(numbers)
