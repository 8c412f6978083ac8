"""The certificate of a model as an attribute."""

from __future__ import annotations

import math
from dataclasses import dataclass

from xdsl.ir import Data
from xdsl.irdl import IRDLOperation, irdl_attr_definition
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    ParsingState,
    PrintingState,
    irdl_custom_directive,
)
from xdsl.parser import AttrParser, Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.dtypes import DTYPES
from raspc.dialects.rasp import syntax


@dataclass(frozen=True)
class Certificate:
    """A proof that a model decodes to what its program means, on every input on which the program has a meaning.

    Attributes:
        dtype: the dtype of the weights and of all that is computed: `float32`. A more exact one will do as well.
        margin: the smallest margin of all decisions: which part of the error that a decision could stand isn't taken
            up by the errors that may occur. It is above 0, and 1 where nothing is off.
        at: the value that this decision is about.
        assumptions: where it couldn't be proved that the program has a meaning on every input, one sentence for each
            expression. The attribute has none, since the model has them beside it.
    """

    dtype: str
    margin: float
    at: str
    assumptions: tuple[str, ...] = ()

    def __str__(self) -> str:
        n = len(self.assumptions)
        assumed = f"; under {n} assumption{'s' if n > 1 else ''}" if n else ""
        return f"exact in {self.dtype}; the smallest margin is {self.margin:g}, at {self.at!r}{assumed}"


def rounded_down(margin: float) -> float:
    """A margin to four places, and a small one to two digits, never rounded up."""
    places = 4 if margin >= 1e-3 else 2 - math.floor(math.log10(margin))
    return math.floor(margin * 10**places) / 10**places


def print_certificate(printer: Printer, certificate: Certificate) -> None:
    """Print a certificate: `float32 margin 0.9982 at "hist"`."""
    printer.print_string(f"{certificate.dtype} margin {certificate.margin!r} at ")
    syntax.print_text(printer, certificate.at)


def parse_certificate(parser: AttrParser) -> Certificate:
    """Parse what `print_certificate` prints."""
    position = parser.pos
    dtype = parser.parse_identifier(f": one of {', '.join(DTYPES)}")
    if dtype not in DTYPES:
        parser.raise_error(f"there is no dtype {dtype!r}: expected one of {', '.join(DTYPES)}", position, parser.pos)
    parser.parse_keyword("margin")
    margin = float(syntax.parse_number(parser))
    parser.parse_keyword("at")
    return Certificate(dtype, margin, syntax.parse_text(parser))


@irdl_attr_definition
class CertificateAttr(Data[Certificate]):
    """A certificate: `#craft.certificate<float32 margin 0.9982 at "hist">`."""

    name = "craft.certificate"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Certificate:
        with parser.in_angle_brackets():
            return parse_certificate(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_certificate(printer, self.data)

    def verify(self) -> None:
        if self.data.dtype not in DTYPES or not 0 < self.data.margin <= 1:
            raise VerifyException(f"a margin must be above 0 and at most 1, found {self.data.margin!r}")


def print_certified(printer: Printer, certificate: CertificateAttr) -> None:
    """Print `certified` and a certificate."""
    printer.print_string("certified ")
    print_certificate(printer, certificate.data)


def parse_optional_certified(parser: Parser) -> CertificateAttr | None:
    """Parse what `print_certified` prints, if it is there."""
    if parser.parse_optional_keyword("certified") is None:
        return None
    position = parser.pos
    try:
        return CertificateAttr(parse_certificate(parser))
    except VerifyException as error:
        parser.raise_error(str(error), position, parser.pos)


@irdl_custom_directive
class CertificateText(CustomDirective):
    """A model's certificate, if it has one: `certified float32 margin 0.9982 at "hist"`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        certificate = parse_optional_certified(parser)
        if certificate is not None:
            self.attribute.set(state, certificate)

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        certificate = self.attribute.get(op)
        if certificate is not None:
            assert isinstance(certificate, CertificateAttr)
            state.print_whitespace(printer)
            print_certified(printer, certificate)
