"""Mutants of ONNX files: of their bytes, and of what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any, cast

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

SIZES = (0, 1, 2, 3, 7, 64, 1000, 65_536, 1 << 20, 10**6, 10**9, 2**31 - 1, 2**31, 2**62, 2**63 - 1, -1, -2, -(2**63))

JSON_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        2,
        5,
        0.5,
        -0.0,
        1e308,
        10**9,
        10**12,
        2**63,
        10**400,
        "",
        "a",
        "\ud800",
        "x" * 100_000,
    ),
    *(
        [],
        [[]],
        {},
        {"a": 1},
        [None],
        [True],
        [1, 1.0],
        [0.5],
        ["a", "b"],
        list(range(100)),
        list(range(100_000)),
        [10**400],
    ),
    *([{"tuple": [1, {"tuple": ["a"]}]}], [{"tuple": []}], [{"tuple": [None]}], [{"float": "inf"}], [{"float": "nan"}]),
    *(
        [{"set": [1]}],
        [1, 1 + 1e-12],
        [1e-50, 2e-50],
        [3e38, 4e38],
        [-1e400, 0],
        [2**53, 2**53 + 1],
        [16777216, 16777217],
    ),
)

OPS = (
    *(
        "Add",
        "Mul",
        "MatMul",
        "Gather",
        "Pad",
        "Range",
        "Cast",
        "Shape",
        "Unsqueeze",
        "Softmax",
        "Where",
        "Concat",
        "Slice",
    ),
    *(
        "ConstantOfShape",
        "Expand",
        "Tile",
        "Identity",
        "Reshape",
        "Loop",
        "If",
        "Scan",
        "Einsum",
        "Conv",
        "Resize",
        "OneHot",
    ),
    *(
        "Nonsense",
        "",
        "RandomNormal",
        "NonZero",
        "TopK",
        "Squeeze",
        "Transpose",
        "Sequence",
        "Optional",
        "Relu",
        "ReduceSum",
    ),
)

Mutation = Callable[[ModelProto, Random], None]


def _node(model: ModelProto, random: Random) -> NodeProto:
    return random.choice(model.graph.node)


def _tensor(model: ModelProto, random: Random) -> TensorProto:
    return random.choice(model.graph.initializer)


def _parts(model: ModelProto) -> list[Any]:
    """The lists of what a graph is made of."""
    return [model.graph.node, model.graph.initializer, model.graph.input, model.graph.output]


def remove(model: ModelProto, random: Random) -> None:
    """A node, an initializer, an input, an output or something else that is missing."""
    part = random.choice(
        (model.graph.node, model.graph.initializer, *_parts(model), model.opset_import, model.metadata_props)
    )
    if len(part):
        del part[random.randrange(len(part))]


def double(model: ModelProto, random: Random) -> None:
    part = random.choice(_parts(model))
    part.append(random.choice(part))
    if random.random() < 0.3:
        model.metadata_props.append(model.metadata_props[0])


def reorder(model: ModelProto, random: Random) -> None:
    part = random.choice(_parts(model))
    items = [type(item).FromString(item.SerializeToString()) for item in part]
    random.shuffle(items)
    del part[:]
    part.extend(items)


def dims(model: ModelProto, random: Random) -> None:
    """An initializer of another shape; its data are as they were, or fill it."""
    tensor = _tensor(model, random)
    if random.random() < 0.3:
        tensor.dims.append(random.choice(SIZES))
    elif tensor.dims:
        tensor.dims[random.randrange(len(tensor.dims))] = random.choice(SIZES)
    elements = int(np.prod([min(abs(size), 10**6) for size in tensor.dims], dtype=object))
    if random.random() < 0.3 and elements < 10**5:
        tensor.raw_data = bytes(elements * (8 if tensor.data_type == TensorProto.INT64 else 4))


def data_type(model: ModelProto, random: Random) -> None:
    _tensor(model, random).data_type = random.choice((*range(24), 99, -1))


def elements(model: ModelProto, random: Random) -> None:
    """Other elements of an initializer, often of a small one of integers, on which shapes depend."""
    small = [tensor for tensor in model.graph.initializer if tensor.data_type == TensorProto.INT64]
    tensor = random.choice(small) if random.random() < 0.7 and small else _tensor(model, random)
    array = numpy_helper.to_array(tensor).copy()
    if not array.size:
        return
    if array.dtype == np.int64:
        array.flat[random.randrange(array.size)] = random.choice(SIZES)
    else:
        array.flat[random.randrange(array.size)] = random.choice((0, 1, -1, np.nan, np.inf, -np.inf, 1e30, 3e38, 1e-45))
    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))


def raw_data(model: ModelProto, random: Random) -> None:
    tensor = _tensor(model, random)
    data = tensor.raw_data
    tensor.raw_data = random.choice(
        (b"", data[:-1], data + b"\0", data * 2, data[: len(data) // 2], b"\xff" * len(data))
    )
    if random.random() < 0.2:
        tensor.float_data.append(1.0)


def external(model: ModelProto, random: Random) -> None:
    """A tensor whose data are in another file: of the graph, of a node's attribute or of a nested graph."""
    tensor = random.choice((_tensor(model, random), TensorProto()))
    elsewhere = tensor.name == ""
    if elsewhere:
        tensor.name, tensor.data_type = "stolen", TensorProto.FLOAT
        tensor.dims.append(4)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    location = random.choice(
        ("/etc/passwd", "../../../etc/hostname", "weights.bin", "", "/dev/zero", "/dev/stdin", "a\0b")
    )
    tensor.external_data.add(key="location", value=location)
    if random.random() < 0.5:
        tensor.external_data.add(key="offset", value=random.choice(("0", "-1", "99999999999", "x")))
        tensor.external_data.add(key="length", value=random.choice(("16", "-1", "99999999999", "x")))
    if elsewhere:
        constant = helper.make_node("Constant", [], ["stolen"], value=tensor)
        if random.random() < 0.3:
            inner = helper.make_graph([constant], "inner", [], [helper.make_tensor_value_info("stolen", 1, [4])])
            constant = helper.make_node(
                "If", [model.graph.node[0].output[0]], ["x"], then_branch=inner, else_branch=inner
            )
        model.graph.node.insert(random.randrange(len(model.graph.node) + 1), constant)


