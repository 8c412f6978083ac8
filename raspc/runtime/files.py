"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file as a whole or not at all: it is written aside and then renamed. A link's target is replaced.

    Raises:
        OSError: the file can't be written; nothing has changed then.
    """
    target = Path(path).resolve()
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    # The umask applies to the mode given here, as to any new file's.
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except OSError as error:
        error.filename = os.fspath(path)
        raise
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, target)
    except BaseException as error:
        aside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = os.fspath(path), None
        raise
