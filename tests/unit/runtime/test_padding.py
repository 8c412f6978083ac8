"""What a model computes at padding is of no consequence, even where it overflows."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.domain import Domain
from raspc.lowering.to_jax import to_jax
from raspc.lowering.to_onnx import to_onnx
from raspc.runtime.base import Model
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from tests.unit.runtime.toy_models import ToyModel

LENGTH = 3
BOS, LOST, FAR, OUT = 0, 1, 2, 3
PLACES = slice(4, 4 + LENGTH)
D_MODEL = 4 + LENGTH


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, dtype=np.float32)


def overflowing(*, causal: bool) -> ModuleOp:
    """A model in which a position that doesn't find itself computes infinity, and all positions read each other.

    A token finds itself, since its key is seen. At padding the key isn't, and the head rests on BOS: `lost` is positive
    there, two perceptrons make it 1e38 times as large each, and that overflows. All positions read the result.
    """
    labels = ["bos", "lost", "far", "out", *(f"place:{number}" for number in range(LENGTH))]
    toy = ToyModel("overflowing", Domain.of(["a"]), LENGTH, Domain.of(["a"]), labels, causal=causal)
    w_e, w_pos = zeros(2, D_MODEL), zeros(LENGTH + 1, D_MODEL)
    w_e[1, BOS] = 1
    w_pos[1:, PLACES] = np.eye(LENGTH)
    toy.embed(w_e, w_pos)
    w_q, w_k, w_v, w_o = (
        zeros(1, D_MODEL, LENGTH),
        zeros(1, D_MODEL, LENGTH),
        zeros(1, D_MODEL, 1),
        zeros(1, 1, D_MODEL),
    )
    w_q[0, PLACES] = 200 * np.eye(LENGTH)
    w_k[0, PLACES] = np.eye(LENGTH)
    w_k[0, BOS] = 0.5
    w_v[0, BOS] = 1
    w_o[0, 0, LOST] = 1
    toy.attention(w_q, w_k, w_v, w_o)
    for source, target in ((LOST, FAR), (FAR, FAR)):
        w_in, w_out = zeros(D_MODEL, 1), zeros(1, D_MODEL)
        w_in[source] = 1e19
        w_in[BOS] = -3e38
        w_out[0, target] = 1e19
        toy.mlp(w_in, zeros(1), w_out, zeros(D_MODEL))
    w_q, w_k, w_v, w_o = zeros(1, D_MODEL, 1), zeros(1, D_MODEL, 1), zeros(1, D_MODEL, 1), zeros(1, 1, D_MODEL)
    w_v[0, FAR] = 1
    w_o[0, 0, OUT] = 1
    toy.attention(w_q, w_k, w_v, w_o)
    w_u = zeros(D_MODEL, 2)
    w_u[OUT, 0] = 1
    return toy.unembed(w_u, np.array([1.0, 0.5], dtype=np.float32))


RUNTIMES = {
    "numpy": CompiledModel,
    "ONNX Runtime": lambda module: OnnxModel(to_onnx(module).SerializeToString()),
    "JAX": lambda module: JaxRunner(to_jax(module)),
}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_overflow_at_padding_changes_nothing(runtime: str, causal: bool):
    model: Model = RUNTIMES[runtime](overflowing(causal=causal))
    ids, padding = model.codec.encode_batch([["a"], ["a", "a", "a"]])
    assert not np.isfinite(model._logits(ids, padding)[~padding]).all(), "the test is about an overflow"
    assert model.batch([["a"], ["a", "a", "a"]]) == [["a"], ["a", "a", "a"]]
