"""ONNX's textual form as an xDSL target: `rasp-opt -t onnx-text`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target


@dataclass(frozen=True)
class OnnxTextTarget(Target):
    """Prints a module at the level of the transformer dialect as ONNX text, which `onnx.parser` reads back.

    The text is for people and for tests; `raspc compile -o model.onnx` writes the binary form.
    """

    name = "onnx-text"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        """Print the ONNX model of `module`.

        Raises:
            CompileError: the module can't be exported; see `to_onnx`.
        """
        import onnx.printer

        from raspc.lowering.to_onnx import to_onnx

        output.write(onnx.printer.to_text(to_onnx(module)) + "\n")
