"""The pass legalize-selectors: make every selector a conjunction of selects, which is what a head computes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

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
from xdsl.rewriter import InsertPoint

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import UNREACHABLE, Function, Table, Unreachable, grid_size
from raspc.algebra.truth import negated
from raspc.algebra.values import Value
from raspc.dialects.rasp import (
    ConstantOp,
    LengthOp,
    MapOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    SopType,
)
from raspc.passes.filling import filled_with, filler_for
from raspc.passes.infer_values import check_inferred
from raspc.passes.locations import refuse
from raspc.passes.selector_terms import leaves_of, parts_of, predicate_table, truth_of
from raspc.passes.sop_types import domain_of

PRODUCT_LIMIT = 1 << 12
"""The most tuples of keys, or of queries, for which operands of a disjunction are tupled."""


class ExpandLength(RewritePattern):
    """`rasp.length` is the width of a select of everything."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LengthOp, rewriter: PatternRewriter) -> None:
        one = ConstantOp(1, SopType(Domain.of([1])))
        everything = SelectOp(one, one, Comparison.TRUE)
        one.result.name_hint, everything.result.name_hint = "one", "all"
        rewriter.replace(op, [one, everything, SelectorWidthOp(everything, op.result.type)])


class NegateSelect(RewritePattern):
    """`not select(p)` is `select(not p)`: both are unknown where an operand is undefined."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorNotOp, rewriter: PatternRewriter) -> None:
        select = op.selector.owner
        if not isinstance(select, SelectOp):
            return
        predicate = select.predicate.data
        complement: Function
        if isinstance(predicate, Comparison):
            complement = predicate.negated
        else:
            keys, queries = domain_of(select.keys), domain_of(select.queries)
            complement = predicate_table(keys, queries, negated(truth_of(select)))
        rewriter.replace(op, SelectOp(select.keys, select.queries, complement))


class NegateNot(RewritePattern):
    """`not not s` is `s`, in three-valued logic too."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorNotOp, rewriter: PatternRewriter) -> None:
        inner = op.selector.owner
        if isinstance(inner, SelectorNotOp):
            rewriter.replace(op, [], [inner.selector])


class DeMorgan(RewritePattern):
    """`not (a and b)` is `not a or not b`, and `not (a or b)` is `not a and not b`, in three-valued logic too."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorNotOp, rewriter: PatternRewriter) -> None:
        inner = op.selector.owner
        if not isinstance(inner, SelectorAndOp | SelectorOrOp):
            return
        lhs, rhs = (_negation(operand, op, rewriter) for operand in inner.operands)
        joined = SelectorOrOp(lhs, rhs) if isinstance(inner, SelectorAndOp) else SelectorAndOp(lhs, rhs)
        rewriter.replace(op, joined)


def _negation(selector: SSAValue, outer: SelectorNotOp, rewriter: PatternRewriter) -> SSAValue:
    """The `not` of a part of what `outer` negates, right after that part.

    There is one for all that need it, so that what is shared stays shared.
    """
    owner = selector.owner
    assert isinstance(owner, Operation)
    following = owner.next_op
    if isinstance(following, SelectorNotOp) and following.selector == selector:
        return following.result
    negation = SelectorNotOp(selector)
    negation.location = outer.location
    negation.result.name_hint = outer.result.name_hint
    rewriter.insert(negation, InsertPoint.after(owner))
    return negation.result


Operands: TypeAlias = tuple[SSAValue, ...]


class MergeDisjunction(RewritePattern):
    """A disjunction becomes one select over tuples of all its keys and of all its queries.

    `select(k1, q1, p) or select(k2, q2, r)` is `select((k1, k2), (q1, q2), "p or r")`, and `select(k, q, "p or r")`
    where the operands are the same. A tuple is undefined if any part is, but a disjunction may hold all the same; so an
    operand that can be undefined is first filled with a value of its own, for which no predicate holds: each position
    aggregates itself, and that value is the default. Refused where there would be too many tuples.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorOrOp, rewriter: PatternRewriter) -> None:
        if not all(_is_positive(operand) for operand in op.operands):
            return
        if op.result.first_use and all(isinstance(use.operation, SelectorNotOp) for use in op.result.uses):
            return  # De Morgan's law makes a conjunction of it
        leaves = leaves_of(op.result)
        sides = [_Side.of([leaf.keys for leaf in leaves]), _Side.of([leaf.queries for leaf in leaves])]
        for side in sides:
            if side.n_tuples > PRODUCT_LIMIT:
                raise refuse(
                    op,
                    f"a selector joins selects of different s-ops with 'or', whose values make {side.n_tuples} tuples",
                    expected=f"at most {PRODUCT_LIMIT} tuples",
                    help="use a smaller vocabulary or max_seq_len, or one select with a predicate that says 'or'",
                )
        keys, queries = sides
        parts = parts_of(op.result)
        results = tuple(
            _holds(parts, keys.defined(key), queries.defined(query))
            for key, query in product(keys.tuples, queries.tuples)
        )
        new_ops: list[Operation] = []
        operands = [side.emit(new_ops) for side in sides]
        select = SelectOp(operands[0], operands[1], Table(tuple(side.arguments for side in sides), results))
        rewriter.replace(op, [*new_ops, select])


