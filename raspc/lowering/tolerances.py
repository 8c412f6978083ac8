"""How exact the numbers in the residual stream are, in float32.

A numerical s-op is a mean or an affine combination of means, computed in floating point; whoever reads it with a step
decoder must stand its error. The bounds follow the components:

- Mean over at most n positions of values up to M. Selected keys have one score, which the softmax subtracts exactly, so
  that each weight is 1/m up to three roundings (the sum, the division, and the leakage, which is below a rounding); the
  weighted sum of n + 1 products adds n + 2 roundings. The error is at most (n + 8) u M with the unit roundoff
  u = 2**-24, doubled for what is of second order.
- Affine combination: the errors of the operands times the coefficients, and one rounding of the largest partial sum for
  each of its terms.
"""

from __future__ import annotations

from xdsl.ir import SSAValue

from raspc.algebra.functions import as_affine
from raspc.dialects.rasp import AggregateOp, BosWeightOp, CastOp, MapOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.sop_types import domain_of, encoding_of

UNIT_ROUNDOFF = 2.0**-24
"""The unit roundoff of float32."""


def magnitude(value: SSAValue) -> float:
    """The largest absolute value of a numerical s-op."""
    numbers = domain_of(value).numbers
    return float(abs(numbers).max()) if numbers.size else 0.0


def gate_strength(value: SSAValue, scale: float) -> float:
    """A power of two that outweighs pre-activations up to `scale`, to switch units off where `value` is undefined."""
    bound = 1.0
    while bound < 2 * scale + 2:
        bound *= 2
    return bound


def absolute_error(value: SSAValue, max_seq_len: int) -> float:
    """A bound on the distance of a numerical s-op in the residual stream from its value; 0 for a categorical one."""
    if encoding_of(value) != Encoding.NUMERICAL:
        return 0.0
    owner = value.owner
    match owner:
        case BosWeightOp():
            return 2 * (max_seq_len + 8) * UNIT_ROUNDOFF
        case AggregateOp():
            bound = max(magnitude(owner.values) if domain_of(owner.values).is_numeric else 0.0, magnitude(value))
            return absolute_error(owner.values, max_seq_len) + 2 * (max_seq_len + 8) * UNIT_ROUNDOFF * bound
        case MapOp() if any(encoding_of(operand) == Encoding.NUMERICAL for operand in owner.operands_):
            affine = as_affine(owner.function.data)
            assert affine is not None
            error, largest = 0.0, abs(affine.constant)
            for coefficient, operand in zip(affine.coefficients, owner.operands_, strict=True):
                error += abs(coefficient) * absolute_error(operand, max_seq_len)
                largest += abs(coefficient) * magnitude(operand)
            gate = gate_strength(value, largest) if domain_of(value).undefined else 0.0
            return error + 2 * (len(owner.operands_) + 3) * UNIT_ROUNDOFF * (
                largest + gate * (len(owner.operands_) + 1)
            )
        case CastOp() | MapOp():  # one product of an exact 1 and the number itself
            return UNIT_ROUNDOFF * magnitude(value)
        case _:
            raise AssertionError(f"{value} can't be numerical")
