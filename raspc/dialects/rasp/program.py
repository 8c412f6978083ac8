"""The program op of the rasp dialect, and its terminator."""

from __future__ import annotations

from typing import Any, Self

from xdsl.dialects.builtin import UnrealizedConversionCastOp
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, lazy_traits_def, operand_def
from xdsl.traits import HasParent, IsTerminator
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.directives import Defined
from raspc.dialects.header import HeaderOp, ProgramHeaderOp
from raspc.dialects.interfaces import SelectorInterface
from raspc.dialects.order import verify_order
from raspc.dialects.places import InvalidPartError
from raspc.dialects.rasp.attributes import SopType
from raspc.dialects.rasp.checks import check_same
from raspc.dialects.rasp.trust import is_trusted, trust

OURS = ("builtin", "rasp", "craft", "transformer")
"""The dialects whose ops stand elsewhere if they may not stand in a program."""

SAY = "let it be an s-op or a selector that says what it computes: see docs/extending.md"


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

    def clone_without_regions(self, *args: Any, **kwargs: Any) -> Self:
        clone = super().clone_without_regions(*args, **kwargs)
        if is_trusted(self):
            trust(clone)
        return clone

    @property
    def is_lowered_in_part(self) -> bool:
        """Whether some of it is computed by ops of the craft dialect already."""
        return any(
            isinstance(op, UnrealizedConversionCastOp) or op.dialect_name() == "craft" for op in self.body.block.ops
        )

    def verify_(self) -> None:
        self.verify_header()
        if self.body.block.args:
            raise VerifyException("a program takes no arguments: its input is rasp.tokens")
        if not isinstance(self.body.block.last_op, ReturnOp):
            raise VerifyException("a program must end in rasp.return")
        for op in self.body.block.ops:
            if isinstance(op, HeaderOp) or not (_is_part(op) or _is_lowering_cast(op)):
                problem = f"a program may contain ops of the rasp dialect only, found {op.name}"
                may_say = not isinstance(op, HeaderOp) and op.dialect_name() not in OURS
                raise VerifyException(f"{problem}\n  help: {SAY}" if may_say else problem)
            if isinstance(op, UnrealizedConversionCastOp):
                _verify_lowering_cast(op)
        verify_order(self.body.block)


def _is_part(op: Operation) -> bool:
    """Whether an op may stand in a program: one of ours, or one of any dialect that computes an s-op or a selector."""
    from raspc.dialects.rasp.ops import SopOp  # which builds on this module

    return isinstance(op, SopOp | SelectorInterface) or op.dialect_name() in ("rasp", "craft")


def _is_lowering_cast(op: Operation) -> bool:
    """Whether an op is a cast between an s-op and its vector, which stands where one side is lowered."""
    if not isinstance(op, UnrealizedConversionCastOp) or len(op.operands) != 1 or len(op.results) != 1:
        return False
    return isinstance(op.operands[0].type, SopType) != isinstance(op.results[0].type, SopType)


def _verify_lowering_cast(op: UnrealizedConversionCastOp) -> None:
    """Check that an s-op and its vector have the same values.

    Raises:
        InvalidPartError: they haven't.
    """
    from raspc.dialects.craft.attributes import SubspaceType  # which builds on this dialect

    source, target = op.operands[0].type, op.results[0].type
    sop_type, vector = (source, target) if isinstance(source, SopType) else (target, source)
    assert isinstance(sop_type, SopType)
    domain = sop_type.known_domain
    if not isinstance(vector, SubspaceType):
        raise InvalidPartError(op, f"an s-op is cast to a vector or from one, found {vector}")
    if domain is None or sop_type.encoding != vector.encoding:
        raise InvalidPartError(op, f"an s-op must be {vector.encoding.data} and have a domain where it is cast")
    try:
        check_same(domain, vector.values, "that of the vector")
    except VerifyException as error:
        raise InvalidPartError(op, str(error)) from error


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
