from typing import Any

import numpy as np
import pytest

from raspc import rasp
from raspc.compat.tracr import compile_rasp_to_model
from raspc.compat.tracr.transformer.encoder import CategoricalEncoder, NumericalEncoder
from raspc.errors import InputError

INPUTS = CategoricalEncoder(["a", 1, (2, "b"), "BOS", "PAD"], bos_token="BOS", pad_token="PAD", max_seq_len=4)
OUTPUTS = CategoricalEncoder([1, "x", None])


def test_tokens_and_their_ids():
    assert INPUTS.encoding_map == {"a": 0, 1: 1, (2, "b"): 2, "BOS": 3, "PAD": 4}
    assert (INPUTS.vocab_size, INPUTS.enforce_bos) == (5, True)
    assert (INPUTS.bos_token, INPUTS.bos_encoding, INPUTS.pad_token, INPUTS.pad_encoding) == ("BOS", 3, "PAD", 4)
    tokens = ["BOS", (2, "b"), "a", "PAD"]
    assert INPUTS.encode(tokens) == [3, 2, 0, 4]
    assert INPUTS.decode([3, 2, 0, 4]) == tokens
    assert INPUTS.encode(["BOS", True, np.int64(1)]) == [3, 1, 1]


def test_outputs_have_neither_bos_nor_padding():
    assert (OUTPUTS.bos_token, OUTPUTS.bos_encoding, OUTPUTS.pad_token, OUTPUTS.pad_encoding) == (None,) * 4
    assert OUTPUTS.encode([None, "x", 1]) == [2, 1, 0]
    assert OUTPUTS.decode([2, 1, 0]) == [None, "x", 1]
    assert not OUTPUTS.enforce_bos


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "the first token must be the BOS token 'BOS', found no token"),
        (["a"], "the first token must be the BOS token 'BOS', found 'a'"),
        ([[1]], r"the first token must be the BOS token 'BOS', found \[1\]"),
        (["BOS", "a", "BOS"], "the BOS token 'BOS' may only stand first"),
        (["BOS", "c"], r"'c' at position 1 is none of the values 'a', 1, \(2, 'b'\), 'BOS', 'PAD'"),
        (["BOS", None], "None at position 1 is none of the values"),
        (["BOS", [1]], r"\[1\] at position 1 is not a RASP value"),
        (["BOS", "a", "a", "a", "a"], "the input has 5 tokens with 'BOS'; the model takes 4"),
        (["BOS", "PAD", "a"], "after the padding 'PAD' at position 1 nothing else may stand"),
    ],
)
def test_inputs_that_no_model_takes(tokens: list[Any], message: str):
    with pytest.raises(InputError, match=message) as error:
        INPUTS.encode(tokens)
    assert isinstance(error.value, ValueError)


@pytest.mark.parametrize("code", [-1, 5])
def test_numbers_that_encode_nothing(code: int):
    with pytest.raises(InputError, match=f"{code} encodes no value: expected 0 to 4"):
        INPUTS.decode([0, code])


def test_numerical_outputs_are_the_nearest_value():
    program = rasp.Map(lambda x: None if x == 0 else x / 3, rasp.numerical(rasp.tokens))
    encoder = compile_rasp_to_model(rasp.numerical(program), {0, 1, 2}, 3).output_encoder
    assert isinstance(encoder, NumericalEncoder)
    assert encoder.bos_token is encoder.pad_token is encoder.bos_encoding is encoder.pad_encoding is None
    assert encoder.decode([float(np.float32(1 / 3)), 0.6, float("nan")]) == [1 / 3, 2 / 3, None]
    assert encoder.decode(encoder.encode([2 / 3, None])) == [2 / 3, None]
    assert encoder.decode([]) == []
