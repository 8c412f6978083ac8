"""The pass recognize-counts: a mean of 0 and 1 times the number of positions that it averages is a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from raspc.algebra import semantics
from raspc.algebra.domain import Domain
from raspc.algebra.functions import UNREACHABLE, Table, Unreachable
from raspc.algebra.grid import NEVER, UNDEFINED, JointValues
from raspc.algebra.means import means_of_two
from raspc.algebra.twins import RESIDUE
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp import (
    AggregateOp,
    MapOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorWidthOp,
    SopType,
)
from raspc.errors import BoundError, MeaningError
from raspc.passes.infer_values import check_inferred
from raspc.passes.key_predicates import Knowledge, forms_may_change, key_select, name_ops
from raspc.passes.selector_terms import predicate_table
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis


@dataclass(eq=False)
class CountOfMean(Knowledge, RewritePattern):
    """A map of a mean of two numbers that depends only on how often one of them was selected is a width.

    Claim. Let `mean` be an aggregate over `s` of values that are always one of two integers `a` and `b`. Where `s`
    selects w positions and k of them hold `b`, the mean is (a (w - k) + b k) / w, rounded once; where w is 0 it is the
    default. So w and the mean leave some k: one, or several where large integers lie so near that their means are
    rounded to the same float. If the map has one and the same value wherever k can be the same, at all combinations of
    its sources that can occur, it is a function g of k; and k is the width of `s` and the select of the keys that hold
    `b`.

    Where the map is a function of k but for the rounding of floats (15 / 22 * 22 is less than 15), it becomes one of k
    and its other operands, by a table of what the interpreter computes.

    What w is must be known of `s`: it is a function of the index and the length, or a width of the same selector is in
    the program. Nothing is assumed of the map's function: its values are those that infer-values has computed, with
    the roundings of the interpreter.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp, rewriter: PatternRewriter) -> None:
        if len(op.operands_) < 2:
            return
        for operand in dict.fromkeys(op.operands_):
            mean = operand.owner
            if (
                not isinstance(mean, AggregateOp)
                or len(domain_of(mean.values)) != 2
                or domain_of(mean.values).undefined
            ):
                continue
            count = self._count(op, mean)
            if count is not None and self._replace(op, mean, count, rewriter):
                return

    def _count(self, op: MapOp, mean: AggregateOp) -> Count | None:
        """What `op` is as a function of how many selected positions of the mean hold one of its two values."""
        facts = self.analysis.facts
        if op.result not in facts.joints or mean not in self.analysis.averages:
            return None
        averaged, result = facts.joints[mean.result], facts.joints[op.result]
        width = self._width(mean.selector)
        if width is None or not {*averaged.axes} <= {*result.axes}:
            return None
        others = [operand for operand in dict.fromkeys(op.operands_) if operand != mean.result]
        if not facts.joints.keys() >= {*others}:
            return None
        joints = [averaged, width.joint, result, *(facts.joints[operand] for operand in others)]
        sizes = facts.union_axes(*joints)
        if not facts.is_affordable(sizes):
            return None
        points = np.unique(np.stack(facts.codes_on(sizes, *joints)), axis=1)
        points = points[:, (points != NEVER).all(axis=0)]
        widths = width.widths[points[1]]
        found = _counts(mean, facts.domain(mean.values), averaged.domain, points[0], widths)
        if found is None or not found[0].size:
            return None
        places, counts = found
        (results, *codes), widths = points[2:, places], widths[places]
        low, high = facts.domain(mean.values).values
        for counted, times in ((high, counts), (low, widths - counts)):
            if _decide([times], results):
                return Count(counted, _values([times.tolist()], results, result.domain))
            if _decide([times, *codes], results) and _nearly_decide(times, results, result.domain):
                read = [_at(facts.domain(operand), row) for operand, row in zip(others, codes, strict=True)]
                return Count(counted, _values([times.tolist(), *read], results, result.domain), tuple(others))
        return None

    def _width(self, selector: SSAValue) -> _Width | None:
        """How many positions a selector selects, as far as the sources of the program decide it."""
        counts = self.analysis.aggregates.counts.counts(selector)
        if counts.is_exact:
            most = np.arange(self.analysis.facts.max_seq_len + 1)
            codes = np.where(counts.occurs, counts.most, NEVER)
            return _Width(JointValues(counts.axes, codes, Domain.of(most.tolist())), most)
        structure = self.analysis.selectors.structure(selector)
        for width, other in self.analysis.aggregates.width_structures.items():
            if other == structure and isinstance(width.owner, SelectorWidthOp):
                joint = self.analysis.facts.joints[width]
                return _Width(joint, np.array(joint.domain.values, dtype=np.int64))
        return None

    def _replace(self, op: MapOp, mean: AggregateOp, count: Count, rewriter: PatternRewriter) -> bool:
        """Replace `op`, unless something of it would be lost."""
        domain = domain_of(op.result)
        if domain.mixed and not forms_may_change(op.result):
            return False
        source = self.sources.of(mean.values, reader=mean if mean.result.has_one_use() else None)
        if source is None:
            return False
        holds = source.codes == domain_of(mean.values).codes[count.counted]
        select = key_select(self.analysis, self.program.body.block, source.value, holds)
        both = SelectorAndOp(mean.selector, select)
        widths = Domain.of(self.analysis.aggregates.counts.counts(both.result).values())
        new_ops: list[Operation] = [select, both]
        if count.is_identity(domain.mixed) and domain.is_superset(widths):
            new_ops.append(SelectorWidthOp(both, SopType(widths, encoding_of(op.result))))
        else:
            width = SelectorWidthOp(both, SopType(widths))
            arguments = (widths.values, *(domain_of(operand).values for operand in count.operands))
            results = tuple(count.values.get(each, UNREACHABLE) for each in product(*arguments))
            result_type = SopType(Domain.of(count.values.values()), encoding_of(op.result))
            new_ops += [width, MapOp([width, *count.operands], Table(arguments, results), result_type)]
        _replace_by(op, new_ops, self.analysis, rewriter)
        return True


