"""Which elementwise ops are linear functions of the vectors of their operands."""

from __future__ import annotations

from raspc.algebra.functions import as_affine
from raspc.dialects.rasp import CastOp, MapOp, ReturnOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.sop_types import domain_of, encoding_of


def is_linear(op: MapOp | CastOp) -> bool:
    """Whether the vector of the result is a linear function of those of the operands.

    So is any function of one one-hot operand, the null vector being undefined, and its number. A combination of numbers
    is affine where all are defined, and of one number also where it isn't: the constant is then a multiple of the
    direction that tells that it is. A cast of a one-hot to one-hot is none: it is there to make the vector exact.

    A combination of several numbers that is the output isn't taken for linear: the output is read from one vector.
    """
    if isinstance(op, CastOp):
        return encoding_of(op.value) == Encoding.CATEGORICAL != encoding_of(op.result)
    numerical = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
    if not any(numerical):
        return len(op.operands_) == 1
    if encoding_of(op.result) != Encoding.NUMERICAL or not all(numerical) or as_affine(op.function.data) is None:
        return False
    if any(isinstance(use.operation, ReturnOp) for use in op.result.uses):
        return False
    return len(op.operands_) == 1 or not domain_of(op.result).undefined
