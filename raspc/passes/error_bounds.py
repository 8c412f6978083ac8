"""How far what lies in the residual stream may be from what it stands for, in float32.

Each component takes in errors and puts out errors; the bounds below follow the components, with the unit roundoff
u = 2**-24 and the inverse temperature c = 100.

- Scores. A conjunct contributes 1 or 0 if its keys and queries are exact, and is off by what they are off in the
  directions that count otherwise. Scores off by up to e make the weights of equally selected keys differ by a factor of
  up to exp(2 c e). What isn't selected is behind by 1/2 - 2 e, so that at most n exp(-c (1/2 - 2 e)) leaks; e must be
  below 1/8.
- The weight that a head leaves on BOS. With exact scores the softmax subtracts the maximum exactly and takes
  exp(0) = 1; the sum of 1 + w ones is exact, and division and product are right up to 4 u, relatively.
- An attenuated width. It is the sum of the weights of selected keys: off, relatively, by the roundings of the two sums,
  of exponentials and of the division, 2 (n + 8) u in all, and where scores are inexact by how much the weights differ.
  The inverse temperature c is lower then, and what isn't selected is behind by 1 - 2 e: `n exp(-c (1 - 2 e))` leaks.
- A one-hot read by a head. From one position it is that position's vector. From several with equal values it is off by
  the rounding of a sum of n + 1 products: 2 (n + 8) u.
- A mean of values up to M: the error of the values, plus 2 (n + 8) u M for the sum, plus what unequal weights and
  leakage make of M. That a mean is defined is the mean of ones.
- An affine combination: the errors of the operands times the coefficients, one rounding of the largest partial sum for
  each of its terms, and how far Python's own roundings take the values from it (`algebra.affine_deviation`). Where an
  operand can be undefined a gate g is added and subtracted: its rounding counts, and g times the error of the operands
  being defined.
- A lookup of exact operands is exact. One of inexact operands uses plateau units (see `algebra.lookup`), which stand
  errors of up to 1/4 in all and put out 4 u for one operand, and a few times that for several.
- A step decoder within its tolerance is off by the rounding of its units (see `algebra.steps`), and its base by the
  error of the number being defined.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from xdsl.ir import Operation, SSAValue

from raspc.algebra.affine_deviation import reach_of
from raspc.algebra.error_bound import SMALLEST_NORMAL, UNIT_ROUNDOFF, ErrorBound
from raspc.algebra.functions import as_affine
from raspc.algebra.grid import NEVER
from raspc.algebra.lookup import LookupUnits
from raspc.algebra.steps import StepDecoder
from raspc.algebra.twins import gaps, rounding_twins
from raspc.dialects.craft.attention import INVERSE_TEMPERATURE, lowest_counting_temperature
from raspc.dialects.rasp import (
    AggregateOp,
    AttenuatedWidthOp,
    CastOp,
    MapOp,
    ProgramOp,
    ReturnOp,
    SelectOp,
    SelectorWidthOp,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import CountingOp, SopOp
from raspc.errors import CompileError
from raspc.passes.decoding import IDENTITY, decoder_of, tabulate
from raspc.passes.joint_reading import JointReading, joint_reading
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.linear_maps import is_linear
from raspc.passes.locations import refuse
from raspc.passes.lookups import (
    LOOKUP_LIMIT,
    Lookup,
    LookupProblem,
    cheapest_lookup,
    is_chosen,
    is_read_exactly,
    lookup_error,
    plateau_error,
    result_vectors,
)
from raspc.passes.names import name_of
from raspc.passes.selector_terms import score_terms, selects_all, truth_of
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis

LARGEST_NUMBER = 2.0**100
"""Numbers beyond this are refused, well before float32 overflows."""

SMALLEST_WEIGHT = 2.0**-100
"""Weights nearer to zero than this aren't used: float32 might not hold them to its full precision."""

AFFINE_DEVIATION = 2.0**-45
"""How far the values of a map may be from an affine combination, times the largest partial sum of that.

A few roundings of float64 are less, and the tolerance is more with which a certificate evaluates what is written.
"""

