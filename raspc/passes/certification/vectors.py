"""What a vector of the craft dialect stands for, and how far it may be from that."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from raspc.algebra.binary import steps_of
from raspc.algebra.sparse import sparse
from raspc.dialects.craft import SubspaceType
from raspc.passes.certification.arithmetic import Arithmetic, Floats


@dataclass(frozen=True, eq=False)
class Vector:
    """A vector in the residual stream: the points that it can be at, and how far off it may be, at any position.

    Attributes:
        subspace: its subspace.
        absolute: how far each direction may be off, [size].
        relative: times the absolute value at the point, in addition, [size].
        total: how far all directions together may be off beside `relative`; at most the sum of `absolute`.
        held: what it is at the BOS position, [size].
        held_error: how far it may be off there, [size].
    """

    subspace: SubspaceType
    absolute: Floats
    relative: Floats
    total: float
    held: Floats
    held_error: Floats

    @staticmethod
    def exact(subspace: SubspaceType) -> Vector:
        """A vector that is what it stands for, and null at the BOS position."""
        zeros = np.zeros(subspace.size)
        return Vector(subspace, zeros, zeros, 0.0, zeros, zeros)

    def is_same(self, other: Vector) -> bool:
        """Whether the same is known of another vector."""
        arrays = zip(
            (self.absolute, self.relative, self.held, self.held_error),
            (other.absolute, other.relative, other.held, other.held_error),
            strict=True,
        )
        return (
            self.subspace == other.subspace
            and self.total == other.total
            and all(np.array_equal(ours, theirs) for ours, theirs in arrays)
        )

    @cached_property
    def is_exact(self) -> bool:
        """Whether it is what it stands for, to the bit."""
        return not self.absolute.any() and not self.relative.any()

    def has_exact_ones(self, arithmetic: Arithmetic) -> bool:
        """Whether it is a one-hot whose one is 1 to the bit, as no other number is so near; its zeros may be faint."""
        return not self.subspace.is_numerical and bool(4 * self.absolute.max(initial=0.0) <= arithmetic.u)

    @cached_property
    def points(self) -> Any:
        """The vectors of all values of the domain, undefined last: a scipy sparse array [n_points, size]."""
        values, size = self.subspace.values, self.subspace.size
        if not self.subspace.is_numerical:
            one_hot = sparse.eye_array(size, format="csr")
            return sparse.vstack([one_hot, sparse.csr_array((1, size))], format="csr") if values.undefined else one_hot
        numbers = np.append(values.numbers, 0.0) if values.undefined else values.numbers
        defined = np.append(np.ones(len(values)), 0.0)[: numbers.size]
        return sparse.csr_array(np.stack([numbers, defined], axis=1)[:, :size])

    @property
    def n_points(self) -> int:
        """How many points there are."""
        return len(self.subspace.values) + self.subspace.values.undefined

    @cached_property
    def reach(self) -> Floats:
        """The largest absolute value of each direction at the points and at BOS, [size]."""
        if self.n_points == 0:
            return np.abs(self.held)
        return np.maximum(abs(self.points).max(axis=0).toarray().ravel(), np.abs(self.held))

    def steps(self, points: slice, arithmetic: Arithmetic) -> Floats:
        """Powers of two of which the directions of a numerical vector are multiples at some points: [n, size]."""
        numbers = self.points[points].toarray()
        error = self.absolute + self.relative * np.abs(numbers)
        return np.where(error > 0, arithmetic.spacing(np.abs(numbers) - error), steps_of(numbers))

    def error_through(self, weights: Any) -> Floats:
        """How far sums of the directions, weighted with [size, n], may be off at any one point: [n]."""
        magnitudes = abs(weights)
        through = magnitudes.T @ self.absolute
        if magnitudes.shape[0] and not self.subspace.is_numerical:
            through = np.minimum(through, self.total * magnitudes.max(axis=0).toarray().ravel())
        return through + magnitudes.T @ (self.relative * self.reach)
