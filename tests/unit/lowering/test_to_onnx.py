import io
from collections.abc import Callable

import numpy as np
import onnx
import onnx.parser
import onnxruntime
import pytest
from onnx import TensorProto
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import dtype_named
from raspc.errors import CompileError
from raspc.lowering.metadata import ModelInfo, describe_module
from raspc.lowering.onnx_target import OnnxTextTarget
from raspc.lowering.to_onnx import to_onnx
from raspc.passes.cast_weights import CastWeightsPass
from raspc.runtime.model import CompiledModel
from tests.unit.runtime.toy_models import ToyModel, identity, previous, random_model, third

each_model = pytest.mark.parametrize(
    "make",
    [identity, previous, third, lambda: random_model(0), lambda: random_model(1, causal=True, numerical=True)],
    ids=["identity", "previous", "third", "random", "random_causal_numerical"],
)


class Session:
    """An exported model without any of raspc's own runtime."""

    def __init__(self, module: ModuleOp):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        data = to_onnx(module).SerializeToString(deterministic=True)
        self.session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def __call__(self, ids: list, mask: list | None = None) -> tuple[np.ndarray, np.ndarray]:
        mask_array = np.ones_like(ids) if mask is None else np.array(mask, dtype=np.int64)
        feeds = {"token_ids": np.array(ids, dtype=np.int64), "attention_mask": mask_array.astype(np.int64)}
        logits, output_ids = self.session.run(["logits", "output_ids"], feeds)
        return np.asarray(logits), np.asarray(output_ids)


@each_model
def test_the_checker_accepts_it(make: Callable[[], ModuleOp]):
    onnx.checker.check_model(to_onnx(make()), full_check=True)


@each_model
def test_shapes_are_inferred_in_full(make: Callable[[], ModuleOp]):
    model = to_onnx(make())
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    assert {info.name for info in inferred.graph.value_info} >= {
        name for node in model.graph.node for name in node.output if name not in ("logits", "output_ids")
    }
    for info in inferred.graph.value_info:
        dims = info.type.tensor_type.shape.dim
        assert all(dim.dim_value > 0 or dim.dim_param for dim in dims), info.name
    d_model = CompiledModel(make()).config.d_model
    (residual,) = [info for info in inferred.graph.value_info if info.name == "unembed.residual"]
    assert residual.type.tensor_type.shape.dim[2].dim_value == d_model


def test_axes_and_types():
    model = to_onnx(third())

    def signature(infos) -> list[tuple[str, int, list[str | int]]]:
        return [
            (
                info.name,
                info.type.tensor_type.elem_type,
                [dim.dim_param or dim.dim_value for dim in info.type.tensor_type.shape.dim],
            )
            for info in infos
        ]

    ids = onnx.TensorProto.INT64
    assert signature(model.graph.input) == [
        ("token_ids", ids, ["batch", "sequence"]),
        ("attention_mask", ids, ["batch", "sequence"]),
    ]
    assert signature(model.graph.output) == [
        ("logits", onnx.TensorProto.FLOAT, ["batch", "sequence", 2]),
        ("output_ids", ids, ["batch", "sequence"]),
    ]


@each_model
def test_the_bytes_are_deterministic(make: Callable[[], ModuleOp]):
    once, again = (to_onnx(make()).SerializeToString(deterministic=True) for _ in range(2))
    assert once == again


def test_weights_have_the_shapes_and_names_of_the_dialect():
    model = to_onnx(random_model(0))
    shapes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    assert shapes["embed.w_e"] == [6, 12]
    assert shapes["embed.w_pos"] == [8, 12]
    assert shapes["layer_0.attention.w_q"] == [3, 12, 4]
    assert shapes["layer_0.attention.w_o"] == [3, 2, 12]
    assert shapes["layer_0.mlp.w_in"] == [12, 9]
    assert shapes["layer_1.mlp.b_in"] == [4]
    assert shapes["layer_2.attention.w_v"] == [1, 12, 5]
    assert shapes["unembed.w_u"] == [12, 5]
    assert "layer_2.mlp.w_in" not in shapes
    assert [node.name for node in model.graph.node] == [node.output[0] for node in model.graph.node]


def test_metadata():
    module = previous()
    (entry,) = to_onnx(module).metadata_props
    assert entry.key == "raspc"
    assert ModelInfo.from_json(entry.value) == describe_module(module)


