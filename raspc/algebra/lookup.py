"""Lookup tables on one-hot vectors as ReLU units.

Claim. For one-hot operands `x_1, ..., x_n` (null where undefined) and one set of values `S_j` for each, the unit
`relu(sum_j [x_j in S_j] - (n - 1))` is 1 if every operand is in its set and 0 otherwise, exactly.

Derivation. Each term is 0 or 1; the sum is n where all hold and at most n - 1 elsewhere.

Values of an operand that give the same results for all values of the others are one class (a unit tests "in S" as
cheaply as "is v"), so a table needs one unit for each cell of the grid of classes whose result is defined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LookupUnits:
    """The hidden units of a lookup.

    Attributes:
        memberships: for each operand, whether its value is in a unit's set: float64,
            [n_values of the operand, n_units].
        bias: the same for all units: 1 - n_operands.
        results: the code of the result that each unit stands for, [n_units].
    """

    memberships: tuple[NDArray[np.float64], ...]
    bias: float
    results: NDArray[np.int64]


def merged_classes(table: NDArray[np.int64], axis: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The classes of equal slices along an axis: a representative of each class and the class of each position."""
    slices = np.moveaxis(table, axis, 0).reshape(table.shape[axis], -1)
    _, first, inverse = np.unique(slices, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)  # classes in the order of their first member, whatever np.unique's order is
    rank = np.empty_like(order)
    rank[order] = np.arange(order.size)
    return first[order], rank[inverse.ravel()]


def lookup_units(table: NDArray[np.int64]) -> LookupUnits:
    """Build the units of a table.

    Args:
        table: the code of the result for each combination of operand values, negative where there is none,
            [n_values of operand 0, n_values of operand 1, ...].

    >>> import numpy as np
    >>> units = lookup_units(np.array([[0, 1], [1, 1], [1, 1]]))
    >>> units.results.tolist(), units.memberships[0].tolist()
    ([0, 1, 1, 1], [[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]])
    """
    classes: list[NDArray[np.int64]] = []
    merged = table
    for axis in range(table.ndim):
        representatives, class_of = merged_classes(merged, axis)
        merged = np.take(merged, representatives, axis=axis)
        classes.append(class_of)
    cells = np.argwhere(merged >= 0)  # [n_units, n_operands]
    if table.ndim == 1:  # values with the same result are one class, so that a class is a result
        assert len(np.unique(merged)) == merged.size
    memberships = tuple(
        (class_of[:, None] == cells[None, :, axis]).astype(np.float64) for axis, class_of in enumerate(classes)
    )
    return LookupUnits(memberships, 1.0 - table.ndim, merged[tuple(cells.T)])