SCORE_LIMIT = 1 / 8
"""How far a score may be off."""

DECODER_LIMIT = 1 / 16
"""How far a class may be off by the rounding of a step decoder."""


def magnitude(value: SSAValue) -> float:
    """The largest absolute value of an s-op of numbers."""
    return float(np.abs(domain_of(value).numbers).max(initial=0.0))


def gate_strength(scale: float) -> float:
    """A power of two that outweighs pre-activations up to `scale`, to switch units off where a number is undefined.

    >>> gate_strength(3.0)
    8.0
    """
    return 2.0 ** math.ceil(math.log2(2 * scale + 2))


def affine_reach(op: MapOp) -> float:
    """A bound on the partial sums of an affine combination of numerical s-ops."""
    affine = as_affine(op.function.data)
    assert affine is not None
    return reach_of(affine, [magnitude(operand) for operand in op.operands_])


def affine_rounding(op: MapOp) -> float:
    """How far an affine combination may be off by the roundings of float32, where all its operands are defined."""
    return 2 * (len(op.operands_) + 3) * UNIT_ROUNDOFF * affine_reach(op) + SMALLEST_NORMAL


def is_affine(op: MapOp, analysis: ValueAnalysis) -> bool:
    """Whether linear algebra may compute a map of numbers: its function is affine, and so are its values in Python.

    Python rounds after each operation. What a few roundings are is part of the error bound. Where they take a value
    further from the affine combination, because more was added and taken away again, the map must be looked up. So must
    a map whose weights float32 doesn't hold.
    """
    affine = as_affine(op.function.data)
    if affine is None or not all(domain_of(each).is_numeric for each in (op.result, *op.operands_)):
        return False
    reach = affine_reach(op)
    in_range = all(SMALLEST_WEIGHT <= abs(c) <= LARGEST_NUMBER for c in affine.coefficients if c)
    return in_range and reach <= LARGEST_NUMBER and analysis.maps.deviation(op) <= AFFINE_DEVIATION * reach


