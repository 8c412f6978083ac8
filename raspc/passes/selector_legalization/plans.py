"""The cheapest legal form of a selector."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from typing import TypeAlias

import numpy as np
from xdsl.ir import Operation, SSAValue

from raspc.algebra.grid import NEVER
from raspc.algebra.truth import MEANINGLESS
from raspc.dialects.rasp import SelectorAndOp, SelectorOrOp
from raspc.passes.selector_legalization.atoms import (
    Atom,
    conjunctive_normal_form,
    disjunctive_normal_form,
)
from raspc.passes.selector_legalization.products import Holds, Product, TooManyTuplesError, combined
from raspc.passes.selector_legalization.sources import Sources
from raspc.passes.selector_terms import leaves_of, parts_of
from raspc.passes.sop_types import domain_of
from raspc.passes.value_analysis import ValueAnalysis

Term: TypeAlias = Atom | Product
"""What becomes one select."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A legal form of a selector, not built yet.

    Attributes:
        clauses: what has to hold, all of them; of a clause with several terms one has to, and never more than one does.
    """

    clauses: tuple[tuple[Term, ...], ...]

    @property
    def cost(self) -> int:
        """The dimensions of the head, and the hidden units and dimensions of other heads that it needs in addition."""
        return sum(term.cost for clause in self.clauses for term in clause)

    @property
    def has_products(self) -> bool:
        """Whether tuples have to be computed for it."""
        return any(isinstance(term, Product) for clause in self.clauses for term in clause)

    @property
    def atoms(self) -> list[Atom]:
        """The selects of a plan without products."""
        return [term for clause in self.clauses for term in clause if isinstance(term, Atom)]

    def emit(self, new_ops: list[Operation]) -> SSAValue:
        """The selector; the ops that aren't in the program yet are appended to `new_ops`."""
        joined = [_folded([term.emit(new_ops) for term in clause], _disjoint_or, new_ops) for clause in self.clauses]
        return _folded(joined, SelectorAndOp, new_ops)


def _disjoint_or(lhs: SSAValue, rhs: SSAValue) -> SelectorOrOp:
    return SelectorOrOp(lhs, rhs, disjoint=True)


def _folded(
    selectors: Sequence[SSAValue],
    join: Callable[[SSAValue, SSAValue], SelectorAndOp | SelectorOrOp],
    new_ops: list[Operation],
) -> SSAValue:
    def step(left: SSAValue, right: SSAValue) -> SSAValue:
        op = join(left, right)
        new_ops.append(op)
        return op.result

    return reduce(step, selectors)


