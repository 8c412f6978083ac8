"""A certificate is about the model that was judged, and about no other one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import jax
import numpy as np
import onnx
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, IntAttr, ModuleOp, StringAttr, UnitAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import VerifyException

import raspc
from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.application import run_passes
from raspc.dialects import craft, transformer
from raspc.dialects.craft import MatrixAttr
from raspc.dialects.craft.certificate import CertificateAttr
from raspc.dialects.craft.directives import numbers_attr
from raspc.dialects.dense import to_array, to_dense
from raspc.dialects.rasp.attributes import DomainAttr, Encoding, EncodingAttr
from raspc.dialects.transformer import model_of
from raspc.errors import FormatError
from raspc.lowering.to_jax import JaxModel
from raspc.passes.certify import CertifyPass
from raspc.pipelines import passes_of
from raspc.rasp import library
from raspc.rasp.entry import build_module
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.tools.cli import main
from tests.programs.levels import parse

Op = TypeVar("Op", bound=Operation)


def hist() -> rasp.SOp:
    return library.make_hist().named("hist")


@pytest.fixture(scope="module")
def module() -> ModuleOp:
    """A certified model; a test takes a clone."""
    return raspc.compile(hist(), ["a", "b"], 5).module


def scaled(op: transformer.MlpOp | transformer.UnembedOp | transformer.EmbedOp, name: str) -> None:
    """Change the smallest bit of one weight."""
    weights = to_array(getattr(op, name)).copy()
    place = np.unravel_index(int(np.flatnonzero(weights)[0]), weights.shape)
    weights[place] = np.nextafter(weights[place], np.float32(100))
    op.properties[name] = to_dense(weights)


def first(model: transformer.ModelOp, kind: type[Op]) -> Op:
    return next(op for op in model.body.block.ops if isinstance(op, kind))


def swap_vocabulary(model: transformer.ModelOp) -> None:
    model.vocab = DomainAttr(Domain.of(["a", "c"]))


def certify_margin(model: transformer.ModelOp) -> None:
    assert model.certificate is not None
    model.certificate = CertificateAttr(replace(model.certificate.data, margin=1.0))


def certify_dtype(model: transformer.ModelOp) -> None:
    assert model.certificate is not None
    model.certificate = CertificateAttr(replace(model.certificate.data, dtype="bfloat16"))


def drop_layer(model: transformer.ModelOp) -> None:
    mlp = first(model, transformer.MlpOp)
    (use,) = mlp.result.uses
    add = use.operation
    assert isinstance(add, transformer.AddOp)
    add.result.replace_all_uses_with(mlp.x)
    add.detach()
    mlp.detach()


CHANGES: dict[str, Callable[[transformer.ModelOp], None]] = {
    "a weight of a perceptron": lambda model: scaled(first(model, transformer.MlpOp), "w_out"),
    "a weight of the unembedding": lambda model: scaled(first(model, transformer.UnembedOp), "w_u"),
    "a weight of the embedding": lambda model: scaled(first(model, transformer.EmbedOp), "w_e"),
    "the vocabulary": swap_vocabulary,
    "the length": lambda model: model.properties.__setitem__("max_seq_len", IntAttr(4)),
    "the output values": lambda model: model.properties.__setitem__(
        "output_domain", DomainAttr(Domain.of([1, 2, 3, 4, 6]))
    ),
    "that the output may be undefined": lambda model: model.properties.__setitem__(
        "output_domain", DomainAttr(Domain.of([1, 2, 3, 4, 5, None]))
    ),
    "the encoding": lambda model: model.properties.__setitem__("output_encoding", EncodingAttr(Encoding.NUMERICAL)),
    "causality": lambda model: first(model, transformer.AttentionMaskOp).properties.__setitem__("causal", UnitAttr()),
    "an assumption": lambda model: model.assume(["x"], "y"),
    "the structure": drop_layer,
    "the margin": certify_margin,
    "the certificate's dtype": certify_dtype,
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_decides_the_outputs_makes_a_certificate_void(module: ModuleOp, change: str):
    changed = module.clone()
    before = CompiledModel(changed)
    assert before.certificate is not None
    CHANGES[change](model_of(changed))
    assert before.certificate is None
    assert CompiledModel(changed).certificate is None
    with pytest.raises(VerifyException):
        changed.verify()


def test_what_a_model_is_called_decides_nothing(module: ModuleOp):
    changed = module.clone()
    model = model_of(changed)
    model.sym_name = StringAttr("other")
    model.residual = ArrayAttr([StringAttr(f"d{number}") for number in range(len(model.residual))])
    changed.verify()
    assert CompiledModel(changed).certificate == CompiledModel(module).certificate


def test_a_changed_model_is_saved_without_its_certificate(module: ModuleOp, tmp_path: Path):
    changed = module.clone()
    model = CompiledModel(changed)
    scaled(first(model_of(changed), transformer.MlpOp), "w_out")
    for name in ("changed.mlir", "changed.onnx"):
        model.save(tmp_path / name)
        assert raspc.load(tmp_path / name).certificate is None
    assert model.to_jax().certificate is None


class NoisePass(ModulePass):
    """A plugin's pass that changes weights and leaves the certificate as it was."""

    name = "noise"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        scaled(first(model_of(op), transformer.MlpOp), "w_out")


