"""The weights of a transformer's ops as arrays."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from numpy.typing import NDArray

from raspc.dialects.dense import to_array
from raspc.dialects.transformer import AttentionOp, Dense, EmbedOp, MlpOp, UnembedOp

WeightedOp: TypeAlias = EmbedOp | AttentionOp | MlpOp | UnembedOp


def weights_of(op: WeightedOp) -> dict[str, NDArray[Any]]:
    """An op's weights by name, in the order in which the dialect defines them: `w_e`, `w_pos` for an embedding.

    The arrays are of the model's dtype.
    """
    return {name: to_array(attr) for name, attr in _attributes_of(op).items()}


def shapes_of(op: WeightedOp) -> dict[str, tuple[int, ...]]:
    """The shapes of what `weights_of` returns."""
    return {name: tuple(attr.get_shape()) for name, attr in _attributes_of(op).items()}


def _attributes_of(op: WeightedOp) -> dict[str, Dense]:
    # The dialect allows no other type: checking it again would take longer than all that is done with the weights.
    return {name: cast(Dense, op.properties[name]) for name in op.get_irdl_definition().properties}
