"""Assembly-format directives of the craft dialect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import I64, ArrayAttr, DenseArrayBase, Float64Type, FloatAttr, IntAttr, f64, i64
from xdsl.ir import Attribute
from xdsl.irdl import IRDLOperation
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    ParsingState,
    PrintingState,
    TypeDirective,
    irdl_custom_directive,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.hints import isa

from raspc.dialects.craft.attributes import (
    MatrixAttr,
    ProductAttr,
    SubspaceType,
    parse_matrix,
    parse_numbers,
    parse_product,
    parse_subspace,
    print_matrix,
    print_nested,
    print_product,
    print_subspace,
)
from raspc.dialects.directives import int_of
from raspc.dialects.rasp import syntax


def numbers_attr(numbers: object) -> DenseArrayBase[Float64Type]:
    """A vector of 64-bit floats as an attribute."""
    return DenseArrayBase.from_list(f64, [float(x) for x in np.asarray(numbers, dtype=np.float64).ravel().tolist()])


def clauses_attr(sizes: Sequence[int] | None) -> DenseArrayBase[I64] | None:
    """The numbers of terms of a head's clauses as an attribute; `None` if each term is one."""
    return None if sizes is None or all(size == 1 for size in sizes) else DenseArrayBase.from_list(i64, sizes)


def partial_attr(numbers: Sequence[int]) -> DenseArrayBase[I64] | None:
    """The numbers of the results that are partial as an attribute; `None` if there are none."""
    return DenseArrayBase.from_list(i64, numbers) if numbers else None


@irdl_custom_directive
class SubspaceText(CustomDirective):
    """A subspace without `!craft.vec`: `"length" 1 to 5`."""

    inner: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.inner.set(state, (parse_subspace(parser),))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        (subspace,) = self.inner.get(op)
        assert isinstance(subspace, SubspaceType)
        print_subspace(printer, subspace)


