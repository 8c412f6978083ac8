"""The pass materialize-mlp: maps, casts and the reading of widths become perceptrons."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from raspc.algebra import semantics
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Function, as_affine, grid_size
from raspc.algebra.lookup import lookup_units
from raspc.algebra.means import rounding_twins
from raspc.algebra.sparse import SparseMatrix
from raspc.algebra.steps import EXACT_LIMIT, StepDecoder, step_decoder
from raspc.dialects.craft import MlpOp, SubspaceType
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.rasp import AggregateOp, BosWeightOp, CastOp, MapOp, ProgramOp, ReturnOp, SelectOp, SelectorWidthOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import MeaningError
from raspc.lowering.error_bounds import (
    LARGEST_NUMBER,
    LOOKUP_LIMIT,
    PLATEAU_ERROR,
    UNIT_ROUNDOFF,
    ErrorBound,
    ErrorBounds,
    affine_reach,
    gate_strength,
    sharpenable,
)
from raspc.lowering.subspaces import Subspaces, erase_unused_casts, replace_with_vector
from raspc.passes.infer_encodings import InferEncodingsPass, cast_to_categorical
from raspc.passes.infer_values import check_inferred
from raspc.passes.legalize_selectors import LegalizeSelectorsPass
from raspc.passes.locations import location_of, refuse, set_location
from raspc.passes.sop_types import domain_of, encoding_of

UNIT_LIMIT = 1 << 15
"""The most hidden units of one lookup."""

CELL_LIMIT = 1 << 21
"""The most combinations of operand values for which a function is tabulated."""

LOOKUP_HELP = "use a smaller vocabulary or max_seq_len, or split the function into steps of fewer operands"

IDENTITY: Function = Expression(("x",), "x")


def tabulate(function: Function, operands: list[Domain], result: Domain) -> NDArray[np.int64]:
    """The code of a function's result for each combination of operand values, -1 where there is none.

    The shape is [size of operand 0, size of operand 1, ...]. A result outside of the domain belongs to a combination
    that infer-values has shown not to occur.
    """
    codes = np.full([len(domain) for domain in operands], -1, dtype=np.int64)
    flat = codes.reshape(-1)
    for cell, arguments in enumerate(product(*(domain.values for domain in operands))):
        try:
            value = semantics.apply(function, arguments)
        except MeaningError:
            continue
        if value is not None:
            flat[cell] = result.codes.get(value, -1)
    return codes


def _results_matrix(codes: NDArray[np.int64], signs: NDArray[np.float64], subspace: SubspaceType) -> SparseMatrix:
    """What each unit writes if it stands for the value with a code: [n_units, size of the subspace]."""
    units = np.arange(codes.size)
    shape = (codes.size, subspace.size)
    if not subspace.is_numerical:
        return SparseMatrix.from_triples(shape, units, codes, signs)
    columns = [subspace.values.numbers[codes] * signs, signs][: subspace.size]
    return SparseMatrix.from_dense(np.stack(columns, axis=1).reshape(shape))


def lookup_mlp(
    op: Operation, operands: list[SSAValue], function: Function, subspaces: Subspaces, error: float
) -> MlpOp:
    """A perceptron that looks up a function of one-hot operands; see `algebra.lookup`.

    Args:
        op: the op that the perceptron replaces.
        operands: one-hot s-ops.
        function: the function of their values.
        subspaces: the subspaces of the program.
        error: how far the operands may be off, all together.
    """
    domains = [domain_of(operand) for operand in operands]
    cells = grid_size([len(domain) for domain in domains])
    if cells > CELL_LIMIT:
        raise refuse(
            op, f"a lookup with {cells} combinations of operands", expected=f"at most {CELL_LIMIT}", help=LOOKUP_HELP
        )
    if error > LOOKUP_LIMIT:
        raise refuse(op, f"its operands may be off by {error:.1e} in float32", expected=f"at most {LOOKUP_LIMIT}")
    (result,) = op.results
    units = lookup_units(tabulate(function, domains, domain_of(result)), plateau=error > 0)
    if units.results.size > UNIT_LIMIT:
        raise refuse(
            op, f"a lookup needs {units.results.size} hidden units", expected=f"at most {UNIT_LIMIT}", help=LOOKUP_HELP
        )
    subspace = subspaces.of(result)
    return MlpOp(
        [subspaces.vector(operand) for operand in operands],
        [SparseMatrix.from_dense(weights) for weights in units.weights],
        units.biases,
        [_results_matrix(units.results, units.signs, subspace)],
        [subspace],
    )


def step_mlp(
    op: Operation,
    operand: SSAValue,
    function: Function,
    subspaces: Subspaces,
    *,
    error: ErrorBound,
    subspace: SubspaceType | None = None,
) -> MlpOp:
    """A perceptron that reads a number and looks up a function of it; see `algebra.steps`.

    One more unit is on wherever the number is defined, and writes the decoder's base.

    Raises:
        CompileError: two numbers with different results are too close to be told apart.
    """
    subspace = subspaces.of(op.results[0]) if subspace is None else subspace
    numbers = domain_of(operand).numbers
    classes = tabulate(function, [domain_of(operand)], subspace.values)
    if (np.diff(numbers)[classes[1:] != classes[:-1]] <= 0).any():
        raise refuse(op, "it tells numbers apart that are equal as 64-bit floats")
    vector = subspaces.vector(operand)
    can_be_undefined = vector_of(vector).size == 2
    if not numbers.size:  # always undefined
        return MlpOp([vector], [_empty(vector_of(vector).size, 0)], [], [_empty(0, subspace.size)], [subspace])
    decoder = step_decoder(numbers, classes, subspace.size)
    _check_gaps(op, decoder, error)
    # The units of the steps read the number; at zero, where an undefined number is, all of them are off. The last unit
    # is on wherever the number is defined.
    weights = np.zeros((vector_of(vector).size, decoder.slopes.size + 1))
    weights[0, :-1] = decoder.slopes
    weights[1:, -1] = 1.0
    bias = np.append(decoder.biases, 0.0 if can_be_undefined else 1.0)
    outputs = np.vstack([decoder.outputs, np.zeros((1, subspace.size))])
    if decoder.base >= 0:
        outputs[-1, decoder.base] = 1.0
    return MlpOp([vector], [SparseMatrix.from_dense(weights)], bias, [SparseMatrix.from_dense(outputs)], [subspace])


def _empty(rows: int, columns: int) -> SparseMatrix:
    return SparseMatrix.from_triples((rows, columns), [], [], [])


def _check_gaps(op: Operation, decoder: StepDecoder, error: ErrorBound) -> None:
    """Check that a step decoder stands the error of its number.

    Raises:
        CompileError: it doesn't.
    """
    if not decoder.low.size:
        return
    most = np.maximum(np.abs(decoder.low), np.abs(decoder.high))
    off = error.at(most)
    worst = int(np.argmax(off / decoder.tolerances))
    low, high = decoder.low[worst].item(), decoder.high[worst].item()
    if off[worst] >= decoder.tolerances[worst]:
        raise refuse(
            op,
            f"it tells {low!r} from {high!r}, which are too close in float32: the number may be "
            f"off by {off[worst]:.1e}",
            expected=f"a gap of more than {4 * off[worst]:.1e}",
            help="reduce max_seq_len, or decide on rounder numbers",
        )
    if decoder.reach > EXACT_LIMIT or decoder.steepness.max() > LARGEST_NUMBER:
        narrowest = int(np.argmax(decoder.steepness))
        low, high = decoder.low[narrowest].item(), decoder.high[narrowest].item()
        largest = decoder.reach / decoder.steepness[narrowest].item()
        raise refuse(
            op,
            f"it tells {low!r} from {high!r} among numbers up to {largest:.3g}, which float32 can't do exactly",
            expected=f"a gap of at least {4 * largest / EXACT_LIMIT:.1e}",
            help="reduce max_seq_len, or decide on rounder numbers",
        )


def affine_mlp(op: MapOp, subspaces: Subspaces) -> MlpOp:
    """A perceptron for an affine combination `z` of numbers: `relu(z) - relu(-z)`, both off where z is undefined.

    A third unit tells where all operands are defined.
    """
    affine = as_affine(op.function.data)
    assert affine is not None
    subspace = subspaces.of(op.result)
    vectors = [subspaces.vector(operand) for operand in op.operands_]
    can_be_undefined = subspace.size == 2
    gate = gate_strength(affine_reach(op)) if can_be_undefined else 0.0
    w_in: list[SparseMatrix] = []
    for coefficient, vector in zip(affine.coefficients, vectors, strict=True):
        rows = np.zeros((vector_of(vector).size, 3))
        rows[0, :2] = coefficient, -coefficient
        rows[1:] = gate, gate, 1.0
        w_in.append(SparseMatrix.from_dense(rows))
    undefinable = sum(vector_of(vector).size == 2 for vector in vectors)
    off = gate * undefinable
    bias = [affine.constant - off, -affine.constant - off, 1.0 - undefinable]
    w_out = np.zeros((3, subspace.size))
    w_out[:2, 0] = 1.0, -1.0
    w_out[2, 1:] = 1.0
    return MlpOp(vectors, w_in, bias, [SparseMatrix.from_dense(w_out)], [subspace])


@dataclass(eq=False)
class _MaterializePattern(RewritePattern):
    subspaces: Subspaces
    bounds: ErrorBounds


class MaterializeMap(_MaterializePattern):
    """A map becomes a lookup of its one-hot operands, a step decoder of its one number, or an affine combination."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp, rewriter: PatternRewriter) -> None:
        numerical = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
        if not any(numerical):
            operands = list(op.operands_)
            error = self.bounds.operand_error(operands)
            mlp = lookup_mlp(op, operands, op.function.data, self.subspaces, error)
        elif encoding_of(op.result) == Encoding.CATEGORICAL and len(numerical) == 1:
            error = self.bounds[op.operands_[0]]
            mlp = step_mlp(op, op.operands_[0], op.function.data, self.subspaces, error=error)
        elif all(numerical) and as_affine(op.function.data) is not None:
            mlp = affine_mlp(op, self.subspaces)
        else:
            raise refuse(op, "a map of several operands reads a number", help="run the pass infer-encodings first")
        replace_with_vector(op, mlp, rewriter)


