"""What a transformer computes from parameters with Tracr's names, written down from Tracr's description of it.

It reads `params` and `model_config` alone, works head by head in float64, and shares nothing with `raspc.compat`.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def forward(params: Any, config: Any, ids: list[int]) -> dict[str, Any]:
    """The intermediates of one sequence of ids, as Tracr names them, with a batch of 1."""

    def weights(module: str) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(params[module]["w"], np.float64), np.asarray(params[module]["b"], np.float64)

    def linear(module: str, x: np.ndarray) -> np.ndarray:
        w, b = weights(module)
        return x @ w + b

    n, width = len(ids), config.key_size
    tokens, positions = (np.asarray(params[name]["embeddings"], np.float64) for name in ("token_embed", "pos_embed"))
    x = np.array([tokens[code] + positions[place] for place, code in enumerate(ids)])
    found: dict[str, Any] = {"input_embeddings": x[None], "residuals": [], "layer_outputs": [], "attn_logits": []}
    for layer in range(config.num_layers):
        name = f"transformer/layer_{layer}"
        queries, keys, values = (linear(f"{name}/attn/{part}", x) for part in ("query", "key", "value"))
        scores, mixed = [], []
        for head in range(config.num_heads):
            part = slice(head * width, (head + 1) * width)
            score = queries[:, part] @ keys[:, part].T / width**0.5
            if config.causal:
                score[np.triu_indices(n, 1)] = -1e30
            pattern = np.exp(score - score.max(axis=1, keepdims=True))
            scores.append(score)
            mixed.append(pattern / pattern.sum(axis=1, keepdims=True) @ values[:, part])
        attended = linear(f"{name}/attn/linear", np.concatenate(mixed, axis=1))
        found["attn_logits"].append(np.array(scores)[None])
        found["layer_outputs"].append(attended[None])
        x = x + attended
        found["residuals"].append(x[None])
        computed = linear(f"{name}/mlp/linear_2", np.maximum(linear(f"{name}/mlp/linear_1", x), 0))
        found["layer_outputs"].append(computed[None])
        x = x + computed
        found["residuals"].append(x[None])
    found["transformer_output"] = x[None]
    return found


def read_output(model: Any, residual: np.ndarray) -> list[Any]:
    """The values at the end of the residual stream [T, D], found by labels, as TransformerLens finds them."""
    labels, label = model.residual_labels, model.output_label
    encoding = getattr(model.output_encoder, "encoding_map", None)
    if encoding is None:
        numbers = residual[:, labels.index(label)]
        defined = (
            residual[:, labels.index(f"{label}:defined")] if f"{label}:defined" in labels else np.ones(len(numbers))
        )
        return model.output_encoder.decode(np.where(defined > 0.5, numbers, np.nan).tolist())
    logits = np.zeros((len(residual), len(encoding)))
    for value, column in encoding.items():
        logits[:, column] = residual[:, labels.index(f"{label}:{value}")]
    return model.output_encoder.decode(logits.argmax(axis=1).tolist())
