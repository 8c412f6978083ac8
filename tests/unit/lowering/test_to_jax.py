import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export
from xdsl.context import Context

from raspc.algebra.dtypes import dtype_named
from raspc.errors import InputError
from raspc.lowering.to_jax import JaxModel, to_jax
from raspc.passes.cast_weights import CastWeightsPass
from raspc.runtime.model import CompiledModel
from tests.unit.runtime.toy_models import identity, previous, random_model, third


@pytest.fixture(scope="module")
def model() -> JaxModel:
    return to_jax(random_model(0, causal=True))


@pytest.fixture(scope="module")
def reference() -> CompiledModel:
    return CompiledModel(random_model(0, causal=True))


def close(found: jax.Array, expected: np.ndarray | jax.Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_parameters_have_conventional_names(model: JaxModel):
    shapes = jax.tree.map(jnp.shape, model.params)
    assert shapes["embed"] == {"w_e": (6, 12), "w_pos": (8, 12)}
    assert [sorted(layer) for layer in shapes["layers"]] == [["attention", "mlp"], ["mlp"], ["attention"]]
    assert shapes["layers"][0]["attention"] == {
        "w_q": (3, 12, 4),
        "w_k": (3, 12, 4),
        "w_v": (3, 12, 2),
        "w_o": (3, 2, 12),
    }
    assert shapes["layers"][1]["mlp"] == {"w_in": (12, 4), "b_in": (4,), "w_out": (4, 12), "b_out": (12,)}
    assert shapes["unembed"] == {"w_u": (12, 5), "b_u": (5,)}
    assert all(leaf.dtype == jnp.float32 for leaf in jax.tree.leaves(model.params))


def test_one_sequence_and_a_batch(model: JaxModel, reference: CompiledModel):
    apply = jax.jit(model.apply)
    ids = jnp.array([3, 1, 4])
    close(apply(model.params, ids), reference.logits([3, 1, 4]))
    close(apply(model.params, ids[None])[0], reference.logits([3, 1, 4]))
    assert apply(model.params, ids).dtype == jnp.float32


@pytest.mark.parametrize("causal", [False, True])
def test_padding_may_stand_anywhere(causal: bool):
    model = to_jax(random_model(4, causal=causal))
    apply = jax.jit(model.apply)
    alone = apply(model.params, jnp.array([3, 1, 4]))
    for places in ([0, 1, 2], [4, 5, 6], [1, 2, 5], [0, 6, 11]):
        places = np.array(places)
        ids = jnp.full(12, -100).at[places].set(jnp.array([3, 1, 4]))
        mask = jnp.zeros(12, dtype=int).at[places].set(1)
        close(apply(model.params, ids, mask)[places], alone)


def test_without_jit(model: JaxModel, reference: CompiledModel):
    close(model.apply(model.params, jnp.array([0, 2])), reference.logits([0, 2]))


def test_vmap(model: JaxModel, reference: CompiledModel):
    ids = jnp.array([[0, 1], [2, 3], [4, 4]])
    found = jax.jit(jax.vmap(model.apply, in_axes=(None, 0)))(model.params, ids)
    close(found, np.stack([reference.logits(row) for row in ids.tolist()]))
    masks = jnp.array([[1, 0], [1, 1], [0, 1]])
    found = jax.jit(jax.vmap(model.apply, in_axes=(None, 0, 0)))(model.params, ids, masks)
    close(found, jax.jit(model.apply)(model.params, ids, masks))


def test_grad(model: JaxModel):
    ids, mask = jnp.array([[3, 1, 4, 0]]), jnp.array([[1, 1, 1, 0]])

    @jax.jit
    def loss(params: dict) -> jax.Array:
        return jax.nn.log_softmax(model.apply(params, ids, mask))[0, :3, 0].sum()

    gradients = jax.jit(jax.grad(loss))(model.params)
    assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(gradients))
    assert jax.tree.structure(gradients) == jax.tree.structure(model.params)
    direction = gradients["layers"][0]["attention"]["w_q"]
    step = 1e-2 / jnp.linalg.norm(direction)

    def moved(sign: int) -> jax.Array:
        params = jax.tree.map(lambda leaf: leaf, model.params)
        params["layers"][0]["attention"]["w_q"] += sign * step * direction
        return loss(params)

    slope = (moved(1) - moved(-1)) / (2 * step)
    np.testing.assert_allclose(slope, (direction**2).sum(), rtol=0.02)


