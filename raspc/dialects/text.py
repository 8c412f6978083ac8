"""Checks on the text of a module before xDSL parses it."""

from __future__ import annotations

import re

from raspc.errors import FormatError

_COMMENT_OR_STRING = re.compile(r"""//[^\n]*|"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"|(?P<unclosed>")""")


def check_strings(text: str) -> None:
    """Check that every string literal is closed, as those of a truncated file often are not.

    The parser's own expression for strings takes exponential time to find that out; this one is the same but doesn't
    backtrack.
    """
    for match in _COMMENT_OR_STRING.finditer(text):
        if match["unclosed"]:
            line = text.count("\n", 0, match.start()) + 1
            raise FormatError(f"line {line}: a string literal is not closed, or has an invalid escape sequence")
