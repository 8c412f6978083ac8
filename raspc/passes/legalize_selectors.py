"""The pass legalize-selectors: make every selector a conjunction of selects, which is what a head computes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

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
from xdsl.rewriter import InsertPoint

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Function, grid_size
from raspc.algebra.truth import MEANINGLESS, negated
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
from raspc.passes.selector_terms import PAIR_LIMIT, leaves_of, parts_of, predicate_table, truth_of
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
            keys, queries = domain_of(select.keys).values, domain_of(select.queries).values
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
        if (n_pairs := keys.n_tuples * queries.n_tuples) > PAIR_LIMIT:
            raise refuse(
                op,
                f"a selector joins selects of different s-ops with 'or', whose values make {n_pairs} pairs of tuples",
                expected=f"at most {PAIR_LIMIT} pairs",
                help="use a smaller vocabulary or max_seq_len, or one select with a predicate that says 'or'",
            )
        truth = _truth(op.result, keys, queries)
        new_ops: list[Operation] = []
        operands = [side.emit(new_ops) for side in sides]
        select = SelectOp(operands[0], operands[1], predicate_table(keys.arguments, queries.arguments, truth))
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

    @property
    def codes(self) -> dict[SSAValue, NDArray[np.int64]]:
        """What each operand holds in each tuple: the code of a value, or one past the last for its filler."""
        grids = np.indices([len(values) for values in self.choices])
        return {operand: grid.ravel() for operand, grid in zip(self.operands, grids, strict=True)}

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


def _truth(selector: SSAValue, keys: _Side, queries: _Side) -> NDArray[np.int8]:
    """Whether a selector certainly holds, by tuples of keys and of queries: [n_key_tuples, n_query_tuples].

    Where an operand is undefined its select doesn't hold; where one predicate is meaningless all is.
    """
    key_codes, query_codes = keys.codes, queries.codes
    holds: dict[SSAValue, NDArray[np.bool_]] = {}
    meaningless = np.zeros((keys.n_tuples, queries.n_tuples), dtype=np.bool_)
    for part in parts_of(selector):
        match part.owner:
            case SelectOp() as op:
                table = np.pad(truth_of(op), (0, 1))  # the last row and column are for undefined
                truth = table[key_codes[op.keys][:, None], query_codes[op.queries][None, :]]
                holds[part] = truth == 1
                meaningless |= truth == MEANINGLESS
            case SelectorAndOp() as op:
                holds[part] = holds[op.lhs] & holds[op.rhs]
            case SelectorOrOp() as op:
                holds[part] = holds[op.lhs] | holds[op.rhs]
            case _:
                raise AssertionError(f"not a selector without a negation: {part}")
    return np.where(meaningless, MEANINGLESS, holds[selector]).astype(np.int8)


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
