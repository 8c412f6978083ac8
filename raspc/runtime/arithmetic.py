"""Products and sums of arrays in a model's dtype.

In float32 they are numpy's. In float16 and bfloat16 every product and every partial sum is rounded to the dtype, in the
order of the terms, as on a machine that has nothing wider. numpy itself would keep sums of float16 in float32, and
return products of bfloat16 as float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def matmul(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """The matrix product of two arrays of one dtype: [..., m, k] and [..., k, n] to [..., m, n]."""
    if a.dtype == np.float32:
        return a @ b
    axes = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    total = np.zeros((*axes, a.shape[-2], b.shape[-1]), dtype=a.dtype)
    for column, row in zip(np.moveaxis(a, -1, 0), np.moveaxis(b, -2, 0), strict=True):
        total += column[..., :, None] * row[..., None, :]
    return total


def add_up(array: NDArray[Any], axis: int) -> NDArray[Any]:
    """The sum along an axis, which is kept with a size of 1."""
    if array.dtype == np.float32:
        return array.sum(axis=axis, keepdims=True)
    total = np.zeros(np.delete(array.shape, axis), dtype=array.dtype)
    for term in np.moveaxis(array, axis, 0):
        total += term
    return np.expand_dims(total, axis)
