"""raspc compiles RASP programs to exact transformers.

>>> from raspc import rasp
>>> import raspc
>>> model = raspc.compile(rasp.tokens, vocab=[1, 2], max_seq_len=3)
>>> model([2, 1])
[2, 1]
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from raspc import rasp
from raspc._version import __version__
from raspc.compiler import compile  # noqa: A004  the name that users expect
from raspc.errors import (
    CompatibilityWarning,
    CompileError,
    FormatError,
    InputError,
    MeaningError,
    MeaningWarning,
    ProgramError,
    RaspcError,
    ReservedTokenError,
)

if TYPE_CHECKING:
    from raspc.runtime.base import Model


def load(path: str | os.PathLike[str]) -> Model:
    """Load a model that was saved as `.onnx` or `.mlir`; it is called like the one that was saved.

    Raises:
        FormatError: the file isn't a model that raspc wrote.
        OSError: the file can't be read.
    """
    from raspc.runtime.load import load as load_model

    return load_model(path)


__all__ = [
    "CompatibilityWarning",
    "CompileError",
    "FormatError",
    "InputError",
    "MeaningError",
    "MeaningWarning",
    "ProgramError",
    "RaspcError",
    "ReservedTokenError",
    "__version__",
    "compile",
    "load",
    "rasp",
]
