"""Operations of the rasp dialect that compute selectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra import semantics
from raspc.algebra.functions import Function, Table, arity
from raspc.algebra.semantics import Truth
from raspc.dialects.directives import (
    Defined,
    FunctionText,
)
from raspc.dialects.interfaces import Run, SelectorAlgebra, SelectorInterface
from raspc.dialects.places import StandsIn
from raspc.dialects.rasp.attributes import (
    FunctionAttr,
    SelectorType,
    SopType,
)
from raspc.dialects.rasp.checks import FalseStatementError
from raspc.dialects.rasp.ops import verify_table
from raspc.dialects.rasp.program import ProgramOp

T = TypeVar("T")


@irdl_op_definition
class SelectOp(IRDLOperation, SelectorInterface):
    """The positions (query, key) at which a predicate holds: `%flip = rasp.select %indices, %opp eq`.

    The operands are the keys and the queries; the predicate is called with (key, query). An undefined operand makes the
    element unknown, which is not selected.
    """

    name = "rasp.select"

    keys = operand_def(SopType)
    queries = operand_def(SopType)
    predicate = prop_def(FunctionAttr)
    result = result_def(SelectorType())

    traits = traits_def(Pure(), StandsIn(ProgramOp))

    custom_directives = (Defined, FunctionText)
    assembly_format = (
        "custom<Defined>($keys, type($keys)) `,` custom<Defined>($queries, type($queries)) "
        "custom<FunctionText>($predicate) attr-dict"
    )

    def __init__(self, keys: SSAValue | Operation, queries: SSAValue | Operation, predicate: Function):
        super().__init__(
            operands=[keys, queries],
            properties={"predicate": FunctionAttr(predicate)},
            result_types=[SelectorType()],
        )

    def evaluate(self, operands: Sequence[Any], run: Run) -> Truth:
        keys, queries = operands
        return semantics.select(keys, queries, self.predicate.data)

    def fold(self, operands: Sequence[T], algebra: SelectorAlgebra[T]) -> T:
        return algebra.select(self)

    def verify_(self) -> None:
        predicate = self.predicate.data
        if arity(predicate) not in (2, None):
            raise VerifyException(f"a predicate takes a key and a query, found {arity(predicate)} operands")
        if isinstance(predicate, Table):
            verify_table(predicate, (self.keys, self.queries))


class BinarySelectorOp(IRDLOperation, SelectorInterface):
    """A selector made from two others."""

    lhs = operand_def(SelectorType())
    rhs = operand_def(SelectorType())
    result = result_def(SelectorType())

    traits = traits_def(Pure(), StandsIn(ProgramOp))

    assembly_format = "$lhs `,` $rhs attr-dict"

    def __init__(self, lhs: SSAValue | Operation, rhs: SSAValue | Operation):
        super().__init__(operands=[lhs, rhs], result_types=[SelectorType()])


@irdl_op_definition
class SelectorAndOp(BinarySelectorOp):
    """What both select, in three-valued logic: `%both = rasp.selector_and %a, %b`."""

    name = "rasp.selector_and"

    def evaluate(self, operands: Sequence[Any], run: Run) -> Truth:
        return semantics.selector_and(*operands)

    def fold(self, operands: Sequence[T], algebra: SelectorAlgebra[T]) -> T:
        return algebra.both(*operands)


@irdl_op_definition
class SelectorOrOp(BinarySelectorOp):
    """What at least one selects, in three-valued logic: `%either = rasp.selector_or %a, %b`.

    `disjoint` records a proof that they never both select: then one head can add up their scores.
    """

    name = "rasp.selector_or"

    disjoint = opt_prop_def(UnitAttr)

    assembly_format = "$lhs `,` $rhs (`disjoint` $disjoint^)? attr-dict"

    def __init__(self, lhs: SSAValue | Operation, rhs: SSAValue | Operation, *, disjoint: bool = False):
        super().__init__(lhs, rhs)
        self.disjoint = UnitAttr() if disjoint else None

    def evaluate(self, operands: Sequence[Any], run: Run) -> Truth:
        if self.disjoint is not None and (np.minimum(*map(run.seen, operands)) == semantics.TRUE).any():
            raise FalseStatementError("both sides select a position, and it says that they are disjoint")
        return semantics.selector_or(*operands)

    def fold(self, operands: Sequence[T], algebra: SelectorAlgebra[T]) -> T:
        return algebra.either(*operands)


@irdl_op_definition
class SelectorNotOp(IRDLOperation, SelectorInterface):
    """What another certainly doesn't select; unknown stays unknown: `%others = rasp.selector_not %a`."""

    name = "rasp.selector_not"

    selector = operand_def(SelectorType())
    result = result_def(SelectorType())

    traits = traits_def(Pure(), StandsIn(ProgramOp))

    assembly_format = "$selector attr-dict"

    def __init__(self, selector: SSAValue | Operation):
        super().__init__(operands=[selector], result_types=[SelectorType()])

    def evaluate(self, operands: Sequence[Any], run: Run) -> Truth:
        return semantics.selector_not(operands[0])

    def fold(self, operands: Sequence[T], algebra: SelectorAlgebra[T]) -> T:
        return algebra.complement(operands[0])
