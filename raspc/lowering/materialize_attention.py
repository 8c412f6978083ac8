"""The pass materialize-attention: aggregates become heads, inputs become embeddings, and the program a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnrealizedConversionCastOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import Rewriter

from raspc.algebra.counting import weight_of
from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import (
    EmbedPositionsOp,
    EmbedTokensOp,
    HeadOp,
    LinearOp,
    ModelOp,
    SubspaceType,
    UnembedOp,
)
from raspc.dialects.craft.attention import COUNTING_TEMPERATURE, INVERSE_TEMPERATURE, lowest_counting_temperature
from raspc.dialects.craft.attributes import encode_values
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.ops import EmbeddingOp, writer_of
from raspc.dialects.interfaces import Evaluated
from raspc.dialects.rasp import (
    AggregateOp,
    AttenuatedWidthOp,
    BosWeightOp,
    CastOp,
    ConstantOp,
    IndicesOp,
    LengthOp,
    MapOp,
    ProgramOp,
    ReturnOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    TokensOp,
    is_foreign,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.errors import CompileError
from raspc.lowering.subspaces import Subspaces, erase_unused_casts, replace_with_vector
from raspc.passes.infer_values import check_inferred
from raspc.passes.locations import location_of, refuse
from raspc.passes.selector_terms import clauses_of, selects_all, truth_of
from raspc.passes.sop_types import domain_of, encoding_of


@dataclass(frozen=True)
class ScoreTerm:
    """One bilinear term of a head's score: 1 where a conjunct holds and 0 elsewhere."""

    query: SSAValue
    key: SSAValue
    qk: SparseMatrix


class HeadBuilder:
    """Builds the heads of one program.

    A selector is a conjunction of m clauses. A clause is a select or a disjunction of selects of which no more than one
    ever holds. Each select contributes a bilinear term that is 1 where it holds and 0 where it doesn't (an undefined
    operand is the null vector), so that selected keys score m and all others at most m - 1. An aggregated value that
    can be undefined is one more clause: "it is defined".
    """

    def __init__(self, program: ProgramOp, subspaces: Subspaces):
        self.program = program
        self.subspaces = subspaces

    @property
    def one(self) -> SSAValue:
        """The constant 1."""
        return self.subspaces.one(self.program)

    @property
    def max_seq_len(self) -> int:
        """The length of the longest input."""
        return self.program.max_seq_len.data

    def vector(self, value: SSAValue) -> SSAValue:
        """The vector of an s-op."""
        return self.subspaces.vector(value)

    def subspace(self, value: SSAValue) -> SubspaceType:
        """The subspace in which an s-op is to lie."""
        return self.subspaces.of(value)

    def clauses(self, selector: SSAValue, values: SSAValue | None) -> list[list[ScoreTerm]]:
        """The terms of the score: those of each clause, and one if the values can be undefined."""
        clauses = [[self._atom(select) for select in clause] for clause in clauses_of(selector)]
        if values is not None and domain_of(values).undefined:
            vector = self.subspaces.vector(values)
            size = vector_of(vector).size
            defined = np.ones((1, size)) if encoding_of(values) == Encoding.CATEGORICAL else np.array([[0.0, 1.0]])
            clauses.append([ScoreTerm(self.one, vector, SparseMatrix.from_dense(defined))])
        return clauses

    def _atom(self, op: SelectOp) -> ScoreTerm:
        for operand in op.operands:
            if encoding_of(operand) != Encoding.CATEGORICAL:
                raise refuse(op, "keys and queries must be categorical", help="run the pass infer-encodings first")
        if selects_all(op):
            return ScoreTerm(self.one, self.one, SparseMatrix.identity(1))
        truth = (truth_of(op) == 1).astype(np.float64)
        return ScoreTerm(
            self.subspaces.vector(op.queries), self.subspaces.vector(op.keys), SparseMatrix.from_dense(truth.T)
        )

    def aggregate(self, op: AggregateOp) -> HeadOp:
        """A head that reads the mean of the selected values, or at BOS the default.

        BOS scores m - 1/2, half-way between selected and other keys, so that it is attended to if nothing is selected.
        """
        subspace = self.subspaces.of(op.result)
        clauses = self.clauses(op.selector, op.values)
        values, ov = self._reading(op, subspace)
        bos_value = np.zeros(subspace.size)
        default = op.default.data
        if default is not None and default in subspace.values:
            bos_value = encode_values(subspace, [default])[0]
        one = op.at_most_one is not None
        return _head(clauses, values, ov, bos_value, len(clauses) - 0.5, subspace, at_most_one=one)

    def bos_weight(self, op: BosWeightOp) -> HeadOp:
        """A head that always attends to BOS, as much as to each selected key, and reads 1 there and 0 elsewhere."""
        clauses = self.clauses(op.selector, None)
        return _head(clauses, [], [], np.ones(1), len(clauses), self.subspaces.of(op.result))

    def attenuated_width(self, op: AttenuatedWidthOp) -> HeadOp:
        """A head that reads 1 at each selected key, and attends to BOS as much as to `e**lead` of them."""
        clauses, lead = self.clauses(op.selector, None), op.lead.value.data
        weight = SparseMatrix.from_dense([[weight_of(lead)]])
        scored = [vector for clause in clauses for term in clause for vector in (term.query, term.key)]
        # The one-hots of embeddings, and of linear maps of these, are exact.
        are_embedded = all(isinstance(writer_of(vector), EmbeddingOp) for vector in scored)
        lowest = lowest_counting_temperature(self.program.max_seq_len.data)
        temperature = COUNTING_TEMPERATURE if are_embedded else lowest
        subspace = self.subspaces.of(op.result)
        return _head(
            clauses, [self.one], [weight], np.zeros(1), len(clauses), subspace, temperature=temperature, lead=lead
        )

    def _reading(self, op: AggregateOp, subspace: SubspaceType) -> tuple[list[SSAValue], list[SparseMatrix]]:
        """The values that a head reads and how they are mapped into its subspace."""
        vector = self.subspaces.vector(op.values)
        source = vector_of(vector)
        if not subspace.is_numerical:
            if source.is_numerical:
                raise refuse(op, "one-hot values are expected", help="run the pass infer-encodings first")
            return [vector], [_copy_matrix(source.values, subspace.values)]
        if not source.is_numerical:
            columns = [source.values.numbers, np.ones(source.size)][: subspace.size]
            return [vector], [SparseMatrix.from_dense(np.stack(columns, axis=1).reshape(source.size, subspace.size))]
        same = np.eye(source.size, subspace.size)
        if subspace.size <= source.size:
            return [vector], [SparseMatrix.from_dense(same)]
        return [vector, self.one], [SparseMatrix.from_dense(same), SparseMatrix.from_dense([[0.0, 1.0]])]


