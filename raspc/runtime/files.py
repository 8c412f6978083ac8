"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def write_file(path: str | os.PathLike[str], data: bytes) -> None:
    """Write a file as a whole or not at all: it is written aside and then renamed. A link's target is replaced.

    What is no file, such as /dev/null or a named pipe, is written to and stays what it is.

    Raises:
        OSError: the file can't be written; nothing has changed then.
    """
    target = Path(path).resolve()
    if target.exists() and not target.is_file() and not target.is_dir():
        target.write_bytes(data)
        return
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        _write_aside(aside, data)
        os.replace(aside, target)
    except OSError as error:
        _remove(aside)
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, os.fspath(path)) from error
    except BaseException:
        _remove(aside)
        raise


def _write_aside(aside: Path, data: bytes) -> None:
    # The umask applies to the mode given here, as to any new file's.
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove(aside: Path) -> None:
    with suppress(OSError):  # where it couldn't be written, it may not be there to remove
        aside.unlink(missing_ok=True)
