"""Run the rasp dialect: the oracle's semantics on the ops of a program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

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
from raspc.dialects.interfaces import Evaluated, Run
from raspc.dialects.rasp.evaluation import evaluate_op
from raspc.errors import BoundError, EffortError, MeaningError
from raspc.passes.locations import location_of
from raspc.passes.names import name_of

EFFORT = 1 << 24
"""How much work the expressions of a program may make on one input; see `algebra.effort`."""


class RaspFunctions(InterpreterFunctions):
    """The ops of a program on one input. An s-op is a list of values, a selector an array of truth values [n, n]."""

    def __init__(self, run: Run):
        self.run = run

    def run_op(self, interpreter: Interpreter, op: Operation, args: PythonValues) -> PythonValues:
        """Run one op."""
        try:
            return (evaluate_op(op, args, self.run),)
        except (MeaningError, BoundError, EffortError) as error:
            where = location_of(op)
            lead = f"{where}: " if where else ""
            raise type(error)(f"{lead}{name_of(op.results[0])!r}: {error}") from error

    @impl_terminator(rasp.ReturnOp)
    def run_return(
        self, interpreter: Interpreter, op: rasp.ReturnOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """The output."""
        return ReturnedValues(args), ()


def rasp_functions(program: rasp.ProgramOp, tokens: Sequence[Value]) -> RaspFunctions:
    """What runs the ops of a program on one input, of whatever dialect they are."""
    kinds = {type(op) for op in program.body.block.ops if isinstance(op, Evaluated)}
    functions = _functions_for(frozenset(kinds))
    return functions(Run(list(tokens), program.causal is not None))


@cache
def _functions_for(kinds: frozenset[type[Operation]]) -> type[RaspFunctions]:
    """The functions with an implementation for ops of some kinds."""

    def run_op(self: RaspFunctions, interpreter: Interpreter, op: Operation, args: PythonValues) -> PythonValues:
        return self.run_op(interpreter, op, args)

    methods = {f"run_{kind.name}": impl(kind)(run_op) for kind in kinds}
    return register_impls(type(RaspFunctions.__name__, (RaspFunctions,), methods))


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
    interpreter = Interpreter(module)
    interpreter.register_implementations(rasp_functions(program, tokens))
    interpreter.register_implementations(CraftFunctions([tokens], causal=program.causal is not None))
    with Effort(EFFORT):
        (result,) = interpreter.run_ssacfg_region(program.body, ())
    return result
