import contextlib
import itertools
import json
import random
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from xdsl.context import Context
from xdsl.printer import Printer

from raspc.algebra.domain import Domain
from raspc.errors import FormatError
from raspc.passes.cast_weights import CastWeightsPass
from raspc.runtime.load import load
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from tests.unit.runtime.toy_models import identity, previous, random_model, third


def problem_of(path: Path) -> str:
    """The message of the FormatError that loading must raise; it begins with the path."""
    with pytest.raises(FormatError) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("make", [identity, previous, third, lambda: random_model(0, causal=True)])
@pytest.mark.parametrize(("suffix", "kind"), [(".onnx", OnnxModel), (".mlir", CompiledModel)])
def test_round_trip(make: Callable[[], Any], suffix: str, kind: type, tmp_path: Path):
    model = CompiledModel(make())
    path = tmp_path / f"model{suffix}"
    model.save(path)
    loaded = load(str(path))
    assert type(loaded) is kind
    assert loaded.info == model.info
    tokens = [model.vocab[i % len(model.vocab)] for i in range(model.max_seq_len)]
    assert loaded(tokens) == model(tokens)
    np.testing.assert_allclose(loaded.logits(tokens), model.logits(tokens), atol=1e-5)


@pytest.mark.parametrize("suffix", [".onnx", ".mlir"])
def test_tokens_of_all_types_and_scripts_survive(suffix: str, tmp_path: Path):
    values = [True, 2, 2.5, float("inf"), float("-inf"), "ü", "日本", '"\\\n', "", (1, ("a", 0.5)), ()]
    model = CompiledModel(identity(Domain.of(values)))
    model.save(tmp_path / f"m{suffix}")
    assert list(map(repr, load(tmp_path / f"m{suffix}").vocab)) == list(map(repr, model.vocab))


def test_the_printed_module_keeps_every_bit_of_the_weights(tmp_path: Path):
    model = CompiledModel(random_model(5))
    model.save(tmp_path / "m.mlir")
    loaded = load(tmp_path / "m.mlir")
    assert isinstance(loaded, CompiledModel)
    assert loaded.module.is_structurally_equivalent(model.module)


@pytest.mark.parametrize("name", ["model.pt", "model"])
def test_other_suffixes(name: str, tmp_path: Path):
    (tmp_path / name).touch()
    assert problem_of(tmp_path / name) == "not a model: the suffix must be .onnx or .mlir"


@pytest.mark.parametrize("name", ["model.onnx", "model.mlir"])
def test_a_missing_file_is_an_os_error(name: str, tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / name)


@pytest.mark.parametrize("suffix", [".onnx", ".mlir"])
def test_truncated_files(suffix: str, tmp_path: Path):
    path = tmp_path / f"m{suffix}"
    CompiledModel(previous()).save(path)
    data = path.read_bytes()
    end = len(data) - len("}\n") if suffix == ".mlir" else len(data)
    for size in itertools.chain(range(60), range(60, end, 97), range(end - 20, end)):
        path.write_bytes(data[:size])
        assert problem_of(path)


