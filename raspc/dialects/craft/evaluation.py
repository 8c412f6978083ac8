"""What each op of the craft dialect computes, in float64, on inputs of different lengths together, with BOS apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation

from raspc.algebra.values import Value
from raspc.dialects.craft.attention import HeadOp
from raspc.dialects.craft.attributes import encode_values
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.ops import EmbedPositionsOp, EmbedTokensOp, LinearOp, MlpOp, OneOp, SumOp

Vectors = NDArray[np.float64]
"""A vector for each position of each input: [batch, n, size of the subspace]."""


class Batch:
    """Inputs that are run together, padded on the right.

    Nothing attends to padding, and what is computed there means nothing.

    Args:
        inputs: one or more sequences of tokens.
        causal: whether no position attends to later ones.
    """

    def __init__(self, inputs: Sequence[Sequence[Value]], *, causal: bool):
        self.inputs = inputs
        self.causal = causal
        lengths = np.array([len(tokens) for tokens in inputs])
        self.n = int(lengths.max())
        self.is_token = np.arange(self.n) < lengths[:, None]
        """True where there is no padding: [batch, n]."""

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Whether a query may attend to a key: [batch or 1, query, key]."""
        keys = self.is_token[:, None, :]
        return keys & np.tri(self.n, dtype=np.bool_) if self.causal else keys


def evaluate_op(op: Operation, args: Sequence[Vectors], batch: Batch) -> tuple[Vectors, ...]:
    """What an op computes.

    Args:
        op: an op of the craft dialect other than a model, its end, and an attention of several heads.
        args: what its operands are.
        batch: the inputs.
    """
    match op:
        case EmbedTokensOp():
            embedded = np.zeros((*batch.is_token.shape, op.subspace.size))
            tokens = [token for tokens in batch.inputs for token in tokens]
            embedded[batch.is_token] = encode_values(op.subspace, [*tokens])
            return (embedded,)
        case EmbedPositionsOp():
            positions = encode_values(op.subspace, list(range(batch.n)))
            return (np.broadcast_to(positions, (len(batch.inputs), *positions.shape)),)
        case OneOp():
            return (np.ones((*batch.is_token.shape, 1)),)
        case LinearOp():
            return (args[0] @ op.matrix.data.to_dense(),)
        case SumOp():
            return (np.sum(np.stack(args), axis=0),)
        case HeadOp():
            return (_attended(op, args, batch),)
        case MlpOp():
            hidden = np.tile(op.bias_vector, (*batch.is_token.shape, 1))
            for x, matrix in zip(args, op.w_in, strict=True):
                hidden += x @ matrix.data.to_dense()
            hidden = np.maximum(hidden, 0)
            return tuple(hidden @ matrix.data.to_dense() for matrix in op.w_out)
        case _:
            raise AssertionError(f"no op of the craft dialect that computes something: {op.name}")


def _attended(op: HeadOp, args: Sequence[Vectors], batch: Batch) -> Vectors:
    n, terms = batch.n, len(op.queries)
    queries, keys, values = args[:terms], args[terms : 2 * terms], args[2 * terms :]
    scores = np.zeros((len(batch.inputs), n, n + 1))  # [batch, query, key], BOS last
    for query, key, form in zip(queries, keys, op.qk, strict=True):
        scores[:, :, :n] += query @ form.data.to_dense() @ key.swapaxes(1, 2)
    scores[:, :, n] = op.bos_score.value.data
    scores[:, :, :n] = np.where(batch.mask, scores[:, :, :n], -np.inf)
    scores *= op.temperature.value.data
    scores[:, :, n] += op.bos_lead
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    read = np.zeros((len(batch.inputs), n, vector_of(op.result).size))
    for value, matrix in zip(values, op.ov, strict=True):
        read += value @ matrix.data.to_dense()
    return weights[:, :, :n] @ read + weights[:, :, n:] * op.bos_vector
