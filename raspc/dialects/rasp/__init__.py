"""The rasp dialect: the program as it was written, and what is inferred of its values."""

from xdsl.ir import Dialect, Operation

from raspc.dialects.rasp.attributes import (
    DomainAttr,
    EncodingAttr,
    FunctionAttr,
    NoDomainAttr,
    SelectorType,
    SopType,
    ValueAttr,
)
from raspc.dialects.rasp.ops import (
    AggregateOp,
    AttenuatedWidthOp,
    BosWeightOp,
    CastOp,
    ConstantOp,
    IndicesOp,
    LengthOp,
    MapOp,
    SelectorWidthOp,
    TokensOp,
)
from raspc.dialects.rasp.program import ProgramOp, ReturnOp
from raspc.dialects.rasp.selectors import SelectOp, SelectorAndOp, SelectorNotOp, SelectorOrOp

Rasp = Dialect(
    "rasp",
    [
        ProgramOp,
        TokensOp,
        IndicesOp,
        LengthOp,
        ConstantOp,
        MapOp,
        SelectOp,
        SelectorAndOp,
        SelectorOrOp,
        SelectorNotOp,
        AggregateOp,
        SelectorWidthOp,
        BosWeightOp,
        AttenuatedWidthOp,
        CastOp,
        ReturnOp,
    ],
    [ValueAttr, DomainAttr, FunctionAttr, EncodingAttr, NoDomainAttr, SopType, SelectorType],
)

_OURS = frozenset(Rasp.operations)


def is_foreign(op: Operation) -> bool:
    """Whether an op isn't of the rasp dialect, so that no more is known of it than what it says of itself."""
    return type(op) not in _OURS