class ErrorBounds:
    """The error bounds of one program, whose encodings must be chosen.

    Args:
        program: the program.
        linear: whether maps that are linear (see `passes.linear_maps`) are computed so, and not by hidden units.
        scale: how much coarser than float32 the arithmetic may be in which lookups take the cheapest construction (see
            `passes.lookups`). `None` if all have a unit for each cell of their tables.

    Raises:
        CompileError: a score or a number can't be computed in float32.
    """

    def __init__(self, program: ProgramOp, *, linear: bool = False, scale: float | None = None):
        self.linear = linear
        self.scale = scale
        self.max_seq_len = program.max_seq_len.data
        self.analysis = analysis_of(program, ValueAnalysis)
        self._bounds: dict[SSAValue, ErrorBound] = {}
        self._readings: dict[MapOp, JointReading] = {}
        self._lookups: dict[SopOp, Lookup] = {}
        for op in program.body.block.ops:
            if isinstance(op, SopOp):
                self._bounds[op.result] = self._bound(op)

    def __getitem__(self, value: SSAValue) -> ErrorBound:
        """The bound of an s-op."""
        return self._bounds[value]

    def score_error(self, selector: SSAValue, values: SSAValue | None) -> float:
        """How far the scores of a head may be off; see `HeadBuilder.terms`."""
        error = 0.0
        for select in score_terms(selector):
            if not selects_all(select):
                holds = truth_of(select) == 1  # [n_keys, n_queries]
                error += self[select.keys].over(holds.sum(axis=0).max(initial=0))
                error += self[select.queries].over(holds.sum(axis=1).max(initial=0))
        if values is not None and domain_of(values).undefined:
            error += self[values].one_hot + self[values].defined
        return error

    def weight_error(self, selector: SSAValue, values: SSAValue | None) -> float:
        """By how much the weights of equally selected keys may differ, relatively, and what leaks.

        Infinite where scores are too far off for any bound.
        """
        error = self.score_error(selector, values)
        if error > SCORE_LIMIT:
            return math.inf
        unequal = math.expm1(2 * INVERSE_TEMPERATURE * error)
        return unequal + self.max_seq_len * math.exp(-INVERSE_TEMPERATURE * (0.5 - 2 * error))

    def bos_weight(self, selector: SSAValue) -> ErrorBound:
        """The bound of the weight that a head leaves on BOS."""
        return ErrorBound(relative=4 * UNIT_ROUNDOFF + self.weight_error(selector, None))

    def attenuated_width(self, selector: SSAValue) -> ErrorBound:
        """The bound of an attenuated width."""
        error, n = self.score_error(selector, None), self.max_seq_len
        if error > SCORE_LIMIT:
            return ErrorBound(relative=math.inf)
        temperature = lowest_counting_temperature(n)
        return ErrorBound(
            absolute=n * math.exp(-temperature * (1 - 2 * error)),
            relative=2 * (n + 8) * UNIT_ROUNDOFF + math.expm1(2 * temperature * error),
        )

    def counted(self, op: CountingOp) -> ErrorBound:
        """The bound of a number that tells a width."""
        return self.attenuated_width(op.selector) if isinstance(op, AttenuatedWidthOp) else self.bos_weight(op.selector)

    def _bound(self, op: SopOp) -> ErrorBound:
        bound = op.estimate(self)
        if encoding_of(op.result) == Encoding.NUMERICAL and magnitude(op.result) > LARGEST_NUMBER:
            raise refuse(
                op,
                f"its numbers reach {magnitude(op.result):.1e}",
                expected=f"numbers up to {LARGEST_NUMBER:.1e}, which float32 can compute with",
                help="use smaller numbers",
            )
        return bound

    def aggregated(self, op: AggregateOp) -> ErrorBound:
        """The bound of what a head reads."""
        if self.score_error(op.selector, op.values) > SCORE_LIMIT:
            worst, error = self._most_inexact([side for each in score_terms(op.selector) for side in each.operands])
            raise refuse(
                op,
                "its scores can't be computed exactly enough in float32: "
                f"{name_of(worst)!r}, which it selects by, may be off by {error:.1e}",
                expected=f"scores that are off by at most {SCORE_LIMIT}",
                help=f"select by fewer values than the {len(domain_of(worst)):,} of {name_of(worst)!r}, or reduce "
                "max_seq_len",
            )
        values = self[op.values]
        one = op.at_most_one is not None or self.analysis.selectors.selects_at_most_one(op.selector)
        summing = 0.0 if one else 2 * (self.max_seq_len + 8) * UNIT_ROUNDOFF
        leaking = self.max_seq_len * math.exp(-INVERSE_TEMPERATURE * (0.5 - 2 * SCORE_LIMIT))
        if encoding_of(op.result) == Encoding.CATEGORICAL:  # weights needn't be equal: the values are
            added = summing + (0.0 if one and not values.one_hot else leaking)
            return ErrorBound(one_hot=values.one_hot + added, largest=values.largest + added)
        weights = 0.0 if one else self.weight_error(op.selector, op.values)
        inner_most = magnitude(op.values) if domain_of(op.values).is_numeric else 0.0
        most = max(inner_most, magnitude(op.result))
        carried = values.absolute + values.relative * inner_most + values.one_hot * inner_most
        return ErrorBound(
            absolute=carried + (summing + 2 * weights + leaking) * most + SMALLEST_NORMAL,
            relative=UNIT_ROUNDOFF,
            defined=values.defined + values.one_hot + summing + leaking,
        )

    def _most_inexact(self, operands: Sequence[SSAValue]) -> tuple[SSAValue, float]:
        """The operand whose one-hot may be off the most, and how far."""
        worst = max(operands, key=lambda operand: self[operand].one_hot)
        return worst, self[worst].one_hot

    def mapped(self, op: MapOp) -> ErrorBound:
        """The bound of a map."""
        if self.linear and is_linear(op):
            return self._through(op)
        if op.jointly is not None:
            error = self.joint_reading(op).error
            return ErrorBound(one_hot=float(error.sum()), largest=float(error.max(initial=0.0)))
        numerical = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
        if not any(numerical):
            return self._lookup(op, list(op.operands_))
        if encoding_of(op.result) == Encoding.CATEGORICAL:
            return self._decoded(op, self[op.operands_[0]])
        return self._affine(op)

    def _through(self, op: MapOp | CastOp) -> ErrorBound:
        """The bound of a linear map: the errors of the operands pass through it."""
        if encoding_of(op.operands[0]) == Encoding.NUMERICAL:
            assert isinstance(op, MapOp)
            return self._affine(op)
        (operand,) = op.operands
        error = self[operand]
        if encoding_of(op.result) == Encoding.CATEGORICAL:
            function = IDENTITY if isinstance(op, CastOp) else op.function.data
            codes = tabulate(function, [domain_of(operand)], domain_of(op.result))
            merged = int(np.bincount(codes[codes >= 0]).max(initial=0))
            return ErrorBound(one_hot=error.one_hot, largest=error.over(merged))
        return ErrorBound(
            absolute=error.one_hot * magnitude(op.result) + SMALLEST_NORMAL,
            relative=UNIT_ROUNDOFF,
            defined=error.one_hot,
        )

    def joint_reading(self, op: MapOp) -> JointReading:
        """How a map reads its operands at once.

        Raises:
            CompileError: it can't.
        """
        if op not in self._readings:
            reading = joint_reading(op, self._bounds.__getitem__)
            if reading is None:
                raise refuse(
                    op,
                    "its operands are too inexact, or have too many combinations, to be read at once",
                    help="run the pipeline without fuse-maps, or reduce max_seq_len",
                )
            self._readings[op] = reading
        return self._readings[op]

    def _decoded(self, op: MapOp | CastOp | SelectorWidthOp, number: ErrorBound) -> ErrorBound:
        decoder = decoder_of(op)
        if decoder is None:
            return ErrorBound()
        off = decoder.rounding(UNIT_ROUNDOFF) + number.defined * np.abs(decoder.base)
        return ErrorBound(one_hot=float(off.sum()), largest=float(off.max(initial=0.0)))

    def width(self, op: SelectorWidthOp) -> ErrorBound:
        """The bound of a width."""
        return self._decoded(op, ErrorBound())

    def cast(self, op: CastOp) -> ErrorBound:
        """The bound of a cast."""
        if self.linear and is_linear(op):
            return self._through(op)
        if encoding_of(op.value) == Encoding.NUMERICAL:
            return self._decoded(op, self[op.value])
        return self._lookup(op, [op.value])

    def _lookup(self, op: MapOp | CastOp, operands: list[SSAValue]) -> ErrorBound:
        is_inexact = self.operand_error(operands) > 0
        if is_inexact and self.chooses(operands):
            return self.lookup(op, op.result).error
        is_numerical = encoding_of(op.result) == Encoding.NUMERICAL
        reach = magnitude(op.result) if is_numerical else 0.0
        return lookup_error(plateau_error(len(operands)) if is_inexact else 0.0, reach, is_numerical)

    def chooses(self, operands: Sequence[SSAValue]) -> bool:
        """Whether the construction of a lookup of these operands is chosen by its cost."""
        return self.scale is not None and is_chosen([len(domain_of(each)) for each in operands])

    def lookup(self, op: MapOp | CastOp, read_as: SSAValue) -> Lookup:
        """The cheapest units that look up a map or a cast of one-hot operands.

        Args:
            op: the map or cast.
            read_as: the s-op whose readers are those of the result.
        """
        assert self.scale is not None
        if op not in self._lookups:
            operands = list(op.operands)
            domains = [domain_of(operand) for operand in operands]
            function = IDENTITY if isinstance(op, CastOp) else op.function.data
            table = tabulate(function, domains, domain_of(op.result), never=NEVER)
            self._lookups[op] = cheapest_lookup(
                LookupProblem(
                    table.shape,
                    table.tobytes(),
                    result_vectors(op.result),
                    encoding_of(op.result) == Encoding.NUMERICAL,
                    tuple(tuple(domain.numbers.tolist()) if domain.is_numeric else None for domain in domains),
                    tuple(domain.undefined for domain in domains),
                    tuple(self[operand] for operand in operands),
                    self.scale,
                    isinstance(op, CastOp) or is_read_exactly(read_as),
                )
            )
        return self._lookups[op]

    def operand_error(self, operands: list[SSAValue]) -> float:
        """How far the one-hot operands of a lookup may be off, all directions together."""
        return sum(self[operand].one_hot for operand in operands)

    def _affine(self, op: MapOp) -> ErrorBound:
        affine = as_affine(op.function.data)
        if affine is None:
            raise refuse(op, "a map of several operands reads a number", help="run the pass infer-encodings first")
        errors = [self[operand] for operand in op.operands_]
        carried = sum(
            abs(c) * (error.absolute + error.relative * magnitude(operand))
            for c, error, operand in zip(affine.coefficients, errors, op.operands_, strict=True)
        )
        defined = sum(error.defined for error in errors)
        if not is_affine(op, self.analysis):
            raise refuse(
                op,
                "it rounds, and a scalar doesn't: it has values that are no affine combination of its operands",
                help="run the pass infer-encodings first",
            )
        reach, n = affine_reach(op), len(errors)
        gate = gate_strength(reach) if domain_of(op.result).undefined else 0.0
        rounding = affine_rounding(op) + 2 * (n + 3) * UNIT_ROUNDOFF * gate * (n + 1)
        return ErrorBound(
            absolute=carried + gate * defined + rounding + self.analysis.maps.deviation(op),
            defined=defined + n * UNIT_ROUNDOFF,
        )


