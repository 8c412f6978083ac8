"""The pass prune-directions: what no component reads needn't be written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, DenseArrayBase, FusedLoc, ModuleOp, i32
from xdsl.ir import Attribute, Operation, SSAValue, Use
from xdsl.irdl import AttrSizedOperandSegments
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from raspc.algebra.domain import Domain
from raspc.algebra.merging import Merging
from raspc.algebra.sparse import MatrixProduct, SparseMatrix, hstack, vstack
from raspc.dialects.craft import (
    AttentionOp,
    EmbedPositionsOp,
    EmbedTokensOp,
    HeadOp,
    LinearOp,
    MatrixAttr,
    MlpOp,
    ModelOp,
    SubspaceType,
    UnembedOp,
)
from raspc.dialects.craft.attributes import bilinear_attr
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.directives import clauses_attr, numbers_attr
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.names import part_name, reserved_names, unlike


@dataclass(frozen=True)
class PruneDirectionsPass(ModulePass):
    """Drop the directions of one-hot vectors that nothing reads, and merge those that all readers take for the same.

    ```mlir
    %tokens = craft.embed_tokens : "tokens" ["a", "b", "c", "d"]
    %m = craft.mlp(%tokens) w_in(4 by 1 [[0], [1], [1], [0]]) … : "m" numerical [0, 1]
    ```
    becomes
    ```mlir
    %tokens_all = craft.embed_tokens : "tokens_all" ["a", "b", "c", "d"]
    %tokens = craft.linear %tokens_all(4 by 1 [[0], [1], [1], [0]]) : "tokens" ["b"] or none
    %m = craft.mlp(%tokens) w_in(1 by 1 [[1]]) … : "m" numerical [0, 1]
    ```

    A direction whose row is zero in the matrices of all readers is dropped; where its value was, the vector is null. Of
    directions with equal rows in all of them the first is kept, and what was written to the others is added to it, so
    that it is 1 for each of their values. The map of an embedding is part of the embedding. With the directions go
    hidden units that write nothing any more, operands of which nothing is read any more, and ops without a reader: one
    walk from the output to the embedding finds all of them.

    Left alone are numbers, what `craft.unembed` reads, what the fused heads of a `craft.attention` write, and
    directions that can't be added up exactly in float64.
    """

    name = "prune-directions"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            for child in reversed(list(model.body.block.ops)):
                _prune(child)


def _prune(op: Operation) -> None:
    """Drop what isn't read of an op's results, and then what it needn't read itself."""
    match op:
        case UnembedOp():
            return
        case AttentionOp() if not _is_unread(op):
            for head in op.heads:
                _read_less(head)
        case _ if _is_unread(op):
            Rewriter.erase_op(op)
        case EmbedTokensOp() | EmbedPositionsOp():
            _narrow_embedding(op)
        case HeadOp():
            _narrow(op.result, [*(matrix.data for matrix in op.ov), SparseMatrix.from_dense([op.bos_vector])])
            _read_less(op)
        case MlpOp():
            written = _without_unread(op)
            for result, matrix in zip(written.results_, written.w_out, strict=True):
                _narrow(result, [matrix.data])
            _drop_silent_units(written)
            _read_less_of_inputs(written)
        case LinearOp():
            _narrow(op.result, [op.matrix.data])
        case _:
            return


def _is_unread(op: Operation) -> bool:
    return all(result.first_use is None for result in op.results)


# What readers see of a vector


def _seen(use: Use) -> SparseMatrix | None:
    """The matrix that a reader multiplies a vector with, [size, n]; `None` if it reads all of it."""
    op, number = use.operation, use.index
    match op:
        case LinearOp():
            return op.matrix.data
        case MlpOp():
            return op.w_in.data[number].data
        case HeadOp():
            n_terms = len(op.qk)
            if number >= 2 * n_terms:
                return op.ov.data[number - 2 * n_terms].data
            form = op.qk.data[number % n_terms].data
            if number < n_terms:
                return form.left if isinstance(form, MatrixProduct) else form
            return (form.right if isinstance(form, MatrixProduct) else form).transposed()
        case _:
            return None


