"""The pass legalize-selectors: make every selector one that a head computes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import Block, Operation, SSAValue
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
from raspc.dialects.rasp.ops import CountingOp
from raspc.passes.infer_values import check_inferred
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.locations import location_of, refuse, set_location
from raspc.passes.names import name_generally
from raspc.passes.selector_legalization.counting import WidthSum, width_sums
from raspc.passes.selector_legalization.factoring import factored
from raspc.passes.selector_legalization.plans import Plan, Planner
from raspc.passes.selector_legalization.products import TooManyTuplesError
from raspc.passes.selector_terms import predicate_table, truth_of
from raspc.passes.sop_types import domain_of
from raspc.passes.value_analysis import ValueAnalysis

Reader = AggregateOp | SelectorWidthOp | CountingOp
"""What reads a selector."""


class ExpandLength(RewritePattern):
    """`rasp.length` is the width of a select of everything."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LengthOp, rewriter: PatternRewriter) -> None:
        one = ConstantOp(1, SopType(Domain.of([1])))
        everything = SelectOp(one, one, Comparison.TRUE)
        name_generally(one.result, "one")
        name_generally(everything.result, "all")
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


def _legalize(program: ProgramOp, *, factor: bool) -> None:
    """Replace each selector that an s-op reads by its cheapest legal form; it has no negations any more."""
    body = program.body.block
    if not factor and not any(isinstance(op, SelectorAndOp | SelectorOrOp) for op in body.ops):
        return
    planner = Planner(analysis_of(program, ValueAnalysis))
    for op in body.ops:
        if isinstance(op, SelectOp):  # of equal selects the first one is read: it stands before all that read any
            planner.atoms(op.result)
    if factor:
        _mark_single_reads(body, planner.analysis)
    done: dict[SSAValue, SSAValue] = {}
    readers = [op for op in body.ops if isinstance(op, Reader)]
    roots = [reader.selector for reader in readers]
    for reader, selector in zip(readers, roots, strict=True):
        if isinstance(selector.owner, SelectOp):
            if factor:
                _factor(selector.owner, reader, planner)
            continue
        if selector not in done:
            legal = _legal_form(selector, reader, planner, without_products=factor)
            if legal is None:
                continue
            done[selector] = legal
        reader.operands[reader.operands.index(selector)] = done[selector]
    _erase_orphans(roots)


def _mark_single_reads(body: Block, analysis: ValueAnalysis) -> None:
    """Record the aggregates that read one position at most: a sum of widths doesn't tell that positions differ."""
    for op in body.ops:
        if isinstance(op, AggregateOp) and analysis.selectors.selects_at_most_one(op.selector):
            op.at_most_one = UnitAttr()


def _factor(select: SelectOp, reader: Reader, planner: Planner) -> None:
    """Let a reader read selects of the s-ops that a select's keys and queries are computed from, if it can."""
    if not isinstance(select.keys.owner, MapOp) or not isinstance(select.queries.owner, MapOp):
        return
    terms = factored(select, planner.analysis)
    if terms is None:
        return
    plans = [Plan(tuple((atom,) for atom in term)) for term in terms]
    new_ops: list[Operation] = []
    if len(plans) == 1:
        legal = plans[0].emit(new_ops)
        _place(new_ops, select, InsertPoint.before(select), select.result.name_hint)
        reader.operands[reader.operands.index(select.result)] = legal
    elif isinstance(reader, SelectorWidthOp):
        _replace_by_sum(reader, WidthSum([(1, plan) for plan in plans], planner.facts.max_seq_len))


def _replace_by_sum(width: SelectorWidthOp, total: WidthSum) -> None:
    new_ops: list[Operation] = []
    result = total.emit(width, new_ops)
    _place(new_ops, width, InsertPoint.before(width), width.result.name_hint)
    Rewriter.replace_op(width, [], [result])


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


def _legal_form(selector: SSAValue, reader: Reader, planner: Planner, *, without_products: bool) -> SSAValue | None:
    """The legal form of a selector; `None` if `reader` is replaced by a sum of other widths.

    With `without_products` a sum of widths of which none is subtracted and none needs tuples is better than a form that
    needs them, whatever it costs.
    """
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
        sums = width_sums(selector, planner)
        simple = [total for total in sums if total.is_simple] if without_products else []
        cheapest = min(simple or sums, key=lambda total: total.cost, default=None)
        steps = 2 * planner.facts.max_seq_len
        if cheapest is not None and (plan is None or simple or cheapest.cost < plan.cost + steps):
            _replace_by_sum(reader, cheapest)
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

    With `factor=true` a width needs no tuples where it is a sum of widths without them, whatever that costs; and
    selects of keys that are computed from two s-ops become selects of these (`selector_legalization.factoring`). That
    takes more heads, and saves the layer that computes the tuples or keys.
    """

    name = "legalize-selectors"

    factor: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier([ExpandLength(), NegateSelect(), NegateNot(), DeMorgan(), EraseUnused()])
            ).rewrite_region(program.body)
            _legalize(program, factor=self.factor)
