"""The tensors of the transformer dialect: their types, and checks of weights."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import DYNAMIC_INDEX, TensorType, i1, i64
from xdsl.ir import SSAValue
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.dtypes import DTYPES, FLOAT32, DType
from raspc.dialects.dense import Dense, ElementType, dtype_of, element_type, to_array

IDS_TYPE = TensorType(i64, (DYNAMIC_INDEX, DYNAMIC_INDEX))
"""Token ids: [batch, sequence]."""

PADDING_TYPE = TensorType(i1, (DYNAMIC_INDEX, DYNAMIC_INDEX))
"""True where there is a token and false where there is padding: [batch, sequence]."""

MASK_TYPE = TensorType(i1, (DYNAMIC_INDEX, DYNAMIC_INDEX, DYNAMIC_INDEX))
"""True where a query position may attend to a key position: [batch, 1 + sequence, 1 + sequence]."""

PARAMETER_LIMIT = 1 << 28
"""The most parameters of a model that a pass makes: 2**28 float32 are 1 GiB."""

EMPTY_LIMIT = 1 << 16
"""The largest product of the other sizes of a weight of which one size is 0: none of them costs a file anything."""


def residual_type(d_model: int, dtype: DType = FLOAT32) -> TensorType[ElementType]:
    """The type of the residual stream: [batch, 1 + sequence, d_model]; position 0 is the BOS token."""
    return TensorType(element_type(dtype), (DYNAMIC_INDEX, DYNAMIC_INDEX, d_model))


def check_shape(name: str, weights: Dense, expected: Sequence[int | None], dtype: DType) -> tuple[int, ...]:
    """The shape of a weight, checked against `expected`, in which `None` stands for any size.

    Raises:
        VerifyException: the shapes or the dtypes differ, or the bytes don't fill the shape.
    """
    if not isinstance(weights.type, TensorType):
        raise VerifyException(f"{name} must be of a tensor type, found {weights.type}")
    if (found := dtype_of(weights.get_element_type())) != dtype:
        raise VerifyException(f"{name} must be of {dtype.mlir} as the values are, found {found.mlir}")
    shape = weights.get_shape()
    agrees = len(shape) == len(expected) and all(e is None or s == e for s, e in zip(shape, expected, strict=True))
    if not agrees:
        wanted = ", ".join("any" if size is None else str(size) for size in expected)
        raise VerifyException(f"{name} must have the shape [{wanted}], found {list(shape)}")
    elements = math.prod(shape)
    if not elements and math.prod(max(1, size) for size in shape) > EMPTY_LIMIT:
        raise VerifyException(f"{name} has no element, and the shape {list(shape)}")
    found_bytes, expected_bytes = len(weights.data.data), elements * dtype.numpy.itemsize
    if found_bytes != expected_bytes:
        raise VerifyException(f"{name} holds {found_bytes} bytes, but its shape {list(shape)} has {expected_bytes}")
    with np.errstate(invalid="ignore"):  # signalling NaNs
        finite = np.isfinite(to_array(weights))
    if not finite.all():
        raise VerifyException(f"{name} has an element that is not a finite number")
    return shape


def width_of(value: SSAValue) -> int:
    """The size of the last axis of a residual-stream value.

    Raises:
        VerifyException: the value is of another type.
    """
    return _checked(value).get_shape()[-1]


def dtype_of_value(value: SSAValue) -> DType:
    """The dtype of a residual-stream value.

    Raises:
        VerifyException: the value is of another type.
    """
    return dtype_of(_checked(value).get_element_type())


def _checked(value: SSAValue) -> TensorType[ElementType]:
    found = value.type
    if isinstance(found, TensorType) and len(shape := found.get_shape()) == 3:
        for dtype in DTYPES.values():
            if found == (expected := residual_type(shape[-1], dtype)):
                return expected
    names = ", ".join(dtype.mlir for dtype in DTYPES.values())
    raise VerifyException(f"expected a value of the type tensor<?x?xNxT> with a T of {names}, found {found}")
