"""transformer → ONNX: a model of standard operators that any ONNX runtime can run.

Inputs, as Hugging Face names them, and outputs:

- `token_ids`, int64 [batch, sequence]: positions in the vocabulary; anything at padding.
- `attention_mask`, int64 [batch, sequence]: 1 where there is a token and 0 at padding, which may stand anywhere, on the
  left as well as on the right: a token's position is the number of tokens before it.
- `logits`, float32 [batch, sequence, n_outputs], and `output_ids`, int64 [batch, sequence]: positions in the list of
  output values, one past the last for *undefined* and at padding.

The BOS token is the graph's own affair. Ids outside the vocabulary, negative ones too, more tokens than the model takes
and inputs of two shapes make the run fail; they never give an answer. The vocabulary, the output values and all else
that is not a weight are in the metadata entry `raspc`, as the JSON of `raspc.lowering.metadata.ModelInfo`.

A model of float16 or bfloat16 has weights of that dtype, which are cast to float32, and computes in float32. ONNX
Runtime has no operators for bfloat16 on a CPU, and for float16 it has some and computes others in float32: which
roundings there are would depend on the runtime. A certificate covers what float32 computes from such weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from xdsl.dialects.builtin import ModuleOp

from raspc._version import __version__
from raspc.algebra.dtypes import BFLOAT16
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.transformer import AttentionOp, EmbedOp, MlpOp, UnembedOp
from raspc.dialects.transformer.layers import Transformer, read_transformer
from raspc.errors import CompileError
from raspc.lowering.metadata import ModelInfo, describe
from raspc.lowering.weights import WeightedOp, weights_of

OPSET = 18
IR_VERSION = 8

METADATA_KEY = "raspc"
"""The metadata entry with the JSON of `ModelInfo`."""

INPUTS: tuple[str, ...] = ("token_ids", "attention_mask")
OUTPUTS: tuple[str, ...] = ("logits", "output_ids")

MAX_BYTES = 2**31 - 2**24
"""The most bytes of weights: protobuf holds less than 2 GiB; some room is left for the graph and the metadata."""

BATCH_AND_SEQUENCE = ("batch", "sequence")


def to_onnx(module: ModuleOp) -> onnx.ModelProto:
    """The ONNX model of a module at the level of the transformer dialect. Equal modules give equal bytes.

    Raises:
        CompileError: the module's model isn't one standard transformer, or its weights don't fit into an ONNX file.
    """
    transformer = read_transformer(module)
    info = describe(transformer)
    if (size := info.dtype.numpy.itemsize * info.config.n_params) > MAX_BYTES:
        raise CompileError(
            f"the model's weights have {size} bytes, and an ONNX file can't hold more than {MAX_BYTES}",
            expression=f"@{info.name}",
            help="save it as .mlir, or use to_jax(), which has no such limit",
        )
    try:
        info.name.encode()
    except UnicodeEncodeError:
        raise CompileError("the model's name has a character that no file can have") from None
    graph = _Graph()
    _lower(graph, transformer, info)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            info.name,
            [helper.make_tensor_value_info(name, TensorProto.INT64, BATCH_AND_SEQUENCE) for name in INPUTS],
            [
                helper.make_tensor_value_info("logits", TensorProto.FLOAT, (*BATCH_AND_SEQUENCE, info.n_outputs)),
                helper.make_tensor_value_info("output_ids", TensorProto.INT64, BATCH_AND_SEQUENCE),
            ],
            graph.initializers,
        ),
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="raspc",
        producer_version=__version__,
    )
    helper.set_model_props(model, {METADATA_KEY: info.to_json()})
    return model


class _Graph:
    """The nodes and initializers of a graph in the making. A node is named like its one output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []

    def op(self, op_type: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Add a node, and return the name of its output."""
        self.nodes.append(helper.make_node(op_type, inputs, [output], name=output, **attributes))
        return output

    def tensor(self, name: str, array: NDArray[Any]) -> str:
        """Add an initializer, and return its name."""
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, name: str, values: int | Sequence[int]) -> str:
        """Add an initializer of int64."""
        return self.tensor(name, np.array(values, dtype=np.int64))

    def weights(self, path: str, op: WeightedOp) -> list[str]:
        """Add an op's weights as initializers `path.name`, and return the names of them in float32."""
        return [self._weight(f"{path}.{name}", array) for name, array in weights_of(op).items()]

    def _weight(self, name: str, array: NDArray[Any]) -> str:
        if array.dtype == np.float32:
            return self.tensor(name, array)
        stored_as = TensorProto.BFLOAT16 if array.dtype == BFLOAT16.numpy else TensorProto.FLOAT16
        self.initializers.append(helper.make_tensor(name, stored_as, array.shape, array.tobytes(), raw=True))
        return self.op("Cast", [name], f"{name}.float32", to=TensorProto.FLOAT)


def _lower(graph: _Graph, transformer: Transformer, info: ModelInfo) -> None:
    inputs = _lower_inputs(graph)
    x = _lower_embed(graph, transformer.embed, inputs, len(info.vocab))
    has_attention = any(layer.attention for layer in transformer.layers)
    mask = _lower_mask(graph, inputs, info.causal) if has_attention else None
    for layer in transformer.layers:
        if layer.attention and mask:
            update = _lower_attention(graph, layer.attention.op, f"{layer.path}.attention", x, mask)
            x = graph.op("Add", [x, update], f"{layer.path}.attention.residual")
        if layer.mlp:
            update = _lower_mlp(graph, layer.mlp.op, f"{layer.path}.mlp", x)
            x = graph.op("Add", [x, update], f"{layer.path}.mlp.residual")
    _lower_unembed(graph, transformer.unembed, x)
    _lower_decoding(graph, info, inputs)


@dataclass(frozen=True)
class _Inputs:
    """The names of the checked inputs, [batch, sequence].

    Attributes:
        ids: int64.
        is_token: true where there is a token.
        tokens: the same as 1 and 0 in int64.
    """

    ids: str
    is_token: str
    tokens: str


def _lower_inputs(graph: _Graph) -> _Inputs:
    """Take the inputs apart.

    They are joined and then taken apart again because `Concat`, unlike elementwise operators, doesn't broadcast: inputs
    of different shapes make it fail.
    """
    last = graph.ints("input.last_axis", [2])
    columns = [graph.op("Unsqueeze", [name, last], f"input.{name}_column") for name in INPUTS]
    both = graph.op("Concat", columns, "input.columns", axis=2)
    ids = graph.op("Gather", [both, graph.ints("input.first", 0)], "input.ids", axis=2)
    mask = graph.op("Gather", [both, graph.ints("input.second", 1)], "input.mask", axis=2)
    is_token = graph.op("Cast", [mask], "input.is_token", to=TensorProto.BOOL)
    return _Inputs(ids, is_token, graph.op("Cast", [is_token], "input.tokens", to=TensorProto.INT64))


def _lower_embed(graph: _Graph, op: EmbedOp, inputs: _Inputs, n_vocab: int) -> str:
    """The residual stream behind a BOS token, [batch, 1 + sequence, d_model]."""
    w_e, w_pos = graph.weights("embed", op)
    bos, zero = graph.ints("embed.bos_id", n_vocab), graph.ints("embed.zero", 0)
    before = graph.ints("embed.one_before", [0, 1, 0, 0])

    # Gather would take a negative id from the end of the table, and the BOS id is in the table but not for the caller.
    not_negative = graph.op("GreaterOrEqual", [inputs.ids, zero], "embed.id_not_negative")
    below_bos = graph.op("Less", [inputs.ids, bos], "embed.id_below_bos")
    valid = graph.op("And", [not_negative, below_bos], "embed.id_valid")
    checked = graph.op("Where", [valid, inputs.ids, graph.ints("embed.invalid_id", n_vocab + 1)], "embed.checked_ids")
    clean = graph.op("Where", [inputs.is_token, checked, zero], "embed.ids")
    with_bos = graph.op("Pad", [clean, before, bos], "embed.ids_with_bos")
    embedded = graph.op("Gather", [w_e, with_bos], "embed.tokens")

    count = graph.op("CumSum", [inputs.tokens, graph.ints("embed.sequence_axis", 1)], "embed.token_count")
    positions = graph.op("Mul", [count, inputs.tokens], "embed.positions")
    positions = graph.op("Pad", [positions, before, zero], "embed.positions_with_bos")
    placed = graph.op("Gather", [w_pos, positions], "embed.places")
    return graph.op("Add", [embedded, placed], "embed.residual")


@dataclass(frozen=True)
class _Mask:
    """What may be attended to, true or false.

    Attributes:
        scores: whether a query may attend to a key, [batch, 1, 1 or query, key].
        values: whether a key is no padding, [batch, 1, key, 1].
    """

    scores: str
    values: str


def _lower_mask(graph: _Graph, inputs: _Inputs, causal: bool) -> _Mask:
    before, one = graph.ints("mask.one_before", [0, 1, 0, 0]), graph.ints("mask.one", 1)
    visible = graph.op("Pad", [inputs.tokens, before, one], "mask.visible")
    visible = graph.op("Cast", [visible], "mask.is_visible", to=TensorProto.BOOL)
    keys = graph.op("Unsqueeze", [visible, graph.ints("mask.heads_and_queries", [1, 2])], "mask.keys")
    values = graph.op("Unsqueeze", [visible, graph.ints("mask.heads_and_columns", [1, 3])], "mask.values")
    if not causal:
        return _Mask(keys, values)
    shape = graph.op("Shape", [visible], "mask.shape")
    length = graph.op("Gather", [shape, one], "mask.length")
    indices = graph.op("Range", [graph.ints("mask.zero", 0), length, one], "mask.indices")
    queries = graph.op("Unsqueeze", [indices, graph.ints("mask.last_axis", [1])], "mask.queries")
    past = graph.op("LessOrEqual", [indices, queries], "mask.past")
    return _Mask(graph.op("And", [keys, past], "mask.causal"), values)


def _lower_attention(graph: _Graph, op: AttentionOp, path: str, x: str, mask: _Mask) -> str:
    """Multi-head attention with the heads on an axis of their own: [batch, head, position, ...].

    The values at padding are made zero: what is computed there may be of any size, and its weight of zero times
    infinity would be no number.
    """
    w_q, w_k, w_v, w_o = graph.weights(path, op)
    head_axis = graph.ints(f"{path}.head_axis", [1])
    heads = graph.op("Unsqueeze", [x, head_axis], f"{path}.x")
    queries = graph.op("MatMul", [heads, w_q], f"{path}.queries")
    keys = graph.op("MatMul", [heads, w_k], f"{path}.keys")
    values = graph.op("MatMul", [heads, w_v], f"{path}.values")
    transposed = graph.op("Transpose", [keys], f"{path}.keys_transposed", perm=[0, 1, 3, 2])
    scores = graph.op("MatMul", [queries, transposed], f"{path}.scores")
    hidden = graph.tensor(f"{path}.hidden", np.array(-np.inf, dtype=np.float32))
    masked = graph.op("Where", [mask.scores, scores, hidden], f"{path}.masked_scores")
    pattern = _softmax(graph, masked, f"{path}.pattern")
    nothing = graph.tensor(f"{path}.nothing", np.array(0, dtype=np.float32))
    values = graph.op("Where", [mask.values, values, nothing], f"{path}.masked_values")
    mixed = graph.op("MatMul", [pattern, values], f"{path}.mixed_values")
    by_head = graph.op("MatMul", [mixed, w_o], f"{path}.by_head")
    return graph.op("ReduceSum", [by_head, head_axis], f"{path}.out", keepdims=0)


def _softmax(graph: _Graph, scores: str, name: str) -> str:
    return graph.op("Softmax", [scores], name, axis=-1)


def softmax_model() -> onnx.ModelProto:
    """A model that computes the softmax of an attention: from `scores` [batch, head, query, key] to `pattern`."""
    graph = _Graph()
    _softmax(graph, "scores", "pattern")
    axes = ("batch", "head", "query", "key")
    scores, pattern = (helper.make_tensor_value_info(name, TensorProto.FLOAT, axes) for name in ("scores", "pattern"))
    return helper.make_model(
        helper.make_graph(graph.nodes, "softmax", [scores], [pattern]),
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )


def _lower_mlp(graph: _Graph, op: MlpOp, path: str, x: str) -> str:
    w_in, b_in, w_out, b_out = graph.weights(path, op)
    hidden = graph.op("MatMul", [x, w_in], f"{path}.hidden_without_bias")
    hidden = graph.op("Add", [hidden, b_in], f"{path}.hidden")
    active = graph.op("Relu", [hidden], f"{path}.active")
    out = graph.op("MatMul", [active, w_out], f"{path}.out_without_bias")
    return graph.op("Add", [out, b_out], f"{path}.out")


def _lower_unembed(graph: _Graph, op: UnembedOp, x: str) -> None:
    w_u, b_u = graph.weights("unembed", op)
    first, end = graph.ints("unembed.first", [1]), graph.ints("unembed.end", [np.iinfo(np.int64).max])
    without_bos = graph.op("Slice", [x, first, end, graph.ints("unembed.axis", [1])], "unembed.residual")
    logits = graph.op("MatMul", [without_bos, w_u], "unembed.logits_without_bias")
    graph.op("Add", [logits, b_u], "logits")


def _lower_decoding(graph: _Graph, info: ModelInfo, inputs: _Inputs) -> None:
    """The decoding of `raspc.runtime.codec`, and *undefined* at padding."""
    undefined = graph.ints("output.undefined", len(info.outputs))
    if info.encoding == Encoding.CATEGORICAL:
        ids = graph.op("ArgMax", ["logits"], "output.largest", axis=2, keepdims=0)
    else:
        ids = _lower_snapping(graph, info, undefined)
    graph.op("Where", [inputs.is_token, ids, undefined], "output_ids")


def _lower_snapping(graph: _Graph, info: ModelInfo, undefined: str) -> str:
    """The position of the value nearest to the number in column 0, where column 1 says that it is defined."""
    # Without any value the one number stands for undefined, whose id is then 0.
    numbers = info.output_numbers if info.outputs.values else np.zeros(1, dtype=np.float32)
    number = graph.op("Gather", ["logits", graph.ints("output.number_column", [0])], "output.number", axis=2)
    defined = graph.op("Gather", ["logits", graph.ints("output.defined_column", 1)], "output.defined", axis=2)
    difference = graph.op("Sub", [number, graph.tensor("output.values", numbers)], "output.difference")
    distance = graph.op("Abs", [difference], "output.distance")
    nearest = graph.op("ArgMin", [distance], "output.nearest", axis=2, keepdims=0)
    half = graph.tensor("output.half", np.array(0.5, dtype=np.float32))
    is_defined = graph.op("GreaterOrEqual", [defined, half], "output.is_defined")
    return graph.op("Where", [is_defined, nearest, undefined], "output.snapped")
