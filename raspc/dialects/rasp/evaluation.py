"""What each op of the rasp dialect computes on one input, by the definition of the language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from xdsl.ir import Operation

from raspc.algebra import semantics
from raspc.algebra.semantics import Truth
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp.checks import shown
from raspc.dialects.rasp.ops import (
    AggregateOp,
    CastOp,
    ConstantOp,
    CountingOp,
    IndicesOp,
    LengthOp,
    MapOp,
    SelectorWidthOp,
    SopOp,
    TokensOp,
)
from raspc.dialects.rasp.selectors import SelectOp, SelectorAndOp, SelectorNotOp, SelectorOrOp
from raspc.errors import MeaningError


class FalseStatementError(MeaningError):
    """What the program states of its values is false on this input."""


def evaluate_op(
    op: Operation, operands: Sequence[Any], tokens: Sequence[Value], *, causal: bool
) -> list[MaybeValue] | Truth:
    """What an op computes, which is checked against what is stated of it.

    Args:
        op: an op of the rasp dialect other than the program and its return.
        operands: what its operands are: a list of values for an s-op, an array of truth values [n, n] for a selector.
        tokens: the input.
        causal: whether selectors select only keys at or before the query.

    Raises:
        FalseStatementError: its domain, or a proof that is recorded of it, is false on this input.
        MeaningError: it has no meaning on this input.
    """
    result = _evaluate(op, operands, tokens, causal=causal)
    if isinstance(op, SopOp):
        check_stated(op, result)
    return result


def check_stated(op: SopOp, values: Iterable[MaybeValue]) -> None:
    """Check that values of an s-op are in its domain.

    Raises:
        FalseStatementError: one isn't.
    """
    domain = op.domain
    if domain is None:
        return
    for value in values:
        if value not in domain:
            raise FalseStatementError(f"it can be {shown(value)}, which is not in its domain")


def _evaluate(
    op: Operation, operands: Sequence[Any], tokens: Sequence[Value], *, causal: bool
) -> list[MaybeValue] | Truth:
    n = len(tokens)

    def consumed(selector: Truth) -> Truth:
        return semantics.causal(selector) if causal else selector

    match op:
        case TokensOp():
            return list(tokens)
        case IndicesOp():
            return list(range(n))
        case LengthOp():
            return [index + 1 if causal else n for index in range(n)]
        case ConstantOp():
            return [op.value.data] * n
        case MapOp():
            return semantics.map_values(op.function.data, operands)
        case SelectOp():
            keys, queries = operands
            return semantics.select(keys, queries, op.predicate.data)
        case SelectorAndOp():
            return semantics.selector_and(*operands)
        case SelectorOrOp():
            if op.disjoint is not None and (np.minimum(*map(consumed, operands)) == semantics.TRUE).any():
                raise FalseStatementError("both sides select a position, and it says that they are disjoint")
            return semantics.selector_or(*operands)
        case SelectorNotOp():
            return semantics.selector_not(*operands)
        case AggregateOp():
            selector, values = operands
            if op.at_most_one is not None and (consumed(selector) == semantics.TRUE).sum(axis=1).max(initial=0) > 1:
                raise FalseStatementError("it selects several positions, and says that it selects one at most")
            return semantics.aggregate(consumed(selector), values, op.default.data)
        case SelectorWidthOp():
            return semantics.selector_width(consumed(operands[0]))
        case CountingOp():
            widths: list[Any] = semantics.selector_width(consumed(operands[0]))
            return [op.number_for(width) for width in widths]
        case CastOp():
            return operands[0]
        case _:
            raise AssertionError(f"no op of the rasp dialect that computes something: {op.name}")
