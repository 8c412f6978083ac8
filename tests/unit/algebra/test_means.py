from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from raspc.algebra.means import (
    TooManyMeansError,
    counted_means,
    may_be_mixed,
    mean_tuples,
    mean_values,
    means_of_two,
)
from raspc.algebra.semantics import aggregate
from raspc.algebra.values import Value

numbers = st.sampled_from([0, 1, 2, -1, 5, 0.5, -2.25, 0.1, 1 / 3, 10**6, 10**9, 1e-3])
LIMIT = 10_000


def brute_force(values: list[Value], max_count: int) -> list[float]:
    """All means, each computed exactly and rounded once, in ascending order."""
    means = {
        Fraction(sum(map(Fraction, chosen)), count)  # type: ignore[arg-type]
        for count in range(1, max_count + 1)
        for chosen in combinations_with_replacement(values, count)
    }
    return [float(mean) for mean in sorted(means)]


@given(st.lists(numbers, min_size=1, max_size=4, unique=True), st.integers(1, 5))
def test_means_are_those_of_brute_force(values: list[Value], max_count: int):
    found = mean_values(values, max_count, LIMIT)
    assert [float(mean) for mean in found] == brute_force(values, max_count)  # type: ignore[arg-type]
    # A mean of equal values is the value in the form that it has; of others it is a float, which may round to a value.
    forms = {(value, type(value)) for value in values}
    assert forms <= {(mean, type(mean)) for mean in found}
    assert all(type(mean) is float or (mean, type(mean)) in forms for mean in found)


@given(st.lists(numbers, min_size=1, max_size=4, unique=True), st.integers(1, 4))
def test_the_interpreter_finds_no_other_mean(values: list[Value], max_count: int):
    found = mean_values(values, max_count, LIMIT)
    for count in range(1, max_count + 1):
        for chosen in combinations_with_replacement(values, count):
            (mean,) = aggregate(np.ones((1, count), dtype=np.int8), list(chosen))
            assert mean in found


BEYOND = st.sampled_from(
    [0, 1, 2**53, 2**53 + 1, 2**53 + 2, 2.0**53, 2**60 - 100, 2**60 + 1, 2**60 + 102, 1e300, 10**300]
)


@given(st.lists(st.tuples(BEYOND, BEYOND), min_size=1, max_size=3, unique=True), st.integers(1, 3))
@example([(2**60 - 100, 0), (2**60 + 102, 1), (2**60 + 1, 2)], 2)  # 2**60 + 1 is given, and a mean that rounds
@example([(2**53 + 1, 0), (2**53 + 1, 1)], 2)
def test_the_interpreter_finds_no_other_mean_beyond_the_exact_ints(pairs: list[tuple[Value, ...]], max_count: int):
    found = set(mean_tuples(pairs, max_count, LIMIT))
    alone = set(mean_values(sorted({value for value, _ in pairs}), max_count, LIMIT))  # type: ignore[type-var]
    for count in range(1, max_count + 1):
        for chosen in combinations_with_replacement(pairs, count):
            everything = np.ones((1, count), dtype=np.int8)
            means = [aggregate(everything, list(column))[0] for column in zip(*chosen, strict=True)]
            assert tuple(means) in found
            assert means[0] in alone


def test_an_int_that_is_no_mean_of_others_comes_as_an_int():
    assert may_be_mixed([[0, 1]], [0, 0.5, 1])  # of small ints that isn't asked
    assert not may_be_mixed([[0, 2**60]], [0, 2.0**59, 2**60])
    assert not may_be_mixed([[0.0, 1.0]], [0.0, 0.5, 1.0])
    assert may_be_mixed([[0.0], [1, 2.0]], [0.0, 1, 1.5, 2.0])
    assert may_be_mixed([[0, 2**60, 2**61]], [])
    assert not may_be_mixed([[0, 2**60 + 1, 2**61]], [])  # as a float it would be another number
    assert may_be_mixed([[0, 2**60], [1, 2**61 - 1]], [2.0**60])
    assert not may_be_mixed([[0.0, 2.0**60, 2.0**61]], [])


def test_values_far_apart_are_counted_in_another_way_with_the_same_result():
    # Beyond 64 * limit the bits of one big array would be too many.
    values: list[Value] = [0, 1, 10**7]
    assert mean_values(values, 4, 100) == mean_values(values, 4, 10**6)


@given(st.lists(numbers, min_size=1, max_size=4, unique=True), st.integers(1, 5))
def test_counts_are_the_numbers_of_values_that_have_the_mean(values: list[Value], max_count: int):
    expected: dict[Fraction, list[int]] = {}
    for count in range(1, max_count + 1):
        for mean in {sum(map(Fraction, chosen)) / count for chosen in combinations_with_replacement(values, count)}:  # type: ignore[arg-type]
            expected.setdefault(Fraction(mean), []).append(count)
    found = counted_means(values, max_count, LIMIT)
    assert [counts for _, counts in found] == [expected[mean] for mean in sorted(expected)]


@given(
    st.lists(st.tuples(numbers, numbers), min_size=1, max_size=3, unique=True),
    st.integers(1, 4),
)
def test_pairs_of_means_are_those_of_brute_force(pairs: list[tuple[Value, ...]], max_count: int):
    expected = {
        tuple(float(Fraction(sum(map(Fraction, column)), count)) for column in zip(*chosen, strict=True))  # type: ignore[arg-type]
        for count in range(1, max_count + 1)
        for chosen in combinations_with_replacement(pairs, count)
    }
    assert {tuple(map(float, pair)) for pair in mean_tuples(pairs, max_count, LIMIT)} == expected  # type: ignore[arg-type]


def test_no_tuples_have_no_means():
    assert mean_tuples([], 3, LIMIT) == []


@pytest.mark.parametrize("values", [[0, 1, 3.14159, 2.71828], [0, 1, 10**12 + 1]])
def test_too_many_means_are_an_error_that_counts_them(values: list[Value]):
    with pytest.raises(TooManyMeansError) as caught:
        mean_values(values, 12, 50)
    assert 50 < caught.value.found <= len(brute_force(values, 12))
    with pytest.raises(TooManyMeansError):
        mean_tuples([(value,) for value in values], 12, 50)


@given(st.integers(-(2**70), 2**70), st.integers(1, 2**70), st.integers(1, 6))
def test_means_of_two_are_those_of_the_interpreter(low: int, apart: int, count: int):
    for high in {low + 1, low + apart}:
        given = [[low] * (count - k) + [high] * k for k in range(count + 1)]
        expected = [aggregate(np.ones((1, count), dtype=np.int8), list(chosen))[0] for chosen in given]
        found = means_of_two(low, high, count)
        assert [(mean, type(mean)) for mean in found] == [(mean, type(mean)) for mean in expected]


@pytest.mark.parametrize(("low", "high"), [(False, True), (-1.0, 1), (2.0**53, 2**53 + 1), (1e300, 1.5e300)])
def test_means_of_two_keep_the_form_of_equal_numbers(low: float, high: float):
    for count in range(1, 5):
        given = [[low] * (count - k) + [high] * k for k in range(count + 1)]
        expected = [aggregate(np.ones((1, count), dtype=np.int8), list(chosen))[0] for chosen in given]
        assert list(map(repr, means_of_two(low, high, count))) == list(map(repr, expected))
