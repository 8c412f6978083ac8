"""Step decoders: ReLU units that read a scalar and tell which of finitely many numbers it is.

Claim. Let `x` be near one of the numbers `x_0 < x_1 < ...`, and let a threshold separate two neighbours `x_i`,
`x_{i+1}` with different classes. Two hidden units for each threshold compute a plateau step: exactly 0 on one side of
the gap and exactly 1 on the other, in float32, as long as `x` is off by less than a quarter of the gap.

Derivation, for a threshold in the middle of a gap `g` above zero. With the slope `s`, the smallest power of two with
`s >= 4 / g`, let `b` be the integer nearest to `s * (x_i + x_{i+1}) / 2 - 1/2`. Then `relu(s x - b) - relu(s x - b -
1)` rises from 0 to 1 on `b/s <= x <= (b + 1)/s`. The ramp is at most `g/4` wide, and its middle is at most `1/(2s) <=
g/8` from the middle of the gap, so it lies within `g/4` of that: the tolerance is `g/4` on either side. As `s` is a
power of two, `s x` is exact; where the units are on, `0 <= b <= s x`, and with `s x < 2**23` both `s x - b` and `s x
- b - 1` are exact: they are multiples of the last place of `s x` and no larger than it. So the difference is exactly
1.

A threshold below zero is decoded from `-x` in the same way, as a step that is 1 below it. The class in the middle, at
zero, is the base: steps upwards add to it what changes above zero, steps downwards what changes below. So all units
are off at zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXACT_LIMIT = 2.0**22
"""Bound on `s x` and `b` under which the plateau is exactly 1 in float32, with one bit to spare."""


@dataclass(frozen=True, eq=False)
class StepDecoder:
    """The hidden units of a step decoder. With scalar `x`, the units are `relu(slopes * x + biases)`, two a threshold.

    Attributes:
        slopes: [2 * n_thresholds]
        biases: [2 * n_thresholds]
        outputs: how each unit adds to the classes, [2 * n_thresholds, n_classes].
        base: the class at zero, to which the steps are added, or -1 for none.
        low: the number below each threshold, [n_thresholds].
        high: the number above each threshold, [n_thresholds].
        reach: the largest absolute value of `s x` and `b`.
    """

    slopes: NDArray[np.float64]
    biases: NDArray[np.float64]
    outputs: NDArray[np.float64]
    base: int
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    reach: float

    @property
    def tolerances(self) -> NDArray[np.float64]:
        """How far the scalar may be off at each threshold: [n_thresholds]."""
        return (self.high - self.low) / 4

    @property
    def steepness(self) -> NDArray[np.float64]:
        """The absolute slope of each step: [n_thresholds]."""
        return np.abs(self.slopes[::2])


def step_decoder(numbers: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int) -> StepDecoder:
    """Build the step decoder that maps each number to its class.

    Args:
        numbers: distinct, in ascending order, at least one, [n].
        classes: the class of each number, -1 for none, [n].
        n_classes: the number of classes.

    >>> import numpy as np
    >>> decoder = step_decoder(np.array([0.0, 0.5, 1.0]), np.array([0, 0, 1]), 2)
    >>> decoder.slopes.tolist(), decoder.biases.tolist(), decoder.base
    ([8.0, 8.0], [-6.0, -7.0], 0)
    """
    below = np.flatnonzero(classes[1:] != classes[:-1])
    low, high = numbers[below], numbers[below + 1]
    middle = (low + high) / 2
    upwards = middle >= 0
    slope = 2.0 ** np.ceil(np.log2(4.0 / (high - low)))
    bias = np.rint(slope * np.abs(middle) - 0.5)
    before = np.where(upwards, classes[below], classes[below + 1])
    after = np.where(upwards, classes[below + 1], classes[below])
    outputs = np.zeros((2 * below.size, n_classes))
    units = 2 * np.arange(below.size)
    for step, sign in ((after, 1.0), (before, -1.0)):
        defined = step >= 0
        outputs[units[defined], step[defined]] += sign
        outputs[units[defined] + 1, step[defined]] -= sign
    n_downwards = int((~upwards).sum())
    base = classes[0] if n_downwards == 0 else classes[below[n_downwards - 1] + 1]
    return StepDecoder(
        slopes=np.repeat(np.where(upwards, slope, -slope), 2),
        biases=np.stack([-bias, -bias - 1], axis=1).ravel(),
        outputs=outputs,
        base=int(base),
        low=low,
        high=high,
        reach=float((slope * np.abs(numbers).max()).max(initial=0.0)),
    )
