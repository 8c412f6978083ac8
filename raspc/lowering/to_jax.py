"""transformer → JAX: a pytree of parameters and a pure function of it."""

# Parts of JAX's interface have no complete types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from xdsl.dialects.builtin import ModuleOp

from raspc.dialects.craft.certificate import Certificate
from raspc.dialects.transformer import AttentionOp, EmbedOp, MlpOp, UnembedOp
from raspc.dialects.transformer.layers import Layer, read_transformer
from raspc.errors import InputError
from raspc.lowering.metadata import ModelInfo, describe
from raspc.lowering.weights import WeightedOp, weights_of

Params: TypeAlias = dict[str, Any]
"""Nested parameters: see `JaxModel`."""


@dataclass(frozen=True, eq=False)
class JaxModel:
    """A transformer as a function in JAX.

    Attributes:
        params: the weights, of the model's dtype:
            `params["embed"]` has `w_e` [n_vocab + 1, d_model] with BOS last and `w_pos` [max_seq_len + 1, d_model];
            `params["layers"][i]` may have `"attention"` with `w_q`, `w_k` [n_heads, d_model, d_head], `w_v` [n_heads,
            d_model, d_value] and `w_o` [n_heads, d_value, d_model], and `"mlp"` with `w_in` [d_model, d_mlp], `b_in`,
            `w_out` [d_mlp, d_model] and `b_out`;
            `params["unembed"]` has `w_u` [d_model, n_outputs] and `b_u`. The certificate is about these parameters:
            it says nothing about others that `apply` may be called with.
        info: the vocabulary, the meaning of the logits and all else that is not a weight.
    """

    params: Params
    info: ModelInfo

    @property
    def certificate(self) -> Certificate | None:
        """The proof that the model with `params` is exact; `None` if it wasn't certified, or `params` are others."""
        certificate = self.info.certificate
        if certificate is None or certificate.digest != self.info.judged.digest(_listed(self.params), certificate):
            return None
        return certificate

    def apply(self, params: Params, token_ids: jax.Array, attention_mask: jax.Array | None = None) -> jax.Array:
        """The logits, a pure function of the arguments that works under `jit`, `vmap`, `grad` and `jax.export`.

        The computation is in float32, whatever the dtype of the parameters is, and matrix products have its full
        precision on every device. In float16 or bfloat16 it would be XLA's choice what to keep in float32; a
        certificate covers what float32 computes from such parameters.

        Args:
            params: parameters of the same structure as `self.params`.
            token_ids: positions in the vocabulary, [sequence] or [batch, sequence]; anything at padding.
            attention_mask: true or non-zero where there is a token, of the same shape; no padding if missing. Padding
                may stand anywhere: a token's position is the number of tokens before it.

        Returns:
            float32, [sequence, n_outputs] or [batch, sequence, n_outputs]. At padding they mean nothing. An id outside
            the vocabulary makes all logits that may depend on it NaN, and so does a position past the maximum length:
            a compiled function can't raise an error.

        Raises:
            InputError: the shapes differ, or the sequence is known to be too long.
        """
        if attention_mask is None:
            length: Any = token_ids.shape[-1]  # an int, or a symbol under jax.export
            if isinstance(length, int) and length > self.info.max_seq_len:
                raise InputError(f"the model takes {self.info.max_seq_len} tokens at most, found {length}")
            attention_mask = jnp.ones(token_ids.shape, dtype=bool)
        if attention_mask.shape != token_ids.shape:
            raise InputError(f"token_ids and attention_mask differ: {token_ids.shape} and {attention_mask.shape}")
        is_token = attention_mask != 0
        params = jax.tree.map(_as_float32, params)
        x = _embed(params["embed"], token_ids, is_token)
        mask = _attention_mask(is_token, self.info.causal)
        for layer in params["layers"]:
            if "attention" in layer:
                x = x + _attention(layer["attention"], x, mask)
            if "mlp" in layer:
                x = x + _mlp(layer["mlp"], x)
        return _matmul(x[..., 1:, :], params["unembed"]["w_u"]) + params["unembed"]["b_u"]


def to_jax(module: ModuleOp) -> JaxModel:
    """The JAX model of a module at the level of the transformer dialect.

    Raises:
        CompileError: the module's model isn't one standard transformer.
    """
    transformer = read_transformer(module)
    params: Params = {
        "embed": _weights(transformer.embed),
        "layers": [_layer_weights(layer) for layer in transformer.layers],
        "unembed": _weights(transformer.unembed),
    }
    return JaxModel(jax.device_put(params), describe(transformer))


