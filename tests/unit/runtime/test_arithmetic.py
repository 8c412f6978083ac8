import numpy as np
import pytest
from numpy.typing import NDArray

from raspc.algebra.dtypes import BFLOAT16, FLOAT16, FLOAT32, DType, rounded
from raspc.runtime.arithmetic import add_up, matmul

SMALL = pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)


def normal(dtype: DType, *shape: int) -> NDArray:
    return rounded(np.random.default_rng(0).normal(size=shape), dtype).astype(dtype.numpy)


def one_by_one(terms: NDArray, dtype: DType) -> float:
    """The sum of some numbers, rounded after each."""
    total = 0.0
    for term in terms.tolist():
        total = float(rounded(total + term, dtype))
    return total


@SMALL
def test_products_and_partial_sums_are_rounded(dtype: DType):
    a, b = normal(dtype, 2, 3, 40), normal(dtype, 2, 40, 5)
    found = matmul(a, b)
    assert found.dtype == dtype.numpy
    for batch, i, j in np.ndindex(found.shape):
        # A product of two such numbers is exact in float64.
        products = rounded(a[batch, i].astype(float) * b[batch, :, j].astype(float), dtype)
        assert float(found[batch, i, j]) == one_by_one(products, dtype)


@SMALL
@pytest.mark.parametrize("axis", [-1, 1, 0])
def test_sums_are_rounded(dtype: DType, axis: int):
    array = normal(dtype, 40, 40, 40)
    found = add_up(array, axis)
    assert found.dtype == dtype.numpy
    assert found.shape == tuple(1 if i == axis % 3 else 40 for i in range(3))
    lanes = np.moveaxis(array.astype(float), axis, -1)
    for i, j in np.ndindex(3, 3):
        assert float(found.reshape(40, 40)[i, j]) == one_by_one(lanes[i, j], dtype)


@SMALL
def test_a_sum_stops_growing_where_the_dtype_ends(dtype: DType):
    ones = np.ones((1, 2**dtype.precision + 100), dtype=dtype.numpy)
    assert float(add_up(ones, 1)[0, 0]) == 2**dtype.precision
    assert float(matmul(ones, ones.T)[0, 0]) == 2**dtype.precision


@SMALL
def test_shapes_are_those_of_numpy(dtype: DType):
    def shape(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
        return matmul(np.ones(a, dtype=dtype.numpy), np.ones(b, dtype=dtype.numpy)).shape

    assert shape((4, 1, 2, 3), (5, 3, 7)) == (4, 5, 2, 7)
    assert shape((2, 0), (0, 3)) == (2, 3)
    assert shape((0, 3), (3, 2)) == (0, 2)


def test_float32_is_numpys_own():
    a, b = normal(FLOAT32, 3, 50), normal(FLOAT32, 50, 7)
    assert matmul(a, b).tobytes() == (a @ b).tobytes()
    assert add_up(a, 1).tobytes() == a.sum(axis=1, keepdims=True).tobytes()
