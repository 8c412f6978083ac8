"""The tensors of the transformer dialect: their types, and checks of weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseIntOrFPElementsAttr,
    Float32Type,
    TensorType,
    f32,
    i1,
    i64,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.dense import to_array

Dense = DenseIntOrFPElementsAttr[Float32Type]

IDS_TYPE = TensorType(i64, (DYNAMIC_INDEX, DYNAMIC_INDEX))
"""Token ids: [batch, sequence]."""

PADDING_TYPE = TensorType(i1, (DYNAMIC_INDEX, DYNAMIC_INDEX))
"""True where there is a token and false where there is padding: [batch, sequence]."""

MASK_TYPE = TensorType(i1, (DYNAMIC_INDEX, DYNAMIC_INDEX, DYNAMIC_INDEX))
"""True where a query position may attend to a key position: [batch, 1 + sequence, 1 + sequence]."""


def residual_type(d_model: int) -> TensorType[Float32Type]:
    """The type of the residual stream: [batch, 1 + sequence, d_model]; position 0 is the BOS token."""
    return TensorType(f32, (DYNAMIC_INDEX, DYNAMIC_INDEX, d_model))


def check_shape(name: str, weights: Dense, expected: Sequence[int | None]) -> tuple[int, ...]:
    """The shape of a weight, checked against `expected`, in which `None` stands for any size.

    Raises:
        VerifyException: the shapes differ, or the bytes don't fill the shape.
    """
    if not isinstance(weights.type, TensorType):
        raise VerifyException(f"{name} must be of a tensor type, found {weights.type}")
    shape = weights.get_shape()
    agrees = len(shape) == len(expected) and all(e is None or s == e for s, e in zip(shape, expected, strict=True))
    if not agrees:
        wanted = ", ".join("any" if size is None else str(size) for size in expected)
        raise VerifyException(f"{name} must have the shape [{wanted}], found {list(shape)}")
    elements = 1
    for size in shape:
        elements *= size
    if len(weights) != elements:
        raise VerifyException(f"{name} holds {len(weights)} elements, but its shape {list(shape)} has {elements}")
    if not np.isfinite(to_array(weights)).all():
        raise VerifyException(f"{name} has an element that is not a finite number")
    return shape


def width_of(value: SSAValue) -> int:
    """The size of the last axis of a residual-stream value."""
    value_type: Attribute = value.type
    if not isinstance(value_type, TensorType) or value_type != residual_type(value_type.get_shape()[-1:][0]):
        raise VerifyException(f"expected a value of the type tensor<?x?xNxf32>, found {value_type}")
    return value_type.get_shape()[-1]