def sharpenable(bounds: ErrorBounds, op: AggregateOp | SelectorWidthOp | CountingOp) -> list[SelectOp]:
    """The selects of a head that needs equal weights and whose inexact keys or queries make them too unequal.

    A width w up to n is read from 1 / (1 + w), or from an attenuated width, with a tolerance of 1 / (4 (n + 1)),
    relatively, and a mean over n positions with one of the order of 1 / n**2. There has to be room for other errors.

    Args:
        bounds: the error bounds of the program.
        op: what the head computes.
    """
    n = bounds.max_seq_len
    match op:
        case AggregateOp():
            error, room = bounds.weight_error(op.selector, op.values), 64 * n**2
        case AttenuatedWidthOp():
            error, room = bounds.attenuated_width(op.selector).relative, 8 * (n + 1)
        case _:
            error, room = bounds.weight_error(op.selector, None), 8 * (n + 1)
    return [] if error * room <= 1 else [select for select in score_terms(op.selector) if not selects_all(select)]


def check_decoder(op: Operation, decoder: StepDecoder, error: ErrorBound) -> None:
    """Check that a step decoder stands the error of its number and the roundings of its own units.

    Raises:
        CompileError: it doesn't.
    """
    if not decoder.low.size:
        return
    off = error.at(np.maximum(np.abs(decoder.low), np.abs(decoder.high)))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):  # the smallest floats have no quarter
        worst = int(np.argmax(off / decoder.tolerances))
    if off[worst] >= decoder.tolerances[worst]:
        raise refuse(
            op,
            f"it tells {decoder.low[worst].item()!r} from {decoder.high[worst].item()!r}, which are too close in "
            f"float32: the number may be off by {off[worst]:.1e}",
            expected=f"a gap of more than {4 * off[worst]:.1e}",
            help="reduce max_seq_len, or decide on rounder numbers",
        )
    rounding = decoder.rounding(UNIT_ROUNDOFF)
    if rounding.max() > DECODER_LIMIT or np.abs(decoder.slopes).max() > LARGEST_NUMBER:
        steepest = int(np.argmax(np.abs(decoder.slopes))) // 2
        raise refuse(
            op,
            f"it tells {decoder.low[steepest].item()!r} from {decoder.high[steepest].item()!r} in {decoder.low.size} "
            f"steps, which float32 can't add exactly enough: the result may be off by {rounding.max():.1e}",
            expected=f"at most {DECODER_LIMIT:.1e}",
            help="reduce max_seq_len, or decide on rounder or fewer numbers",
        )


