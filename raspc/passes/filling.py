"""Giving an s-op a value where it is undefined, in RASP itself."""

from __future__ import annotations

from xdsl.ir import Operation, SSAValue

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.values import Value
from raspc.dialects.rasp import AggregateOp, IndicesOp, ProgramOp, SelectOp, SopType
from raspc.passes.locations import location_of, set_location
from raspc.passes.names import name_generally, name_part
from raspc.passes.sop_types import domain_of


def filler_for(domain: Domain) -> Value:
    """A value that isn't in a domain."""
    filler = "undefined"
    while filler in domain:
        filler += "_"
    return filler


def filled_with(operand: SSAValue, filler: Value, new_ops: list[Operation]) -> SSAValue:
    """The s-op `operand` with `filler` in the place of undefined.

    Each position aggregates itself, and what is undefined is left out of an aggregate: then it is the default.

    Args:
        operand: an s-op with a known domain.
        filler: the value.
        new_ops: the ops that compute the result are appended to it.
    """
    owner = operand.owner
    assert isinstance(owner, Operation)
    program = owner.parent_op()
    assert isinstance(program, ProgramOp)
    indices = IndicesOp(SopType(Domain.of(range(program.max_seq_len.data))))
    itself = SelectOp(indices, indices, Comparison.EQ)
    domain = domain_of(operand)
    filled = AggregateOp(itself, operand, filler, SopType(Domain.of([*domain.values, filler], mixed=domain.mixed)))
    name_generally(indices.result, "indices")
    name_generally(itself.result, "itself")
    name_part(filled.result, operand, "filled")
    for op in (indices, itself, filled):
        set_location(op, location_of(owner))
    new_ops.extend([indices, itself, filled])
    return filled.result