class MaterializeCast(_MaterializePattern):
    """A cast of a number to one-hot is a step decoder; the other way it is a lookup."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CastOp, rewriter: PatternRewriter) -> None:
        if encoding_of(op.value) == Encoding.NUMERICAL:
            error = self.bounds[op.value]
            mlp = step_mlp(op, op.value, IDENTITY, self.subspaces, error=error)
        else:
            mlp = lookup_mlp(op, [op.value], IDENTITY, self.subspaces, self.bounds.operand_error([op.value]))
        replace_with_vector(op, mlp, rewriter)


class MaterializeWidth(_MaterializePattern):
    """A width is read from the weight that a head which always attends to BOS leaves there, 1 / (1 + width)."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorWidthOp, rewriter: PatternRewriter) -> None:
        widths = domain_of(op.result)
        weight = BosWeightOp(op.selector, widths)
        weight.result.name_hint = f"{op.result.name_hint or 'width'}_inverse"
        set_location(weight, location_of(op))
        rewriter.insert(weight)
        subspace = self.subspaces.of(op.result)
        function = Expression(("x",), "round(1 / x) - 1")
        error = self.bounds.bos_weight(op.selector)
        mlp = step_mlp(op, weight.result, function, self.subspaces, error=error, subspace=subspace)
        replace_with_vector(op, mlp, rewriter)