def _head(
    clauses: list[list[ScoreTerm]],
    values: list[SSAValue],
    ov: list[SparseMatrix],
    bos_value: NDArray[np.float64],
    bos_score: float,
    subspace: SubspaceType,
    *,
    temperature: float = INVERSE_TEMPERATURE,
    lead: float = 0.0,
    at_most_one: bool = False,
) -> HeadOp:
    terms = [term for clause in clauses for term in clause]
    return HeadOp(
        [term.query for term in terms],
        [term.key for term in terms],
        [term.qk for term in terms],
        values,
        ov,
        bos_value,
        bos_score,
        subspace,
        temperature,
        lead=lead,
        at_most_one=at_most_one,
        clauses=[len(clause) for clause in clauses],
    )


def _copy_matrix(source: Domain, target: Domain) -> SparseMatrix:
    """Each value of `source` to the same value of `target`, if it is there: [len(source), len(target)]."""
    codes = np.array([target.codes.get(value, -1) for value in source.values], dtype=np.int64)
    kept = np.flatnonzero(codes >= 0)
    return SparseMatrix.from_triples((len(source), len(target)), kept, codes[kept], np.ones(kept.size))


@dataclass(eq=False)
class _MaterializePattern(RewritePattern):
    heads: HeadBuilder

    @property
    def subspaces(self) -> Subspaces:
        """The subspaces of the program."""
        return self.heads.subspaces


class MaterializeTokens(_MaterializePattern):
    """The tokens are embedded one-hot."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: TokensOp, rewriter: PatternRewriter) -> None:
        embed = EmbedTokensOp(self.subspaces.of(op.result))
        replace_with_vector(op, embed, rewriter)


class MaterializeIndices(_MaterializePattern):
    """The positions are embedded one-hot."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: IndicesOp, rewriter: PatternRewriter) -> None:
        embed = EmbedPositionsOp(self.subspaces.of(op.result))
        replace_with_vector(op, embed, rewriter)


class MaterializeConstant(_MaterializePattern):
    """A constant is a direction in which every position has 1: a linear map of the constant one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ConstantOp, rewriter: PatternRewriter) -> None:
        subspace = self.subspaces.of(op.result)
        linear = LinearOp(self.heads.one, SparseMatrix.from_dense(encode_values(subspace, [op.value.data])), subspace)
        replace_with_vector(op, linear, rewriter)


class MaterializeAggregate(_MaterializePattern):
    """An aggregate is a head; see `HeadBuilder.aggregate`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AggregateOp, rewriter: PatternRewriter) -> None:
        head = self.heads.aggregate(op)
        replace_with_vector(op, head, rewriter)


