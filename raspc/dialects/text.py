"""Reading the text of a module: what xDSL's parser doesn't check."""

from __future__ import annotations

import math
import re

from xdsl.dialects.builtin import AnyDenseElement, AnyFloat, DenseIntOrFPElementsAttr, RankedStructure
from xdsl.parser import Parser
from xdsl.utils.hints import isa

from raspc.errors import FormatError

_COMMENT_OR_STRING = re.compile(r"""//[^\n]*|"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"|(?P<unclosed>")""")

_STRING = re.compile(r'"[^"]*"')
_HEXADECIMAL = re.compile(r"\b0x[0-9A-Fa-f]+")


class ModuleParser(Parser):
    """xDSL's parser, which refuses `dense` attributes that xDSL would read wrongly or couldn't print."""

    def parse_dense_int_or_fp_elements_attr(
        self, type: RankedStructure[AnyDenseElement] | None
    ) -> DenseIntOrFPElementsAttr:
        """Parse what follows the keyword `dense`.

        In MLIR a hexadecimal number stands for the bits of a float, where xDSL takes it for an integer. And a string of
        bytes starts with 0x, where xDSL leaves out any two characters, and the last bytes if they are no whole element.
        """
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


def check_strings(text: str) -> None:
    """Check that every string literal is closed, as those of a truncated file often are not.

    The parser's own expression for strings takes exponential time to find that out; this one is the same but doesn't
    backtrack.
    """
    for match in _COMMENT_OR_STRING.finditer(text):
        if match["unclosed"]:
            line = text.count("\n", 0, match.start()) + 1
            raise FormatError(f"line {line}: a string literal is not closed, or has an invalid escape sequence")
