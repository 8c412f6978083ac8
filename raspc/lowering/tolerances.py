"""How exact the numbers in the residual stream are, in float32.

A numerical s-op is a mean or an affine combination of means, computed in floating point; whoever reads it with a step
decoder must stand its error. The bounds follow the components, with the unit roundoff u = 2**-24:

- The weight that a head leaves on BOS. Scores are small integers and halves, so all selected keys and BOS have one
  and the same score; the softmax subtracts it exactly and takes exp(0) = 1. The sum of 1 + w ones is exact, leakage
  is below a rounding, and the division and the product with the value are right up to 4 u, relatively.
- Mean over at most n positions of values up to M. Each weight is 1/m up to 4 u as above; the weighted sum of n + 1
  products adds n + 2 roundings. The error is at most (n + 8) u M, doubled for what is of second order. That a mean is
  defined is the mean of ones.
- Affine combination: the errors of the operands times the coefficients, and one rounding of the largest partial sum
  for each of its terms. Where an operand can be undefined a gate g is added and subtracted: its rounding counts, and
  g times the error of the operands being defined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.functions import as_affine
from raspc.dialects.rasp import AggregateOp, BosWeightOp, CastOp, MapOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.sop_types import domain_of, encoding_of

UNIT_ROUNDOFF = 2.0**-24
"""The unit roundoff of float32."""


@dataclass(frozen=True)
class NumberError:
    """How far a numerical s-op in the residual stream may be from its value.

    Attributes:
        absolute: whatever the value is.
        relative: times the absolute value, in addition.
        defined: how far the direction that tells whether it is defined may be from 0 or 1.
    """

    absolute: float = 0.0
    relative: float = 0.0
    defined: float = 0.0

    def at(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """The bound for each of `numbers`: [n]."""
        return self.absolute + self.relative * np.abs(numbers)


def magnitude(value: SSAValue) -> float:
    """The largest absolute value of a numerical s-op."""
    return float(np.abs(domain_of(value).numbers).max(initial=0.0))


def gate_strength(scale: float) -> float:
    """A power of two that outweighs pre-activations up to `scale`, to switch units off where a number is undefined.

    >>> gate_strength(3.0)
    8.0
    """
    return 2.0 ** np.ceil(np.log2(2 * scale + 2))


def number_error(value: SSAValue, max_seq_len: int) -> NumberError:
    """A bound on the error of a numerical s-op; a categorical one has none."""
    if encoding_of(value) != Encoding.NUMERICAL:
        return NumberError()
    owner = value.owner
    match owner:
        case BosWeightOp():
            return NumberError(relative=4 * UNIT_ROUNDOFF)
        case AggregateOp():
            inner = number_error(owner.values, max_seq_len)
            inner_most = magnitude(owner.values) if domain_of(owner.values).is_numeric else 0.0
            summing = 2 * (max_seq_len + 8) * UNIT_ROUNDOFF
            most = max(inner_most, magnitude(value))
            return NumberError(
                absolute=inner.absolute + inner.relative * inner_most + summing * most,
                defined=inner.defined + summing,
            )
        case MapOp() if any(encoding_of(operand) == Encoding.NUMERICAL for operand in owner.operands_):
            return _affine_error(owner, max_seq_len)
        case CastOp() | MapOp():  # one product of an exact 1 and the number itself
            return NumberError(relative=UNIT_ROUNDOFF)
        case _:
            raise AssertionError(f"{value} can't be numerical")


def affine_reach(op: MapOp) -> float:
    """A bound on the partial sums of an affine combination of numerical s-ops."""
    affine = as_affine(op.function.data)
    assert affine is not None
    terms = [abs(c) * magnitude(operand) for c, operand in zip(affine.coefficients, op.operands_, strict=True)]
    return sum(terms) + abs(affine.constant)


def _affine_error(op: MapOp, max_seq_len: int) -> NumberError:
    affine = as_affine(op.function.data)
    assert affine is not None
    errors = [number_error(operand, max_seq_len) for operand in op.operands_]
    carried = sum(
        abs(c) * (error.absolute + error.relative * magnitude(operand))
        for c, error, operand in zip(affine.coefficients, errors, op.operands_, strict=True)
    )
    defined = sum(error.defined for error in errors)
    reach, n = affine_reach(op), len(errors)
    gate = gate_strength(reach) if domain_of(op.result).undefined else 0.0
    rounding = 2 * (n + 3) * UNIT_ROUNDOFF * (reach + gate * (n + 1))
    return NumberError(absolute=carried + gate * defined + rounding, defined=defined + n * UNIT_ROUNDOFF)
