import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.domain import Domain
from raspc.dialects.dense import to_dense
from raspc.dialects.transformer import AddOp, AttentionMaskOp, MlpOp
from raspc.dialects.transformer.layers import read_transformer
from raspc.errors import CompileError
from tests.unit.runtime.toy_models import ToyModel, identity, previous, random_model, third

D = 2
ATTENTION = [np.zeros((1, D, D))] * 4
MLP = [np.zeros((D, 3)), np.zeros(3), np.zeros((3, D)), np.zeros(D)]


def toy() -> ToyModel:
    model = ToyModel("m", Domain.of([0]), 1, Domain.of([0]), ["x", "y"])
    model.embed(np.zeros((2, D)), np.zeros((2, D)))
    return model


def finish(model: ToyModel) -> ModuleOp:
    return model.unembed(np.zeros((D, 2)), np.zeros(2))


def kinds(sublayers: str) -> list[str]:
    """The layers of a model with these sublayers: `a` is an attention and `m` an MLP."""
    model = toy()
    for sublayer in sublayers:
        model.attention(*ATTENTION) if sublayer == "a" else model.mlp(*MLP)
    layers = read_transformer(finish(model)).layers
    assert [layer.index for layer in layers] == list(range(len(layers)))
    return ["a" * (layer.attention is not None) + "m" * (layer.mlp is not None) for layer in layers]


@pytest.mark.parametrize(
    ("sublayers", "layers"),
    [
        ("", []),
        ("a", ["a"]),
        ("m", ["m"]),
        ("am", ["am"]),
        ("ma", ["m", "a"]),
        ("aamm", ["a", "am", "m"]),
        ("amam", ["am", "am"]),
        ("mmaa", ["m", "m", "a", "a"]),
    ],
)
def test_layers(sublayers: str, layers: list[str]):
    assert kinds(sublayers) == layers


def test_the_names_of_a_layer():
    layer = read_transformer(random_model(0)).layers[2]
    assert (layer.title, layer.path) == ("layer 2", "layer_2")


def test_the_residual_stream_may_stand_on_either_side():
    model = toy()
    mlp = MlpOp(model.x, *(to_dense(w) for w in MLP))
    add = AddOp(mlp.result, model.x)
    model.block.add_ops([mlp, add])
    model.x = add.result
    (layer,) = read_transformer(finish(model)).layers
    assert layer.mlp is not None
    assert layer.mlp.op is mlp
    assert layer.mlp.add is add


def test_causality():
    assert read_transformer(previous()).causal
    assert not read_transformer(random_model(0)).causal
    assert not read_transformer(third()).causal


def test_without_attention_the_mask_tells_causality():
    model = toy()
    model.block.add_op(AttentionMaskOp(model.block.args[1], causal=True))
    assert read_transformer(finish(model)).causal


def test_masks_that_differ_are_refused():
    model = toy()
    model.attention(*ATTENTION)
    model.mask = AttentionMaskOp(model.block.args[1], causal=True)
    model.block.add_op(model.mask)
    model.attention(*ATTENTION)
    with pytest.raises(CompileError, match="be causal in all attentions or in none"):
        read_transformer(finish(model))


def test_an_add_of_something_else_is_refused():
    model = toy()
    add = AddOp(model.x, model.x)
    model.block.add_op(add)
    model.x = add.result
    with pytest.raises(CompileError, match=r"transformer\.add must add what an attention or an MLP computes"):
        read_transformer(finish(model))


def test_an_mlp_without_a_residual_add_is_refused():
    model = toy()
    mlp = MlpOp(model.x, *(to_dense(w) for w in MLP))
    model.block.add_op(mlp)
    model.x = mlp.result
    with pytest.raises(CompileError, match=r"transformer\.mlp must add to the residual stream"):
        read_transformer(finish(model))


def test_a_sublayer_that_reads_an_earlier_stream_is_refused():
    model = toy()
    first = model.x
    model.mlp(*MLP)
    mlp = MlpOp(first, *(to_dense(w) for w in MLP))
    add = AddOp(model.x, mlp.result)
    model.block.add_ops([mlp, add])
    model.x = add.result
    with pytest.raises(CompileError, match="not one residual stream"):
        read_transformer(finish(model))


def test_a_module_must_have_one_model():
    with pytest.raises(CompileError, match="found 0"):
        read_transformer(ModuleOp([]))
    two = ModuleOp([])
    for _ in range(2):
        module = identity()
        model = module.body.block.first_op
        assert model is not None
        model.detach()
        two.body.block.add_op(model)
    with pytest.raises(CompileError, match="found 2"):
        read_transformer(two)
