"""The pass infer-encodings: choose how every s-op lies in the residual stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from raspc.algebra.domain import Domain
from raspc.algebra.error_bound import UNIT_ROUNDOFF
from raspc.algebra.functions import as_affine, grid_size
from raspc.algebra.twins import gaps, residues, rounding_twins
from raspc.algebra.values import is_finite_number
from raspc.dialects.rasp import (
    AggregateOp,
    CastOp,
    FunctionAttr,
    MapOp,
    ProgramOp,
    ReturnOp,
    SelectOp,
    SopType,
)
from raspc.dialects.rasp.attributes import Encoding, ValueAttr
from raspc.dialects.rasp.ops import SopOp
from raspc.passes.error_bounds import LARGEST_NUMBER, is_affine, is_computable
from raspc.passes.filling import filled_with
from raspc.passes.infer_values import INFER, check_inferred
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.locations import location_of, refuse, set_location
from raspc.passes.names import name_part
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis

CLOSE = 2.0**-16
"""Numbers that are nearer than this part of the largest may be too close to be told apart as scalars in float32."""

SMALLEST_GAP = 2.0**-120
"""Numbers that are nearer than this are too close in any case."""

TABLE_LIMIT = 1 << 16
"""The most combinations of operands of a map that is looked up because its numbers are close."""


class Effort(Enum):
    """What is done beyond what the operations ask for.

    Attributes:
        NONE: nothing.
        COMBINE: combinations of numbers and one-hot numbers are numerical where only numbers read them.
        LOOK_UP: maps with numbers that are close, and with a reader that has to tell them apart, are looked up.
    """

    NONE = auto()
    COMBINE = auto()
    LOOK_UP = auto()


@dataclass(frozen=True)
class InferEncodingsPass(ModulePass):
    """Make every s-op categorical (one-hot) or numerical (a scalar), and cast where a reader needs the other one.

    An aggregate that can average is numerical: attention computes a mean. So is an affine combination of numerical
    s-ops, and a map that the user made numerical. Everything else is categorical. Keys, queries, the operands of maps
    of several operands and the values of categorical aggregates must be categorical; a numerical one is cast.

    A map is affine if its values are, as Python rounds them; see `error_bounds.is_affine`. `(x + 4.6e15) - 4.6e15` is
    looked up.

    An affine combination whose values differ by rounding alone (1 - 0.8 is not 0.2) can't be told apart as a scalar.
    Where that matters, because it is the output or has to be cast, it is looked up instead. So is any other map whose
    numbers are so close that the program would be refused.

    ```mlir
    %mean = rasp.aggregate %prevs, %is_x : [0, 0.5, 1]
    %same = rasp.select %mean, %mean eq
    ```
    becomes
    ```mlir
    %mean = rasp.aggregate %prevs, %is_x : numerical [0, 0.5, 1]
    %mean_1 = rasp.cast %mean : categorical [0, 0.5, 1]
    %same = rasp.select %mean_1, %mean_1 eq
    ```

    A mean whose default is not a number is computed without the default and filled with it afterwards. An encoding that
    the user asked for is changed where an s-op can't have it: tokens, indices, constants and widths are categorical.
    The pass refuses an aggregate that may average some of its values while others are no numbers. It doesn't change a
    program that it has been applied to.

    With `combine=true` an affine combination of numerical and one-hot numbers is numerical too, if all that reads it is
    the output and means: the one-hot operands are cast to numbers, which is linear. Values of the output that differ by
    rounding alone are then one. Where the numbers would be too inexact the pass does what it does without the option.

    With `numerical-output=true` a one-hot output is cast to numerical, if its values are finite numbers of which no two
    differ by rounding alone.
    """

    name = "infer-encodings"

    combine: bool = False
    numerical_output: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            encoded = _encoded(program, combine=self.combine)
            if encoded is not program:
                Rewriter.replace_op(program, encoded)
            if self.numerical_output:
                _cast_output(encoded)


def _encoded(program: ProgramOp, *, combine: bool) -> ProgramOp:
    """A program with encodings: the given one, or a copy of it that the given one can be replaced by."""
    given = program.clone()
    if combine and _has_combinations(program):
        combined = given.clone()
        if _infer(combined, Effort.COMBINE) and is_computable(combined):
            return combined
    _infer(program, Effort.NONE)
    maps = [op for op in program.body.block.ops if isinstance(op, MapOp)]
    numerical = [op for op in maps if encoding_of(op.result) == Encoding.NUMERICAL]
    if not any(map(_is_close, numerical)) or (not _has_close_output(program) and is_computable(program)):
        return program
    return given if _infer(given, Effort.LOOK_UP) and is_computable(given) else program


def _infer(program: ProgramOp, effort: Effort) -> bool:
    """Give every s-op its encoding.

    Args:
        program: a program with values.
        effort: what else is done.

    Returns:
        Whether anything was done for that reason.
    """
    _separate_defaults(program)
    analysis = analysis_of(program, ValueAnalysis)
    choices, done = Choices(analysis), False
    for sop in [child for child in program.body.block.ops if isinstance(child, SopOp)]:
        if effort == Effort.COMBINE and isinstance(sop, MapOp) and _can_be_combined(sop, analysis):
            _cast_to_numerical(sop)
            _encode(sop, Encoding.NUMERICAL)
            done = True
            continue
        chosen = sop.choose_encoding(choices)
        if effort == Effort.LOOK_UP and chosen == Encoding.NUMERICAL and isinstance(sop, MapOp) and _is_close(sop):
            chosen = _look_up(sop, analysis)
            done = True
        _encode(sop, chosen)
    _cast_operands(program)
    return done


def _separate_defaults(program: ProgramOp) -> None:
    """Take defaults that are not numbers away from means: a mean without a default is filled with it."""
    aggregates = [op for op in program.body.block.ops if isinstance(op, AggregateOp)]
    if all(op.default.data is None or is_finite_number(op.default.data) for op in aggregates):
        return
    averages = analysis_of(program, ValueAnalysis).averages
    for op in aggregates:
        default = op.default.data
        if op not in averages or default is None or is_finite_number(default) or not domain_of(op.values).is_numeric:
            continue
        if default not in domain_of(op.result):  # something is always selected
            op.default = ValueAttr(None)
            continue
        numbers = [value for value in domain_of(op.result).values if value != default]
        mean_domain = Domain(tuple(numbers), undefined=True, mixed=domain_of(op.result).mixed)
        mean = AggregateOp(op.selector, op.values, None, SopType(mean_domain))
        name_part(mean.result, op.result, "mean")
        set_location(mean, location_of(op))
        Rewriter.insert_op(mean, InsertPoint.before(op))
        new_ops: list[Operation] = []
        filled = filled_with(mean.result, default, new_ops)
        filled.name_hint = op.result.name_hint
        Rewriter.replace_op(op, new_ops, [filled])


@dataclass(frozen=True)
class Choices:
    """The encodings of the operands of s-ops, and what that makes of the ops of the rasp dialect."""

    analysis: ValueAnalysis

    def encoding(self, value: SSAValue) -> Encoding:
        """The encoding of an operand, or the one that the user asked for of the result."""
        return encoding_of(value)

    def of_cast(self, op: CastOp) -> Encoding:
        """The encoding that a cast casts to."""
        if encoding_of(op.result) == Encoding.UNKNOWN:
            raise refuse(op, "a cast needs the encoding that it casts to")
        return encoding_of(op.result)

    def of_aggregate(self, op: AggregateOp) -> Encoding:
        """The encoding of an aggregate, which may be a mean."""
        return _choose_aggregate(op, averages=op in self.analysis.averages)

    def of_map(self, op: MapOp) -> Encoding:
        """The encoding of a map, which may be an affine combination."""
        chosen = _choose_map(op, self.analysis)
        return _look_up(op, self.analysis) if chosen == Encoding.NUMERICAL and _must_be_looked_up(op) else chosen


def _choose_aggregate(op: AggregateOp, *, averages: bool) -> Encoding:
    values, result = domain_of(op.values), domain_of(op.result)
    numbers = [value for value in values.values if isinstance(value, int | float)]
    if not averages or (len(numbers) < 2 and encoding_of(op.values) == Encoding.CATEGORICAL):
        return encoding_of(op.values) if result.is_numeric else Encoding.CATEGORICAL
    if not values.is_numeric:
        raise refuse(
            op,
            "it may average some of its values, and others are no finite numbers",
            expected="values that are all finite numbers, or a selector that selects one of them at most",
        )
    if not result.is_numeric:  # _separate_defaults leaves no mean with another default
        raise refuse(op, "it is a mean, and its domain has values that are no numbers", help=INFER)
    return Encoding.NUMERICAL


def _choose_map(op: MapOp, analysis: ValueAnalysis) -> Encoding:
    if op.jointly is not None:
        return Encoding.CATEGORICAL
    asked = encoding_of(op.result)
    numerical = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
    if not any(numerical):
        numbers = domain_of(op.result).is_numeric
        return Encoding.NUMERICAL if asked == Encoding.NUMERICAL and numbers else Encoding.CATEGORICAL
    one_decoder = asked == Encoding.CATEGORICAL and len(op.operands_) == 1
    combines = all(numerical) and not one_decoder and is_affine(op, analysis)
    return Encoding.NUMERICAL if combines else Encoding.CATEGORICAL


def _can_be_combined(op: MapOp, analysis: ValueAnalysis) -> bool:
    """Whether `op` combines numbers of which some are numerical, for readers that can read a number."""
    if encoding_of(op.result) == Encoding.CATEGORICAL or len(op.operands_) < 2 or not is_affine(op, analysis):
        return False
    if not any(encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_):
        return False
    readers = [use.operation for use in op.result.uses]
    return all(isinstance(reader, ReturnOp) or reader in analysis.averages for reader in readers)


def _has_combinations(program: ProgramOp) -> bool:
    """Whether there are maps that combine numbers at all, whatever their encodings are."""
    maps = [op for op in program.body.block.ops if isinstance(op, MapOp) and len(op.operands_) > 1]
    affine = [op for op in maps if as_affine(op.function.data) is not None]
    return bool(affine) and any(is_affine(op, analysis_of(program, ValueAnalysis)) for op in affine)


def _cast_to_numerical(op: MapOp) -> None:
    """Let a map read numbers where it reads one-hot operands."""
    for number, operand in enumerate(list(op.operands_)):
        if encoding_of(operand) == Encoding.CATEGORICAL:
            cast = CastOp(operand, SopType(domain_of(operand), Encoding.NUMERICAL))
            cast.result.name_hint = operand.name_hint
            set_location(cast, location_of(op))
            Rewriter.insert_op(cast, InsertPoint.before(op))
            op.operands[number] = cast.result


def _must_be_looked_up(op: MapOp) -> bool:
    """Whether a combination of numbers differs by rounding alone, and a reader has to tell its values apart.

    The output of a program needn't if the user asked for a number, and they are twins.
    """
    if len(op.operands_) < 2 or encoding_of(op.operands_[0]) == Encoding.CATEGORICAL:
        return False
    numbers = domain_of(op.result).numbers
    near = residues(numbers)
    if not near.any():
        return False
    told = encoding_of(op.result) == Encoding.NUMERICAL and not (near & ~rounding_twins(numbers)).any()
    readers = [use.operation for use in op.result.uses]
    return any((isinstance(reader, ReturnOp) and not told) or _needs_one_hot(reader, op.result) for reader in readers)


def _is_close(op: MapOp) -> bool:
    """Whether the numbers of a map may be too close, or too large, to be told apart as scalars; and it has a table."""
    if grid_size([len(domain_of(operand)) for operand in op.operands_]) > TABLE_LIMIT:
        return False
    numbers = domain_of(op.result).numbers
    largest = float(np.abs(numbers).max(initial=0.0))
    return largest > LARGEST_NUMBER or bool((gaps(numbers) <= max(CLOSE * largest, SMALLEST_GAP)).any())


def _has_close_output(program: ProgramOp) -> bool:
    """Whether a map writes the output as a number, and float32 may round two of its values that aren't twins alike."""
    output = _returned(program).value
    if not isinstance(output.owner, MapOp) or encoding_of(output) != Encoding.NUMERICAL:
        return False
    numbers = domain_of(output).numbers
    near = gaps(numbers) <= 8 * UNIT_ROUNDOFF * np.abs(numbers).max(initial=0.0)
    return bool((near & ~rounding_twins(numbers)).any())


