"""The program op of the rasp dialect, and its terminator."""

from __future__ import annotations

from xdsl.dialects.builtin import UnrealizedConversionCastOp
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, lazy_traits_def, operand_def
from xdsl.traits import HasParent, IsTerminator
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.directives import Defined
from raspc.dialects.header import HeaderOp, ProgramHeaderOp
from raspc.dialects.order import verify_order
from raspc.dialects.rasp.attributes import SopType


@irdl_op_definition
class ProgramOp(ProgramHeaderOp):
    """A RASP program over a vocabulary, for inputs of 1 to `max_seq_len` tokens.

    ```mlir
    rasp.program @reverse vocab [1, 2, 3] max_seq_len 5 {
      %tokens = rasp.tokens : [1, 2, 3]
      …
      rasp.return %reverse
    }
    ```

    With `causal`, every selector selects only keys at or before the query. After the pass infer-values the program also
    says what it assumes where it couldn't prove that every input has a meaning: `assuming ["…"] of "rasp.program …"`.
    """

    name = "rasp.program"

    def verify_(self) -> None:
        self.verify_header()
        if self.body.block.args:
            raise VerifyException("a program takes no arguments: its input is rasp.tokens")
        if not isinstance(self.body.block.last_op, ReturnOp):
            raise VerifyException("a program must end in rasp.return")
        for op in self.body.block.ops:
            if isinstance(op, HeaderOp) or (op.dialect_name() not in ("rasp", "craft") and not _is_lowering_cast(op)):
                raise VerifyException(f"a program may contain ops of the rasp dialect only, found {op.name}")
        verify_order(self.body.block)


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