def op_type(model: ModelProto, random: Random) -> None:
    _node(model, random).op_type = random.choice(OPS)


def domain_of_op(model: ModelProto, random: Random) -> None:
    _node(model, random).domain = random.choice(("com.microsoft", "ai.onnx.ml", "nowhere", "ai.onnx", "x" * 10_000))


def wiring(model: ModelProto, random: Random) -> None:
    """An input of a node taken from elsewhere, also from later nodes, so that there are cycles."""
    names = [output for node in model.graph.node for output in node.output] + [t.name for t in model.graph.initializer]
    for _ in range(random.choice((1, 1, 3))):
        node = _node(model, random)
        if node.input and random.random() < 0.8:
            node.input[random.randrange(len(node.input))] = random.choice((*names, *node.output, "", "nothing"))
        elif node.output:
            node.output[0] = random.choice((*names, ""))


def attribute(model: ModelProto, random: Random) -> None:
    """A node's attribute changed, removed or added."""
    with_attributes = [node for node in model.graph.node if node.attribute]
    node = random.choice(with_attributes) if with_attributes and random.random() < 0.7 else _node(model, random)
    if not node.attribute or random.random() < 0.2:
        name = random.choice(("axis", "to", "keepdims", "perm", "nothing", "body", "value"))
        node.attribute.append(helper.make_attribute(name, random.choice((1, 0.5, "a", [1, 2], [0.5]))))
    found = random.choice(node.attribute)
    match random.randrange(5):
        case 0:
            found.i = random.choice(SIZES)
        case 1:
            found.type = cast(AttributeProto.AttributeType, random.choice(AttributeProto.AttributeType.values()))
        case 2:
            found.name = random.choice(("axis", "to", "nothing", ""))
        case 3:
            found.ints.extend(random.choices(SIZES, k=random.choice((1, 3, 1000))))
        case _:
            node.attribute.remove(found)


