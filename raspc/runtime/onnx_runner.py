"""Models in ONNX, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from raspc.errors import FormatError, RaspcError
from raspc.lowering.from_onnx import from_onnx
from raspc.lowering.metadata import ModelInfo
from raspc.lowering.to_onnx import INPUTS, METADATA_KEY, OUTPUTS, softmax_model
from raspc.runtime.base import Model, without_padding
from raspc.runtime.onnx_session import OnnxRuntimeError, OnnxSession
from raspc.runtime.probing import check_softmax


@cache
def _check_onnx_runtime(providers: tuple[str, ...], threads: int, n_keys: int) -> None:
    """Check once that ONNX Runtime computes as a certificate assumes.

    Raises:
        RaspcError: it doesn't.
    """
    session = OnnxSession(softmax_model().SerializeToString(), providers, threads)
    check_softmax("ONNX Runtime", lambda scores: session.run(["pattern"], {"scores": scores})[0], n_keys)


class OnnxModel(Model):
    """An ONNX model that raspc exported, run by ONNX Runtime.

    Args:
        data: the bytes of an ONNX file.
        providers: ONNX Runtime's execution providers, in order of preference.
        threads: threads for a single operator; the models are small, and more than one rarely pays.

    Raises:
        FormatError: the bytes are not an ONNX model, or not one that raspc exported.
        RaspcError: the model is certified, and ONNX Runtime doesn't compute as its certificate assumes.
    """

    def __init__(self, data: bytes, *, providers: Sequence[str] = ("CPUExecutionProvider",), threads: int = 1):
        super().__init__(read_info(data))
        try:
            self._session = OnnxSession(data, providers, threads)
        except OnnxRuntimeError as error:
            raise FormatError(f"ONNX Runtime can't load the model: {error}") from error
        if self.info.certificate is not None:
            _check_onnx_runtime(tuple(providers), threads, self.max_seq_len + 1)

    def _logits(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.float32]:
        return self._run(ids, padding)[0]

    def _output_ids(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.int64]:
        logits, output_ids = self._run(ids, padding)
        self.codec.check_logits(without_padding(logits, padding))
        if output_ids.min(initial=0) < 0 or output_ids.max(initial=0) > len(self.info.outputs):
            raise RaspcError("the model computed an output that is not in its list of output values")
        return output_ids

    def _run(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        feeds = dict(zip(INPUTS, (ids, padding.astype(np.int64)), strict=True))
        try:
            logits, output_ids = self._session.run(OUTPUTS, feeds)
        except OnnxRuntimeError as error:
            raise RaspcError(f"ONNX Runtime can't run the model: {error}") from error
        return logits, output_ids


def read_info(data: bytes) -> ModelInfo:
    """What an ONNX file says about its model, and a check that the model is nothing else; see `from_onnx`.

    Raises:
        FormatError: the bytes are not an ONNX model, or not one that raspc exported.
    """
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise FormatError("not an ONNX model, or a truncated one") from error
    entries = [entry.value for entry in model.metadata_props if entry.key == METADATA_KEY]
    if len(entries) != 1:
        raise FormatError("not a model that raspc exported: it has no metadata entry 'raspc'")
    info = ModelInfo.from_json(entries[0])
    from_onnx(model, info)
    return info
