"""The pass fuse-mlps: the perceptrons of a layer become one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import FusedLoc, ModuleOp, NoneAttr
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import MlpOp, ModelOp
from raspc.dialects.craft.checks import vector_of
from raspc.passes.layer_order import layer_of, sort_by_stage


@dataclass(frozen=True)
class FuseMlpsPass(ModulePass):
    """Put the hidden units of each layer's perceptrons side by side in one `craft.mlp` with several results.

    ```mlir
    %a = craft.mlp layer 0 (%x) w_in(1 by 1 [[1]]) bias [0] w_out(1 by 1 [[2]]) : "a" numerical [0, 2]
    %b = craft.mlp layer 0 (%y) w_in(1 by 1 [[1]]) bias [3] w_out(1 by 1 [[4]]) : "b" numerical [0, 4]
    ```
    becomes
    ```mlir
    %a, %b = craft.mlp layer 0 (%x, %y) w_in(1 by 2 [[1, 0]], 1 by 2 [[0, 1]]) bias [0, 3]
        w_out(2 by 1 [[2], [0]], 2 by 1 [[0], [4]]) : "a" numerical [0, 2], "b" numerical [0, 4]
    ```

    Layers must be assigned. A layer with one perceptron is left alone.
    """

    name = "fuse-mlps"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            block = model.body.block
            sort_by_stage(block)
            mlps = [child for child in block.ops if isinstance(child, MlpOp)]
            for layer, group in groupby(mlps, key=layer_of):
                fused = list(group)
                if len(fused) > 1:
                    _fuse(layer, fused)


def _fuse(layer: int, mlps: list[MlpOp]) -> None:
    widths = [len(mlp.bias) for mlp in mlps]
    d_mlp = sum(widths)
    w_in: dict[SSAValue, SparseMatrix] = {}
    w_out: list[SparseMatrix] = []
    partial: list[int] = []
    offset = n_results = 0
    for mlp, width in zip(mlps, widths, strict=True):
        for x, matrix in zip(mlp.inputs, mlp.w_in, strict=True):
            wide = _shifted(matrix.data, (vector_of(x).size, d_mlp), columns=offset)
            w_in[x] = wide if x not in w_in else SparseMatrix.from_scipy(w_in[x].to_scipy() + wide.to_scipy())
        w_out.extend(
            _shifted(matrix.data, (d_mlp, vector_of(result).size), rows=offset)
            for result, matrix in zip(mlp.results_, mlp.w_out, strict=True)
        )
        partial.extend(n_results + number for number in mlp.partial_results)
        n_results += len(mlp.results_)
        offset += width
    results = [result for mlp in mlps for result in mlp.results_]
    bias = np.concatenate([mlp.bias_vector for mlp in mlps])
    subspaces = [vector_of(result) for result in results]
    fused = MlpOp(list(w_in), list(w_in.values()), bias, w_out, subspaces, layer=layer, partial=partial)
    fused.location = FusedLoc(tuple(mlp.location for mlp in mlps for _ in mlp.results_), NoneAttr())
    Rewriter.insert_op(fused, InsertPoint.before(mlps[0]))
    for old, new in zip(results, fused.results_, strict=True):
        new.name_hint = old.name_hint
        old.replace_all_uses_with(new)
    for mlp in mlps:
        Rewriter.erase_op(mlp)


def _shifted(matrix: SparseMatrix, shape: tuple[int, int], rows: int = 0, columns: int = 0) -> SparseMatrix:
    """The matrix of `shape` with `matrix` at an offset and zeros elsewhere."""
    return SparseMatrix.from_triples(shape, matrix.rows + rows, matrix.columns + columns, matrix.elements)