@dataclass(frozen=True)
class _Side:
    """The keys, or the queries, of a disjunction.

    Attributes:
        operands: the s-ops, without repetition.
        fillers: for each s-op the value that stands for undefined, `None` if it needs none.
    """

    operands: Operands
    fillers: tuple[Value | None, ...]

    @staticmethod
    def of(values: list[SSAValue]) -> _Side:
        operands = tuple(dict.fromkeys(values))
        domains = [domain_of(operand) for operand in operands]
        needed = [len(operands) > 1 and domain.undefined for domain in domains]
        fillers = [filler_for(domain) if need else None for domain, need in zip(domains, needed, strict=True)]
        return _Side(operands, tuple(fillers))

    @property
    def choices(self) -> list[tuple[Value, ...]]:
        """The values of each operand, its filler last."""
        return [
            domain_of(operand).values + (() if filler is None else (filler,))
            for operand, filler in zip(self.operands, self.fillers, strict=True)
        ]

    @property
    def n_tuples(self) -> int:
        return grid_size([len(values) for values in self.choices])

    @property
    def tuples(self) -> list[tuple[Value, ...]]:
        return list(product(*self.choices))

    @property
    def arguments(self) -> tuple[Value, ...]:
        """The values of the s-op that `emit` gives, in the order of `tuples`."""
        return tuple(self.tuples) if len(self.operands) > 1 else self.choices[0]

    def defined(self, values: tuple[Value, ...]) -> dict[SSAValue, Value]:
        """What each operand holds, without those that are undefined."""
        return {
            operand: value
            for operand, value, filler in zip(self.operands, values, self.fillers, strict=True)
            if filler is None or value != filler
        }

    def emit(self, new_ops: list[Operation]) -> SSAValue:
        """One s-op of all operands' values; the ops that compute it are appended to `new_ops`."""
        if len(self.operands) == 1:
            return self.operands[0]
        filled = [
            operand if filler is None else filled_with(operand, filler, new_ops)
            for operand, filler in zip(self.operands, self.fillers, strict=True)
        ]
        parameters = tuple(f"x{number}" for number in range(len(filled)))
        domain = Domain.of(self.tuples, mixed=any(domain_of(operand).mixed for operand in filled))
        tupled = MapOp(filled, Expression(parameters, f"({', '.join(parameters)})"), SopType(domain))
        tupled.result.name_hint = "tuple"
        new_ops.append(tupled)
        return tupled.result


def _is_positive(selector: SSAValue) -> bool:
    """Whether a selector is made of selects, `and` and `or` alone."""
    return all(isinstance(part.owner, SelectOp | SelectorAndOp | SelectorOrOp) for part in parts_of(selector))


def _holds(parts: list[SSAValue], keys: dict[SSAValue, Value], queries: dict[SSAValue, Value]) -> bool | Unreachable:
    """Whether the last of these selectors, each after its operands, holds; an operand that is missing is undefined."""
    holds: dict[SSAValue, bool] = {}
    for part in parts:
        match part.owner:
            case SelectOp() as op if op.keys not in keys or op.queries not in queries:
                holds[part] = False
            case SelectOp() as op:
                try:
                    holds[part] = bool(op.predicate.data(keys[op.keys], queries[op.queries]))
                except Exception:  # whatever the user's predicate raises: infer-values has reported it
                    return UNREACHABLE
            case SelectorAndOp() as op:
                holds[part] = holds[op.lhs] and holds[op.rhs]
            case SelectorOrOp() as op:
                holds[part] = holds[op.lhs] or holds[op.rhs]
            case _:
                raise AssertionError(f"not a selector without a negation: {part}")
    return holds[parts[-1]]


class EraseUnused(RewritePattern):
    """A selector that nothing reads any more is erased."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: SelectOp | SelectorAndOp | SelectorOrOp | SelectorNotOp, rewriter: PatternRewriter
    ) -> None:
        if op.result.first_use is None:
            rewriter.erase(op)


@dataclass(frozen=True)
class LegalizeSelectorsPass(ModulePass):
    """Rewrite selectors until they are selects joined by `rasp.selector_and` alone.

    ```mlir
    %a = rasp.select %tokens, %tokens eq
    %b = rasp.select %tokens, %tokens lt
    %ab = rasp.selector_or %a, %b
    %not = rasp.selector_not %ab
    ```
    becomes
    ```mlir
    %a = rasp.select %tokens, %tokens ne
    %b = rasp.select %tokens, %tokens ge
    %not = rasp.selector_and %a, %b
    ```

    Negations move inward (`NegateSelect`, `NegateNot`, `DeMorgan`) and disjunctions become one select
    (`MergeDisjunction`, which also says what is refused). `rasp.length` becomes a width. A conjunction is left as it
    is: one head adds up the scores of its selects.
    """

    name = "legalize-selectors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier(
                    [ExpandLength(), NegateSelect(), NegateNot(), DeMorgan(), MergeDisjunction(), EraseUnused()]
                )
            ).rewrite_region(program.body)
