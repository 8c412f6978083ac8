"""The pass count-close-means: means that float32 can't tell apart are told by how often each value is selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern, op_type_rewrite_pattern

from raspc.algebra import semantics
from raspc.algebra.domain import Domain
from raspc.algebra.error_bound import SMALLEST_NORMAL
from raspc.algebra.functions import UNREACHABLE, Table, Unreachable
from raspc.algebra.twins import gaps
from raspc.algebra.values import MaybeValue, Value, exact_form
from raspc.dialects.rasp import AggregateOp, MapOp, ProgramOp, SelectorAndOp, SelectorWidthOp, SopType
from raspc.passes.error_bounds import LARGEST_NUMBER
from raspc.passes.infer_values import check_inferred
from raspc.passes.key_predicates import Knowledge, forms_may_change, key_select, name_ops
from raspc.passes.sop_types import domain_of

TOO_CLOSE = 2.0**-22
"""Means that are nearer than this part of the largest number can't be told apart in float32, whatever computes them."""

VALUE_LIMIT = 3
"""The most values of which it is counted how often each is selected."""

CELL_LIMIT = 1 << 14
"""The most combinations of counts and of the values of other operands."""


@dataclass(eq=False)
class CountCloseMean(Knowledge, RewritePattern):
    """A map that tells means apart that are too close is a table of how many selected positions hold each value.

    Claim. Let `mean` be an aggregate over `s` of values that are always one of a few numbers v_1, ..., v_m. The mean is
    the default where no position is selected, and otherwise that of n_1 times v_1, ..., n_m times v_m, rounded once,
    where n_i is the width of `s` and the select of the keys that hold v_i. So a map of it is a map of these widths.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp, rewriter: PatternRewriter) -> None:
        for operand in dict.fromkeys(op.operands_):
            mean = operand.owner
            if isinstance(mean, AggregateOp) and self._is_counted(mean) and self._tells(op, mean):
                self._replace(op, mean, rewriter)
                return

    def _is_counted(self, mean: AggregateOp) -> bool:
        """Whether a mean has values that are too close, and few enough values are averaged."""
        values, averaged = domain_of(mean.values), domain_of(mean.result)
        if mean not in self.analysis.averages or len(values) > VALUE_LIMIT or values.undefined:
            return False
        return values.is_numeric and averaged.is_numeric and bool(_too_close(averaged).any())

    def _tells(self, op: MapOp, mean: AggregateOp) -> bool:
        """Whether a map tells values of a mean apart that are too close, and nothing would be lost by a table."""
        most = self.analysis.aggregates.counts.counts(mean.selector).highest
        others = [len(domain_of(operand)) for operand in op.operands_ if operand != mean.result]
        if (most + 1) ** len(domain_of(mean.values)) * prod(others) > CELL_LIMIT:
            return False
        table = self.analysis.table(op)
        place = list(op.operands_).index(mean.result)
        domain = domain_of(mean.result)
        if table.raising:
            return False
        if domain_of(op.result).mixed and not forms_may_change(op.result):
            return False
        rows = np.moveaxis(_classes(table), place, 0)  # [n_values, ...]
        told = (rows[1:] != rows[:-1]) & (rows[1:] >= 0) & (rows[:-1] >= 0)
        return bool(told[_too_close(domain)].any())

    def _replace(self, op: MapOp, mean: AggregateOp, rewriter: PatternRewriter) -> None:
        values = domain_of(mean.values)
        source = self.sources.of(mean.values, reader=mean if mean.result.has_one_use() else None)
        if source is None:
            return
        counts = self.analysis.aggregates.counts
        new_ops: list[Operation] = []
        widths: list[SSAValue] = []
        for code in range(len(values)):
            select = key_select(self.analysis, self.program.body.block, source.value, source.codes == code)
            both = SelectorAndOp(mean.selector, select)
            width = SelectorWidthOp(both, SopType(Domain.of(counts.counts(both.result).values())))
            self.analysis.add(width)
            new_ops += [select, both, width]
            widths.append(width.result)
        others = [operand for operand in op.operands_ if operand != mean.result]
        arguments = tuple(domain_of(operand).values for operand in (*widths, *others))
        table = self.analysis.table(op)
        means = _Means(values.values, mean.default.data, counts.counts(mean.selector).highest)
        results = tuple(_result(table, op, mean.result, means, cell) for cell in product(*arguments))
        counted = MapOp([*widths, *others], Table(arguments, results), op.result.type)
        self.analysis.add(counted)  # it may read another mean that is too close
        self.analysis.facts.joints[counted.result] = self.analysis.facts.joints[op.result]
        new_ops.append(counted)
        name_ops(new_ops, op)
        counted.result.name_hint = op.result.name_hint
        rewriter.replace(op, new_ops)


@dataclass(frozen=True)
class _Means:
    """What an aggregate comes to, by how often each value is selected.

    Attributes:
        values: the values.
        default: what it is where nothing is selected.
        most: how many positions are selected at most.
    """

    values: tuple[Value, ...]
    default: MaybeValue
    most: int

    def of(self, counts: Sequence[MaybeValue]) -> MaybeValue | Unreachable:
        selected = [
            (value, count) for value, count in zip(self.values, counts, strict=True) if isinstance(count, int) and count
        ]
        if not selected:
            return self.default
        if sum(count for _, count in selected) > self.most:
            return UNREACHABLE
        return selected[0][0] if len(selected) == 1 else semantics.mean(selected)


def _result(
    table: Table, op: MapOp, mean: SSAValue, means: _Means, cell: Sequence[MaybeValue]
) -> MaybeValue | Unreachable:
    """What a map makes of counts and of its other operands."""
    n_counts = len(means.values)
    value = means.of(cell[:n_counts])
    if value is None or isinstance(value, Unreachable):
        return None if value is None and domain_of(mean).undefined else UNREACHABLE
    others = iter(cell[n_counts:])
    given = [value if operand == mean else next(others) for operand in op.operands_]
    if any(argument not in known for argument, known in zip(given, table.arguments, strict=True)):
        return UNREACHABLE
    try:
        return table(*given)  # type: ignore[arg-type]
    except TypeError:  # it is unreachable there
        return UNREACHABLE


def _too_close(domain: Domain) -> NDArray[np.bool_]:
    """Which values float32 can't tell from the next one, [n - 1]: all, where they are too large for it."""
    numbers = domain.numbers
    largest = float(np.abs(numbers).max(initial=0.0))
    return (gaps(numbers) <= max(TOO_CLOSE * largest, SMALLEST_NORMAL)) | (largest > LARGEST_NUMBER)


