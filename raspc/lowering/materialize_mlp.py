"""The pass materialize-mlp: maps, casts and the reading of widths become perceptrons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.error_bound import ErrorBound
from raspc.algebra.functions import Function, as_affine, grid_size
from raspc.algebra.lookup import lookup_units, one_hots
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import LinearOp, MlpOp, SubspaceType, SumOp
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.rasp import AggregateOp, BosWeightOp, CastOp, MapOp, ProgramOp, SelectorWidthOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError
from raspc.lowering.subspaces import Subspaces, erase_unused_casts, replace_with_vector
from raspc.passes.certification.arithmetic import scale_of
from raspc.passes.decoding import IDENTITY, decoder_of, tabulate
from raspc.passes.error_bounds import (
    ErrorBounds,
    affine_reach,
    check_decoder,
    check_lookup,
    check_output,
    gate_strength,
)
from raspc.passes.infer_encodings import InferEncodingsPass
from raspc.passes.infer_values import check_inferred
from raspc.passes.legalize_selectors import LegalizeSelectorsPass, is_legal
from raspc.passes.linear_maps import is_linear
from raspc.passes.locations import location_of, refuse, set_location
from raspc.passes.lookups import result_vectors
from raspc.passes.names import name_part
from raspc.passes.operand_sizes import fewer_values, listed
from raspc.passes.partial_results import mark_mlp, mark_sum
from raspc.passes.sharpening import is_decoded, sharpened
from raspc.passes.sop_types import domain_of, encoding_of

UNIT_LIMIT = 1 << 15
"""The most hidden units of one lookup."""

CELL_LIMIT = 1 << 21
"""The most combinations of operand values for which a function is tabulated."""

CELLS, CHEAPEST = "cells", "cheapest"
"""How lookups are constructed: with a unit for each cell of their tables, or with as few units as possible."""


def lookup_mlp(
    op: MapOp | CastOp, operands: list[SSAValue], function: Function, subspaces: Subspaces, bounds: ErrorBounds
) -> MlpOp:
    """A perceptron that looks up a function of one-hot operands; see `passes.lookups`.

    Raises:
        CompileError: the table is too large, or its operands are too inexact.
    """
    domains = [domain_of(operand) for operand in operands]
    cells = grid_size([len(domain) for domain in domains])
    if cells > CELL_LIMIT:
        raise refuse(
            op,
            f"its operands {listed(operands, domains)} have {cells} combinations of values",
            expected=f"at most {CELL_LIMIT} combinations",
            help=fewer_values(operands, domains),
        )
    result = op.result
    if bounds.chooses(operands):
        units = bounds.lookup(op, op.result).units
    else:
        table = tabulate(function, domains, domain_of(result))
        units = lookup_units(table, len(domain_of(result)), plateau=bounds.operand_error(operands) > 0)
        units = units.writing(result_vectors(result))
    check_lookup(op, operands, units, bounds)
    if units.n_units > UNIT_LIMIT:
        raise refuse(
            op,
            f"looking it up from {listed(operands, domains)} takes {units.n_units} hidden units",
            expected=f"at most {UNIT_LIMIT}",
            help=fewer_values(operands, domains),
        )
    subspace = subspaces.of(result)
    return MlpOp(
        [subspaces.vector(operand) for operand in operands],
        [SparseMatrix.from_dense(weights) for weights in units.weights],
        units.biases,
        [units.outputs],
        [subspace],
    )


def step_mlp(op: MapOp | CastOp | SelectorWidthOp, number: SSAValue, error: ErrorBound, subspaces: Subspaces) -> MlpOp:
    """A perceptron that reads a number and looks up a function of it; see `algebra.steps`.

    One more unit is on wherever the number is defined, and writes the decoder's base.

    Args:
        op: the op that the perceptron replaces.
        number: the numerical s-op that it reads.
        error: how far the number may be off.
        subspaces: the subspaces of the program.

    Raises:
        CompileError: two numbers with different results are too close to be told apart.
    """
    subspace = subspaces.of(op.result)
    vector = subspaces.vector(number)
    size = vector_of(vector).size
    decoder = decoder_of(op)
    if decoder is None:
        return MlpOp([vector], [_empty(size, 0)], [], [_empty(0, subspace.size)], [subspace])
    check_decoder(op, decoder, error)
    weights = np.zeros((size, decoder.slopes.size + 1))
    weights[0, :-1] = decoder.slopes
    weights[1:, -1] = 1.0
    bias = np.append(decoder.biases, 2.0 - size)
    outputs = np.vstack([decoder.outputs, decoder.base])
    return MlpOp([vector], [SparseMatrix.from_dense(weights)], bias, [SparseMatrix.from_dense(outputs)], [subspace])


def _empty(rows: int, columns: int) -> SparseMatrix:
    return SparseMatrix.from_triples((rows, columns), [], [], [])


def joint_mlp(op: MapOp, subspaces: Subspaces, bounds: ErrorBounds) -> MlpOp:
    """A perceptron that looks up a function of several operands at once, of which some are numbers.

    One more unit is on wherever all operands are defined, and writes the decoder's base.

    Raises:
        CompileError: the operands are too inexact, or have too many combinations.
    """
    reading = bounds.joint_reading(op)
    decoder, subspace = reading.sum.decoder, subspaces.of(op.result)
    vectors = [subspaces.vector(operand) for operand in op.operands_]
    w_in: list[SparseMatrix] = []
    for vector, terms, factor, may_be_undefined in zip(
        vectors, reading.sum.terms, reading.sum.factors, reading.undefinable, strict=True
    ):
        shape = vector_of(vector)
        gates = np.append(reading.gates, 1.0) * may_be_undefined
        rows = np.zeros((shape.size, gates.size))
        if shape.is_numerical:
            rows[0, :-1] = factor * decoder.slopes
            rows[1:] = gates
        else:
            rows[:, :-1] = np.outer(terms, decoder.slopes)
            rows += gates
        w_in.append(SparseMatrix.from_dense(rows))
    n_gates = sum(reading.undefinable)
    bias = np.append(decoder.biases - n_gates * reading.gates, 1.0 - n_gates)
    outputs = np.vstack([decoder.outputs, decoder.base])
    return MlpOp(vectors, w_in, bias, [SparseMatrix.from_dense(outputs)], [subspace])


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
    program: ProgramOp
    subspaces: Subspaces
    bounds: ErrorBounds


class MaterializeLinear(_MaterializePattern):
    """A map or cast that is linear becomes a linear map, or the sum of several; see `passes.linear_maps`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp | CastOp, rewriter: PatternRewriter) -> None:
        if not is_linear(op):
            return
        subspace = self.subspaces.of(op.result)
        vectors = [self.subspaces.vector(operand) for operand in op.operands]
        matrices = _linear_matrices(op, subspace)
        constant = _constant_of(op)
        if constant:
            vectors.append(self.subspaces.one(self.program))
            matrices.append(SparseMatrix.from_dense([[constant]]))
        if len(vectors) == 1:
            replace_with_vector(op, LinearOp(vectors[0], matrices[0], subspace), rewriter)
            return
        terms: list[SSAValue] = []
        for vector, matrix in zip(vectors, matrices, strict=True):
            name = self.subspaces.fresh_name(f"{subspace.label.data}_term")
            numbers = vector_of(vector).values.numbers * matrix.to_dense()[0, 0] + 0.0  # no negative zero
            part = LinearOp(vector, matrix, SubspaceType(name, Encoding.NUMERICAL, Domain.of(numbers.tolist())))
            rewriter.insert(part, InsertPoint.before(op))
            terms.append(part.result)
        total = SumOp(terms, subspace)
        if isinstance(op, MapOp):
            mark_sum(total, vectors, matrices, op, self.bounds.analysis.maps.evaluation(op))
        replace_with_vector(op, total, rewriter)


