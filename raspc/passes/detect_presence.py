"""The pass detect-presence: where it only matters whether anything is selected, it needn't be counted or averaged."""

from __future__ import annotations

from dataclasses import dataclass, field

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
from raspc.algebra.functions import UNREACHABLE, Function, Table, Unreachable
from raspc.algebra.values import MaybeValue, Value, exact_form
from raspc.dialects.rasp import (
    AggregateOp,
    ConstantOp,
    FunctionAttr,
    MapOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorWidthOp,
    SopType,
)
from raspc.errors import BoundError, MeaningError
from raspc.passes.infer_values import check_inferred
from raspc.passes.key_predicates import Knowledge, key_select, name_ops
from raspc.passes.names import name_part
from raspc.passes.sop_types import domain_of


@dataclass(frozen=True)
class TwoValued:
    """The function of a map of which one operand has two values left.

    Attributes:
        function: the function; that of the map itself where it will do.
        table: the same as a table, in which what can't occur is unreachable.
    """

    function: Function
    table: Table


@dataclass(eq=False)
class Readers(Knowledge):
    """Which values of an s-op the maps that read it tell apart.

    Attributes:
        program: the program that is rewritten; of the values in it nothing changes.
        tables: the functions of the maps of which operands have been replaced.
    """

    tables: dict[MapOp, Table] = field(default_factory=dict[MapOp, Table])

    def of_two(self, value: SSAValue, lone: Value, other: Value) -> dict[MapOp, TwoValued] | None:
        """All readers of an s-op if they treat each of its values but `lone` like `other`.

        `None` if there is none, one tells more values apart, or one is no map.
        """
        found: dict[MapOp, TwoValued] = {}
        for use in value.uses:
            reader = use.operation
            if not isinstance(reader, MapOp) or reader in found:
                return None
            two_valued = self._two_valued(reader, use.index, lone, other)
            if two_valued is None:
                return None
            found[reader] = two_valued
        return found or None

    def _two_valued(self, op: MapOp, place: int, lone: Value, other: Value) -> TwoValued | None:
        table = self.tables[op] if op in self.tables else self.analysis.table(op)
        if table.raising:
            return None
        values = table.arguments[place]
        numbers: dict[object, int] = {exact_form(None): 0}
        results: list[MaybeValue | Unreachable] = [None]
        for result in table.results:
            if not isinstance(result, Unreachable) and exact_form(result) not in numbers:
                numbers[exact_form(result)] = len(results)
                results.append(result)
        results.append(UNREACHABLE)  # its number is -1
        flat = [-1 if isinstance(each, Unreachable) else numbers[exact_form(each)] for each in table.results]
        rows = np.moveaxis(np.array(flat, dtype=np.int64).reshape(table.shape), place, 0)  # [n_values, ...]
        others = rows[[value != lone for value in values]]
        if not len(others):
            return None
        merged = others.max(axis=0)
        if ((others != merged) & (others >= 0)).any():
            return None
        lone_row = rows[values.index(lone)] if lone in values else np.full_like(merged, -1)
        two = Domain.of([lone, other]).values
        kept: NDArray[np.int64] = np.moveaxis(
            np.stack([lone_row if value == lone else merged for value in two]), 0, place
        )
        arguments = (*table.arguments[:place], two, *table.arguments[place + 1 :])
        narrowed = Table(arguments, tuple(results[number] for number in kept.ravel().tolist()))
        will_do = other in values and bool((rows[values.index(other)] == merged).all())
        return TwoValued(op.function.data if will_do else narrowed, narrowed)

    def take_values(self, new: SSAValue, old: SSAValue) -> None:
        """Record that a new s-op has the values of an old one."""
        self.analysis.facts.joints[new] = self.analysis.facts.joints[old]

    def replace(
        self,
        op: SelectorWidthOp | AggregateOp,
        presence: AggregateOp,
        new_ops: list[Operation],
        readers: dict[MapOp, TwoValued],
        rewriter: PatternRewriter,
    ) -> None:
        """Replace an s-op by one of two values, and the functions of its readers by those that they then have."""
        name_ops(new_ops, op)
        name_part(presence.result, op.result, "present", "any")
        for reader, two_valued in readers.items():
            reader.function = FunctionAttr(two_valued.function)
            self.tables[reader] = two_valued.table
            rewriter.handle_operation_modification(reader)
        rewriter.replace(op, new_ops)


@dataclass(eq=False)
class _PresencePattern(RewritePattern):
    readers: Readers