def huge_op(model: ModelProto, random: Random) -> None:
    """A node that computes something huge, in the way of the logits."""
    size = random.choice((10**6, 10**9, 10**10, 2**62))
    shape = numpy_helper.from_array(np.array([size], dtype=np.int64), "huge.shape")
    match random.randrange(5):
        case 0:
            nodes = [helper.make_node("ConstantOfShape", ["huge.shape"], ["huge"])]
        case 1:
            shape = numpy_helper.from_array(np.array([0, 0, 0, size], dtype=np.int64), "huge.shape")
            nodes = [helper.make_node("Pad", ["input.ids", "huge.shape"], ["huge"])]
        case 2:
            shape = numpy_helper.from_array(np.array(size, dtype=np.int64), "huge.shape")
            nodes = [helper.make_node("Range", ["input.first", "huge.shape", "input.second"], ["huge"])]
        case 3:  # squared over and over
            nodes = [helper.make_node("Gather", ["input.ids", "input.ids"], ["huge.0"])]
            nodes += [helper.make_node("Gather", [f"huge.{i}", f"huge.{i}"], [f"huge.{i + 1}"]) for i in range(6)]
            nodes += [helper.make_node("Shape", ["huge.6"], ["huge"])]
        case _:
            nodes = [helper.make_node("Expand", ["input.first", "huge.shape"], ["huge"])]
    rank = random.choice((0, 1, 2))
    nodes.append(helper.make_node("ReduceSum", ["huge"], ["huge.sum"], keepdims=int(rank > 0)))
    nodes.append(helper.make_node("Cast", ["huge.sum"], ["huge.ids"], to=TensorProto.INT64))
    model.graph.initializer.append(shape)
    last = next((node for node in model.graph.node if list(node.output) == ["output_ids"]), None)
    if last is not None:
        last.input[-1] = "huge.ids"
    model.graph.node.extend(nodes)
    nodes_in_order = sorted(model.graph.node, key=lambda node: node.output[0] in ("logits", "output_ids"))
    copies = [NodeProto.FromString(node.SerializeToString()) for node in nodes_in_order]
    del model.graph.node[:]
    model.graph.node.extend(copies)


def control_flow(model: ModelProto, random: Random) -> None:
    """A loop, long or without an end, or a branch, in the way of the outputs."""
    cond, count = TensorProto.BOOL, TensorProto.INT64
    body = helper.make_graph(
        [helper.make_node("Identity", ["cond_in"], ["cond_out"]), helper.make_node("Add", ["v_in", "v_in"], ["v_out"])],
        "body",
        [
            helper.make_tensor_value_info("i", count, []),
            helper.make_tensor_value_info("cond_in", cond, []),
            helper.make_tensor_value_info("v_in", count, []),
        ],
        [helper.make_tensor_value_info("cond_out", cond, []), helper.make_tensor_value_info("v_out", count, [])],
    )
    for _ in range(random.choice((0, 0, 5, 200))):  # bodies within bodies
        nested = GraphProto.FromString(body.SerializeToString())
        body.node.append(helper.make_node("Loop", ["", "cond_in", "v_in"], [f"x{len(body.node)}"], body=nested))
        if body.ByteSize() > 100_000:
            break
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "loop.cond"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(random.choice(SIZES), dtype=np.int64), "loop.n"))
    start = random.choice(("output.undefined", "input.first"))
    node = helper.make_node("Loop", [random.choice(("", "loop.n")), "loop.cond", start], ["loop.out"], body=body)
    model.graph.node.insert(0, node)
    for node in model.graph.node:
        if "output_ids" in node.output:
            node.input[-1] = "loop.out"