def check_lookup(op: Operation, operands: Sequence[SSAValue], units: LookupUnits, bounds: ErrorBounds) -> None:
    """Check that the units of a lookup stand the errors of its operands.

    Raises:
        CompileError: they don't.
    """
    read = [(weights > 0).sum(axis=0).max(initial=0) for weights in units.weights]
    error = sum(bounds[operand].over(n) for operand, n in zip(operands, read, strict=True))
    if error > LOOKUP_LIMIT:
        worst = max(operands, key=lambda operand: bounds[operand].one_hot)
        raise refuse(
            op,
            f"{name_of(worst)!r}, which it reads, has {len(domain_of(worst)):,} values, "
            f"and may be off by {error:.1e} in float32",
            expected=f"at most {LOOKUP_LIMIT}",
            help=f"map {name_of(worst)!r} to fewer values first, or reduce max_seq_len",
        )


def check_output(program: ProgramOp, bounds: ErrorBounds) -> None:
    """Check that the output can be decoded: that its numbers are far enough apart, or its one-hot exact enough.

    Numbers that differ by rounding alone count as one; see `algebra.twins`.

    Raises:
        CompileError: they aren't.
    """
    terminator = program.body.block.last_op
    assert isinstance(terminator, ReturnOp)
    value = terminator.value
    owner = value.owner
    assert isinstance(owner, Operation)
    if encoding_of(value) != Encoding.NUMERICAL:
        if bounds[value].largest > LOOKUP_LIMIT:
            raise refuse(owner, f"the output may be off by {bounds[value].largest:.1e} in float32")
        return
    values, numbers = domain_of(value).values, domain_of(value).numbers
    error = bounds[value].at(numbers) + 2 * UNIT_ROUNDOFF * np.abs(numbers) + SMALLEST_NORMAL
    close = (gaps(numbers) <= error[1:] + error[:-1]) & ~rounding_twins(numbers)
    if close.any():
        first = int(np.argmax(close))
        raise refuse(
            owner,
            f"the output can be {values[first]!r} or {values[first + 1]!r}, which are too close in "
            f"float32: the number may be off by {error[first]:.1e}",
            expected=f"a gap of more than {error[first] + error[first + 1]:.1e}",
            help="reduce max_seq_len, or round the output with a map",
        )


def is_computable(program: ProgramOp) -> bool:
    """Whether a program is exact enough for the constructions of materialize-mlp; see `is_exact_enough`."""
    try:
        bounds = analysis_of(program, ErrorBounds, linear=True)
    except CompileError:
        return False
    return is_exact_enough(program, bounds)


def is_exact_enough(program: ProgramOp, bounds: ErrorBounds) -> bool:
    """Whether all numbers, lookups and outputs of a program are exact enough for the constructions of materialize-mlp.

    Args:
        program: the program.
        bounds: its error bounds, in which maps that are linear are taken to be computed so.
    """
    try:
        for op in program.body.block.ops:
            if not isinstance(op, MapOp | CastOp) or is_linear(op):
                continue
            if isinstance(op, MapOp) and op.jointly is not None:
                continue
            operand = op.operands[0]
            if encoding_of(operand) != Encoding.NUMERICAL:
                if bounds.operand_error(list(op.operands)) > LOOKUP_LIMIT:
                    return False
            elif encoding_of(op.result) == Encoding.CATEGORICAL:
                decoder = decoder_of(op)
                if decoder is not None:
                    check_decoder(op, decoder, bounds[operand])
        check_output(program, bounds)
    except CompileError:
        return False
    return True
