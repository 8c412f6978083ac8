"""Selectors as what one head computes: a conjunction of selects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import UNREACHABLE, Table, Unreachable
from raspc.algebra.truth import truth_table
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp import SelectOp, SelectorAndOp, SelectorNotOp, SelectorOrOp
from raspc.passes.locations import refuse
from raspc.passes.sop_types import domain_of


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
        owner = part.owner
        if operands_done or not isinstance(owner, SelectorAndOp | SelectorOrOp | SelectorNotOp):
            ordered[part] = None
        else:
            stack.append((part, True))
            stack.extend((operand, False) for operand in reversed(owner.operands))
    return [*ordered]


def leaves_of(selector: SSAValue) -> list[SelectOp]:
    """The selects that a selector is made of, each once."""
    return [part.owner for part in parts_of(selector) if isinstance(part.owner, SelectOp)]


def conjuncts(selector: SSAValue) -> list[SelectOp]:
    """The selects of which a selector is the conjunction, each once.

    Raises:
        CompileError: it isn't one.
    """
    for part in parts_of(selector):
        op = part.owner
        assert isinstance(op, Operation)
        if not isinstance(op, SelectOp | SelectorAndOp):
            raise refuse(op, f"{op.name} isn't a conjunction of selects", help="run the pass legalize-selectors first")
    return leaves_of(selector)


def predicate_table(
    keys: Domain, queries: Domain, holds: NDArray[np.int8], raising: tuple[tuple[Value, ...], ...] = ()
) -> Table:
    """A predicate as a table, unreachable where it has no meaning; see `algebra.truth.Truth` for the last two."""
    choices: list[MaybeValue | Unreachable] = [False, True, UNREACHABLE]  # the last is at MEANINGLESS
    return Table((keys.values, queries.values), tuple(choices[code] for code in holds.ravel().tolist()), raising)


def truth_of(op: SelectOp) -> NDArray[np.int8]:
    """The truth of a select's predicate by key and query: [n_keys, n_queries]."""
    return truth_table(op.predicate.data, domain_of(op.keys), domain_of(op.queries)).holds


def selects_all(op: SelectOp) -> bool:
    """Whether a select certainly selects every pair of positions."""
    if any(domain_of(operand).undefined or not len(domain_of(operand)) for operand in op.operands):
        return False
    return op.predicate.data is Comparison.TRUE or bool((truth_of(op) == 1).all())
