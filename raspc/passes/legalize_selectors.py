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

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import UNREACHABLE, Function, Table, Unreachable, grid_size
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp import (
    ConstantOp,
    LengthOp,
    MapOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    SopType,
)
from raspc.passes.infer_encodings import domain_of
from raspc.passes.locations import refuse

PRODUCT_LIMIT = 1 << 12
"""The most tuples of keys, or of queries, for which operands of a disjunction are tupled."""


def table_of(predicate: Function, keys: Domain, queries: Domain, *, negated: bool = False) -> Table:
    """A predicate, or its complement, as a table over its operands' domains; without a meaning it is unreachable."""
    results: list[MaybeValue | Unreachable] = []
    for key, query in product(keys.values, queries.values):
        try:
            results.append(bool(predicate(key, query)) != negated)
        except Exception:  # noqa: BLE001  whatever the user's predicate raises: infer-values has reported it
            results.append(UNREACHABLE)
    return Table((keys.values, queries.values), tuple(results))


class ExpandLength(RewritePattern):
    """`rasp.length` is the width of a select of everything."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LengthOp, rewriter: PatternRewriter) -> None:
        one = ConstantOp(1, SopType(Domain.of([1])))
        everything = SelectOp(one, one, Comparison.TRUE)
        rewriter.replace_op(op, [one, everything, SelectorWidthOp(everything, op.result.type)])


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
            complement = table_of(predicate, domain_of(select.keys), domain_of(select.queries), negated=True)
        rewriter.replace_op(op, SelectOp(select.keys, select.queries, complement))


class NegateNot(RewritePattern):
    """`not not s` is `s`, in three-valued logic too."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorNotOp, rewriter: PatternRewriter) -> None:
        inner = op.selector.owner
        if isinstance(inner, SelectorNotOp):
            rewriter.replace_op(op, [], [inner.selector])


