"""The weights of a transformer's ops as arrays."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray
from xdsl.utils.hints import isa

from raspc.dialects.dense import to_array
from raspc.dialects.transformer import AttentionOp, Dense, EmbedOp, MlpOp, UnembedOp

WeightedOp: TypeAlias = EmbedOp | AttentionOp | MlpOp | UnembedOp


def weights_of(op: WeightedOp) -> dict[str, NDArray[Any]]:
    """An op's weights by name, in the order in which the dialect defines them: `w_e`, `w_pos` for an embedding.

    The arrays are of the model's dtype.
    """
    weights: dict[str, NDArray[Any]] = {}
    for name in op.get_irdl_definition().properties:
        attr = op.properties[name]
        assert isa(attr, Dense), "the dialect allows no other type"
        weights[name] = to_array(attr)
    return weights
