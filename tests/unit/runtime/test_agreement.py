"""The three runtimes compute the same."""

from collections.abc import Callable

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from raspc.runtime.base import Model
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from tests.unit.runtime.toy_models import identity, previous, random_model, third

MODELS: dict[str, Callable[[], ModuleOp]] = {
    "identity": identity,
    "previous": previous,
    "third": third,
    "bidirectional": lambda: random_model(0),
    "causal": lambda: random_model(1, causal=True),
    "numerical": lambda: random_model(2, numerical=True),
}

each_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS.keys())


def runtimes(module: ModuleOp) -> list[Model]:
    model = CompiledModel(module)
    onnx_model = OnnxModel(model.to_onnx().SerializeToString(deterministic=True))
    return [model, onnx_model, JaxRunner(model.to_jax())]


def inputs(model: Model) -> list[list[object]]:
    random = np.random.default_rng(3)
    lengths = [*range(1, model.max_seq_len + 1), *random.integers(1, model.max_seq_len + 1, size=8)]
    return [[model.vocab[i] for i in random.integers(len(model.vocab), size=length)] for length in lengths]


@each_model
def test_logits_agree(make: Callable[[], ModuleOp]):
    reference, *others = runtimes(make())
    for tokens in inputs(reference):
        for other in others:
            np.testing.assert_allclose(other.logits(tokens), reference.logits(tokens), rtol=1e-5, atol=1e-5)


@each_model
def test_outputs_agree_alone_and_in_a_batch(make: Callable[[], ModuleOp]):
    reference, *others = runtimes(make())
    sequences = inputs(reference)
    expected = [reference(tokens) for tokens in sequences]
    assert reference.batch(sequences) == expected
    for other in others:
        assert [other(tokens) for tokens in sequences] == expected
        assert other.batch(sequences) == expected


@each_model
def test_facts_agree(make: Callable[[], ModuleOp]):
    reference, *others = runtimes(make())
    for other in others:
        assert other.info == reference.info


def test_outputs_are_what_the_models_were_built_for():
    for model in runtimes(identity()):
        assert model(["c", "a"]) == ["c", "a"]
    for model in runtimes(previous()):
        assert model([3, 1, 2, 2]) == [None, 3, 1, 2]
    for model in runtimes(third()):
        assert model([2, 0, 1]) == [2 / 3, None, 1 / 3]


def test_an_empty_batch():
    for model in runtimes(identity()):
        assert model.batch([]) == []


def test_large_batches_are_split(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("raspc.runtime.base.MAX_ACTIVATIONS", 100)
    for model in runtimes(previous()):
        sequences = inputs(model)
        assert model.batch(sequences) == [model(tokens) for tokens in sequences]
