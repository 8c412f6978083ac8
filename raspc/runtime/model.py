"""Compiled models: a module at the level of the transformer dialect that can be called, inspected and saved."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.dtypes import DType
from raspc.dialects.craft.certificate import Certificate
from raspc.dialects.transformer import model_of
from raspc.dialects.transformer.layers import read_transformer
from raspc.errors import RaspcError
from raspc.lowering.metadata import describe
from raspc.passes.rebinding import valid_certificate
from raspc.runtime.base import Model
from raspc.runtime.files import write_file
from raspc.runtime.probing import check_softmax
from raspc.runtime.trace import Stage, Trace
from raspc.runtime.transformer_interpreter import Recorder, run_model, softmax

if TYPE_CHECKING:
    import onnx

    from raspc.lowering.to_jax import JaxModel


@cache
def _check_numpy(dtype: DType, n_keys: int) -> None:
    """Check once that numpy computes as a certificate assumes.

    Raises:
        RaspcError: it doesn't.
    """
    check_softmax("numpy", softmax, n_keys, dtype.numpy)


class CompiledModel(Model):
    """A transformer in IR, run by the numpy interpreter.

    Args:
        module: a verified module with one `transformer.model`. It must not be changed afterwards; if it is, the model
            has no certificate any more.

    Raises:
        CompileError: the module has no model or more than one, or its model isn't a standard transformer.
        RaspcError: the model is certified, and numpy doesn't compute as its certificate assumes.
    """

    def __init__(self, module: ModuleOp):
        self._transformer = read_transformer(module)
        super().__init__(describe(self._transformer))
        self.module = module
        if self.info.certificate is not None:
            _check_numpy(self.info.dtype, self.max_seq_len + 1)

    def _logits(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.float32]:
        return run_model(self.module, ids, padding)

    def _certificate(self) -> Certificate | None:
        if self.info.certificate is None:
            return None
        return valid_certificate(self._transformer.model)

    def trace(self, tokens: Sequence[object]) -> Trace:
        """Run the model on one sequence, and return every intermediate.

        Raises:
            InputError: the sequence is empty or too long, or a token is not in the vocabulary.
        """
        recorder = Recorder()
        ids = self.codec.encode(tokens)
        logits = run_model(self.module, ids, np.ones(ids.shape, dtype=np.bool_), (recorder,))[0]
        stream = [("embed", self._transformer.embed.result)]
        for layer in self._transformer.layers:
            if layer.attention:
                stream.append((f"{layer.title} attention", layer.attention.add.result))
            if layer.mlp:
                stream.append((f"{layer.title} mlp", layer.mlp.add.result))
        return Trace(
            name=self.name,
            tokens=("BOS", *tokens),
            residual_stream=tuple(
                Stage(name, self.residual_labels, recorder.values[value][0].astype(np.float32))
                for name, value in stream
            ),
            attention=tuple(
                recorder.patterns[layer.attention.op][0].astype(np.float32) if layer.attention else None
                for layer in self._transformer.layers
            ),
            logits=logits,
            outputs=tuple(self.codec.decode(logits)),
        )

    def to_onnx(self) -> onnx.ModelProto:
        """The model in ONNX; see `raspc.lowering.to_onnx`.

        Raises:
            CompileError: the weights don't fit into an ONNX file.
        """
        from raspc.lowering.to_onnx import to_onnx

        return to_onnx(self.module)

    def to_jax(self) -> JaxModel:
        """The model as a pytree of parameters and a pure function; see `raspc.lowering.to_jax`."""
        from raspc.lowering.to_jax import to_jax

        return to_jax(self.module)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file: ONNX for the suffix `.onnx`, the IR as text for `.mlir`.

        The file is replaced as a whole: where saving fails, it stays as it was.

        Raises:
            RaspcError: the suffix is another one.
            CompileError: the weights don't fit into an ONNX file.
            OSError: the file can't be written.
        """
        match Path(path).suffix:
            case ".onnx":
                data = self.to_onnx().SerializeToString(deterministic=True)
            case ".mlir":
                data = (self._text() + "\n").encode()
            case other:
                raise RaspcError(
                    f"{os.fspath(path)}: can't save as {other or 'a file without a suffix'!r}: "
                    "the suffix must be .onnx or .mlir"
                )
        write_file(path, data)

    def _text(self) -> str:
        """The module as text, without a certificate that isn't about it any more."""
        model = self._transformer.model
        if model.certificate is None or valid_certificate(model) is not None:
            return str(self.module)
        module = self.module.clone()
        model_of(module).certificate = None
        return str(module)
