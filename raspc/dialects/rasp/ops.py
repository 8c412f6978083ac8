"""Operations of the rasp dialect: what a RASP program computes."""

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
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.traits import HasParent, IsolatedFromAbove, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Function, Table, arity
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.directives import (
    AllDefined,
    DefaultText,
    Defined,
    DomainText,
    FunctionText,
    IntText,
    SopTypeText,
    ValueText,
)
from raspc.dialects.rasp.attributes import (
    DomainAttr,
    Encoding,
    FunctionAttr,
    SelectorType,
    SopType,
    ValueAttr,
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


class SopOp(IRDLOperation):
    """An op that computes an s-op."""

    result = result_def(SopType)

    traits = traits_def(Pure())

    @property
    def domain(self) -> Domain | None:
        """The domain of the result, if it is known."""
        return self.result.type.known_domain


@irdl_op_definition
class TokensOp(SopOp):
    """The input tokens: `%tokens = rasp.tokens : [1, 2, 3]`."""

    name = "rasp.tokens"
    custom_directives = (SopTypeText,)
    assembly_format = "attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, result_type: SopType | None = None):
        super().__init__(result_types=[result_type or SopType()])


@irdl_op_definition
class IndicesOp(SopOp):
    """The positions, counted from 0: `%indices = rasp.indices : 0 to 4`."""

    name = "rasp.indices"
    custom_directives = (SopTypeText,)
    assembly_format = "attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, result_type: SopType | None = None):
        super().__init__(result_types=[result_type or SopType()])


@irdl_op_definition
class LengthOp(SopOp):
    """The width of the selector that selects everything: `%length = rasp.length : 1 to 5`.

    In a causal program this is the number of positions up to this one, as for any other selector.
    """

    name = "rasp.length"
    custom_directives = (SopTypeText,)
    assembly_format = "attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, result_type: SopType | None = None):
        super().__init__(result_types=[result_type or SopType()])


@irdl_op_definition
class ConstantOp(SopOp):
    """The same value at every position: `%one = rasp.constant 1 : [1]`."""

    name = "rasp.constant"

    value = prop_def(ValueAttr)

    custom_directives = (ValueText, SopTypeText)
    assembly_format = "custom<ValueText>($value) attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, value: MaybeValue, result_type: SopType | None = None):
        super().__init__(properties={"value": ValueAttr(value)}, result_types=[result_type or SopType()])


@irdl_op_definition
class MapOp(SopOp):
    """A function applied elementwise: `%opp = rasp.map(%length, %indices) "l, i -> l - i - 1" : -4 to 4`.

    The result is undefined where an operand is, and where the function returns none or raises an ArithmeticError or a
    ValueError.
    """

    name = "rasp.map"

    operands_ = var_operand_def(SopType)
    function = prop_def(FunctionAttr)

    custom_directives = (AllDefined, FunctionText, SopTypeText)
    assembly_format = (
        "custom<AllDefined>($operands_, type($operands_)) custom<FunctionText>($function) attr-dict "
        "`:` custom<SopTypeText>(type($result))"
    )

    def __init__(
        self, operands: Sequence[SSAValue | Operation], function: Function, result_type: SopType | None = None
    ):
        super().__init__(
            operands=[operands],
            properties={"function": FunctionAttr(function)},
            result_types=[result_type or SopType()],
        )

    def verify_(self) -> None:
        if not self.operands_:
            raise VerifyException("a map needs at least one operand; a value without operands is a rasp.constant")
        function = self.function.data
        expected = arity(function)
        if expected is not None and expected != len(self.operands_):
            raise VerifyException(f"the function takes {expected} operands, found {len(self.operands_)}")
        if isinstance(function, Table):
            verify_table(function, self.operands_)


def verify_table(function: Table, operands: Sequence[SSAValue]) -> None:
    """Check that a table covers the domains of its operands, as far as these are known.

    Raises:
        VerifyException: an operand can take a value that is not in the table.
    """
    for position, (arguments, operand) in enumerate(zip(function.arguments, operands, strict=True)):
        assert isinstance(operand.type, SopType)
        domain = operand.type.known_domain
        if domain is not None:
            covered = set(arguments)
            missing = [value for value in domain.values if value not in covered]
            if missing:
                raise VerifyException(f"operand {position} can be {missing[0]!r}, which is not in the table")


@irdl_op_definition
class SelectOp(IRDLOperation):
    """The positions (query, key) at which a predicate holds: `%flip = rasp.select %indices, %opp eq`.

    The operands are the keys and the queries; the predicate is called with (key, query). An undefined operand makes the
    element unknown, which is not selected.
    """

    name = "rasp.select"

    keys = operand_def(SopType)
    queries = operand_def(SopType)
    predicate = prop_def(FunctionAttr)
    result = result_def(SelectorType())

    traits = traits_def(Pure())

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

    def verify_(self) -> None:
        predicate = self.predicate.data
        if arity(predicate) not in (2, None):
            raise VerifyException(f"a predicate takes a key and a query, found {arity(predicate)} operands")
        if isinstance(predicate, Table):
            verify_table(predicate, (self.keys, self.queries))


class BinarySelectorOp(IRDLOperation):
    """A selector made from two others."""

    lhs = operand_def(SelectorType())
    rhs = operand_def(SelectorType())
    result = result_def(SelectorType())

    traits = traits_def(Pure())

    assembly_format = "$lhs `,` $rhs attr-dict"

    def __init__(self, lhs: SSAValue | Operation, rhs: SSAValue | Operation):
        super().__init__(operands=[lhs, rhs], result_types=[SelectorType()])


@irdl_op_definition
class SelectorAndOp(BinarySelectorOp):
    """What both select, in three-valued logic: `%both = rasp.selector_and %a, %b`."""

    name = "rasp.selector_and"


@irdl_op_definition
class SelectorOrOp(BinarySelectorOp):
    """What at least one selects, in three-valued logic: `%either = rasp.selector_or %a, %b`."""

    name = "rasp.selector_or"


@irdl_op_definition
class SelectorNotOp(IRDLOperation):
    """What another certainly doesn't select; unknown stays unknown: `%others = rasp.selector_not %a`."""

    name = "rasp.selector_not"

    selector = operand_def(SelectorType())
    result = result_def(SelectorType())

    traits = traits_def(Pure())

    assembly_format = "$selector attr-dict"

    def __init__(self, selector: SSAValue | Operation):
        super().__init__(operands=[selector], result_types=[SelectorType()])


@irdl_op_definition
class AggregateOp(SopOp):
    """The common value or the mean of what a selector selects.

    `%reverse = rasp.aggregate %flip, %tokens default 0 : [0, 1, 2, 3]`

    Over the selected positions whose value is defined: none of them gives the default (undefined if there is none);
    equal values give that value; different ones give their arithmetic mean and must be numbers.
    """

    name = "rasp.aggregate"

    selector = operand_def(SelectorType())
    values = operand_def(SopType)
    default = prop_def(ValueAttr)

    custom_directives = (Defined, DefaultText, SopTypeText)
    assembly_format = (
        "$selector `,` custom<Defined>($values, type($values)) custom<DefaultText>($default) attr-dict "
        "`:` custom<SopTypeText>(type($result))"
    )

    def __init__(
        self,
        selector: SSAValue | Operation,
        values: SSAValue | Operation,
        default: MaybeValue = None,
        result_type: SopType | None = None,
    ):
        super().__init__(
            operands=[selector, values],
            properties={"default": ValueAttr(default)},
            result_types=[result_type or SopType()],
        )


@irdl_op_definition
class SelectorWidthOp(SopOp):
    """How many positions a selector selects: `%length = rasp.selector_width %all : 1 to 5`."""

    name = "rasp.selector_width"

    selector = operand_def(SelectorType())

    custom_directives = (SopTypeText,)
    assembly_format = "$selector attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, selector: SSAValue | Operation, result_type: SopType | None = None):
        super().__init__(operands=[selector], result_types=[result_type or SopType()])


@irdl_op_definition
class BosWeightOp(SopOp):
    """What attention leaves on BOS when a head also attends to it: `%w = rasp.bos_weight %all : numerical [0.5, 1.0]`.

    The value is 1 / (1 + width of the selector). It stands between a width and the head that computes it: the width is
    read from it by an MLP.
    """

    name = "rasp.bos_weight"

    selector = operand_def(SelectorType())

    custom_directives = (SopTypeText,)
    assembly_format = "$selector attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, selector: SSAValue | Operation, widths: Domain):
        super().__init__(operands=[selector], result_types=[SopType(self.domain_for(widths), Encoding.NUMERICAL)])

    @staticmethod
    def domain_for(widths: Domain) -> Domain:
        """The values for a domain of widths."""
        return Domain.of([1 / (1 + width) for width in widths.numbers.tolist()])

    def verify_(self) -> None:
        if self.result.type.encoding.data == Encoding.CATEGORICAL:
            raise VerifyException("what attention leaves on BOS is numerical")


@irdl_op_definition
class CastOp(SopOp):
    """The same values in another encoding: `%c = rasp.cast %mean : categorical [0, 0.5, 1]`."""

    name = "rasp.cast"

    value = operand_def(SopType)

    custom_directives = (Defined, SopTypeText)
    assembly_format = "custom<Defined>($value, type($value)) attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, value: SSAValue | Operation, result_type: SopType):
        super().__init__(operands=[value], result_types=[result_type])


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


TRUE: Function = Comparison.TRUE
"""The predicate that selects every defined pair."""
