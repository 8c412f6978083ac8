"""Tracr's `tracr.compiler.assemble`: compiled models with Tracr's attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from raspc.algebra.values import MaybeValue
from raspc.compat.tracr.compiler.weights import can_be_undefined, tracr_weights
from raspc.compat.tracr.transformer.encoder import CategoricalEncoder, Encoder, NumericalEncoder
from raspc.compat.tracr.transformer.model import (
    CompiledTransformerModelOutput,
    Floats,
    Params,
    TransformerConfig,
    run_transformer,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import InputError, RaspcError
from raspc.runtime.model import CompiledModel


@dataclass(eq=False)
class AssembledTransformerModelOutput:
    """What a model computes on one input. T positions, BOS and padding included; B is 1.

    Attributes:
        decoded: the program's outputs, after BOS; `None` is undefined, and at padding stands padding.
        unembedded: the numbers that decode to them, [B, T]: of a categorical output the positions of the values, of a
            numerical one the values in float32, NaN for undefined. At BOS and at padding they mean nothing.
        layer_outputs: what each attention and each MLP adds to the residual stream, two a layer, [B, T, D].
        residuals: the residual stream after each of them, [B, T, D].
        attn_logits: for each layer the scores before the softmax, [B, H, T, T], query by key.
        transformer_output: the residual stream at the end, [B, T, D].
        input_embeddings: the residual stream at the start, [B, T, D].
    """

    decoded: list[MaybeValue]
    unembedded: NDArray[Any]
    layer_outputs: list[Floats]
    residuals: list[Floats]
    attn_logits: list[Floats]
    transformer_output: Floats
    input_embeddings: Floats


@dataclass(eq=False, repr=False)
class AssembledTransformerModel:
    """A compiled model with Tracr's attributes.

    Attributes:
        params: the parameters under Tracr's names, as numpy arrays. `apply` runs whatever stands here.
        model_config: the sizes.
        residual_labels: the names of the directions of the residual stream, D of them: `reverse:1`, `tokens:BOS`.
        input_encoder: from tokens to ids.
        output_encoder: from what `forward` returns to values.
        output_label: the name of the output in `residual_labels`: `reverse`. It is the program's name, unless another
            s-op has that.
        output_directions: the directions that the output is read from, in the order of `output_encoder`.
        compiled: the same model with raspc's interface, from which `params` were made: its certificate, `validate`,
            `save`, `to_jax`.
    """

    params: Params
    model_config: TransformerConfig
    residual_labels: list[str]
    input_encoder: CategoricalEncoder
    output_encoder: Encoder
    output_label: str
    output_directions: list[int]
    compiled: CompiledModel

    def apply(self, tokens: Sequence[Any]) -> AssembledTransformerModelOutput:
        """Run the model on one input: BOS, at most max_seq_len tokens, and padding as far as there is room.

        Raises:
            InputError: BOS doesn't stand first, the input is too long, or a token is not in the vocabulary. It is a
                ValueError.
        """
        ids = self.input_encoder.encode(tokens)
        output = self.forward(self.params, [ids])
        values = self.output_encoder.decode(output.unembedded_output[0].tolist())
        special: dict[int | None, MaybeValue] = {
            self.input_encoder.bos_encoding: self.input_encoder.bos_token,
            self.input_encoder.pad_encoding: self.input_encoder.pad_token,
        }
        layers = output.transformer_output
        return AssembledTransformerModelOutput(
            decoded=[special.get(code, value) for code, value in zip(ids, values, strict=True)],
            unembedded=output.unembedded_output,
            layer_outputs=layers.layer_outputs,
            residuals=layers.residuals,
            attn_logits=layers.attn_logits,
            transformer_output=layers.output,
            input_embeddings=layers.input_embeddings,
        )

    def forward(self, params: Params, tokens: ArrayLike) -> CompiledTransformerModelOutput:
        """Run the model with the given parameters on token ids, BOS included.

        Args:
            params: parameters of the same shapes as `self.params`.
            tokens: ids by `input_encoder.encoding_map`, [B, T].

        Raises:
            InputError: the ids aren't such an array.
            RaspcError: an output is NaN or infinite, as with damaged parameters.
        """
        ids = np.asarray(tokens)
        n_tokens, longest = self.input_encoder.vocab_size, len(params["pos_embed"]["embeddings"])
        if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer) or not 0 < ids.shape[1] <= longest:
            raise InputError(f"expected ids of the shape [batch, 1 to {longest}], found {ids.dtype} {list(ids.shape)}")
        if ((ids < 0) | (ids >= n_tokens)).any():
            raise InputError(f"token ids must be between 0 and {n_tokens - 1}, found {ids.min()} to {ids.max()}")
        output = run_transformer(params, self.model_config, ids.astype(np.int64))
        return CompiledTransformerModelOutput(output, self._unembed(output.output))

    def _unembed(self, residual: Floats) -> NDArray[Any]:
        """What the output encoder decodes: [B, T, D] to [B, T]."""
        read = residual[..., self.output_directions]
        if isinstance(self.output_encoder, CategoricalEncoder):
            if not np.isfinite(read).all():
                raise RaspcError("the model computed an output that is NaN or infinite: its parameters are damaged")
            return read.argmax(axis=-1)
        if len(self.output_directions) == 1:  # always defined
            read = np.concatenate([read, np.ones_like(read)], axis=-1)
        codes = self.compiled.codec.output_ids(read)
        return np.append(self.compiled.info.output_numbers, np.float32(np.nan))[codes]

    def __repr__(self) -> str:
        config = self.model_config
        return (
            f"<{type(self).__name__} @{self.compiled.name}: {config.num_layers} layers, {config.num_heads} heads, "
            f"key_size {config.key_size}, mlp_hidden_size {config.mlp_hidden_size}, "
            f"d_model {len(self.residual_labels)}>"
        )


def assemble(model: CompiledModel, name: str, bos: str, pad: str) -> AssembledTransformerModel:
    """A model of the pipeline `O0` with Tracr's attributes.

    Args:
        model: the model.
        name: the program's name.
        bos: the token that stands first in every input; not in the vocabulary.
        pad: the token for padding; not in the vocabulary.

    Raises:
        CompileError: with all layers of one size the model is too large.
    """
    info = model.info
    weights = tracr_weights(model, name, bos, pad)
    if info.encoding == Encoding.NUMERICAL:
        output_encoder: Encoder = NumericalEncoder(model.codec)
    else:
        output_encoder = CategoricalEncoder([*info.outputs.values, *([None] if can_be_undefined(info) else [])])
    return AssembledTransformerModel(
        params=weights.params,
        model_config=weights.config,
        residual_labels=weights.residual_labels,
        input_encoder=CategoricalEncoder(
            [*info.vocab.values, bos, pad], bos_token=bos, pad_token=pad, max_seq_len=info.max_seq_len + 1
        ),
        output_encoder=output_encoder,
        output_label=weights.output_label,
        output_directions=weights.output_directions,
        compiled=model,
    )
