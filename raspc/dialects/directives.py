"""Assembly-format directives shared by the dialects: attributes in the form that a person would write."""

from __future__ import annotations

from xdsl.dialects.builtin import FloatAttr, IntAttr
from xdsl.ir import Attribute
from xdsl.irdl import IRDLOperation
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    OperandVariable,
    ParsingState,
    PrintingState,
    TypeDirective,
    VariadicOperandVariable,
    irdl_custom_directive,
)
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer
from xdsl.utils.hints import isa

from raspc.dialects.rasp import syntax
from raspc.dialects.rasp.attributes import (
    DomainAttr,
    FunctionAttr,
    SopType,
    ValueAttr,
    parse_sop_type,
    print_sop_type,
)


def parse_defined_operand(parser: Parser) -> tuple[UnresolvedOperand, Attribute]:
    """Parse an operand that must be defined already, and give its type."""
    operand = parser.parse_unresolved_operand()
    values = parser.ssa_values.get(operand.operand_name)
    if values is None or operand.index >= len(values):
        parser.raise_error(f"%{operand.operand_name} is used before it is defined", operand.span)
    return operand, values[operand.index].type


@irdl_custom_directive
class Defined(CustomDirective):
    """An operand whose type isn't written because its definition stands above: `%tokens`."""

    operand: OperandVariable
    operand_type: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        operand, operand_type = parse_defined_operand(parser)
        self.operand.set(state, operand)
        self.operand_type.set(state, (operand_type,))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        self.operand.print(printer, state, op)


@irdl_custom_directive
class AllDefined(CustomDirective):
    """A list in parentheses of operands whose types aren't written: `(%length, %indices)`."""

    operands: VariadicOperandVariable
    operand_types: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        parsed = parser.parse_comma_separated_list(parser.Delimiter.PAREN, lambda: parse_defined_operand(parser))
        self.operands.set(state, [operand for operand, _ in parsed])
        self.operand_types.set(state, [operand_type for _, operand_type in parsed])

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        with printer.in_parens():
            printer.print_list(self.operands.get(op), printer.print_ssa_value)
        state.last_was_punctuation = False
        state.should_emit_space = True


@irdl_custom_directive
class DomainText(CustomDirective):
    """A `DomainAttr` without its brackets: `[1, 2] or none`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.attribute.set(state, DomainAttr(syntax.parse_domain(parser)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.attribute.get(op)
        assert isinstance(attr, DomainAttr)
        syntax.print_domain(printer, attr.data)


@irdl_custom_directive
class ValueText(CustomDirective):
    """A `ValueAttr` without its brackets: `"a"`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.attribute.set(state, ValueAttr(syntax.parse_maybe_value(parser)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.attribute.get(op)
        assert isinstance(attr, ValueAttr)
        syntax.print_value(printer, attr.data)


@irdl_custom_directive
class DefaultText(CustomDirective):
    """An optional `ValueAttr` after the keyword `default`; undefined is not printed."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        value = syntax.parse_maybe_value(parser) if parser.parse_optional_keyword("default") else None
        self.attribute.set(state, ValueAttr(value))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isinstance(attr, ValueAttr)
        if attr.data is not None:
            state.print_whitespace(printer)
            printer.print_string("default ")
            syntax.print_value(printer, attr.data)


@irdl_custom_directive
class FunctionText(CustomDirective):
    """A `FunctionAttr` without its brackets: `"l, i -> l - i - 1"` or `eq`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.attribute.set(state, FunctionAttr(syntax.parse_function(parser)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.attribute.get(op)
        assert isinstance(attr, FunctionAttr)
        syntax.print_function(printer, attr.data)


@irdl_custom_directive
class SopTypeText(CustomDirective):
    """The type of an s-op without `!rasp.sop`: `numerical 0 to 4`."""

    inner: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.inner.set(state, (parse_sop_type(parser),))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        (sop_type,) = self.inner.get(op)
        assert isinstance(sop_type, SopType)
        print_sop_type(printer, sop_type)


def int_of(attr: Attribute | None) -> int:
    """The integer of an `IntAttr`."""
    assert isa(attr, IntAttr)
    return attr.data


@irdl_custom_directive
class IntText(CustomDirective):
    """An `IntAttr` as a plain integer."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.attribute.set(state, IntAttr(parser.parse_integer(allow_boolean=False)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.attribute.get(op)
        printer.print_string(str(int_of(attr)))


@irdl_custom_directive
class FloatText(CustomDirective):
    """A 64-bit `FloatAttr` as the shortest number that reads back the same: `0.5`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.attribute.set(state, FloatAttr(float(syntax.parse_number(parser)), 64))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.attribute.get(op)
        assert isinstance(attr, FloatAttr)
        syntax.print_value(printer, attr.value.data)
