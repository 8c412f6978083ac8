import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from raspc.algebra.lookup import LookupUnits, lookup_units, merged_classes

codes = st.integers(-1, 3)
tables = hnp.arrays(np.int64, hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), elements=codes)

N_RESULTS = 4


def looked_up(units: LookupUnits, operands: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """What the units write for vectors of the operands, one-hot or nearly so: [N_RESULTS]."""
    total = units.biases + sum(vector @ weights for vector, weights in zip(operands, units.weights, strict=True))
    written = np.zeros(N_RESULTS)
    np.add.at(written, units.results, units.signs * np.maximum(total, 0))
    return written


def expected(code: int) -> NDArray[np.float64]:
    return (np.arange(N_RESULTS) == code).astype(np.float64)


@given(tables, st.booleans())
def test_the_units_compute_the_table(table: NDArray[np.int64], plateau: bool):
    units = lookup_units(table, plateau=plateau)
    for cell in np.ndindex(table.shape):
        operands = [np.eye(size)[code] for size, code in zip(table.shape, cell, strict=True)]
        np.testing.assert_array_equal(looked_up(units, operands), expected(int(table[cell])))


@given(tables, st.booleans(), st.integers(0, 2))
def test_an_undefined_operand_gives_null(table: NDArray[np.int64], plateau: bool, axis: int):
    units = lookup_units(table, plateau=plateau)
    for cell in np.ndindex(table.shape):
        operands = [np.eye(size)[code] for size, code in zip(table.shape, cell, strict=True)]
        operands[axis % table.ndim] = np.zeros(table.shape[axis % table.ndim])
        np.testing.assert_array_equal(looked_up(units, operands), np.zeros(N_RESULTS))


@given(tables, st.integers(0, 2**32))
def test_a_plateau_stands_operands_that_are_off_by_a_quarter_in_all(table: NDArray[np.int64], seed: int):
    units = lookup_units(table, plateau=True)
    rng = np.random.default_rng(seed)
    for cell in np.ndindex(table.shape):
        operands = [np.eye(size)[code] for size, code in zip(table.shape, cell, strict=True)]
        noise = [rng.uniform(-1, 1, size=operand.shape) for operand in operands]
        scale = 0.25 / sum(np.abs(n).sum() for n in noise)
        noisy = [operand + scale * n for operand, n in zip(operands, noise, strict=True)]
        np.testing.assert_allclose(looked_up(units, noisy), expected(int(table[cell])), atol=1e-12)


@given(tables)
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
    assert lookup_units(table).results.size == 2


def test_nothing_is_spent_on_undefined_results():
    table = np.full((5, 5), -1)
    np.fill_diagonal(table, 0)
    assert lookup_units(table).results.size == 5
    assert lookup_units(np.full((5, 5), -1)).results.size == 0


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)])
@pytest.mark.parametrize("plateau", [False, True])
def test_an_operand_that_is_never_defined_needs_no_units(shape: tuple[int, ...], plateau: bool):
    units = lookup_units(np.zeros(shape, dtype=np.int64), plateau=plateau)
    assert units.results.size == units.biases.size == 0
    assert [weights.shape for weights in units.weights] == [(size, 0) for size in shape]