def _returned(program: ProgramOp) -> ReturnOp:
    (returned,) = [op for op in program.body.block.ops if isinstance(op, ReturnOp)]
    return returned


def _look_up(op: MapOp, analysis: ValueAnalysis) -> Encoding:
    """Let a map be looked up; its encoding then."""
    op.function = FunctionAttr(analysis.table(op))
    return Encoding.CATEGORICAL


def _encode(op: SopOp, chosen: Encoding) -> None:
    """Give `op` the chosen encoding; readers get a cast if the user asked for one-hot and it can't be."""
    asked = encoding_of(op.result)
    if asked == chosen:
        return
    domain = domain_of(op.result)
    result = Rewriter.replace_value_with_new_type(op.result, SopType(domain, chosen))
    if asked == Encoding.CATEGORICAL and chosen == Encoding.NUMERICAL:
        cast_to_categorical(result, [use.operation for use in result.uses])


def cast_to_categorical(value: SSAValue, readers: Sequence[object]) -> None:
    """Insert a cast of `value` to categorical after its definition, for these readers."""
    _cast(value, Encoding.CATEGORICAL, readers)


def _cast(value: SSAValue, encoding: Encoding, readers: Sequence[object]) -> None:
    owner = value.owner
    assert isinstance(owner, SopOp)
    cast = CastOp(value, SopType(domain_of(value), encoding))
    cast.result.name_hint = value.name_hint
    set_location(cast, location_of(owner))
    Rewriter.insert_op(cast, InsertPoint.after(owner))
    value.replace_uses_with_if(cast.result, lambda use: use.operation in readers)


def _cast_operands(program: ProgramOp) -> None:
    """Cast every numerical s-op for the readers that need it one-hot."""
    for op in [child for child in program.body.block.ops if isinstance(child, SopOp)]:
        value = op.result
        if encoding_of(value) != Encoding.NUMERICAL:
            continue
        readers = [use.operation for use in value.uses if _needs_one_hot(use.operation, value)]
        if readers:
            cast_to_categorical(value, readers)


def _cast_output(program: ProgramOp) -> None:
    """Return numbers as numbers, if no two of them differ by rounding alone: as such they can't be told apart."""
    output = _returned(program).value
    domain = domain_of(output)
    if encoding_of(output) == Encoding.NUMERICAL or not domain.is_numeric:
        return
    if rounding_twins(domain.numbers).any() or residues(domain.numbers).any():
        return
    _cast(output, Encoding.NUMERICAL, [_returned(program)])


def _needs_one_hot(reader: Operation, value: SSAValue) -> bool:
    return isinstance(reader, SelectOp) or (isinstance(reader, SopOp) and reader.reads_one_hot(value))
