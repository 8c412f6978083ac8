from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import raspc
from raspc import rasp
from raspc.algebra.error_bound import UNIT_ROUNDOFF, ErrorBound
from raspc.algebra.lookup import lookup_units
from raspc.algebra.sparse import SparseMatrix
from raspc.passes.lookups import LookupProblem, cheapest_lookup, plateau_error
from tests.unit.algebra.lookup_tables import N_RESULTS, assert_computes, tables

Table = NDArray[np.int64]

EXACT = ErrorBound()
INEXACT = ErrorBound(one_hot=2.0**-20, largest=2.0**-20)


def problem_of(
    table: Table, bound: ErrorBound = EXACT, *, undefinable: tuple[bool, ...] | None = None
) -> LookupProblem:
    n = table.ndim
    return LookupProblem(
        shape=table.shape,
        codes=table.astype(np.int64).tobytes(),
        vectors=SparseMatrix.identity(max(N_RESULTS, int(table.max()) + 1)),
        is_numerical=False,
        numbers=tuple(tuple(map(float, range(size))) for size in table.shape),
        undefinable=(False,) * n if undefinable is None else undefinable,
        bounds=(bound,) * n,
        scale=1.0,
        exactly=False,
    )


@settings(deadline=None, max_examples=60)
@given(tables, st.tuples(*[st.booleans()] * 3))
def test_of_exact_operands_the_result_is_exact(table: Table, undefinable: tuple[bool, ...]):
    undefinable = undefinable[: table.ndim]
    found = cheapest_lookup(problem_of(table, undefinable=undefinable))
    assert found.error == ErrorBound()
    assert_computes(found.units, table, undefinable, dtype=np.float32)


@settings(deadline=None, max_examples=60)
@given(tables, st.tuples(*[st.booleans()] * 3), st.booleans(), st.integers(0, 2**32))
def test_of_inexact_operands_the_result_is_as_exact_as_promised(
    table: Table, undefinable: tuple[bool, ...], exactly: bool, seed: int
):
    undefinable, rng = undefinable[: table.ndim], np.random.default_rng(seed)
    problem = replace(problem_of(table, INEXACT, undefinable=undefinable), exactly=exactly)
    found = cheapest_lookup(problem)
    assert not exactly or found.error.largest <= plateau_error(table.ndim)
    for noise in (2.0**-20, 2.0**-23):
        assert_computes(
            found.units, table, undefinable, noise=noise, rng=rng, tolerance=found.error.largest, dtype=np.float32
        )


@given(tables)
@settings(deadline=None, max_examples=60)
def test_nothing_takes_more_units_than_cells(table: Table):
    cells = lookup_units(np.maximum(table, -1), N_RESULTS)
    assert cheapest_lookup(problem_of(table)).units.n_units <= cells.n_units
    assert cheapest_lookup(problem_of(table, INEXACT)).units.n_units <= 2 * cells.n_units


def test_what_known_functions_take():
    i = np.arange(12)
    less, same, total = (i[:, None] < i) * 1, (i[:, None] == i) * 1, i[:, None] + i
    assert [cheapest_lookup(problem_of(table)).units.n_units for table in (less, same, total)] == [3, 4, 23]
    inexact = [cheapest_lookup(problem_of(table, INEXACT)) for table in (less, same, total)]
    assert [found.units.n_units for found in inexact] == [3, 5, 45]
    assert all(found.error.largest > 0 for found in inexact)


def test_what_a_large_sum_takes():
    i = np.arange(100)
    assert cheapest_lookup(problem_of(i[:, None] + i)).units.n_units == 199


def test_a_coarse_arithmetic_takes_no_large_sums():
    i = np.arange(40)
    total = problem_of(i[:, None] + i)
    assert cheapest_lookup(total).units.n_units == 79
    assert cheapest_lookup(replace(total, scale=2.0**16)).units.n_units == 1600 - 39


def test_numbers_that_do_not_add_up_exactly_are_written_once():
    i = np.arange(5)
    total = i[:, None] + i
    numbers = SparseMatrix.from_dense(np.arange(1, 10)[:, None] / 3)
    problem = replace(problem_of(total), vectors=numbers, is_numerical=True)
    found = cheapest_lookup(problem)
    assert found.units.n_units == 25
    assert found.error.relative == UNIT_ROUNDOFF
    whole = replace(problem, vectors=SparseMatrix.from_dense(np.arange(9.0)[:, None]))
    assert cheapest_lookup(whole).units.n_units == 1


@pytest.mark.parametrize(("default", "n_units"), [(2.0**23, 4), (2.0**23 + 2, 7)])
def test_a_default_of_numbers_is_taken_as_long_as_its_sums_are_exact(default: float, n_units: int):
    table = np.zeros((6, 6), dtype=np.int64)
    table[0, 1], table[2, 5], table[4, 3] = 1, 2, 1
    numbers = np.array([default, 1.0, 3.0])
    problem = replace(problem_of(table), vectors=SparseMatrix.from_dense(numbers[:, None]), is_numerical=True)
    units = cheapest_lookup(problem).units
    assert units.n_units == n_units
    first, second = (weights.astype(np.float32) for weights in units.weights)
    hidden = np.maximum(first[:, None] + second[None, :] + units.biases.astype(np.float32), 0)
    written = hidden @ units.outputs.to_dense().astype(np.float32)
    assert (written[:, :, 0] == numbers[table]).all()


def test_operands_that_are_too_inexact_take_cells():
    table = np.eye(4, dtype=np.int64)
    assert cheapest_lookup(problem_of(table, ErrorBound(one_hot=0.1, largest=0.1))).units.n_units == 32


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
def test_a_comparison_of_lengths_and_counts(pipeline: str):
    same = rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ))
    fewer = rasp.SequenceMap(lambda n, i: n <= i, same, rasp.indices)
    program = rasp.SequenceMap(lambda f, t: f if t else not f, fewer, rasp.tokens)
    model = raspc.compile(program, vocab=[0, 1], max_seq_len=5, pipeline=pipeline)
    for tokens in ([0], [1, 0], [1, 1, 0, 1, 0], [0, 0, 0, 0, 1]):
        assert list(model(tokens)) == list(program(tokens))
