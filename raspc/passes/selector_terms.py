"""Selectors as what one head computes: a conjunction of selects."""

from __future__ import annotations

from itertools import product

from xdsl.ir import Operation, SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.functions import UNREACHABLE, Function, Table, Unreachable
from raspc.algebra.values import MaybeValue
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


def table_of(predicate: Function, keys: Domain, queries: Domain, *, negated: bool = False) -> Table:
    """A predicate, or its complement, as a table over its operands' domains; without a meaning it is unreachable."""
    results: list[MaybeValue | Unreachable] = []
    for key, query in product(keys.values, queries.values):
        try:
            results.append(bool(predicate(key, query)) != negated)
        except Exception:  # whatever the user's predicate raises: infer-values has reported it
            results.append(UNREACHABLE)
    return Table((keys.values, queries.values), tuple(results))


def selects_all(op: SelectOp) -> bool:
    """Whether a select certainly selects every pair of positions."""
    keys, queries = domain_of(op.keys), domain_of(op.queries)
    if keys.undefined or queries.undefined or not len(keys) or not len(queries):
        return False
    results = table_of(op.predicate.data, keys, queries).results
    return all(not isinstance(result, Unreachable) and bool(result) for result in results)
