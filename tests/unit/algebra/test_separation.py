"""Separating sums tell every combination of values from every other."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.separation import NEVER, SeparatingSum, aligned_sums, separating_sum


def classes_of(found: SeparatingSum, cell: tuple[int, ...]) -> NDArray[np.float64]:
    """What the decoder makes of the sum of a combination of values."""
    z = sum(terms[code] for terms, code in zip(found.terms, cell, strict=True))
    hidden = np.maximum(found.decoder.slopes * z + found.decoder.biases, 0)
    return hidden @ found.decoder.outputs + found.decoder.base


@st.composite
def tables(draw: st.DrawFn) -> tuple[NDArray[np.int64], list[NDArray[np.float64] | None]]:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    cells = draw(st.lists(st.integers(NEVER, 2), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    numbers: list[NDArray[np.float64] | None] = []
    for size in shape:
        if draw(st.booleans()):
            numbers.append(None)
        else:
            values = draw(st.lists(st.integers(-40, 40), min_size=size, max_size=size, unique=True))
            numbers.append(np.sort(np.array(values) / 8))
    return np.array(cells, dtype=np.int64).reshape(shape), numbers


@given(tables())
def test_the_class_of_every_combination_is_read_from_its_sum(
    table_and_numbers: tuple[NDArray[np.int64], list[NDArray[np.float64] | None]],
):
    table, numbers = table_and_numbers
    for order in permutations(range(table.ndim)):
        found = separating_sum(table, numbers, order, 3)
        if found is None:
            assert (table == NEVER).all()
            continue
        for cell in np.argwhere(table != NEVER).tolist():
            expected = np.eye(3)[table[tuple(cell)]] if table[tuple(cell)] >= 0 else np.zeros(3)
            assert classes_of(found, tuple(cell)) == pytest.approx(expected, abs=1e-9)


def test_numbers_are_only_multiplied():
    numbers = np.array([1 / 3, 0.5])
    found = separating_sum(np.array([[0, 1], [1, 0], [0, 1]]), [None, numbers], (1, 0), 2)
    assert found is not None
    assert (found.terms[1] == found.factors[1] * numbers).all()


def test_the_order_decides_how_many_units_there_are():
    table = np.repeat(np.arange(4)[:, None], 5, axis=1)  # only the first operand counts
    units = [separating_sum(table, [None, np.arange(5.0)], order, 4) for order in ((1, 0), (0, 1))]
    assert [found.n_units for found in units if found is not None] == [6, 38]


def test_of_equal_sums_with_different_classes_nothing_is_made():
    assert separating_sum(np.array([0, 1]), [np.array([2.0, 2.0])], (0,), 2) is None


@st.composite
def nearly_whole(draw: st.DrawFn) -> tuple[NDArray[np.int64], list[NDArray[np.float64] | None]]:
    """A function of a sum of multiples of numbers that are nearly whole, or fractions, and of one-hot operands."""
    n_numbers, n_one_hot = draw(st.integers(1, 2)), draw(st.integers(0, 1))
    sizes = draw(st.lists(st.integers(1, 5), min_size=n_numbers + n_one_hot, max_size=n_numbers + n_one_hot))
    unit = draw(st.sampled_from([1, 6]))
    numbers: list[NDArray[np.float64] | None] = []
    sums = np.zeros((), dtype=np.int64)
    for place, size in enumerate(sizes):
        is_number = place < n_numbers
        values = np.array(draw(st.lists(st.integers(-6, 6), min_size=size, max_size=size, unique=True)))
        values = np.sort(values) if is_number else values
        off = np.array(draw(st.lists(st.floats(-0.1, 0.1), min_size=size, max_size=size))) if unit == 1 else 0.0
        numbers.append(values / unit + off if is_number else None)
        factor = draw(st.sampled_from([1, -1, 2]))
        sums = np.add.outer(sums, factor * values)
    function = draw(st.lists(st.integers(-1, 2), min_size=101, max_size=101))
    table = np.array(function)[sums + 50]
    occurs = np.array(draw(st.lists(st.booleans(), min_size=table.size, max_size=table.size))).reshape(table.shape)
    return np.where(occurs, table, NEVER), numbers


@given(nearly_whole())
def test_the_class_of_every_combination_is_read_from_an_aligned_sum(
    table_and_numbers: tuple[NDArray[np.int64], list[NDArray[np.float64] | None]],
):
    table, numbers = table_and_numbers
    for found in aligned_sums(table, numbers, 3):
        for axis, own in enumerate(numbers):
            assert own is None or (found.terms[axis] == found.factors[axis] * own).all()
        for cell in np.ndindex(table.shape):
            output = classes_of(found, cell)
            assert output == pytest.approx(np.rint(output), abs=1e-9)  # also where the combination doesn't occur
            if table[cell] != NEVER:
                expected = np.eye(3)[table[cell]] if table[cell] >= 0 else np.zeros(3)
                assert output == pytest.approx(expected, abs=1e-9)


def fewest_units(table: NDArray[np.int64], numbers: list[NDArray[np.float64] | None]) -> int:
    return min(found.n_units for found in aligned_sums(table, numbers, int(table.max()) + 1))


def test_a_sum_of_numbers_takes_two_units_for_each_change():
    widths = np.arange(9) - np.arange(9) ** 2 / 1000
    table = np.add.outer(np.arange(9), np.arange(9))
    assert fewest_units(table, [widths, widths]) == 2 * 16
    assert fewest_units(table // 8, [widths, widths]) == 2 * 2
    separate = separating_sum(table // 8, [widths, widths], (0, 1), 3)
    assert separate is not None
    assert separate.n_units > 2 * 2 * 2


def test_the_sign_of_a_difference_takes_four_units():
    widths = np.arange(9) - np.arange(9) ** 2 / 1000
    table = np.sign(np.subtract.outer(np.arange(9), np.arange(9))) + 1
    assert fewest_units(table, [widths, widths]) == 4


def test_twice_a_number_is_compared_with_a_one_hot():
    widths = np.arange(9) - np.arange(9) ** 2 / 1000
    table = np.sign(np.subtract.outer(2 * np.arange(9), np.arange(17))) + 1
    assert fewest_units(table, [widths, None]) == 4


def test_fractions_are_compared():
    fractions = np.array([0, 1 / 3, 1 / 2, 2 / 3, 1])
    table = np.sign(np.subtract.outer(fractions, fractions)).astype(np.int64) + 1
    assert fewest_units(table, [fractions, fractions]) == 4


def test_numbers_far_from_fractions_have_no_aligned_sum():
    numbers = np.array([0.0, np.sqrt(2), np.pi])
    assert not list(aligned_sums(np.zeros((3, 3), dtype=np.int64), [numbers, numbers], 1))


def test_what_is_undefined_occurs():
    for found in (
        separating_sum(np.array([0, -1, 0]), [None], (0,), 1),
        *aligned_sums(np.array([0, -1, 0]), [np.arange(3.0)], 1),
    ):
        assert found is not None
        assert classes_of(found, (0,)) == pytest.approx([1])
        assert classes_of(found, (1,)) == pytest.approx([0])


def test_of_a_table_of_which_nothing_occurs_there_is_no_sum():
    table = np.full((2, 3), NEVER)
    assert separating_sum(table, [None, np.arange(3.0)], (0, 1), 2) is None
    assert list(aligned_sums(table, [None, np.arange(3.0)], 2)) == []
