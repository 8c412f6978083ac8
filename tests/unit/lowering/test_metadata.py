import json

import pytest

from raspc.algebra.domain import Domain
from raspc.lowering.metadata import ModelInfo, describe_module, subspace_of
from tests.unit.runtime.toy_models import identity, previous, random_model, third


@pytest.mark.parametrize("make", [identity, previous, third, lambda: random_model(0)])
def test_json_round_trip(make):
    info = describe_module(make())
    text = info.to_json()
    assert text.isascii()
    assert ModelInfo.from_json(text) == info


def test_values_of_all_types_survive():
    vocab = Domain.of([True, 2, 2.5, float("inf"), float("-inf"), "ü", "\ud800", (1, ("a", 0.5)), ()])
    info = describe_module(identity(vocab))
    read = ModelInfo.from_json(info.to_json())
    assert list(map(repr, read.vocab.values)) == list(map(repr, vocab.values))


def test_the_keys_are_for_other_programs_to_read():
    data = json.loads(describe_module(third()).to_json())
    assert data["name"] == "third"
    assert data["vocab"] == [0, 1, 2]
    assert data["max_seq_len"] == 4
    assert data["causal"] is False
    assert data["output_encoding"] == "numerical"
    assert data["output_values"] == [1 / 3, 2 / 3]
    assert data["output_undefined"] is True
    assert data["residual_labels"] == ["token", "third", "defined"]
    assert data["config"]["d_mlp"] == 3


def test_subspaces():
    assert subspace_of("tokens:1") == "tokens"
    assert subspace_of('tokens:":"') == "tokens"
    assert subspace_of("one") == "one"