def test_export_with_symbolic_sizes(model: JaxModel, reference: CompiledModel):
    batch, sequence = export.symbolic_shape("batch, sequence")
    ids = jax.ShapeDtypeStruct((batch, sequence), jnp.int32)
    mask = jax.ShapeDtypeStruct((batch, sequence), jnp.bool_)
    shapes = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), model.params)
    exported = export.export(jax.jit(model.apply))(shapes, ids, mask)
    loaded = export.deserialize(exported.serialize())
    rows, masks = jnp.array([[3, 1, 0], [2, 0, 4]], dtype=jnp.int32), jnp.array([[True, True, False], [True] * 3])
    found = loaded.call(model.params, rows, masks)
    close(found[0, :2], reference.logits([3, 1]))
    close(found[1], reference.logits([2, 0, 4]))


def test_export_of_one_shape_without_a_mask(model: JaxModel, reference: CompiledModel):
    (sequence,) = export.symbolic_shape("sequence")
    for length in (3, sequence):
        ids = jax.ShapeDtypeStruct((length,), jnp.int32)
        exported = export.export(jax.jit(lambda ids: model.apply(model.params, ids)))(ids)
        loaded = export.deserialize(exported.serialize())
        close(loaded.call(jnp.array([1, 2, 3], dtype=jnp.int32)), reference.logits([1, 2, 3]))


@pytest.mark.parametrize("bad", [3, 4, -1, -4, 2**30])
def test_ids_outside_the_vocabulary_give_nan(bad: int):
    model = to_jax(previous())
    logits = jax.jit(model.apply)(model.params, jnp.array([0, bad, 1]))
    assert jnp.isnan(logits).any(axis=-1)[1:].all()


def test_too_many_tokens():
    model = to_jax(identity())
    with pytest.raises(InputError, match="the model takes 4 tokens at most, found 5"):
        model.apply(model.params, jnp.zeros(5, dtype=int))
    logits = jax.jit(model.apply)(model.params, jnp.zeros(5, dtype=int), jnp.ones(5, dtype=int))
    assert jnp.isnan(logits[4]).all()


def test_shapes_that_differ():
    model = to_jax(identity())
    with pytest.raises(InputError, match="differ"):
        model.apply(model.params, jnp.zeros((2, 3), dtype=int), jnp.ones(3))


def test_matrix_products_have_full_precision():
    model = to_jax(third())
    text = str(jax.make_jaxpr(model.apply)(model.params, jnp.array([0])))
    assert text.count("dot_general") == text.count("precision=(Precision.HIGHEST, Precision.HIGHEST)") == 3


def test_params_can_be_replaced():
    model = to_jax(identity())
    zeros = jax.tree.map(jnp.zeros_like, model.params)
    assert (model.apply(zeros, jnp.array([0, 1])) == 0).all()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_other_dtypes(dtype: str):
    module = random_model(0)
    reference = CompiledModel(module).logits([3, 1, 4])
    CastWeightsPass(dtype).apply(Context(), module)
    model = to_jax(module)
    assert {leaf.dtype.name for leaf in jax.tree.leaves(model.params)} == {dtype}
    logits = jax.jit(model.apply)(model.params, jnp.array([3, 1, 4]))
    assert logits.dtype == jnp.float32
    np.testing.assert_allclose(logits, reference, atol=200 * dtype_named(dtype).unit_roundoff)
