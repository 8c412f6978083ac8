"""Step decoders: ReLU units that read a scalar and tell which of finitely many numbers it is.

Claim. Let `x` be within `tolerance` of one of the numbers `x_0 < x_1 < ...`, and let two neighbours `x_i`, `x_{i+1}`
with different classes be separated by a threshold. Two hidden units per threshold compute a plateau step: exactly 0 up
to `x_i + tolerance` and exactly 1 from `x_{i+1} - tolerance` on, in float32.

Derivation. With gap `g = x_{i+1} - x_i` and slope `s`, the smallest power of two with `s >= 4 / g`, let `b` be the
integer nearest to `s * (x_i + x_{i+1}) / 2 - 1/2`. Then `relu(s x - b) - relu(s x - b - 1)` rises from 0 to 1 on
`b/s <= x <= (b + 1)/s`. The ramp is at most `g/4` wide, and its middle is at most `1/(2s) <= g/8` from the middle of
the gap, so it lies within `g/4` of that: the tolerance is `g/4` on either side. As `s` is a power of two, `s x` is
exact, and where `|s x| < 2**23` the integers `b` and `b + 1` are subtracted from it with one and the same rounding, so
that the difference of the units is exactly 1 on the plateau.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXACT_LIMIT = 2.0**22
"""Bound on `s x` and `b` under which the plateau is exactly 1 in float32, with one bit to spare."""


@dataclass(frozen=True)
class Threshold:
    """The narrowest gap of a step decoder, for messages and certificates.

    Attributes:
        below: the number below the gap.
        above: the number above the gap.
        tolerance: how far the scalar may be off at this gap.
    """

    below: float
    above: float
    tolerance: float


@dataclass(frozen=True)
class StepDecoder:
    """The hidden units of a step decoder. With scalar `x`, the units are `relu(slopes * x + biases)`.

    Attributes:
        slopes: [2 * n_thresholds]
        biases: [2 * n_thresholds]
        outputs: how each unit adds to the classes, [2 * n_thresholds, n_classes].
        first: the class below every threshold, or -1 for none; it is always added.
        tightest: the threshold with the least tolerance, or `None` if there is no threshold.
        magnitude: the largest absolute value of a pre-activation that is not cut off by the ReLU.
    """

    slopes: NDArray[np.float64]
    biases: NDArray[np.float64]
    outputs: NDArray[np.float64]
    first: int
    tightest: Threshold | None
    magnitude: float


def step_decoder(numbers: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int) -> StepDecoder:
    """Build the step decoder that maps each number to its class.

    Args:
        numbers: distinct, in ascending order, [n].
        classes: the class of each number, -1 for none, [n].
        n_classes: the number of classes.

    >>> import numpy as np
    >>> decoder = step_decoder(np.array([0.0, 0.5, 1.0]), np.array([0, 0, 1]), 2)
    >>> decoder.slopes.tolist(), decoder.biases.tolist(), decoder.first
    ([8.0, 8.0], [-6.0, -7.0], 0)
    """
    below = np.flatnonzero(classes[1:] != classes[:-1])
    low, high = numbers[below], numbers[below + 1]
    gaps = high - low
    slope = 2.0 ** np.ceil(np.log2(4.0 / gaps)) if below.size else np.zeros(0)
    bias = np.rint(slope * (low + high) / 2 - 0.5)
    outputs = np.zeros((2 * below.size, n_classes))
    units = 2 * np.arange(below.size)
    for step, sign in ((classes[below + 1], 1.0), (classes[below], -1.0)):
        defined = step >= 0
        outputs[units[defined], step[defined]] += sign
        outputs[units[defined] + 1, step[defined]] -= sign
    tightest = None
    if below.size:
        narrow = int(np.argmin(gaps))
        tightest = Threshold(float(low[narrow]), float(high[narrow]), float(gaps[narrow]) / 4)
    reach = np.abs(slope) * (float(np.abs(numbers).max()) if numbers.size else 0.0)
    magnitude = float(np.maximum(reach, np.abs(bias) + 1).max()) if below.size else 0.0
    return StepDecoder(
        slopes=np.repeat(slope, 2),
        biases=np.stack([-bias, -bias - 1], axis=1).ravel(),
        outputs=outputs,
        first=int(classes[0]),
        tightest=tightest,
        magnitude=magnitude,
    )