class MaterializeBosWeight(_MaterializePattern):
    """The weight left on BOS is what a head reads that sees 1 at BOS and 0 elsewhere; see `HeadBuilder.bos_weight`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: BosWeightOp, rewriter: PatternRewriter) -> None:
        head = self.heads.bos_weight(op)
        replace_with_vector(op, head, rewriter)


class MaterializeAttenuatedWidth(_MaterializePattern):
    """An attenuated width is the attention that the selected keys get; see `HeadBuilder.attenuated_width`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: AttenuatedWidthOp, rewriter: PatternRewriter) -> None:
        head = self.heads.attenuated_width(op)
        replace_with_vector(op, head, rewriter)


class MaterializeByItself(_MaterializePattern):
    """An s-op of another dialect says itself what its components are."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SopOp, rewriter: PatternRewriter) -> None:
        if is_foreign(op):
            *others, last = op.materialize(self.heads)
            rewriter.insert(others)
            replace_with_vector(op, last, rewriter)


class MaterializeReturn(_MaterializePattern):
    """The output is unembedded."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ReturnOp, rewriter: PatternRewriter) -> None:
        rewriter.replace(op, UnembedOp(self.subspaces.vector(op.value)))


def _check_ready(program: ProgramOp) -> None:
    """Check that everything but attention is lowered.

    Raises:
        CompileError: something isn't.
    """
    for op in program.body.block.ops:
        joins = isinstance(op, SelectorOrOp) and op.disjoint is None
        if joins or isinstance(op, MapOp | CastOp | SelectorWidthOp | LengthOp | SelectorNotOp):
            raise refuse(op, f"{op.name} is not lowered", help="run the pass materialize-mlp before this one")
        if isinstance(op, SopOp) and encoding_of(op.result) == Encoding.UNKNOWN:
            raise refuse(op, "its encoding isn't chosen", help="run the pass materialize-mlp before this one")


def _erase_selectors(program: ProgramOp) -> None:
    for op in reversed(list(program.body.block.ops)):
        if isinstance(op, SelectOp | SelectorAndOp | SelectorOrOp) and op.result.first_use is None:
            Rewriter.erase_op(op)


def _check_all_lowered(program: ProgramOp) -> None:
    """Check that nothing of the rasp dialect is left.

    Raises:
        CompileError: something is.
    """
    for op in program.body.block.ops:
        if isinstance(op, Evaluated) or not is_foreign(op):
            raise refuse(op, f"{op.name} is not lowered", help="run the pass materialize-mlp before this one")
        if isinstance(op, UnrealizedConversionCastOp):
            raise CompileError("a cast between an s-op and its vector is left", where=location_of(op))


@dataclass(frozen=True)
class MaterializeAttentionPass(ModulePass):
    """Turn every aggregate of a RASP program into a head, its inputs into embeddings, and the program into a model.

    ```mlir
    %flip = rasp.select %indices, %opposite eq
    %reverse = rasp.aggregate %flip, %tokens : categorical [1, 2, 3] or none
    ```
    becomes
    ```mlir
    %reverse = craft.head query(%opposite) key(%indices) qk(5 by 5 identity) value(%tokens) ov(3 by 3 identity)
        bos [0, 0, 0] score 0.5 temperature 100.0 : "reverse" [1, 2, 3] or none
    ```

    It runs after materialize-mlp, and afterwards nothing of the rasp dialect is left.
    """

    name = "materialize-attention"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            _check_ready(program)
            heads = HeadBuilder(program, Subspaces(program))
            PatternRewriteWalker(
                GreedyRewritePatternApplier(
                    [
                        MaterializeTokens(heads),
                        MaterializeIndices(heads),
                        MaterializeConstant(heads),
                        MaterializeAggregate(heads),
                        MaterializeBosWeight(heads),
                        MaterializeAttenuatedWidth(heads),
                        MaterializeByItself(heads),
                        MaterializeReturn(heads),
                    ]
                ),
                apply_recursively=False,
            ).rewrite_region(program.body)
            _erase_selectors(program)
            erase_unused_casts(program)
            _check_all_lowered(program)
            body = program.detach_region(program.body)
            model = ModelOp(
                program.sym_name.data,
                program.vocab.data.values,
                program.max_seq_len.data,
                causal=program.causal is not None,
                body=body,
            )
            model.names = program.names
            model.take_assumptions(program)
            Rewriter.replace_op(program, model)
