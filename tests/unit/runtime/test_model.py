import os
import stat
from pathlib import Path

import numpy as np
import onnx
import pytest
from xdsl.dialects.builtin import ModuleOp

from raspc.errors import CompileError, RaspcError
from raspc.lowering.metadata import ModelConfig
from raspc.runtime.model import CompiledModel
from raspc.runtime.trace import Trace
from tests.unit.runtime.toy_models import identity, previous, random_model, third


def test_facts():
    model = CompiledModel(previous())
    assert model.name == "previous"
    assert model.vocab == (1, 2, 3)
    assert model.max_seq_len == 5
    assert model.causal
    assert model.outputs == (1, 2, 3, None)
    assert model.residual_labels[:4] == ("tokens:1", "tokens:2", "tokens:3", "previous:1")
    assert model.config == ModelConfig(n_layers=1, n_heads=1, d_model=12, d_head=6, d_value=3, d_mlp=0, n_params=388)
    assert repr(model) == (
        "<CompiledModel @previous: causal, 3 tokens, max_seq_len 5, 1 layers, d_model 12, 388 parameters>"
    )


def test_sizes_of_uneven_layers_are_the_largest():
    config = CompiledModel(random_model(0)).config
    assert (config.n_layers, config.n_heads, config.d_head, config.d_value, config.d_mlp) == (3, 3, 4, 5, 9)
    weights = onnx_weights(CompiledModel(random_model(0)))
    assert config.n_params == sum(weight.size for weight in weights.values())


def onnx_weights(model: CompiledModel) -> dict[str, np.ndarray]:
    tensors = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.to_onnx().graph.initializer}
    return {name: array for name, array in tensors.items() if name.rpartition(".")[2][:2] in ("w_", "b_")}


def test_a_module_without_a_model():
    with pytest.raises(CompileError, match=r"expected one transformer.model in the module, found 0"):
        CompiledModel(ModuleOp([]))


class TestTrace:
    @pytest.fixture
    def trace(self) -> Trace:
        return CompiledModel(random_model(0, causal=True)).trace([2, 0, 1])

    def test_stages_are_named_by_layer(self, trace: Trace):
        names = ["embed", "layer 0 attention", "layer 0 mlp", "layer 1 mlp", "layer 2 attention"]
        assert [stage.name for stage in trace.residual_stream] == names
        assert all(stage.values.shape == (4, 12) for stage in trace.residual_stream)

    def test_input_and_output(self, trace: Trace):
        model = CompiledModel(random_model(0, causal=True))
        assert trace.tokens == ("BOS", 2, 0, 1)
        assert list(trace.outputs) == model([2, 0, 1])
        np.testing.assert_array_equal(trace.logits, model.logits([2, 0, 1]))

    def test_patterns_stand_by_layer(self, trace: Trace):
        assert [None if pattern is None else pattern.shape for pattern in trace.attention] == [
            (3, 4, 4),
            None,
            (1, 4, 4),
        ]

    def test_a_direction_by_its_label(self):
        trace = CompiledModel(previous()).trace([2, 3])
        assert trace.stage("embed")["tokens:3"].tolist() == [0, 0, 1]
        np.testing.assert_allclose(trace.stage("layer 0 attention")["previous:2"], [0, 0, 1], atol=1e-6)
        with pytest.raises(KeyError, match="tokens:9"):
            trace.stage("embed")["tokens:9"]
        with pytest.raises(KeyError, match="the stages are embed, layer 0 attention"):
            trace.stage("layer 1 mlp")

    def test_representation(self):
        assert repr(CompiledModel(third()).trace([0, 1])).splitlines() == [
            "Trace of @third on [0, 1] -> [None, 0.3333333333333333]",
            "  embed        writes token",
            "  layer 0 mlp  writes third, defined",
        ]


class TestSave:
    def test_onnx(self, tmp_path: Path):
        model = CompiledModel(third())
        model.save(tmp_path / "m.onnx")
        assert onnx.load(tmp_path / "m.onnx") == model.to_onnx()

    def test_mlir(self, tmp_path: Path):
        model = CompiledModel(third())
        model.save(str(tmp_path / "m.mlir"))
        assert (tmp_path / "m.mlir").read_text(encoding="utf-8") == str(model.module) + "\n"

    @pytest.mark.parametrize("name", ["m.pt", "m", ".onnx", "m.ONNX"])
    def test_other_suffixes_are_refused(self, tmp_path: Path, name: str):
        with pytest.raises(RaspcError, match=r"the suffix must be \.onnx or \.mlir"):
            CompiledModel(identity()).save(tmp_path / name)
        assert not list(tmp_path.iterdir())

    def test_a_failed_save_changes_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        path = tmp_path / "m.onnx"
        path.write_bytes(b"before")

        def fail(*_: object) -> None:
            raise OSError("no space")

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="no space"):
            CompiledModel(identity()).save(path)
        assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("m.onnx", b"before")]

    def test_a_directory_in_the_way(self, tmp_path: Path):
        (tmp_path / "m.onnx").mkdir()
        with pytest.raises(OSError, match=r"m\.onnx"):
            CompiledModel(identity()).save(tmp_path / "m.onnx")
        assert [file.name for file in tmp_path.iterdir()] == ["m.onnx"]

    def test_a_missing_directory(self, tmp_path: Path):
        with pytest.raises(FileNotFoundError):
            CompiledModel(identity()).save(tmp_path / "missing" / "m.onnx")

    def test_a_link_is_followed(self, tmp_path: Path):
        target, link = tmp_path / "target.mlir", tmp_path / "link.mlir"
        link.symlink_to(target)
        CompiledModel(identity()).save(link)
        assert link.is_symlink()
        assert target.stat().st_size > 0

    @pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
    def test_the_mode_is_that_of_a_new_file(self, tmp_path: Path):
        before = os.umask(0o027)
        try:
            CompiledModel(identity()).save(tmp_path / "m.onnx")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / "m.onnx").stat().st_mode) == 0o640
