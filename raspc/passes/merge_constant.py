"""The pass merge-constant: the constant one is read from the tokens or from the positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from raspc.dialects.dense import Dense, dtype_of, to_array, to_dense
from raspc.dialects.transformer import AddOp, AttentionMaskOp, AttentionOp, EmbedOp, MlpOp, ModelOp, ReturnOp, UnembedOp
from raspc.dialects.transformer.layers import Transformer, read_model
from raspc.dialects.transformer.tensors import residual_type
from raspc.passes.rebinding import rebind, valid_certificate

Floats = NDArray[np.float64]

READS: dict[type[Operation], tuple[tuple[str, int], ...]] = {
    AttentionOp: (("w_q", 1), ("w_k", 1), ("w_v", 1)),
    MlpOp: (("w_in", 0),),
    UnembedOp: (("w_u", 0),),
}
"""The weights by which an op reads the residual stream, and their axis of d_model."""

WRITES: dict[type[Operation], tuple[tuple[str, int], ...]] = {
    EmbedOp: (("w_e", 1), ("w_pos", 1)),
    AttentionOp: (("w_o", 2),),
    MlpOp: (("w_out", 1), ("b_out", 0)),
}
"""The weights by which an op writes to the residual stream, and their axis of d_model."""


@dataclass(frozen=True)
class MergeConstantPass(ModulePass):
    """Let what reads the constant one read all tokens or all positions instead, and drop its direction.

    ```mlir
    %x = transformer.embed %ids w_e(dense<[[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0]]> : …)
        w_pos(dense<[[0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]> : …) : tensor<?x?x4xf32>
    %logits = transformer.unembed %x w_u(dense<[[0.0], [3.0], [1.0], [0.0]]> : …) …
    ```
    becomes
    ```mlir
    %x = transformer.embed %ids w_e(dense<[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]> : …)
        w_pos(dense<[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]> : …) : tensor<?x?x3xf32>
    %logits = transformer.unembed %x w_u(dense<[[0.0], [4.0], [3.0]]> : …) …
    ```

    The constant is a direction that the embedding alone writes, 1 at every position but BOS. So is the sum of other
    directions of the embedding, if at each position one of them is 1 and all others are 0: the one-hot vector of a
    token or of a position. What a reader multiplies the constant with is added to what it multiplies each of them with.
    Where there were two terms of a sum there is one now, their sum, which must be exact: every value stays what it is,
    up to rounding that is no larger, and a certificate stays valid.

    Left alone is a model without such a one-hot vector, because not all tokens and not all positions are told apart, or
    because something else is written to it; and one in which the sums aren't exact in its dtype.
    """

    name = "merge-constant"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            certificate = valid_certificate(model)
            _merge(read_model(model))
            rebind(model, certificate, self.name)


def _merge(transformer: Transformer) -> None:
    ops = list(_stream(transformer))
    others = (AttentionMaskOp, AddOp, ReturnOp)
    if any(op not in ops and not isinstance(op, others) for op in transformer.model.body.block.ops):
        return  # what nothing depends on reads the residual stream, too
    w_e, w_pos = (_array(weights) for weights in (transformer.embed.w_e, transformer.embed.w_pos))
    d_model = w_e.shape[1]
    embedded = np.ones(d_model, dtype=np.bool_)
    for op in ops:
        if not isinstance(op, EmbedOp):
            for name, axis in WRITES.get(type(op), ()):
                array = _array(op.properties[name])
                embedded &= ~np.any(np.moveaxis(array, axis, 0).reshape(d_model, -1), axis=1)
    of_tokens, of_positions = (embedded & ~np.any(other, axis=0) for other in (w_pos, w_e))
    constants = np.flatnonzero(of_positions & (w_pos[0] == 0) & np.all(w_pos[1:] == 1, axis=0))
    if constants.size == 0:
        return
    constant = int(constants[0])
    of_positions[constant] = False
    for one_hot in (
        _one_hot(w_e[:-1], of_tokens & (w_e[-1] == 0)),
        _one_hot(w_pos[1:], of_positions & (w_pos[0] == 0)),
    ):
        if one_hot is not None and (found := _read_from(ops, constant, one_hot)) is not None:
            _replace(transformer, ops, constant, found)
            return


def _stream(transformer: Transformer) -> Iterator[Operation]:
    """The ops that read the residual stream or write to it."""
    yield transformer.embed
    for layer in transformer.layers:
        yield from (sublayer.op for sublayer in (layer.attention, layer.mlp) if sublayer is not None)
    yield transformer.unembed


def _array(weights: object) -> Floats:
    assert isa(weights, Dense), "the verifier checks it"
    return to_array(weights).astype(np.float64)


def _one_hot(embedding: Floats, eligible: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """Directions next to each other, but for those that aren't eligible, of which exactly one is 1 in each row.

    Args:
        embedding: [n, d_model]
        eligible: which directions may be among them, [d_model].
    """
    directions = np.flatnonzero(eligible & np.all((embedding == 0) | (embedding == 1), axis=0))
    # [n, m + 1]: how many of the first directions are 1.
    counts = np.zeros((embedding.shape[0], directions.size + 1))
    np.cumsum(embedding[:, directions], axis=1, out=counts[:, 1:])
    totals: Floats = np.ones(embedding.shape[0]) @ counts
    # For each direction the first one from which on there are as many more as rows; the last one if there is none.
    ends: NDArray[np.int64] = (totals[:-1, None] < totals + embedding.shape[0]).sum(axis=0)
    starts = np.flatnonzero(np.all(counts[:, ends] == counts + 1, axis=0))
    return None if starts.size == 0 else directions[starts[0] : ends[starts[0]]]


def _read_from(
    ops: Sequence[Operation], constant: int, one_hot: NDArray[np.int64]
) -> list[tuple[Operation, str, Floats]] | None:
    """The weights of all readers that read a one-hot vector for the constant; `None` if they can't be exact."""
    found: list[tuple[Operation, str, Floats]] = []
    for op in ops:
        for name, axis in READS.get(type(op), ()):
            weights = op.properties[name]
            assert isa(weights, Dense), "the verifier checks it"
            array = np.moveaxis(_array(weights), axis, 0).copy()
            old, added = array[one_hot], array[constant].copy()
            total = old + added
            array[one_hot] = total
            merged = np.moveaxis(np.delete(array, constant, axis=0), 0, axis)
            stored = _array(to_dense(merged, dtype_of(weights.get_element_type())))
            # The larger operand taken away from a sum gives the other one exactly, if the sum is exact.
            is_exact = np.array_equal(total - old, added + np.zeros_like(old)) and np.array_equal(total - added, old)
            if not is_exact or not np.array_equal(stored, merged):
                return None
            found.append((op, name, merged))
    return found


def _replace(
    transformer: Transformer, ops: Sequence[Operation], constant: int, read: Sequence[tuple[Operation, str, Floats]]
) -> None:
    """Give the model its new weights, and take the constant's direction out of the residual stream."""
    model = transformer.model
    dtype = model.dtype
    for op, name, array in read:
        op.properties[name] = to_dense(array, dtype)
    for op in ops:
        for name, axis in WRITES.get(type(op), ()):
            op.properties[name] = to_dense(np.delete(_array(op.properties[name]), constant, axis=axis), dtype)
    model.residual = ArrayAttr([label for number, label in enumerate(model.residual) if number != constant])
    narrow = residual_type(len(model.residual), dtype)
    for op in model.body.block.ops:
        if isinstance(op, EmbedOp | AttentionOp | MlpOp | AddOp):
            Rewriter.replace_value_with_new_type(op.result, narrow)
