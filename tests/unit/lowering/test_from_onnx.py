"""Exported files are read back to the same model, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.dtypes import DTYPES
from raspc.errors import FormatError
from raspc.lowering.from_onnx import from_onnx
from raspc.lowering.metadata import ModelInfo
from raspc.lowering.to_onnx import to_onnx
from raspc.passes.cast_weights import CastWeightsPass
from tests.programs.compiled import model_of
from tests.programs.corpus import CORPUS, Program
from tests.unit.runtime.toy_models import identity, previous, random_model, third

each_model = pytest.mark.parametrize(
    "make",
    [identity, previous, third, lambda: random_model(0), lambda: random_model(1, causal=True, numerical=True)],
    ids=["identity", "previous", "third", "random", "random_causal_numerical"],
)


def read(model: ModelProto) -> ModuleOp:
    (entry,) = model.metadata_props
    return from_onnx(model, ModelInfo.from_json(entry.value))


@pytest.mark.parametrize("dtype", DTYPES)
@each_model
def test_the_module_is_the_same(make: Callable[[], ModuleOp], dtype: str):
    module = make()
    CastWeightsPass(dtype).apply(Context(), module)
    again = read(onnx.load_model_from_string(to_onnx(module).SerializeToString()))
    assert to_onnx(again).SerializeToString(deterministic=True) == to_onnx(module).SerializeToString(deterministic=True)


@pytest.mark.parametrize("program", CORPUS, ids=lambda program: program.name)
def test_the_corpus_is_read_back(program: Program):
    module = model_of(program, program.max_seq_len).module
    assert to_onnx(read(to_onnx(module))) == to_onnx(module)


def test_what_does_not_matter_may_differ():
    model = to_onnx(third())
    model.producer_name, model.producer_version, model.doc_string, model.model_version = "other", "0", "text", 5
    assert read(model)


def loop(model: ModelProto) -> None:
    """A loop without an end in the way of the output."""
    types = {"i": TensorProto.INT64, "go": TensorProto.BOOL, "x": TensorProto.INT64}
    inputs = [helper.make_tensor_value_info(name, kind, []) for name, kind in types.items()]
    outputs = [helper.make_tensor_value_info(f"{name}_out", types[name], []) for name in ("go", "x")]
    nodes = [helper.make_node("Identity", [name], [f"{name}_out"]) for name in ("go", "x")]
    body = helper.make_graph(nodes, "body", inputs, outputs)
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "go_on"))
    model.graph.node.insert(0, helper.make_node("Loop", ["", "go_on", "output.undefined"], ["loop"], body=body))
    next(node for node in model.graph.node if node.name == "output_ids").input[2] = "loop"


def huge(model: ModelProto) -> None:
    """A tensor of 8 TB in the way of the output."""
    model.graph.initializer.append(numpy_helper.from_array(np.array([10**12]), "size"))
    nodes = [helper.make_node("ConstantOfShape", ["size"], ["huge"]), helper.make_node("ReduceMax", ["huge"], ["most"])]
    nodes.append(helper.make_node("Cast", ["most"], ["id"], to=TensorProto.INT64))
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    next(node for node in model.graph.node if node.name == "output_ids").input[2] = "id"


def stolen(model: ModelProto) -> None:
    """A constant from another file, within a node."""
    tensor = TensorProto(name="t", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="/etc/hostname")
    model.graph.node.append(helper.make_node("Constant", [], ["t"], value=tensor))


def padded(model: ModelProto) -> None:
    """Padding of 10**9 positions: the ops are ours, and so are the shapes of the weights."""
    for tensor in model.graph.initializer:
        if tensor.name == "embed.one_before":
            tensor.CopyFrom(numpy_helper.from_array(np.array([0, 10**9, 0, 0]), tensor.name))


def own_function(model: ModelProto) -> None:
    """A function that calls itself."""
    nodes = [helper.make_node("f", ["x"], ["y"], domain="own")]
    model.functions.append(helper.make_function("own", "f", ["x"], ["y"], nodes, [helper.make_opsetid("own", 1)]))


def cyclic(model: ModelProto) -> None:
    """A node that reads what is computed from it."""
    model.graph.node[0].input[0] = "logits"


@pytest.mark.parametrize("change", [loop, huge, stolen, padded, own_function, cyclic])
def test_another_graph(change: Callable[[ModelProto], None]):
    model = to_onnx(third())
    change(model)
    with pytest.raises(FormatError, match="the graph is not the one that this version of raspc exports"):
        read(model)


def weights(model: ModelProto) -> TensorProto:
    return next(tensor for tensor in model.graph.initializer if tensor.name == "embed.w_e")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tensor: tensor.dims.append(2), r"the weights embed\.w_e have \d+ bytes and the shape \[\d, \d, 2\]"),
        (lambda tensor: tensor.dims.insert(0, -1), r"the weights embed\.w_e have \d+ bytes and the shape \[-1, "),
        (lambda tensor: tensor.dims.extend([2**40, 0]), r"the weights embed\.w_e have \d+ bytes and the shape"),
        (lambda tensor: tensor.ClearField("dims"), r"the weights embed\.w_e have \d+ bytes and the shape \[\]"),
        (lambda tensor: tensor.ClearField("raw_data"), r"the weights embed\.w_e have 0 bytes"),
        (lambda tensor: tensor.ClearField("name"), r"there are no weights embed\.w_e"),
        (lambda tensor: setattr(tensor, "data_type", TensorProto.DOUBLE), r"w_e are not of the dtype float32"),
        (lambda tensor: setattr(tensor, "data_location", TensorProto.EXTERNAL), r"has weights in other files"),
    ],
)
def test_damaged_weights(change: Callable[[TensorProto], object], message: str):
    model = to_onnx(third())
    change(weights(model))
    with pytest.raises(FormatError, match=message):
        read(model)


def test_a_name_that_is_not_utf_8_is_not_ours():
    data = to_onnx(third()).SerializeToString().replace(b"embed.zero", b"embed.\xff\xff\xff\xff")
    with pytest.raises(FormatError, match="the graph is not the one"):
        read(onnx.load_model_from_string(data))


@pytest.mark.parametrize(("key", "value"), [("d_mlp", 10**30), ("n_heads", 99), ("n_params", 1)])
def test_sizes_that_are_not_those_of_the_weights(key: str, value: int):
    model = to_onnx(third())
    (entry,) = model.metadata_props

    data = json.loads(entry.value)
    assert data["config"][key] != value
    data["config"][key] = value
    entry.value = json.dumps(data)
    with pytest.raises(FormatError, match="the sizes in the metadata are not those of the weights"):
        read(model)


def test_layers_that_are_not_there():
    model = to_onnx(third())
    (entry,) = model.metadata_props
    entry.value = entry.value.replace('"n_layers": ', '"n_layers": 9')
    with pytest.raises(FormatError, match="there are no weights for layer"):
        read(model)