def _constant_of(op: MapOp | CastOp) -> float:
    """What a linear map adds to its operands, as far as none of their directions tells that they are defined."""
    affine = as_affine(op.function.data) if isinstance(op, MapOp) else None
    numerical = encoding_of(op.operands[0]) == Encoding.NUMERICAL and not domain_of(op.operands[0]).undefined
    return float(affine.constant) if affine is not None and numerical else 0.0


def _linear_matrices(op: MapOp | CastOp, subspace: SubspaceType) -> list[SparseMatrix]:
    """The matrix of each operand of a linear map: [size of the operand, size of the result]."""
    if encoding_of(op.operands[0]) == Encoding.CATEGORICAL:
        domain = domain_of(op.operands[0])
        function = IDENTITY if isinstance(op, CastOp) else op.function.data
        codes = tabulate(function, [domain], domain_of(op.result))
        picked = one_hots(codes, len(domain_of(op.result)))
        return [SparseMatrix.from_scipy(picked.to_scipy() @ result_vectors(op.result).to_scipy())]
    assert isinstance(op, MapOp)
    affine = as_affine(op.function.data)
    assert affine is not None
    matrices: list[SparseMatrix] = []
    for coefficient, operand in zip(affine.coefficients, op.operands_, strict=True):
        matrix = np.zeros((1 + domain_of(operand).undefined, subspace.size))
        matrix[0, 0] = coefficient
        if domain_of(operand).undefined:  # it is the only one
            matrix[1] = [affine.constant, 1.0][: subspace.size]
        matrices.append(SparseMatrix.from_dense(matrix))
    return matrices


