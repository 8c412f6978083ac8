"""The transformer dialect: a standard decoder-only or encoder-only transformer on tensors.

Token and position embedding, multi-head attention, MLPs, residual adds and an unembedding, without layer
normalisation. Weights are `dense` attributes; the batch and sequence axes are dynamic. The exporters read this dialect
alone.

A BOS token stands before the input inside the model: `transformer.embed` prepends it, `transformer.unembed` drops it,
and callers never see it.
"""

from xdsl.ir import Dialect

from raspc.dialects.dense import Dense
from raspc.dialects.transformer.model import ModelOp, ReturnOp, model_of
from raspc.dialects.transformer.ops import (
    AddOp,
    AttentionMaskOp,
    AttentionOp,
    EmbedOp,
    MlpOp,
    UnembedOp,
)
from raspc.dialects.transformer.tensors import residual_type

Transformer = Dialect(
    "transformer",
    [ModelOp, EmbedOp, AttentionMaskOp, AttentionOp, MlpOp, AddOp, UnembedOp, ReturnOp],
    [],
)

__all__ = [
    "AddOp",
    "AttentionMaskOp",
    "AttentionOp",
    "Dense",
    "EmbedOp",
    "MlpOp",
    "ModelOp",
    "ReturnOp",
    "Transformer",
    "UnembedOp",
    "model_of",
    "residual_type",
]