def _see(use: Use, merging: Merging) -> None:
    """Let a reader read the directions that are kept."""
    op, number = use.operation, use.index
    match op:
        case LinearOp():
            op.matrix = MatrixAttr(merging.take_rows(op.matrix.data))
        case MlpOp():
            op.w_in = _replaced(op.w_in, number, merging.take_rows(op.w_in.data[number].data))
        case HeadOp():
            n_terms = len(op.qk)
            if number >= 2 * n_terms:
                number -= 2 * n_terms
                op.ov = _replaced(op.ov, number, merging.take_rows(op.ov.data[number].data))
                return
            form = op.qk.data[number % n_terms].data
            match form:
                case MatrixProduct() if number < n_terms:
                    form = MatrixProduct(merging.take_rows(form.left), form.right)
                case MatrixProduct():
                    form = MatrixProduct(form.left, merging.take_columns(form.right))
                case _:
                    form = merging.take_rows(form) if number < n_terms else merging.take_columns(form)
            forms = list(op.qk)
            forms[number % n_terms] = bilinear_attr(form)
            op.qk = ArrayAttr(forms)
        case _:
            raise AssertionError(f"{op.name} reads all of a vector")


def _replaced(matrices: ArrayAttr[MatrixAttr], number: int, matrix: SparseMatrix) -> ArrayAttr[MatrixAttr]:
    changed = list(matrices)
    changed[number] = MatrixAttr(matrix)
    return ArrayAttr(changed)


# What is written


def _merging(uses: Sequence[Use], written: Sequence[SparseMatrix]) -> Merging | None:
    """Which directions to keep; `None` if all of them.

    Args:
        uses: where the vector is read.
        written: what computes it, matrices [n, size].
    """
    seen = [_seen(use) for use in uses]
    known = [matrix for matrix in seen if matrix is not None]
    if len(known) < len(seen) or not known:
        return None
    merging = Merging.of_rows(hstack(known))
    if written:
        merging = merging.where_exact(vstack(written).transposed())
    return None if merging.keeps_all else merging


def _narrowed(subspace: SubspaceType, merging: Merging, label: str | None = None) -> SubspaceType:
    """The subspace with the directions that are kept."""
    domain = subspace.values
    values = tuple(domain.values[code] for code in merging.kept.tolist())
    left = Domain(values, domain.undefined or merging.drops_some, domain.mixed)
    return SubspaceType(label or subspace.label.data, Encoding.CATEGORICAL, left)


def _narrow(result: SSAValue, written: Sequence[SparseMatrix]) -> None:
    """Drop and merge directions of what an op computes with the matrices `written`."""
    subspace, op = vector_of(result), result.owner
    uses = list(result.uses)
    merging = None if subspace.is_numerical else _merging(uses, written)
    if merging is None:
        return
    for use in uses:
        _see(use, merging)
    match op:
        case HeadOp():
            op.ov = ArrayAttr([MatrixAttr(merging.add_columns(matrix.data)) for matrix in op.ov])
            bos = SparseMatrix.from_dense([op.bos_vector])
            op.bos_value = numbers_attr(merging.add_columns(bos).to_dense()[0])
        case MlpOp():
            number = op.results.index(result)
            op.w_out = _replaced(op.w_out, number, merging.add_columns(op.w_out.data[number].data))
        case LinearOp():
            op.matrix = MatrixAttr(merging.add_columns(op.matrix.data))
        case _:
            raise AssertionError("a component or a linear map")
    Rewriter.replace_value_with_new_type(result, _narrowed(subspace, merging))


def _narrow_embedding(op: EmbedTokensOp | EmbedPositionsOp) -> None:
    """Let components read an embedding through a map to the directions that they need."""
    uses = [use for use in op.result.uses if not isinstance(use.operation, LinearOp)]
    merging = _merging(uses, [])
    if merging is None:
        return
    for use in uses:
        _see(use, merging)
    subspace, size = op.subspace, op.subspace.size
    label = subspace.label.data
    linear = LinearOp(op, merging.add_columns(SparseMatrix.identity(size)), _narrowed(subspace, merging, label))
    linear.location = op.location
    linear.result.name_hint = op.result.name_hint
    Rewriter.insert_op(linear, InsertPoint.after(op))
    for use in uses:
        use.operation.operands[use.index] = linear.result
    block = op.parent_block()
    assert block is not None
    taken = {vector_of(result).label.data for child in block.ops for result in child.results}
    everything = SubspaceType(
        unlike(f"{label}_all", taken | reserved_names(op)), subspace.encoding.data, subspace.values
    )
    source = Rewriter.replace_value_with_new_type(op.result, everything)
    source.name_hint = part_name(linear.result, "all", "embedded")


