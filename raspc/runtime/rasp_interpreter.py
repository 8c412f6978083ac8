"""Run the rasp dialect: the oracle's semantics on the ops of a program."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl,
    impl_terminator,
    register_impls,
)
from xdsl.ir import Operation
from xdsl.utils.exceptions import InterpretationError

from raspc.algebra.effort import Effort
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import rasp
from raspc.dialects.rasp.evaluation import evaluate_op
from raspc.errors import BoundError, EffortError, MeaningError
from raspc.passes.locations import location_of
from raspc.passes.names import name_of

EFFORT = 1 << 24
"""How much work the expressions of a program may make on one input; see `algebra.effort`."""


@register_impls
class RaspFunctions(InterpreterFunctions):
    """The rasp ops on one input. An s-op is a list of values, a selector an array of truth values [n, n]."""

    def __init__(self, tokens: Sequence[Value], *, causal: bool):
        self.tokens = list(tokens)
        self.causal = causal

    def _run(self, interpreter: Interpreter, op: Operation, args: PythonValues) -> PythonValues:
        try:
            return (evaluate_op(op, args, self.tokens, causal=self.causal),)
        except (MeaningError, BoundError, EffortError) as error:
            where = location_of(op)
            lead = f"{where}: " if where else ""
            raise type(error)(f"{lead}{name_of(op.results[0])!r}: {error}") from error

    run_tokens = impl(rasp.TokensOp)(_run)
    run_indices = impl(rasp.IndicesOp)(_run)
    run_length = impl(rasp.LengthOp)(_run)
    run_constant = impl(rasp.ConstantOp)(_run)
    run_map = impl(rasp.MapOp)(_run)
    run_select = impl(rasp.SelectOp)(_run)
    run_and = impl(rasp.SelectorAndOp)(_run)
    run_or = impl(rasp.SelectorOrOp)(_run)
    run_not = impl(rasp.SelectorNotOp)(_run)
    run_aggregate = impl(rasp.AggregateOp)(_run)
    run_width = impl(rasp.SelectorWidthOp)(_run)
    run_bos_weight = impl(rasp.BosWeightOp)(_run)
    run_attenuated_width = impl(rasp.AttenuatedWidthOp)(_run)
    run_cast = impl(rasp.CastOp)(_run)

    @impl_terminator(rasp.ReturnOp)
    def run_return(
        self, interpreter: Interpreter, op: rasp.ReturnOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        return ReturnedValues(args), ()


def program_of(module: ModuleOp) -> rasp.ProgramOp:
    """The one RASP program of a module.

    Raises:
        InterpretationError: there is none, or more than one.
    """
    programs = [op for op in module.ops if isinstance(op, rasp.ProgramOp)]
    if len(programs) != 1:
        raise InterpretationError(f"expected one rasp.program in the module, found {len(programs)}")
    return programs[0]


def run_program(module: ModuleOp, tokens: Sequence[Value]) -> list[MaybeValue]:
    """The output of a RASP program, which may have been lowered in part to the craft dialect.

    Raises:
        MeaningError: the program has no meaning on this input.
        BoundError, EffortError: an expression can't be evaluated on it.
    """
    from raspc.runtime.craft_interpreter import CraftFunctions

    program = program_of(module)
    causal = program.causal is not None
    interpreter = Interpreter(module)
    interpreter.register_implementations(RaspFunctions(tokens, causal=causal))
    interpreter.register_implementations(CraftFunctions([tokens], causal=causal))
    with Effort(EFFORT):
        (result,) = interpreter.run_ssacfg_region(program.body, ())
    return result