class MaterializeMap(_MaterializePattern):
    """A map becomes a lookup of its one-hot operands, a step decoder of its one number, or an affine combination."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MapOp, rewriter: PatternRewriter) -> None:
        numerical = [encoding_of(operand) == Encoding.NUMERICAL for operand in op.operands_]
        by_cells = False
        if op.jointly is not None:
            mlp = joint_mlp(op, self.subspaces, self.bounds)
        elif not any(numerical):
            mlp = lookup_mlp(op, list(op.operands_), op.function.data, self.subspaces, self.bounds)
            by_cells = not self.bounds.chooses(list(op.operands_))  # one cell is on, or none
        elif is_decoded(op):
            mlp = step_mlp(op, op.operands_[0], self.bounds[op.operands_[0]], self.subspaces)
        elif all(numerical) and as_affine(op.function.data) is not None:
            mlp = affine_mlp(op, self.subspaces)
        else:
            raise refuse(op, "a map of several operands reads a number", help="run the pass infer-encodings first")
        if not by_cells:
            mark_mlp(mlp, op, self.bounds.analysis.maps.evaluation(op))
        replace_with_vector(op, mlp, rewriter)


class MaterializeCast(_MaterializePattern):
    """A cast of a number to one-hot is a step decoder; the other way, or of a one-hot to itself, it is a lookup."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: CastOp, rewriter: PatternRewriter) -> None:
        if encoding_of(op.value) == Encoding.NUMERICAL:
            mlp = step_mlp(op, op.value, self.bounds[op.value], self.subspaces)
        else:
            mlp = lookup_mlp(op, [op.value], IDENTITY, self.subspaces, self.bounds)
        replace_with_vector(op, mlp, rewriter)


class MaterializeWidth(_MaterializePattern):
    """A width is read from the weight that a head which always attends to BOS leaves there, 1 / (1 + width)."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorWidthOp, rewriter: PatternRewriter) -> None:
        weight = BosWeightOp(op.selector, domain_of(op.result))
        name_part(weight.result, op.result, "inverse", "width")
        set_location(weight, location_of(op))
        rewriter.insert(weight)
        mlp = step_mlp(op, weight.result, self.bounds.bos_weight(op.selector), self.subspaces)
        replace_with_vector(op, mlp, rewriter)


def mark_single_reads(program: ProgramOp, bounds: ErrorBounds) -> None:
    """Record at the aggregates of which it can be proved that they read one position at most; the proof needs maps."""
    selectors = bounds.analysis.selectors
    for op in program.body.block.ops:
        if isinstance(op, AggregateOp) and selectors.selects_at_most_one(op.selector):
            op.at_most_one = UnitAttr()


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

    With `linear=true` a map that is linear, as any function of one one-hot operand is, becomes `craft.linear` instead,
    which fold-linear folds into its readers. With `lookup=cheapest` a lookup takes the construction with the fewest
    hidden units that is exact enough in `dtype`, instead of a unit for each cell of its table.

    Values must be inferred. A program whose selectors or encodings aren't legal yet is legalised first, as by
    legalize-selectors and infer-encodings. Refused are lookups that are too large and numbers that are too close.
    """

    name = "materialize-mlp"

    linear: bool = False
    lookup: str = CELLS
    dtype: str = FLOAT32.name

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.lookup not in (CELLS, CHEAPEST):
            raise CompileError(f"there is no lookup {self.lookup!r}", expected=f"one of {CELLS}, {CHEAPEST}")
        scale = scale_of(self.dtype) if self.lookup == CHEAPEST else None
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
        if not all(is_legal(child) for child in op.ops if isinstance(child, ProgramOp)):
            LegalizeSelectorsPass().apply(ctx, op)
        InferEncodingsPass().apply(ctx, op)
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            bounds = sharpened(program, linear=self.linear, scale=scale)
            check_output(program, bounds)
            mark_single_reads(program, bounds)
            subspaces = Subspaces(program)
            # Readers before their operands: what is known of an s-op is known as long as its op is a rasp op.
            PatternRewriteWalker(
                GreedyRewritePatternApplier(
                    [
                        *([MaterializeLinear(program, subspaces, bounds)] if self.linear else []),
                        MaterializeMap(program, subspaces, bounds),
                        MaterializeCast(program, subspaces, bounds),
                        MaterializeWidth(program, subspaces, bounds),
                    ]
                ),
                apply_recursively=False,
                walk_reverse=True,
            ).rewrite_region(program.body)
            erase_unused_casts(program)
