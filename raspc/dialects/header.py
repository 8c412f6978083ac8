"""What the ops that hold a program or a model say of it before their body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    IntAttr,
    ModuleOp,
    StringAttr,
    SymbolNameConstraint,
    UnitAttr,
)
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.irdl import IRDLOperation, opt_prop_def, prop_def, region_def, traits_def
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    ParsingState,
    PrintingState,
    irdl_custom_directive,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import IsolatedFromAbove
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from raspc.algebra.domain import Domain
from raspc.algebra.values import Value
from raspc.dialects.digest import Digest
from raspc.dialects.directives import DomainText, IntText
from raspc.dialects.rasp import syntax
from raspc.dialects.rasp.attributes import DomainAttr, verify_max_seq_len


def print_assumptions(printer: Printer, assumptions: ArrayAttr[StringAttr], source: StringAttr) -> None:
    """Print assumptions with the program that they are about: `assuming ["…"] of "rasp.program …"`."""
    printer.print_string("assuming [")
    printer.print_list(assumptions, lambda text: syntax.print_text(printer, text.data))
    printer.print_string("] of ")
    syntax.print_text(printer, source.data)


def parse_optional_assumptions(parser: Parser) -> tuple[ArrayAttr[StringAttr], StringAttr] | None:
    """Parse what `print_assumptions` prints, if it is there."""
    if parser.parse_optional_keyword("assuming") is None:
        return None
    texts = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: syntax.parse_text(parser))
    parser.parse_keyword("of")
    source = syntax.parse_text(parser, " (the text of a rasp.program)")
    return ArrayAttr(map(StringAttr, texts)), StringAttr(source)


@irdl_custom_directive
class AssumptionsText(CustomDirective):
    """The assumptions of a `HeaderOp`, if there are any, and the program that they are about."""

    assumptions: AttributeVariable
    source: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        parsed = parse_optional_assumptions(parser)
        if parsed is not None:
            self.assumptions.set(state, parsed[0])
            self.source.set(state, parsed[1])

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        assumptions, source = self.assumptions.get(op), self.source.get(op)
        if assumptions is not None:
            state.print_whitespace(printer)
            assert isa(assumptions, ArrayAttr[StringAttr])
            assert isinstance(source, StringAttr)
            print_assumptions(printer, assumptions, source)


@irdl_custom_directive
class NamesText(CustomDirective):
    """The names that SSA names can't say, if there are any: `names {t_1_ = "t_1"}`."""

    names: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        if parser.parse_optional_keyword("names") is None:
            return
        found: dict[str, Attribute] = {}
        with parser.in_braces():
            while True:
                position = parser.pos
                hint = parser.parse_identifier(" (an SSA name without its %)")
                if hint in found:
                    parser.raise_error(f"{hint} has two names", position, parser.pos)
                parser.parse_punctuation("=")
                found[hint] = StringAttr(syntax.parse_text(parser))
                if parser.parse_optional_punctuation(",") is None:
                    break
        self.names.set(state, DictionaryAttr(found))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        names = self.names.get(op)
        if names is not None:
            assert isa(names, DictionaryAttr)
            state.print_whitespace(printer)
            printer.print_string("names ")
            with printer.in_braces():
                printer.print_list(names.data.items(), lambda pair: self._print_name(printer, *pair))

    @staticmethod
    def _print_name(printer: Printer, hint: str, name: Attribute) -> None:
        assert isinstance(name, StringAttr)
        printer.print_string(f"{hint} = ")
        syntax.print_text(printer, name.data)


class HeaderOp(IRDLOperation):
    """An op that holds a program at some level: what its inputs are, and what is assumed of them.

    Attributes:
        assumptions: where it couldn't be proved that the program has a meaning on every input, one sentence for each
            expression; missing if there are none.
        source: the text of the `rasp.program` whose meaning is assumed, with values inferred: it decides whether an
            input has a meaning. It is there if there are assumptions.
    """

    vocab = prop_def(DomainAttr)
    max_seq_len = prop_def(IntAttr)
    assumptions = opt_prop_def(ArrayAttr[StringAttr])
    source = opt_prop_def(StringAttr)
    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove())

    def assume(self, assumptions: Sequence[str], source: str) -> None:
        """Record what is assumed of the program with this text; without any assumption, nothing."""
        self.assumptions = ArrayAttr(map(StringAttr, assumptions)) if assumptions else None
        self.source = StringAttr(source) if assumptions else None

    def take_assumptions(self, other: HeaderOp) -> None:
        """Assume what `other` does."""
        self.assumptions, self.source = other.assumptions, other.source

    def add_assumptions_to(self, digest: Digest) -> None:
        """Add what is assumed to a digest."""
        digest.add_facts(
            [text.data for text in self.assumptions or ()], None if self.source is None else self.source.data
        )

    def verify_header(self) -> None:
        """Check the place of the op, the inputs and the assumptions.

        Raises:
            VerifyException: they are invalid.
        """
        parent = self.parent_op()
        if isinstance(parent, ModuleOp) and parent.parent is not None:
            raise VerifyException(f"{self.name} must stand in the outermost module: no pass looks into another one")
        if parent is not None and not isinstance(parent, ModuleOp | HeaderOp):  # a HeaderOp says so itself
            raise VerifyException(f"{self.name} must stand in a module, found in {parent.name}")
        if not self.vocab.data.values or self.vocab.data.undefined:
            raise VerifyException("a vocabulary needs at least one value, and undefined is not a token")
        verify_max_seq_len(self.max_seq_len.data)
        if self.assumptions is not None and not self.assumptions.data:
            raise VerifyException("a list of assumptions needs at least one; without assumptions there is no list")
        if (self.assumptions is None) != (self.source is None):
            raise VerifyException("assumptions need the source of the program that they are about, and it needs them")


HEADER_FORMAT = (
    "$sym_name `vocab` custom<DomainText>($vocab) `max_seq_len` custom<IntText>($max_seq_len) "
    "(`causal` $causal^)? custom<NamesText>($names) custom<AssumptionsText>($assumptions, $source)"
)
"""How the header of a `ProgramHeaderOp` is written."""


class ProgramHeaderOp(HeaderOp):
    """An op with the header `@reverse vocab [1, 2, 3] max_seq_len 5 causal names {t_1_ = "t_1"} assuming ["…"] of "…"`.

    Attributes:
        names: the names that SSA names can't say, and those that a pass might give to something of its own, by the SSA
            names that stand for them. Nothing else is ever called so.
    """

    sym_name = prop_def(SymbolNameConstraint())
    causal = opt_prop_def(UnitAttr)
    names = opt_prop_def(DictionaryAttr)

    custom_directives = (DomainText, IntText, NamesText, AssumptionsText)

    assembly_format = f"{HEADER_FORMAT} attr-dict-with-keyword $body"

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

    @property
    def user_names(self) -> dict[str, str]:
        """The names in `names`, by SSA name."""
        if self.names is None:
            return {}
        return {hint: name.data for hint, name in self.names.data.items() if isinstance(name, StringAttr)}

    def verify_header(self) -> None:
        """Check the names, too.

        Raises:
            VerifyException: they are invalid.
        """
        super().verify_header()
        names: Iterable[tuple[str, Attribute]] = () if self.names is None else self.names.data.items()
        for hint, name in names:
            if not isinstance(name, StringAttr) or not name.data:
                raise VerifyException(f"the name that %{hint} stands for must be a string that isn't empty")
            if not SSAValue.is_valid_name(hint) or SSAValue.extract_valid_name(hint) != hint:
                raise VerifyException(f"%{hint} can't stand for a name: it isn't an SSA name, or ends with a number")
