"""Errors of xDSL as messages for a person."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.places import InvalidPartError, place_of

MAX_LINE = 200
"""Longer lines of a message are cut."""


def verify(module: ModuleOp) -> None:
    """Verify a module.

    Raises:
        VerifyException: an op is invalid; the message shows it.
    """
    try:
        module.verify()
    except VerifyException as error:
        for op in reversed(list(module.walk())):  # what is nested comes before what contains it
            try:
                op.verify(verify_nested_ops=False)
            except VerifyException as cause:
                about = cause.op if isinstance(cause, InvalidPartError) else op
                place = place_of(about)
                lead = f"{place}: " if place else ""
                raise VerifyException(f"{lead}{about.name}: {cause}\n  in: {_one_line(about)}") from error
        raise


def _one_line(op: Operation) -> str:
    try:
        return str(op).partition("\n")[0]
    except Exception:  # an invalid op may have no text
        return op.name


def shortened(message: str, most: int = MAX_LINE) -> str:
    """A message without the ends of very long lines, and without the blank lines at its end."""
    lines = message.rstrip().splitlines()
    return "\n".join(line if len(line) <= most else f"{line[:most]}…" for line in lines)
