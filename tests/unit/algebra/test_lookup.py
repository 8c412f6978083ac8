import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.lookup import lookup_units, merged_classes
from raspc.algebra.sparse import SparseMatrix
from tests.unit.algebra.lookup_tables import N_RESULTS, assert_computes, cells_of, tables

without_never = tables.map(lambda table: np.maximum(table, -1))


@given(without_never, st.booleans(), st.tuples(*[st.booleans()] * 3))
def test_the_units_compute_the_table(table: NDArray[np.int64], plateau: bool, undefinable: tuple[bool, ...]):
    units = lookup_units(table, N_RESULTS, plateau=plateau)
    assert_computes(units, table, undefinable[: table.ndim])


@given(without_never, st.integers(0, 2**32))
def test_a_plateau_stands_operands_that_are_off_by_a_quarter_in_all(table: NDArray[np.int64], seed: int):
    units = lookup_units(table, N_RESULTS, plateau=True)
    assert_computes(units, table, (True,) * table.ndim, noise=0.25, rng=np.random.default_rng(seed))


@given(without_never)
def test_classes_are_equal_slices(table: NDArray[np.int64]):
    for axis in range(table.ndim):
        representatives, class_of = merged_classes(table, axis)
        slices = np.moveaxis(table, axis, 0)
        for position, number in enumerate(class_of):
            np.testing.assert_array_equal(slices[position], slices[representatives[number]])
        assert len({slices[position].tobytes() for position in representatives}) == len(representatives)
        assert sorted(representatives.tolist()) == representatives.tolist()


def test_values_with_equal_results_share_a_unit():
    # x == 2 for x in 0..9: one unit for the one value, one for the other nine.
    table = (np.arange(10) == 2).astype(np.int64)
    assert lookup_units(table, 2).n_units == 2


def test_nothing_is_spent_on_undefined_results():
    table = np.full((5, 5), -1)
    np.fill_diagonal(table, 0)
    assert lookup_units(table, 1).n_units == 5
    assert lookup_units(np.full((5, 5), -1), 1).n_units == 0


def test_units_that_write_nothing_vanish():
    units = lookup_units(np.array([0, 1, 2]), 3).writing(SparseMatrix.from_dense([[0.0], [3.0], [0.0]]))
    assert units.n_units == 3
    left = units.without_silent()
    assert left.n_units == 1
    assert left.outputs.to_dense().tolist() == [[3.0]]
    assert left.weights[0].tolist() == [[0.0], [1.0], [0.0]]


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
@pytest.mark.parametrize("plateau", [False, True])
def test_an_operand_that_is_never_defined_needs_no_units(shape: tuple[int, ...], plateau: bool):
    units = lookup_units(np.zeros(shape, dtype=np.int64), 1, plateau=plateau)
    assert units.n_units == units.biases.size == 0
    assert [weights.shape for weights in units.weights] == [(size, 0) for size in shape]
    assert list(cells_of(np.zeros(shape, dtype=np.int64), (False,) * len(shape))) == []
