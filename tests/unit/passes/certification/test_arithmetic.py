"""The facts about sums in floating point on which certificates rest, tried on random sums."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from raspc.algebra.binary import steps_of
from raspc.algebra.dtypes import BFLOAT16, FLOAT16, FLOAT32, DType, rounded
from raspc.passes.certification.arithmetic import Arithmetic, common_step, is_power_of_two

each_dtype = pytest.mark.parametrize("dtype", [FLOAT32, FLOAT16, BFLOAT16], ids=str)


def added(terms: NDArray[np.float64], dtype: DType) -> NDArray[np.float64]:
    """The sums of rows of terms, from first to last, each partial sum rounded: [n_sums, n_terms] to [n_sums]."""
    total = np.zeros(len(terms))
    for term in terms.T:
        total = rounded(total + term, dtype)
    return total


@each_dtype
def test_a_sum_is_off_by_gamma_at_most(dtype: DType):
    arithmetic = Arithmetic(dtype, dtype)
    random = np.random.default_rng(0)
    for n in (2, 5, 30):
        terms = rounded(random.normal(size=(200, n)) * 2.0 ** random.integers(-6, 6, size=(200, n)), dtype)
        error = np.abs(added(terms, dtype) - terms.sum(axis=1))
        assert (error <= arithmetic.gamma(n - 1) * np.abs(terms).sum(axis=1)).all()


@each_dtype
def test_a_sum_is_off_by_its_positive_or_negative_part_at_most(dtype: DType):
    arithmetic = Arithmetic(dtype, dtype)
    terms = rounded(np.random.default_rng(1).normal(size=(500, 12)), dtype)
    largest = np.maximum(terms.clip(min=0).sum(axis=1), -terms.clip(max=0).sum(axis=1))
    assert (np.abs(added(terms, dtype) - terms.sum(axis=1)) <= arithmetic.gamma(11) * largest).all()


@each_dtype
def test_multiples_of_a_step_add_exactly(dtype: DType):
    arithmetic = Arithmetic(dtype, dtype)
    random = np.random.default_rng(2)
    total = int(1 / arithmetic.u)
    terms = 0.25 * random.integers(-total // 16, total // 16, size=(500, 16)).astype(np.float64)
    assert arithmetic.adds_exactly(0.25, float(np.abs(terms).sum(axis=1).max()))
    assert (added(terms, dtype) == terms.sum(axis=1)).all()
    assert not arithmetic.adds_exactly(0.25, 0.25 * total + 0.25)


@each_dtype
def test_faint_terms_do_not_change_a_sum(dtype: DType):
    arithmetic = Arithmetic(dtype, dtype)
    random = np.random.default_rng(3)
    large = random.integers(-3, 4, size=(500, 4)).astype(np.float64)
    faint = rounded(random.uniform(-1, 1, size=(500, 6)) * arithmetic.u / 64, dtype)
    terms = random.permuted(np.hstack([large, faint]), axis=1)
    whole = large.sum(axis=1)
    found = added(terms, dtype)
    assert (found[whole != 0] == whole[whole != 0]).all()
    assert (np.abs(found[whole == 0]) <= 2 * np.abs(faint).sum(axis=1)[whole == 0]).all()


@each_dtype
def test_numbers_are_multiples_of_their_spacing(dtype: DType):
    arithmetic = Arithmetic(dtype, dtype)
    numbers = rounded(np.random.default_rng(4).uniform(0.01, 100, size=1000), dtype)
    spacing = arithmetic.spacing(numbers)
    assert (numbers % spacing == 0).all()
    assert (2 * numbers % (2 * arithmetic.spacing(numbers / 2)) == 0).all()
    assert arithmetic.spacing(np.array([0.0, -1.0])).tolist() == [0.0, 0.0]


def test_spacing_is_that_of_the_format():
    numbers = np.array([1.0, 1.5, 2.0, 1000.0])
    found = Arithmetic(FLOAT32, FLOAT32).spacing(numbers)
    assert found.tolist() == np.spacing(numbers.astype(np.float32)).astype(np.float64).tolist()


def test_too_many_roundings_have_no_bound():
    assert Arithmetic(BFLOAT16, BFLOAT16).gamma(256) == np.inf
    assert Arithmetic(BFLOAT16, BFLOAT16).gamma(255) < np.inf


def test_weights_are_rounded_to_float32_first():
    arithmetic = Arithmetic(FLOAT32, BFLOAT16)
    weights = np.array([0.1, 1 / 3, 2.0, 257.0])
    stored = arithmetic.stored(weights)
    assert stored.tolist() == rounded(rounded(weights, FLOAT32), BFLOAT16).tolist()
    assert arithmetic.weight_error(weights).tolist() == np.abs(stored - weights).tolist()
    assert arithmetic.u == 2.0**-24


def test_steps():
    assert steps_of(np.array([3.0, 0.375, -8.0, 0.0])).tolist() == [1.0, 0.125, 8.0, np.inf]
    assert common_step(np.array([12.0, 0.5])) == 0.5
    assert common_step(np.zeros(2)) == np.inf
    assert is_power_of_two(np.array([1.0, -0.25, 3.0, 0.0])).tolist() == [True, True, False, False]