def sharpened(program: ProgramOp) -> ErrorBounds:
    """Insert casts that make inexact keys and queries exact, where means or widths depend on them.

    A one-hot that a head has read from several positions is off by a few roundings. As a key or a query it makes the
    weights of selected positions unequal: enough to be seen by a mean over many positions.

    Returns:
        The error bounds of the program with these casts.
    """
    bounds = ErrorBounds(program)
    readers: dict[SSAValue, list[SelectOp]] = {}
    for op in program.body.block.ops:
        match op:
            case AggregateOp() if encoding_of(op.result) == Encoding.NUMERICAL:
                selects = sharpenable(bounds, op.selector, op.values)
            case SelectorWidthOp():
                selects = sharpenable(bounds, op.selector, None)
            case _:
                continue
        for select in selects:
            for operand in select.operands:
                readers.setdefault(operand, []).append(select)
    inexact = {operand: selects for operand, selects in readers.items() if bounds[operand].one_hot > PLATEAU_ERROR}
    for operand, selects in inexact.items():
        cast_to_categorical(operand, selects)
    return ErrorBounds(program) if inexact else bounds


def check_output(program: ProgramOp, bounds: ErrorBounds) -> None:
    """Check that the output can be decoded: that its numbers are far enough apart, or its one-hot exact enough.

    Numbers that differ by rounding alone count as one; see `algebra.means.rounding_twins`.

    Raises:
        CompileError: they aren't.
    """
    terminator = program.body.block.last_op
    assert isinstance(terminator, ReturnOp)
    value = terminator.value
    owner = value.owner
    assert isinstance(owner, Operation)
    if encoding_of(value) != Encoding.NUMERICAL:
        if bounds[value].one_hot > LOOKUP_LIMIT:
            raise refuse(owner, f"the output may be off by {bounds[value].one_hot:.1e} in float32")
        return
    numbers = domain_of(value).numbers
    gaps = np.diff(numbers)
    error = bounds[value].at(numbers) + 2 * UNIT_ROUNDOFF * np.abs(numbers)
    close = (gaps <= error[1:] + error[:-1]) & ~rounding_twins(numbers)
    if close.any():
        first = int(np.argmax(close))
        raise refuse(
            owner,
            f"the output can be {numbers[first].item()!r} or {numbers[first + 1].item()!r}, which are too close in "
            f"float32: the number may be off by {error[first]:.1e}",
            expected=f"a gap of more than {error[first] + error[first + 1]:.1e}",
            help="reduce max_seq_len, or round the output with a map",
        )


