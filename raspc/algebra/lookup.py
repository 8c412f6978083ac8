"""Lookup tables on one-hot vectors as ReLU units.

Claim. For one-hot operands `x_1, ..., x_n` (null where undefined) and one set of values `S_j` for each, let
`t = sum_j [x_j in S_j] - (n - 1)`. The unit `relu(t)` is 1 if every operand is in its set and 0 otherwise, exactly. The
plateau `relu(2 t - 1/2) - relu(2 t - 3/2)` is so even if the operands are off by up to 1/4 in all.

Derivation. Each term is 0 or 1; the sum is n where all hold and at most n - 1 elsewhere, so t is 1 or at most 0, and
off by as much as the operands are. The plateau is 0 up to t = 1/4 and 1 from t = 3/4 on.


Values of an operand that give the same results for all values of the others are one class (a unit tests "in S" as
cheaply as "is v"), so a table needs one unit (or plateau) for each cell of the grid of classes whose result is defined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LookupUnits:
    """The hidden units of a lookup.

    Attributes:
        weights: for each operand, how each unit weighs its values: [n_values of the operand, n_units].
        biases: [n_units]
        signs: whether a unit adds its result or takes it away, [n_units].
        results: the code of the result that each unit stands for, [n_units].
    """

    weights: tuple[NDArray[np.float64], ...]
    biases: NDArray[np.float64]
    signs: NDArray[np.float64]
    results: NDArray[np.int64]


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


def lookup_units(table: NDArray[np.int64], *, plateau: bool = False) -> LookupUnits:
    """Build the units of a table.

    Args:
        table: the code of the result for each combination of operand values, -1 where there is none,
            [n_values of operand 0, n_values of operand 1, ...].
        plateau: whether the units have to stand inexact operands; then there are twice as many.

    >>> import numpy as np
    >>> units = lookup_units(np.array([[0, 1], [1, 1], [1, 1]]))
    >>> units.results.tolist(), units.weights[0].tolist(), units.biases.tolist()
    ([0, 1, 1, 1], [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]], [-1.0, -1.0, -1.0, -1.0])
    """
    classes: list[NDArray[np.int64]] = []
    merged = table
    for axis in range(table.ndim):
        representatives, class_of = merged_classes(merged, axis)
        merged = np.take(merged, representatives, axis=axis)
        classes.append(class_of)
    cells = np.argwhere(merged >= 0)  # [n_cells, n_operands]
    memberships = [
        (class_of[:, None] == cells[None, :, axis]).astype(np.float64) for axis, class_of in enumerate(classes)
    ]
    biases, results = np.full(len(cells), 1.0 - table.ndim), merged[tuple(cells.T)]
    if not plateau:
        return LookupUnits(tuple(memberships), biases, np.ones(len(cells)), results)
    return LookupUnits(
        tuple(np.tile(2 * membership, 2) for membership in memberships),
        np.concatenate([2 * biases - 0.5, 2 * biases - 1.5]),
        np.repeat([1.0, -1.0], len(cells)),
        np.tile(results, 2),
    )