@irdl_custom_directive
class SubspacesText(CustomDirective):
    """One or more subspaces: `"length" 1 to 5, "hist" 1 to 5`."""

    inner: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.inner.set(state, parser.parse_comma_separated_list(parser.Delimiter.NONE, lambda: parse_subspace(parser)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        subspaces = [subspace for subspace in self.inner.get(op) if isinstance(subspace, SubspaceType)]
        printer.print_list(subspaces, lambda subspace: print_subspace(printer, subspace))


@irdl_custom_directive
class ResultsText(CustomDirective):
    """One or more subspaces, of which some results are partial: `"length" 1 to 5, "sum" numerical [0, 1] partial`."""

    inner: TypeDirective
    partial: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        partial: list[bool] = []

        def parse_result() -> Attribute:
            subspace = parse_subspace(parser)
            partial.append(parser.parse_optional_keyword("partial") is not None)
            return subspace

        self.inner.set(state, parser.parse_comma_separated_list(parser.Delimiter.NONE, parse_result))
        numbers = partial_attr([number for number, is_partial in enumerate(partial) if is_partial])
        if numbers is not None:
            self.partial.set(state, numbers)

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.partial.get(op)
        numbers = attr.get_values() if isinstance(attr, DenseArrayBase) else ()
        subspaces = [subspace for subspace in self.inner.get(op) if isinstance(subspace, SubspaceType)]

        def print_result(result: tuple[int, SubspaceType]) -> None:
            print_subspace(printer, result[1])
            if result[0] in numbers:
                printer.print_string(" partial")

        printer.print_list(list(enumerate(subspaces)), print_result)


@irdl_custom_directive
class MatrixText(CustomDirective):
    """A matrix in parentheses: `(2 by 2 identity)`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        with parser.in_parens():
            self.attribute.set(state, MatrixAttr(parse_matrix(parser)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isinstance(attr, MatrixAttr)
        state.print_whitespace(printer)
        with printer.in_parens():
            print_matrix(printer, attr.data)
        state.last_was_punctuation = False
        state.should_emit_space = True


@irdl_custom_directive
class MatricesText(CustomDirective):
    """Matrices in parentheses: `(2 by 2 identity, 1 by 2 [[1, -1]])`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        matrices = parser.parse_comma_separated_list(parser.Delimiter.PAREN, lambda: MatrixAttr(parse_matrix(parser)))
        self.attribute.set(state, ArrayAttr(matrices))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isa(attr, ArrayAttr[MatrixAttr])
        with printer.in_parens():
            printer.print_list(attr.data, lambda matrix: print_matrix(printer, matrix.data))
        state.last_was_punctuation = False
        state.should_emit_space = True


@irdl_custom_directive
class BilinearsText(CustomDirective):
    """Matrices and products of two, in parentheses: `(2 by 2 identity, product(2 by 1 [[1], [2]], 1 by 1 [[3]]))`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        forms = parser.parse_comma_separated_list(parser.Delimiter.PAREN, lambda: self._parse_form(parser))
        self.attribute.set(state, ArrayAttr(forms))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isa(attr, ArrayAttr[MatrixAttr | ProductAttr])
        with printer.in_parens():
            printer.print_list(attr.data, lambda form: self._print_form(printer, form))
        state.last_was_punctuation = False
        state.should_emit_space = True

    @staticmethod
    def _parse_form(parser: Parser) -> MatrixAttr | ProductAttr:
        if not parser.parse_optional_keyword("product"):
            return MatrixAttr(parse_matrix(parser))
        with parser.in_parens():
            return ProductAttr(parse_product(parser))

    @staticmethod
    def _print_form(printer: Printer, form: MatrixAttr | ProductAttr) -> None:
        if isinstance(form, MatrixAttr):
            print_matrix(printer, form.data)
            return
        printer.print_string("product")
        with printer.in_parens():
            print_product(printer, form.data)


@irdl_custom_directive
class NumbersText(CustomDirective):
    """A vector of numbers: `[0, 0.5]`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        self.attribute.set(state, numbers_attr(parse_numbers(parser)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        attr = self.attribute.get(op)
        assert isinstance(attr, DenseArrayBase)
        print_nested(printer, np.array(attr.get_values(), dtype=np.float64))


@irdl_custom_directive
class ClausesText(CustomDirective):
    """How many terms of a head's score are in each clause, printed where a clause has several: `clauses [1, 2]`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        if parser.parse_optional_keyword("clauses"):
            sizes = parser.parse_comma_separated_list(
                parser.Delimiter.SQUARE, lambda: parser.parse_integer(allow_boolean=False, allow_negative=False)
            )
            self.attribute.set(state, DenseArrayBase.from_list(i64, sizes))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        if attr is not None:
            assert isinstance(attr, DenseArrayBase)
            state.print_whitespace(printer)
            printer.print_string("clauses ")
            with printer.in_square_brackets():
                printer.print_list(attr.get_values(), lambda size: printer.print_string(str(size)))
            state.should_emit_space, state.last_was_punctuation = True, False


@irdl_custom_directive
class LeadText(CustomDirective):
    """What BOS scores in addition, printed if there is such a lead: `lead 6.0`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        if parser.parse_optional_keyword("lead"):
            self.attribute.set(state, FloatAttr(float(syntax.parse_number(parser)), 64))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        if attr is not None:
            assert isinstance(attr, FloatAttr)
            state.print_whitespace(printer)
            printer.print_string("lead ")
            syntax.print_value(printer, attr.value.data)
            state.should_emit_space, state.last_was_punctuation = True, False


@irdl_custom_directive
class LayerText(CustomDirective):
    """The layer of a component, printed once it is scheduled: `layer 0`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        if parser.parse_optional_keyword("layer"):
            self.attribute.set(state, IntAttr(parser.parse_integer(allow_boolean=False, allow_negative=False)))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        if attr is not None:
            state.print_whitespace(printer)
            printer.print_string(f"layer {int_of(attr)} ")
            state.should_emit_space, state.last_was_punctuation = False, True
