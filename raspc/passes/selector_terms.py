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
from raspc.dialects.rasp import SelectOp, SelectorAndOp
from raspc.passes.locations import refuse
from raspc.passes.sop_types import domain_of


def conjuncts(selector: SSAValue) -> list[SelectOp]:
    """The selects of which a selector is the conjunction.

    Raises:
        CompileError: it isn't one.
    """
    match selector.owner:
        case SelectOp() as op:
            return [op]
        case SelectorAndOp() as op:
            return [*conjuncts(op.lhs), *conjuncts(op.rhs)]
        case Operation() as op:
            raise refuse(op, f"{op.name} isn't a conjunction of selects", help="run the pass legalize-selectors first")
        case _:
            raise AssertionError(f"not a selector: {selector}")


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
