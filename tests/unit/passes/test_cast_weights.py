import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.dtypes import BFLOAT16, DTYPES, FLOAT16, DType, rounded
from raspc.dialects.transformer import AttentionOp, EmbedOp, MlpOp, UnembedOp, model_of
from raspc.errors import CompileError
from raspc.lowering.weights import weights_of
from raspc.passes.cast_weights import CastWeightsPass
from tests.unit.runtime.toy_models import ToyModel, random_model


def cast(module: ModuleOp, dtype: str) -> ModuleOp:
    module = module.clone()
    CastWeightsPass(dtype).apply(Context(), module)
    module.verify()
    return module


def all_weights(module: ModuleOp) -> list[np.ndarray]:
    ops = [op for op in module.walk() if isinstance(op, EmbedOp | AttentionOp | MlpOp | UnembedOp)]
    return [weights for op in ops for weights in weights_of(op).values()]


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=str)
def test_every_weight_is_rounded_to_the_nearest(dtype: DType):
    module = random_model(0)
    found = cast(module, dtype.name)
    assert model_of(found).dtype == dtype
    for before, after in zip(all_weights(module), all_weights(found), strict=True):
        assert after.dtype == dtype.numpy
        np.testing.assert_array_equal(after.astype(np.float64), rounded(before, dtype))


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_a_wider_dtype_holds_the_same_numbers(dtype: DType):
    narrow = cast(random_model(0), dtype.name)
    assert str(cast(cast(narrow, "float32"), dtype.name)) == str(narrow)


def test_names_of_values_and_ops_stay():
    module = random_model(0)
    assert str(cast(module, "float16")).count("f16") > 10
    names = [[result.name_hint for result in op.results] for op in module.walk()]
    assert [[result.name_hint for result in op.results] for op in cast(module, "float16").walk()] == names


def test_a_weight_that_would_be_infinite():
    toy = ToyModel("toy", model_of(random_model(0)).vocab.data, 1, model_of(random_model(0)).vocab.data, ["x"])
    toy.embed(np.full((6, 1), 1e6), np.zeros((2, 1)))
    module = toy.unembed(np.zeros((1, 6)), np.zeros(6))
    with pytest.raises(CompileError, match=r"w_e of transformer.embed holds 1000000.0, which is too large for float16"):
        cast(module, "float16")
    cast(module, "bfloat16")


def test_an_unknown_dtype():
    with pytest.raises(CompileError, match="there is no dtype 'half': expected one of float32, float16, bfloat16"):
        CastWeightsPass("half")
