"""The values of aggregates and widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.grid import NEVER, Axis, JointValues
from raspc.algebra.means import TooManyMeansError, counted_means, may_be_mixed
from raspc.algebra.semantics import TRUE
from raspc.algebra.values import MaybeValue, Value, is_finite_number
from raspc.dialects.rasp import AggregateOp, IndicesOp, SelectorWidthOp
from raspc.dialects.rasp.ops import CountingOp
from raspc.passes.locations import refuse
from raspc.passes.selector_terms import conjuncts_of
from raspc.passes.value_analysis.counts import CountAnalysis, Counts
from raspc.passes.value_analysis.facts import (
    DOMAIN_LIMIT,
    INDICES,
    LENGTH,
    TOKENS,
    ProgramFacts,
    Relation,
    check_domain,
)
from raspc.passes.value_analysis.meaning import MeaningAnalysis, Point, points_of
from raspc.passes.value_analysis.selectors import SelectionFacts, SelectorAnalysis

CountedValues: TypeAlias = dict[Value, list[int] | None]
"""Values, each with the numbers of positions over which an aggregate gives it; `None` stands for all from 1 on."""

RELATION_LIMIT = 1 << 21
"""The most combinations of a position, or a number of positions, and a value that a relation may have."""

QUERIES = 4
"""The most queries, and the most positions for each, that are looked at for an input without a meaning."""


class AggregateAnalysis:
    """The aggregates and widths of one program.

    Attributes:
        averages: the aggregates that may have to average different values.
        width_structures: for each source that tells a width, the structure of the selector.
        reached: for aggregates of defined values, the structure of the selector and the values by the number of
            positions that it selects: [n, n_values].
    """

    def __init__(self, facts: ProgramFacts, meaning: MeaningAnalysis, selectors: SelectorAnalysis):
        self.facts = facts
        self.meaning = meaning
        self.selectors = selectors
        self.counts = CountAnalysis(facts, selectors)
        self.width_structures: dict[SSAValue, int] = {}
        self._widths_of: dict[SSAValue, NDArray[np.int64]] = {}
        self._parts: list[tuple[_Part, SSAValue]] = []
        self.reached: dict[SSAValue, tuple[int, NDArray[np.bool_]]] = {}
        self.averages: set[AggregateOp] = set()

    def aggregate(self, op: AggregateOp) -> JointValues:
        """The joint values of an aggregate."""
        domain = self.facts.domain(op.values)
        facts = self.selectors.selection(op.selector, op.values)
        counts = self.counts.counts(op.selector)
        empty = not (
            self.selectors.selects_itself(op.selector, op.values)
            or (not domain.undefined and (counts.lowest > 0 or self.selectors.hits_an_index(op.selector)))
        )
        found: CountedValues = {}
        mixed = domain.mixed
        if counts.highest == 1 or facts.single or op.at_most_one is not None:
            reachable = np.flatnonzero(facts.value_sets.any(axis=0) & (counts.highest > 0)).tolist()
            found = {domain.values[code]: None for code in reachable}
        elif counts.highest > 1:
            found, in_forms = self._means(op, domain, facts, counts)
            mixed = mixed or (in_forms and len(found) > 1)
            self.averages.add(op)
        default: list[MaybeValue] = [op.default.data] if empty else []
        result = check_domain(op, Domain.of([*found, *default], mixed=mixed))
        selected = _Selected(counts, found, op.default.data, certain=not domain.undefined, empty=empty)
        if op in self.averages and not empty and not domain.undefined and result.is_numeric:
            self.facts.mean_groups[op.result] = (self.selectors.structure(op.selector), op.values)
        return self.facts.new_source(op.result, result, self._relations(op, result, selected))

    def _means(
        self, op: AggregateOp, domain: Domain, facts: SelectionFacts, counts: Counts
    ) -> tuple[CountedValues, bool]:
        """What an aggregate over several different values can come to, and whether a number may do so in two forms."""
        found: CountedValues = {}
        sets: list[list[Value]] = []
        all_means: list[Value] = []
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
                found[value] = None
            sets.append(numbers)
            if len(numbers) < 2:
                continue
            try:
                means = counted_means(numbers, counts.highest, DOMAIN_LIMIT)
            except TooManyMeansError as error:
                raise refuse(
                    op,
                    f"a mean of up to {counts.highest} of {len(numbers)} numbers has over {error.found} values",
                    expected=f"at most {DOMAIN_LIMIT} values",
                    help="average fewer or rounder numbers (a common denominator helps), or reduce max_seq_len",
                ) from error
            all_means += [mean for mean, _ in means]
            for mean, numbers_of in means:
                known = found.setdefault(mean, [])
                if known is not None:
                    known.extend(numbers_of)
        in_forms = may_be_mixed(sets, all_means)
        if domain.undefined:
            return found, in_forms
        occurring = {*counts.values()}
        return {value: n for value, n in found.items() if n is None or not occurring.isdisjoint(n)}, in_forms

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
            occurring = np.flatnonzero((key_codes >= 0) & (value_codes >= 0))
            for query in np.flatnonzero((truth == TRUE).any(axis=0))[:QUERIES].tolist():
                selected = occurring[truth[key_codes[occurring], query] == TRUE]
                others = selected[value_codes[selected] != value_codes[selected[:1]]][:QUERIES]
                cells = np.append(selected[:1], others)
                coordinates = np.stack(np.unravel_index(cells, tuple(sizes.values())), axis=1)
                points = [dict(zip(sizes, row, strict=True)) for row in coordinates.tolist()]
                yield from ([points[0], other, at] for other in points[1:] for at in points_of(queries, query, 1))

    def counting(self, op: CountingOp) -> JointValues:
        """The joint values of a number that tells a width."""
        widths = self._counted(op.result, op.selector)
        numbers = op.domain_for(widths.domain)
        code_of = np.array([numbers.codes[op.number_for(width)] for width in widths.domain.numbers.tolist()])
        codes = np.where(widths.codes >= 0, code_of[widths.codes], widths.codes)
        return JointValues(widths.axes, codes, numbers)

    def width(self, op: SelectorWidthOp) -> JointValues:
        """The joint values of a width."""
        return self._counted(op.result, op.selector)

    def _counted(self, value: SSAValue, selector: SSAValue) -> JointValues:
        """The joint values of the width of a selector, which is `value` or can be told from it."""
        counts = self.counts.counts(selector)
        domain = self._widths(selector)
        if counts.is_exact:
            codes = np.searchsorted(np.array(domain.values), counts.most)
            return JointValues(counts.axes, np.where(counts.occurs, codes, NEVER), domain)
        partition = self._partition(selector)
        if partition is not None:
            rest = self._rest_of(partition, domain)
            if rest is not None:
                return rest
            self._parts.append((partition, value))
        self.width_structures[value] = self.selectors.structure(selector)
        self._widths_of[value] = widths = np.array(domain.values)
        relations: list[Relation] = []
        if counts.most.size * widths.size <= RELATION_LIMIT:
            possible = (widths >= counts.least[..., None]) & (widths <= counts.most[..., None])
            relations.append(Relation(counts.axes, possible))
        for aggregate, (structure, reached) in self.reached.items():
            if structure == self.width_structures[value]:
                relations.append(Relation((aggregate,), _by_width(reached, widths).T))
        return self.facts.new_source(value, domain, relations)

    def _partition(self, selector: SSAValue) -> _Part | None:
        """How a selector picks keys out of another one, if it is a conjunction with one select of keys alone.

        How many that one selects must be a function of the index, which the program must read.
        """
        selects = conjuncts_of(selector)
        if len(selects) != 2 or not any(isinstance(value.owner, IndicesOp) for value in self.facts.joints):
            return None
        for select, other in permutations(selects):
            truth = self.facts.predicates[select]
            if self.facts.domain(select.keys).undefined or self.facts.domain(select.queries).undefined:
                continue
            counts = self.counts.counts(other.result)
            if truth.shape[1] and (truth == truth[:, :1]).all() and counts.is_exact and counts.axes == (INDICES,):
                keys = self.facts.joints[select.keys]
                counted = np.where(keys.codes == NEVER, False, (truth[:, 0] == TRUE)[keys.codes])
                return _Part(
                    self.selectors.structure(other.result), counts.most, keys.axes, counted, keys.codes != NEVER
                )
        return None

    def _rest_of(self, part: _Part, domain: Domain) -> JointValues | None:
        """The joint values of a width of which all that isn't counted is counted by another one.

        Claim. If of the keys that a query selects some are counted by one width and all others by another one, the two
        add up to what the query selects.
        """
        for known, value in self._parts:
            if known.is_rest(part):
                widths = self._widths_of[value]
                rest = part.counts[:, None] - widths  # [n_indices, n_widths]
                occurs = np.isin(rest, domain.values)
                codes = np.where(occurs, np.searchsorted(np.array(domain.values), np.where(occurs, rest, 0)), NEVER)
                axes = (INDICES, value)
                order = sorted(axes, key=self.facts.order.__getitem__)
                return JointValues(tuple(order), codes.transpose([axes.index(axis) for axis in order]), domain)
        return None

    def _widths(self, selector: SSAValue) -> Domain:
        """How many positions a selector can select."""
        return Domain.of(self.counts.counts(selector).values())

    def _relations(self, op: AggregateOp, result: Domain, selected: _Selected) -> list[Relation]:
        """How an aggregate depends on the positions, and on the widths of the same selector."""
        counts = selected.counts
        n_values = len(result) + result.undefined
        if max(counts.most.size, counts.highest + 1) * n_values > RELATION_LIMIT:
            return []
        reached = selected.reached(result)  # [n selected, n_values]
        up_to = np.cumsum(reached, axis=0)
        least = np.maximum(counts.least, 0 if selected.empty else 1) if selected.certain else 1 - selected.empty
        below = np.where(np.asarray(least)[..., None] > 0, up_to[np.maximum(least, 1) - 1], 0)
        relations = [Relation(counts.axes, (up_to[counts.most] - below) > 0)]
        if selected.certain:
            structure = self.selectors.structure(op.selector)
            for width, other in self.width_structures.items():
                if other == structure:
                    relations.append(Relation((width,), _by_width(reached, self._widths_of[width])))
            self.reached[op.result] = (structure, reached)
        return relations


def _by_width(reached: NDArray[np.bool_], widths: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which values an aggregate can have where its selector has one of the widths: [n_widths, n_values]."""
    possible = np.zeros((widths.size, reached.shape[1]), dtype=np.bool_)
    within = widths < len(reached)
    possible[within] = reached[widths[within]]
    return possible


