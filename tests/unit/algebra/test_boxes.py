import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.boxes import box_units, boxes_of
from raspc.algebra.grid import NEVER
from raspc.algebra.lookup import lookup_units
from tests.unit.algebra.lookup_tables import N_RESULTS, assert_computes, tables

flags = st.tuples(*[st.booleans()] * 3)


@given(tables, st.booleans(), flags)
def test_the_units_compute_the_table(table: NDArray[np.int64], plateau: bool, undefinable: tuple[bool, ...]):
    undefinable = undefinable[: table.ndim]
    for units in box_units(table, N_RESULTS, undefinable=undefinable, plateau=plateau):
        assert_computes(units, table, undefinable)


@given(tables, flags, st.integers(0, 2**32))
def test_plateaus_stand_operands_that_are_off_by_a_quarter_in_all(
    table: NDArray[np.int64], undefinable: tuple[bool, ...], seed: int
):
    undefinable, rng = undefinable[: table.ndim], np.random.default_rng(seed)
    for units in box_units(table, N_RESULTS, undefinable=undefinable, plateau=True):
        assert_computes(units, table, undefinable, noise=0.25, rng=rng)


@given(tables)
def test_boxes_are_disjoint_and_hold_what_is_wanted(table: NDArray[np.int64]):
    wanted, free = table == 0, table == NEVER
    memberships = boxes_of(wanted, free)
    held = np.ones((*table.shape, memberships[0].shape[1]), dtype=np.int64)
    for axis, part in enumerate(memberships):
        held = held * np.expand_dims(part, [other for other in range(table.ndim) if other != axis])
    counts = held.sum(axis=-1)
    assert (counts[wanted] == 1).all()
    assert (counts[~wanted & ~free] == 0).all()


@given(tables)
def test_boxes_are_no_more_than_cells(table: NDArray[np.int64]):
    without, by_default = box_units(table, N_RESULTS, undefinable=(False,) * table.ndim)
    assert without.n_units <= lookup_units(np.maximum(table, -1), N_RESULTS).n_units
    assert by_default.n_units <= without.n_units + 1 + int((table == -1).sum())


@pytest.mark.parametrize("n", [2, 5, 30])
def test_equality_takes_a_unit_for_each_value_and_one(n: int):
    without, by_default = box_units(np.eye(n, dtype=np.int64), 2, undefinable=(False, False))
    assert without.n_units == 2 * n
    assert by_default.n_units == n + 1


def test_the_default_is_switched_off_where_an_operand_is_undefined():
    _, units = box_units(np.eye(3, dtype=np.int64), 2, undefinable=(True, False))
    assert units.weights[0][:, 0].tolist() == [1.0, 1.0, 1.0]
    assert units.weights[1][:, 0].tolist() == [0.0, 0.0, 0.0]
    assert units.biases[0] == 0.0


def test_what_never_occurs_makes_slices_equal():
    table = np.array([[0, NEVER, 1], [NEVER, 0, 1], [0, 0, NEVER]])
    without, _ = box_units(table, 2, undefinable=(False, False))
    assert without.n_units == 2
    assert lookup_units(np.maximum(table, -1), 2).n_units == 6


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
def test_an_operand_that_is_never_defined_needs_no_units(shape: tuple[int, ...]):
    for units in box_units(np.zeros(shape, dtype=np.int64), 1, undefinable=(True,) * len(shape)):
        assert units.n_units == 0
        assert [weights.shape for weights in units.weights] == [(size, 0) for size in shape]