_PARTS: dict[str, type[WeightedOp]] = {"attention": AttentionOp, "mlp": MlpOp}
"""The parts of a layer, in their order."""


def _listed(params: Params) -> Iterator[tuple[str, tuple[int, ...], bytes]]:
    """The parameters in the order of the digest; JAX sorts the keys of dictionaries."""
    yield from _arrays("embed", EmbedOp, params["embed"])
    for number, layer in enumerate(params["layers"]):
        for part, kind in _PARTS.items():
            if part in layer:
                yield from _arrays(f"layer_{number}.{part}", kind, layer[part])
    yield from _arrays("unembed", UnembedOp, params["unembed"])


def _arrays(path: str, kind: type[WeightedOp], weights: Params) -> Iterator[tuple[str, tuple[int, ...], bytes]]:
    for name in kind.get_irdl_definition().properties:
        array = np.asarray(weights[name])
        yield f"{path}.{name}", array.shape, array.astype(array.dtype.newbyteorder("<")).tobytes()


def _weights(op: WeightedOp) -> Params:
    return dict(weights_of(op))


def _layer_weights(layer: Layer) -> Params:
    params: Params = {}
    if layer.attention:
        params["attention"] = _weights(layer.attention.op)
    if layer.mlp:
        params["mlp"] = _weights(layer.mlp.op)
    return params


def _as_float32(weights: jax.Array) -> jax.Array:
    return weights.astype(jnp.float32)


def _matmul(a: jax.Array, b: jax.Array) -> jax.Array:
    return jnp.matmul(a, b, precision=jax.lax.Precision.HIGHEST)


def _after_bos(x: jax.Array, bos: Any) -> jax.Array:
    """`x` [..., sequence] with `bos` before each sequence."""
    return jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(1, 0)], constant_values=bos)


def _rows(table: jax.Array, indices: jax.Array) -> jax.Array:
    """Rows of a table, NaN for one that isn't there."""
    in_range = jnp.where(indices < 0, table.shape[0], indices)  # JAX would count negative ones from the end
    return table.at[in_range].get(mode="fill", fill_value=jnp.nan)


def _embed(params: Params, ids: jax.Array, is_token: jax.Array) -> jax.Array:
    """The residual stream, [..., 1 + sequence, d_model]."""
    bos = params["w_e"].shape[0] - 1
    ids = jnp.where(is_token, jnp.where(ids == bos, -1, ids), 0)  # the BOS token is not for the caller
    positions = jnp.cumsum(is_token, axis=-1) * is_token
    return _rows(params["w_e"], _after_bos(ids, bos)) + _rows(params["w_pos"], _after_bos(positions, 0))


def _attention_mask(is_token: jax.Array, causal: bool) -> jax.Array:
    """Where a query may attend to a key, [..., 1 + sequence or 1, 1 + sequence]."""
    visible = _after_bos(is_token, True)[..., None, :]
    if not causal:
        return visible
    indices = jnp.arange(visible.shape[-1])
    return visible & (indices[None, :] <= indices[:, None])


def pattern_of(scores: jax.Array) -> jax.Array:
    """How much each query attends to each key, by its scores."""
    return jax.nn.softmax(scores, axis=-1)


def _attention(params: Params, x: jax.Array, mask: jax.Array) -> jax.Array:
    heads = x[..., None, :, :]  # [..., 1, position, d_model]
    queries, keys, values = (_matmul(heads, params[name]) for name in ("w_q", "w_k", "w_v"))
    # What is computed at padding may be of any size, and zero times infinity is no number.
    values = jnp.where(mask.any(axis=-2)[..., None, :, None], values, 0)
    scores = _matmul(queries, jnp.swapaxes(keys, -1, -2))  # [..., n_heads, query, key]
    pattern = pattern_of(jnp.where(mask[..., None, :, :], scores, -np.inf))
    return _matmul(_matmul(pattern, values), params["w_o"]).sum(axis=-3)


def _mlp(params: Params, x: jax.Array) -> jax.Array:
    hidden = jax.nn.relu(_matmul(x, params["w_in"]) + params["b_in"])
    return _matmul(hidden, params["w_out"]) + params["b_out"]
