"""Rows of a matrix that are equal, and what it takes to keep one of each: directions that no reader tells apart.

Where `y = x M` and two rows of M are equal, only the sum of these two elements of x matters. So the rows are merged
into one, and the columns of the matrix that computes x are added up. Rows of zeros, and the elements of x for them,
aren't needed at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.binary import steps_of
from raspc.algebra.sparse import SparseMatrix, sparse

ROUNDOFF = 2.0**-53
"""Sums of multiples of a power of two are exact in float64 where this part of their absolute values is less."""


@dataclass(frozen=True, eq=False)
class Merging:
    """Which of n rows are kept, and into which of those the others are merged.

    Attributes:
        leader: for each row the one that it is merged into, itself if it is kept, and -1 if it vanishes, [n].

    >>> import numpy as np
    >>> merging = Merging.of_rows(SparseMatrix.from_dense([[1, 2], [0, 0], [1, 2], [3, 0]]))
    >>> merging.leader.tolist(), merging.kept.tolist()
    ([0, -1, 0, 3], [0, 3])
    >>> merging.take_rows(SparseMatrix.from_dense([[1, 2], [0, 0], [1, 2], [3, 0]])).to_dense().tolist()
    [[1.0, 2.0], [3.0, 0.0]]
    >>> merging.add_columns(SparseMatrix.from_dense([[10, 20, 30, 40]])).to_dense().tolist()
    [[40.0, 40.0]]
    """

    leader: NDArray[np.int64]

    @staticmethod
    def of_rows(matrix: SparseMatrix) -> Merging:
        """Merge equal rows into the first of them; rows of zeros vanish."""
        rows = matrix.to_scipy().tocsr()
        numbers = np.arange(matrix.shape[0])
        # Equal rows have equal products with any vector, others have them by chance.
        keys = np.asarray(rows @ np.random.default_rng(0).normal(size=matrix.shape[1]))
        _, first, which = np.unique(keys, return_index=True, return_inverse=True)
        leader = first[which.ravel()].astype(np.int64)
        differs = np.asarray(abs(rows - rows[leader]).sum(axis=1)).ravel() != 0
        leader = np.where(differs, numbers, leader)
        return Merging(np.where(np.diff(rows.indptr) > 0, leader, -1))

    @property
    def kept(self) -> NDArray[np.int64]:
        """The rows that are kept, in order: [m]."""
        return np.flatnonzero(self.leader == np.arange(self.leader.size))

    @property
    def keeps_all(self) -> bool:
        """Whether every row is kept."""
        return self.kept.size == self.leader.size

    @property
    def drops_some(self) -> bool:
        """Whether some row vanishes."""
        return bool((self.leader < 0).any())

    @property
    def into(self) -> NDArray[np.int64]:
        """The position in `kept` of the row that each is merged into, -1 if it vanishes: [n]."""
        position = np.full(self.leader.size + 1, -1, dtype=np.int64)  # the last one is that of -1
        position[self.kept] = np.arange(self.kept.size)
        return position[self.leader]

    def take_rows(self, matrix: SparseMatrix) -> SparseMatrix:
        """The rows that are kept: [n, k] to [m, k]."""
        return SparseMatrix.from_scipy(matrix.to_scipy().tocsr()[self.kept])

    def take_columns(self, matrix: SparseMatrix) -> SparseMatrix:
        """The columns that are kept: [k, n] to [k, m]."""
        return SparseMatrix.from_scipy(matrix.to_scipy().tocsc()[:, self.kept])

    def add_rows(self, matrix: SparseMatrix) -> SparseMatrix:
        """The rows that are kept, with those that are merged into them added: [n, k] to [m, k]."""
        return SparseMatrix.from_scipy(self._sums @ matrix.to_scipy().tocsr())

    def add_columns(self, matrix: SparseMatrix) -> SparseMatrix:
        """The columns that are kept, with those that are merged into them added: [k, n] to [k, m]."""
        return SparseMatrix.from_scipy(matrix.to_scipy().tocsr() @ self._sums.T)

    def where_exact(self, matrix: SparseMatrix) -> Merging:
        """The merging of those rows alone for which `add_rows` of a matrix is exact: the others are all kept.

        >>> import numpy as np
        >>> merging = Merging(np.array([0, 0, 2, 2, -1]))
        >>> merging.where_exact(SparseMatrix.from_dense([[1], [2], [0.1], [0.2], [0]])).leader.tolist()
        [0, 0, 2, 3, -1]
        """
        into = self.into
        is_added = into[matrix.rows] >= 0
        elements = matrix.elements[is_added]
        places = np.stack([into[matrix.rows][is_added], matrix.columns[is_added]])
        pairs, which, counts = np.unique(places, axis=1, return_inverse=True, return_counts=True)
        total, step = np.zeros(counts.size), np.full(counts.size, np.inf)
        np.add.at(total, which.ravel(), np.abs(elements))
        np.minimum.at(step, which.ravel(), steps_of(elements))
        inexact = np.zeros(self.kept.size + 1, dtype=np.bool_)  # the last one is that of -1
        inexact[pairs[0][(counts > 1) & ~(total * ROUNDOFF < step)]] = True
        return Merging(np.where(inexact[into], np.arange(into.size), self.leader))

    @property
    def _sums(self) -> Any:
        """The matrix of zeros and ones that adds rows: [m, n]."""
        into = self.into
        added = np.flatnonzero(into >= 0)
        shape = (self.kept.size, into.size)
        return sparse.csr_array((np.ones(added.size), (into[added], added)), shape=shape)