@dataclass(frozen=True)
class MaterializeMlpPass(ModulePass):
    """Turn every map, cast and width of a RASP program into a perceptron in a subspace of its own.

    ```mlir
    %length = rasp.selector_width %all : categorical 1 to 2
    ```
    becomes
    ```mlir
    %length_inverse = rasp.bos_weight %all : numerical [0.3333333333333333, 0.5]
    %0 = builtin.unrealized_conversion_cast %length_inverse : … to !craft.vec<"length_inverse" numerical …>
    %length = craft.mlp (%0) w_in(1 by 3 [[32, 32, 0]]) bias [-13, -14, 1] w_out(3 by 2 …) : "length" [1, 2]
    ```

    Values must be inferred. A program whose selectors or encodings aren't legal yet is legalised first, as by
    legalize-selectors and infer-encodings. Refused are lookups that are too large and numbers that are too close.
    """

    name = "materialize-mlp"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
        LegalizeSelectorsPass().apply(ctx, op)
        InferEncodingsPass().apply(ctx, op)
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            bounds = sharpened(program)
            check_output(program, bounds)
            subspaces = Subspaces(program)
            # Readers before their operands: what is known of an s-op is known as long as its op is a rasp op.
            PatternRewriteWalker(
                GreedyRewritePatternApplier(
                    [
                        MaterializeMap(subspaces, bounds),
                        MaterializeCast(subspaces, bounds),
                        MaterializeWidth(subspaces, bounds),
                    ]
                ),
                apply_recursively=False,
                walk_reverse=True,
            ).rewrite_region(program.body)
            erase_unused_casts(program)
