"""Attributes and types of the rasp dialect."""

from __future__ import annotations

from enum import auto

from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Data, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.str_enum import StrEnum

from raspc.algebra.domain import Domain
from raspc.algebra.functions import Function, exact_function
from raspc.algebra.values import MaybeValue, exact_form
from raspc.dialects.rasp import syntax


@irdl_attr_definition
class ValueAttr(Data[MaybeValue]):
    """One value, or `none` for undefined: `#rasp.value<(1, "a")>`.

    Two attributes are equal only if the values are of the same type, too: `1` is not `1.0` and not `true`.
    """

    name = "rasp.value"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> MaybeValue:
        with parser.in_angle_brackets():
            return syntax.parse_maybe_value(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            syntax.print_value(printer, self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ValueAttr) and repr(self.data) == repr(other.data)

    def __hash__(self) -> int:
        return hash(repr(self.data))


@irdl_attr_definition
class DomainAttr(Data[Domain]):
    """The set of values that an s-op can take: `#rasp.domain<[1, 2, 3] or none>`, `#rasp.domain<0 to 4>`.

    Like values, two domains are equal only if their values are of the same types, too.
    """

    name = "rasp.domain"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Domain:
        with parser.in_angle_brackets():
            return syntax.parse_domain(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            syntax.print_domain(printer, self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DomainAttr) or self.data != other.data:
            return False
        return exact_form(self.data.values) == exact_form(other.data.values)

    def __hash__(self) -> int:
        return hash(self.data)


@irdl_attr_definition
class FunctionAttr(Data[Function]):
    """The function of a map or the predicate of a select.

    `#rasp.function<"l, i -> l - i - 1">`, `#rasp.function<eq>`; see `syntax` for the kinds of functions. Like values,
    two functions are equal only if all values in them are of the same types, too.
    """

    name = "rasp.function"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Function:
        with parser.in_angle_brackets():
            return syntax.parse_function(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            syntax.print_function(printer, self.data)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FunctionAttr) or self.data != other.data:
            return False
        return exact_function(self.data) == exact_function(other.data)

    def __hash__(self) -> int:
        return hash(self.data)


MAX_SEQ_LEN_LIMIT = 1 << 16
"""The longest input that a program may be for."""


def verify_max_seq_len(max_seq_len: int) -> None:
    """Check the length of the longest input.

    Raises:
        VerifyException: it is out of range.
    """
    if not 1 <= max_seq_len <= MAX_SEQ_LEN_LIMIT:
        raise VerifyException(f"max_seq_len must be from 1 to {MAX_SEQ_LEN_LIMIT}, found {max_seq_len}")


class Encoding(StrEnum):
    """How an s-op lies in the residual stream; see `EncodingAttr`."""

    UNKNOWN = auto()
    CATEGORICAL = auto()
    NUMERICAL = auto()


@irdl_attr_definition
class EncodingAttr(EnumAttribute[Encoding], SpacedOpaqueSyntaxAttribute):
    """How an s-op lies in the residual stream: one-hot (categorical), as one scalar (numerical), or not yet chosen."""

    name = "rasp.encoding"


@irdl_attr_definition
class NoDomainAttr(ParametrizedAttribute):
    """The domain of an s-op for which it isn't inferred yet, written `?`."""

    name = "rasp.no_domain"


@irdl_attr_definition
class SopType(ParametrizedAttribute, TypeAttribute):
    """The type of an s-op: its encoding, if chosen, and its domain, if inferred.

    `!rasp.sop<?>`, `!rasp.sop<numerical ?>`, `!rasp.sop<1 to 5>`, `!rasp.sop<categorical [1, 2] or none>`
    """

    name = "rasp.sop"

    encoding: EncodingAttr
    domain: DomainAttr | NoDomainAttr

    def __init__(self, domain: Domain | None = None, encoding: Encoding = Encoding.UNKNOWN):
        super().__init__(EncodingAttr(encoding), NoDomainAttr() if domain is None else DomainAttr(domain))

    @property
    def known_domain(self) -> Domain | None:
        """The domain, or `None` if it isn't inferred yet."""
        return self.domain.data if isinstance(self.domain, DomainAttr) else None

    def verify(self) -> None:
        domain = self.known_domain
        if self.encoding.data == Encoding.NUMERICAL and domain is not None and not domain.is_numeric:
            raise VerifyException("the values of a numerical s-op must be finite numbers")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> list[EncodingAttr | DomainAttr | NoDomainAttr]:  # type: ignore[override]
        with parser.in_angle_brackets():
            parsed = parse_sop_type(parser)
        return [parsed.encoding, parsed.domain]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_sop_type(printer, self)


def print_sop_type(printer: Printer, sop_type: SopType) -> None:
    """Print an s-op's type as it stands after an op's colon: `numerical 0 to 4`."""
    if sop_type.encoding.data != Encoding.UNKNOWN:
        printer.print_string(f"{sop_type.encoding.data} ")
    if sop_type.known_domain is None:
        printer.print_string("?")
    else:
        syntax.print_domain(printer, sop_type.known_domain)


def parse_sop_type(parser: AttrParser) -> SopType:
    """Parse what `print_sop_type` prints."""
    word = parser.parse_optional_keyword_in((Encoding.CATEGORICAL, Encoding.NUMERICAL))
    encoding = Encoding.UNKNOWN if word is None else Encoding(word)
    if parser.parse_optional_punctuation("?"):
        return SopType(None, encoding)
    position = parser.pos
    domain = syntax.parse_domain(parser)
    if encoding == Encoding.NUMERICAL and not domain.is_numeric:
        parser.raise_error("the values of a numerical s-op must be finite numbers", position, position + 1)
    return SopType(domain, encoding)


@irdl_attr_definition
class SelectorType(ParametrizedAttribute, TypeAttribute):
    """The type of a selector, a boolean matrix from query positions to key positions: `!rasp.selector`."""

    name = "rasp.selector"