class PresenceOfWidth(_PresencePattern):
    """A width of which readers only tell 0 from more is an aggregate of 1 with the default 0.

    So is a width that is at most 1, whatever reads it, unless it is a key: of those it may be known that they are
    distinct because they are widths.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorWidthOp, rewriter: PatternRewriter) -> None:
        domain = domain_of(op.result)
        if 0 not in domain or len(domain) < 2:
            return
        is_presence = domain.values == (0, 1) and not any(isinstance(use.operation, SelectOp) for use in op.result.uses)
        readers = {} if is_presence else self.readers.of_two(op.result, 0, 1)
        if readers is None:
            return
        one = ConstantOp(1, SopType(Domain.of([1])))
        presence = AggregateOp(op.selector, one, 0, SopType(Domain.of([0, 1])))
        if is_presence:
            self.readers.take_values(presence.result, op.result)
        self.readers.replace(op, presence, [one, presence], readers, rewriter)


class PresenceInMean(_PresencePattern):
    """A mean of two numbers of which readers only tell one, a, from all else is an aggregate of the other, b.

    The mean is a where no selected position holds b, and nowhere else: then it is what an aggregate of b is whose
    default is a, over the selected positions that hold b; for readers treat all else alike. Where nothing is selected
    the mean is its default, which must be a, too.

    That the mean isn't a elsewhere is true of real numbers, and must be checked for floats: of 1 and 1 + 2**-52 it is
    rounded to 1. See `_rounds_to`.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AggregateOp, rewriter: PatternRewriter) -> None:
        values = domain_of(op.values)
        if len(values) != 2 or values.undefined or not values.is_numeric:
            return
        if not all(isinstance(use.operation, MapOp) for use in op.result.uses):
            return
        analysis = self.readers.analysis
        if op not in analysis.averages:
            return
        for lone, other in (values.values, values.values[::-1]):
            default = op.default.data
            if (default != lone and not self._is_never_empty(op)) or self._rounds_to(op, lone, other):
                continue
            readers = self.readers.of_two(op.result, lone, other)
            if readers is None:
                continue
            source = self.readers.sources.of(op.values, reader=op)
            if source is None:
                return
            holds = source.codes == values.codes[other]
            select = key_select(analysis, self.readers.program.body.block, source.value, holds)
            both = SelectorAndOp(op.selector, select)
            constant = ConstantOp(other, SopType(Domain.of([other])))
            default = lone if default != lone else default
            presence = AggregateOp(both, constant, default, SopType(Domain.of([default, other])))
            self.readers.replace(op, presence, [select, both, constant, presence], readers, rewriter)
            return

    def _rounds_to(self, op: AggregateOp, lone: Value, other: Value) -> bool:
        """Whether a mean can be the value a though a position with b is selected, too.

        Of all such means the one with a single b is the nearest to a. As rounding keeps the order, no other one is
        rounded to a if that isn't.
        """
        most = self.readers.analysis.aggregates.counts.counts(op.selector).highest
        return most > 1 and semantics.mean([(lone, most - 1), (other, 1)]) == lone

    def _is_never_empty(self, op: AggregateOp) -> bool:
        analysis = self.readers.analysis
        return (
            analysis.aggregates.counts.counts(op.selector).lowest > 0
            or analysis.selectors.selects_itself(op.selector)
            or analysis.selectors.hits_an_index(op.selector)
        )


class MapOfPresence(_PresencePattern):
    """A map of an aggregate of a constant is an aggregate of another constant: f(c) where c is selected, else f(d).

    It has no other reader, so that nothing is computed twice.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp, rewriter: PatternRewriter) -> None:
        if len(op.operands_) != 1:
            return
        aggregate = op.operands_[0].owner
        if not isinstance(aggregate, AggregateOp) or not isinstance(aggregate.values.owner, ConstantOp):
            return
        constant, default = aggregate.values.owner.value.data, aggregate.default.data
        if constant is None or not aggregate.result.has_one_use():
            return
        try:
            selected = semantics.apply(op.function.data, [constant])
            otherwise = None if default is None else semantics.apply(op.function.data, [default])
        except (MeaningError, BoundError):
            return
        domain = Domain.of([selected, otherwise])
        if selected is None or not domain_of(op.result).is_superset(domain):
            return
        value = ConstantOp(selected, SopType(Domain.of([selected])))
        result = AggregateOp(aggregate.selector, value, otherwise, SopType(domain))
        name_ops([value, result], op)
        result.result.name_hint = op.result.name_hint
        self.readers.take_values(result.result, op.result)
        rewriter.replace(op, [value, result])
        rewriter.erase(aggregate)


@dataclass(frozen=True)
class DetectPresencePass(ModulePass):
    """Replace widths and means of which it only matters whether they are zero by aggregates of a constant.

    ```mlir
    %n_earlier = rasp.selector_width %earlier : 0 to 4
    %is_first = rasp.map(%n_earlier) "x -> x == 0" : [false, true]
    ```
    becomes
    ```mlir
    %false = rasp.constant false : [false]
    %is_first = rasp.aggregate %earlier, %false default true : [false, true]
    ```

    That is a head and no perceptron: nothing is decoded. It doesn't fire where something but a map reads the width or
    the mean, where a map tells more of its values apart, where a mean's default isn't the value that is told from the
    others, or where a mean may be rounded to that value.
    """

    name = "detect-presence"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            readers = Readers(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier([PresenceOfWidth(readers), PresenceInMean(readers), MapOfPresence(readers)])
            ).rewrite_region(program.body)