def test_a_pass_that_changes_weights_and_keeps_the_certificate_is_refused():
    module = build_module(hist(), ["a", "b"], 5)
    with pytest.raises(VerifyException, match="after the pass noise: the certificate is void"):
        run_passes(module, [*passes_of("O1"), NoisePass()])


def test_the_digest_is_the_same_on_every_run(module: ModuleOp):
    again = raspc.compile(hist(), ["a", "b"], 5).module
    assert model_of(again).certificate == model_of(module).certificate


CRAFT = """
craft.model @p vocab ["a", "b"] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %p = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 [[0, 1], [1, 0]]) : "p" ["no", "yes"]
  %q = craft.head layer 1 query(%p) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity) bos [0, 0]
    score 0.5 temperature 100.0 : "q" ["a", "b"] or none
  craft.unembed %q
}
"""


def certified_craft() -> tuple[ModuleOp, craft.ModelOp]:
    module = parse(CRAFT)
    CertifyPass().apply(Context(), module)
    module.verify()
    model = next(iter(module.ops))
    assert isinstance(model, craft.ModelOp)
    return module, model


def of_kind(model: craft.ModelOp, kind: type[Op]) -> Op:
    return next(op for op in model.body.block.ops if isinstance(op, kind))


HALVED = MatrixAttr(SparseMatrix.from_dense([[0.0, 0.5], [0.5, 0.0]]))

CRAFT_CHANGES: dict[str, Callable[[craft.ModelOp], None]] = {
    "an output weight": lambda model: of_kind(model, craft.MlpOp).properties.__setitem__("w_out", ArrayAttr([HALVED])),
    "a bias": lambda model: of_kind(model, craft.MlpOp).properties.__setitem__("bias", numbers_attr([0, 1])),
    "a layer": lambda model: of_kind(model, craft.HeadOp).properties.__setitem__("layer", IntAttr(2)),
    "an operand": lambda model: of_kind(model, craft.UnembedOp).operands.__setitem__(
        0, of_kind(model, craft.MlpOp).results[0]
    ),
    "a temperature": lambda model: of_kind(model, craft.HeadOp).properties.__setitem__(
        "temperature", of_kind(model, craft.HeadOp).properties["bos_score"]
    ),
    "a claim": lambda model: of_kind(model, craft.HeadOp).properties.__setitem__("at_most_one", UnitAttr()),
    "causality": lambda model: model.properties.__setitem__("causal", UnitAttr()),
}


@pytest.mark.parametrize("change", CRAFT_CHANGES)
def test_a_change_of_a_craft_model_makes_its_certificate_void(change: str):
    _, model = certified_craft()
    CRAFT_CHANGES[change](model)
    with pytest.raises(VerifyException, match="the certificate is void"):
        model.verify(verify_nested_ops=False)