def functions(model: ModelProto, random: Random) -> None:
    """Functions of the model's own, also such that call themselves."""
    calls = random.choice(("f", "g"))
    body = [helper.make_node("Add", ["x", "x"], ["z"]), helper.make_node(calls, ["z"], ["y"], domain="own")]
    function = helper.make_function(
        "own", "f", ["x"], ["y"], body, [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    )
    model.functions.append(function)
    model.opset_import.append(helper.make_opsetid("own", 1))
    for node in model.graph.node:
        if random.random() < 0.05:
            node.op_type, node.domain = "f", "own"
            del node.input[1:]
            del node.attribute[:]


def other_parts(model: ModelProto, random: Random) -> None:
    """Parts of the format that exported files don't use."""
    match random.randrange(5):
        case 0:
            model.training_info.add().algorithm.CopyFrom(model.graph)
        case 1:
            sparse = model.graph.sparse_initializer.add()
            sparse.values.CopyFrom(_tensor(model, random))
            sparse.dims.extend(random.choices(SIZES, k=2))
        case 2:
            annotation = model.graph.quantization_annotation.add()
            annotation.tensor_name = "logits"
        case 3:
            model.graph.value_info.append(helper.make_tensor_value_info("input.ids", 1, random.choices(SIZES, k=3)))
        case _:
            model.graph.doc_string = "a" * 10**6


def versions(model: ModelProto, random: Random) -> None:
    match random.randrange(4):
        case 0:
            model.ir_version = random.choice((0, 1, 3, 11, 12, 99, 2**62, -1))
        case 1:
            model.opset_import[0].version = random.choice((0, 1, 7, 17, 19, 23, 99, 2**62, -1))
        case 2:
            model.opset_import[0].domain = random.choice(("x", "ai.onnx", "com.microsoft"))
        case _:
            model.producer_name = random.choice(("", "other", "\u202e", "a" * 10**6))


def signature(model: ModelProto, random: Random) -> None:
    """Inputs and outputs of other names, types and shapes."""
    info = random.choice((*model.graph.input, *model.graph.output))
    match random.randrange(4):
        case 0:
            info.name = random.choice(("x", "", "logits", "token_ids", model.graph.node[3].output[0]))
        case 1:
            info.type.tensor_type.elem_type = random.choice((*range(24), 99))
        case 2:
            info.type.tensor_type.shape.dim[random.randrange(2)].dim_value = random.choice(SIZES)
        case _:
            info.type.Clear()


def metadata(model: ModelProto, random: Random) -> None:
    """The JSON with one or more values changed, removed or added."""
    (entry,) = model.metadata_props[:1] or [model.metadata_props.add(key="raspc", value="{}")]
    try:
        data = json.loads(entry.value)
    except (ValueError, RecursionError):  # it may be a mutant already
        data = {}
    if not isinstance(data, dict):
        return
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        place = data
        if isinstance(data.get("config"), dict) and data["config"] and random.random() < 0.3:
            place = data["config"]
        key = random.choice((*place, "extra")) if place else "extra"
        match random.randrange(4):
            case 0:
                place.pop(key, None)
            case 1 if isinstance(place.get(key), list) and place[key]:
                place[key][random.randrange(len(place[key]))] = deepcopy(random.choice(JSON_VALUES))
            case _:
                place[key] = deepcopy(random.choice(JSON_VALUES))
    entry.value = json.dumps(data).encode("utf-8", "replace").decode()


def metadata_text(model: ModelProto, random: Random) -> None:
    """The JSON as text: cut, nested, with numbers of many digits, with keys twice."""
    if not model.metadata_props:
        return
    entry = model.metadata_props[0]
    text = entry.value or "{}"
    place = random.randrange(len(text))
    new = random.choice(
        (
            *(
                "",
                "[" * 100_000,
                '{"a":' * 10_000,
                "NaN",
                "Infinity",
                "-Infinity",
                "1e999",
                "9" * 5000,
                '"',
                "\\",
                "null",
            ),
            *("\x00", '"name": "other",', "//", "[1,]", "'", "\\ud800", "{}", "9" * 400, "1e-400", "true"),
        )
    )
    entry.value = text[:place] + new + text[place + random.choice((0, 0, 1, 4)) :]
    if random.random() < 0.1:
        entry.key = random.choice(("", "other", "RASPC"))


STRUCTURED: tuple[Mutation, ...] = (
    *(remove, double, reorder, dims, dims, data_type, elements, elements, raw_data, external, external, op_type),
    *(domain_of_op, wiring, attribute, huge_op, huge_op, control_flow, functions, other_parts, versions, signature),
    *(metadata, metadata, metadata, metadata_text),
)


def truncate_bytes(data: bytes, random: Random) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def flip_bytes(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def bits(data: bytes, random: Random) -> bytes:
    """One bit, mostly at the beginning or the end, where the structure is rather than weights."""
    changed = bytearray(data)
    reach = min(len(data), 3000)
    place = random.choice((random.randrange(reach), len(data) - 1 - random.randrange(reach)))
    changed[place] ^= 1 << random.randrange(8)
    return bytes(changed)


def spans(data: bytes, random: Random) -> bytes:
    """A span deleted, doubled or moved."""
    start, size = random.randrange(len(data)), random.choice((1, 2, 8, 100, 1000))
    span = data[start : start + size]
    match random.randrange(3):
        case 0:
            return data[:start] + data[start + size :]
        case 1:
            return data[:start] + span + data[start:]
        case _:
            rest = data[:start] + data[start + size :]
            place = random.randrange(len(rest) + 1)
            return rest[:place] + span + rest[place:]


def append_bytes(data: bytes, random: Random) -> bytes:
    return data + random.choice((b"\0", data, random.randbytes(20), b"\xff" * 20, b"\x3a" + b"\xff" * 9 + b"\x01"))


def random_bytes(data: bytes, random: Random) -> bytes:
    return random.randbytes(random.choice((0, 1, 10, 1000)))


BYTES = (truncate_bytes, flip_bytes, flip_bytes, bits, bits, spans, append_bytes, random_bytes)


def mutate(data: bytes, random: Random) -> tuple[str, bytes]:
    """A mutant of an ONNX file, and how it was made."""
    if random.random() < 0.3:
        kind = random.choice(BYTES)
        return kind.__name__, kind(data, random)
    model = onnx.load_model_from_string(data)
    mutation = random.choice(STRUCTURED)
    mutation(model, random)
    if random.random() < 0.2:
        random.choice(STRUCTURED)(model, random)
    return mutation.__name__, model.SerializeToString()