@dataclass(eq=False)
class WidthOfMean(Knowledge, RewritePattern):
    """A map of a mean to which one position adds another value than all others is a function of their width.

    Claim. Let `mean` be an aggregate over `s` of values that are always one of two numbers `a` and `b`, and let exactly
    one of the positions that `s` selects hold `b`, always. Where it selects w more, the mean is (a w + b) / (w + 1),
    rounded once, and `b` where w is 0. So the map is a function of w, the width of `s` without the keys that hold `b`.

    This is how the RASP paper counts with a BOS token: the mean of `indices == 0` over a selector that also selects
    position 0.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp, rewriter: PatternRewriter) -> None:
        if len(op.operands_) != 1:
            return
        mean = op.operands_[0].owner
        if not isinstance(mean, AggregateOp) or mean not in self.analysis.averages:
            return
        values = domain_of(mean.values)
        if len(values) != 2 or values.undefined or not values.is_numeric:
            return
        domain = domain_of(op.result)
        if domain.mixed and not forms_may_change(op.result):
            return
        for other, alone in (values.values, values.values[::-1]):
            if not self._selects_one(mean, alone):
                continue
            source = self.sources.of(mean.values, reader=mean if mean.result.has_one_use() else None)
            if source is not None:
                self._replace(op, source.value, source.codes == values.codes[alone], (other, alone), rewriter)
            return

    def _selects_one(self, mean: AggregateOp, value: Value) -> bool:
        """Whether a mean always averages exactly one position with some value. Nothing is added to the program."""
        domain = domain_of(mean.values)
        holds = np.zeros((len(domain), len(domain)), dtype=np.int8)  # of the keys, whatever the query is
        holds[domain.codes[value]] = 1
        select = SelectOp(mean.values, mean.values, predicate_table(domain.values, domain.values, holds))
        self.analysis.add(select)
        both = SelectorAndOp(mean.selector, select)
        counts = self.analysis.aggregates.counts.counts(both.result)
        both.erase()
        select.erase()
        return counts.is_exact and bool((counts.most[counts.occurs] == 1).all())

    def _replace(
        self,
        op: MapOp,
        keys: SSAValue,
        holds: NDArray[np.bool_],
        values: tuple[Value, Value],
        rewriter: PatternRewriter,
    ) -> None:
        """Replace `op` by a function of the width of all selected keys but the one that holds the second value."""
        mean, domain = op.operands_[0].owner, domain_of(op.result)
        assert isinstance(mean, AggregateOp)
        others = key_select(self.analysis, self.program.body.block, keys, ~holds)
        rest = SelectorAndOp(mean.selector, others)
        widths = Domain.of(self.analysis.aggregates.counts.counts(rest.result).values())
        other, alone = values
        means = [semantics.mean([(other, w), (alone, 1)]) if w else alone for w in widths.values if isinstance(w, int)]
        known = domain_of(mean.result)
        table = [_applied(op, each) if each in known else UNREACHABLE for each in means]
        new_ops: list[Operation] = [others, rest]
        count = Count(alone, {(w,): each for w, each in zip(widths.values, table, strict=True) if each != UNREACHABLE})
        if UNREACHABLE not in table and count.is_identity(domain.mixed) and domain.is_superset(widths):
            new_ops.append(SelectorWidthOp(rest, SopType(widths, encoding_of(op.result))))
        else:
            width = SelectorWidthOp(rest, SopType(widths))
            new_ops += [width, MapOp([width], Table((widths.values,), tuple(table)), op.result.type)]
        _replace_by(op, new_ops, self.analysis, rewriter)


def _replace_by(op: MapOp, new_ops: list[Operation], analysis: ValueAnalysis, rewriter: PatternRewriter) -> None:
    """Replace a map by ops of which the last has its values."""
    name_ops(new_ops, op)
    result = new_ops[-1].results[0]
    result.name_hint = op.result.name_hint
    analysis.facts.joints[result] = analysis.facts.joints[op.result]
    rewriter.replace(op, new_ops)


def _applied(op: MapOp, value: Value) -> MaybeValue | Unreachable:
    """What a map makes of a value of its operand; of one that occurs the analysis knows that it makes something."""
    try:
        return semantics.apply(op.function.data, [value])
    except (MeaningError, BoundError):
        return UNREACHABLE


@dataclass(frozen=True)
class Count:
    """A value as a function of how many selected positions hold a value.

    Attributes:
        counted: the value that they hold.
        values: the value of the function, by the count and the values of `operands`, where these occur.
        operands: s-ops on which the rounding of the value depends.
    """

    counted: Value
    values: dict[tuple[MaybeValue, ...], MaybeValue]
    operands: tuple[SSAValue, ...] = ()

    def is_identity(self, any_form: bool) -> bool:
        """Whether the value is the count itself, as an int or, with `any_form`, in any form that equals it."""
        return not self.operands and all(
            value == count and (any_form or type(value) is int) for (count,), value in self.values.items()
        )


def _decide(given: Sequence[NDArray[np.int64]], results: NDArray[np.int64]) -> bool:
    """Whether codes are functions of others: each is [n_points]."""
    found = np.unique(np.stack([*given, results]), axis=1)
    return np.unique(found[:-1], axis=1).shape[1] == found.shape[1]


def _nearly_decide(counts: NDArray[np.int64], results: NDArray[np.int64], domain: Domain) -> bool:
    """Whether values are functions of the count but for the rounding of floats: both are [n_points]."""
    if (results == UNDEFINED).any() or not domain.is_numeric:
        return False
    numbers = domain.numbers[results]
    least, most = np.full(counts.max() + 1, np.inf), np.full(counts.max() + 1, -np.inf)
    np.minimum.at(least, counts, numbers)
    np.maximum.at(most, counts, numbers)
    occurs = np.unique(counts)
    return bool((most[occurs] - least[occurs] <= RESIDUE * np.abs(numbers).max()).all())


def _at(domain: Domain, codes: NDArray[np.int64]) -> list[MaybeValue]:
    """The values with these codes."""
    return [None if code == UNDEFINED else domain.values[code] for code in codes.tolist()]


def _values(
    given: Sequence[Sequence[MaybeValue]], results: NDArray[np.int64], domain: Domain
) -> dict[tuple[MaybeValue, ...], MaybeValue]:
    """The value at each combination of what it is a function of: all have one item for each point."""
    return dict(zip(zip(*given, strict=True), _at(domain, results), strict=True))


@dataclass(frozen=True, eq=False)
class _Width:
    """What a width is for the sources of a program: joint values, and the width for each of their codes."""

    joint: JointValues
    widths: NDArray[np.int64]


def _counts(
    mean: AggregateOp, values: Domain, averaged: Domain, means: NDArray[np.int64], widths: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """How many selected positions may hold the larger of two values; `None` if they aren't whole numbers.

    Args:
        mean: the aggregate.
        values: the two values.
        averaged: the values of the mean.
        means: codes of it, [n_points].
        widths: how many positions are selected, [n_points].

    Returns:
        Points that can occur, by their numbers, and a count for each; a point comes once for each count that it leaves.
    """
    if not values.is_numeric or not np.array_equal(values.numbers, np.rint(values.numbers)):
        return None
    low, high = values.values
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    default = mean.default.data
    triples = [(0, averaged.code(default), 0)] if default in averaged else []
    for width in np.unique(widths[widths > 0]).tolist():
        codes = enumerate(averaged.codes.get(each, NEVER) for each in means_of_two(low, high, width))
        triples += [(width, code, count) for count, code in codes if code != NEVER]
    known = np.array(sorted(triples), dtype=np.int64).reshape(-1, 3)
    n_codes = len(averaged) + 1
    keys, wanted = known[:, 0] * n_codes + known[:, 1] + 1, widths * n_codes + means + 1
    first, last = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, side="right")
    places = np.repeat(np.arange(wanted.size), last - first)
    within = np.arange(places.size) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    return places, known[first[places] + within, 2]


@dataclass(frozen=True)
class RecognizeCountsPass(ModulePass):
    """Replace a mean of 0 and 1 times the number of positions that it averages by a width.

    ```mlir
    %so_far = rasp.select %indices, %indices le
    %mean = rasp.aggregate %so_far, %is_a : [false, 0.5, true] mixed
    %n = rasp.map(%indices) "i -> i + 1" : [1, 2]
    %count = rasp.map(%mean, %n) "x, y -> x * y" : [0, 1, 2] mixed
    ```
    becomes
    ```mlir
    %count_counted = rasp.select %tokens, %one "k, q -> k == 'a'"
    %count_selected = rasp.selector_and %so_far, %count_counted
    %count = rasp.selector_width %count_selected : [0, 1, 2]
    ```

    It doesn't fire where a value is not a function of the count at every combination that can occur, as the interpreter
    rounds it; where an averaged value may be undefined; or where the number of selected positions isn't known of the
    sources. See `CountOfMean`.
    """

    name = "recognize-counts"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier([CountOfMean(program), WidthOfMean(program)])
            ).rewrite_region(program.body)