def test_the_assembly_of_a_changed_craft_model_has_no_certificate():
    module, model = certified_craft()
    CRAFT_CHANGES["an output weight"](model)
    passes_of("O1")[-1].apply(Context(), module)
    assert model_of(module).certificate is None


# Files


def saved(module: ModuleOp, path: Path) -> str:
    CompiledModel(module).save(path)
    return path.read_text() if path.suffix == ".mlir" else ""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("margin 0.9999", "margin 0.99995", "the certificate is void"),
        ('at "hist"', 'at "histogram"', "the certificate is void"),
        ("max_seq_len 5", "max_seq_len 5 ", None),
        ('scope "rounding" ', 'scope "function and rounding" ', "there is no scope 'function and rounding'"),
        ('scope "rounding" ', "", "of an earlier version of raspc.*compile the program again"),
        ("output categorical [1, 2, 3, 4, 5]", "output categorical [1, 2, 3, 4, 6]", "the certificate is void"),
    ],
)
def test_a_forged_module_is_refused(module: ModuleOp, tmp_path: Path, old: str, new: str, message: str | None):
    path = tmp_path / "hist.mlir"
    text = saved(module, path)
    text = text.replace("output categorical 1 to 5", "output categorical [1, 2, 3, 4, 5]")
    assert old in text
    path.write_text(text.replace(old, new))
    if message is None:
        assert raspc.load(path).certificate is not None
        return
    with pytest.raises(FormatError, match=f"(?s){message}"):
        raspc.load(path)


def forge(path: Path, change: Callable[[onnx.ModelProto, dict[str, object]], None]) -> None:
    model = onnx.load(path)
    entry = model.metadata_props[0]
    metadata = json.loads(entry.value)
    change(model, metadata)
    entry.value = json.dumps(metadata)
    onnx.save(model, path)


def scale_weights(model: onnx.ModelProto, metadata: dict[str, object]) -> None:
    tensor = next(tensor for tensor in model.graph.initializer if tensor.name.endswith("w_out"))
    tensor.raw_data = (np.frombuffer(tensor.raw_data, "<f4") * np.float32(1.01)).tobytes()


def claim_more(model: onnx.ModelProto, metadata: dict[str, object]) -> None:
    certificate = metadata["certificate"]
    assert isinstance(certificate, dict)
    certificate["margin"] = 1.0


def without_digest(model: onnx.ModelProto, metadata: dict[str, object]) -> None:
    certificate = metadata["certificate"]
    assert isinstance(certificate, dict)
    del certificate["sha256"], certificate["scope"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (scale_weights, "the certificate is void"),
        (claim_more, "the certificate is void"),
        (without_digest, "of an earlier version of raspc"),
    ],
)
def test_a_changed_onnx_file_is_refused_by_every_command(
    module: ModuleOp,
    tmp_path: Path,
    change: Callable[[onnx.ModelProto, dict[str, object]], None],
    message: str,
    capsys: pytest.CaptureFixture[str],
):
    path = tmp_path / "hist.onnx"
    saved(module, path)
    assert main(["inspect", str(path)]) == 0
    assert "scope rounding" in capsys.readouterr().out
    forge(path, change)
    with pytest.raises(FormatError, match=message):
        raspc.load(path)
    for command in (["inspect", str(path)], ["run", str(path), "a"]):
        assert main(command) == 1
        assert message in capsys.readouterr().err


def test_other_parameters_in_jax_have_no_certificate(module: ModuleOp):
    model = CompiledModel(module).to_jax()
    assert model.certificate is not None
    same = JaxModel(jax.tree.map(lambda array: array + 0, model.params), model.info)
    assert same.certificate == model.certificate  # whatever order JAX gives the keys
    other = JaxModel(jax.tree.map(lambda array: array * 1.5, model.params), model.info)
    assert other.certificate is None
    assert JaxRunner(other).certificate is None
