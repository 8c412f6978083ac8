import numpy as np
import pytest

from raspc.dialects.transformer import AttentionOp
from raspc.errors import InputError
from raspc.runtime.transformer_interpreter import Recorder, run_model
from tests.unit.runtime.toy_models import identity, previous, random_model


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
