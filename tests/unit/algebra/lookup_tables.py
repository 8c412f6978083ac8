"""Tables for lookups, and whether units compute them on all operands, undefined ones and inexact ones among them."""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from raspc.algebra.grid import NEVER
from raspc.algebra.lookup import LookupUnits

N_RESULTS = 4

codes = st.integers(NEVER, N_RESULTS - 1)
shapes = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)
tables = hnp.arrays(np.int64, shapes, elements=codes)


def cells_of(table: NDArray[np.int64], undefinable: tuple[bool, ...]) -> Iterator[tuple[list[int], int]]:
    """All combinations that occur and the code of the result; -1 for undefined."""
    sizes = [size + extra for size, extra in zip(table.shape, undefinable, strict=True)]
    for cell in np.ndindex(*sizes):
        places = [-1 if place == size else place for place, size in zip(cell, table.shape, strict=True)]
        code = -1 if -1 in places else int(table[cell])
        if code != NEVER:
            yield places, code


def one_hot(size: int, place: int) -> NDArray[np.float64]:
    return (np.arange(size) == place).astype(np.float64)


def written(units: LookupUnits, operands: list[NDArray[np.float64]], dtype: type) -> NDArray[np.floating]:
    """What the units write for vectors of the operands, computed in a dtype: [n_directions]."""
    total = units.biases.astype(dtype)
    for vector, weights in zip(operands, units.weights, strict=True):
        total = total + vector.astype(dtype) @ weights.astype(dtype)
    return np.maximum(total, 0) @ units.outputs.to_dense().astype(dtype)


def assert_computes(
    units: LookupUnits,
    table: NDArray[np.int64],
    undefinable: tuple[bool, ...],
    *,
    noise: float = 0.0,
    rng: np.random.Generator | None = None,
    tolerance: float = 1e-12,
    dtype: type = np.float64,
) -> None:
    """Check the units for all combinations.

    Args:
        units: the units.
        table: the codes of the results.
        undefinable: which operands may be undefined.
        noise: how far all directions of all operands are off together.
        rng: how the noise is distributed.
        tolerance: how far off the results may be if there is noise; without they are exact.
        dtype: in which the units are computed.
    """
    for places, code in cells_of(table, undefinable):
        operands = [one_hot(size, place) for size, place in zip(table.shape, places, strict=True)]
        expected = one_hot(N_RESULTS, code)
        if rng is None:
            np.testing.assert_array_equal(written(units, operands, dtype), expected)
            continue
        off = [rng.uniform(-1, 1, size=operand.shape) for operand in operands]
        scale = noise / sum(np.abs(part).sum() for part in off)
        operands = [operand + scale * part for operand, part in zip(operands, off, strict=True)]
        np.testing.assert_allclose(written(units, operands, dtype), expected, atol=tolerance, rtol=0)
