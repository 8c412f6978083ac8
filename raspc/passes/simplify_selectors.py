"""The pass simplify-selectors: selectors without what doesn't matter in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from raspc.algebra.comparison import Comparison
from raspc.dialects.rasp import FunctionAttr, ProgramOp, SelectOp, SelectorAndOp, SelectorNotOp, SelectorOrOp
from raspc.passes.infer_values import check_inferred
from raspc.passes.key_predicates import Knowledge, Source, is_one, key_select, query_select, shared_one
from raspc.passes.locations import location_of, set_location
from raspc.passes.selector_terms import evaluate
from raspc.passes.sop_types import domain_of
from raspc.passes.value_analysis import ValueAnalysis


@dataclass(eq=False)
class SelectOneSide(RewritePattern):
    """A select whose predicate depends on the keys alone, the queries alone or neither reads nothing else.

    The other side becomes the constant one, the same for all selects, and the side that matters the first s-op that
    decides it: `select(tokens == "a", True, "k == q")` is `select(tokens, 1, "k == 'a'")`.

    It doesn't fire where the side that doesn't matter may be undefined: that is unknown, and not selected.
    """

    knowledge: Knowledge

    @property
    def analysis(self) -> ValueAnalysis:
        """What is known of the program's values."""
        return self.knowledge.analysis

    @property
    def block(self) -> Block:
        """The program's body."""
        return self.knowledge.program.body.block

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectOp, rewriter: PatternRewriter) -> None:
        keys, queries = domain_of(op.keys), domain_of(op.queries)
        if not len(keys) or not len(queries):
            return
        truth = evaluate(op, keys, queries)
        if truth.raised.any():
            return
        holds = truth.holds == 1
        of_keys = not queries.undefined and bool((holds == holds[:, :1]).all())
        of_queries = not keys.undefined and bool((holds == holds[:1]).all())
        if of_keys and of_queries:
            self._fold(op, bool(holds[0, 0]), rewriter)
        elif of_keys:
            source = self._source(op.keys)
            if source.value != op.keys or not is_one(op.queries):
                selected = _selected(source, holds[:, 0])
                self._finish(op, key_select(self.analysis, self.block, source.value, selected), rewriter)
        elif of_queries:
            source = self._source(op.queries)
            if source.value != op.queries or not is_one(op.keys):
                selected = _selected(source, holds[0])
                self._finish(op, query_select(self.analysis, self.block, source.value, selected), rewriter)

    def _source(self, side: SSAValue) -> Source:
        found = self.knowledge.sources.of(side)
        return Source(side, np.arange(len(domain_of(side)))) if found is None else found

    def _fold(self, op: SelectOp, holds: bool, rewriter: PatternRewriter) -> None:
        """Replace a select of everything, or of nothing, by the first one of the program or make it that."""
        first = next(other for other in self.block.ops if other is op or _constant_of(other) is holds)
        if first is not op:
            rewriter.replace(op, [], first.results)
            return
        constant = Comparison.TRUE if holds else Comparison.FALSE
        alone = all(use.operation is op for operand in op.operands for use in operand.uses)
        keys, queries = op.operands
        if alone and not (is_one(keys) and is_one(queries)):
            keys = queries = shared_one(self.analysis, self.block)
        if op.predicate.data is not constant or (keys, queries) != (op.keys, op.queries):
            self._finish(op, SelectOp(keys, queries, constant), rewriter)

    def _finish(self, op: SelectOp, new: SelectOp, rewriter: PatternRewriter) -> None:
        set_location(new, location_of(op))
        rewriter.replace(op, new)


