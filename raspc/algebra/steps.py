"""Step decoders: ReLU units that read a scalar and tell which of finitely many numbers it is.

Claim. Let `x` be near one of the numbers `x_0 < x_1 < ...`, and let a threshold separate two neighbours `x_i`,
`x_{i+1}` with different classes. Two hidden units for each threshold compute a plateau step: 0 on one side of the gap
and 1 on the other, as long as `x` is off by less than a quarter of the gap.

Derivation, for a gap `g` with the middle `t`. With the slope `s`, the smallest power of two with `s >= 4 / g`, let `b`
be the integer nearest to `s t - 1/2`. Then `relu(s x - b) - relu(s x - b - 1)` rises from 0 to 1 on
`b/s <= x <= (b + 1)/s`. The ramp is at most `g/4` wide, and its middle is at most `1/(2s) <= g/8` from the middle of
the gap, so it lies within `g/4` of that: the tolerance is `g/4` on either side.

The same with `-x` gives a step that is 1 below the threshold. A step is read from the side on which its units stay
smaller; where zero has to mean "no number", from zero outwards, so that all units are off at zero.

Rounding. As `s` is a power of two, `s x` is exact. A unit that is on is off by one rounding of its value; the sum of
the n units of a class adds a rounding of its partial sums for each, in whatever order a runtime adds. So a class is
off by at most `(n + 2) u T`, where T is the sum of the largest values of the units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEEPEST = 2.0**200
"""A slope that no number format holds: a gap that would need a steeper one can't be decoded either."""


@dataclass(frozen=True, eq=False)
class StepDecoder:
    """The hidden units of a step decoder. With scalar `x`, the units are `relu(slopes * x + biases)`, two a threshold.

    Attributes:
        slopes: [2 * n_thresholds]
        biases: [2 * n_thresholds]
        outputs: how each unit adds to the classes, [2 * n_thresholds, n_classes].
        base: what is added to the classes where all units are off, [n_classes].
        low: the number below each threshold, [n_thresholds].
        high: the number above each threshold, [n_thresholds].
        reaches: a bound on each unit, [2 * n_thresholds].
    """

    slopes: NDArray[np.float64]
    biases: NDArray[np.float64]
    outputs: NDArray[np.float64]
    base: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    reaches: NDArray[np.float64]

    @property
    def tolerances(self) -> NDArray[np.float64]:
        """How far the scalar may be off at each threshold: [n_thresholds]."""
        return (self.high - self.low) / 4

    def rounding(self, unit_roundoff: float) -> NDArray[np.float64]:
        """How far each class may be off by rounding, for any order of summation: [n_classes]."""
        adding = np.abs(self.outputs)
        n_units = (adding > 0).sum(axis=0)
        return (n_units + 2) * unit_roundoff * (self.reaches @ adding + np.abs(self.base)) * (n_units > 0)


def step_decoder(
    numbers: NDArray[np.float64], classes: NDArray[np.int64], n_classes: int, *, off_at_zero: bool = False
) -> StepDecoder:
    """Build the step decoder that maps each number to its class.

    Args:
        numbers: distinct, in ascending order, at least one, [n].
        classes: the class of each number, -1 for none, [n].
        n_classes: the number of classes.
        off_at_zero: whether all units must be off for `x = 0`, be it one of the numbers or not.

    >>> import numpy as np
    >>> decoder = step_decoder(np.array([0.0, 0.5, 1.0]), np.array([0, 0, 1]), 2)
    >>> decoder.slopes.tolist(), decoder.biases.tolist(), decoder.base.tolist()
    ([8.0, 8.0], [-6.0, -7.0], [1.0, 0.0])
    """
    below = np.flatnonzero(classes[1:] != classes[:-1])
    low, high = numbers[below], numbers[below + 1]
    slope: NDArray[np.float64] = np.exp2(np.ceil(np.log2(4.0 / np.maximum(high - low, 4.0 / STEEPEST))))
    upward_reach, downward_reach = slope * (numbers[-1] - low), slope * (high - numbers[0])
    upwards: NDArray[np.bool_] = (low + high >= 0) if off_at_zero else (upward_reach <= downward_reach)
    upward = upwards.astype(np.float64)
    sign = 2 * upward - 1
    reach = upward * upward_reach + (1 - upward) * downward_reach
    bias = np.rint(sign * slope * (low + high) / 2 - 0.5)
    change = _one_hots(classes[below + 1], n_classes) - _one_hots(classes[below], n_classes)
    step = sign[:, None] * change
    return StepDecoder(
        slopes=np.repeat(sign * slope, 2),
        biases=np.stack([-bias, -bias - 1], axis=1).ravel(),
        outputs=np.stack([step, -step], axis=1).reshape(2 * below.size, n_classes),
        base=_one_hots(classes[:1], n_classes)[0] + (1 - upward) @ change,
        low=low,
        high=high,
        reaches=np.repeat(reach, 2),
    )


def _one_hots(classes: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """The one-hot vectors of classes, the null vector for -1: [n, n_classes]."""
    vectors = np.zeros((classes.size, n_classes))
    (some,) = np.nonzero(classes >= 0)
    vectors[some, classes[some]] = 1.0
    return vectors
