"""How one perceptron reads several operands at once, of which some are numbers; see `algebra.separation`.

A unit reads `s z + b` with the sum z of what the operands add. Where an operand may be undefined, a gate switches all
units off: each such operand that is defined adds g to every unit, and the bias takes g away for each. g is a power of
two larger than whatever else the unit may read, and its rounding counts among the errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, permutations

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.error_bound import UNIT_ROUNDOFF, ErrorBound
from raspc.algebra.functions import Table, Unreachable, grid_size
from raspc.algebra.separation import NEVER, SeparatingSum, aligned_sums, separating_sum
from raspc.algebra.values import MaybeValue
from raspc.dialects.rasp import MapOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.sop_types import domain_of, encoding_of

OPERAND_LIMIT = 4
"""The most operands of which all orders are tried."""

CELL_LIMIT = 1 << 16
"""The most combinations of operand values of a function that is read at once."""

CLASS_LIMIT = 1 / 16
"""How far a class may be off by the errors of the units that tell it."""


@dataclass(frozen=True, eq=False)
class JointReading:
    """A function of several operands, read by one perceptron.

    Attributes:
        sum: the sum that tells the combinations of values apart, and its decoder.
        gates: what each operand that may be undefined adds to each unit where it is defined, [n_units].
        undefinable: which operands may be undefined.
        error: how far each class may be off, [n_classes].
    """

    sum: SeparatingSum
    gates: NDArray[np.float64]
    undefinable: tuple[bool, ...]
    error: NDArray[np.float64]


def joint_reading(op: MapOp, errors: Callable[[SSAValue], ErrorBound], scale: float = 1.0) -> JointReading | None:
    """The reading of a table with the fewest units of those that stand the errors of the operands.

    Args:
        op: a map with a table, whose result is categorical.
        errors: how far an operand may be off in float32.
        scale: how much coarser than float32 the arithmetic is.

    Returns:
        Nothing if no order of the operands will do, or there are too many combinations.
    """
    domains = [domain_of(operand) for operand in op.operands_]
    table = _classes(op, domains)
    if table is None:
        return None
    numerical = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
    numbers = [domain.numbers if number else None for domain, number in zip(domains, numerical, strict=True)]
    bounds = [errors(operand) for operand in op.operands_]
    undefinable = tuple(domain.undefined for domain in domains)
    numbers_of = tuple(None if each is None else tuple(each.tolist()) for each in numbers)
    for found in _sums_of(table.shape, table.tobytes(), numbers_of, len(domain_of(op.result))):
        reading = checked_reading(found, bounds, numbers, undefinable, scale)
        if reading is not None:
            return reading
    return None


@lru_cache(maxsize=128)
def _sums_of(
    shape: tuple[int, ...], classes: bytes, numbers: tuple[tuple[float, ...] | None, ...], n_classes: int
) -> list[SeparatingSum]:
    """All sums by which a table may be read, those with the fewest units first.

    Args:
        shape: the number of values of each operand.
        classes: the table, as the bytes of an int64 array of this shape.
        numbers: for each operand its values if it is a number.
        n_classes: the number of classes.
    """
    table = np.frombuffer(classes, dtype=np.int64).reshape(shape)
    values = [None if each is None else np.array(each) for each in numbers]
    separating = (separating_sum(table, values, order, n_classes) for order in permutations(range(len(shape))))
    found = [each for each in chain(aligned_sums(table, values, n_classes), separating) if each is not None]
    return sorted(found, key=lambda each: each.n_units)


def _classes(op: MapOp, domains: list[Domain]) -> NDArray[np.int64] | None:
    """The class of the result for each combination of values: [n_values of operand 0, ...]."""
    function = op.function.data
    shape = [len(domain) for domain in domains]
    if not isinstance(function, Table) or len(domains) > OPERAND_LIMIT or not 0 < grid_size(shape) <= CELL_LIMIT:
        return None
    results = function.over([domain.values for domain in domains]).results
    classes: dict[MaybeValue, int] = {None: -1, **domain_of(op.result).codes}
    flat = [NEVER if isinstance(result, Unreachable) else classes.get(result, NEVER) for result in results]
    return np.array(flat, dtype=np.int64).reshape(shape)


def checked_reading(
    found: SeparatingSum,
    bounds: Sequence[ErrorBound],
    numbers: Sequence[NDArray[np.float64] | None],
    undefinable: tuple[bool, ...],
    scale: float,
) -> JointReading | None:
    """The reading by a sum, if it stands the errors.

    Args:
        found: the sum.
        bounds: how far each operand may be off in float32.
        numbers: for each operand its values if it is a number, [n_values]; `None` if it is one-hot.
        undefinable: which operands may be undefined.
        scale: how much coarser than float32 the arithmetic is.
    """
    decoder, roundoff = found.decoder, UNIT_ROUNDOFF * scale
    slopes = np.abs(decoder.slopes)
    reach = slopes * found.reach + np.abs(decoder.biases)
    n_gates = sum(undefinable)
    gates = np.exp2(np.ceil(np.log2(reach + 1))) if n_gates else np.zeros(slopes.size)
    off, gate_error = np.zeros(()), 0.0
    for bound, terms, own, factor in zip(bounds, found.terms, numbers, found.factors, strict=True):
        if own is None:
            each = np.full(terms.size, bound.one_hot * float(np.abs(terms).max(initial=0.0)))
            gate_error += bound.one_hot
        else:
            each = abs(factor) * bound.at(own)
            gate_error += bound.defined
        off = np.add.outer(off, each)
    # Products with numbers are by powers of two, and exact, and so are those with exact one-hots: what rounds are the
    # additions of a term for each operand, of the gates and of the bias, in whatever order.
    inexact = any(bound.one_hot > 0 for bound in bounds)
    rounding = (len(bounds) + 2 * n_gates + inexact) * roundoff * (reach + gates * (n_gates + 1))
    unit_errors = scale * (slopes * _off_at(found, off) + (gates * gate_error if n_gates else 0.0)) + rounding
    tolerances = np.repeat(decoder.tolerances, 2) * slopes
    error = rounding @ np.abs(decoder.outputs) + decoder.rounding(roundoff) + scale * gate_error * np.abs(decoder.base)
    if (unit_errors >= tolerances).any() or error.max(initial=0.0) > CLASS_LIMIT:
        return None
    return JointReading(found, gates, undefinable, error)


def _off_at(found: SeparatingSum, off: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the sum may be off for each unit, less what it would have to be off to come near its threshold.

    Args:
        found: the sum.
        off: how far the sum of each combination may be off: [n_values of operand 0, ...].
    """
    decoder = found.decoder
    ascending = np.argsort(found.sums, axis=None)
    sums, off = found.sums.ravel()[ascending], off.ravel()[ascending]
    reached_up = np.maximum.accumulate(sums + off)[np.searchsorted(sums, decoder.low, side="right") - 1]
    reached_down = np.minimum.accumulate((sums - off)[::-1])[::-1][np.searchsorted(sums, decoder.high)]
    return np.repeat(np.maximum(reached_up - decoder.low, decoder.high - reached_down), 2)
