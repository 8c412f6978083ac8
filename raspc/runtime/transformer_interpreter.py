"""The transformer dialect run in numpy, in the model's dtype: the reference for every other runtime."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
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
from xdsl.ir import Operation, SSAValue

from raspc.dialects.transformer import (
    AddOp,
    AttentionMaskOp,
    AttentionOp,
    EmbedOp,
    MlpOp,
    ModelOp,
    ReturnOp,
    UnembedOp,
    model_of,
)
from raspc.errors import InputError
from raspc.lowering.weights import weights_of
from raspc.runtime.arithmetic import add_up, matmul

Floats: TypeAlias = NDArray[Any]
"""Numbers of the model's dtype."""

Bools = NDArray[np.bool_]
Ids = NDArray[np.int64]


def attention_pattern(op: AttentionOp, x: Floats, mask: Bools) -> Floats:
    """How much each query position attends to each key position.

    Args:
        op: the attention, of which only `w_q` and `w_k` matter here.
        x: the residual stream, [batch, position, d_model].
        mask: [batch, query, key].

    Returns:
        [batch, n_heads, query, key]; each row sums to 1.
    """
    weights = weights_of(op)
    heads = x[:, None]  # [batch, 1, position, d_model]
    queries = matmul(heads, weights["w_q"])  # [batch, n_heads, position, d_head]
    keys = matmul(heads, weights["w_k"])
    scores = matmul(queries, keys.swapaxes(-1, -2))
    # Every query sees the BOS token, so that the largest score is finite.
    return softmax(np.where(mask[:, None], scores, scores.dtype.type(-np.inf)))


def softmax(scores: Floats) -> Floats:
    """The softmax over the last axis; some score of each row must be finite."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials / add_up(exponentials, axis=-1)


@register_impls
class TransformerFunctions(InterpreterFunctions):
    """The implementations of the dialect's ops. Padding must stand on the right, as `EmbedOp` counts positions."""

    @impl(EmbedOp)
    def embed(self, interpreter: Interpreter, op: EmbedOp, args: tuple[Ids]) -> PythonValues:
        """Token and position embedding after a BOS token: ids [batch, n] to [batch, 1 + n, d_model]."""
        w_e, w_pos = weights_of(op).values()
        (ids,) = args
        with_bos = np.pad(ids, ((0, 0), (1, 0)), constant_values=len(w_e) - 1)
        return (w_e[with_bos] + w_pos[: with_bos.shape[1]],)

    @impl(AttentionMaskOp)
    def attention_mask(self, interpreter: Interpreter, op: AttentionMaskOp, args: tuple[Bools]) -> PythonValues:
        """The mask: padding [batch, n] to [batch, 1 + n, 1 + n]."""
        (padding,) = args
        visible = np.pad(padding, ((0, 0), (1, 0)), constant_values=True)  # [batch, key]
        mask = np.broadcast_to(visible[:, None, :], (*visible.shape, visible.shape[1]))
        return (np.tril(mask) if op.causal else mask,)

    @impl(AttentionOp)
    def attention(self, interpreter: Interpreter, op: AttentionOp, args: tuple[Floats, Bools]) -> PythonValues:
        """Multi-head attention."""
        x, mask = args
        weights = weights_of(op)
        values = matmul(x[:, None], weights["w_v"])  # [batch, n_heads, key, d_value]
        # What is computed at padding may be of any size, and zero times infinity is no number.
        seen: Bools = np.asarray(mask.any(axis=1), dtype=np.bool_)
        values = np.where(seen[:, None, :, None], values, values.dtype.type(0))
        mixed = matmul(attention_pattern(op, x, mask), values)  # [batch, n_heads, query, d_value]
        return (add_up(matmul(mixed, weights["w_o"]), axis=1)[:, 0],)

    @impl(MlpOp)
    def mlp(self, interpreter: Interpreter, op: MlpOp, args: tuple[Floats]) -> PythonValues:
        """A perceptron with one hidden layer."""
        (x,) = args
        w_in, b_in, w_out, b_out = weights_of(op).values()
        return (matmul(np.maximum(matmul(x, w_in) + b_in, 0), w_out) + b_out,)

    @impl(AddOp)
    def add(self, interpreter: Interpreter, op: AddOp, args: tuple[Floats, Floats]) -> PythonValues:
        """A residual add."""
        lhs, rhs = args
        return (lhs + rhs,)

    @impl(UnembedOp)
    def unembed(self, interpreter: Interpreter, op: UnembedOp, args: tuple[Floats]) -> PythonValues:
        """The logits: [batch, 1 + n, d_model] to [batch, n, n_outputs]."""
        (x,) = args
        w_u, b_u = weights_of(op).values()
        return (matmul(x[:, 1:], w_u) + b_u,)

    @impl_terminator(ReturnOp)
    def return_logits(
        self, interpreter: Interpreter, op: ReturnOp, args: tuple[Floats]
    ) -> tuple[TerminatorValue, PythonValues]:
        """The end of the model."""
        return ReturnedValues(args), ()


class Recorder(Interpreter.Listener):
    """Keeps every intermediate of a run.

    Attributes:
        values: what each op computed.
        patterns: for each attention how much each query attends to each key, [batch, n_heads, query, key].
    """

    values: dict[SSAValue, NDArray[Any]]
    patterns: dict[AttentionOp, Floats]

    def __init__(self) -> None:
        self.values = {}
        self.patterns = {}

    def will_interpret_op(self, op: Operation, args: PythonValues) -> None:
        """Note how an attention attends."""
        if isinstance(op, AttentionOp):
            self.patterns[op] = attention_pattern(op, *args)

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        """Note what an op computed."""
        self.values.update(zip(op.results, results, strict=True))


def run_model(
    module: ModuleOp, ids: Ids, padding: Bools, listeners: tuple[Interpreter.Listener, ...] = ()
) -> NDArray[np.float32]:
    """Run the one model of a module.

    Args:
        module: a module at the level of the transformer dialect.
        ids: token ids, [batch, n]; at padding any token's.
        padding: true where there is a token, [batch, n]; in each row the tokens come first.
        listeners: observers of the ops; see `Recorder`.

    Returns:
        The logits as float32, [batch, n, n_outputs]; at padding they mean nothing. Where a number is too large for the
        model's dtype, they are infinite or NaN.

    Raises:
        InputError: the shapes differ, a row is too long, padding precedes a token, or an id is out of range.
    """
    model = model_of(module)
    _check_input(model, ids, padding)
    interpreter = Interpreter(module, listeners=listeners)
    interpreter.register_implementations(TransformerFunctions())
    with np.errstate(over="ignore", invalid="ignore"):
        (logits,) = interpreter.run_ssacfg_region(model.body, (ids, padding), model.sym_name.data)
    return cast(Floats, logits).astype(np.float32, copy=False)


def _check_input(model: ModelOp, ids: Ids, padding: Bools) -> None:
    if ids.ndim != 2 or ids.shape != padding.shape:
        raise InputError(f"ids and padding must have one shape [batch, sequence], found {ids.shape}, {padding.shape}")
    longest, n_vocab = model.max_seq_len.data, len(model.vocab.data)
    if ids.shape[1] > longest:
        raise InputError(f"the model takes {longest} tokens at most, found {ids.shape[1]}")
    if (padding[:, 1:] > padding[:, :-1]).any():
        raise InputError("padding must stand on the right, after the tokens")
    if ((ids < 0) | (ids >= n_vocab)).any():
        raise InputError(f"token ids must be between 0 and {n_vocab - 1}, found {ids.min()} to {ids.max()}")
