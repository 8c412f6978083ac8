import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from raspc.algebra.factorisation import factorised, factors, rank_of
from raspc.algebra.sparse import MatrixProduct, SparseMatrix

small_matrices = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.sampled_from([0.0, 0.0, 1.0, -1.0, 0.5]),
)


@given(small_matrices)
def test_a_factorisation_is_exact_and_as_small_as_the_distinct_rows_or_columns(matrix: NDArray[np.float64]):
    left, right = factorised(matrix)
    np.testing.assert_array_equal(left @ right, matrix)
    distinct = [len({row.tobytes() for row in rows + 0.0 if row.any()}) for rows in (matrix, matrix.T)]
    assert left.shape[1] == right.shape[0] == min(distinct)


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_matrix_has_a_factorisation(shape: tuple[int, int]):
    left, right = factorised(np.zeros(shape))
    assert (left @ right).shape == shape


@given(small_matrices)
def test_the_rank_of_a_form_is_the_inner_size_of_its_factors(matrix: NDArray[np.float64]):
    form = SparseMatrix.from_dense(matrix)
    product = MatrixProduct(form, SparseMatrix.identity(matrix.shape[1]))
    for each in (form, product):
        left, right = factors(each)
        assert rank_of(each) == left.shape[1] == right.shape[0]
    assert rank_of(product) == matrix.shape[1]
