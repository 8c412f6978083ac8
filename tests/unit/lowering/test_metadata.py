import json
from dataclasses import replace

import pytest

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import BFLOAT16, DTYPES, FLOAT16, FLOAT32, DType
from raspc.errors import CompileError, FormatError
from raspc.lowering.metadata import ModelInfo, describe_module
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


def test_the_dtype():
    info = describe_module(third())
    assert info.dtype == FLOAT32
    for dtype in DTYPES.values():
        of_dtype = replace(info, dtype=dtype)
        assert json.loads(of_dtype.to_json())["dtype"] == dtype.name
        assert ModelInfo.from_json(of_dtype.to_json()) == of_dtype


def test_a_file_without_a_dtype_is_of_float32():
    data = json.loads(describe_module(third()).to_json())
    del data["dtype"]
    assert ModelInfo.from_json(json.dumps(data)).dtype == FLOAT32


@pytest.mark.parametrize(
    ("dtype", "problem"),
    [
        ("half", "the metadata's dtype: there is no dtype 'half': expected one of float32, float16, bfloat16"),
        (16, "the metadata's dtype must be of type str, found 16"),
        (None, "the metadata's dtype must be of type str, found None"),
    ],
)
def test_a_damaged_dtype(dtype: object, problem: str):
    data = {**json.loads(describe_module(third()).to_json()), "dtype": dtype}
    with pytest.raises(FormatError, match=problem):
        ModelInfo.from_json(json.dumps(data))


@pytest.mark.parametrize(
    ("values", "dtype", "problem"),
    [
        ([2048, 2049], FLOAT16, "the output values 2048 and 2049 are the same number in float16"),
        ([256, 257], BFLOAT16, "the output values 256 and 257 are the same number in bfloat16"),
        ([0, 70000], FLOAT16, "the output value 70000 is outside the range of float16"),
    ],
)
def test_outputs_that_a_dtype_cannot_tell_apart(values: list[int], dtype: DType, problem: str):
    info = replace(describe_module(third()), outputs=Domain.of(values))
    with pytest.raises(CompileError, match=problem):
        replace(info, dtype=dtype)
