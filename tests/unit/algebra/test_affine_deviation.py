import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from raspc.algebra.affine_deviation import deviation, reach_of
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Affine, as_affine

BODIES = (
    "(x + 4.6e15) - 4.6e15",
    "x - y",
    "0.1 * x + 0.7 * y",
    "(x + y) - y",
    "x / 3 * 3",
    "1e16 + x - 1e16 - y",
    f"x + {2**53 + 1} - {2**53}",
    "2 * (x - y) - 1",
    "1e-300 * x * 1e300",
    "x - x",
)
NUMBERS = (0, 1, 3, -7, 0.1, 1 / 3, 0.2 + 0.1, 2**53 + 1, 2.0**53, 1e16, 1e-300, 10**17 + 1, 4.6e15)


def difference(body: str, xs: list[Any], ys: list[Any]) -> tuple[float, Fraction]:
    """The bound, and the largest distance there is."""
    expression = Expression(("x", "y"), body)
    affine = as_affine(expression)
    assert affine is not None
    pairs = list(product(xs, ys))
    results = [expression(x, y) for x, y in pairs]
    columns = [np.array(column, dtype=np.float64) for column in zip(*pairs, strict=True)]
    exact = [
        sum(
            (Fraction(c) * Fraction(v) for c, v in zip(affine.coefficients, pair, strict=True)),
            Fraction(affine.constant),
        )
        for pair in pairs
    ]
    largest = max(abs(Fraction(result) - each) for result, each in zip(results, exact, strict=True))
    return deviation(affine, columns, np.array(results, dtype=np.float64)), largest


@given(st.sampled_from(BODIES), *[st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=3)] * 2)
@example(BODIES[0], [0, 1.5, 3], [0])
@example("x - y", [2**53 + 1], [2**53])
def test_no_value_is_further_from_the_combination(body: str, xs: list[Any], ys: list[Any]):
    bound, largest = difference(body, xs, ys)
    assert largest <= bound


@pytest.mark.parametrize("body", ["x - y", "2 * (x - y) - 1", "x + y + 9007199254740001"])
def test_whole_numbers_are_combined_exactly(body: str):
    assert difference(body, [0, 1, 3, -7], [2, 5]) == (0.0, 0)


def test_a_whole_number_beyond_2_53_may_round():
    assert difference("x + 0 * y", [2**53 + 1], [0]) == (pytest.approx(14, abs=1), 0)
    assert difference("x + y", [2.0**53, 1], [1.0])[1] == 1


def test_what_rounding_takes_away_is_found():
    bound, largest = difference("(x + 4.6e15) - 4.6e15", [0, 1.5, 3], [0])
    assert (largest, bound) == (Fraction(1, 2), pytest.approx(0.5))


def test_numbers_beyond_the_floats_have_no_bound():
    assert reach_of(Affine((10**400,)), [1.0]) == math.inf
    assert reach_of(Affine((1e308, 1e308)), [1.0, 1.0]) == math.inf
    assert deviation(Affine((1,), 10**400), [np.ones(1)], np.ones(1)) == math.inf


def test_no_combinations_deviate_by_nothing():
    assert deviation(Affine((1,), 2), [np.zeros(0)], np.zeros(0)) == 0.0
