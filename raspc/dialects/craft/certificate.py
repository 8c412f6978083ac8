"""The certificate of a model as an attribute."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

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

ROUNDING = "rounding"
"""The scope of a proof that rounding changes no output: it compares what each component computes in a dtype with what
the component is ideally. That the components compute the program is up to the passes, which are tested.
"""

SCOPES = (ROUNDING,)

RUNTIME = "softmax gives exactly 1 to a score that is far ahead, as exp(0) = 1 and 1 / 1 = 1 do"
"""What a certificate assumes of a runtime; our runners try it out, see `raspc.runtime.probing`."""

VOID = "the certificate is void: the model, or what is said of it, isn't what the pass certify has judged"
"""What is wrong with a certificate whose digest isn't that of its model."""

OUTDATED = "the certificate is of an earlier version of raspc, and says neither its scope nor what it is about"
"""What is wrong with a certificate without a scope and a digest."""

COMPILE_AGAIN = "compile the program again, or take the certificate out"
"""What to do about both."""

_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Certificate:
    """A proof that a model decodes to what its program means, on every input on which the program has a meaning.

    It holds for the model that it was made for, of which it has a digest, and says nothing about any other one.

    Attributes:
        dtype: the dtype of the weights and of all that is computed: `float32`. A more exact one will do as well.
        margin: the smallest margin of all decisions: which part of the error that a decision could stand isn't taken
            up by the errors that may occur. It is above 0, and 1 where nothing is off.
        at: the value that this decision is about.
        assumptions: where it couldn't be proved that the program has a meaning on every input, one sentence for each
            expression. The attribute has none, since the model has them beside it.
        scope: what is proved: `rounding`.
        partial: how many results of perceptrons aren't checked at every combination of what they read, because value
            inference proved some impossible, or they are too many.
        digest: the sha256 of the model and of this certificate's claims, 64 hexadecimal digits; empty while the
            certificate is bound to no model.
    """

    dtype: str
    margin: float
    at: str
    assumptions: tuple[str, ...] = ()
    scope: str = ROUNDING
    partial: int = 0
    digest: str = ""

    @property
    def claims(self) -> tuple[object, ...]:
        """What it says of its model."""
        claims = (self.dtype, self.margin, self.at, self.scope)
        return (*claims, "partial", self.partial) if self.partial else claims

    def bound_to(self, digest: str) -> Certificate:
        """The same about the model of a digest."""
        return replace(self, digest=digest)

    @property
    def problem(self) -> str | None:
        """Why no model could have this certificate; `None` if one could."""
        if self.dtype not in DTYPES:
            return f"there is no dtype {self.dtype!r:.80}: expected one of {', '.join(DTYPES)}"
        if not 0 < self.margin <= 1:
            return f"a margin must be above 0 and at most 1, found {self.margin!r}"
        if self.scope not in SCOPES:
            return f"there is no scope {self.scope!r:.80}: expected one of {', '.join(SCOPES)}"
        if self.partial < 0:
            return f"no fewer than 0 results are partial, found {self.partial}"
        if _DIGEST.fullmatch(self.digest) is None:
            return f"a digest has 64 hexadecimal digits, found {self.digest!r:.80}"
        return None

    def __str__(self) -> str:
        n = len(self.assumptions)
        assumed = f"; under {n} assumption{'s' if n > 1 else ''}" if n else ""
        found = f"the smallest margin is {self.margin:g}, at {self.at!r}{assumed}"
        return f"exact in {self.dtype}, scope {self.scope}; {found}{self._unchecked}"

    @property
    def _unchecked(self) -> str:
        """What isn't checked, in words."""
        if not self.partial:
            return ""
        which = "one result isn't" if self.partial == 1 else f"{self.partial} results aren't"
        return f"; {which} checked at combinations that value inference proved impossible, or that are too many"


def rounded_down(margin: float) -> float:
    """A margin to four places, and a small one to two digits, never rounded up."""
    places = 4 if margin >= 1e-3 else 2 - math.floor(math.log10(margin))
    return math.floor(margin * 10**places) / 10**places


def print_certificate(printer: Printer, certificate: Certificate) -> None:
    """Print a certificate: `float32 margin 0.9982 at "hist" scope "rounding" sha256 "4f…"`."""
    printer.print_string(f"{certificate.dtype} margin {certificate.margin!r} at ")
    syntax.print_text(printer, certificate.at)
    printer.print_string(" scope ")
    syntax.print_text(printer, certificate.scope)
    if certificate.partial:
        printer.print_string(f" partial {certificate.partial}")
    printer.print_string(" sha256 ")
    syntax.print_text(printer, certificate.digest)


def parse_certificate(parser: AttrParser) -> Certificate:
    """Parse what `print_certificate` prints; the certificate isn't compared with any model yet."""
    position = parser.pos
    dtype = parser.parse_identifier(f": one of {', '.join(DTYPES)}")
    parser.parse_keyword("margin")
    margin = float(syntax.parse_number(parser))
    parser.parse_keyword("at")
    at = syntax.parse_text(parser)
    if parser.parse_optional_keyword("scope") is None:
        parser.raise_error(f"{OUTDATED}; {COMPILE_AGAIN}", position, parser.pos)
    scope = syntax.parse_text(parser)
    partial = 0
    if parser.parse_optional_keyword("partial"):
        partial = parser.parse_integer(allow_boolean=False, allow_negative=False)
    parser.parse_keyword("sha256")
    certificate = Certificate(dtype, margin, at, (), scope, partial, syntax.parse_text(parser))
    if certificate.problem is not None:
        parser.raise_error(certificate.problem, position, parser.pos)
    return certificate


@irdl_attr_definition
class CertificateAttr(Data[Certificate]):
    """A certificate: `#craft.certificate<float32 margin 0.9982 at "hist" scope "rounding" sha256 "4f…">`."""

    name = "craft.certificate"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> Certificate:
        with parser.in_angle_brackets():
            return parse_certificate(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_certificate(printer, self.data)

    def verify(self) -> None:
        if self.data.problem is not None:
            raise VerifyException(self.data.problem)


def print_certified(printer: Printer, certificate: CertificateAttr) -> None:
    """Print `certified` and a certificate."""
    printer.print_string("certified ")
    print_certificate(printer, certificate.data)


def parse_optional_certified(parser: Parser) -> CertificateAttr | None:
    """Parse what `print_certified` prints, if it is there."""
    if parser.parse_optional_keyword("certified") is None:
        return None
    return CertificateAttr(parse_certificate(parser))


@irdl_custom_directive
class CertificateText(CustomDirective):
    """A model's certificate, if it has one: `certified float32 margin 0.9982 at "hist" scope "rounding" sha256 "…"`."""

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
