import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.additive import LARGEST_TERM, additive_terms, additive_units, aligned_terms, sums_of
from raspc.algebra.grid import NEVER
from raspc.algebra.sparse import SparseMatrix
from tests.unit.algebra.lookup_tables import N_RESULTS, assert_computes, tables

Table = NDArray[np.int64]
flags = st.tuples(*[st.booleans()] * 3)


def fewest(table: Table, numbers: list[NDArray[np.float64] | None] | None = None) -> int:
    """The units of the best sum that the search finds."""
    n_results, undefinable = int(table.max()) + 1, (False,) * table.ndim
    found = [
        additive_units(table, terms, n_results, undefinable=undefinable)
        for terms in additive_terms(table, [None] * table.ndim if numbers is None else numbers)
    ]
    return min(units.n_units for units in found if units is not None)


@settings(deadline=None, max_examples=50)
@given(tables, flags, st.booleans())
def test_the_units_compute_the_table(table: Table, undefinable: tuple[bool, ...], are_numbers: bool):
    undefinable = undefinable[: table.ndim]
    numbers = [np.arange(size) / 2 if are_numbers else None for size in table.shape]
    n_found = 0
    for terms in additive_terms(table, numbers):
        units = additive_units(table, terms, N_RESULTS, undefinable=undefinable)
        if units is not None:
            n_found += 1
            assert_computes(units, table, undefinable, dtype=np.float32)
    assert n_found or (table == NEVER).all()  # there always is a sum that tells all combinations apart


@given(tables, st.data())
def test_any_sum_computes_the_table_or_is_refused(table: Table, data: st.DataObject):
    terms = tuple(
        np.array(data.draw(st.lists(st.integers(-6, 6), min_size=size, max_size=size)), dtype=np.int64)
        for size in table.shape
    )
    units = additive_units(table, terms, N_RESULTS, undefinable=(True,) * table.ndim)
    total = sum(np.ix_(*terms), np.zeros((), dtype=np.int64))
    kinds = {(int(z), int(code)) for z, code in zip(total.ravel(), table.ravel(), strict=True) if code != NEVER}
    is_function = len(kinds) == len({z for z, _ in kinds}) > 0
    assert (units is not None) == is_function
    if units is not None:
        assert_computes(units, table, (True,) * table.ndim, dtype=np.float32)


@settings(deadline=None, max_examples=50)
@given(tables, st.integers(0, 6))
def test_sums_that_change_too_often_are_left_out(table: Table, most: int):
    def changes(terms: tuple[Table, ...]) -> int | None:
        found = sums_of(table, terms)
        return None if found is None else int(np.count_nonzero(np.diff(found[1])))

    everything = {terms_key(terms): changes(terms) for terms in additive_terms(table, [None] * table.ndim)}
    kept = {terms_key(terms) for terms in additive_terms(table, [None] * table.ndim, most)}
    assert kept <= set(everything)
    assert all(key in kept for key, n in everything.items() if n is not None and n <= most)


def terms_key(terms: tuple[Table, ...]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(part.tolist()) for part in terms)


@pytest.mark.parametrize("n", [3, 8, 30])
def test_how_many_units_known_functions_take(n: int):
    i = np.arange(n)
    rng = np.random.default_rng(n)
    assert fewest((i[:, None] < i).astype(np.int64)) == 3
    assert fewest((i[:, None] == i).astype(np.int64)) == 4
    assert fewest((rng.permutation(n)[:, None] < rng.permutation(n)).astype(np.int64)) == 3
    assert fewest((rng.permutation(n)[:, None] == rng.permutation(n)).astype(np.int64)) == 4
    assert fewest(i[:, None] + i) == 2 * n - 1
    assert fewest(i[:, None] - i + n - 1) == 2 * n - 1


def test_three_and_more_operands():
    assert fewest(np.indices((2, 2, 2)).sum(axis=0) % 2) == 4
    assert fewest((np.indices((2, 2, 2, 2)).sum(axis=0) > 2).astype(np.int64)) == 3


def test_a_result_that_is_a_number_only_takes_bends():
    i = np.arange(7)
    table = i[:, None] + i
    units = additive_units(table, (i, i), 13, undefinable=(False, False))
    assert units is not None
    numbers = SparseMatrix.from_dense(np.arange(13.0)[:, None])
    assert units.writing(numbers).without_silent().n_units == 1


def test_gaps_that_are_no_powers_of_two():
    table = np.array([0, NEVER, NEVER, 1, NEVER, NEVER, NEVER, NEVER, 0])
    units = additive_units(table, (np.arange(9),), N_RESULTS, undefinable=(True,))
    assert units is not None
    assert_computes(units, table, (True,), dtype=np.float32)


def test_a_gap_that_is_a_power_of_two_is_one_ramp():
    # Wide ramps that touch share their bends: 0, 2 and 4, where narrow ones would bend at 0, 1, 2 and 3.
    table = np.array([0, NEVER, 1, NEVER, 2])
    units = additive_units(table, (np.arange(5),), N_RESULTS, undefinable=(False,))
    assert units is not None
    assert units.n_units == 3
    assert_computes(units, table, (False,), dtype=np.float32)


def test_a_table_of_which_nothing_occurs_has_no_sum():
    table = np.full((2, 3, 2), NEVER)
    assert all(sums_of(table, terms) is None for terms in additive_terms(table, [None] * 3))


@pytest.mark.parametrize(("lowest", "found"), [(-LARGEST_TERM, True), (-LARGEST_TERM - 1, False)])
def test_terms_are_no_farther_apart_than_is_exact(lowest: int, found: bool):
    table = np.zeros((2, 2), dtype=np.int64)
    assert (aligned_terms(table, np.array([lowest, 0])) is not None) == found
    middle = LARGEST_TERM // 2
    assert (aligned_terms(table, np.array([lowest + middle, middle])) is not None) == found