def _selected(source: Source, holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """For which values of a source one side of a select holds: never where that side is undefined."""
    return np.append(holds, False)[np.where(source.codes >= 0, source.codes, holds.size)]


def _constant_of(op: Operation | Block) -> bool | None:
    """Whether an op certainly selects everything (true) or nothing (false), and is never unknown."""
    match op:
        case SelectOp(predicate=FunctionAttr(data=(Comparison.TRUE | Comparison.FALSE) as predicate)):
            defined = not any(domain_of(operand).undefined for operand in op.operands)
            return (predicate is Comparison.TRUE) if defined else None
        case _:
            return None


class AndOrOfConstant(RewritePattern):
    """`s and true` and `s or false` are `s`; `s and false` is false; `s or true` is true; in three-valued logic too."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorAndOp | SelectorOrOp, rewriter: PatternRewriter) -> None:
        neutral = isinstance(op, SelectorAndOp)
        for operand, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
            constant = _constant_of(operand.owner)
            if constant is not None:
                rewriter.replace(op, [], [other if constant is neutral else operand])
                return


class NotOfConstant(RewritePattern):
    """`not true` is false and `not false` is true."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorNotOp, rewriter: PatternRewriter) -> None:
        select = op.selector.owner
        if isinstance(select, SelectOp) and _constant_of(select) is not None:
            predicate = select.predicate.data
            assert isinstance(predicate, Comparison)
            new = SelectOp(select.keys, select.queries, predicate.negated)
            set_location(new, location_of(op))
            rewriter.replace(op, new)


class AndOrOfSame(RewritePattern):
    """`s and s` and `s or s` are `s`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorAndOp | SelectorOrOp, rewriter: PatternRewriter) -> None:
        if op.lhs == op.rhs:
            rewriter.replace(op, [], [op.lhs])


@dataclass(eq=False)
class SelectWithinSelect(RewritePattern):
    """In `s and select` only those pairs matter for `s` that the select holds for, in `s or select` only the others.

    A select of the same keys and queries that is a part of `s` is constant where it has one truth on all of them:
    `(same or first) and not first` is `(same or false) and not first`. It doesn't fire where an operand may be
    undefined.
    """

    knowledge: Knowledge

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorAndOp | SelectorOrOp, rewriter: PatternRewriter) -> None:
        for part, other in ((op.lhs, op.rhs), (op.rhs, op.lhs)):
            within = other.owner
            if not isinstance(within, SelectOp):
                continue
            holds = _always_defined(within)
            if holds is None:
                continue
            one = partial(shared_one, self.knowledge.analysis, self.knowledge.program.body.block)
            restriction = _Restriction(within, holds if isinstance(op, SelectorAndOp) else ~holds, one)
            restricted = restriction.of(part)
            if restricted != part:
                for new_op in restriction.new_ops:
                    set_location(new_op, location_of(op))
                    new_op.results[0].name_hint = new_op.results[0].name_hint or op.result.name_hint
                operands = (restricted, other) if part == op.lhs else (other, restricted)
                rewriter.replace(op, [*restriction.new_ops, type(op)(*operands)])
                return


@dataclass(eq=False)
class _Restriction:
    """What selectors are on some pairs of a key and a query.

    Attributes:
        within: a select of these keys and queries.
        matters: which pairs count, [n_keys, n_queries].
        one: gives the constant one.
        new_ops: the ops that aren't in the program yet.
    """

    within: SelectOp
    matters: NDArray[np.bool_]
    one: Callable[[], SSAValue]
    new_ops: list[Operation] = field(default_factory=list[Operation])
    _known: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])

    def of(self, selector: SSAValue) -> SSAValue:
        """What a selector is there: itself where no part of it is constant."""
        if selector not in self._known:
            new = self._replacement(selector.owner)
            if new is not None:
                self.new_ops.append(new)
            self._known[selector] = selector if new is None else new.results[0]
        return self._known[selector]

    def _replacement(self, op: Operation | Block) -> Operation | None:
        match op:
            case SelectOp() if (op.keys, op.queries) == (self.within.keys, self.within.queries):
                holds = None if _constant_of(op) is not None else _always_defined(op)
                if holds is None or (holds[self.matters].any() and not holds[self.matters].all()):
                    return None
                one = self.one()
                return SelectOp(one, one, Comparison.TRUE if holds[self.matters].any() else Comparison.FALSE)
            case SelectorAndOp() | SelectorOrOp() | SelectorNotOp():
                operands = [self.of(each) for each in op.operands]
                return None if operands == list(op.operands) else type(op)(*operands)
            case _:
                return None


def _always_defined(op: SelectOp) -> NDArray[np.bool_] | None:
    """Where a select holds, [n_keys, n_queries], if its operands are always defined and its predicate has a meaning."""
    keys, queries = domain_of(op.keys), domain_of(op.queries)
    if keys.undefined or queries.undefined:
        return None
    truth = evaluate(op, keys, queries)
    return None if truth.raised.any() else truth.holds == 1


@dataclass(frozen=True)
class SimplifySelectorsPass(ModulePass):
    """Take out of selectors what doesn't matter in them.

    ```mlir
    %is_a = rasp.map(%tokens) "x -> x == 'a'" : [false, true]
    %true = rasp.constant true : [true]
    %a = rasp.select %is_a, %true eq
    %all = rasp.select %tokens, %tokens true
    %both = rasp.selector_and %a, %all
    %count = rasp.selector_width %both : 0 to 5
    ```
    becomes
    ```mlir
    %one = rasp.constant 1 : [1]
    %a = rasp.select %tokens, %one "k, q -> k == 'a'"
    %count = rasp.selector_width %a : 0 to 5
    ```

    A select that only one side decides has the constant one on the other (`SelectOneSide`); then equal selects are
    written alike, and the map that was a key may have no reader any more. `and` and `or` with true, with false and of
    the same selector twice are taken away, and parts that another part makes constant (`SelectWithinSelect`). It
    doesn't fire where an operand that doesn't matter may be undefined, or where a predicate has no meaning on some
    pair.
    """

    name = "simplify-selectors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            knowledge = Knowledge(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier(
                    [
                        SelectOneSide(knowledge),
                        NotOfConstant(),
                        AndOrOfConstant(),
                        AndOrOfSame(),
                        SelectWithinSelect(knowledge),
                    ]
                )
            ).rewrite_region(program.body)
