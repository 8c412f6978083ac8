"""The scores of a head: which ideal scores there are, and how far the computed ones may be from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from raspc.dialects.craft import HeadOp, ProductAttr
from raspc.passes.certification.arithmetic import Arithmetic, Floats, common_step
from raspc.passes.certification.terms import Term, term_of
from raspc.passes.certification.vectors import Vector
from raspc.passes.locations import refuse

SUM_LIMIT = 1 << 12
"""The most different scores of a head."""

PRODUCT_LIMIT = 1 << 27
"""The most pairs of a query and a key, for a term that is a product: each is looked at."""


@dataclass(frozen=True)
class Scores:
    """The scores of a head, times the inverse temperature.

    Attributes:
        error: how far a score may be off.
        exact: whether the scores of all selected keys are the same to the bit.
        lead: by how much a selected key, or BOS if there is none, is ahead of all that isn't selected.
        lead_at_bos: by how much BOS is ahead of all others where BOS itself is the query.
        beats_bos: whether selected keys are ahead of BOS.
        bos_lead: by how much BOS is ahead of them.
    """

    error: float
    exact: bool
    lead: float
    lead_at_bos: float
    beats_bos: bool
    bos_lead: float

    @property
    def margin(self) -> float:
        """The part of the lead that the errors of two scores leave."""
        return 1 - 2 * self.error / self.lead if np.isfinite(self.lead) else 1.0

    def leak(self, n: int) -> float:
        """How much weight may lie on n positions that aren't selected."""
        return float(min(1.0, n * np.exp(min(2 * self.error - self.lead - self.bos_lead, 0.0))))

    def leak_at_bos(self, n: int) -> float:
        """How much weight BOS may give to n other positions."""
        return float(min(1.0, n * np.exp(min(-self.lead_at_bos, 0.0))))


def scores_of(head: HeadOp, queries: Sequence[Vector], keys: Sequence[Vector], arithmetic: Arithmetic) -> Scores:
    """The scores of a head.

    Raises:
        CompileError: selected keys score differently, or not as BOS but for its lead; or a score overflows.
    """
    temperature = head.temperature.value.data
    bos_score = head.bos_score.value.data
    for query, key, form in zip(queries, keys, head.qk, strict=True):
        n_scores = query.n_points * key.n_points
        if isinstance(form, ProductAttr) and n_scores > PRODUCT_LIMIT:
            raise refuse(head, f"a product of two matrices has {n_scores} scores", expected=f"at most {PRODUCT_LIMIT}")
    terms = [
        term_of(query, key, form.data, temperature, arithmetic)
        for query, key, form in zip(queries, keys, head.qk, strict=True)
    ]
    rest = iter(terms)
    ideal = _sums([list(islice(rest, size)) for size in head.clause_sizes], head)
    selected, others = ideal[ideal >= bos_score], ideal[ideal < bos_score]
    if selected.size > 1:
        raise refuse(
            head,
            f"keys that it selects may score {selected[0].item()} or {selected[-1].item()}",
            expected="one score for all selected keys",
        )
    if head.bos_lead and (selected > bos_score).any():
        raise refuse(
            head,
            f"keys that it selects score {selected[0].item()}, and BOS {bos_score} and a lead",
            expected="one score for both, if BOS has a lead",
        )
    gaps = [float(score - bos_score) for score in selected if score > bos_score]
    if others.size:
        gaps.append(float(bos_score - others.max()))
    bos = bos_score * temperature + head.bos_lead
    size, partial = sum(term.size for term in terms), sum(term.partial for term in terms)
    carried = sum(term.carried for term in terms)
    weighing = sum(term.weighing for term in terms) + float(arithmetic.weight_error(bos))
    # The score of BOS is one product, and that product is zero for all other keys.
    step = min((term.step for term in terms), default=np.inf)
    faint = arithmetic.u * min(step, common_step(np.array([bos])))
    # What is too small to change a sum of multiples of the step leaves all scores but 0 as they are.
    negligible = all(term.is_binary for term in terms) and 8 * carried <= faint and (selected != 0).all()
    adds = all(term.adds_inside for term in terms) and arithmetic.adds_exactly(step, partial)
    exact = (carried == 0 or negligible) and weighing == 0 and adds
    n_roundings = 3 + 3 * sum(term.n_products for term in terms)
    # A sum of one large and many small terms is off by two roundings of the small ones; then there is one more sum.
    gamma = float(arithmetic.gamma(n_roundings))
    off = 3 * carried * (1 + gamma) if carried else 0.0
    rounding = 0.0 if exact else gamma * (size + abs(bos) + weighing)
    if not partial + abs(bos) <= arithmetic.largest:
        raise refuse(
            head,
            f"its scores reach {partial + abs(bos):.1e}, which is too much for {arithmetic}",
            expected=f"scores up to {arithmetic.largest:.1e}",
            help="select by keys and queries of fewer or smaller numbers",
        )
    reach = max([partial + abs(bos) + off, *(term.inner for term in terms)])
    if not reach <= arithmetic.largest:
        raise refuse(
            head,
            f"its scores may be off by {off:.1e} in {arithmetic}, since its keys or queries are",
            help="select by keys and queries of fewer or rounder numbers",
        )
    return Scores(
        error=off + weighing + rounding,
        exact=exact,
        lead=temperature * min(gaps, default=np.inf),
        lead_at_bos=bos - float(arithmetic.weight_error(bos)) - sum(term.at_bos for term in terms),
        beats_bos=bool((selected > bos_score).all()),
        bos_lead=head.bos_lead,
    )


def _sums(clauses: Sequence[Sequence[Term]], head: HeadOp) -> Floats:
    """Sums of one value of each clause, ascending: all from the score of BOS on, and the largest one below it.

    A value that is too small for a sum to reach that score, even with the largest values of all other clauses, is only
    part of the largest sum below it if it is the largest such value: that one makes a sum at least as large.
    """
    largest = [max([*_zero(clause), *(term.largest for term in clause)]) for clause in clauses]
    found = np.zeros(1)
    for clause, most in zip(clauses, largest, strict=True):
        least = head.bos_score.value.data - (sum(largest) - most)
        values = np.concatenate([*(term.values_from(least) for term in clause), _zero(clause)])
        found = np.unique(np.add.outer(found, values))
        if found.size > SUM_LIMIT:
            raise refuse(head, f"it can have more than {SUM_LIMIT} scores", expected=f"at most {SUM_LIMIT}")
    return found


def _zero(clause: Sequence[Term]) -> list[float]:
    """Of several terms one at most isn't zero: their sum is one of their values, or zero."""
    return [0.0] if len(clause) > 1 else []
