"""Atoms, of which selectors without negations are made, and the normal forms of selectors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra.comparison import Comparison
from raspc.algebra.functions import Function
from raspc.algebra.truth import negated, score_rank
from raspc.dialects.rasp import SelectOp, SelectorAndOp, SelectorOrOp
from raspc.passes.selector_terms import parts_of, predicate_table, truth_of
from raspc.passes.sop_types import domain_of

CLAUSE_LIMIT = 32
"""The most clauses of a normal form, and the most atoms of one."""


@dataclass(frozen=True, eq=False)
class Atom:
    """A select, in the program or not yet.

    Attributes:
        keys: an s-op.
        queries: an s-op.
        truth: its predicate by key and query code: 1, 0 or `MEANINGLESS`, [n_keys, n_queries].
        written: the select in the program.
        comparison: the predicate if it is a comparison.
    """

    keys: SSAValue
    queries: SSAValue
    truth: NDArray[np.int8]
    written: SelectOp | None = None
    comparison: Comparison | None = None

    @staticmethod
    def of(op: SelectOp) -> Atom:
        """The atom of a select whose operands have known domains."""
        predicate = op.predicate.data
        return Atom(op.keys, op.queries, truth_of(op), op, predicate if isinstance(predicate, Comparison) else None)

    @cached_property
    def complement(self) -> Atom:
        """The atom that holds where this one doesn't and both operands are defined."""
        comparison = None if self.comparison is None else self.comparison.negated
        return Atom(self.keys, self.queries, negated(self.truth), None, comparison)

    @cached_property
    def cost(self) -> int:
        """The dimensions that a head needs for its scores."""
        return score_rank(self.truth == 1)

    def emit(self, new_ops: list[Operation]) -> SSAValue:
        """The select; if it isn't in the program yet, it is appended to `new_ops`."""
        if self.written is not None:
            return self.written.result
        keys, queries = domain_of(self.keys).values, domain_of(self.queries).values
        predicate: Function = self.comparison or predicate_table(keys, queries, self.truth)
        select = SelectOp(self.keys, self.queries, predicate)
        new_ops.append(select)
        return select.result


NormalForm: TypeAlias = "tuple[frozenset[int], ...]"
"""Clauses of a conjunctive normal form, or terms of a disjunctive one: sets of the numbers of atoms."""


def conjunctive_normal_form(selector: SSAValue, numbers: dict[SSAValue, int]) -> NormalForm | None:
    """Sets of atoms such that the selector holds just where each set has an atom that does.

    Args:
        selector: a selector without negations.
        numbers: the numbers of its selects.

    Returns:
        The clauses; `None` if there are too many.
    """
    return _normal_form(selector, numbers, SelectorAndOp)


def disjunctive_normal_form(selector: SSAValue, numbers: dict[SSAValue, int]) -> NormalForm | None:
    """Sets of atoms such that the selector holds just where all of one set do; see `conjunctive_normal_form`."""
    return _normal_form(selector, numbers, SelectorOrOp)


def _normal_form(
    selector: SSAValue, numbers: dict[SSAValue, int], outer: type[SelectorAndOp | SelectorOrOp]
) -> NormalForm | None:
    forms: dict[SSAValue, NormalForm] = {}
    for part in parts_of(selector):
        owner = part.owner
        if isinstance(owner, SelectOp):
            forms[part] = (frozenset([numbers[part]]),)
            continue
        assert isinstance(owner, SelectorAndOp | SelectorOrOp)
        left, right = forms[owner.lhs], forms[owner.rhs]
        joined = [*left, *right] if isinstance(owner, outer) else [a | b for a in left for b in right]
        forms[part] = _absorbed(joined)
        if len(forms[part]) > CLAUSE_LIMIT or any(len(clause) > CLAUSE_LIMIT for clause in forms[part]):
            return None
    return forms[selector]


def _absorbed(clauses: list[frozenset[int]]) -> NormalForm:
    """The clauses of which no other is a subset, each once: the others follow from these."""
    distinct = list(dict.fromkeys(clauses))
    return tuple(clause for clause in distinct if not any(other < clause for other in distinct))
