import numpy as np
import pytest

from raspc.algebra.domain import Domain
from raspc.errors import CompileError, InputError, RaspcError
from raspc.lowering.metadata import describe_module
from raspc.runtime.codec import Codec
from tests.unit.runtime.toy_models import ToyModel, identity, third


def codec_of(*values: object, max_seq_len: int = 4) -> Codec:
    return Codec(describe_module(identity(Domain.of(values), max_seq_len)))  # pyright: ignore[reportArgumentType]


def numerical(*values: object) -> Codec:
    toy = ToyModel("m", Domain.of([0]), 1, Domain.of(values), ["x"], numerical=True)  # pyright: ignore[reportArgumentType]
    toy.embed(np.zeros((2, 1)), np.zeros((2, 1)))
    return Codec(describe_module(toy.unembed(np.zeros((1, 2)), np.zeros(2))))


def test_ids_are_positions_in_the_vocabulary():
    codec = codec_of("b", "a", (1, "x"))
    ids = codec.encode([(1, "x"), "a", "b"])
    assert ids.tolist() == [[2, 0, 1]]
    assert ids.dtype == np.int64


def test_equal_values_are_one_token():
    codec = codec_of(0, 1, 2)
    assert codec.encode([True, 1.0, np.int64(1), False]).tolist() == [[1, 1, 1, 0]]
    assert codec.encode(np.array([2, 0])).tolist() == [[2, 0]]  # pyright: ignore[reportArgumentType]


def test_a_string_is_a_sequence_of_characters():
    assert codec_of("a", "b").encode("abba").tolist() == [[0, 1, 1, 0]]


def test_a_batch_is_padded_on_the_right():
    ids, padding = codec_of("a", "b").encode_batch(["b", "bab"])
    assert ids.tolist() == [[1, 0, 0], [1, 0, 1]]
    assert padding.tolist() == [[True, False, False], [True, True, True]]


def test_an_empty_batch():
    ids, padding = codec_of("a").encode_batch([])
    assert ids.shape == padding.shape == (0, 0)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "the input is empty; the model takes 1 to 4 tokens"),
        (["a"] * 5, "the input has 5 tokens; the model takes 4 at most"),
        (["a", "z"], "'z', the token at position 1, is not in the vocabulary: 'a', 'b'"),
        ([None], "None, the token at position 0, is not in the vocabulary"),
        ([float("nan")], "nan, the token at position 0, is not in the vocabulary"),
        (["a", ["b"]], r"\['b'\], the token at position 1, is not a RASP value"),
        ([np.array([1, 2])], "is not a RASP value"),
        (5, "the input must be a sequence of tokens, found 5"),
        (np.array(5), "the input must be a sequence of tokens"),
        ({"a", "b"}, "the input must be a sequence of tokens"),
    ],
)
def test_inputs_that_no_model_can_take(tokens: object, message: str):
    codec = codec_of("a", "b")
    with pytest.raises(InputError, match=message):
        codec.encode(tokens)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError, match=message):
        codec.encode_batch([["a"], tokens])  # pyright: ignore[reportArgumentType]


def test_a_long_vocabulary_is_shortened_in_messages():
    with pytest.raises(InputError, match=r"vocabulary: 0, 1, .*17, 18, … \(1000 values\), 999$"):
        codec_of(*range(1000)).encode(["x"])


def test_categorical_outputs_are_the_largest_logit():
    codec = codec_of("a", "b")
    assert codec.decode(np.array([[3, 1, 2], [0, 1, 0.5], [0.1, 0.2, 0.5]], dtype=np.float32)) == ["a", "b", None]


def test_numerical_outputs_are_snapped_to_the_nearest_value():
    codec = Codec(describe_module(third()))
    logits = np.array([[0.3333, 1], [0.6, 0.9], [-7, 1], [9, 0.5], [0.3333, 0.49]], dtype=np.float32)
    assert codec.decode(logits) == [1 / 3, 2 / 3, 1 / 3, 2 / 3, None]


def test_a_tie_goes_to_the_lower_value():
    assert numerical(0, 1).decode(np.array([[0.5, 1]], dtype=np.float32)) == [0]


def test_nearest_agrees_with_its_definition():
    values = np.unique(np.random.default_rng(0).normal(size=40).astype(np.float32)).tolist()
    codec = numerical(*values)
    numbers = np.random.default_rng(1).normal(size=500).astype(np.float32)
    logits = np.stack([numbers, np.ones_like(numbers)], axis=-1)
    distance = np.abs(numbers[:, None] - np.array(values, dtype=np.float32))
    np.testing.assert_array_equal(codec.output_ids(logits), distance.argmin(axis=1))


def test_an_output_with_one_value_and_one_with_none():
    logits = np.array([[5, 1], [5, 0]], dtype=np.float32)
    assert numerical(7).decode(logits) == [7, None]
    assert numerical(None).decode(logits) == [None, None]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_logits_that_are_not_finite_are_never_decoded(bad: float):
    with pytest.raises(RaspcError, match="NaN or infinite"):
        codec_of("a", "b").decode(np.array([[0, bad, 1]], dtype=np.float32))


def test_logits_of_another_model_are_not_decoded():
    with pytest.raises(RaspcError, match="expected 3 logits at each position, found 2"):
        codec_of("a", "b").decode(np.zeros((1, 2), dtype=np.float32))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([2**24, 2**24 + 1], "16777216 and 16777217 are the same number in float32"),
        ([0, 1e39], "1e[+]39 is outside the range of float32"),
    ],
)
def test_outputs_that_float32_cannot_tell_apart_are_refused(values: list, message: str):
    with pytest.raises(CompileError, match=message):
        numerical(*values)
