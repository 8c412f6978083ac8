"""Weights as builtin `dense` attributes, converted from and to numpy arrays without a Python loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import BytesAttr, DenseIntOrFPElementsAttr, Float32Type, TensorType, f32
from xdsl.utils.exceptions import VerifyException


def to_dense(array: NDArray[Any]) -> DenseIntOrFPElementsAttr[Float32Type]:
    """A float32 `dense` attribute with the elements of `array`, in row-major order."""
    data = np.ascontiguousarray(array, dtype="<f4")
    return DenseIntOrFPElementsAttr(TensorType(f32, data.shape), BytesAttr(data.tobytes()))


def to_array(attr: DenseIntOrFPElementsAttr[Float32Type]) -> NDArray[np.float32]:
    """The elements of a float32 `dense` attribute as a read-only array of its shape.

    Raises:
        VerifyException: the attribute's bytes don't fill its shape.
    """
    data = np.frombuffer(attr.data.data, dtype="<f4")
    shape = attr.get_shape()
    if data.size != int(np.prod(shape, dtype=np.int64)):
        raise VerifyException(f"a dense attribute of shape {list(shape)} holds {data.size} elements")
    return data.reshape(shape)