# What needn't be computed or read


def _without_unread(op: MlpOp) -> MlpOp:
    """The perceptron without the results that nothing reads."""
    kept = [number for number, result in enumerate(op.results_) if result.first_use is not None]
    if len(kept) == len(op.results_):
        return op
    results = [op.results_[number] for number in kept]
    w_out = [op.w_out.data[number].data for number in kept]
    layer = None if op.layer is None else op.layer.data
    w_in = [matrix.data for matrix in op.w_in]
    partial = [place for place, number in enumerate(kept) if number in op.partial_results]
    subspaces = [vector_of(result) for result in results]
    fewer = MlpOp(op.inputs, w_in, op.bias_vector, w_out, subspaces, layer=layer, partial=partial)
    fewer.location = op.location
    if isinstance(op.location, FusedLoc) and isa(op.location.locations, ArrayAttr[Attribute]):
        places = op.location.locations.data
        fewer.location = FusedLoc(tuple(places[number] for number in kept), op.location.metadata)
    Rewriter.insert_op(fewer, InsertPoint.before(op))
    for old, new in zip(results, fewer.results_, strict=True):
        new.name_hint = old.name_hint
        old.replace_all_uses_with(new)
    Rewriter.erase_op(op)
    return fewer


def _drop_silent_units(op: MlpOp) -> None:
    """Drop the hidden units that write nothing."""
    d_mlp = len(op.bias)
    writes = np.zeros(d_mlp, dtype=np.bool_)
    for matrix in op.w_out:
        writes[matrix.data.rows] = True
    if writes.all():
        return
    units = Merging(np.where(writes, np.arange(d_mlp), -1))
    op.bias = numbers_attr(op.bias_vector[writes])
    op.w_in = ArrayAttr([MatrixAttr(units.take_columns(matrix.data)) for matrix in op.w_in])
    op.w_out = ArrayAttr([MatrixAttr(units.take_rows(matrix.data)) for matrix in op.w_out])


def _read_less_of_inputs(op: MlpOp) -> None:
    """Drop the inputs of which no hidden unit reads anything."""
    kept = [number for number, matrix in enumerate(op.w_in) if matrix.data.elements.size]
    op.operands = [op.inputs[number] for number in kept]
    op.w_in = ArrayAttr([op.w_in.data[number] for number in kept])


def _read_less(op: HeadOp) -> None:
    """Drop the terms of a head's score that are always zero, and the values of which it reads nothing."""
    terms = [number for number, form in enumerate(op.qk) if not _is_zero(form.data)]
    values = [number for number, matrix in enumerate(op.ov) if matrix.data.elements.size]
    if len(terms) == len(op.qk) and len(values) == len(op.ov):
        return
    clause = np.repeat(np.arange(len(op.clause_sizes)), op.clause_sizes)[terms]
    _, sizes = np.unique(clause, return_counts=True)
    pairs, read = list(zip(op.queries, op.keys, strict=True)), list(op.values)
    queries, keys = [pairs[number][0] for number in terms], [pairs[number][1] for number in terms]
    op.operands = [*queries, *keys, *(read[number] for number in values)]
    segments = DenseArrayBase.from_list(i32, [len(terms), len(terms), len(values)])
    op.properties[AttrSizedOperandSegments.attribute_name] = segments
    op.qk = ArrayAttr([op.qk.data[number] for number in terms])
    op.ov = ArrayAttr([op.ov.data[number] for number in values])
    op.clauses = clauses_attr(sizes.tolist())


def _is_zero(form: SparseMatrix | MatrixProduct) -> bool:
    if isinstance(form, MatrixProduct):
        return not (form.left.elements.size and form.right.elements.size)
    return not form.elements.size
