"""The scores of a head: which ideal scores there are, and how far the computed ones may be from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from raspc.dialects.craft import HeadOp
from raspc.passes.certification.arithmetic import Arithmetic, Floats, common_step
from raspc.passes.certification.vectors import Vector
from raspc.passes.locations import refuse

SUM_LIMIT = 1 << 12
"""The most different scores of a head."""


@dataclass(frozen=True)
class Scores:
    """The scores of a head, times the inverse temperature.

    Attributes:
        error: how far a score may be off.
        exact: whether the scores of all selected keys are the same to the bit.
        lead: by how much a selected key, or BOS if there is none, is ahead of all that isn't selected.
        lead_at_bos: by how much BOS is ahead of all others where BOS itself is the query.
        beats_bos: whether selected keys are ahead of BOS.
    """

    error: float
    exact: bool
    lead: float
    lead_at_bos: float
    beats_bos: bool

    @property
    def margin(self) -> float:
        """The part of the lead that the errors of two scores leave."""
        return 1 - 2 * self.error / self.lead if np.isfinite(self.lead) else 1.0

    def leak(self, n: int) -> float:
        """How much weight may lie on n positions that aren't selected."""
        return float(min(1.0, n * np.exp(min(2 * self.error - self.lead, 0.0))))

    def leak_at_bos(self, n: int) -> float:
        """How much weight BOS may give to n other positions."""
        return float(min(1.0, n * np.exp(min(-self.lead_at_bos, 0.0))))


def scores_of(head: HeadOp, queries: Sequence[Vector], keys: Sequence[Vector], arithmetic: Arithmetic) -> Scores:
    """The scores of a head.

    Raises:
        CompileError: selected keys score differently, or a score overflows.
    """
    temperature = head.temperature.value.data
    bos_score = head.bos_score.value.data
    terms = [
        _Term(query, key, matrix.data.to_scipy().tocsr(), temperature, arithmetic)
        for query, key, matrix in zip(queries, keys, head.qk, strict=True)
    ]
    ideal = _sums(_ideals(terms, head.clause_sizes), head)
    selected, others = ideal[ideal >= bos_score], ideal[ideal < bos_score]
    if selected.size > 1:
        raise refuse(
            head,
            f"keys that it selects may score {selected[0].item()} or {selected[-1].item()}",
            expected="one score for all selected keys",
        )
    gaps = [float(score - bos_score) for score in selected if score > bos_score]
    if others.size:
        gaps.append(float(bos_score - others.max()))
    bos = bos_score * temperature
    size = sum(term.size for term in terms) + abs(bos)
    carried = sum(term.carried for term in terms)
    weighing = sum(term.weighing for term in terms) + float(arithmetic.weight_error(bos))
    step = min([common_step(np.array([bos])), *(term.step for term in terms)])
    # What is too small to change a sum of multiples of the step leaves all scores but 0 as they are.
    negligible = all(term.is_binary for term in terms) and 8 * carried <= arithmetic.u * step and (selected != 0).all()
    exact = (carried == 0 or negligible) and weighing == 0 and arithmetic.adds_exactly(step, size)
    rounding = 0.0 if exact else float(arithmetic.gamma(3 + 3 * sum(term.n_products for term in terms))) * size
    if size + carried > arithmetic.largest:
        raise refuse(head, f"its scores reach {size:.1e}, which is too much for {arithmetic.dtype}")
    return Scores(
        error=3 * carried + weighing + rounding,
        exact=exact,
        lead=temperature * min(gaps, default=np.inf),
        lead_at_bos=bos - float(arithmetic.weight_error(bos)) - sum(term.at_bos for term in terms),
        beats_bos=bool((selected > bos_score).all()),
    )


class _Term:
    """One bilinear term of a score, times the inverse temperature.

    Attributes:
        ideal: the values that it can have, not times the inverse temperature.
        size: a bound on the sum of the absolute values of its products.
        carried: how far it is off because its query and key are, at BOS too.
        weighing: how far it is off because of the rounding of its weights.
        at_bos: how far it is from zero where BOS is the query.
        step: a power of two of which all its products are multiples.
        n_products: how many of its products are large.
        is_binary: whether it reads one-hots whose ones are exact.
    """

    def __init__(self, query: Vector, key: Vector, qk: Any, temperature: float, arithmetic: Arithmetic):
        queries, keys, magnitudes = query.points, key.points, abs(qk)
        self.ideal = _values(queries @ qk @ keys.T)
        by_key = abs(keys) @ magnitudes.T  # [n_keys, size of the query]
        by_query = abs(queries) @ magnitudes  # [n_queries, size of the key]
        products = by_query @ abs(keys).T
        self.size = temperature * _largest(products)
        both = query.total + float((query.relative * query.reach).sum())
        both *= _largest(magnitudes) * (key.total + float((key.relative * key.reach).sum()))
        key_at_bos = by_query @ (key.held_error + 4 * arithmetic.u * np.abs(key.held))
        query_at_bos = by_key @ (query.held_error + 4 * arithmetic.u * np.abs(query.held))
        self.at_bos = temperature * float(query_at_bos.max(initial=0.0))
        self.carried = temperature * (
            float(query.error_through(by_key.T).max(initial=0.0))
            + float(key.error_through(by_query.T).max(initial=0.0))
            + both
            + float(key_at_bos.max(initial=0.0))
        )
        elements = qk.data
        off = arithmetic.weight_error(elements) + arithmetic.weight_error(elements * temperature) / temperature
        factor = float(arithmetic.weight_error(temperature)) / temperature
        relative = float((off / np.abs(elements)).max(initial=0.0)) + factor
        self.weighing = relative * self.size
        self.step = common_step(elements) * common_step(np.array([temperature]))
        self.step *= min(1.0, common_step(queries.data)) * min(1.0, common_step(keys.data))
        self.is_binary = query.has_exact_ones(arithmetic) and key.has_exact_ones(arithmetic)
        self.n_products = min(_most_per_row(queries), _most_per_row(keys))


def _values(products: Any) -> Floats:
    """The distinct elements of a sparse matrix."""
    products.sum_duplicates()
    zero = [0.0] if products.nnz < products.shape[0] * products.shape[1] else []
    return np.unique(np.concatenate([products.data, zero]))


def _largest(matrix: Any) -> float:
    return float(abs(matrix).max()) if min(matrix.shape) else 0.0


def _most_per_row(points: Any) -> int:
    return int(np.diff(points.indptr).max(initial=0))


def _ideals(terms: Sequence[_Term], clause_sizes: Sequence[int]) -> list[Floats]:
    """The values of each clause: of its terms one at most isn't zero."""
    values: list[Floats] = []
    rest = iter(terms)
    for size in clause_sizes:
        of_terms = [term.ideal for term in islice(rest, size)]
        values.append(of_terms[0] if size == 1 else np.unique(np.concatenate([*of_terms, [0.0]])))
    return values


def _sums(terms: list[Floats], head: HeadOp) -> Floats:
    """All sums of one value of each term, in ascending order."""
    found = np.zeros(1)
    for values in terms:
        found = np.unique(np.add.outer(found, values))
        if found.size > SUM_LIMIT:
            raise refuse(head, f"it can have more than {SUM_LIMIT} scores", expected=f"at most {SUM_LIMIT}")
    return found
