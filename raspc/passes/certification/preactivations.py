"""The pre-activations of hidden units, and how far they may be off."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.binary import steps_of
from raspc.passes.certification.arithmetic import Arithmetic, Floats
from raspc.passes.certification.vectors import Vector


@dataclass
class Preactivations:
    """The pre-activations of some units at some points, or a part of them; arrays [n_points, n_units] or [1, n_units].

    Attributes:
        z: the pre-activations.
        size: the sums of the absolute values of their terms.
        carried: how far they are off because the inputs are, but for what is faint.
        faint: how far they are off because zeros of one-hots are, whose ones are exact.
        strayed: the part of both which comes from terms that are zero at the point.
        weighing: how far they are off because weights are rounded.
        n_terms: how many terms aren't zero.
        n_all: how many terms there are.
        step: a power of two of which all terms are multiples as they are computed; 0 if there is none.
    """

    z: Floats
    size: Floats
    carried: Floats
    faint: Floats
    strayed: Floats
    weighing: Floats
    n_terms: Floats
    n_all: Floats
    step: Floats

    @staticmethod
    def of_bias(bias: Floats, arithmetic: Arithmetic) -> Preactivations:
        """What the bias adds: [1, n_units]."""
        row, zeros = bias[None, :], np.zeros((1, bias.size))
        steps = steps_of(arithmetic.stored(row))
        is_there = (row != 0).astype(np.float64)
        return Preactivations(
            row, np.abs(row), zeros, zeros, zeros, arithmetic.weight_error(row), is_there, is_there, steps
        )

    @staticmethod
    def of_input(vector: Vector, weights: Any, points: slice, arithmetic: Arithmetic) -> Preactivations:
        """What one input adds at some of its points.

        Args:
            vector: the input.
            weights: sparse, by columns, [size, n_units].
            points: the rows of `vector.points`.
            arithmetic: the arithmetic.
        """
        at: Any = vector.points[points]
        counts = np.diff(weights.indptr)
        z, size = (at @ weights).toarray(), (abs(at) @ abs(weights)).toarray()
        off = with_elements(weights, arithmetic.weight_error(weights.data))
        if vector.subspace.is_numerical:
            nothing = np.zeros((1, counts.size))
            steps = with_elements(weights, steps_of(arithmetic.stored(weights.data)))
            errors = vector.absolute + vector.relative * np.abs(at.toarray())
            return Preactivations(
                z=z,
                size=size,
                carried=errors @ abs(weights).toarray(),
                faint=nothing,
                strayed=nothing,
                weighing=(abs(at) @ off).toarray() + errors @ off.toarray(),
                n_terms=counts[None, :].astype(np.float64),
                n_all=counts[None, :].astype(np.float64),
                step=_smallest_products(vector.steps(points, arithmetic), steps.toarray()),
            )
        n_terms = ((at != 0).astype(np.float64) @ with_elements(weights, np.ones(int(weights.nnz)))).toarray()
        weighing = (abs(at) @ off).toarray() + vector.error_through(off)[None, :]
        return Preactivations._of_one_hot(vector, weights, z, size, weighing, n_terms, arithmetic)

    @staticmethod
    def _of_one_hot(
        vector: Vector,
        weights: Any,
        z: Floats,
        size: Floats,
        weighing: Floats,
        n_terms: Floats,
        arithmetic: Arithmetic,
    ) -> Preactivations:
        """What a one-hot input adds, at some of its points or at any: what doesn't depend on the point is added."""
        counts = np.diff(weights.indptr)
        error, nothing = vector.error_through(weights)[None, :], np.zeros((1, counts.size))
        steps = with_elements(weights, steps_of(arithmetic.stored(weights.data)))
        exact_ones = vector.has_exact_ones(arithmetic)
        return Preactivations(
            z=z,
            size=size,
            carried=nothing if exact_ones else error,
            faint=error if exact_ones else nothing,
            strayed=np.where(counts > 1, error, 0.0),
            weighing=weighing,
            n_terms=n_terms,
            n_all=counts[None, :].astype(np.float64),
            step=np.where(counts > 0, _column_min(steps) if exact_ones else 0.0, np.inf)[None, :],
        )

    @staticmethod
    def bound_of_input(vector: Vector, weights: Any, arithmetic: Arithmetic) -> Preactivations:
        """The most that one input adds, whatever its point, and the smallest step: [1, n_units]."""
        counts = np.diff(weights.indptr).astype(np.float64)
        if vector.subspace.is_numerical:
            error, nothing = vector.error_through(weights), np.zeros(counts.size)
            reach = abs(weights).T @ vector.reach
            weighing = 2 * arithmetic.u * (reach + error) + arithmetic.weight_error(1.0)
            arrays = (reach, reach, error, nothing, error, weighing, counts, counts, nothing)
            return Preactivations(*(array[None, :] for array in arrays))
        off = with_elements(weights, arithmetic.weight_error(weights.data))
        return Preactivations._of_one_hot(
            vector,
            weights,
            np.maximum(column_max(weights), 0.0)[None, :],
            column_max(abs(weights))[None, :],
            (column_max(off) + vector.error_through(off))[None, :],
            np.minimum(counts, 1.0)[None, :],
            arithmetic,
        )

    def highest(self, alone: NDArray[np.bool_], arithmetic: Arithmetic) -> Floats:
        """The most that the units can be, as they are computed: [n_points, n_units].

        If these are the bounds of several points, it is so for all of these: the error doesn't get less where a term
        or an error gets larger, but for what is faint, which counts twice where a sum is zero.

        Args:
            alone: as in `own_error`.
            arithmetic: the arithmetic.
        """
        return self.z + self.carried + self.own_error(alone, arithmetic) + 2 * self.faint

    def plus(self, other: Preactivations) -> Preactivations:
        """The sum of two parts."""
        return Preactivations(
            self.z + other.z,
            self.size + other.size,
            self.carried + other.carried,
            self.faint + other.faint,
            self.strayed + other.strayed,
            self.weighing + other.weighing,
            self.n_terms + other.n_terms,
            self.n_all + other.n_all,
            np.minimum(self.step, other.step),
        )

    def at(self, points: NDArray[np.int64] | slice, units: NDArray[np.int64] | slice) -> Preactivations:
        """Those at some points for some units."""
        arrays: list[Floats] = [getattr(self, part.name) for part in fields(self)]
        return Preactivations(*(array[points if len(array) > 1 else slice(None)][:, units] for array in arrays))

    def own_error(self, alone: NDArray[np.bool_], arithmetic: Arithmetic) -> Floats:
        """How far they are off beside `carried`: by weights, by roundings and by what is faint.

        Where large terms add up exactly, faint ones don't change a sum that isn't zero. Elsewhere the terms that are
        zero at the point add a rounding of no more than what they are off, or one like that of any other term.

        Args:
            alone: which units have one weight, a power of two: its product is exact, and one rounding is left,
                [n_units].
            arithmetic: the arithmetic.
        """
        size = self.size + self.carried + self.faint
        one = np.abs(self.z) + self.carried + self.faint + self.weighing
        unchanged = (self.faint == 0) | ((8 * self.faint <= arithmetic.u * self.step) & (self.carried == 0))
        exact = (np.where(alone, one, size) * arithmetic.u <= self.step) & unchanged
        apart = arithmetic.gamma(self.n_terms + 1) * size + 2 * self.strayed
        alike = arithmetic.gamma(self.n_all + 1) * size
        several = np.minimum(apart, alike) + self.faint + arithmetic.underflow
        rounding = np.where(alone & (self.faint == 0), arithmetic.u * one, several)
        return self.weighing + np.where(exact, np.where(self.z == 0, 2 * self.faint, 0.0), rounding)


