"""Run the rasp dialect: the oracle's semantics on the ops of a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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

from raspc.algebra import semantics
from raspc.algebra.semantics import Truth
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import rasp
from raspc.errors import MeaningError
from raspc.passes.locations import location_of, name_of


def _located(op: Operation, error: MeaningError) -> MeaningError:
    where = location_of(op)
    return MeaningError(
        f"{where}: {name_of(op.results[0])!r}: {error}" if where else f"{name_of(op.results[0])!r}: {error}"
    )


@register_impls
class RaspFunctions(InterpreterFunctions):
    """The rasp ops on one input. An s-op is a list of values, a selector an array of truth values [n, n]."""

    def __init__(self, tokens: Sequence[Value], *, causal: bool):
        self.tokens = list(tokens)
        self.causal = causal

    def _consumed(self, selector: Truth) -> Truth:
        return semantics.causal(selector) if self.causal else selector

    @impl(rasp.TokensOp)
    def run_tokens(self, interpreter: Interpreter, op: rasp.TokensOp, args: PythonValues) -> PythonValues:
        return (self.tokens,)

    @impl(rasp.IndicesOp)
    def run_indices(self, interpreter: Interpreter, op: rasp.IndicesOp, args: PythonValues) -> PythonValues:
        return (list(range(len(self.tokens))),)

    @impl(rasp.LengthOp)
    def run_length(self, interpreter: Interpreter, op: rasp.LengthOp, args: PythonValues) -> PythonValues:
        n = len(self.tokens)
        return (list(range(1, n + 1)) if self.causal else [n] * n,)

    @impl(rasp.ConstantOp)
    def run_constant(self, interpreter: Interpreter, op: rasp.ConstantOp, args: PythonValues) -> PythonValues:
        return ([op.value.data] * len(self.tokens),)

    @impl(rasp.MapOp)
    def run_map(self, interpreter: Interpreter, op: rasp.MapOp, args: PythonValues) -> PythonValues:
        try:
            return (semantics.map_values(op.function.data, args),)
        except MeaningError as error:
            raise _located(op, error) from error

    @impl(rasp.SelectOp)
    def run_select(self, interpreter: Interpreter, op: rasp.SelectOp, args: PythonValues) -> PythonValues:
        keys, queries = args
        try:
            return (semantics.select(keys, queries, op.predicate.data),)
        except MeaningError as error:
            raise _located(op, error) from error

    @impl(rasp.SelectorAndOp)
    def run_and(self, interpreter: Interpreter, op: rasp.SelectorAndOp, args: PythonValues) -> PythonValues:
        return (semantics.selector_and(*args),)

    @impl(rasp.SelectorOrOp)
    def run_or(self, interpreter: Interpreter, op: rasp.SelectorOrOp, args: PythonValues) -> PythonValues:
        return (semantics.selector_or(*args),)

    @impl(rasp.SelectorNotOp)
    def run_not(self, interpreter: Interpreter, op: rasp.SelectorNotOp, args: PythonValues) -> PythonValues:
        return (semantics.selector_not(*args),)

    @impl(rasp.AggregateOp)
    def run_aggregate(self, interpreter: Interpreter, op: rasp.AggregateOp, args: PythonValues) -> PythonValues:
        selector, values = args
        try:
            return (semantics.aggregate(self._consumed(selector), values, op.default.data),)
        except MeaningError as error:
            raise _located(op, error) from error

    @impl(rasp.SelectorWidthOp)
    def run_width(self, interpreter: Interpreter, op: rasp.SelectorWidthOp, args: PythonValues) -> PythonValues:
        return (semantics.selector_width(self._consumed(args[0])),)

    @impl(rasp.BosWeightOp)
    def run_bos_weight(self, interpreter: Interpreter, op: rasp.BosWeightOp, args: PythonValues) -> PythonValues:
        widths: list[Any] = semantics.selector_width(self._consumed(args[0]))
        return ([1 / (1 + width) for width in widths],)

    @impl(rasp.CastOp)
    def run_cast(self, interpreter: Interpreter, op: rasp.CastOp, args: PythonValues) -> PythonValues:
        return args

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
    """
    from raspc.runtime.craft_interpreter import CraftFunctions

    program = program_of(module)
    causal = program.causal is not None
    interpreter = Interpreter(module)
    interpreter.register_implementations(RaspFunctions(tokens, causal=causal))
    interpreter.register_implementations(CraftFunctions([tokens], causal=causal))
    (result,) = interpreter.run_ssacfg_region(program.body, ())
    return result
