"""A runtime whose softmax isn't what a certificate assumes is found out before a model runs there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import raspc
from raspc.algebra.dtypes import DTYPES
from raspc.errors import RaspcError
from raspc.lowering.to_onnx import to_onnx
from raspc.rasp import library
from raspc.runtime import jax_runner, model, onnx_runner
from raspc.runtime.base import Model
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from raspc.runtime.onnx_session import OnnxSession
from raspc.runtime.probing import check_softmax, probe_scores
from raspc.runtime.transformer_interpreter import softmax


def reciprocal(scores: NDArray[Any]) -> NDArray[Any]:
    """A softmax that multiplies with a reciprocal which is off by one unit."""
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exponentials * np.nextafter(np.float32(1) / exponentials.sum(axis=-1, keepdims=True), np.float32(0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_softmax_of_the_interpreter_is_as_assumed(dtype: str):
    for n_keys in (1, 2, 17, 300):
        check_softmax("numpy", softmax, n_keys, DTYPES[dtype].numpy)


def test_one_score_leads_in_each_row():
    scores = probe_scores(40)
    assert ((scores > 0).sum(axis=-1) == 1).all()
    assert scores[0, 0, 0, 0] > 0
    assert scores[0, 0, -1, -1] > 0


def test_a_weight_that_is_off_by_one_unit_is_refused():
    with pytest.raises(RaspcError, match=r"gives the weight 0\.99999.* to a score that is far ahead of 0 o") as caught:
        check_softmax("a runtime", reciprocal, 5)
    assert "exactly 1, as the model's certificate assumes" in str(caught.value)


def test_a_softmax_that_is_off_for_long_rows_alone_is_refused():
    def late(scores: NDArray[Any]) -> NDArray[Any]:
        return softmax(scores) if scores.shape[-1] < 40 else reciprocal(scores)

    check_softmax("a runtime", late, 39)
    with pytest.raises(RaspcError, match="far ahead of 40 others"):
        check_softmax("a runtime", late, 41)


class _OffSession(OnnxSession):
    """A session in which the softmax alone is another one."""

    def run(self, outputs: Any, inputs: Any) -> list[Any]:
        return [reciprocal(inputs["scores"])] if "scores" in inputs else super().run(outputs, inputs)


def _off_numpy(patch: pytest.MonkeyPatch) -> None:
    model._check_numpy.cache_clear()
    patch.setattr(model, "softmax", reciprocal)


def _off_onnx(patch: pytest.MonkeyPatch) -> None:
    onnx_runner._check_onnx_runtime.cache_clear()
    patch.setattr(onnx_runner, "OnnxSession", _OffSession)


def _off_jax(patch: pytest.MonkeyPatch) -> None:
    jax_runner._check_jax.cache_clear()
    patch.setattr(jax_runner, "pattern_of", lambda scores: scores / 65)


RUNTIMES: dict[str, tuple[Callable[[CompiledModel], Model], Callable[[pytest.MonkeyPatch], None]]] = {
    "numpy": (lambda compiled: CompiledModel(compiled.module), _off_numpy),
    "ONNX Runtime": (lambda compiled: OnnxModel(to_onnx(compiled.module).SerializeToString()), _off_onnx),
    "JAX": (lambda compiled: JaxRunner(compiled.to_jax()), _off_jax),
}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_certified_model_doesn_t_run_where_its_assumption_fails(runtime: str, monkeypatch: pytest.MonkeyPatch):
    compiled = raspc.compile(library.make_length(), ["a", "b"], 3)
    run, make_off = RUNTIMES[runtime]
    run(compiled)
    make_off(monkeypatch)
    with pytest.raises(RaspcError, match=f"{runtime} gives the weight"):
        run(compiled)
