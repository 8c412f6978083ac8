"""ONNX Runtime with types and with one kind of exception.

The package has no type information, which is why this file alone imports it.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

_ERRORS: tuple[type[Exception], ...] = tuple(
    getattr(ort_errors, name)
    for name in (
        "EPFail",
        "EngineError",
        "Fail",
        "InvalidArgument",
        "InvalidGraph",
        "InvalidProtobuf",
        "ModelLoaded",
        "NoModel",
        "NoSuchFile",
        "NotImplemented",
        "RuntimeException",
    )
)
"""What ONNX Runtime raises: the classes have no common base of their own."""

_LOG_NOTHING = 4
"""The log level at which ONNX Runtime doesn't write the errors that it raises to stderr, too."""


class OnnxRuntimeError(Exception):
    """ONNX Runtime refuses a model or an input; the message is its message's first line."""


class OnnxSession:
    """A model in ONNX Runtime.

    Args:
        data: the bytes of the model.
        providers: execution providers in order of preference.
        threads: threads for a single operator.

    Raises:
        OnnxRuntimeError: the model is not valid.
    """

    def __init__(self, data: bytes, providers: Sequence[str], threads: int):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = _LOG_NOTHING
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=list(providers))
        except _ERRORS as error:
            raise OnnxRuntimeError(first_line(error)) from error

    def run(self, outputs: Sequence[str], inputs: Mapping[str, NDArray[Any]]) -> list[Any]:
        """The values of some outputs, as arrays.

        Raises:
            OnnxRuntimeError: the model can't run on these inputs.
        """
        try:
            return list(self._session.run(list(outputs), dict(inputs)))
        except _ERRORS as error:
            raise OnnxRuntimeError(first_line(error)) from error


def first_line(error: Exception) -> str:
    """The first line of an exception's message."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
