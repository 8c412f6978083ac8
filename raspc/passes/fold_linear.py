"""The pass fold-linear: linear maps and sums become part of what reads them, or of what writes their operand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import Rewriter

from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects.craft import (
    EmbedPositionsOp,
    EmbedTokensOp,
    HeadOp,
    LinearOp,
    MatrixAttr,
    MlpOp,
    OneOp,
    SumOp,
    UnembedOp,
)
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.directives import numbers_attr
from raspc.passes.locations import location_of, set_location
from raspc.passes.partial_results import settle_partial

Term = tuple[SSAValue, SparseMatrix]
"""A vector and the matrix by which it is read."""


def _times(left: SparseMatrix, right: SparseMatrix) -> SparseMatrix:
    return SparseMatrix.from_scipy(left.to_scipy() @ right.to_scipy())


def _is_virtual(value: SSAValue) -> bool:
    return isinstance(value.owner, LinearOp | SumOp)


def _is_kept(value: SSAValue) -> bool:
    """Whether a linear map stays: a number that is embedded instead of the one-hot that nobody else reads."""
    op = value.owner
    if not isinstance(op, LinearOp) or not vector_of(value).is_numerical:
        return False
    source = op.x.owner
    if not isinstance(source, EmbedTokensOp | EmbedPositionsOp):
        return False
    return all(isinstance(use.operation, LinearOp) for use in op.x.uses)


def _is_partial(value: SSAValue) -> bool:
    return isinstance(value.owner, SumOp) and value.owner.partial is not None


def _folds(value: SSAValue) -> bool:
    return _is_virtual(value) and not _is_kept(value)


def _terms_of(value: SSAValue, matrix: SparseMatrix) -> list[Term]:
    """The vectors of which a reader of `value` by a matrix reads linear maps, and how."""
    match value.owner:
        case LinearOp() as op:
            return [(op.x, _times(op.matrix.data, matrix))]
        case SumOp() as op:
            return [(term, matrix) for term in op.terms]
        case _:
            return [(value, matrix)]


def _expanded(values: Sequence[SSAValue], matrices: Sequence[SparseMatrix]) -> list[Term]:
    """All vectors that a reader reads, each once, with linear maps and sums looked through by one step."""
    found: dict[SSAValue, SparseMatrix] = {}
    for value, matrix in zip(values, matrices, strict=True):
        for source, through in _terms_of(value, matrix) if _folds(value) else [(value, matrix)]:
            known = found.get(source)
            found[source] = through if known is None else SparseMatrix.from_scipy(known.to_scipy() + through.to_scipy())
    return list(found.items())


class FoldIntoMlp(RewritePattern):
    """A perceptron reads the operands of a linear map or of a sum, and the constant one through its bias."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: MlpOp, rewriter: PatternRewriter) -> None:
        if not any(_folds(x) or isinstance(x.owner, OneOp) for x in op.inputs):
            return
        terms = _expanded(op.inputs, [matrix.data for matrix in op.w_in])
        bias = op.bias_vector
        for value, matrix in terms:
            if isinstance(value.owner, OneOp):
                bias = bias + matrix.to_dense()[0]
        terms = [(value, matrix) for value, matrix in terms if not isinstance(value.owner, OneOp)]
        folded = MlpOp(
            [value for value, _ in terms],
            [matrix for _, matrix in terms],
            bias,
            [matrix.data for matrix in op.w_out],
            [vector_of(result) for result in op.results_],
            None if op.layer is None else op.layer.data,
            partial=range(len(op.results_)) if any(map(_is_partial, op.inputs)) else op.partial_results,
        )
        _replace(op, folded, rewriter)


