import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.dialects.transformer import AttentionMaskOp
from raspc.dialects.transformer.layers import read_transformer
from raspc.passes.pad_uniform import PadUniformPass
from raspc.runtime.model import CompiledModel
from raspc.runtime.transformer_interpreter import run_model
from tests.unit.runtime.toy_models import identity, previous, random_model, third


def padded(module: ModuleOp) -> ModuleOp:
    module = module.clone()
    PadUniformPass().apply(Context(), module)
    module.verify()
    return module


def shapes(module: ModuleOp) -> list[tuple[int, ...]]:
    """For each layer the heads, the widths of keys and values, and the hidden units."""
    found: list[tuple[int, ...]] = []
    for layer in read_transformer(module).layers:
        assert layer.attention is not None
        assert layer.mlp is not None
        attention = layer.attention.op
        found.append((attention.n_heads, attention.d_head, attention.d_value, layer.mlp.op.d_mlp))
    return found


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (identity(), [(1, 1, 1, 1)]),
        (previous(), [(1, 6, 6, 1)]),
        (third(), [(1, 1, 1, 3)]),
        (random_model(0), [(3, 5, 5, 9)] * 3),
        (random_model(0, causal=True), [(3, 5, 5, 9)] * 3),
    ],
    ids=["identity", "previous", "third", "random", "random_causal"],
)
def test_all_layers_are_of_the_largest_size(module: ModuleOp, expected: list[tuple[int, ...]]):
    found = padded(module)
    assert shapes(found) == expected
    assert read_transformer(found).causal == read_transformer(module).causal
    assert str(padded(found)) == str(found)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_the_logits_stay(seed: int, causal: bool):
    module = random_model(seed, causal=causal)
    ids = np.array([[0, 1, 2, 0], [3, 4, 0, 0]])
    padding = np.array([[1, 1, 1, 1], [1, 1, 0, 0]], dtype=bool)
    expected, found = (run_model(each, ids, padding)[padding] for each in (module, padded(module)))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_outputs_and_every_stage_stay():
    model, uniform = CompiledModel(previous()), CompiledModel(padded(previous()))
    assert uniform([3, 1, 2]) == model([3, 1, 2]) == [None, 3, 1]
    before, after = model.trace([3, 1, 2]), uniform.trace([3, 1, 2])
    assert after.stage("layer 0 attention").values.tolist() == before.stage("layer 0 attention").values.tolist()
    assert after.stage("layer 0 mlp").values.tolist() == before.stage("layer 0 attention").values.tolist()


def test_a_mask_is_made_only_where_there_is_none():
    for module in (identity(), previous(), random_model(0)):
        assert len([op for op in padded(module).walk() if isinstance(op, AttentionMaskOp)]) == 1