@pytest.mark.parametrize("suffix", [".onnx", ".mlir"])
def test_damaged_files_load_or_raise_a_format_error(suffix: str, tmp_path: Path):
    path = tmp_path / f"m{suffix}"
    CompiledModel(third()).save(path)
    data = path.read_bytes()
    source = random.Random(0)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(source.randint(1, 4)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        path.write_bytes(damaged)
        with contextlib.suppress(FormatError):  # and nothing else
            load(path)


@pytest.mark.parametrize("suffix", [".onnx", ".mlir"])
def test_random_bytes(suffix: str, tmp_path: Path):
    path = tmp_path / f"m{suffix}"
    source = random.Random(1)
    for size in [*range(30), *range(30, 1000, 70)]:
        path.write_bytes(source.randbytes(size))
        assert problem_of(path)


def change(path: Path, edit: Callable[[onnx.ModelProto], object]) -> None:
    """Write a valid model with one thing changed."""
    model = CompiledModel(third()).to_onnx()
    edit(model)
    path.write_bytes(model.SerializeToString())


ANOTHER_GRAPH = "the graph is not the one that this version of raspc exports for these weights\n  help: "


class TestOnnx:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "m.onnx"

    def test_empty(self, path: Path):
        path.touch()
        assert problem_of(path) == "the file is empty"

    def test_foreign(self, path: Path):
        info = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
        out = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])
        graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "foreign", [info], [out])
        onnx.save(helper.make_model(graph), path)
        assert problem_of(path) == "not a model that raspc exported: it has no metadata entry 'raspc'"

    def test_other_inputs_and_outputs(self, path: Path):
        change(path, lambda model: model.graph.output.pop())
        assert problem_of(path).startswith(ANOTHER_GRAPH)

    def test_an_invalid_graph(self, path: Path):
        change(path, lambda model: model.graph.node.pop(3))
        assert problem_of(path).startswith(ANOTHER_GRAPH)

    def test_an_operator_that_does_not_exist(self, path: Path):
        change(path, lambda model: setattr(model.graph.node[3], "op_type", "Nonsense"))
        assert problem_of(path).startswith(ANOTHER_GRAPH)

    def test_shapes_that_do_not_fit(self, path: Path):
        def shrink(model: onnx.ModelProto) -> None:
            (tensor,) = [tensor for tensor in model.graph.initializer if tensor.name == "unembed.b_u"]
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.zeros(3, dtype=np.float32), tensor.name))

        change(path, shrink)
        assert problem_of(path).startswith("the model is invalid: w_u must have the shape [")

    def test_weights_in_other_files(self, path: Path):
        def externalise(model: onnx.ModelProto) -> None:
            tensor = model.graph.initializer[0]
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value="/etc/hostname")

        change(path, externalise)
        assert problem_of(path) == "the model has weights in other files; raspc writes all of them into one"

    def test_weights_that_are_not_finite(self, path: Path):
        def damage(model: onnx.ModelProto) -> None:
            (tensor,) = [tensor for tensor in model.graph.initializer if tensor.name == "unembed.b_u"]
            tensor.CopyFrom(onnx.numpy_helper.from_array(np.full(2, np.nan, dtype=np.float32), tensor.name))

        change(path, damage)
        assert problem_of(path) == "the model is invalid: b_u has an element that is not a finite number"

    def test_weights_that_make_nan_never_give_an_answer(self, path: Path):
        def damage(model: onnx.ModelProto) -> None:
            for tensor in model.graph.initializer:
                if tensor.name in ("embed.w_e", "unembed.w_u"):
                    weights = onnx.numpy_helper.to_array(tensor)
                    tensor.CopyFrom(onnx.numpy_helper.from_array(np.full_like(weights, 3e38), tensor.name))

        change(path, damage)
        with pytest.raises(Exception, match="NaN or infinite"):
            load(path)([1])

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "the metadata is not JSON"),
            ("{", "the metadata is not JSON"),
            ("[" * 100_000, "the metadata is not JSON"),
            ("[]", "the metadata must be a JSON object"),
            ("{}", "the metadata's format_version must be of type int, found None"),
        ],
    )
    def test_metadata_that_is_not_ours(self, path: Path, text: str, message: str):
        change(path, lambda model: setattr(model.metadata_props[0], "value", text))
        assert problem_of(path).startswith(message)

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("format_version", 2, "the metadata has format version 2; this raspc reads version 1"),
            ("format_version", True, "the metadata's format_version must be of type int, found True"),
            ("name", None, "the metadata's name must be of type str, found None"),
            ("vocab", [], "the vocabulary is empty"),
            ("vocab", "abc", "the metadata's vocab must be of type list, found 'abc'"),
            ("vocab", [0, {"set": [1]}], "the metadata's vocab: {'set': [1]} is not a RASP value in JSON"),
            ("vocab", [0, None], "the metadata's vocab: undefined is not a value"),
            ("vocab", [1, 0], "the metadata's vocab must be distinct values in order"),
            ("vocab", [0, 1, True], "the metadata's vocab must be distinct values in order"),
            ("max_seq_len", 0, "the metadata's max_seq_len must be at least 1, found 0"),
            ("max_seq_len", 4.0, "the metadata's max_seq_len must be of type int, found 4.0"),
            ("causal", 0, "the metadata's causal must be of type bool, found 0"),
            ("output_encoding", "other", "output_encoding must be categorical or numerical, found 'other'"),
            ("output_encoding", "unknown", "output_encoding must be categorical or numerical, found 'unknown'"),
            ("output_values", ["a"], "the values of a numerical output must be finite numbers"),
            ("output_values", [1, 1 + 1e-12], "the output values 1 and 1.000000000001 are the same number in float32"),
            ("output_undefined", "no", "the metadata's output_undefined must be of type bool, found 'no'"),
            ("residual_labels", ["a", 1], "the metadata's residual_labels must be a list of strings, found 1"),
            ("config", {}, "the metadata's n_layers must be of type int, found None"),
        ],
    )
    def test_metadata_of_other_types(self, path: Path, key: str, value: object, message: str):
        def edit(model: onnx.ModelProto) -> None:
            (entry,) = model.metadata_props
            entry.value = json.dumps(json.loads(entry.value) | {key: value})

        change(path, edit)
        assert problem_of(path).startswith(message)


