"""Sparse matrices as frozen values: the linear and bilinear maps between subspaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import ArrayLike, NDArray

sparse: Any = scipy.sparse
"""scipy comes without types."""


@dataclass(frozen=True, eq=False)
class SparseMatrix:
    """A real matrix by its non-zero elements.

    The elements are sorted by row and then column, none is zero and none occurs twice, so that equal matrices have
    equal arrays.

    Attributes:
        shape: the numbers of rows and columns.
        rows: row of each element, int32, [n].
        columns: column of each element, int32, [n].
        elements: the elements, float64, [n].
    """

    shape: tuple[int, int]
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    elements: NDArray[np.float64]

    @staticmethod
    def from_triples(shape: tuple[int, int], rows: ArrayLike, columns: ArrayLike, elements: ArrayLike) -> SparseMatrix:
        """The matrix with the given elements, in any order; elements at the same place are added.

        Raises:
            ValueError: the arrays differ in length, or an index is outside the shape.
        """
        rows, columns = np.asarray(rows, dtype=np.int64).ravel(), np.asarray(columns, dtype=np.int64).ravel()
        elements = np.asarray(elements, dtype=np.float64).ravel()
        if not rows.size == columns.size == elements.size:
            raise ValueError(f"found {rows.size} rows, {columns.size} columns and {elements.size} elements")
        for indices, size in ((rows, shape[0]), (columns, shape[1])):
            if indices.size and not 0 <= indices.min() <= indices.max() < size:
                raise ValueError(f"an element lies outside of the {shape[0]} by {shape[1]} matrix")
        if not np.isfinite(elements).all():
            raise ValueError("the elements of a matrix must be finite")
        places = rows * shape[1] + columns
        if (np.diff(places) > 0).all() and elements.all():  # they are as they are kept
            return SparseMatrix(shape, rows.astype(np.int32), columns.astype(np.int32), elements.copy())
        return SparseMatrix.from_scipy(sparse.coo_array((elements, (rows, columns)), shape=shape))

    @staticmethod
    def from_scipy(matrix: Any) -> SparseMatrix:
        """The matrix of a scipy sparse array of any format."""
        compressed = sparse.csr_array(matrix)
        compressed.sum_duplicates()
        compressed.eliminate_zeros()
        coordinates = compressed.tocoo()
        return SparseMatrix(
            (int(compressed.shape[0]), int(compressed.shape[1])),
            coordinates.row.astype(np.int32),
            coordinates.col.astype(np.int32),
            coordinates.data.astype(np.float64),
        )

    def to_scipy(self) -> Any:
        """The matrix as a scipy sparse array in coordinate format."""
        return sparse.coo_array((self.elements, (self.rows, self.columns)), shape=self.shape)

    @staticmethod
    def from_dense(matrix: ArrayLike) -> SparseMatrix:
        """The non-zero elements of a dense matrix, [rows, columns]."""
        array = np.asarray(matrix, dtype=np.float64)
        rows, columns = np.nonzero(array)
        return SparseMatrix.from_triples((array.shape[0], array.shape[1]), rows, columns, array[rows, columns])

    @staticmethod
    def identity(size: int) -> SparseMatrix:
        """The identity matrix."""
        diagonal = np.arange(size)
        return SparseMatrix.from_triples((size, size), diagonal, diagonal, np.ones(size))

    @cached_property
    def is_identity(self) -> bool:
        """Whether this is the identity matrix."""
        n = self.shape[0]
        diagonal = np.arange(n)
        return (
            self.shape == (n, n)
            and self.elements.size == n
            and bool(np.array_equal(self.rows, diagonal))
            and bool(np.array_equal(self.columns, diagonal))
            and bool((self.elements == 1).all())
        )

    def to_dense(self) -> NDArray[np.float64]:
        """The matrix as a dense array: [rows, columns]."""
        dense = np.zeros(self.shape)
        dense[self.rows, self.columns] = self.elements
        return dense

    def transposed(self) -> SparseMatrix:
        """The matrix with rows and columns exchanged."""
        order = np.argsort(self.columns, kind="stable")
        rows, columns = self.shape
        return SparseMatrix((columns, rows), self.columns[order], self.rows[order], self.elements[order])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, SparseMatrix)
            and self.shape == other.shape
            and np.array_equal(self.rows, other.rows)
            and np.array_equal(self.columns, other.columns)
            and np.array_equal(self.elements, other.elements)
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.rows.tobytes(), self.columns.tobytes(), self.elements.tobytes()))


@dataclass(frozen=True)
class MatrixProduct:
    """A matrix that is kept as a product of two.

    Attributes:
        left: [rows, rank]
        right: [rank, columns]

    Raises:
        ValueError: the two don't fit together.
    """

    left: SparseMatrix
    right: SparseMatrix

    def __post_init__(self) -> None:
        if self.left.shape[1] != self.right.shape[0]:
            (rows, rank), (inner, columns) = self.left.shape, self.right.shape
            raise ValueError(f"a {rows} by {rank} matrix can't be multiplied by a {inner} by {columns} matrix")

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and columns of the product."""
        return self.left.shape[0], self.right.shape[1]

    def to_dense(self) -> NDArray[np.float64]:
        """The product as a dense array: [rows, columns]."""
        return self.left.to_dense() @ self.right.to_dense()


def hstack(blocks: Sequence[SparseMatrix]) -> SparseMatrix:
    """The blocks side by side; all have the same number of rows.

    Raises:
        ValueError: there are no blocks, or their rows differ.
    """
    rows = {block.shape[0] for block in blocks}
    if len(rows) != 1:
        raise ValueError(f"blocks with {sorted(rows)} rows can't stand side by side")
    return SparseMatrix.from_scipy(sparse.hstack([block.to_scipy() for block in blocks]))


def count_distinct_rows(matrix: SparseMatrix) -> int:
    """How many different rows a matrix has; rows of zeros don't count.

    >>> count_distinct_rows(SparseMatrix.from_dense([[1, 0], [1, 0], [0, 0], [0, 1]]))
    2
    """
    sizes: NDArray[np.int64] = np.bincount(matrix.rows, minlength=matrix.shape[0])  # [rows]
    starts = np.cumsum(sizes) - sizes
    distinct = 0
    for size in np.unique(sizes[sizes > 0]).tolist():  # only rows with as many elements can be equal
        places = starts[sizes == size][:, None] + np.arange(size, dtype=np.int64)  # [rows of this size, size]
        rows = np.hstack([matrix.columns[places].astype(np.int64), matrix.elements[places].view(np.int64)])
        distinct += np.unique(rows.view(np.dtype((np.void, 16 * size)))).size  # a row as one item
    return distinct


def vstack(blocks: Sequence[SparseMatrix]) -> SparseMatrix:
    """The blocks one below the other; all have the same number of columns.

    Raises:
        ValueError: there are no blocks, or their columns differ.
    """
    columns = {block.shape[1] for block in blocks}
    if len(columns) != 1:
        raise ValueError(f"blocks with {sorted(columns)} columns can't stand one below the other")
    return SparseMatrix.from_scipy(sparse.vstack([block.to_scipy() for block in blocks]))
