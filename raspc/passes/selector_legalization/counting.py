"""Widths of disjunctions that no head counts without tuples: counted by other widths.

Claims. Let no operand of a selector s be undefined: then its width is the length less the width of `not s`. And let s
be a disjunction of terms: then its width is the sum over all sets of terms, by inclusion and exclusion.

Derivation. Every key that a query may attend to is selected by s or by `not s`, and by just one of them, if none is
unknown; in a causal program these are the positions up to this one, which is what the length is there. A position that
n > 0 terms select is counted `C(n, 1) - C(n, 2) + ... = 1` times by the sets of these terms, and not at all if n = 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import Operation, SSAValue

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Affine
from raspc.dialects.rasp import CastOp, ConstantOp, MapOp, SelectOp, SelectorWidthOp, SopType
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.names import name_generally, name_part
from raspc.passes.selector_legalization.plans import Plan, Planner
from raspc.passes.selector_legalization.products import TooManyTuplesError
from raspc.passes.sop_types import domain_of, encoding_of

TERM_LIMIT = 3
"""The most terms of a disjunction that is counted by inclusion and exclusion: with n terms it takes 2**n - 1 widths."""


class WidthSum:
    """A width as a sum of signed widths; a plan `None` stands for the length.

    Attributes:
        terms: signs and plans.
        max_seq_len: the length of the longest input.
    """

    def __init__(self, terms: Sequence[tuple[int, Plan | None]], max_seq_len: int):
        self.terms = list(terms)
        self.max_seq_len = max_seq_len

    @property
    def cost(self) -> int:
        """As that of a plan: also two hidden units for each step of a width, and as many to read the sum."""
        steps = 2 * self.max_seq_len
        plans = sum(1 if plan is None else plan.cost for _, plan in self.terms)
        if len(self.terms) == 1:
            return plans + steps
        return plans + len(self.terms) * (steps + self.max_seq_len + 1) + steps

    @property
    def is_simple(self) -> bool:
        """Whether widths are only added, and none needs tuples."""
        return all(sign > 0 and plan is not None and not plan.has_products for sign, plan in self.terms)

    def emit(self, width: SelectorWidthOp, new_ops: list[Operation]) -> SSAValue:
        """The sum; the ops that compute it are appended to `new_ops`.

        A single width is no sum: it has the type of the width that it replaces. A sum of nothing is 0.
        """
        match self.terms:
            case []:
                zero = ConstantOp(0, SopType(domain_of(width.result), encoding_of(width.result)))
                zero.result.name_hint = width.result.name_hint
                new_ops.append(zero)
                return zero.result
            case [(1, Plan() as plan)]:
                alone = SelectorWidthOp(plan.emit(new_ops), SopType(domain_of(width.result), encoding_of(width.result)))
                alone.result.name_hint = width.result.name_hint
                new_ops.append(alone)
                return alone.result
            case _:
                pass
        domain = Domain.of(range(self.max_seq_len + 1))
        operands = [self._number(width, plan, domain, new_ops) for _, plan in self.terms]
        affine = Affine(tuple(sign for sign, _ in self.terms))
        total = MapOp(operands, affine, SopType(domain_of(width.result), Encoding.NUMERICAL))
        cast = CastOp(total, SopType(domain_of(width.result), Encoding.CATEGORICAL))
        name_part(total.result, width.result, "sum")
        cast.result.name_hint = width.result.name_hint
        new_ops.extend([total, cast])
        return cast.result

    def _number(self, width: SelectorWidthOp, plan: Plan | None, domain: Domain, new_ops: list[Operation]) -> SSAValue:
        if plan is None:
            one = ConstantOp(1, SopType(Domain.of([1])))
            everything = SelectOp(one, one, Comparison.TRUE)
            name_generally(one.result, "one")
            name_generally(everything.result, "all")
            new_ops.extend([one, everything])
            selector, domain = everything.result, Domain.of(range(1, self.max_seq_len + 1))
        else:
            selector = plan.emit(new_ops)
        counted = SelectorWidthOp(selector, SopType(domain))
        number = CastOp(counted, SopType(domain, Encoding.NUMERICAL))
        name_part(counted.result, width.result, "count")
        name_part(number.result, width.result, "number")
        new_ops.extend([counted, number])
        return number.result


def width_sums(selector: SSAValue, planner: Planner) -> list[WidthSum]:
    """The sums of widths that are the width of a selector without negations, if there are any."""
    found: list[WidthSum] = []
    n = planner.facts.max_seq_len
    try:
        complement = planner.plan_complement(selector)
        if complement is not None:
            found.append(WidthSum([(1, None), (-1, complement)], n))
    except TooManyTuplesError:
        pass
    try:
        signed = planner.plan_intersections(selector, TERM_LIMIT)
        if signed is not None:
            found.append(WidthSum(signed, n))
    except TooManyTuplesError:
        pass
    return found
