"""What an op of a program computes on one input, checked against what is stated of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xdsl.ir import Operation

from raspc.algebra.semantics import Truth
from raspc.algebra.values import MaybeValue
from raspc.dialects.interfaces import Evaluated, MissingMethodError, Run
from raspc.dialects.rasp.ops import SopOp


def evaluate_op(op: Operation, operands: Sequence[Any], run: Run) -> list[MaybeValue] | Truth:
    """What an op computes, which is checked against what is stated of it.

    Args:
        op: an op of a program other than its return.
        operands: what its operands are: a list of values for an s-op, an array of truth values [n, n] for a selector.
        run: the input.

    Raises:
        FalseStatementError: its domain, or a proof that is recorded of it, is false on this input.
        MeaningError: it has no meaning on this input.
        MissingMethodError: the op doesn't say what it computes.
    """
    if not isinstance(op, Evaluated):
        raise MissingMethodError(op, Evaluated.evaluate)
    result = op.evaluate(operands, run)
    if isinstance(op, SopOp):
        op.check_stated(result)
    return result