class DeMorgan(RewritePattern):
    """`not (a and b)` is `not a or not b`, and `not (a or b)` is `not a and not b`, in three-valued logic too."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorNotOp, rewriter: PatternRewriter) -> None:
        inner = op.selector.owner
        if not isinstance(inner, SelectorAndOp | SelectorOrOp):
            return
        lhs, rhs = SelectorNotOp(inner.lhs), SelectorNotOp(inner.rhs)
        joined = SelectorOrOp(lhs, rhs) if isinstance(inner, SelectorAndOp) else SelectorAndOp(lhs, rhs)
        rewriter.replace_op(op, [lhs, rhs, joined])


Operands: TypeAlias = tuple[SSAValue, ...]


class MergeDisjunction(RewritePattern):
    """A disjunction becomes one select over tuples of all its keys and of all its queries.

    `select(k1, q1, p) or select(k2, q2, r)` is `select((k1, k2), (q1, q2), "p or r")`, and `select(k, q, "p or r")` where
    the operands are the same. Refused where different operands can be undefined, since a tuple is undefined if any part
    is but a disjunction may hold all the same; and where there would be too many tuples.
    """

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorOrOp, rewriter: PatternRewriter) -> None:
        if not all(_is_positive(operand) for operand in op.operands):
            return
        leaves = _leaves(op.result)
        keys = tuple(dict.fromkeys(leaf.keys for leaf in leaves))
        queries = tuple(dict.fromkeys(leaf.queries for leaf in leaves))
        if len(keys) > 1 or len(queries) > 1:
            self._check(op, (keys, queries))
        key_tuple, key_values, key_ops = _tupled(keys)
        query_tuple, query_values, query_ops = _tupled(queries)
        results = tuple(
            _holds(op.result, dict(zip(keys, key, strict=True)), dict(zip(queries, query, strict=True)))
            for key, query in product(key_values, query_values)
        )
        arguments = tuple(
            values if len(operands) > 1 else tuple(value for (value,) in values)
            for operands, values in ((keys, key_values), (queries, query_values))
        )
        select = SelectOp(key_tuple, query_tuple, Table(arguments, results))  # type: ignore[arg-type]
        rewriter.replace_op(op, [*key_ops, *query_ops, select])

    @staticmethod
    def _check(op: SelectorOrOp, operands: tuple[Operands, Operands]) -> None:
        for side in operands:
            for value in side:
                if domain_of(value).undefined:
                    raise refuse(
                        op,
                        "a selector joins selects over different s-ops with 'or', and one of these can be undefined",
                        expected="defined operands, or the same keys and queries in all of the selects",
                        help="give the s-op a value everywhere (the default of an aggregate, say) before selecting",
                    )
            tuples = grid_size([len(domain_of(value)) for value in side])
            if tuples > PRODUCT_LIMIT:
                raise refuse(
                    op,
                    f"a selector joins selects over different s-ops with 'or', whose values make {tuples} tuples",
                    expected=f"at most {PRODUCT_LIMIT} tuples",
                    help="use a smaller vocabulary or max_seq_len, or one select with a predicate that says 'or'",
                )


def _is_positive(selector: SSAValue) -> bool:
    """Whether a selector is made of selects, `and` and `or` alone."""
    match selector.owner:
        case SelectOp():
            return True
        case SelectorAndOp() | SelectorOrOp() as op:
            return all(_is_positive(operand) for operand in op.operands)
        case _:
            return False


def _leaves(selector: SSAValue) -> list[SelectOp]:
    owner = selector.owner
    if isinstance(owner, SelectOp):
        return [owner]
    assert isinstance(owner, SelectorAndOp | SelectorOrOp)
    return [*_leaves(owner.lhs), *_leaves(owner.rhs)]


def _holds(selector: SSAValue, keys: dict[SSAValue, Value], queries: dict[SSAValue, Value]) -> bool | Unreachable:
    owner = selector.owner
    if isinstance(owner, SelectOp):
        try:
            return bool(owner.predicate.data(keys[owner.keys], queries[owner.queries]))
        except Exception:  # noqa: BLE001  whatever the user's predicate raises: infer-values has reported it
            return UNREACHABLE
    assert isinstance(owner, SelectorAndOp | SelectorOrOp)
    lhs, rhs = _holds(owner.lhs, keys, queries), _holds(owner.rhs, keys, queries)
    if isinstance(lhs, Unreachable) or isinstance(rhs, Unreachable):
        return UNREACHABLE
    return (lhs and rhs) if isinstance(owner, SelectorAndOp) else (lhs or rhs)


def _tupled(operands: Operands) -> tuple[SSAValue, list[tuple[Value, ...]], list[Operation]]:
    """One s-op of the tuples of `operands`' values, its values in order, and the ops to insert."""
    if len(operands) == 1:
        return operands[0], [(value,) for value in domain_of(operands[0]).values], []
    tuples = list(product(*(domain_of(operand).values for operand in operands)))
    parameters = tuple(f"x{number}" for number in range(len(operands)))
    domain = Domain.of(tuples, mixed=any(domain_of(operand).mixed for operand in operands))
    function = Expression(parameters, f"({', '.join(parameters)})")
    op = MapOp(operands, function, SopType(domain))
    op.result.name_hint = "tuple"
    return op.result, tuples, [op]


class EraseUnused(RewritePattern):
    """A selector that nothing reads any more is erased."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: SelectOp | SelectorAndOp | SelectorOrOp | SelectorNotOp, rewriter: PatternRewriter
    ) -> None:
        if op.result.first_use is None:
            rewriter.erase_op(op)


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
    (`MergeDisjunction`, which also says what is refused). `rasp.length` becomes a width. A conjunction is left as it is:
    one head adds up the scores of its selects.
    """

    name = "legalize-selectors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(
            GreedyRewritePatternApplier(
                [ExpandLength(), NegateSelect(), NegateNot(), DeMorgan(), MergeDisjunction(), EraseUnused()]
            )
        ).rewrite_module(op)