@dataclass(frozen=True, eq=False)
class _Part:
    """The part of a selector's keys that a width counts.

    Attributes:
        whole: the structure of the selector.
        counts: how many keys it selects, by the index of the query: [n_indices].
        axes: the sources at a key that decide whether it is counted.
        counted: whether it is, [size of axis 0, ...].
        occurs: what can be: [size of axis 0, ...].
    """

    whole: int
    counts: NDArray[np.int64]
    axes: tuple[Axis, ...]
    counted: NDArray[np.bool_]
    occurs: NDArray[np.bool_]

    def is_rest(self, other: _Part) -> bool:
        """Whether another part is all that isn't in this one."""
        if (self.whole, self.axes) != (other.whole, other.axes):
            return False
        return bool((self.counted != other.counted)[self.occurs & other.occurs].all())


@dataclass(frozen=True)
class _Selected:
    """What an aggregate can come to, by the number of positions that it selects.

    Attributes:
        counts: how many positions the selector selects.
        found: the values.
        default: the value where nothing is selected.
        certain: whether all selected values are defined.
        empty: whether it may be that nothing defined is selected.
    """

    counts: Counts
    found: CountedValues
    default: MaybeValue
    certain: bool
    empty: bool

    def reached(self, result: Domain) -> NDArray[np.bool_]:
        """Which values, last undefined, a number of defined and selected positions can give: [n, n_values]."""
        reached = np.zeros((self.counts.highest + 1, len(result) + result.undefined), dtype=np.bool_)
        for value, numbers in self.found.items():
            reached[1 if numbers is None else numbers, result.code(value)] = True
            if numbers is None:
                reached[1:, result.code(value)] = True
        if self.empty:
            reached[0, result.code(self.default)] = True
        return reached
