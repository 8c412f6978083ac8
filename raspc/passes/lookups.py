"""Which units look up a function of one-hot operands: the construction with the fewest that stands the errors.

The constructions, from the simplest: one unit for each cell of the table of merged values (`algebra.lookup`), boxes
(`algebra.boxes`), boxes with a default, and a sum (`algebra.additive`, or `algebra.steps` where operands are inexact).

- Of exact operands all are exact, as long as the sums that the units read and write are exact in float32, or in what is
  coarser. This is checked: all terms are multiples of a power of two, and they add up to less than 1/u times that.
- Of inexact operands the first two use plateaus, of which one at most is on: they put out `plateau_error`. A default
  adds two more numbers of up to 2 to a class, in any order; each sum of the four is below 4, so that the class is off
  by the errors of two plateaus and three roundings of 4 at most, and `default_error` in all. A class that is read
  from a sum is off by `JointReading.error`. Numbers are then only looked up by the first two, which write each
  of them once.

What a head has to read exactly, because it needs equal weights or adds up what it reads, isn't looked up by the last
two if the operands are inexact: only the first two make a vector exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.additive import additive_terms, additive_units, sums_of
from raspc.algebra.binary import steps_of
from raspc.algebra.boxes import box_units
from raspc.algebra.error_bound import SMALLEST_NORMAL, UNIT_ROUNDOFF, ErrorBound
from raspc.algebra.functions import grid_size
from raspc.algebra.grid import NEVER, UNDEFINED
from raspc.algebra.lookup import LookupUnits, lookup_units
from raspc.algebra.separation import SeparatingSum
from raspc.algebra.sparse import SparseMatrix
from raspc.algebra.steps import step_decoder
from raspc.dialects.rasp import (
    AggregateOp,
    CastOp,
    MapOp,
    ReturnOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.joint_reading import CLASS_LIMIT, JointReading, checked_reading
from raspc.passes.linear_maps import is_linear
from raspc.passes.sop_types import domain_of, encoding_of

CELL_LIMIT = 1 << 12
"""The most combinations of operand values of a lookup for which a unit for each cell is among what is tried."""

BOX_LIMIT = 1 << 13
"""The same for boxes."""

SEARCH_LIMIT = 1 << 14
"""The most combinations of operand values of a lookup whose construction is chosen; beyond, it is one unit a cell."""

MOST_CHANGES = 1 << 11
"""Sums along which the result changes more often aren't searched for where neither cells nor boxes are tried."""

LARGEST_OPERAND = 1 << 9
"""The most values of an operand, if there are more than `CELL_LIMIT` combinations."""

LOOKUP_LIMIT = 1 / 4
"""How far what a lookup unit reads may be off, all together; also a direction of the output."""


def is_chosen(shape: Sequence[int]) -> bool:
    """Whether the construction of a lookup is chosen by its cost.

    Args:
        shape: the number of values of each operand.
    """
    cells = grid_size(list(shape))
    return cells <= CELL_LIMIT or (cells <= SEARCH_LIMIT and max(shape) <= LARGEST_OPERAND)


def plateau_error(n_operands: int) -> float:
    """How far the output of a plateau of so many operands may be off, whatever the order in which terms are added.

    Each of its two units adds up n terms of up to 2 and a bias: the last of these n sums is below 2, and the others are
    up to 2 n. And the two are added up.

    >>> [plateau_error(n) / UNIT_ROUNDOFF for n in (1, 2, 3)]
    [4.0, 12.0, 28.0]
    """
    return (2 * (1 + 2 * n_operands * (n_operands - 1)) + 2) * UNIT_ROUNDOFF


def default_error(n_operands: int) -> float:
    """The same for a class to which a default adds two more numbers of up to 2: two plateaus and three sums below 4."""
    return 2 * plateau_error(n_operands) + 12 * UNIT_ROUNDOFF


@dataclass(frozen=True, eq=False)
class Lookup:
    """The units of a lookup.

    Attributes:
        units: they write the directions of the result's subspace.
        error: how far the result may be off.
    """

    units: LookupUnits
    error: ErrorBound


