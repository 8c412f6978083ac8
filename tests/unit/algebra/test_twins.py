from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc.algebra.twins import TWIN_DISTANCE, residues, rounding_twins, without_twins
from raspc.algebra.values import Value

near_one = st.integers(-40, 40).map(lambda k: 1 + k * 2.0**-52)
scaled = st.tuples(near_one, st.integers(-1000, 1000), st.sampled_from([1, -1])).map(
    lambda x: x[2] * x[0] * 2.0 ** x[1]
)
NUMBERS = st.lists(st.one_of(near_one, scaled, st.floats(-10, 10), st.integers(-5, 5)), max_size=12).map(
    lambda numbers: sorted(set(numbers))
)


def groups_of(numbers: list[Value]) -> list[list[Value]]:
    twins = rounding_twins(np.array(numbers, dtype=np.float64))
    groups: list[list[Value]] = []
    for number, joins in zip(numbers, [False, *twins.tolist()], strict=False):
        groups[-1].append(number) if joins else groups.append([number])
    return groups


def test_floats_that_differ_by_rounding_are_twins():
    close = np.array([0.2 - 1e-17, 0.2, 0.3, 0.1 + 0.2, 1.0])
    assert rounding_twins(np.unique(close)).tolist() == [False, True, False]
    assert without_twins([0, 1 - 0.8, 0.2, 0.3, 0.1 + 0.2]) == [0, 0.2, 0.3]
    assert without_twins([-1, -0.1 - 0.2, -0.3, 1 + 2.0**-52]) == [-1, -0.3, 1 + 2.0**-52]


def test_different_whole_numbers_are_not_twins():
    assert without_twins([1, 2, 1000, 1001]) == [1, 2, 1000, 1001]
    large = 10**15
    assert without_twins([large, large + 1]) == [large, large + 1]
    assert {large, large + 1} <= {*without_twins([large, large + 0.5, large + 1])}  # nor does a float join them
    assert without_twins([2**53, 2**53 + 1]) == [2**53, 2**53 + 1]  # one number as a float
    assert without_twins([2.0**60, 2.0**60 + 256]) == [2.0**60, 2.0**60 + 256]
    assert without_twins([]) == []


@given(NUMBERS)
def test_no_group_is_wider_than_what_is_documented(numbers: list[Value]):
    for group in groups_of(numbers):
        low, high = Fraction(group[0]), Fraction(group[-1])  # type: ignore[arg-type]
        assert high - low <= Fraction(TWIN_DISTANCE) * min(abs(low), abs(high))


@given(NUMBERS)
def test_what_is_near_is_a_twin_unless_it_is_one_of_a_chain(numbers: list[Value]):
    groups = groups_of(numbers)
    for low, high in pairwise(numbers):
        exact = [Fraction(low), Fraction(high)]  # type: ignore[arg-type]
        if exact[1] - exact[0] <= Fraction(TWIN_DISTANCE) * min(map(abs, exact)):
            assert any(low in group and high in group for group in groups) or ([low] in groups and [high] in groups)


def test_a_chain_has_no_twins():
    chain = [1 + k * 2.0**-51 for k in range(200)]
    assert without_twins([*chain]) == chain
    assert without_twins([*chain[:9]]) == [1.0]
    assert without_twins([*chain[:10]]) == chain[:10]


@pytest.mark.parametrize("small", [1e-7, 1e-17, 1e-300, 5e-324, 0.3 - 0.1 * 3])
@pytest.mark.parametrize("large", [1.0, 1e9, 1e308])
def test_zero_has_no_twin_whatever_the_largest_number_is(small: float, large: float):
    numbers = sorted([0.0, small, large, -large])
    assert without_twins([*numbers]) == numbers


def test_residues_are_measured_by_the_largest_number():
    assert residues(np.array([-1e308, 0.0, 1e-7, 1e308])).tolist() == [False, True, False]
    assert residues(np.array([0.0, 1e-7, 1.0])).tolist() == [False, False]
    assert residues(np.zeros(0)).tolist() == []
