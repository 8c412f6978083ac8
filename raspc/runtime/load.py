"""Reading models back from files."""

from __future__ import annotations

import os
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from raspc.errors import CompileError, FormatError
from raspc.runtime.base import Model
from raspc.runtime.model import CompiledModel
from raspc.runtime.parsing import parse_text, verify

EARLIER_LEVELS = ("rasp", "craft")
"""The dialects of modules that must still be compiled."""


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model from a file that `CompiledModel.save` wrote.

    Returns:
        An `OnnxModel`, run by ONNX Runtime, for the suffix `.onnx`, and a `CompiledModel` for `.mlir`.

    Raises:
        FormatError: the file is truncated, malformed, not written by raspc, or of another suffix.
        OSError: the file can't be read.
    """
    path = Path(path)
    if path.suffix not in (".onnx", ".mlir"):
        raise FormatError(f"{path}: not a model: the suffix must be .onnx or .mlir")
    data = path.read_bytes()
    if not data:
        raise FormatError(f"{path}: the file is empty")
    try:
        return _load_onnx(data) if path.suffix == ".onnx" else CompiledModel(parse_module(data, str(path)))
    except (FormatError, CompileError) as error:
        raise FormatError(f"{path}: {error}") from error


def _load_onnx(data: bytes) -> Model:
    from raspc.runtime.onnx_runner import OnnxModel

    return OnnxModel(data)


def parse_module(data: bytes, name: str) -> ModuleOp:
    """Parse and verify a module at the level of the transformer dialect.

    Args:
        data: the text, in UTF-8.
        name: what the parser calls the file.

    Raises:
        FormatError: the text is malformed, doesn't verify, or is of an earlier level.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise FormatError("not text in UTF-8") from error
    module = parse_text(text, name)
    levels = {op.dialect_name() for op in module.walk()}
    for level in EARLIER_LEVELS:
        if level in levels:
            from raspc.pipelines import DEFAULT_PIPELINE, pipeline_text

            raise FormatError(
                f"the module is still at the level of the {level} dialect\n"
                f"  help: of the passes {pipeline_text(DEFAULT_PIPELINE)}, run those that remain, with rasp-opt -p"
            )
    verify(module)
    return module
