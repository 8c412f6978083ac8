from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc.algebra.dtypes import BFLOAT16, DTYPES, FLOAT16, FLOAT32, DType, dtype_named, rounded

ALL = pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)


def all_numbers(dtype: DType) -> np.ndarray:
    """Every number of a 16-bit dtype but its NaNs, as float64."""
    with np.errstate(invalid="ignore"):  # signalling NaNs
        numbers = np.arange(2**16, dtype=np.uint16).view(dtype.numpy).astype(np.float64)
    return np.unique(numbers[~np.isnan(numbers)])


@ALL
def test_the_facts_agree_with_the_scalar_type(dtype: DType):
    info = ml_dtypes.finfo(dtype.scalar)
    assert dtype.numpy.name == dtype.name
    assert dtype.precision == info.nmant + 1
    assert dtype.largest == float(info.max)
    assert dtype.smallest_normal == float(info.smallest_normal)
    assert dtype.smallest_subnormal == float(info.smallest_subnormal)
    assert dtype.unit_roundoff == float(info.eps) / 2


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_rounding_keeps_every_number_and_takes_the_nearer_of_two(dtype: DType):
    numbers = all_numbers(dtype)
    np.testing.assert_array_equal(rounded(numbers, dtype), numbers)
    finite = numbers[np.isfinite(numbers)]
    lower, upper = finite[:-1], finite[1:]
    middle = (lower + upper) / 2  # exact in float64, which has more digits and a wider range
    np.testing.assert_array_equal(rounded(np.nextafter(middle, lower), dtype), lower)
    np.testing.assert_array_equal(rounded(np.nextafter(middle, upper), dtype), upper)
    tied = rounded(middle, dtype)
    assert ((tied == lower) | (tied == upper)).all()
    bits = tied.astype(dtype.numpy).view(np.uint16)
    assert not (bits & 1).any(), "ties go to the even one"


@given(st.floats(allow_nan=False))
def test_rounding_is_numpys_where_numpy_rounds_once(number: float):
    with np.errstate(over="ignore", under="ignore"):
        for dtype in (FLOAT32, FLOAT16):
            assert rounded(number, dtype).tobytes() == np.float64(np.array(number).astype(dtype.numpy)).tobytes()


def test_rounding_to_bfloat16_rounds_once():
    just_above_a_tie = 1 + 2**-8 + 2**-40
    assert rounded(just_above_a_tie, BFLOAT16) == 1 + 2**-7
    assert np.array(just_above_a_tie).astype(ml_dtypes.bfloat16) == 1, "the reason for an own function"


@ALL
def test_what_is_too_large_becomes_infinite(dtype: DType):
    beyond = 2.0 ** (dtype.max_exponent + 1)
    halfway = (dtype.largest + beyond) / 2
    given = [np.nextafter(halfway, 0), halfway, -halfway, beyond, np.inf, -np.inf]
    expected = [dtype.largest, np.inf, -np.inf, np.inf, np.inf, -np.inf]
    np.testing.assert_array_equal(rounded(given, dtype), expected)


@ALL
def test_not_a_number_stays_and_shapes_stay(dtype: DType):
    assert np.isnan(rounded(np.nan, dtype))
    assert rounded(np.zeros((2, 0, 3)), dtype).shape == (2, 0, 3)
    assert np.signbit(rounded(-0.0, dtype))


def test_names():
    assert dtype_named("bfloat16") is BFLOAT16
    assert {dtype.mlir for dtype in DTYPES.values()} == {"f32", "f16", "bf16"}
    with pytest.raises(ValueError, match="there is no dtype 'half': expected one of float32, float16, bfloat16"):
        dtype_named("half")