class TestMlir:
    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "m.mlir"

    def test_empty(self, path: Path):
        path.touch()
        assert problem_of(path) == "the file is empty"

    def test_a_module_without_a_model(self, path: Path):
        path.write_text("builtin.module {\n}\n")
        assert problem_of(path).startswith("expected one transformer.model in the module, found 0")

    def test_not_text(self, path: Path):
        path.write_bytes(b"\xff\xfe")
        assert problem_of(path) == "not text in UTF-8"

    def test_a_syntax_error_says_where(self, path: Path):
        path.write_text("builtin.module {\n  transformer.model 5\n}\n")
        assert problem_of(path).startswith("line 2, column ")

    def test_a_string_that_is_not_closed(self, path: Path):
        path.write_text('builtin.module {\n  "' + "a" * 1000 + "\n}\n")
        assert problem_of(path) == "line 2: a string literal is not closed, or has an invalid escape sequence"

    def test_an_unknown_op(self, path: Path):
        path.write_text('"foo.bar"() : () -> ()')
        assert "foo.bar" in problem_of(path)

    def test_a_module_that_does_not_verify(self, path: Path):
        text = str(identity()).replace("residual [\"tokens:'a'\", ", "residual [")
        path.write_text(text)
        assert "residual must name 3 directions, found 2" in problem_of(path)

    def test_weights_of_other_types(self, path: Path):
        path.write_text(str(identity()).replace("3xf32>)", "3xf64>)"))
        assert "f32" in problem_of(path)

    def test_an_earlier_level(self, path: Path):
        path.write_text(
            "rasp.program @p vocab [1, 2] max_seq_len 2 {\n"
            "  %tokens = rasp.tokens : categorical [1, 2]\n"
            "  rasp.return %tokens\n"
            "}\n"
        )
        assert problem_of(path).startswith("the module is still at the level of the rasp dialect\n  help: ")

    @pytest.mark.parametrize(
        ("literal", "problem"),
        [
            ('"0x00000000000000000000000000"', "expected 12 bytes, found 13"),
            ('"0x003C003C"', "Shape mismatch"),
            ('"zz003C003C003C003C003C003C"', "must start with 0x"),
            ('"0x003C00ZZ"', "Hex string in denseAttr is invalid"),
            ('"0x00FC"', "w_pos has an element that is not a finite number"),
            ("0x3C00", "a float can't be written as the hexadecimal of its bits"),
            ("70000.0", "a number is too large for its type"),
        ],
    )
    @pytest.mark.parametrize("generic", [False, True])
    def test_damaged_weights_of_16_bits(self, path: Path, literal: str, problem: str, generic: bool):
        module = identity(max_seq_len=1)
        CastWeightsPass("float16").apply(Context(), module)
        stream = StringIO()
        Printer(stream, print_generic_format=generic).print_op(module)
        text, count = re.subn(
            "dense<[^<]*> : tensor<2x3xf16>", f"dense<{literal}> : tensor<2x3xf16>", stream.getvalue()
        )
        assert count == 1
        path.write_text(text)
        assert problem in problem_of(path)
