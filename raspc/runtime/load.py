"""Reading models back from files."""

from __future__ import annotations

import os
from pathlib import Path

from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.utils.exceptions import ParseError, VerifyException

from raspc.dialects.text import ModuleParser, check_strings
from raspc.errors import CompileError, FormatError
from raspc.runtime.base import Model
from raspc.runtime.model import CompiledModel
from raspc.universe import DIALECTS

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
    check_strings(text)
    context = Context()
    context.load_dialect(Builtin)
    for dialect_name, factory in DIALECTS.items():
        context.register_dialect(dialect_name, factory)
    try:
        module = ModuleParser(context, text, name).parse_module()
    except ParseError as error:
        location = error.span.get_location()
        raise FormatError(f"line {location.line}, column {location.col}: {error.msg}") from error
    except (AssertionError, OverflowError, ValueError) as error:  # what xDSL's parser raises for some malformed numbers
        raise FormatError(f"malformed: {error}") from error
    except RecursionError as error:
        raise FormatError("the module is nested too deeply") from error
    except VerifyException as error:
        raise FormatError(f"the module is invalid: {error}") from error
    levels = {op.dialect_name() for op in module.walk()}
    for level in EARLIER_LEVELS:
        if level in levels:
            from raspc.pipelines import DEFAULT_PIPELINE, pipeline_text

            raise FormatError(
                f"the module is still at the level of the {level} dialect\n"
                f"  help: of the passes {pipeline_text(DEFAULT_PIPELINE)}, run those that remain, with rasp-opt -p"
            )
    try:
        module.verify()
    except VerifyException as error:
        raise FormatError(f"the module is invalid: {error}") from error
    return module
