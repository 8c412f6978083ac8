"""Run the craft dialect: linear algebra in float64, position by position, with BOS apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
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
from xdsl.utils.exceptions import InterpretationError

from raspc.algebra.values import MaybeValue, Value
from raspc.dialects import craft
from raspc.dialects.craft.attributes import SubspaceType, decode_vectors, encode_values
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.rasp import SopType

Vectors = NDArray[np.float64]
"""A vector for each position: [n, size of the subspace]."""


@register_impls
class CraftFunctions(InterpreterFunctions):
    """The craft ops on one input; a value is an array [n, size of its subspace]."""

    def __init__(self, tokens: Sequence[Value], *, causal: bool):
        self.tokens = list(tokens)
        self.causal = causal

    @impl(craft.EmbedTokensOp)
    def run_tokens(self, interpreter: Interpreter, op: craft.EmbedTokensOp, args: PythonValues) -> PythonValues:
        return (encode_values(op.subspace, list(self.tokens)),)

    @impl(craft.EmbedPositionsOp)
    def run_positions(self, interpreter: Interpreter, op: craft.EmbedPositionsOp, args: PythonValues) -> PythonValues:
        return (encode_values(op.subspace, list(range(len(self.tokens)))),)

    @impl(craft.OneOp)
    def run_one(self, interpreter: Interpreter, op: craft.OneOp, args: PythonValues) -> PythonValues:
        return (np.ones((len(self.tokens), 1)),)

    @impl(craft.LinearOp)
    def run_linear(self, interpreter: Interpreter, op: craft.LinearOp, args: PythonValues) -> PythonValues:
        return (args[0] @ op.matrix.data.to_dense(),)

    @impl(craft.HeadOp)
    def run_head(self, interpreter: Interpreter, op: craft.HeadOp, args: PythonValues) -> PythonValues:
        n, terms = len(self.tokens), len(op.queries)
        queries, keys, values = args[:terms], args[terms : 2 * terms], args[2 * terms :]
        scores = np.zeros((n, n + 1))  # [query, key], BOS last
        for query, key, matrix in zip(queries, keys, op.qk, strict=True):
            scores[:, :n] += query @ matrix.data.to_dense() @ key.T
        scores[:, n] = op.bos_score.value.data
        if self.causal:
            scores[:, :n][~np.tri(n, dtype=np.bool_)] = -np.inf
        weights = np.exp(op.temperature.value.data * (scores - scores.max(axis=1, keepdims=True)))
        weights /= weights.sum(axis=1, keepdims=True)
        read = np.zeros((n, vector_of(op.result).size))
        for value, matrix in zip(values, op.ov, strict=True):
            read += value @ matrix.data.to_dense()
        return (weights[:, :n] @ read + weights[:, n:] * op.bos_vector[None, :],)

    @impl(craft.AttentionOp)
    def run_attention(self, interpreter: Interpreter, op: craft.AttentionOp, args: PythonValues) -> PythonValues:
        return interpreter.run_ssacfg_region(op.body, ())

    @impl_terminator(craft.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: craft.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        return ReturnedValues(args), ()

    @impl(craft.MlpOp)
    def run_mlp(self, interpreter: Interpreter, op: craft.MlpOp, args: PythonValues) -> PythonValues:
        hidden = np.tile(op.bias_vector, (len(self.tokens), 1))
        for x, matrix in zip(args, op.w_in, strict=True):
            hidden += x @ matrix.data.to_dense()
        hidden = np.maximum(hidden, 0)
        return tuple(hidden @ matrix.data.to_dense() for matrix in op.w_out)

    @impl_terminator(craft.UnembedOp)
    def run_unembed(
        self, interpreter: Interpreter, op: craft.UnembedOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        return ReturnedValues((decode_vectors(vector_of(op.x), args[0]),)), ()

    # Between a lowered op and one that isn't yet

    @impl(UnrealizedConversionCastOp)
    def run_cast(self, interpreter: Interpreter, op: UnrealizedConversionCastOp, args: PythonValues) -> tuple[Any, ...]:
        return tuple(
            interpreter.cast_value(source.type, result.type, value)
            for source, result, value in zip(op.operands, op.results, args, strict=True)
        )

    @impl_cast(SopType, SubspaceType)
    def encode(self, source: SopType, target: SubspaceType, value: list[MaybeValue]) -> Vectors:
        return encode_values(target, value)

    @impl_cast(SubspaceType, SopType)
    def decode(self, source: SubspaceType, target: SopType, value: Vectors) -> list[MaybeValue]:
        return decode_vectors(source, value)


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
    model = model_of(module)
    interpreter = Interpreter(module)
    interpreter.register_implementations(CraftFunctions(tokens, causal=model.causal is not None))
    (result,) = interpreter.run_ssacfg_region(model.body, ())
    return result
