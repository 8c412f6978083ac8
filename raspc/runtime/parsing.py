"""Modules from text that anybody may have written."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.utils.exceptions import ParseError, VerifyException

from raspc.dialects.text import read_module
from raspc.errors import FormatError
from raspc.universe import DIALECTS


def parse_text(text: str, name: str) -> ModuleOp:
    """Parse a module of any level, without verifying it as a whole.

    Args:
        text: the module, or its ops alone.
        name: what the parser calls the text.

    Raises:
        FormatError: the text is malformed.
    """
    context = Context()
    context.load_dialect(Builtin)
    for dialect_name, factory in DIALECTS.items():
        context.register_dialect(dialect_name, factory)
    try:
        return read_module(context, text, name)
    except ParseError as error:
        location = error.span.get_location()
        raise FormatError(f"line {location.line}, column {location.col}: {error.msg}") from error
    except VerifyException as error:
        raise FormatError(f"the module is invalid: {error}") from error


def verify(module: ModuleOp) -> None:
    """Verify a module.

    Raises:
        FormatError: it is invalid.
    """
    try:
        module.verify()
    except VerifyException as error:
        raise FormatError(f"the module is invalid: {error}") from error