@dataclass(frozen=True)
class LookupProblem:
    """A function of one-hot operands that is to be looked up.

    Attributes:
        shape: the number of values of each operand.
        codes: the code of the result for each combination of values, `UNDEFINED` or `NEVER` where there is none, as
            the bytes of an int64 array of this shape.
        vectors: what the result's subspace holds for each code, [n_results, size].
        is_numerical: whether that is a number.
        numbers: for each operand its values if they are numbers.
        undefinable: which operands may be undefined.
        bounds: how far each operand may be off in float32.
        scale: how much coarser than float32 the arithmetic is.
        exactly: whether the result has to be exact although the operands aren't.
    """

    shape: tuple[int, ...]
    codes: bytes
    vectors: SparseMatrix
    is_numerical: bool
    numbers: tuple[tuple[float, ...] | None, ...]
    undefinable: tuple[bool, ...]
    bounds: tuple[ErrorBound, ...]
    scale: float
    exactly: bool

    @property
    def table(self) -> NDArray[np.int64]:
        """The codes: [n_values of operand 0, n_values of operand 1, ...]."""
        return np.frombuffer(self.codes, dtype=np.int64).reshape(self.shape)

    @property
    def operand_error(self) -> float:
        """How far the operands may be off, all directions together."""
        return sum(bound.one_hot for bound in self.bounds)

    @property
    def is_inexact(self) -> bool:
        """Whether units have to stand operands that are off: then they are plateaus or steps."""
        return self.operand_error > 0

    @property
    def operand_numbers(self) -> list[NDArray[np.float64] | None]:
        """The numbers of the operands as arrays."""
        return [None if values is None else np.array(values) for values in self.numbers]


@lru_cache(maxsize=128)
def cheapest_lookup(problem: LookupProblem) -> Lookup:
    """The lookup with the fewest units; of several the simplest.

    >>> import numpy as np
    >>> less = np.triu(np.ones((50, 50), dtype=np.int64), 1)
    >>> two, exact = (False, False), (ErrorBound(), ErrorBound())
    >>> vectors = SparseMatrix.identity(2)
    >>> of_exact = LookupProblem(less.shape, less.tobytes(), vectors, False, (None, None), two, exact, 1.0, False)
    >>> cheapest_lookup(of_exact).units.n_units
    3
    """
    table, n_results = problem.table, problem.vectors.shape[0]
    if problem.is_inexact and problem.operand_error * problem.scale > LOOKUP_LIMIT / 2:
        return _by_cells(problem)
    best = _by_cells(problem) if table.size <= CELL_LIMIT else None
    if table.size <= BOX_LIMIT:
        boxes, by_default = box_units(table, n_results, undefinable=problem.undefinable, plateau=problem.is_inexact)
        best = _fewer(best, Lookup(_writing(boxes, problem), _written_once(problem)))
        best = _fewer(best, _with_default(problem, by_default))
    for found in _by_sums(problem, best):
        best = _fewer(best, found)
    return best or _by_cells(problem)


def _by_cells(problem: LookupProblem) -> Lookup:
    known = np.where(problem.table == NEVER, UNDEFINED, problem.table)
    units = lookup_units(known, problem.vectors.shape[0], plateau=problem.is_inexact)
    return Lookup(_writing(units, problem), _written_once(problem))


def _with_default(problem: LookupProblem, units: LookupUnits) -> Lookup | None:
    if not problem.is_inexact:
        return _if_exact(units, problem, one_box=True)
    off = default_error(len(problem.shape)) * problem.scale
    if problem.is_numerical or problem.exactly or off > CLASS_LIMIT:
        return None
    return Lookup(_writing(units, problem), ErrorBound(one_hot=2 * off, largest=off))


def _by_sums(problem: LookupProblem, best: Lookup | None) -> Iterator[Lookup | None]:
    """Lookups by a sum, but for most of those that have more units than the best lookup so far."""
    if problem.is_inexact and (problem.is_numerical or problem.exactly):
        return
    if best is None:
        most = MOST_CHANGES
    elif problem.is_numerical:  # its slope may change less often than its value
        most = None
    else:
        most = best.units.n_units // 2 if problem.is_inexact else best.units.n_units
    for terms in additive_terms(problem.table, problem.operand_numbers, most):
        if problem.is_inexact:
            yield _by_steps(problem, terms)
            continue
        units = additive_units(problem.table, terms, problem.vectors.shape[0], undefinable=problem.undefinable)
        yield None if units is None else _if_exact(units, problem)


def _written_once(problem: LookupProblem) -> ErrorBound:
    """How far a result may be off to which one unit or plateau adds at most."""
    error = plateau_error(len(problem.shape)) if problem.is_inexact else 0.0
    return lookup_error(error, float(np.abs(problem.vectors.to_dense()[:, 0]).max(initial=0.0)), problem.is_numerical)


def lookup_error(error: float, magnitude: float, is_numerical: bool) -> ErrorBound:
    """How far the result of a lookup may be off whose units are off by `error`, one of them at most.

    Args:
        error: how far a unit or plateau may be off.
        magnitude: the largest absolute value of a number.
        is_numerical: whether the result is a number.
    """
    if not is_numerical:
        return ErrorBound(one_hot=error, largest=error)
    return ErrorBound(absolute=error * magnitude + SMALLEST_NORMAL, relative=UNIT_ROUNDOFF, defined=error)


