"""Joint evaluation: the values of several s-ops on the grid of what their sources can be.

`f(tokens) + g(tokens)` has as many combinations as the vocabulary has tokens, not as many as pairs of results. So the
values of an elementwise expression are kept as an array with one axis for each source that it reads.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.domain import Domain
from raspc.algebra.functions import grid_size

Axis: TypeAlias = Hashable
"""What an axis of a grid is the source of."""

UNDEFINED = -1
"""The code of a position without a value."""

NEVER = -2
"""The code of a combination that can't occur or has no meaning."""


@dataclass(frozen=True, eq=False)
class JointValues:
    """The value of an s-op for each combination of its sources.

    Attributes:
        axes: the sources, in one fixed order for a whole program.
        codes: codes of the domain, `UNDEFINED` or `NEVER`: [size of axis 0, size of axis 1, ...].
        domain: what the codes stand for.
    """

    axes: tuple[Axis, ...]
    codes: NDArray[np.int64]
    domain: Domain

    @staticmethod
    def source(axis: Axis, domain: Domain) -> JointValues:
        """A source itself: one axis with its values in order and, last, undefined if that can occur."""
        codes = np.append(np.arange(len(domain)), [UNDEFINED] * domain.undefined)
        return JointValues((axis,), codes.astype(np.int64), domain)

    @staticmethod
    def constant(domain: Domain) -> JointValues:
        """The only value of a domain, or undefined if it has none, without an axis."""
        return JointValues((), np.array(0 if len(domain) else UNDEFINED, dtype=np.int64), domain)

    def sizes(self) -> dict[Axis, int]:
        """The size of each axis."""
        return dict(zip(self.axes, self.codes.shape, strict=True))


def union_axes(joints: Sequence[JointValues], order: dict[Axis, int]) -> dict[Axis, int]:
    """The axes of all and their sizes, in the program's order."""
    sizes: dict[Axis, int] = {}
    for joint in joints:
        sizes |= joint.sizes()
    return dict(sorted(sizes.items(), key=lambda item: order[item[0]]))


def on_axes(joint: JointValues, sizes: dict[Axis, int]) -> NDArray[np.int64]:
    """The codes of `joint` broadcast to the grid with these axes, which contain its own."""
    shape = tuple(size if axis in joint.axes else 1 for axis, size in sizes.items())
    return np.broadcast_to(joint.codes.reshape(shape), tuple(sizes.values()))


def combinations(codes: Sequence[NDArray[np.int64]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The distinct combinations of codes that occur at the points of a grid, without those that never do.

    Args:
        codes: for each operand its codes at the points, [n_points].

    Returns:
        The combinations [n_combinations, n_operands], in ascending order, and which of them stands at each point,
        `NEVER` for none, [n_points].
    """
    stacked = np.stack(codes, axis=1)
    occurs = (stacked != NEVER).all(axis=1)
    bases = [int(column.max(initial=0)) + 2 for column in stacked.T]
    which = np.full(len(stacked), NEVER, dtype=np.int64)
    if grid_size(bases) < 2**62:
        flat = np.ravel_multi_index(tuple((stacked[occurs] + 1).T), bases)
        _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
        distinct = stacked[occurs][first]
    else:
        distinct, inverse = np.unique(stacked[occurs], axis=0, return_inverse=True)
    which[occurs] = inverse.ravel()
    return distinct, which
