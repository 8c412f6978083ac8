"""Separating sums tell every combination of values from every other."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.separation import NEVER, SeparatingSum, separating_sum


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