class FoldIntoHead(RewritePattern):
    """A head reads the operands of linear maps as queries, keys and values, and sums as values."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: HeadOp, rewriter: PatternRewriter) -> None:
        scored = [value for value in (*op.queries, *op.keys) if _folds(value) and isinstance(value.owner, LinearOp)]
        if not scored and not any(_folds(value) for value in op.values):
            return
        forms = [form.data for form in op.qk]
        if scored and any(isinstance(form, MatrixProduct) for form in forms):
            return
        queries, keys = list(op.queries), list(op.keys)
        qk: list[SparseMatrix | MatrixProduct] = list(forms)
        for number, form in enumerate(forms):
            if isinstance(form, MatrixProduct):
                continue
            if queries[number] in scored:
                queries[number], form = _through(queries[number], form)
            if keys[number] in scored:
                keys[number], turned = _through(keys[number], form.transposed())
                form = turned.transposed()
            qk[number] = form
        values = _expanded(op.values, [matrix.data for matrix in op.ov])
        folded = HeadOp(
            queries,
            keys,
            qk,
            [value for value, _ in values],
            [matrix for _, matrix in values],
            op.bos_vector,
            op.bos_score.value.data,
            vector_of(op.result),
            op.temperature.value.data,
            None if op.layer is None else op.layer.data,
            lead=op.bos_lead,
            at_most_one=op.at_most_one is not None,
            clauses=None if op.clauses is None else op.clause_sizes,
        )
        _replace(op, folded, rewriter)


def _through(value: SSAValue, form: SparseMatrix) -> Term:
    op = value.owner
    assert isinstance(op, LinearOp)
    return op.x, _times(op.matrix.data, form)


class FoldIntoLinear(RewritePattern):
    """A linear map of a linear map is one."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LinearOp, rewriter: PatternRewriter) -> None:
        inner = op.x.owner
        if isinstance(inner, LinearOp):
            folded = LinearOp(inner.x, _times(inner.matrix.data, op.matrix.data), vector_of(op.result))
            _replace(op, folded, rewriter)


class FoldIntoWriter(RewritePattern):
    """What is read only through one linear map of one-hot vectors is written as the map's result."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LinearOp, rewriter: PatternRewriter) -> None:
        writer, target = op.x.owner, vector_of(op.result)
        if not op.x.has_one_use() or vector_of(op.x).is_numerical:
            return
        if target.is_numerical and not all(isinstance(use.operation, UnembedOp) for use in op.result.uses):
            return
        matrix = op.matrix.data
        match writer:
            case HeadOp() if writer.layer is None:
                writer.ov = ArrayAttr([MatrixAttr(_times(each.data, matrix)) for each in writer.ov])
                writer.bos_value = numbers_attr(writer.bos_vector @ matrix.to_dense())
            case MlpOp() if len(writer.results_) == 1:
                writer.w_out = ArrayAttr([MatrixAttr(_times(each.data, matrix)) for each in writer.w_out])
            case _:
                return
        written = Rewriter.replace_value_with_new_type(op.x, target)
        written.name_hint = op.result.name_hint
        set_location(writer, location_of(op))
        rewriter.replace(op, [], [written])


def _replace(op: Operation, folded: Operation, rewriter: PatternRewriter) -> None:
    for old, new in zip(op.results, folded.results, strict=True):
        new.name_hint = old.name_hint
    folded.location = op.location
    rewriter.replace(op, folded)


class EraseUnread(RewritePattern):
    """A linear map, a sum or a constant that nothing reads any more."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: LinearOp | SumOp | OneOp, rewriter: PatternRewriter) -> None:
        if op.result.first_use is None:
            rewriter.erase(op)


@dataclass(frozen=True)
class FoldLinearPass(ModulePass):
    """Let components read and write through linear maps, so that the maps cost no directions and no layers.

    ```mlir
    %shape = craft.linear %word (4 by 2 [[1, 0], [1, 0], [0, 1], [0, 1]]) : "shape" ["long", "short"]
    %same = craft.head query(%shape) key(%shape) qk(2 by 2 identity) … : "same" [0, 1]
    ```
    becomes
    ```mlir
    %same = craft.head query(%word) key(%word) qk(4 by 4 [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]) …
    ```

    A map of one-hot vectors that is all that is read of a head or a perceptron becomes part of what that writes. All
    others become part of the matrices of their readers; the constant one is added to the bias of a perceptron. What
    stays are numbers that are embedded where nobody reads the one-hot vector, and maps of the output, which the
    assembly folds into the unembedding.
    """

    name = "fold-linear"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(
            GreedyRewritePatternApplier(
                [EraseUnread(), FoldIntoLinear(), FoldIntoWriter(), FoldIntoMlp(), FoldIntoHead()]
            )
        ).rewrite_module(op)
        for child in op.walk():
            if isinstance(child, MlpOp):
                settle_partial(child)
