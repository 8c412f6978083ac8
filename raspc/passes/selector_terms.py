"""Selectors as what one head computes: a conjunction of selects and of disjoint disjunctions of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Block, Operation, SSAValue

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import UNREACHABLE, Table, Unreachable, describe
from raspc.algebra.truth import AmbiguousPredicateError, Truth, truth_table
from raspc.algebra.values import MaybeValue, Value, exact_form
from raspc.dialects.interfaces import MissingMethodError, SelectorAlgebra, SelectorInterface
from raspc.dialects.rasp import SelectOp, SelectorAndOp, SelectorOrOp, SelectorType
from raspc.errors import CompileError
from raspc.passes.locations import refuse
from raspc.passes.operand_sizes import fewer_values, listed
from raspc.passes.sop_types import domain_of

T = TypeVar("T")

PAIR_LIMIT = 1 << 20
"""The most pairs of a key and a query for which a predicate is evaluated."""

MAX_KNOWN = 32
"""The most predicates whose truth is kept."""

_known: dict[Hashable, Truth] = {}
"""The truth of the latest predicates: every pass asks for it again."""


def parts_of(selector: SSAValue) -> list[SSAValue]:
    """The selectors that `selector` is made of and itself, each once and after its operands.

    However often a part is shared, the walk takes the time of the parts; and it keeps its own stack.
    """
    ordered: dict[SSAValue, None] = {}
    stack = [(selector, False)]
    while stack:
        part, operands_done = stack.pop()
        if part in ordered:
            continue
        operands = _selectors_in(part)
        if operands_done or not operands:
            ordered[part] = None
        else:
            stack.append((part, True))
            stack.extend((operand, False) for operand in reversed(operands))
    return [*ordered]


def _selectors_in(selector: SSAValue) -> list[SSAValue]:
    """The selectors that the op of a selector reads."""
    assert isinstance(selector.owner, Operation)
    return [operand for operand in selector.owner.operands if isinstance(operand.type, SelectorType)]


def fold(selector: SSAValue, algebra: SelectorAlgebra[T]) -> T:
    """What a selector is in an algebra; each of its parts is looked at once.

    Raises:
        MissingMethodError: a part doesn't say how it is made.
    """
    found: dict[SSAValue, T] = {}
    for part in parts_of(selector):
        op = part.owner
        assert isinstance(op, Operation)
        if not isinstance(op, SelectorInterface):
            raise MissingMethodError(op, SelectorInterface.fold)
        found[part] = op.fold([found[operand] for operand in _selectors_in(part)], algebra)
    return found[selector]


def leaves_of(selector: SSAValue) -> list[SelectOp]:
    """The selects that a selector is made of, each once."""
    return [part.owner for part in parts_of(selector) if isinstance(part.owner, SelectOp)]


def conjuncts_of(selector: SSAValue) -> list[SelectOp]:
    """The selects of which a selector is the conjunction; none if it is made otherwise."""
    parts = [part.owner for part in parts_of(selector)]
    if not all(isinstance(owner, SelectOp | SelectorAndOp) for owner in parts):
        return []
    return [owner for owner in parts if isinstance(owner, SelectOp)]


def clauses_of(selector: SSAValue) -> list[list[SelectOp]]:
    """The clauses of which a legal selector is the conjunction, each once.

    A clause is a select or a disjoint disjunction of selects, of which no more than one selects a position.

    Raises:
        CompileError: the selector isn't legal.
    """
    clauses: dict[SSAValue, list[SelectOp]] = {}
    seen: set[SSAValue] = set()
    stack = [selector]
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        match part.owner:
            case SelectorAndOp() as op:
                stack.extend([op.rhs, op.lhs])
            case SelectOp() | SelectorOrOp():
                clauses[part] = _disjuncts(part)
            case op:
                raise _not_legal(op)
    return list(clauses.values())


def _disjuncts(clause: SSAValue) -> list[SelectOp]:
    for part in parts_of(clause):
        owner = part.owner
        if not (isinstance(owner, SelectOp) or (isinstance(owner, SelectorOrOp) and owner.disjoint is not None)):
            raise _not_legal(owner)
    return leaves_of(clause)


def _not_legal(owner: Operation | Block) -> CompileError:
    assert isinstance(owner, Operation)
    return refuse(owner, f"{owner.name} isn't a conjunction of selects", help="run the pass legalize-selectors first")


def score_terms(selector: SSAValue) -> list[SelectOp]:
    """The selects whose scores a head adds up for a legal selector: those of all clauses.

    Raises:
        CompileError: the selector isn't legal.
    """
    return [op for clause in clauses_of(selector) for op in clause]


def predicate_table(
    keys: tuple[Value, ...],
    queries: tuple[Value, ...],
    holds: NDArray[np.int8],
    raising: tuple[tuple[Value, ...], ...] = (),
) -> Table:
    """A predicate as a table, unreachable where it has no meaning; see `algebra.truth.Truth` for the last two."""
    choices: list[MaybeValue | Unreachable] = [False, True, UNREACHABLE]  # the last is at MEANINGLESS
    return Table((keys, queries), tuple(choices[code] for code in holds.ravel().tolist()), raising)


def evaluate(op: SelectOp, keys: Domain, queries: Domain) -> Truth:
    """The truth of a select's predicate for all keys and queries; see `truth_table`.

    Raises:
        CompileError: there are too many pairs, or the predicate tells equal numbers apart.
    """
    predicate = op.predicate.data
    n_pairs = len(keys) * len(queries)
    if n_pairs > PAIR_LIMIT and predicate not in (Comparison.TRUE, Comparison.FALSE):
        raise refuse(
            op,
            f"its keys and queries {listed(op.operands, [keys, queries])} have {n_pairs} combinations of values",
            expected=f"at most {PAIR_LIMIT} combinations",
            help=fewer_values(op.operands, [keys, queries]),
        )
    key = (predicate, _exactly(keys), _exactly(queries))
    if key not in _known:
        try:
            _known[key] = truth_table(predicate, keys, queries)
        except AmbiguousPredicateError as error:
            raise refuse(
                op,
                f"{describe(predicate)} tells equal numbers apart: {error}",
                expected="a predicate that gives the same for 1, 1.0 and True, of which an aggregate gives any",
            ) from error
        for array in (_known[key].holds, _known[key].raised):
            array.setflags(write=False)
        if len(_known) > MAX_KNOWN:
            del _known[next(iter(_known))]
    return _known[key]


def _exactly(domain: Domain) -> Hashable:
    """What is equal only for domains with the same values of the same types."""
    return (domain.mixed, tuple(exact_form(value) for value in domain.values))


def truth_of(op: SelectOp) -> NDArray[np.int8]:
    """The truth of a select's predicate by key and query: [n_keys, n_queries]."""
    return evaluate(op, domain_of(op.keys), domain_of(op.queries)).holds


def selects_all(op: SelectOp) -> bool:
    """Whether a select certainly selects every pair of positions."""
    if any(domain_of(operand).undefined or not len(domain_of(operand)) for operand in op.operands):
        return False
    return op.predicate.data is Comparison.TRUE or bool((truth_of(op) == 1).all())
