"""Errors of xDSL as messages for a person."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

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
        op = _innermost_invalid(module)
        raise VerifyException(str(error) if op is None else f"{op.name}: {error}\n  in: {_one_line(op)}") from error


def _innermost_invalid(module: ModuleOp) -> Operation | None:
    """The first op that is invalid by itself, whatever it contains."""
    for op in module.walk():
        try:
            op.verify(verify_nested_ops=False)
        except VerifyException:
            return op
    return None


def _one_line(op: Operation) -> str:
    try:
        return str(op).partition("\n")[0]
    except Exception:  # an invalid op may have no text
        return op.name


def shortened(message: str) -> str:
    """A message without the ends of very long lines, and without the blank lines at its end."""
    lines = message.rstrip().splitlines()
    return "\n".join(line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…" for line in lines)
