"""Lookup tables on one-hot vectors as ReLU units.

Claim. For one-hot operands `x_1, ..., x_n` (null where undefined) and one set of values `S_j` for each, let
`t = sum_j [x_j in S_j] - (n - 1)`. The unit `relu(t)` is 1 if every operand is in its set and 0 otherwise, exactly. The
plateau `relu(2 t - 1/2) - relu(2 t - 3/2)` is so even if the operands are off by up to 1/4 in all.

Derivation. Each term is 0 or 1; the sum is n where all hold and at most n - 1 elsewhere, so t is 1 or at most 0, and
off by as much as the operands are. The plateau is 0 up to t = 1/4 and 1 from t = 3/4 on.


Values of an operand that give the same results for all values of the others are one class (a unit tests "in S" as
cheaply as "is v"), so a table needs one unit (or plateau) for each cell of the grid of classes whose result is defined.
`algebra.boxes` and `algebra.additive` have constructions that need fewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.sparse import SparseMatrix

Memberships = tuple[NDArray[np.bool_], ...]
"""Products of sets: for each operand which of its values are in the set of each product, [n_values, n_products]."""


@dataclass(frozen=True, eq=False)
class LookupUnits:
    """The hidden units of a lookup.

    Attributes:
        weights: for each operand, how each unit weighs its values: [n_values of the operand, n_units].
        biases: [n_units]
        outputs: what each unit adds to the directions of the result: [n_units, n_directions].
    """

    weights: tuple[NDArray[np.float64], ...]
    biases: NDArray[np.float64]
    outputs: SparseMatrix

    @property
    def n_units(self) -> int:
        """The number of hidden units."""
        return self.biases.size

    def writing(self, vectors: SparseMatrix) -> LookupUnits:
        """The same with a vector for each direction.

        Args:
            vectors: [n_directions, size]
        """
        outputs = SparseMatrix.from_scipy(self.outputs.to_scipy() @ vectors.to_scipy())
        return LookupUnits(self.weights, self.biases, outputs)

    def without_silent(self) -> LookupUnits:
        """The same without units that write nothing."""
        writes = np.zeros(self.n_units, dtype=np.bool_)
        writes[self.outputs.rows] = True
        if writes.all():
            return self
        outputs = SparseMatrix.from_scipy(self.outputs.to_scipy().tocsr()[np.flatnonzero(writes)])
        return LookupUnits(tuple(weights[:, writes] for weights in self.weights), self.biases[writes], outputs)


def merged_classes(table: NDArray[np.int64], axis: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The classes of equal slices along an axis: a representative of each class and the class of each position."""
    n_values = table.shape[axis]
    if n_values == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    slices = np.moveaxis(table, axis, 0).reshape(n_values, table.size // n_values)
    _, first, inverse = np.unique(slices, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # classes in the order of their first member, whatever np.unique's order is
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return first[order], rank[inverse.ravel()]


def merged_table(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The table of the classes of all operands, and for each operand the class of each value."""
    classes: list[NDArray[np.int64]] = []
    for axis in range(table.ndim):
        representatives, class_of = merged_classes(table, axis)
        table = np.take(table, representatives, axis=axis)
        classes.append(class_of)
    return table, classes


def product_units(memberships: Memberships, outputs: SparseMatrix, *, plateau: bool) -> LookupUnits:
    """Units that test whether all operands are in the sets of a product.

    Args:
        memberships: the products.
        outputs: what each product writes, [n_products, n_directions].
        plateau: whether the units have to stand inexact operands; then there are twice as many.
    """
    weights = [membership.astype(np.float64) for membership in memberships]
    biases = np.full(outputs.shape[0], 1.0 - len(weights))
    if not plateau:
        return LookupUnits(tuple(weights), biases, outputs)
    n = biases.size
    return LookupUnits(
        tuple(np.tile(2 * part, 2) for part in weights),
        np.concatenate([2 * biases - 0.5, 2 * biases - 1.5]),
        SparseMatrix.from_triples(
            (2 * n, outputs.shape[1]),
            np.concatenate([outputs.rows, outputs.rows + n]),
            np.tile(outputs.columns, 2),
            np.concatenate([outputs.elements, -outputs.elements]),
        ),
    )


def lookup_units(table: NDArray[np.int64], n_results: int, *, plateau: bool = False) -> LookupUnits:
    """Build the units of a table, one for each cell of classes.

    Args:
        table: the code of the result for each combination of operand values, negative where there is none,
            [n_values of operand 0, n_values of operand 1, ...].
        n_results: the number of results, each of which is one direction.
        plateau: whether the units have to stand inexact operands; then there are twice as many.

    >>> import numpy as np
    >>> units = lookup_units(np.array([[0, 1], [1, 1], [1, 1]]), 2)
    >>> units.outputs.columns.tolist(), units.weights[0].tolist(), units.biases.tolist()
    ([0, 1, 1, 1], [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]], [-1.0, -1.0, -1.0, -1.0])
    """
    merged, classes = merged_table(table)
    cells = np.argwhere(merged >= 0)  # [n_cells, n_operands]
    memberships = tuple(class_of[:, None] == cells[None, :, axis] for axis, class_of in enumerate(classes))
    return product_units(memberships, one_hots(merged[tuple(cells.T)], n_results), plateau=plateau)


def one_hots(codes: Sequence[int] | NDArray[np.int64], n_results: int) -> SparseMatrix:
    """The one-hot vectors of codes, the null vector for negative ones: [n, n_results]."""
    codes = np.asarray(codes, dtype=np.int64)
    some = np.flatnonzero(codes >= 0)
    return SparseMatrix.from_triples((codes.size, n_results), some, codes[some], np.ones(some.size))
