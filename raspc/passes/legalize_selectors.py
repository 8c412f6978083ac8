"""The pass legalize-selectors: make every selector one that a head computes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
from xdsl.rewriter import InsertPoint, Rewriter

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Function
from raspc.algebra.truth import negated
from raspc.dialects.rasp import (
    AggregateOp,
    BosWeightOp,
    ConstantOp,
    LengthOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    SopType,
)
from raspc.passes.infer_values import check_inferred
from raspc.passes.locations import location_of, refuse, set_location
from raspc.passes.selector_legalization.counting import width_sums
from raspc.passes.selector_legalization.plans import Plan, Planner
from raspc.passes.selector_legalization.products import TooManyTuplesError
from raspc.passes.selector_terms import predicate_table, truth_of
from raspc.passes.sop_types import domain_of
from raspc.passes.value_analysis import ValueAnalysis


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


class EraseUnused(RewritePattern):
    """A selector that nothing reads any more is erased."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: SelectOp | SelectorAndOp | SelectorOrOp | SelectorNotOp, rewriter: PatternRewriter
    ) -> None:
        if op.result.first_use is None:
            rewriter.erase(op)


def is_legal(program: ProgramOp) -> bool:
    """Whether all selectors of a program are legal."""
    return not any(
        isinstance(op, LengthOp | SelectorNotOp) or (isinstance(op, SelectorOrOp) and op.disjoint is None)
        for op in program.body.block.ops
    )


def _legalize(program: ProgramOp) -> None:
    """Replace each selector that an s-op reads by its cheapest legal form; it has no negations any more."""
    body = program.body.block
    if not any(isinstance(op, SelectorAndOp | SelectorOrOp) for op in body.ops):
        return
    planner = Planner(ValueAnalysis(program))
    done: dict[SSAValue, SSAValue] = {}
    readers = [op for op in body.ops if isinstance(op, AggregateOp | SelectorWidthOp | BosWeightOp)]
    roots = [reader.selector for reader in readers]
    for reader, selector in zip(readers, roots, strict=True):
        if isinstance(selector.owner, SelectOp):
            continue
        if selector not in done:
            legal = _legal_form(selector, reader, planner)
            if legal is None:
                continue
            done[selector] = legal
        reader.operands[reader.operands.index(selector)] = done[selector]
    _erase_orphans(roots)


def _erase_orphans(values: Iterable[SSAValue]) -> None:
    """Erase the ops of values that nothing reads any more, and then those that only they have read."""
    stack = list(values)
    while stack:
        op = stack.pop().owner
        if (
            isinstance(op, Operation)
            and op.parent is not None
            and all(result.first_use is None for result in op.results)
        ):
            stack.extend(op.operands)
            Rewriter.erase_op(op)


def _legal_form(
    selector: SSAValue, reader: AggregateOp | SelectorWidthOp | BosWeightOp, planner: Planner
) -> SSAValue | None:
    """The legal form of a selector; `None` if `reader` is replaced by a sum of other widths."""
    root = selector.owner
    assert isinstance(root, SelectorAndOp | SelectorOrOp)
    plan: Plan | None = None
    problem: TooManyTuplesError | None = None
    try:
        plan = planner.plan(selector)
    except TooManyTuplesError as error:
        problem = error
    new_ops: list[Operation] = []
    if isinstance(reader, SelectorWidthOp) and (plan is None or plan.has_products):
        cheapest = min(width_sums(selector, planner), key=lambda total: total.cost, default=None)
        steps = 2 * planner.facts.max_seq_len
        if cheapest is not None and (plan is None or cheapest.cost < plan.cost + steps):
            width = cheapest.emit(reader, new_ops)
            _place(new_ops, reader, InsertPoint.before(reader), reader.result.name_hint)
            width.name_hint = reader.result.name_hint
            Rewriter.replace_op(reader, [], [width])
            return None
    if plan is None:
        raise refuse(
            root,
            f"a selector joins selects of different s-ops with 'or', {problem}",
            expected=problem.limit if problem else None,
            help="use a smaller vocabulary or max_seq_len, or one select with a predicate that says 'or'",
        )
    legal = plan.emit(new_ops)
    _place(new_ops, root, InsertPoint.before(root), root.result.name_hint)
    return legal


def _place(new_ops: list[Operation], of: Operation, where: InsertPoint, name: str | None) -> None:
    """Insert ops that compute a part of `of`, with its location and name unless they have their own."""
    for op in new_ops:
        if location_of(op) is None:
            set_location(op, location_of(of))
        for result in op.results:
            result.name_hint = result.name_hint or name
        Rewriter.insert_op(op, where)


@dataclass(frozen=True)
class LegalizeSelectorsPass(ModulePass):
    """Rewrite selectors until one head computes each.

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

    A legal selector is a conjunction of clauses, and a clause is a select or a disjunction of selects of which never
    two hold. Negations move inward (`NegateSelect`, `NegateNot`, `DeMorgan`); then each selector that an s-op reads
    gets the cheapest of its legal forms, see `selector_legalization.plans`. A width may become a sum of other widths,
    see `selector_legalization.counting`. `rasp.length` becomes a width.

    The cost is the number of dimensions of the head (its `d_head`, less the one for BOS) and the number of hidden units
    that compute its keys and queries: each of them stands for two vectors of length d_model in the model's weights.

    A select alone, and a conjunction of selects that no merging makes cheaper, stay as they are.
    """

    name = "legalize-selectors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier([ExpandLength(), NegateSelect(), NegateNot(), DeMorgan(), EraseUnused()])
            ).rewrite_region(program.body)
            _legalize(program)
