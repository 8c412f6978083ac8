"""A dialect of its own for raspc, as a compiler researcher would write it: `shift.by`, which moves an s-op along.

Nothing in raspc knows of it. It says of itself what it computes, which values it can take, how it lies in the residual
stream, how far it may be off, and which head computes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.dialects.builtin import I64, IntegerAttr, UnrealizedConversionCastOp, i64
from xdsl.ir import Dialect, Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def
from xdsl.universe import Universe
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.domain import Domain
from raspc.algebra.error_bound import ErrorBound
from raspc.algebra.grid import JointValues
from raspc.algebra.sparse import SparseMatrix
from raspc.algebra.values import MaybeValue
from raspc.dialects.craft import HeadOp
from raspc.dialects.craft.attention import INVERSE_TEMPERATURE
from raspc.dialects.directives import Defined, SopTypeText
from raspc.dialects.interfaces import EncodingFacts, Estimates, Run, ValueFacts, Vectors, after_attention
from raspc.dialects.rasp import IndicesOp, SopType
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp


@irdl_op_definition
class ShiftOp(SopOp):
    """The value `by` positions before this one, undefined where there is none: `shift.by %x at %indices by 2 : ?`."""

    name = "shift.by"

    value = operand_def(SopType)
    indices = operand_def(SopType)
    by = prop_def(IntegerAttr[I64])

    custom_directives = (Defined, SopTypeText)
    assembly_format = (
        "custom<Defined>($value, type($value)) `at` custom<Defined>($indices, type($indices)) `by` $by attr-dict "
        "`:` custom<SopTypeText>(type($result))"
    )

    def __init__(self, value: SSAValue | Operation, indices: SSAValue | Operation, by: int):
        super().__init__(operands=[value, indices], properties={"by": IntegerAttr(by, i64)}, result_types=[SopType()])

    def verify_(self) -> None:
        super().verify_()
        if not isinstance(self.indices.owner, IndicesOp | UnrealizedConversionCastOp):  # the latter if lowered already
            raise VerifyException("it counts along rasp.indices")

    @property
    def steps(self) -> int:
        """By how many positions."""
        return self.by.value.data

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        values = operands[0]
        return [values[query - self.steps] if query >= self.steps else None for query in range(run.n)]

    def infer(self, facts: ValueFacts) -> JointValues:
        known = facts.joint(self.value).domain
        return facts.new_source(self.result, Domain(known.values, undefined=True, mixed=known.mixed))

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return Encoding.CATEGORICAL

    def reads_one_hot(self, operand: SSAValue) -> bool:
        return True

    def estimate(self, estimates: Estimates) -> ErrorBound:
        leak = np.exp(-INVERSE_TEMPERATURE / 2)
        value = estimates[self.value]
        return ErrorBound(one_hot=value.one_hot + 1e3 * leak, largest=value.largest + 1e3 * leak)

    def stage(self, ready: int) -> int:
        return after_attention(ready)

    def materialize(self, vectors: Vectors) -> Sequence[Operation]:
        value, indices = vectors.vector(self.value), vectors.vector(self.indices)
        subspace, n = vectors.subspace(self.result), vectors.max_seq_len
        before = np.eye(n, k=-self.steps)  # [n_queries, n_keys]
        size = len(subspace.values)
        return [
            HeadOp(
                [indices],
                [indices],
                [SparseMatrix.from_dense(before)],
                [value],
                [SparseMatrix.identity(size)],
                np.zeros(size),
                0.5,
                subspace,
                INVERSE_TEMPERATURE,
                at_most_one=True,
            )
        ]


Shift = Dialect("shift", [ShiftOp])

UNIVERSE = Universe(all_dialects={"shift": lambda: Shift})
"""What the entry point `xdsl.universe` names."""
