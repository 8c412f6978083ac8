"""How far what a head reads may be from the mean of the selected values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.sparse import sparse
from raspc.dialects.craft import HeadOp
from raspc.dialects.craft.checks import vector_of
from raspc.passes.certification.arithmetic import Arithmetic, Floats, is_power_of_two
from raspc.passes.certification.preactivations import column_max
from raspc.passes.certification.scores import Scores, scores_of
from raspc.passes.certification.vectors import Vector
from raspc.passes.locations import refuse

EXPONENTIAL_ERROR = 4
"""How many unit roundoffs a runtime's exponential may be off, relatively. That exp(0) is 1, and 1 / 1 too, is assumed
(see `raspc.dialects.craft.certificate.RUNTIME`) and tried out by the runners."""

MOST_UNEQUAL = 40
"""How far the scores of equally selected keys may be off: their weights differ by exp(80) then, which is no bound."""

DIVISION_ERROR = 4
"""How many unit roundoffs a weight may be off by its division, be it a product with a reciprocal or not."""


def head_result(
    head: HeadOp,
    queries: Sequence[Vector],
    keys: Sequence[Vector],
    values: Sequence[Vector],
    max_seq_len: int,
    arithmetic: Arithmetic,
) -> tuple[Vector, Scores]:
    """The result of a head, and its scores.

    Of at most one selected key the weight is `exp(0) / (exp(0) + leaks)`, which is 1 up to the leaks. If several are
    selected, their weights are off by what their scores and the division are off, and the sum by its roundings; and by
    exponentials where BOS is ahead of them, so that theirs aren't `exp(0)` and may even underflow. Where all that is
    selected is equal, as it is where a one-hot stands for one value or a direction tells that a number is defined, only
    the sum of the weights matters.

    Raises:
        CompileError: its scores can't be computed, or what it reads is too large.
    """
    subspace, n = vector_of(head.result), max_seq_len + 1
    scores = scores_of(head, queries, keys, arithmetic)
    read = _read(head, values, arithmetic)
    largest = float(read.reach.max(initial=0.0))
    if not largest <= arithmetic.largest:
        raise refuse(
            head,
            f"what it reads may reach {largest:.1e}, which is too much for {arithmetic}",
            expected=f"numbers up to {arithmetic.largest:.1e}",
            help="use smaller numbers",
        )
    underflow, mixing = 0.0, np.zeros(subspace.size)
    if head.at_most_one is None or not scores.beats_bos:
        mixing = DIVISION_ERROR * arithmetic.u
        if not read.only_bos:
            mixing += float(arithmetic.gamma(n))
            underflow = (n + 1) * arithmetic.underflow
        if scores.bos_lead or not (scores.exact and arithmetic.adds_exactly(1.0, n)):
            mixing += float(arithmetic.gamma(n))
        if scores.bos_lead:  # the exponential of a key, and those in the sum by which it is divided
            mixing += 2 * EXPONENTIAL_ERROR * arithmetic.u
            mixing += 2 * arithmetic.underflow * (np.exp(scores.bos_lead) + n)
        # Whatever the weights are, their sum is 1, and so is the mean of ones.
        equally = ~(read.constant & scores.beats_bos)
        if subspace.is_numerical and not scores.exact and equally.any():
            if scores.error > MOST_UNEQUAL:
                raise refuse(
                    head,
                    f"the scores of keys that it selects may be off by {scores.error:.1e} in {arithmetic}, so that "
                    "they don't count equally",
                    expected="scores of selected keys that hardly differ",
                    help="select by keys and queries of fewer or rounder numbers, or reduce max_seq_len",
                )
            unequal = float(np.expm1(2 * scores.error)) + EXPONENTIAL_ERROR * arithmetic.u
            mixing += np.where(equally, unequal, 0.0)
    relative = mixing + (1 + mixing) * read.relative
    leak = 3 * scores.leak(n) * read.reach
    fixed = read.signed | (not subspace.is_numerical)  # a mean may be smaller than what is added up
    rounding = np.where(fixed, relative * read.reach, 0.0)
    absolute = (1 + mixing) * read.absolute + leak + underflow + rounding
    total = float(absolute.sum())
    if not subspace.is_numerical:  # one direction at a time is 1, and loses what all others get of the leaks
        whole = (1 + float(relative.max(initial=0.0))) * read.total + subspace.size * underflow
        total = min(total, whole + float((leak + rounding).max(initial=0.0)))
    relative = np.where(fixed, 0.0, relative)
    held_error = read.at_bos + 3 * scores.leak_at_bos(n) * read.reach
    return Vector(subspace, absolute, relative, total, head.bos_vector, held_error), scores


@dataclass(frozen=True)
class _Read:
    """What a head reads at one position, before it is weighed; each array is [size of the result].

    Attributes:
        absolute: how far it may be off.
        relative: times its absolute value, in addition.
        total: how far all directions together may be off, if it is a one-hot.
        reach: its largest absolute value.
        signed: whether it can be negative and positive.
        constant: whether it is the same, but for errors, at every key that isn't BOS.
        at_bos: how far it may be off at the BOS position.
        only_bos: whether it is zero, exactly, everywhere else.
    """

    absolute: Floats
    relative: Floats
    total: float
    reach: Floats
    signed: NDArray[np.bool_]
    constant: NDArray[np.bool_]
    at_bos: Floats
    only_bos: bool


def _read(head: HeadOp, values: Sequence[Vector], arithmetic: Arithmetic) -> _Read:
    size, bos = vector_of(head.result).size, head.bos_vector
    maps = [
        _ValueMap(vector, ov.data.to_scipy().tocsc(), arithmetic) for vector, ov in zip(values, head.ov, strict=True)
    ]
    zeros = np.zeros(size)
    n_terms = sum((each.n_terms for each in maps), zeros)
    low, high = sum((each.low for each in maps), zeros), sum((each.high for each in maps), zeros)
    reach = sum((each.reach for each in maps), zeros)
    rounds_products = any(each.rounds_products for each in maps)
    roundings = np.maximum(n_terms - 1, 0) + (n_terms > 0) * rounds_products
    relative = sum((each.relative for each in maps), zeros) + np.where(roundings > 0, arithmetic.gamma(roundings), 0.0)
    rounding = np.where(n_terms > 1, relative * reach, 0.0)
    absolute = sum((each.absolute for each in maps), zeros) + rounding
    total = (1 + float(relative.max(initial=0.0))) * sum(each.total for each in maps)
    cancelled = sum((each.held for each in maps), zeros)
    at_bos = sum((each.held_error for each in maps), zeros) + arithmetic.weight_error(bos)
    at_bos = at_bos + np.where(cancelled > 0, arithmetic.gamma(4), 0.0) * (cancelled + np.abs(bos))
    return _Read(
        absolute=np.maximum(absolute, at_bos),
        relative=np.where(n_terms > 1, 0.0, relative),
        total=total + float(rounding.max(initial=0.0)) + float(at_bos.sum()),
        reach=np.maximum(reach, np.abs(bos)) + absolute,
        signed=(np.minimum(low, bos) < 0) & (np.maximum(high, bos) > 0),
        constant=low == high,
        at_bos=at_bos,
        only_bos=not any(ov.data.elements.size for ov in head.ov),
    )


class _ValueMap:
    """What a head reads of one vector; each array is [size of the result].

    Attributes:
        n_terms: how many large terms a sum has.
        low: the smallest values.
        high: the largest values.
        reach: the largest absolute values.
        absolute: how far they may be off.
        relative: times their absolute value, in addition.
        total: how far all directions together may be off.
        held: the sums of the absolute values of what is cancelled at BOS.
        held_error: how far that may be off.
        rounds_products: whether products are rounded.
    """

    def __init__(self, vector: Vector, weights: Any, arithmetic: Arithmetic):
        magnitudes = abs(weights)
        counts = np.diff(weights.indptr)
        numerical = vector.subspace.is_numerical
        self.n_terms = counts if numerical else np.minimum(counts, 1)
        through = vector.points @ weights
        size = weights.shape[1]
        self.low = through.min(axis=0).toarray().ravel() if min(through.shape) else np.zeros(size)
        self.high = through.max(axis=0).toarray().ravel() if min(through.shape) else np.zeros(size)
        self.reach = magnitudes.T @ vector.reach if numerical else column_max(magnitudes)
        several = (counts > 1) & (not numerical)
        # A sum of one large and many small terms is off by two roundings of the small ones.
        self.absolute = (magnitudes.T @ vector.absolute if numerical else vector.error_through(weights)) * np.where(
            several, 3.0, 1.0
        )
        off = sparse.csc_array(
            (arithmetic.weight_error(weights.data) / np.abs(weights.data), weights.indices, weights.indptr),
            shape=weights.shape,
        )
        self.relative = off.max(axis=0).toarray().ravel() if weights.nnz else np.zeros(size)
        if numerical:
            self.relative = self.relative + ((weights != 0).astype(np.float64).T @ vector.relative)
        factor = (3.0 if several.any() else 1.0) * (float(magnitudes.sum(axis=1).max()) if min(weights.shape) else 0.0)
        self.total = factor * vector.total
        self.held = magnitudes.T @ np.abs(vector.held)
        self.held_error = magnitudes.T @ vector.held_error
        exact = vector.has_exact_ones(arithmetic) or bool(is_power_of_two(weights.data).all())
        self.rounds_products = not exact
