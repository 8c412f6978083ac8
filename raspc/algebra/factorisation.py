"""Bilinear forms as products of two matrices: what a term of a head's scores costs in dimensions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.sparse import MatrixProduct, SparseMatrix

Matrix = NDArray[np.float64]


def factorised(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Two matrices whose product is `matrix`, by its distinct rows or its distinct columns, whichever are fewer.

    Rows (columns) of zeros count for nothing. Each factor holds elements of `matrix` or zeros and ones, so that the
    product is exact.

    Returns:
        The factors [n_rows, rank] and [rank, n_columns].
    """
    by_rows, by_columns = _distinct_rows(matrix), _distinct_rows(matrix.T)
    if by_rows[1].shape[0] <= by_columns[1].shape[0]:
        return by_rows
    return by_columns[1].T, by_columns[0].T


def _distinct_rows(matrix: Matrix) -> tuple[Matrix, Matrix]:
    _, first, inverse = np.unique(matrix, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # in the order of first appearance
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    rows = matrix[first[order]]
    membership = (rank[inverse.ravel()][:, None] == np.arange(order.size)[None, :]).astype(np.float64)
    kept = rows.any(axis=1) if rows.size else np.zeros(rows.shape[0], dtype=np.bool_)
    return membership[:, kept], rows[kept]


def factors(form: SparseMatrix | MatrixProduct) -> tuple[Matrix, Matrix]:
    """The two matrices of a bilinear form, [n_rows, rank] and [rank, n_columns]: those of a product as they are."""
    if isinstance(form, MatrixProduct):
        return form.left.to_dense(), form.right.to_dense()
    return factorised(form.to_dense())


def rank_of(form: SparseMatrix | MatrixProduct) -> int:
    """How many dimensions of a head a bilinear form takes: the inner size of its `factors`.

    >>> rank_of(SparseMatrix.from_dense([[0, 0, 0], [1, 2, 0], [1, 2, 0]]))
    1
    """
    return form.left.shape[1] if isinstance(form, MatrixProduct) else factorised(form.to_dense())[0].shape[1]
