"""Run the craft dialect: linear algebra in float64, on inputs of different lengths together, with BOS apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
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
"""A vector for each position of each input: [batch, n, size of the subspace]."""

MAX_POSITIONS = 1 << 11
"""So many positions of a batch are computed at once, or those of one input: larger batches are split."""


@register_impls
class CraftFunctions(InterpreterFunctions):
    """The craft ops on a batch of inputs; a value is an array [batch, n, size of its subspace].

    Inputs are padded on the right. Nothing attends to padding, and what is computed there means nothing.

    Args:
        inputs: one or more sequences of tokens.
        causal: whether no position attends to later ones.
    """

    def __init__(self, inputs: Sequence[Sequence[Value]], *, causal: bool):
        self.inputs = inputs
        lengths = np.array([len(tokens) for tokens in inputs])
        self.n = int(lengths.max())
        self.is_token = np.arange(self.n) < lengths[:, None]
        """True where there is no padding: [batch, n]."""
        # [batch or 1, query, key]
        self.mask = self.is_token[:, None, :] & np.tri(self.n, dtype=np.bool_) if causal else self.is_token[:, None, :]

    @impl(craft.EmbedTokensOp)
    def run_tokens(self, interpreter: Interpreter, op: craft.EmbedTokensOp, args: PythonValues) -> PythonValues:
        embedded = np.zeros((*self.is_token.shape, op.subspace.size))
        embedded[self.is_token] = encode_values(op.subspace, [token for tokens in self.inputs for token in tokens])
        return (embedded,)

    @impl(craft.EmbedPositionsOp)
    def run_positions(self, interpreter: Interpreter, op: craft.EmbedPositionsOp, args: PythonValues) -> PythonValues:
        embedded = encode_values(op.subspace, list(range(self.n)))
        return (np.broadcast_to(embedded, (len(self.inputs), *embedded.shape)),)

    @impl(craft.OneOp)
    def run_one(self, interpreter: Interpreter, op: craft.OneOp, args: PythonValues) -> PythonValues:
        return (np.ones((*self.is_token.shape, 1)),)

    @impl(craft.LinearOp)
    def run_linear(self, interpreter: Interpreter, op: craft.LinearOp, args: PythonValues) -> PythonValues:
        return (args[0] @ op.matrix.data.to_dense(),)

    @impl(craft.SumOp)
    def run_sum(self, interpreter: Interpreter, op: craft.SumOp, args: PythonValues) -> PythonValues:
        return (sum(args),)

    @impl(craft.HeadOp)
    def run_head(self, interpreter: Interpreter, op: craft.HeadOp, args: PythonValues) -> PythonValues:
        n, terms = self.n, len(op.queries)
        queries, keys, values = args[:terms], args[terms : 2 * terms], args[2 * terms :]
        scores = np.zeros((len(self.inputs), n, n + 1))  # [batch, query, key], BOS last
        for query, key, form in zip(queries, keys, op.qk, strict=True):
            scores[:, :, :n] += query @ form.data.to_dense() @ key.swapaxes(1, 2)
        scores[:, :, n] = op.bos_score.value.data
        scores[:, :, :n] = np.where(self.mask, scores[:, :, :n], -np.inf)
        scores *= op.temperature.value.data
        scores[:, :, n] += op.bos_lead
        weights = np.exp(scores - scores.max(axis=2, keepdims=True))
        weights /= weights.sum(axis=2, keepdims=True)
        read = np.zeros((len(self.inputs), n, vector_of(op.result).size))
        for value, matrix in zip(values, op.ov, strict=True):
            read += value @ matrix.data.to_dense()
        return (weights[:, :, :n] @ read + weights[:, :, n:] * op.bos_vector,)

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
        hidden = np.tile(op.bias_vector, (*self.is_token.shape, 1))
        for x, matrix in zip(args, op.w_in, strict=True):
            hidden += x @ matrix.data.to_dense()
        hidden = np.maximum(hidden, 0)
        return tuple(hidden @ matrix.data.to_dense() for matrix in op.w_out)

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
