"""Run the craft dialect: linear algebra in float64, on inputs of different lengths together, with BOS apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from xdsl.dialects.builtin import ModuleOp, UnrealizedConversionCastOp
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl,
    impl_cast,
    impl_terminator,
    register_impls,
)
from xdsl.ir import Operation
from xdsl.utils.exceptions import InterpretationError

from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import craft
from raspc.dialects.craft.attributes import SubspaceType, decode_vectors, encode_values
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.evaluation import Batch, Vectors, evaluate_op
from raspc.dialects.rasp import SopType

MAX_POSITIONS = 1 << 11
"""So many positions of a batch are computed at once, or those of one input: larger batches are split."""


@register_impls
class CraftFunctions(Batch, InterpreterFunctions):
    """The craft ops on a batch of inputs; a value is an array [batch, n, size of its subspace].

    Args:
        inputs: one or more sequences of tokens.
        causal: whether no position attends to later ones.
    """

    def _run(self, interpreter: Interpreter, op: Operation, args: PythonValues) -> PythonValues:
        return evaluate_op(op, args, self)

    run_tokens = impl(craft.EmbedTokensOp)(_run)
    run_positions = impl(craft.EmbedPositionsOp)(_run)
    run_one = impl(craft.OneOp)(_run)
    run_linear = impl(craft.LinearOp)(_run)
    run_sum = impl(craft.SumOp)(_run)
    run_head = impl(craft.HeadOp)(_run)
    run_mlp = impl(craft.MlpOp)(_run)

    @impl(craft.AttentionOp)
    def run_attention(self, interpreter: Interpreter, op: craft.AttentionOp, args: PythonValues) -> PythonValues:
        return interpreter.run_ssacfg_region(op.body, ())

    @impl_terminator(craft.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: craft.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        return ReturnedValues(args), ()

    @impl_terminator(craft.UnembedOp)
    def run_unembed(
        self, interpreter: Interpreter, op: craft.UnembedOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        decoded = iter(decode_vectors(vector_of(op.x), args[0][self.is_token]))
        return ReturnedValues(([list(islice(decoded, len(tokens))) for tokens in self.inputs],)), ()

    # Between a lowered op and one that isn't yet, whose value is a list for the one input

    @impl(UnrealizedConversionCastOp)
    def run_cast(self, interpreter: Interpreter, op: UnrealizedConversionCastOp, args: PythonValues) -> tuple[Any, ...]:
        return tuple(
            interpreter.cast_value(source.type, result.type, value)
            for source, result, value in zip(op.operands, op.results, args, strict=True)
        )

    @impl_cast(SopType, SubspaceType)
    def encode(self, source: SopType, target: SubspaceType, value: list[MaybeValue]) -> Vectors:
        return encode_values(target, value)[None]

    @impl_cast(SubspaceType, SopType)
    def decode(self, source: SubspaceType, target: SopType, value: Vectors) -> list[MaybeValue]:
        return decode_vectors(source, value[0])


def model_of(module: ModuleOp) -> craft.ModelOp:
    """The one craft model of a module.

    Raises:
        InterpretationError: there is none, or more than one.
    """
    models = [op for op in module.ops if isinstance(op, craft.ModelOp)]
    if len(models) != 1:
        raise InterpretationError(f"expected one craft.model in the module, found {len(models)}")
    return models[0]


def run_model(module: ModuleOp, tokens: Sequence[Value]) -> list[MaybeValue]:
    """The output of a craft model for one input: the value that each output vector is nearest to."""
    return run_batch(module, [tokens])[0]


def run_batch(module: ModuleOp, inputs: Sequence[Sequence[Value]]) -> list[list[MaybeValue]]:
    """The outputs of a craft model for inputs that may have different lengths; see `run_model`."""
    model = model_of(module)
    rows = max(1, MAX_POSITIONS // max(map(len, inputs), default=1))
    outputs: list[list[MaybeValue]] = []
    for start in range(0, len(inputs), rows):
        interpreter = Interpreter(module)
        functions = CraftFunctions(inputs[start : start + rows], causal=model.causal is not None)
        interpreter.register_implementations(functions)
        (found,) = interpreter.run_ssacfg_region(model.body, ())
        outputs += found
    return outputs
