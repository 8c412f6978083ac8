"""Operations of the rasp dialect that compute s-ops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import Float64Type, FloatAttr, UnitAttr
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra import semantics
from raspc.algebra.counting import LARGEST_LEAD, attenuated, attenuated_numbers, bos_weight, bos_weights, numbers_for
from raspc.algebra.domain import Domain
from raspc.algebra.error_bound import ErrorBound
from raspc.algebra.functions import Function, Table, arity
from raspc.algebra.grid import JointValues
from raspc.algebra.values import MaybeValue
from raspc.dialects.directives import (
    AllDefined,
    DefaultText,
    Defined,
    FloatText,
    FunctionText,
    SopTypeText,
    ValueText,
)
from raspc.dialects.interfaces import (
    EMBEDDED,
    EncodingFacts,
    Estimates,
    Run,
    SopInterface,
    ValueFacts,
    after_attention,
    after_mlp,
)
from raspc.dialects.places import StandsIn
from raspc.dialects.rasp.attributes import (
    Encoding,
    FunctionAttr,
    SelectorType,
    SopType,
    ValueAttr,
    verify_max_seq_len,
)
from raspc.dialects.rasp.checks import (
    FalseStatementError,
    check_contains,
    check_numbers,
    check_same,
    check_some,
    check_widths,
    domain_in,
    shown,
)
from raspc.dialects.rasp.program import ProgramOp


class SopOp(IRDLOperation, SopInterface):
    """An op that computes an s-op, of this dialect or of another one."""

    result = result_def(SopType)

    traits = traits_def(Pure(), StandsIn(ProgramOp))

    @property
    def domain(self) -> Domain | None:
        """The domain of the result, if it is known."""
        return self.result.type.known_domain

    def verify_(self) -> None:
        domain, program = self.domain, self.parent_op()
        if domain is not None:
            check_some(domain)
            if isinstance(program, ProgramOp) and program.properties.keys() >= {"vocab", "max_seq_len"}:
                verify_max_seq_len(program.max_seq_len.data)  # before anything is made of that length
                try:
                    self.verify_domain(domain, program)
                except VerifyException as error:
                    raise VerifyException(f"{self.result.name_hint or self.name!r}: {error}") from error

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        """Check of the domain what can be known without the values of other ops.

        Raises:
            VerifyException: it is wrong.
        """

    def check_stated(self, values: Iterable[MaybeValue]) -> None:
        """Check that values of the s-op are in its domain.

        Raises:
            FalseStatementError: one isn't.
        """
        domain = self.domain
        if domain is None:
            return
        for value in values:
            if value not in domain:
                raise FalseStatementError(f"it can be {shown(value)}, which is not in its domain")


class EmbeddedOp(SopOp):
    """An s-op that is embedded: one-hot, exact, and there before the first layer."""

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return Encoding.CATEGORICAL

    def reads_one_hot(self, operand: SSAValue) -> bool:
        return False

    def estimate(self, estimates: Estimates) -> ErrorBound:
        return ErrorBound()

    def stage(self, ready: int) -> int:
        return EMBEDDED


@irdl_op_definition
class TokensOp(EmbeddedOp):
    """The input tokens: `%tokens = rasp.tokens : [1, 2, 3]`. The domain is the vocabulary."""

    name = "rasp.tokens"
    custom_directives = (SopTypeText,)
    assembly_format = "attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, result_type: SopType | None = None):
        super().__init__(result_types=[result_type or SopType()])

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return list(run.tokens)

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.tokens()

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        check_same(domain, program.vocab.data, "the vocabulary")


@irdl_op_definition
class IndicesOp(EmbeddedOp):
    """The positions, counted from 0: `%indices = rasp.indices : 0 to 4`."""

    name = "rasp.indices"
    custom_directives = (SopTypeText,)
    assembly_format = "attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, result_type: SopType | None = None):
        super().__init__(result_types=[result_type or SopType()])

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return list(range(run.n))

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.indices()

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        most = program.max_seq_len.data - 1
        if domain.int_range != (0, most) or domain.undefined or domain.mixed:
            check_same(domain, Domain(tuple(range(most + 1))), "the positions")


@irdl_op_definition
class LengthOp(EmbeddedOp):
    """The width of the selector that selects everything: `%length = rasp.length : 1 to 5`.

    In a causal program this is the number of positions up to this one, as for any other selector.
    """

    name = "rasp.length"
    custom_directives = (SopTypeText,)
    assembly_format = "attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, result_type: SopType | None = None):
        super().__init__(result_types=[result_type or SopType()])

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return [index + 1 if run.causal else run.n for index in range(run.n)]

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.length()

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        most = program.max_seq_len.data
        check_widths(domain, most)
        if domain.int_range not in ((0, most), (1, most)):
            check_contains(domain, range(1, most + 1))


@irdl_op_definition
class ConstantOp(EmbeddedOp):
    """The same value at every position: `%one = rasp.constant 1 : [1]`."""

    name = "rasp.constant"

    value = prop_def(ValueAttr)

    custom_directives = (ValueText, SopTypeText)
    assembly_format = "custom<ValueText>($value) attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, value: MaybeValue, result_type: SopType | None = None):
        super().__init__(properties={"value": ValueAttr(value)}, result_types=[result_type or SopType()])

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return [self.value.data] * run.n

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.constant(self)

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        check_contains(domain, [self.value.data])


@irdl_op_definition
class MapOp(SopOp):
    """A function applied elementwise: `%opp = rasp.map(%length, %indices) "l, i -> l - i - 1" : -4 to 4`.

    The result is undefined where an operand is, and where the function returns none or raises an ArithmeticError or a
    ValueError.

    `jointly` is about how it is computed, `rasp.map(%length_inverse, %indices) jointly table (…) -> […]`: one
    perceptron is to read all operands as they are, also numbers, which otherwise are cast to one-hot vectors first. The
    pass fuse-maps decides on it.
    """

    name = "rasp.map"

    operands_ = var_operand_def(SopType)
    function = prop_def(FunctionAttr)
    jointly = opt_prop_def(UnitAttr)

    custom_directives = (AllDefined, FunctionText, SopTypeText)
    assembly_format = (
        "custom<AllDefined>($operands_, type($operands_)) (`jointly` $jointly^)? custom<FunctionText>($function) "
        "attr-dict `:` custom<SopTypeText>(type($result))"
    )

    def __init__(
        self,
        operands: Sequence[SSAValue | Operation],
        function: Function,
        result_type: SopType | None = None,
        *,
        jointly: bool = False,
    ):
        super().__init__(
            operands=[operands],
            properties={"function": FunctionAttr(function), "jointly": UnitAttr() if jointly else None},
            result_types=[result_type or SopType()],
        )

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return semantics.map_values(self.function.data, operands)

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.mapped(self)

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return facts.of_map(self)

    def reads_one_hot(self, operand: SSAValue) -> bool:
        several = len(self.operands_) > 1 and self.jointly is None
        return self.result.type.encoding.data == Encoding.CATEGORICAL and several

    def estimate(self, estimates: Estimates) -> ErrorBound:
        return estimates.mapped(self)

    def stage(self, ready: int) -> int:
        return after_mlp(ready)

    def verify_(self) -> None:
        super().verify_()
        if not self.operands_:
            raise VerifyException("a map needs at least one operand; a value without operands is a rasp.constant")
        function = self.function.data
        expected = arity(function)
        if expected is not None and expected != len(self.operands_):
            raise VerifyException(f"the function takes {expected} operands, found {len(self.operands_)}")
        if isinstance(function, Table):
            verify_table(function, self.operands_)
        elif self.jointly is not None:
            raise VerifyException("what is read jointly needs a table of its results")


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
class AggregateOp(SopOp):
    """The common value or the mean of what a selector selects.

    `%reverse = rasp.aggregate %flip, %tokens default 0 : [0, 1, 2, 3]`

    Over the selected positions whose value is defined: none of them gives the default (undefined if there is none);
    equal values give that value; different ones give their arithmetic mean and must be numbers.

    `at_most_one` records a proof that the selector never selects more than one position.
    """

    name = "rasp.aggregate"

    selector = operand_def(SelectorType())
    values = operand_def(SopType)
    default = prop_def(ValueAttr)
    at_most_one = opt_prop_def(UnitAttr)

    custom_directives = (Defined, DefaultText, SopTypeText)
    assembly_format = (
        "$selector `,` custom<Defined>($values, type($values)) custom<DefaultText>($default) "
        "(`at_most_one` $at_most_one^)? attr-dict "
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

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        selected, values = run.seen(operands[0]), operands[1]
        if self.at_most_one is not None and (selected == semantics.TRUE).sum(axis=1).max(initial=0) > 1:
            raise FalseStatementError("it selects several positions, and says that it selects one at most")
        return semantics.aggregate(selected, values, self.default.data)

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.aggregated(self)

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return facts.of_aggregate(self)

    def reads_one_hot(self, operand: SSAValue) -> bool:
        return self.result.type.encoding.data == Encoding.CATEGORICAL

    def estimate(self, estimates: Estimates) -> ErrorBound:
        return estimates.aggregated(self)

    def stage(self, ready: int) -> int:
        return after_attention(ready)


@irdl_op_definition
class SelectorWidthOp(SopOp):
    """How many positions a selector selects: `%length = rasp.selector_width %all : 1 to 5`."""

    name = "rasp.selector_width"

    selector = operand_def(SelectorType())

    custom_directives = (SopTypeText,)
    assembly_format = "$selector attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, selector: SSAValue | Operation, result_type: SopType | None = None):
        super().__init__(operands=[selector], result_types=[result_type or SopType()])

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return semantics.selector_width(run.seen(operands[0]))

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.width(self)

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return Encoding.CATEGORICAL

    def reads_one_hot(self, operand: SSAValue) -> bool:
        return False

    def estimate(self, estimates: Estimates) -> ErrorBound:
        return estimates.width(self)

    def stage(self, ready: int) -> int:
        return after_mlp(after_attention(ready))

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        check_widths(domain, program.max_seq_len.data)


class CountingOp(SopOp):
    """A number that one head computes and that tells the width of a selector.

    It stands between a width and the head: the width is read from it by an MLP.
    """

    selector = operand_def(SelectorType())

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        widths: list[Any] = semantics.selector_width(run.seen(operands[0]))
        return [self.number_for(width) for width in widths]

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.counting(self)

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return Encoding.NUMERICAL

    def reads_one_hot(self, operand: SSAValue) -> bool:
        return False

    def estimate(self, estimates: Estimates) -> ErrorBound:
        return estimates.counted(self)

    def stage(self, ready: int) -> int:
        return after_attention(ready)

    def number_for(self, width: float) -> float:
        """The number for a width."""
        raise NotImplementedError

    def domain_for(self, widths: Domain) -> Domain:
        """The values for a domain of widths."""
        return numbers_for(widths, self.number_for)

    def numbers(self, most: int) -> NDArray[np.float64]:
        """The numbers for all widths up to one: [most + 1]."""
        raise NotImplementedError

    def verify_(self) -> None:
        if self.result.type.encoding.data == Encoding.CATEGORICAL:
            raise VerifyException("the number from which a width is read is numerical")
        super().verify_()

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        check_numbers(domain, self.numbers(program.max_seq_len.data))


@irdl_op_definition
class BosWeightOp(CountingOp):
    """What attention leaves on BOS when a head also attends to it: `%w = rasp.bos_weight %all : numerical [0.5, 1.0]`.

    The value is 1 / (1 + width of the selector).
    """

    name = "rasp.bos_weight"

    custom_directives = (SopTypeText,)
    assembly_format = "$selector attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, selector: SSAValue | Operation, widths: Domain):
        numbers = numbers_for(widths, bos_weight)
        super().__init__(operands=[selector], result_types=[SopType(numbers, Encoding.NUMERICAL)])

    def number_for(self, width: float) -> float:
        return bos_weight(width)

    def numbers(self, most: int) -> NDArray[np.float64]:
        return bos_weights(most)


@irdl_op_definition
class AttenuatedWidthOp(CountingOp):
    """A width by a head in which BOS outweighs all keys.

    `%w = rasp.attenuated_width %all lead 4.0 : numerical [0.982…, 1.929…]`

    The value is `width / (1 + width / e**lead)`: the attention that the selected keys get beside BOS, which has the
    weight of e**lead of them, times that weight. It is the less below the width, the greater the lead is, so that sums
    and differences of such numbers tell those of widths.
    """

    name = "rasp.attenuated_width"

    lead = prop_def(FloatAttr[Float64Type])

    custom_directives = (FloatText, SopTypeText)
    assembly_format = "$selector `lead` custom<FloatText>($lead) attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, selector: SSAValue | Operation, lead: float, widths: Domain):
        numbers = numbers_for(widths, lambda width: attenuated(width, lead))
        super().__init__(
            operands=[selector],
            properties={"lead": FloatAttr(lead, 64)},
            result_types=[SopType(numbers, Encoding.NUMERICAL)],
        )

    def number_for(self, width: float) -> float:
        return attenuated(width, self.lead.value.data)

    def numbers(self, most: int) -> NDArray[np.float64]:
        return attenuated_numbers(most, self.lead.value.data)

    def verify_(self) -> None:
        if not 0 < self.lead.value.data <= LARGEST_LEAD:
            raise VerifyException(f"the lead of BOS must be positive and at most {LARGEST_LEAD:g}")
        super().verify_()


@irdl_op_definition
class CastOp(SopOp):
    """The same values in another encoding: `%c = rasp.cast %mean : categorical [0, 0.5, 1]`."""

    name = "rasp.cast"

    value = operand_def(SopType)

    custom_directives = (Defined, SopTypeText)
    assembly_format = "custom<Defined>($value, type($value)) attr-dict `:` custom<SopTypeText>(type($result))"

    def __init__(self, value: SSAValue | Operation, result_type: SopType):
        super().__init__(operands=[value], result_types=[result_type])

    def evaluate(self, operands: Sequence[Any], run: Run) -> list[MaybeValue]:
        return operands[0]

    def infer(self, facts: ValueFacts) -> JointValues:
        return facts.joint(self.value)

    def choose_encoding(self, facts: EncodingFacts) -> Encoding:
        return facts.of_cast(self)

    def reads_one_hot(self, operand: SSAValue) -> bool:
        return False

    def estimate(self, estimates: Estimates) -> ErrorBound:
        return estimates.cast(self)

    def stage(self, ready: int) -> int:
        return after_mlp(ready)

    def verify_domain(self, domain: Domain, program: ProgramOp) -> None:
        source = domain_in(self.value.type)
        if source is not None:
            check_same(domain, source, "that of the value")