def with_elements(matrix: Any, elements: Floats) -> Any:
    """A sparse matrix with the same places as another one and other elements."""
    changed = matrix.copy()
    changed.data = elements
    return changed


def column_max(matrix: Any) -> Floats:
    """The largest element of each column; 0 where there are no rows."""
    if not min(matrix.shape):
        return np.zeros(int(matrix.shape[1]))
    largest: Floats = matrix.max(axis=0).toarray().ravel()
    return largest


def _column_min(matrix: Any) -> Floats:
    """The smallest element of each column that is there; infinite where there is none."""
    filled = np.append(matrix.data, np.inf)
    smallest = np.minimum.reduceat(filled, matrix.indptr[:-1]) if matrix.shape[1] else np.zeros(0)
    return np.where(np.diff(matrix.indptr) > 0, smallest, np.inf)


def _smallest_products(of_points: Floats, of_weights: Floats) -> Floats:
    """The smallest product over the directions, of those with a weight: [n, size] and [size, m] to [n, m]."""
    smallest = np.full((of_points.shape[0], of_weights.shape[1]), np.inf)
    for point_steps, weight_steps in zip(of_points.T, of_weights, strict=True):
        is_there = weight_steps != 0
        with np.errstate(invalid="ignore"):  # no step is infinite times a weight that isn't there
            products = point_steps[:, None] * weight_steps[None, :]
        smallest = np.where(is_there, np.minimum(smallest, products), smallest)
    return smallest
