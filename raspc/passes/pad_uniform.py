"""The pass pad-uniform: a transformer in which all layers are of one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from raspc.dialects.dense import Dense, dtype_of, to_array, to_dense
from raspc.dialects.transformer import AddOp, AttentionMaskOp, AttentionOp, MlpOp, ModelOp
from raspc.dialects.transformer.layers import Layer, Transformer, read_model
from raspc.dialects.transformer.tensors import PARAMETER_LIMIT, width_of
from raspc.passes.locations import refuse
from raspc.passes.rebinding import rebind, valid_certificate


@dataclass(frozen=True)
class PadUniformPass(ModulePass):
    """Pad the layers of each transformer with zeros until all have the same shapes, and both an attention and an MLP.

    ```mlir
    %a = transformer.attention %x mask %mask w_q(dense<…> : tensor<1x4x3xf32>) w_k(dense<…> : tensor<1x4x3xf32>)
        w_v(dense<…> : tensor<1x4x2xf32>) w_o(dense<…> : tensor<1x2x4xf32>) : tensor<?x?x4xf32>
    %y = transformer.add %x, %a : tensor<?x?x4xf32>
    ```
    becomes
    ```mlir
    %a = transformer.attention %x mask %mask w_q(dense<…> : tensor<1x4x3xf32>) w_k(dense<…> : tensor<1x4x3xf32>)
        w_v(dense<…> : tensor<1x4x3xf32>) w_o(dense<…> : tensor<1x3x4xf32>) : tensor<?x?x4xf32>
    %y = transformer.add %x, %a : tensor<?x?x4xf32>
    %m = transformer.mlp %y w_in(dense<…> : tensor<4x1xf32>) b_in(dense<[0.0]> : tensor<1xf32>)
        w_out(dense<…> : tensor<1x4xf32>) b_out(dense<…> : tensor<4xf32>) : tensor<?x?x4xf32>
    %z = transformer.add %y, %m : tensor<?x?x4xf32>
    ```

    Afterwards there is one number of heads, one width of a head, of its keys as of its values, one number of hidden
    units, each the largest that there was and at least 1; and at least one layer. What is added are zeros, so that
    every value stays what it is, and a certificate stays valid. A model that is uniform already is left alone.
    """

    name = "pad-uniform"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            certificate = valid_certificate(model)
            _pad(read_model(model))
            rebind(model, certificate, self.name)


@dataclass(frozen=True)
class _Sizes:
    """What all layers of a model are padded to."""

    n_heads: int
    d_model: int
    d_head: int
    d_mlp: int

    @staticmethod
    def of(transformer: Transformer) -> _Sizes:
        attentions = [layer.attention.op for layer in transformer.layers if layer.attention]
        mlps = [layer.mlp.op for layer in transformer.layers if layer.mlp]
        return _Sizes(
            n_heads=max([1, *(op.n_heads for op in attentions)]),
            d_model=width_of(transformer.embed.result),
            d_head=max([1, *(max(op.d_head, op.d_value) for op in attentions)]),
            d_mlp=max([1, *(op.d_mlp for op in mlps)]),
        )

    @property
    def attention(self) -> dict[str, tuple[int, ...]]:
        """The shapes of an attention's weights."""
        inward, outward = (self.n_heads, self.d_model, self.d_head), (self.n_heads, self.d_head, self.d_model)
        return {"w_q": inward, "w_k": inward, "w_v": inward, "w_o": outward}

    @property
    def mlp(self) -> dict[str, tuple[int, ...]]:
        """The shapes of an MLP's weights."""
        return {
            "w_in": (self.d_model, self.d_mlp),
            "b_in": (self.d_mlp,),
            "w_out": (self.d_mlp, self.d_model),
            "b_out": (self.d_model,),
        }

    @property
    def n_params(self) -> int:
        """The number of a layer's parameters."""
        return self.d_model * (4 * self.n_heads * self.d_head + 2 * self.d_mlp + 1) + self.d_mlp


def _pad(transformer: Transformer) -> None:
    sizes, layers = _Sizes.of(transformer), transformer.layers or (Layer(0, None, None),)
    if len(layers) * sizes.n_params > PARAMETER_LIMIT:
        raise refuse(
            transformer.embed,
            f"padded to {sizes.n_heads} heads of width {sizes.d_head} and {sizes.d_mlp} hidden units, {len(layers)} "
            f"layers have more than {PARAMETER_LIMIT} parameters",
            expected="a model that fits into 1 GiB",
            help="use a smaller vocabulary or max_seq_len",
        )
    dtype = transformer.model.dtype
    stream = transformer.embed.result
    for layer in layers:
        if layer.attention is None:
            weights = (to_dense(np.zeros(shape), dtype) for shape in sizes.attention.values())
            stream = _insert(stream, AttentionOp(stream, _mask(transformer), *weights), "a")
        else:
            _widen(layer.attention.op, sizes.attention)
            stream = layer.attention.add.result
        if layer.mlp is None:
            weights = (to_dense(np.zeros(shape), dtype) for shape in sizes.mlp.values())
            stream = _insert(stream, MlpOp(stream, *weights), "m")
        else:
            _widen(layer.mlp.op, sizes.mlp)
            stream = layer.mlp.add.result


def _widen(op: AttentionOp | MlpOp, shapes: dict[str, tuple[int, ...]]) -> None:
    """Pad an op's weights to these shapes."""
    for name, shape in shapes.items():
        weights = op.properties[name]
        assert isa(weights, Dense), "the verifier checks it"
        op.properties[name] = _padded(weights, shape)


def _padded(weights: Dense, shape: Sequence[int]) -> Dense:
    """The weights with zeros behind them on each axis."""
    added = [(0, size - found) for size, found in zip(shape, weights.get_shape(), strict=True)]
    return to_dense(np.pad(to_array(weights), added), dtype_of(weights.get_element_type()))


def _insert(stream: SSAValue, op: AttentionOp | MlpOp, name: str) -> SSAValue:
    """Let an op that reads the residual stream add to it; what read the stream reads the sum, which is returned."""
    add = AddOp(stream, op.result)
    op.result.name_hint, add.result.name_hint = name, stream.name_hint
    assert isinstance(stream.owner, Operation), "an embedding or an add"
    Rewriter.insert_op([op, add], InsertPoint.after(stream.owner))
    stream.replace_uses_with_if(add.result, lambda use: use.operation not in (op, add))
    return add.result


def _mask(transformer: Transformer) -> SSAValue:
    """The model's attention mask, at the start of its block, where every attention can read it."""
    block = transformer.model.body.block
    for mask in block.ops:
        if isinstance(mask, AttentionMaskOp) and (mask.causal is not None) == transformer.causal:
            mask.detach()
            break
    else:
        mask = AttentionMaskOp(block.args[1], causal=transformer.causal)
        mask.result.name_hint = "mask"
    Rewriter.insert_op(mask, InsertPoint.at_start(block))
    return mask.result
