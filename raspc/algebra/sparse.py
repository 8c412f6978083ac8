"""Sparse matrices as frozen values: the linear and bilinear maps between subspaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray


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
        row_array = np.atleast_1d(np.asarray(rows, dtype=np.int64)).ravel()
        column_array = np.atleast_1d(np.asarray(columns, dtype=np.int64)).ravel()
        element_array = np.atleast_1d(np.asarray(elements, dtype=np.float64)).ravel()
        if not row_array.size == column_array.size == element_array.size:
            raise ValueError(f"{row_array.size} rows, {column_array.size} columns, {element_array.size} elements")
        if row_array.size and (
            min(row_array.min(), column_array.min()) < 0
            or row_array.max() >= shape[0]
            or column_array.max() >= shape[1]
        ):
            raise ValueError(f"an element lies outside the shape {shape[0]}x{shape[1]}")
        if not np.isfinite(element_array).all():
            raise ValueError("the elements of a matrix must be finite")
        places, inverse = np.unique(row_array * shape[1] + column_array, return_inverse=True)
        sums = np.bincount(inverse, weights=element_array, minlength=places.size)
        kept = sums != 0
        places = places[kept]
        columns_per_row = max(shape[1], 1)
        return SparseMatrix(
            shape,
            (places // columns_per_row).astype(np.int32),
            (places % columns_per_row).astype(np.int32),
            sums[kept],
        )

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


def hstack(blocks: Sequence[SparseMatrix]) -> SparseMatrix:
    """The blocks side by side; all have the same number of rows.

    Raises:
        ValueError: there are no blocks, or their rows differ.
    """
    rows = {block.shape[0] for block in blocks}
    if len(rows) != 1:
        raise ValueError(f"blocks with {sorted(rows)} rows can't stand side by side")
    offsets = np.cumsum([0, *(block.shape[1] for block in blocks)])
    return SparseMatrix.from_triples(
        (rows.pop(), int(offsets[-1])),
        np.concatenate([block.rows for block in blocks]),
        np.concatenate([block.columns + offset for block, offset in zip(blocks, offsets[:-1], strict=True)]),
        np.concatenate([block.elements for block in blocks]),
    )


def place_rows(block: SparseMatrix, offset: int, total_rows: int) -> SparseMatrix:
    """The matrix of `total_rows` rows that holds `block` from row `offset` on and zeros elsewhere."""
    return SparseMatrix.from_triples(
        (total_rows, block.shape[1]), block.rows + offset, block.columns, block.elements
    )
