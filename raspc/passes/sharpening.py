"""Casts that make inexact one-hot vectors exact, where a head has to be exact."""

from __future__ import annotations

from xdsl.ir import SSAValue

from raspc.dialects.rasp import AggregateOp, MapOp, ProgramOp, SelectOp, SelectorWidthOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import CountingOp
from raspc.passes.error_bounds import DECODER_LIMIT, ErrorBounds, sharpenable
from raspc.passes.infer_encodings import cast_to_categorical
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.lookups import plateau_error
from raspc.passes.sop_types import encoding_of


def is_decoded(op: MapOp) -> bool:
    """Whether a map reads its one operand, a number, by a step decoder."""
    numbers = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
    return numbers == [True] and encoding_of(op.result) == Encoding.CATEGORICAL


def sharpened(program: ProgramOp, *, linear: bool = False, scale: float | None = None) -> ErrorBounds:
    """Insert casts that make inexact one-hots exact, where it matters.

    A one-hot that a head has read from several positions is off by a few roundings. As a key or a query it makes the
    weights of selected positions unequal: enough to be seen by a mean over many positions. And a map that has many
    steps from few numbers to few classes adds up too many units to be exact: its number is first read one-hot.

    Args:
        program: the program.
        linear: as of `ErrorBounds`.
        scale: as of `ErrorBounds`.

    Returns:
        The error bounds of the program with these casts.
    """
    bounds = analysis_of(program, ErrorBounds, linear=linear, scale=scale)
    readers: dict[SSAValue, list[SelectOp]] = {}
    too_many_steps: list[MapOp] = []
    for op in program.body.block.ops:
        match op:
            case MapOp() if is_decoded(op) and bounds[op.result].largest > DECODER_LIMIT:
                too_many_steps.append(op)
                continue
            case AggregateOp() if encoding_of(op.result) == Encoding.NUMERICAL:
                selects = sharpenable(bounds, op)
            case SelectorWidthOp() | CountingOp():
                selects = sharpenable(bounds, op)
            case _:
                continue
        for select in selects:
            for operand in select.operands:
                readers.setdefault(operand, []).append(select)
    inexact = {operand: selects for operand, selects in readers.items() if bounds[operand].one_hot > plateau_error(1)}
    for operand, selects in inexact.items():
        cast_to_categorical(operand, selects)
    for op in too_many_steps:
        cast_to_categorical(op.operands_[0], [op])
    return analysis_of(program, ErrorBounds, linear=linear, scale=scale) if inexact or too_many_steps else bounds
