"""Lookup tables as boxes: products of sets of values on which the result is the same.

Claim. Let the combinations with the result r be the disjoint union of boxes `S_1 x ... x S_n`. Then the units of these
boxes (`algebra.lookup`) write r, one for each box. One result d may be written by default: a unit that is 1 wherever
all operands are defined writes it, each unit of another box adds its result and takes d away, and the boxes of d need
no units; those of the combinations whose result is undefined then do.

Derivation. At a combination exactly one box of one result is on, or none if that result is d. So the sum is
`d + (r - d)`, or d. Where an operand is undefined no box is on, and neither is the default: with m operands that may be
undefined its unit is `relu(sum of all their directions - (m - 1))`, which is a bias of 1 for m = 0.

Boxes are found for each result by itself, operand by operand: the slices along an axis that have the result at the
same places are one, and what is left is a set of one dimension less; in one dimension any set is a box. So `x == y`
over n values takes n boxes for True, and the default writes False: n + 1 units, not n**2. Combinations that never occur
may lie in any box, which makes more slices the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.grid import NEVER, UNDEFINED
from raspc.algebra.lookup import LookupUnits, Memberships, merged_classes, merged_table, one_hots, product_units
from raspc.algebra.sparse import SparseMatrix, vstack

Mask = NDArray[np.bool_]


def box_units(
    table: NDArray[np.int64], n_results: int, *, undefinable: tuple[bool, ...], plateau: bool = False
) -> tuple[LookupUnits, LookupUnits]:
    """Build the units of a table by boxes, without a default and with the one that saves most.

    Args:
        table: the code of the result for each combination of values, `UNDEFINED` or `NEVER` where there is none.
        n_results: the number of results, each of which is one direction.
        undefinable: which operands may be undefined.
        plateau: whether the units have to stand inexact operands; then there are twice as many, but for a default that
            reads no operand.

    >>> import numpy as np
    >>> same, by_default = box_units(np.eye(5, dtype=np.int64), 2, undefinable=(False, False))
    >>> same.n_units, by_default.n_units
    (10, 6)
    """
    merged, classes = merged_table(table)
    boxes = {
        code: tuple(part[class_of] for part, class_of in zip(found, classes, strict=True))
        for code in np.unique(merged[merged != NEVER]).tolist()
        if (found := boxes_of(merged == code, merged == NEVER))
    }
    counts = {code: found[0].shape[1] for code, found in boxes.items()}
    shape = table.shape
    without = product_units(*_written(shape, boxes, counts, n_results, UNDEFINED), plateau=plateau)
    written = [code for code in counts if code != UNDEFINED]
    if not written:
        return without, without
    default = max(written, key=lambda code: (counts[code], -code))
    others = product_units(*_written(shape, boxes, counts, n_results, default), plateau=plateau)
    return without, _joined(_always(shape, undefinable, default, n_results, plateau=plateau), others)


def boxes_of(wanted: Mask, free: Mask) -> Memberships:
    """Disjoint boxes that hold all combinations that are wanted, and beside them only such as are free.

    >>> import numpy as np
    >>> [part.shape[1] for part in boxes_of(np.tri(4, dtype=bool), np.zeros((4, 4), dtype=bool))]
    [4, 4]
    """
    if wanted.ndim == 1:
        return (wanted[:, None],) if wanted.any() else (np.zeros((wanted.size, 0), dtype=np.bool_),)
    best: Memberships | None = None
    for axis in range(wanted.ndim):
        found = _boxes_along(np.moveaxis(wanted, axis, 0), np.moveaxis(free, axis, 0))
        if best is None or found[0].shape[1] < best[0].shape[1]:
            best = (*found[1 : axis + 1], found[0], *found[axis + 1 :])
    assert best is not None
    return best


def _boxes_along(wanted: Mask, free: Mask) -> Memberships:
    """The boxes if slices along the first axis are merged."""
    parts: list[Memberships] = []
    for members, inside, outside in _merged_slices(wanted, free):
        rest = boxes_of(inside, ~(inside | outside))
        parts.append((np.repeat(members[:, None], rest[0].shape[1], axis=1), *rest))
    if not parts:
        return tuple(np.zeros((size, 0), dtype=np.bool_) for size in wanted.shape)
    return tuple(np.hstack(part) for part in zip(*parts, strict=True))


def _merged_slices(wanted: Mask, free: Mask) -> list[tuple[Mask, Mask, Mask]]:
    """Which slices are merged, what they want and what they don't; each joins the first that it doesn't contradict."""
    if not free.any():
        first, classes = merged_classes(wanted.astype(np.int64), 0)
        return [
            (classes == number, wanted[place], ~wanted[place])
            for number, place in enumerate(first.tolist())
            if wanted[place].any()
        ]
    places = np.flatnonzero(wanted.reshape(len(wanted), -1).any(axis=1))
    members = np.zeros((places.size, len(wanted)), dtype=np.bool_)
    inside, outside = np.zeros((2, places.size, *wanted.shape[1:]), dtype=np.bool_)
    rest = tuple(range(1, wanted.ndim))
    n_found = 0
    for place in places.tolist():
        wants, forbids = wanted[place], ~(wanted[place] | free[place])
        contradicted = (outside[:n_found] & wants).any(axis=rest) | (inside[:n_found] & forbids).any(axis=rest)
        joined = int(np.argmin(np.append(contradicted, False)))
        n_found = max(n_found, joined + 1)
        members[joined, place] = True
        inside[joined] |= wants
        outside[joined] |= forbids
    return list(zip(members[:n_found], inside[:n_found], outside[:n_found], strict=True))


def _written(
    shape: tuple[int, ...], boxes: dict[int, Memberships], counts: dict[int, int], n_results: int, default: int
) -> tuple[Memberships, SparseMatrix]:
    """The boxes of all results but the default, and what each adds to the default."""
    others = [code for code in boxes if code != default]
    codes = np.repeat(np.array(others, dtype=np.int64), [counts[code] for code in others])
    memberships = tuple(
        np.hstack([np.zeros((size, 0), dtype=np.bool_), *(boxes[code][axis] for code in others)])
        for axis, size in enumerate(shape)
    )
    units, some = np.arange(codes.size), np.flatnonzero(codes >= 0)
    taken = units if default != UNDEFINED else units[:0]
    outputs = SparseMatrix.from_triples(
        (codes.size, n_results),
        np.concatenate([some, taken]),
        np.concatenate([codes[some], np.full(taken.size, default)]),
        np.concatenate([np.ones(some.size), -np.ones(taken.size)]),
    )
    return memberships, outputs


def _always(
    shape: tuple[int, ...], undefinable: tuple[bool, ...], code: int, n_results: int, *, plateau: bool
) -> LookupUnits:
    """The unit, or the plateau, that writes a result wherever all operands are defined."""
    weights = tuple(np.full((size, 1), float(read)) for size, read in zip(shape, undefinable, strict=True))
    bias, outputs = np.array([1.0 - sum(undefinable)]), one_hots([code], n_results)
    if not plateau or not any(undefinable):
        return LookupUnits(weights, bias, outputs)
    return LookupUnits(
        tuple(np.tile(2 * part, 2) for part in weights),
        np.concatenate([2 * bias - 0.5, 2 * bias - 1.5]),
        SparseMatrix.from_triples((2, n_results), [0, 1], [code, code], [1.0, -1.0]),
    )


def _joined(first: LookupUnits, second: LookupUnits) -> LookupUnits:
    return LookupUnits(
        tuple(np.hstack(parts) for parts in zip(first.weights, second.weights, strict=True)),
        np.concatenate([first.biases, second.biases]),
        vstack([first.outputs, second.outputs]),
    )