class Planner:
    """Finds the cheapest legal forms of the selectors of a program, which have no negations."""

    def __init__(self, analysis: ValueAnalysis):
        self.analysis = analysis
        self.facts = analysis.facts
        self.sources = Sources(analysis)
        self._atoms: dict[SSAValue, Atom] = {}
        self._equal: dict[Hashable, Atom] = {}

    def atoms(self, selector: SSAValue) -> dict[SSAValue, Atom]:
        """The atom of each select that a selector is made of; selects of the same are one atom."""
        selects = leaves_of(selector)
        for op in selects:
            if op.result not in self._atoms:
                atom = Atom.of(op)
                same = (atom.keys, atom.queries, atom.truth.tobytes())
                self._atoms[op.result] = self._equal.setdefault(same, atom)
        return {op.result: self._atoms[op.result] for op in selects}

    def plan(self, selector: SSAValue) -> Plan:
        """The cheapest legal form of a selector.

        Raises:
            TooManyTuplesError: there is none.
        """
        atoms, numbers = self._numbered(selector)
        clauses = conjunctive_normal_form(selector, numbers)
        plans: list[Plan] = []
        problem: TooManyTuplesError | None = None
        if clauses is not None:
            try:
                plans.append(self._of_clauses([[atoms[number] for number in sorted(clause)] for clause in clauses]))
            except TooManyTuplesError as error:
                problem = error
        if clauses is None or plans == [] or plans[0].has_products:
            try:
                plans.append(Plan(((combined(atoms, _evaluator(selector, numbers), self.sources),),)))
            except TooManyTuplesError as error:
                problem = error
        if not plans:
            assert problem is not None
            raise problem
        return min(plans, key=lambda plan: plan.cost)

    def plan_complement(self, selector: SSAValue) -> Plan | None:
        """The cheapest legal form of what a selector doesn't select, if nothing that it reads can be undefined.

        Raises:
            TooManyTuplesError: there is none.
        """
        reads = [operand for op in leaves_of(selector) for operand in op.operands]
        terms = self._disjunction(selector)
        if terms is None or any(domain_of(operand).undefined for operand in reads):
            return None
        return self._of_clauses([[atom.complement for atom in term] for term in terms])

    def plan_intersections(self, selector: SSAValue, limit: int) -> list[tuple[int, Plan]] | None:
        """Plans and signs: the widths of the plans, each with its sign, add up to that of a disjunction.

        With terms T_1, ..., T_n it is the sum over all sets of them of `(-1) ** (size - 1)` times the width of their
        conjunction, by inclusion and exclusion. Conjunctions that certainly select nothing are left out.

        Returns:
            The signs and plans, none if the selector certainly selects nothing; `None` if it is a disjunction of more
            terms than `limit`.

        Raises:
            TooManyTuplesError: a conjunction has no legal form.
        """
        terms = self._disjunction(selector)
        if terms is None or len(terms) > limit:
            return None
        signed: list[tuple[int, Plan]] = []
        for size in range(1, len(terms) + 1):
            for chosen in combinations(terms, size):
                distinct = list(dict.fromkeys(atom for term in chosen for atom in term))
                if any(self.are_disjoint(a, b) for a, b in combinations(distinct, 2)):
                    continue
                signed.append(((-1) ** (size - 1), self._of_clauses([[atom] for atom in distinct])))
        return signed

    def _numbered(self, selector: SSAValue) -> tuple[list[Atom], dict[SSAValue, int]]:
        """The atoms of a selector, each once, and for each of its selects the number of its atom."""
        atoms = self.atoms(selector)
        numbers = {atom: number for number, atom in enumerate(dict.fromkeys(atoms.values()))}
        return list(numbers), {select: numbers[atom] for select, atom in atoms.items()}

    def _disjunction(self, selector: SSAValue) -> list[list[Atom]] | None:
        """The terms of a selector's disjunctive normal form."""
        atoms, numbers = self._numbered(selector)
        terms = disjunctive_normal_form(selector, numbers)
        return None if terms is None else [[atoms[number] for number in sorted(term)] for term in terms]

    def _of_clauses(self, clauses: list[list[Atom]]) -> Plan:
        legal = [self._clause(clause) for clause in clauses]
        single = [clause[0] for clause in legal if len(clause) == 1]
        others = [clause for clause in legal if len(clause) > 1]
        return Plan((*((term,) for term in self._joined(single)), *others))

    def _clause(self, atoms: list[Atom]) -> tuple[Term, ...]:
        """A disjunction of atoms: those of the same s-ops are merged; if several are left, the cheaper of two forms."""
        merged: list[Atom] = []
        for atom in atoms:
            for place, other in enumerate(merged):
                both = self._merged(other, atom, np.logical_or)
                if both is not None:
                    merged[place] = both
                    break
            else:
                merged.append(atom)
        if len(merged) == 1:
            return (merged[0],)
        disjoint = all(self.are_disjoint(a, b) for a, b in combinations(merged, 2))
        try:
            product = combined(merged, _any, self.sources)
        except TooManyTuplesError:
            if disjoint:
                return tuple(merged)
            raise
        return tuple(merged) if disjoint and sum(atom.cost for atom in merged) <= product.cost else (product,)

    def _joined(self, terms: list[Term]) -> list[Term]:
        """A conjunction of terms, in which atoms of the same s-ops are merged where that is cheaper."""
        joined: list[Term] = []
        for term in terms:
            for place, other in enumerate(joined):
                if isinstance(term, Atom) and isinstance(other, Atom):
                    both = self._merged(other, term, np.logical_and, one_to_one=True)
                    if both is not None and both.cost < other.cost + term.cost:
                        joined[place] = both
                        break
            else:
                joined.append(term)
        return joined

    def _merged(
        self, a: Atom, b: Atom, join: Callable[[Holds, Holds], Holds], *, one_to_one: bool = False
    ) -> Atom | None:
        """One select for two, if their keys are functions of one s-op and their queries of one, too.

        Args:
            a: a select.
            b: another one.
            join: what holds, of what they do.
            one_to_one: whether both keys must be one-to-one functions: then each query selects one key value at most
                where it did before.
        """
        keys, queries = self.sources.cover([a.keys, b.keys]), self.sources.cover([a.queries, b.queries])
        if len(keys.sources) > 1 or len(queries.sources) > 1:
            return None
        if one_to_one:
            for codes in keys.codes.values():
                seen = codes[codes >= 0]
                if len(np.unique(seen)) < len(seen):
                    return None
        both = combined([a, b], lambda holds: join(holds[0], holds[1]), self.sources)
        assert isinstance(both, Atom)
        return both

    def are_disjoint(self, a: Atom, b: Atom) -> bool:
        """Whether two selects certainly never select the same key for the same query.

        They do if there are key values that stand at one position and query values that stand at one, such that both
        predicates hold.
        """
        keys, queries = self._together(a.keys, b.keys), self._together(a.queries, b.queries)
        holds_a, holds_b = (
            np.pad((atom.truth == 1) | (atom.truth == MEANINGLESS), (0, 1)).astype(np.float32) for atom in (a, b)
        )
        # [n_queries of a, n_queries of b]: whether there is a position with keys that both select
        met = holds_a.T @ keys.astype(np.float32) @ holds_b > 0
        return not bool((met & queries).any())

    def _together(self, a: SSAValue, b: SSAValue) -> Holds:
        """Which values of two s-ops may stand at one position, the last are undefined: [n_values, n_values]."""
        domains = [domain_of(a), domain_of(b)]
        shape = [len(domain) + 1 for domain in domains]
        joints = [self.facts.joints[a], self.facts.joints[b]]
        sizes = self.facts.union_axes(*joints)
        if not self.facts.is_affordable(sizes):
            return np.ones(shape, dtype=np.bool_)
        points = np.stack(self.facts.codes_on(sizes, *joints))
        found = np.unique(points[:, (points != NEVER).all(axis=0)], axis=1)
        rows, columns = (
            np.array([*(domain.codes.get(value, -1) for value in joint.domain.values), -1], dtype=np.int64)[codes]
            for domain, joint, codes in zip(domains, joints, found, strict=True)
        )
        together = np.zeros(shape, dtype=np.bool_)
        together[rows, columns] = True
        return together


def _any(holds: Sequence[Holds]) -> Holds:
    return reduce(np.logical_or, holds)


def _evaluator(selector: SSAValue, numbers: dict[SSAValue, int]) -> Callable[[Sequence[Holds]], Holds]:
    """Whether a selector without negations holds, of whether its selects do."""

    def evaluate(holds: Sequence[Holds]) -> Holds:
        found: dict[SSAValue, Holds] = {}
        for part in parts_of(selector):
            match part.owner:
                case SelectorAndOp() as op:
                    found[part] = found[op.lhs] & found[op.rhs]
                case SelectorOrOp() as op:
                    found[part] = found[op.lhs] | found[op.rhs]
                case _:
                    found[part] = holds[numbers[part]]
        return found[selector]

    return evaluate
