import numpy as np
import pytest
from xdsl.context import Context

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import BFLOAT16, FLOAT16, DType, rounded
from raspc.dialects.transformer import AttentionOp
from raspc.errors import InputError, RaspcError
from raspc.passes.cast_weights import CastWeightsPass
from raspc.runtime.model import CompiledModel
from raspc.runtime.transformer_interpreter import Recorder, run_model
from tests.unit.runtime.toy_models import ToyModel, identity, previous, random_model


def tokens_only(ids: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(ids), np.ones(np.shape(ids), dtype=bool)


def test_a_model_without_layers():
    logits = run_model(identity(), *tokens_only([[2, 0]]))
    np.testing.assert_array_equal(logits, [[[0, 0, 1, 0.5], [1, 0, 0, 0.5]]])
    assert logits.dtype == np.float32


def test_a_head_rests_on_bos_where_it_selects_nothing():
    recorder = Recorder()
    run_model(previous(), *tokens_only([[0, 1, 2]]), listeners=(recorder,))
    (pattern,) = recorder.patterns.values()
    np.testing.assert_allclose(pattern[0, 0, 1], [1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(pattern[0, 0, 3], [0, 0, 1, 0], atol=1e-6)


@pytest.mark.parametrize("causal", [False, True])
def test_patterns_are_distributions_that_leave_out_what_is_masked(causal: bool):
    recorder = Recorder()
    ids = np.array([[0, 1, 2, 0], [3, 4, 0, 0]])
    padding = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], dtype=bool)
    run_model(random_model(0, causal=causal), ids, padding, (recorder,))
    assert [type(op) for op in recorder.patterns] == [AttentionOp, AttentionOp]
    for pattern in recorder.patterns.values():
        np.testing.assert_allclose(pattern.sum(axis=-1), 1, rtol=1e-6)
        assert (pattern[1, :, :, 3:] == 0).all()
        assert (np.triu(pattern, 1) == 0).all() == causal


def test_padding_changes_nothing():
    module = random_model(1)
    alone = run_model(module, *tokens_only([[3, 1]]))
    padded = run_model(module, np.array([[3, 1, 4]]), np.array([[True, True, False]]))
    np.testing.assert_allclose(padded[:, :2], alone, atol=1e-6)


@pytest.mark.parametrize(
    ("ids", "padding", "message"),
    [
        ([[0, 3]], [[True, True]], "token ids must be between 0 and 2"),
        ([[-1]], [[True]], "token ids must be between 0 and 2"),
        ([[0, 1]], [[False, True]], "padding must stand on the right"),
        ([[0] * 5], [[True] * 5], "takes 4 tokens at most, found 5"),
        ([[0]], [[True, True]], "one shape"),
        ([0], [True], "one shape"),
    ],
)
def test_inputs_that_no_model_can_take(ids: list, padding: list, message: str):
    with pytest.raises(InputError, match=message):
        run_model(identity(), np.array(ids), np.array(padding))


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_every_intermediate_is_of_the_models_dtype(dtype: DType):
    module, recorder = random_model(0), Recorder()
    reference = run_model(module, *tokens_only([[0, 1, 2]]))
    CastWeightsPass(dtype.name).apply(Context(), module)
    logits = run_model(module, *tokens_only([[0, 1, 2]]), listeners=(recorder,))
    floats = [value for value in recorder.values.values() if value.dtype != bool]
    assert {value.dtype for value in [*floats, *recorder.patterns.values()]} == {dtype.numpy}
    assert logits.dtype == np.float32
    np.testing.assert_array_equal(rounded(logits, dtype), logits)
    assert (logits != reference).any()
    np.testing.assert_allclose(logits, reference, atol=200 * dtype.unit_roundoff)


def test_numbers_too_large_for_float16():
    toy = ToyModel("large", Domain.of([1, 2]), 2, Domain.of([1]), ["x"])
    toy.embed(np.full((3, 1), 300.0), np.zeros((3, 1)))
    toy.mlp(np.full((1, 1), 300.0), np.zeros(1), np.ones((1, 1)), np.zeros(1))
    model = CompiledModel(toy.unembed(np.ones((1, 2)), np.zeros(2)))
    assert model.logits([1]).tolist() == [[90300, 90300]]
    CastWeightsPass("float16").apply(Context(), model.module)
    with pytest.raises(RaspcError, match="NaN or infinite: its weights are damaged, or it has numbers too large for f"):
        CompiledModel(model.module)([1])
