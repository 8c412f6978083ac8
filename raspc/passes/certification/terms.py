"""One bilinear term of a head's score: which values it can have, and how far the computed one may be from them.

A head computes a term in two stages. The queries times W_Q and the keys times W_K are vectors of the head, and their
dot product is the score.

For a table the inner dimensions are the classes of its rows or columns, so that one of them counts for a query and a
key, and what is known of the table is all that matters.

For a product of two matrices every inner dimension counts. With `a` and `b` the ideal vectors of the query and the key
and `e`, `f` how far they are off, the score is off by `sum(e |b| + |a| f + e f)` and the rounding of the sum. A one-hot
passes one element of a matrix on, exactly, if nothing else is large enough to change it. And no partial sum is larger
than all positive products together, or all negative ones: if these are so many multiples of one power of two as
the dtype can count, the score is exact though the products are large and cancel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from raspc.algebra.score_factors import largest_partial_sum, row_blocks
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.passes.certification.arithmetic import Arithmetic, Floats, common_step
from raspc.passes.certification.vectors import Vector


@dataclass(frozen=True, eq=False)
class Term:
    """One bilinear term of a score; all but its values times the inverse temperature.

    Attributes:
        queries: with `keys` the values that it can have, `queries @ keys`, not times the inverse temperature, [n, r].
        keys: [r, m]
        size: a bound on the sum of the absolute values of its products.
        partial: a bound on the absolute value of a sum of some of its products.
        inner: a bound on what is multiplied.
        carried: how far it is off because its query and key are, at BOS too, but for the rounding of sums: three times
            as far with one sum of small terms beside a large one.
        weighing: how far it is off because of the rounding of its weights.
        at_bos: how far it is from zero where BOS is the query.
        step: a power of two of which all its products are multiples.
        n_products: how many of its products are large, those of the first stage counted, too.
        adds_inside: whether the sums of the first stage are exact but for what is carried.
        is_binary: whether it reads one-hots whose ones are exact.
    """

    queries: Floats
    keys: Floats
    size: float
    partial: float
    inner: float
    carried: float
    weighing: float
    at_bos: float
    step: float
    n_products: int
    adds_inside: bool
    is_binary: bool

    @cached_property
    def largest(self) -> float:
        """The largest value; minus infinity if there is none."""
        return max((float(values.max(initial=-np.inf)) for values in self._values()), default=-np.inf)

    def values_from(self, least: float) -> Floats:
        """The distinct values from `least` on, and the largest one below it, ascending."""
        found = np.zeros(0)
        for values in self._values():
            below = values[values < least]
            found = np.unique(np.concatenate([found, values[values >= least], [below.max()] if below.size else []]))
        return found[np.searchsorted(found, least) - 1 :] if found.size and found[0] < least else found

    def _values(self) -> Iterator[Floats]:
        for rows in row_blocks(self.queries.shape[0], self.keys.shape[1]):
            yield self.queries[rows] @ self.keys


def term_of(
    query: Vector, key: Vector, form: SparseMatrix | MatrixProduct, temperature: float, arithmetic: Arithmetic
) -> Term:
    """The term of a query, a key and a bilinear form: a table, or a product of two matrices."""
    if isinstance(form, MatrixProduct):
        return _product(query, key, form, temperature, arithmetic)
    return _table(query, key, form.to_scipy().tocsr(), temperature, arithmetic)


def _table(query: Vector, key: Vector, qk: Any, temperature: float, arithmetic: Arithmetic) -> Term:
    queries, keys, magnitudes = query.points, key.points, abs(qk)
    by_key = abs(keys) @ magnitudes.T  # [n_keys, size of the query]
    by_query = abs(queries) @ magnitudes  # [n_queries, size of the key]
    products = by_query @ abs(keys).T
    size = temperature * _largest(products)
    both = query.total + float((query.relative * query.reach).sum())
    both *= _largest(magnitudes) * (key.total + float((key.relative * key.reach).sum()))
    key_at_bos = by_query @ (key.held_error + 4 * arithmetic.u * np.abs(key.held))
    query_at_bos = by_key @ (query.held_error + 4 * arithmetic.u * np.abs(query.held))
    carried = (
        float(query.error_through(by_key.T).max(initial=0.0))
        + float(key.error_through(by_query.T).max(initial=0.0))
        + both
        + float(key_at_bos.max(initial=0.0))
    )
    elements = qk.data
    off = arithmetic.weight_error(elements) + arithmetic.weight_error(elements * temperature) / temperature
    factor = float(arithmetic.weight_error(temperature)) / temperature
    relative = float((off / np.abs(elements)).max(initial=0.0)) + factor
    step = common_step(elements) * common_step(np.array([temperature]))
    return Term(
        queries=_elements(queries @ qk @ keys.T)[:, None],
        keys=np.ones((1, 1)),
        size=size,
        partial=size,
        inner=size,
        carried=temperature * carried,
        weighing=relative * size,
        at_bos=temperature * float(query_at_bos.max(initial=0.0)),
        step=step * min(1.0, common_step(queries.data)) * min(1.0, common_step(keys.data)),
        n_products=min(_most_per_row(queries), _most_per_row(keys)),
        adds_inside=True,
        is_binary=query.has_exact_ones(arithmetic) and key.has_exact_ones(arithmetic),
    )


def _product(query: Vector, key: Vector, form: MatrixProduct, temperature: float, arithmetic: Arithmetic) -> Term:
    left = _Stage(query, form.left.to_scipy().tocsr(), temperature, arithmetic)
    right = _Stage(key, form.right.to_scipy().T.tocsr(), 1.0, arithmetic)
    a, b = left.sizes.max(axis=0, initial=0.0), right.sizes.max(axis=0, initial=0.0)  # [rank]
    size = temperature * largest_partial_sum(left.sizes, right.sizes.T)
    e, f = left.off, np.maximum(right.off, right.off_at_bos)
    rounds = left.weighing + right.weighing + left.weighing * right.weighing
    return Term(
        queries=left.ideal,
        keys=right.ideal.T,
        size=size,
        partial=temperature * largest_partial_sum(left.ideal, right.ideal.T),
        inner=float(max((temperature * (a + 3 * e)).max(initial=0.0), (b + 3 * f).max(initial=0.0))),
        carried=temperature * float((e * b + a * f + 3 * e * f).sum()),
        weighing=rounds * size,
        at_bos=3 * temperature * float((left.off_at_bos * (b + 3 * f)).sum()),
        step=left.step * right.step,
        n_products=form.left.shape[1] + _most_per_row(query.points) + _most_per_row(key.points),
        adds_inside=left.adds and right.adds,
        is_binary=query.has_exact_ones(arithmetic) and key.has_exact_ones(arithmetic),
    )


class _Stage:
    """A vector times weights, [size, rank], that are stored with a factor; all but `step` is told without the factor.

    Attributes:
        ideal: the sums at each point of the vector, [n_points, rank].
        sizes: the sums of the absolute values of their products, [n_points, rank].
        off: how far each sum may be off because the vector is, but for rounding, [rank].
        off_at_bos: how far each sum may be from zero at the BOS position, but for rounding, [rank].
        weighing: how far a product may be off because of the rounding of its weight, relatively.
        step: a power of two of which all products with stored weights are multiples.
        adds: whether the sums are exact but for `off`.
    """

    def __init__(self, vector: Vector, weights: Any, factor: float, arithmetic: Arithmetic):
        points, magnitudes = vector.points, abs(weights)
        self.ideal: Floats = (points @ weights).toarray()
        self.sizes: Floats = (abs(points) @ magnitudes).toarray()
        faint = (vector.absolute + vector.relative > 0).astype(np.float64)
        flushed = arithmetic.underflow / factor * ((weights != 0).astype(np.float64).T @ faint)
        self.off: Floats = vector.error_through(weights) + flushed
        self.off_at_bos: Floats = magnitudes.T @ (vector.held_error + _cancelling(vector.held, arithmetic))
        stored = weights.data * factor
        self.weighing = float((arithmetic.weight_error(stored) / np.abs(stored)).max(initial=0.0))
        self.step = common_step(stored) * common_step(points.data)
        is_exact = arithmetic.adds_exactly(self.step, factor * float(self.sizes.max(initial=0.0)))
        self.adds = not vector.subspace.is_numerical or is_exact


def _cancelling(held: Floats, arithmetic: Arithmetic) -> Floats:
    """How far each direction's part in a sum may be from zero that cancels what is held at BOS, times its weight.

    A one-hot is cancelled exactly, by the same weight with the other sign.
    """
    if np.array_equal(held[held != 0], [1.0]):
        return np.zeros(held.size)
    roundoff = max(arithmetic.u, arithmetic.weights.unit_roundoff)
    return (np.count_nonzero(held) + 4) * roundoff * np.abs(held)


def _elements(products: Any) -> Floats:
    """The distinct elements of a sparse matrix."""
    products.sum_duplicates()
    zero = [0.0] if products.nnz < products.shape[0] * products.shape[1] else []
    return np.unique(np.concatenate([products.data, zero]))


def _largest(matrix: Any) -> float:
    return float(abs(matrix).max()) if min(matrix.shape) else 0.0


def _most_per_row(points: Any) -> int:
    return int(np.diff(points.indptr).max(initial=0))
