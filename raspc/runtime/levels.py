"""Run a program or a model at whatever level it is."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import craft, rasp, transformer
from raspc.errors import MeaningError
from raspc.runtime import craft_interpreter, rasp_interpreter
from raspc.runtime.model import CompiledModel

RunnableOp = rasp.ProgramOp | craft.ModelOp | transformer.ModelOp
"""What computes a program: the op that holds all of it, at each of the three levels."""


def computes_with_values(op: RunnableOp) -> bool:
    """Whether values are computed as they are: nothing of the program is lowered to vectors yet."""
    return isinstance(op, rasp.ProgramOp) and not op.is_lowered_in_part


def run_inputs(op: RunnableOp, inputs: Sequence[Sequence[Value]]) -> list[list[MaybeValue] | None]:
    """The outputs of a program or a model for each input; `None` where it has no meaning.

    A `rasp.program` may be lowered in part to the craft dialect. A model gives an output for every input.

    Raises:
        CompileError: a model isn't a standard transformer.
        InterpretationError: there is no interpreter for an op.
    """
    module = ModuleOp([op.clone()])
    match op:
        case rasp.ProgramOp():
            return [_run_program(module, tokens) for tokens in inputs]
        case craft.ModelOp():
            return [*craft_interpreter.run_batch(module, inputs)]
        case transformer.ModelOp():
            return [*CompiledModel(module).batch(inputs)]


def _run_program(module: ModuleOp, tokens: Sequence[Value]) -> list[MaybeValue] | None:
    try:
        return rasp_interpreter.run_program(module, tokens)
    except MeaningError:
        return None
