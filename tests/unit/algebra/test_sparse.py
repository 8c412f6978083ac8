import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from raspc.algebra.sparse import SparseMatrix, count_distinct_rows, hstack

elements = st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.5, 1e300, -1e-300])
dense_matrices = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=6), elements=elements
)


@given(dense_matrices)
def test_dense_round_trip(dense: NDArray[np.float64]):
    matrix = SparseMatrix.from_dense(dense)
    np.testing.assert_array_equal(matrix.to_dense(), dense)
    assert (matrix.elements != 0).all()
    assert matrix == SparseMatrix.from_scipy(matrix.to_scipy())


@given(dense_matrices, st.randoms(use_true_random=False))
def test_the_order_of_triples_does_not_matter(dense: NDArray[np.float64], random: object):
    rows, columns = np.nonzero(np.ones_like(dense))
    order = np.random.default_rng(0).permutation(rows.size)
    shuffled = SparseMatrix.from_triples(dense.shape, rows[order], columns[order], dense[rows, columns][order])  # type: ignore[arg-type]
    matrix = SparseMatrix.from_dense(dense)
    assert shuffled == matrix
    assert hash(shuffled) == hash(matrix)
    assert sorted(zip(matrix.rows.tolist(), matrix.columns.tolist(), strict=True)) == list(
        zip(matrix.rows.tolist(), matrix.columns.tolist(), strict=True)
    )


def test_elements_at_one_place_are_added_and_vanish_if_they_cancel():
    matrix = SparseMatrix.from_triples((2, 2), [0, 0, 1, 1], [1, 1, 0, 0], [2, 3, 1, -1])
    assert matrix.to_dense().tolist() == [[0, 5], [0, 0]]
    assert matrix.elements.size == 1


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_the_identity_is_recognised(size: int):
    identity = SparseMatrix.identity(size)
    assert identity.is_identity
    assert identity == SparseMatrix.from_dense(np.eye(size))


@pytest.mark.parametrize(
    "dense",
    [np.eye(2, 3), 2 * np.eye(2), np.eye(2)[::-1], np.ones((2, 2)), np.diag([1, 0])],
)
def test_what_is_not_the_identity_is_not_recognised(dense: NDArray[np.float64]):
    assert not SparseMatrix.from_dense(dense).is_identity


def test_matrices_differ_by_shape_alone():
    assert SparseMatrix.from_dense(np.zeros((2, 3))) != SparseMatrix.from_dense(np.zeros((3, 2)))
    assert SparseMatrix.from_dense(np.zeros((2, 3))) != 0


@given(st.integers(0, 4), st.lists(st.integers(0, 3), min_size=1, max_size=4), st.integers(0, 2**32))
def test_hstack_puts_blocks_side_by_side(rows: int, widths: list[int], seed: int):
    rng = np.random.default_rng(seed)
    blocks = [rng.integers(-1, 2, size=(rows, width)).astype(np.float64) for width in widths]
    stacked = hstack([SparseMatrix.from_dense(block) for block in blocks])
    np.testing.assert_array_equal(stacked.to_dense(), np.hstack(blocks))


def test_blocks_of_different_heights_or_none_cannot_stand_side_by_side():
    with pytest.raises(ValueError, match=r"blocks with \[1, 2\] rows"):
        hstack([SparseMatrix.identity(1), SparseMatrix.identity(2)])
    with pytest.raises(ValueError, match="rows can't stand"):
        hstack([])


@pytest.mark.parametrize("element", [np.inf, -np.inf, np.nan])
def test_elements_must_be_finite(element: float):
    with pytest.raises(ValueError, match="must be finite"):
        SparseMatrix.from_triples((1, 1), [0], [0], [element])


@pytest.mark.parametrize(
    ("rows", "columns", "values"),
    [([2], [0], [1.0]), ([0], [-1], [1.0]), ([0, 1], [0], [1.0, 1.0])],
)
def test_triples_must_be_of_one_length_and_within_the_shape(rows: list[int], columns: list[int], values: list[float]):
    with pytest.raises(ValueError):  # noqa: PT011  the message is scipy's
        SparseMatrix.from_triples((2, 2), rows, columns, values)


@given(dense_matrices)
def test_distinct_rows_are_counted_without_rows_of_zeros(dense: NDArray[np.float64]):
    matrix = SparseMatrix.from_dense(dense)
    assert count_distinct_rows(matrix) == len({tuple(row) for row in dense.tolist() if any(row)})
    assert matrix.transposed() == SparseMatrix.from_dense(dense.T)
