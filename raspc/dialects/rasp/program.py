"""The program op of the rasp dialect, and its terminator."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IntAttr, StringAttr, SymbolNameConstraint, UnitAttr, UnrealizedConversionCastOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
)
from xdsl.traits import HasParent, IsolatedFromAbove, IsTerminator
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.domain import Domain
from raspc.algebra.values import Value
from raspc.dialects.directives import (
    Defined,
    DomainText,
    IntText,
)
from raspc.dialects.rasp.attributes import (
    DomainAttr,
    SopType,
    verify_max_seq_len,
)


@irdl_op_definition
class ProgramOp(IRDLOperation):
    """A RASP program over a vocabulary, for inputs of 1 to `max_seq_len` tokens.

    ```mlir
    rasp.program @reverse vocab [1, 2, 3] max_seq_len 5 {
      %tokens = rasp.tokens : [1, 2, 3]
      …
      rasp.return %reverse
    }
    ```

    With `causal`, every selector selects only keys at or before the query.
    """

    name = "rasp.program"

    sym_name = prop_def(SymbolNameConstraint())
    vocab = prop_def(DomainAttr)
    max_seq_len = prop_def(IntAttr)
    causal = opt_prop_def(UnitAttr)
    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove())

    custom_directives = (DomainText, IntText)

    assembly_format = (
        "$sym_name `vocab` custom<DomainText>($vocab) `max_seq_len` custom<IntText>($max_seq_len) "
        "(`causal` $causal^)? attr-dict-with-keyword $body"
    )

    def __init__(
        self, name: str, vocab: Sequence[Value], max_seq_len: int, *, causal: bool = False, body: Region | None = None
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "vocab": DomainAttr(Domain.of(vocab)),
                "max_seq_len": IntAttr(max_seq_len),
                "causal": UnitAttr() if causal else None,
            },
            regions=[Region(Block()) if body is None else body],
        )

    def verify_(self) -> None:
        if not self.vocab.data.values or self.vocab.data.undefined:
            raise VerifyException("a vocabulary needs at least one value, and undefined is not a token")
        verify_max_seq_len(self.max_seq_len.data)
        if self.body.block.args:
            raise VerifyException("a program takes no arguments: its input is rasp.tokens")
        if not isinstance(self.body.block.last_op, ReturnOp):
            raise VerifyException("a program must end in rasp.return")
        for op in self.body.block.ops:
            if op.dialect_name() not in ("rasp", "craft") and not _is_lowering_cast(op):
                raise VerifyException(f"a program may contain ops of the rasp dialect only, found {op.name}")


def _is_lowering_cast(op: Operation) -> bool:
    """Whether an op is a cast between an s-op and its vector, which stands where one side is lowered."""
    if not isinstance(op, UnrealizedConversionCastOp) or len(op.operands) != 1 or len(op.results) != 1:
        return False
    return isinstance(op.operands[0].type, SopType) != isinstance(op.results[0].type, SopType)


@irdl_op_definition
class ReturnOp(IRDLOperation):
    """The program's output: `rasp.return %reverse`."""

    name = "rasp.return"

    value = operand_def(SopType)

    traits = lazy_traits_def(lambda: (IsTerminator(), HasParent(ProgramOp)))

    custom_directives = (Defined,)
    assembly_format = "custom<Defined>($value, type($value)) attr-dict"

    def __init__(self, value: SSAValue | Operation):
        super().__init__(operands=[value])