@each_model
def test_output_ids_decode_the_logits(make: Callable[[], ModuleOp]):
    module = make()
    model, session = CompiledModel(module), Session(module)
    random = np.random.default_rng(0)
    ids = random.integers(len(model.vocab), size=(20, model.max_seq_len))
    logits, output_ids = session(ids.tolist())
    np.testing.assert_array_equal(output_ids, model.codec.output_ids(logits))
    assert output_ids.dtype == np.int64


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("numerical", [False, True])
def test_padding_may_stand_anywhere(causal: bool, numerical: bool):
    module = random_model(4, causal=causal, numerical=numerical)
    session = Session(module)
    alone, alone_ids = session([[3, 1, 4]])
    undefined = len(describe_module(module).outputs)
    for places in ([0, 1, 2], [4, 5, 6], [1, 2, 5], [0, 6, 11]):
        ids, mask = np.full((2, 12), -100), np.zeros((2, 12), dtype=int)
        ids[0, places], mask[0, places] = [3, 1, 4], 1
        ids[1, :2], mask[1, :2] = [0, 2], 1
        logits, output_ids = session(ids.tolist(), mask.tolist())
        np.testing.assert_allclose(logits[0, places], alone[0], rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(output_ids[0, places], alone_ids[0])
        assert (output_ids[0, mask[0] == 0] == undefined).all()


def test_any_number_but_zero_marks_a_token():
    session = Session(previous())
    np.testing.assert_array_equal(session([[0, 1]], [[2, -1]])[1], session([[0, 1]])[1])


def test_causal_models_do_not_see_later_tokens():
    session = Session(random_model(0, causal=True))
    short, _ = session([[1, 2]])
    long, _ = session([[1, 2, 3, 4]])
    np.testing.assert_allclose(long[:, :2], short, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("ids", "mask"),
    [
        ([[3]], None),  # the BOS token's id
        ([[4]], None),
        ([[-1]], None),
        ([[-4]], None),
        ([[0, 2**40]], None),
        ([[0] * 6], None),  # one token too many
        ([[0] * 8], [[1] * 6 + [0] * 2]),
        ([[0, 1], [0, 1]], [[1, 1]]),
        ([[0, 1], [0, 1]], [[1], [1]]),
        ([[0, 1, 2], [0, 1, 2]], [[1, 1], [1, 1], [1, 1]]),
    ],
)
def test_inputs_that_no_model_can_take_make_the_run_fail(ids: list, mask: list | None):
    with pytest.raises(Exception, match=r"Gather|Concat|Got invalid dimensions"):
        Session(previous())(ids, mask)


def test_empty_inputs():
    session = Session(previous())
    logits, output_ids = session(np.zeros((2, 0)).tolist())
    assert logits.shape == (2, 0, 4)
    assert output_ids.shape == (2, 0)
    logits, output_ids = session(np.zeros((0, 3)))  # pyright: ignore[reportArgumentType]
    assert logits.shape == (0, 3, 4)


def test_an_output_without_any_value():
    toy = ToyModel("nothing", Domain.of(["a"]), 2, Domain.of([None]), ["x"], numerical=True)
    toy.embed(np.ones((2, 1)), np.zeros((3, 1)))
    assert Session(toy.unembed(np.ones((1, 2)), np.zeros(2)))([[0, 0]])[1].tolist() == [[0, 0]]


def test_models_that_do_not_fit_into_a_file_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("raspc.lowering.to_onnx.MAX_BYTES", 4 * 43 - 1)
    with pytest.raises(CompileError, match="the model's weights have 172 bytes, and an ONNX file can't hold more"):
        to_onnx(identity())


def test_text_target():
    output = io.StringIO()
    OnnxTextTarget().emit(Context(), previous(), output)
    parsed = onnx.parser.parse_model(output.getvalue())
    onnx.checker.check_model(parsed, full_check=True)
    assert [node.op_type for node in parsed.graph.node] == [node.op_type for node in to_onnx(previous()).graph.node]
    assert parsed.metadata_props == to_onnx(previous()).metadata_props


def test_text_target_refuses_what_is_no_model():
    with pytest.raises(CompileError, match="found 0"):
        OnnxTextTarget().emit(Context(), ModuleOp([]), io.StringIO())


@each_model
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_other_dtypes(make: Callable[[], ModuleOp], dtype: str):
    module = make()
    CastWeightsPass(dtype).apply(Context(), module)
    model = to_onnx(module)
    onnx.checker.check_model(model, full_check=True)
    stored = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    kind = {"float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16}[dtype]
    weights = {name: stored[name] for name in stored if ".w_" in name or ".b_" in name}
    assert len(weights) >= 4
    assert set(weights.values()) == {kind}
    (logits, _) = model.graph.output
    assert logits.type.tensor_type.elem_type == TensorProto.FLOAT
    readers = {node.op_type for node in model.graph.node if set(node.input) & set(weights)}
    assert readers == {"Cast"}  # all else is float32
    compiled, session = CompiledModel(module), Session(module)
    tokens = [compiled.vocab[i % len(compiled.vocab)] for i in range(compiled.max_seq_len)]
    found, _ = session(compiled.codec.encode(tokens).tolist())
    unit = dtype_named(dtype).unit_roundoff
    np.testing.assert_allclose(found[0], compiled.logits(tokens), atol=200 * unit, rtol=200 * unit)


def test_weights_of_16_bits_are_half_the_bytes():
    def size(dtype: str) -> int:
        toy = ToyModel("large", Domain.of([1, 2]), 1000, Domain.of([1]), [f"x:{i}" for i in range(100)])
        toy.embed(np.ones((3, 100)), np.zeros((1001, 100)))
        module = toy.unembed(np.ones((100, 2)), np.zeros(2))
        CastWeightsPass(dtype).apply(Context(), module)
        return to_onnx(module).ByteSize()

    assert size("float32") - size("float16") > 190_000
    assert size("float32") - size("bfloat16") > 190_000