def _writing(units: LookupUnits, problem: LookupProblem) -> LookupUnits:
    return units.writing(problem.vectors).without_silent()


def _fewer(best: Lookup | None, other: Lookup | None) -> Lookup | None:
    if best is None or other is None:
        return best or other
    return other if other.units.n_units < best.units.n_units else best


def _if_exact(units: LookupUnits, problem: LookupProblem, *, one_box: bool = False) -> Lookup | None:
    """The lookup by units that add several numbers, if all sums are exact; their weights are integers.

    Args:
        units: the units.
        problem: what they look up.
        one_box: whether all units are 0 or 1, and of those after the first one at most is 1.
    """
    units = _writing(units, problem)
    if not units.n_units:
        return Lookup(units, ErrorBound())
    reaches = np.abs(units.biases)
    for weights in units.weights:
        reaches = reaches + np.abs(weights).max(axis=0, initial=0.0)
    written = abs(units.outputs.to_scipy())
    added = 2 * written.max(axis=0).toarray() if one_box else written.T @ reaches
    step = float(steps_of(units.outputs.elements).min(initial=1.0))
    roundoff = UNIT_ROUNDOFF * problem.scale
    if reaches.max() * roundoff > 1 or added.max(initial=0.0) * roundoff > step:
        return None
    return Lookup(units, _written_once(problem))


def _by_steps(problem: LookupProblem, terms: Sequence[NDArray[np.int64]]) -> Lookup | None:
    """The lookup by a step decoder of a sum, if that stands the errors."""
    table, n_results = problem.table, problem.vectors.shape[0]
    found = sums_of(table, tuple(terms))
    if found is None:
        return None
    # Terms around zero multiply errors least; where all operands are defined, that shifts all sums.
    centres = [(part.max(initial=0) + part.min(initial=0)) / 2 for part in terms]
    decoder = step_decoder(found[0].astype(np.float64) - sum(centres), found[1], n_results)
    around = tuple(part - centre for part, centre in zip(terms, centres, strict=True))
    separating = SeparatingSum(around, (1.0,) * len(terms), decoder)
    reading = checked_reading(separating, problem.bounds, [None] * len(terms), problem.undefinable, problem.scale)
    if reading is None:
        return None
    error = ErrorBound(one_hot=float(reading.error.sum()), largest=float(reading.error.max(initial=0.0)))
    return Lookup(_writing(reading_units(reading), problem), error)


def reading_units(reading: JointReading) -> LookupUnits:
    """The units of a reading of one-hot operands: those of its decoder and, last, the one that writes its base."""
    decoder, gates = reading.sum.decoder, np.append(reading.gates, 1.0)
    weights = tuple(
        np.outer(terms, np.append(decoder.slopes, 0.0)) + gates * gated
        for terms, gated in zip(reading.sum.terms, reading.undefinable, strict=True)
    )
    n_gates = sum(reading.undefinable)
    biases = np.append(decoder.biases - n_gates * reading.gates, 1.0 - n_gates)
    return LookupUnits(weights, biases, SparseMatrix.from_dense(np.vstack([decoder.outputs, decoder.base])))


def result_vectors(value: SSAValue) -> SparseMatrix:
    """What the subspace of an s-op holds for each value of its domain: [n_values, size]."""
    domain = domain_of(value)
    if encoding_of(value) != Encoding.NUMERICAL:
        return SparseMatrix.identity(len(domain))
    columns = [domain.numbers, np.ones(len(domain))][: 1 + domain.undefined]
    return SparseMatrix.from_dense(np.stack(columns, axis=1))


def is_read_exactly(value: SSAValue) -> bool:
    """Whether a reader of a one-hot may need it exactly: a head that needs equal weights, or that adds up numbers."""
    return any(_reads_exactly(use.operation, value) for use in value.uses)


def _reads_exactly(reader: object, value: SSAValue) -> bool:
    match reader:
        case ReturnOp():
            return False
        case MapOp() | CastOp() if is_linear(reader):
            return encoding_of(reader.result) == Encoding.NUMERICAL or is_read_exactly(reader.result)
        case MapOp() | CastOp():
            return False
        case SelectOp() | SelectorAndOp() | SelectorOrOp() | SelectorNotOp():
            (selector,) = reader.results
            return is_read_exactly(selector)
        case AggregateOp() if encoding_of(reader.result) == Encoding.CATEGORICAL:
            return reader.values == value and is_read_exactly(reader.result)
        case _:
            return True
