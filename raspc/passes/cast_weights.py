"""The pass cast-weights: a transformer in another dtype."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from raspc.algebra.dtypes import DType, dtype_named
from raspc.dialects.dense import Dense, to_array, to_dense
from raspc.dialects.transformer import AttentionMaskOp, ModelOp, ReturnOp, residual_type
from raspc.dialects.transformer.tensors import width_of
from raspc.errors import CompileError
from raspc.passes.locations import refuse
from raspc.passes.rebinding import rebind, valid_certificate


@dataclass(frozen=True)
class CastWeightsPass(ModulePass):
    """Round every weight to the nearest number of a dtype, ties to even, and give all values that dtype.

    ```mlir
    %x = transformer.embed %ids w_e(dense<[[0.1], [1.0]]> : tensor<2x1xf32>) … : tensor<?x?x1xf32>
    ```
    becomes with `dtype=bfloat16`
    ```mlir
    %x = transformer.embed %ids w_e(dense<[[0.1], [1.0]]> : tensor<2x1xbf16>) … : tensor<?x?x1xbf16>
    ```

    Weights that are numbers of the dtype already stay as they are, and a cast to a wider dtype changes none. The pass
    doesn't ask whether the model still computes the same: it drops a certificate for another dtype (see `certify`). It
    refuses a weight that would become infinite.

    Attributes:
        dtype: float32, float16 or bfloat16.
    """

    name = "cast-weights"

    dtype: str

    def __post_init__(self) -> None:
        try:
            dtype_named(self.dtype)
        except ValueError as error:
            raise CompileError(str(error)) from error

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        dtype = dtype_named(self.dtype)
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            certificate = valid_certificate(model)
            for child in model.body.block.ops:
                _cast(child, dtype)
            holds = certificate is not None and certificate.dtype == self.dtype
            rebind(model, certificate if holds else None, self.name)


def _cast(op: Operation, dtype: DType) -> None:
    """Cast an op's weights, and give its result the dtype."""
    if isinstance(op, AttentionMaskOp | ReturnOp):
        return
    for name, attr in op.properties.items():
        if isa(attr, Dense):
            op.properties[name] = _cast_weight(op, name, attr, dtype)
    for result in op.results:
        Rewriter.replace_value_with_new_type(result, residual_type(width_of(result), dtype))


def _cast_weight(op: Operation, name: str, attr: Dense, dtype: DType) -> Dense:
    weights = to_array(attr)
    with np.errstate(over="ignore"):
        cast = to_dense(weights, dtype)
    (infinite,) = np.nonzero(np.isinf(to_array(cast).ravel()))
    if infinite.size:
        raise refuse(
            op,
            f"{name} of {op.name} holds {float(weights.ravel()[infinite[0]])}, which is too large for {dtype}",
            expected=f"numbers up to {dtype.largest}",
            help="use float32, or bfloat16, which has the same range" if dtype.max_exponent < 127 else None,
        )
    return cast
