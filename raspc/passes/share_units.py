"""The pass share-units: what hidden units compute alike is computed once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.passes import ModulePass

from raspc.algebra.merging import Merging
from raspc.algebra.sparse import SparseMatrix, hstack, sparse, vstack
from raspc.dialects.craft import MatrixAttr, MlpOp, ModelOp
from raspc.dialects.craft.directives import numbers_attr

Floats = NDArray[np.float64]

LARGEST_EXPONENT = 500
"""Units with larger or smaller numbers than two to the power of this aren't compared up to a factor."""


@dataclass(frozen=True)
class ShareUnitsPass(ModulePass):
    """Make one of a perceptron's hidden units that have the same incoming weights and bias, up to a power of two.

    ```mlir
    %a, %b = craft.mlp layer 0 (%x) w_in(1 by 3 [[1, 4, 1]]) bias [1, 4, 0] w_out(3 by 1 [[1], [0], [0]],
        3 by 1 [[0], [1], [2]]) : "a" numerical [1, 2], "b" numerical [4, 10]
    ```
    becomes
    ```mlir
    %a, %b = craft.mlp layer 0 (%x) w_in(1 by 2 [[1, 1]]) bias [1, 0] w_out(2 by 1 [[1], [0]],
        2 by 1 [[4], [2]]) : "a" numerical [1, 2], "b" numerical [4, 10]
    ```

    `relu(c z) = c relu(z)` for a positive c, and in floating-point arithmetic too if c is a power of two: the first
    unit stays, and what the others write, times their factor, is added to what it writes. Units that write nothing or
    are always zero vanish. Most is found after fuse-mlps, when the perceptrons of a layer are one.

    Left alone are units whose outputs can't be added up exactly in float64.
    """

    name = "share-units"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            for child in model.body.block.ops:
                if isinstance(child, MlpOp):
                    _share(child)


def _share(op: MlpOp) -> None:
    w_in, w_out = [matrix.data for matrix in op.w_in], [matrix.data for matrix in op.w_out]
    incoming = vstack([*w_in, SparseMatrix.from_dense(op.bias_vector[None, :])]).transposed()  # [d_mlp, n + 1]
    scales, numbers = _scales(incoming), np.arange(len(op.bias))
    units = Merging.of_rows(_scaled(incoming, 1 / scales))
    factors = scales / scales[np.where(units.leader < 0, numbers, units.leader)]
    outgoing = hstack(w_out)
    fits = np.ones(numbers.size, dtype=np.bool_)
    fits[outgoing.rows[~_is_exact_product(outgoing.elements, factors[outgoing.rows])]] = False
    units = Merging(np.where(fits | (units.leader < 0), units.leader, numbers))
    factors = np.where(fits, factors, 1.0)
    units = units.where_exact(_scaled(outgoing, factors))
    factors = np.where(units.leader == numbers, 1.0, factors)
    w_out = [units.add_rows(_scaled(matrix, factors)) for matrix in w_out]
    writes = np.zeros(units.kept.size, dtype=np.bool_)
    for matrix in w_out:
        writes[matrix.rows] = True
    if units.keeps_all and writes.all():
        return
    silent = Merging(np.where(writes, np.arange(writes.size), -1))
    op.w_in = ArrayAttr([MatrixAttr(silent.take_columns(units.take_columns(matrix))) for matrix in w_in])
    op.bias = numbers_attr(op.bias_vector[units.kept][writes])
    op.w_out = ArrayAttr([MatrixAttr(silent.take_rows(matrix)) for matrix in w_out])


def _scales(matrix: SparseMatrix) -> Floats:
    """For each row the largest power of two that isn't more than its first element, or 1 if it isn't scaled: [n]."""
    scales = np.ones(matrix.shape[0])
    _, exponents = np.frexp(matrix.elements)
    rows, first = np.unique(matrix.rows, return_index=True)
    scales[rows] = np.ldexp(1.0, exponents[first] - 1)
    scales[matrix.rows[np.abs(exponents) > LARGEST_EXPONENT]] = 1.0
    return scales


def _scaled(matrix: SparseMatrix, factors: Floats) -> SparseMatrix:
    """The matrix with each row times its factor."""
    return SparseMatrix.from_scipy(sparse.diags_array(factors) @ matrix.to_scipy())


def _is_exact_product(numbers: Floats, powers: Floats) -> NDArray[np.bool_]:
    """Whether products with powers of two neither overflow nor underflow."""
    with np.errstate(over="ignore", under="ignore"):
        return (numbers * powers) / powers == numbers
