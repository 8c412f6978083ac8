"""Reading modules from text that anybody may have written.

xDSL's parser trusts its input: a string that isn't closed takes it exponential time, splat weights of a huge shape take
all of the memory, and some malformed numbers make it fail with an exception that isn't for users. Here is the reader of
files that stands between.
"""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, cast

from xdsl.context import Context
from xdsl.dialects.builtin import (
    AnyDenseElement,
    AnyFloat,
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    ModuleOp,
    RankedStructure,
)
from xdsl.ir import Attribute, Operation, ParametrizedAttribute
from xdsl.parser import Parser
from xdsl.utils.hints import isa

from raspc.dialects.places import note_place
from raspc.errors import FormatError

MAX_IMPLIED = 1 << 22
"""How many numbers a text may stand for without writing them out: in ranges, identity matrices and splat weights."""

MAX_ALIASED = 1 << 16
"""How many attributes more than it has characters a text may stand for, by aliases."""

_LINE_END = re.compile("\n")

_COMMENT_OR_STRING = re.compile(
    r"""//[^\n]*|"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"|(?P<unclosed>")"""
    rf"""|(?<![\w.])(?P<long>[0-9]{{{sys.int_info.default_max_str_digits + 1},}})"""
)


_STRING = re.compile(r'"[^"]*"')
_HEXADECIMAL = re.compile(r"\b0x[0-9A-Fa-f]+")


def read_module(context: Context, text: str, name: str, *, implicit: bool = True, first_line: int = 1) -> ModuleOp:
    """Parse a module; it isn't verified yet.

    Args:
        context: has the dialects.
        text: a module.
        name: what messages call the file.
        implicit: whether the ops of a module will do.
        first_line: the number of the text's first line in its file.

    Raises:
        FormatError: the text is malformed in a way that xDSL's parser doesn't expect, or stands for too much.
        ParseError: the text is malformed in any other way.
    """
    check_text(text)
    parser = ModuleParser(context, text, name, first_line=first_line)
    try:
        module = parser.parse_module(implicit)
    except (AssertionError, ArithmeticError, ValueError) as error:  # for some malformed numbers, for one
        raise FormatError(f"line {parser.line}: malformed: {error or type(error).__name__}") from error
    except RecursionError as error:
        raise FormatError(f"line {parser.line}: the module is nested too deeply") from error
    _check_aliases(module, MAX_ALIASED + len(text))
    return module


class ModuleParser(Parser):
    """xDSL's parser, which refuses what xDSL would read wrongly, and short texts that stand for too much."""

    def __init__(self, ctx: Context, input: str, name: str = "<unknown>", *, first_line: int = 1) -> None:
        super().__init__(ctx, input, name)
        # Numbers that are written out have at least as many characters.
        self._left = MAX_IMPLIED + len(input)
        self._line_starts = [0, *(match.end() for match in _LINE_END.finditer(input))]
        self._first_line = first_line

    @property
    def line(self) -> int:
        """The line that is being parsed."""
        return self._current_token.span.get_location().line

    def parse_operation(self) -> Operation:
        """Parse an op, and remember on which line it starts."""
        start = self._current_token.span
        op = super().parse_operation()
        note_place(op, start.input.name, self._first_line + bisect_right(self._line_starts, start.start) - 1)
        return op

    def claim(self, count: int) -> None:
        """Note that the text stands for `count` numbers here.

        Raises:
            ParseError: these are more than what is left.
        """
        if count > self._left:
            self.raise_error(f"{count} numbers are too many for what isn't written out")
        self._left -= count

    def parse_dense_int_or_fp_elements_attr(
        self, type: RankedStructure[AnyDenseElement] | None
    ) -> DenseIntOrFPElementsAttr:
        """Parse what follows the keyword `dense`.

        In MLIR a hexadecimal number stands for the bits of a float, where xDSL takes it for an integer. And a string of
        bytes starts with 0x, where xDSL leaves out any two characters, and the last bytes if they are no whole element.
        """
        if type is not None:
            self.claim(_extent(type.get_shape()))
        start = self.pos
        try:
            attr = super().parse_dense_int_or_fp_elements_attr(type)
        except OverflowError:  # for f32 and f16; for bf16 it becomes infinite, which no weight may be
            self.raise_error("a number is too large for its type", start, self.pos)
        text = self.lexer.input.slice(start, self.pos) or ""
        if not all(string.startswith('"0x') for string in _STRING.findall(text)):
            self.raise_error("the bytes of a dense attribute must start with 0x", start, self.pos)
        literal, _, _ = _STRING.sub("", text).rpartition(":")
        if isa(attr.get_element_type(), AnyFloat) and _HEXADECIMAL.search(literal):
            self.raise_error(
                "a float can't be written as the hexadecimal of its bits; write a decimal number", start, self.pos
            )
        expected = math.prod(attr.get_shape()) * attr.get_element_type().compile_time_size
        if len(attr.data.data) != expected:
            self.raise_error(f"expected {expected} bytes, found {len(attr.data.data)}", start, self.pos)
        return attr

    def _parse_dense_literal_type(self) -> Any:
        """Parse the type of a dense attribute, before its elements are made."""
        found = super()._parse_dense_literal_type()
        self.claim(_extent(found.get_shape()))
        return found


def _extent(shape: Sequence[int]) -> int:
    """What a shape stands for: the product of its sizes but for those of 0, which would hide all others."""
    return math.prod(max(1, size) for size in shape)


def check_text(text: str) -> None:
    """Check that every string literal is closed, as those of a truncated file often are not, and no integer too long.

    The parser's own expression for strings takes exponential time to find that out; this one is the same but doesn't
    backtrack.

    Raises:
        FormatError: one isn't closed, or is.
    """
    for match in _COMMENT_OR_STRING.finditer(text):
        problem = None
        if match["unclosed"]:
            problem = "a string literal is not closed, or has an invalid escape sequence"
        elif match["long"]:
            problem = f"a number has more than {sys.int_info.default_max_str_digits} digits"
        if problem:
            line = text.count("\n", 0, match.start()) + 1
            raise FormatError(f"line {line}: {problem}")


def _check_aliases(module: ModuleOp, limit: int) -> None:
    """Check that a module isn't much larger than its text: aliases of aliases can make it exponentially larger.

    Raises:
        FormatError: it is.
    """
    sizes: dict[int, int] = {}
    total = 0
    for op in module.walk():
        attributes: Iterable[Attribute] = (
            *op.attributes.values(),
            *op.properties.values(),
            *(result.type for result in op.results),
            *(arg.type for region in op.regions for block in region.blocks for arg in block.args),
        )
        for attribute in attributes:
            total += _size(attribute, sizes)
        if total > limit:
            raise FormatError(f"the module has more than {limit} attributes, counting what aliases stand for")


def _size(attribute: Attribute, sizes: dict[int, int]) -> int:
    """How many attributes one is made of; `sizes` has those of the attributes seen before, by their identity."""
    known = sizes.get(id(attribute))
    if known is None:
        known = sizes[id(attribute)] = 1 + sum(_size(part, sizes) for part in _parts(attribute))
    return known


def _parts(attribute: Attribute) -> Iterable[Attribute]:
    if isinstance(attribute, ArrayAttr):
        return cast("ArrayAttr[Attribute]", attribute).data
    if isinstance(attribute, DictionaryAttr):
        return attribute.data.values()
    return attribute.parameters if isinstance(attribute, ParametrizedAttribute) else ()