def _classes(table: Table) -> NDArray[np.int64]:
    """The results of a table as numbers, equal where the results are the same in every form, -1 where there is none."""
    numbers: dict[object, int] = {}
    flat = [
        -1 if isinstance(each, Unreachable) else numbers.setdefault(exact_form(each), len(numbers))
        for each in table.results
    ]
    return np.array(flat, dtype=np.int64).reshape(table.shape)


@dataclass(frozen=True)
class CountCloseMeansPass(ModulePass):
    """Count how often each averaged value is selected, where a mean of them couldn't be told from others in float32.

    ```mlir
    %mean = rasp.aggregate %all, %near : [1.0, 1.0000000000000002]
    %is_one = rasp.map(%mean) "x -> x == 1.0" : [false, true]
    ```
    becomes
    ```mlir
    %near_counted = rasp.select %tokens, %one "k, q -> k == 'a'"
    …
    %n_above = rasp.selector_width %near_selected : 0 to 3
    %is_one = rasp.map(%n_one, %n_above) table (…) : [false, true]
    ```

    It doesn't fire where a head can compute the mean exactly enough, or no map tells close means apart; where more than
    three values are averaged, or one may be undefined; or where the table would be too large. Then such a program is
    refused.
    """

    name = "count-close-means"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(CountCloseMean(program)).rewrite_region(program.body)
