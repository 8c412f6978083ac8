"""Where the user wrote an expression."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from raspc.errors import SourceLocation

_PACKAGE = str(Path(__file__).parent.parent) + os.sep


def is_in_raspc(file: str) -> bool:
    """Whether a file of Python code belongs to raspc."""
    return file.startswith(_PACKAGE)


def user_location() -> SourceLocation | None:
    """The file and line of the innermost caller outside of raspc.

    The library of programs is part of raspc, so what it builds points to whoever asked for it. `None` if there
    is no such caller.
    """
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame is not None:
        file = frame.f_code.co_filename
        if not is_in_raspc(file):
            return SourceLocation(file, frame.f_lineno)
        frame = frame.f_back
    return None
