from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from raspc.algebra.merging import Merging
from raspc.algebra.sparse import SparseMatrix


def of(rows: list[list[float]]) -> SparseMatrix:
    return SparseMatrix.from_dense(rows)


@pytest.mark.parametrize("seed", range(20))
def test_what_readers_see_stays_the_same(seed: int):
    random = np.random.default_rng(seed)
    seen = random.integers(-1, 2, size=(12, 2)).astype(np.float64)  # many rows are equal, and some zero
    written = random.integers(-5, 6, size=(4, 12)).astype(np.float64)
    merging = Merging.of_rows(SparseMatrix.from_dense(seen))
    rows = merging.take_rows(SparseMatrix.from_dense(seen)).to_dense()
    columns = merging.add_columns(SparseMatrix.from_dense(written)).to_dense()
    assert np.array_equal(columns @ rows, written @ seen)
    assert merging.kept.size == len(np.unique(seen[seen.any(axis=1)], axis=0)) < 12
    transposed = merging.add_rows(SparseMatrix.from_dense(written.T)).to_dense()
    assert np.array_equal(transposed, columns.T)
    assert np.array_equal(merging.take_columns(SparseMatrix.from_dense(seen.T)).to_dense(), rows.T)


def test_the_first_of_equal_rows_is_kept():
    merging = Merging.of_rows(of([[0, 1], [2, 0], [0, 1], [0, 0], [2, 0]]))
    assert merging.leader.tolist() == [0, 1, 0, -1, 1]
    assert merging.into.tolist() == [0, 1, 0, -1, 1]
    assert merging.drops_some
    assert not merging.keeps_all


def test_rows_that_differ_are_all_kept():
    merging = Merging.of_rows(of([[1, 0], [1, 1e-300], [np.nextafter(1.0, 2.0), 0]]))
    assert merging.keeps_all
    assert not merging.drops_some


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_is_merged_into_nothing(shape: tuple[int, int]):
    merging = Merging.of_rows(SparseMatrix.from_triples(shape, [], [], []))
    assert merging.kept.size == 0
    assert merging.add_rows(SparseMatrix.identity(shape[0])).shape == (0, shape[0])


def sums(rows: list[list[float]]) -> NDArray[np.int64]:
    return Merging(np.zeros(len(rows), dtype=np.int64)).where_exact(of(rows)).leader


@pytest.mark.parametrize(
    "rows",
    [[[1], [-1]], [[0.1], [0]], [[2.0**52], [1]], [[5e-324], [5e-324]], [[0.1, 0], [0, 0.2]], [[0.75], [3]]],
)
def test_sums_that_are_exact(rows: list[list[float]]):
    assert sums(rows).tolist() == [0, 0]


@pytest.mark.parametrize("rows", [[[0.1], [0.2]], [[2.0**53], [1]], [[1e300], [1e-300]], [[1, 0.1], [1, 0.2]]])
def test_sums_that_may_be_rounded(rows: list[list[float]]):
    assert sums(rows).tolist() == [0, 1]


def test_what_vanishes_is_in_no_sum():
    merging = Merging(np.array([0, 0, -1, 3, 3])).where_exact(of([[1], [2], [0.1], [0.1], [0.3]]))
    assert merging.leader.tolist() == [0, 0, -1, 3, 4]
