"""The values of aggregates and widths."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.grid import JointValues
from raspc.algebra.means import TooManyMeansError, mean_values
from raspc.algebra.semantics import TRUE
from raspc.algebra.values import MaybeValue, Value, is_finite_number
from raspc.dialects.rasp import AggregateOp, BosWeightOp, SelectOp, SelectorWidthOp
from raspc.passes.locations import refuse
from raspc.passes.value_analysis.facts import DOMAIN_LIMIT, INDICES, LENGTH, TOKENS, ProgramFacts, check_size
from raspc.passes.value_analysis.meaning import MeaningAnalysis, Point, points_of
from raspc.passes.value_analysis.selectors import SelectionFacts, SelectorAnalysis

QUERIES = 4
"""The most queries, and the most positions for each, that are looked at for an input without a meaning."""


class AggregateAnalysis:
    """The aggregates and widths of one program.

    Attributes:
        averages: the aggregates that may have to average different values.
    """

    def __init__(self, facts: ProgramFacts, meaning: MeaningAnalysis, selectors: SelectorAnalysis):
        self.facts = facts
        self.meaning = meaning
        self.selectors = selectors
        self.averages: set[AggregateOp] = set()

    def aggregate(self, op: AggregateOp) -> JointValues:
        domain = self.facts.domain(op.values)
        facts = self.selectors.selection(op.selector, op.values)
        empty = not (
            self.selectors.selects_itself(op.selector, op.values)
            or (self.selectors.hits_an_index(op.selector) and not domain.undefined)
        )
        reachable = [domain.values[code] for code in np.flatnonzero(facts.value_sets.any(axis=0)).tolist()]
        if facts.single or self.facts.max_seq_len == 1:
            found: list[MaybeValue] = [*reachable]
            mixed = domain.mixed
        else:
            found = self._means(op, domain, facts)
            mixed = domain.mixed or len(found) > 1
            self.averages.add(op)
        default = [op.default.data] if empty else []
        result = check_size(op, Domain.of([*found, *default], mixed=mixed))
        if op in self.averages and not empty and not domain.undefined and result.is_numeric:
            self.facts.mean_groups[op.result] = (self.selectors.structure(op.selector), op.values)
        return self.facts.new_source(op.result, result)

    def _means(self, op: AggregateOp, domain: Domain, facts: SelectionFacts) -> list[MaybeValue]:
        """What an aggregate over several different values can come to."""
        found: dict[Value, Value] = {}
        proved = True
        for row in facts.value_sets:
            values = [domain.values[code] for code in np.flatnonzero(row).tolist()]
            numbers: list[Value] = [value for value in values if is_finite_number(value)]
            if len(numbers) < len(values) and len(values) > 1 and proved:
                proved = False
                shown = ", ".join(repr(value) for value in values[:4])
                reason = f"an aggregate over {shown}{', …' if len(values) > 4 else ''} may have no mean"
                tokens = self._tokens_for(op.values, values, numbers)
                self.meaning.unproved(op, reason, points=self._meetings(op), tokens=tokens)
            for value in values:
                found.setdefault(value, value)
            if len(numbers) < 2:
                continue
            try:
                means = mean_values(numbers, self._most(op.selector), DOMAIN_LIMIT)
            except TooManyMeansError as error:
                raise refuse(
                    op,
                    f"a mean of up to {self.facts.max_seq_len} of {len(numbers)} numbers has over {error.found} values",
                    expected=f"at most {DOMAIN_LIMIT} values",
                    help="average fewer or rounder numbers (a common denominator helps), or reduce max_seq_len",
                ) from error
            for mean in means:
                found.setdefault(mean, mean)
        return [*found.values()]

    def _tokens_for(self, op_values: SSAValue, values: list[Value], numbers: list[Value]) -> list[Value]:
        """Tokens that give two of the values that an aggregate may select together, of which one is no number."""
        joint = self.facts.joints[op_values]
        worst = next(value for value in values if value not in numbers)
        two = [worst, next(value for value in values if value != worst)]
        points = [point for value in two for point in points_of(joint, joint.domain.codes[value], 1)]
        return [self.facts.vocab.values[point[TOKENS]] for point in points if TOKENS in point]

    def _meetings(self, op: AggregateOp) -> Iterator[list[Point]]:
        """Two positions with different values that a select selects, and a query that does.

        What else the selector and the values need isn't looked at.
        """
        values = self.facts.joints[op.values]
        for select, truth in self.selectors.atoms(op.selector):
            keys, queries = self.facts.joints[select.keys], self.facts.joints[select.queries]
            sizes = self.facts.union_axes(keys, values)
            if not {*sizes, *queries.axes} <= {TOKENS, INDICES, LENGTH} or not self.facts.is_affordable(sizes):
                continue
            key_codes, value_codes = self.facts.codes_on(sizes, keys, values)
            occurs = (key_codes >= 0) & (value_codes >= 0)
            for query in np.flatnonzero((truth == TRUE).any(axis=0))[:QUERIES].tolist():
                selected = np.flatnonzero(occurs & (truth[key_codes, query] == TRUE))
                others = selected[value_codes[selected] != value_codes[selected[:1]]][:QUERIES]
                cells = np.append(selected[:1], others)
                coordinates = np.stack(np.unravel_index(cells, tuple(sizes.values())), axis=1)
                points = [dict(zip(sizes, row, strict=True)) for row in coordinates.tolist()]
                yield from ([points[0], other, at] for other in points[1:] for at in points_of(queries, query, 1))

    def bos_weight(self, op: BosWeightOp) -> JointValues:
        """The joint values of what attention leaves on BOS."""
        return self.facts.new_source(op.result, BosWeightOp.domain_for(self._widths(op.selector)))

    def width(self, op: SelectorWidthOp) -> JointValues:
        """The joint values of a width."""
        if self._selects_all(op.selector):
            return self.facts.length()
        return self.facts.new_source(op.result, self._widths(op.selector))

    def _selects_all(self, selector: SSAValue) -> bool:
        select = selector.owner
        return (
            isinstance(select, SelectOp)
            and bool((self.facts.predicates[select] == 1).all())
            and not any(self.facts.domain(operand).undefined for operand in select.operands)
        )

    def _most(self, selector: SSAValue) -> int:
        """How many positions a selector can select, by whether it can select the query's own."""
        return self.facts.max_seq_len - self.selectors.never_selects_itself(selector)

    def _widths(self, selector: SSAValue) -> Domain:
        """How many positions a selector can select."""
        low = 1 if self.selectors.selects_itself(selector) else 0
        never = any(not (truth == 1).any() for _, truth in self.selectors.atoms(selector))
        most = self._most(selector)
        high = 0 if never else min(1, most) if self.selectors.selects_at_most_one(selector) else most
        return Domain.of(range(low, max(low, high) + 1))
