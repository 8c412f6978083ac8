"""Tracr's `tracr.transformer.model`: the sizes of a transformer, and what it computes from its parameters.

Shapes: B is the batch, T the positions with BOS, D the residual stream, H the heads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]

Params: TypeAlias = dict[str, dict[str, Floats]]
"""The parameters under Tracr's names: `params["transformer/layer_0/attn/query"]["w"]`.

- `token_embed` has `embeddings` [n_tokens, D] and `pos_embed` has `embeddings` [T at most, D];
- `transformer/layer_0/attn/query`, `key` and `value` have `w` [D, H * key_size] and `b`, head by head;
- `transformer/layer_0/attn/linear` has `w` [H * key_size, D] and `b`;
- `transformer/layer_0/mlp/linear_1` has `w` [D, mlp_hidden_size] and `b`, `linear_2` has `w` [mlp_hidden_size, D] and
  `b`.
"""

MASKED = -1e30
"""The score of a key that a query may not attend to."""


def relu(x: Floats) -> Floats:
    """The positive part."""
    return np.maximum(x, 0)


@dataclass
class TransformerConfig:
    """The sizes of a transformer.

    Attributes:
        num_heads: the heads of each layer.
        num_layers: the layers, each an attention followed by an MLP.
        key_size: the width of a head's queries, keys and values. Scores are divided by its square root.
        mlp_hidden_size: the hidden units of each MLP.
        dropout_rate: 0.
        activation_function: of the hidden units.
        layer_norm: false, there is no normalisation.
        causal: whether a position attends to itself and earlier positions only.
    """

    num_heads: int
    num_layers: int
    key_size: int
    mlp_hidden_size: int
    dropout_rate: float = 0.0
    activation_function: Callable[[Floats], Floats] = relu
    layer_norm: bool = False
    causal: bool = False


@dataclass(eq=False)
class TransformerOutput:
    """What the layers of a transformer compute.

    Attributes:
        layer_outputs: what each attention and each MLP adds to the residual stream, two a layer, [B, T, D].
        residuals: the residual stream after each of them, [B, T, D].
        attn_logits: for each layer the scores before the softmax, [B, H, T, T], query by key.
        output: the residual stream at the end, [B, T, D].
        input_embeddings: the residual stream at the start, [B, T, D].
    """

    layer_outputs: list[Floats]
    residuals: list[Floats]
    attn_logits: list[Floats]
    output: Floats
    input_embeddings: Floats


@dataclass(eq=False)
class CompiledTransformerModelOutput:
    """What a model computes.

    Attributes:
        transformer_output: the layers.
        unembedded_output: the numbers that the output encoder decodes, [B, T].
    """

    transformer_output: TransformerOutput
    unembedded_output: NDArray[Any]


def run_transformer(params: Params, config: TransformerConfig, tokens: NDArray[np.int64]) -> TransformerOutput:
    """What the layers compute for token ids, BOS included, [B, T]."""
    embeddings = params["token_embed"]["embeddings"][tokens] + params["pos_embed"]["embeddings"][: tokens.shape[1]]
    mask = np.ones((tokens.shape[1], tokens.shape[1]), dtype=np.bool_)  # [query, key]
    if config.causal:
        mask = np.tril(mask)
    residual = embeddings
    layer_outputs: list[Floats] = []
    residuals: list[Floats] = []
    attn_logits: list[Floats] = []
    for layer in range(config.num_layers):
        attended, logits = _attention(params, f"transformer/layer_{layer}/attn", config, residual, mask)
        residual = residual + attended
        layer_outputs.append(attended)
        residuals.append(residual)
        attn_logits.append(logits)
        hidden = config.activation_function(_linear(params[f"transformer/layer_{layer}/mlp/linear_1"], residual))
        computed = _linear(params[f"transformer/layer_{layer}/mlp/linear_2"], hidden)
        residual = residual + computed
        layer_outputs.append(computed)
        residuals.append(residual)
    return TransformerOutput(layer_outputs, residuals, attn_logits, residual, embeddings)


def _linear(params: dict[str, Floats], x: Floats) -> Floats:
    return x @ params["w"] + params["b"]


def _attention(
    params: Params, name: str, config: TransformerConfig, x: Floats, mask: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """What an attention adds to the residual stream [B, T, D], and its scores [B, H, T, T]."""

    def heads(projection: str) -> Floats:  # [B, H, T, key_size]
        split = (*x.shape[:2], config.num_heads, config.key_size)
        return _linear(params[f"{name}/{projection}"], x).reshape(split).swapaxes(1, 2)

    scores = heads("query") @ heads("key").swapaxes(-1, -2) / np.float32(np.sqrt(config.key_size))
    logits = np.where(mask, scores, np.float32(MASKED))
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    mixed = exponentials / exponentials.sum(axis=-1, keepdims=True) @ heads("value")  # [B, H, T, key_size]
    return _linear(params[f"{name}/linear"], mixed.swapaxes(1, 2).reshape(*x.shape[:2], -1)), logits
