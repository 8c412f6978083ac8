"""A mutant in a process that has imported everything: the functions that it changes get their new code.

A fork of such a process takes milliseconds where a new one would import and collect for many seconds. What a module
does when it is imported (constants, fields, defaults of arguments) can't be changed so.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType
from typing import TypeAlias

Functions: TypeAlias = Mapping[tuple[str, str, int], list[FunctionType]]
"""Functions by their file, qualified name and first line."""

IGNORED = ("co_consts", "co_firstlineno", "co_lnotab", "co_linetable", "co_exceptiontable", "co_filename")
PLAIN = [name for name in dir(CodeType) if name.startswith("co_") and not callable(getattr(CodeType, name))]
"""What a code object is made of, as far as it can be compared, but for lines and constants."""


class ImportedError(Exception):
    """A mutant changes what runs when the module is imported."""


def all_functions() -> Functions:
    """The functions of this process."""
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for function in gc.get_objects():
        if type(function) is FunctionType:
            code = function.__code__
            found.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), []).append(function)
    return found


def swap(filename: str, before: str, after: str, functions: Functions) -> None:
    """Give the functions of a file the code that they have after a change of its source.

    Raises:
        ImportedError: not only functions change, or it isn't clear which.
    """
    pairs = list(_changed(compile(before, filename, "exec"), compile(after, filename, "exec")))
    if not pairs:
        raise ImportedError
    for old, new in pairs:
        for function in functions.get((filename, old.co_qualname, old.co_firstlineno), []):
            if old.co_code != function.__code__.co_code or old.co_freevars != new.co_freevars:
                raise ImportedError
            function.__code__ = new


def _changed(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The functions that differ, those within others too."""
    inner_old, inner_new = ([c for c in code.co_consts if isinstance(c, CodeType)] for code in (old, new))
    is_function = bool(old.co_flags & inspect.CO_NEWLOCALS)
    itself = len(inner_old) != len(inner_new) or not _is_same_itself(old, new)
    if itself and not is_function:
        raise ImportedError
    within = [] if itself else [p for a, b in zip(inner_old, inner_new, strict=True) for p in _changed(a, b)]
    if is_function and (itself or within):
        yield old, new
    yield from within


def _is_same_itself(old: CodeType, new: CodeType) -> bool:
    consts = [[(type(c), repr(c)) for c in code.co_consts if not isinstance(c, CodeType)] for code in (old, new)]
    return consts[0] == consts[1] and all(
        getattr(old, name) == getattr(new, name) for name in PLAIN if name not in IGNORED
    )
