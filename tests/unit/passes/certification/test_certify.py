"""What certificates say, where they go, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from xdsl.context import Context

import raspc
from raspc import rasp
from raspc.dialects.craft.certificate import Certificate, rounded_down
from raspc.errors import CompileError
from raspc.passes.cast_weights import CastWeightsPass
from raspc.passes.certify import CertifyPass
from raspc.rasp import library
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from tests.programs.levels import parse


def hist() -> rasp.SOp:
    return library.make_hist().named("hist")


def test_every_compiled_model_is_certified():
    model = raspc.compile(hist(), ["a", "b"], 5)
    certificate = model.certificate
    assert certificate is not None
    assert (certificate.dtype, certificate.at, certificate.assumptions) == ("float32", "hist", ())
    assert 0.999 < certificate.margin < 1
    assert str(certificate) == "exact in float32, scope rounding; the smallest margin is 0.9999, at 'hist'"


def test_margins_shrink_with_the_dtype_and_the_length():
    def margin(dtype: str, max_seq_len: int) -> float:
        certificate = raspc.compile(hist(), ["a", "b"], max_seq_len, dtype=dtype).certificate
        assert certificate is not None
        assert certificate.dtype == dtype
        return certificate.margin

    assert margin("float32", 5) > margin("float16", 5) > margin("bfloat16", 5) > 0
    assert margin("float16", 5) > margin("float16", 20) > 0


def test_a_dtype_that_is_too_coarse_is_refused_with_the_users_line():
    program = hist()
    with pytest.raises(CompileError, match=r"'hist': a class may be off by .* in bfloat16") as caught:
        raspc.compile(program, ["a", "b"], 12, dtype="bfloat16")
    assert caught.value.where is not None
    assert "compile for float32, in which the model is exact, or reduce max_seq_len" in str(caught.value)


def test_the_certificate_is_saved(tmp_path: Path):
    model = raspc.compile(hist(), ["a", "b"], 5, dtype="float16")
    assert model.certificate is not None
    for name in ("hist.onnx", "hist.mlir"):
        model.save(tmp_path / name)
        assert raspc.load(tmp_path / name).certificate == model.certificate
    assert JaxRunner(model.to_jax()).certificate == model.certificate


def test_another_dtype_makes_a_certificate_void():
    model = raspc.compile(hist(), ["a", "b"], 5)
    module = model.module.clone()
    CastWeightsPass("float32").apply(Context(), module)
    assert CompiledModel(module).certificate == model.certificate
    CastWeightsPass("float16").apply(Context(), module)
    assert CompiledModel(module).certificate is None


def test_the_certificate_lists_what_is_assumed():
    widths = rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ))
    program = rasp.Aggregate(rasp.Select(widths, widths, rasp.Comparison.EQ), rasp.tokens)
    with pytest.warns(raspc.MeaningWarning):
        model = raspc.compile(program, ["a", "b"], 4)
    assert model.certificate is not None
    assert model.certificate.assumptions == model.info.assumptions
    assert len(model.certificate.assumptions) == 1
    assert str(model.certificate).endswith("under 1 assumption")


@pytest.mark.parametrize(
    ("margin", "shown"), [(1.0, 1.0), (0.99999, 0.9999), (0.5, 0.5), (0.00123456, 0.0012), (3.459e-7, 3.45e-7)]
)
def test_margins_are_rounded_down(margin: float, shown: float):
    assert rounded_down(margin) == pytest.approx(shown, rel=1e-12)
    assert rounded_down(margin) <= margin


def test_a_certificate_in_words():
    certificate = Certificate("float16", 0.25, "x", ("a", "b"))
    assert (
        str(certificate) == "exact in float16, scope rounding; the smallest margin is 0.25, at 'x'; under 2 assumptions"
    )


def test_bounds_that_overflow_are_refused_without_numpys_warnings():
    module = parse(
        """
        craft.model @far vocab [0, 1] max_seq_len 2 {
          %tokens = craft.embed_tokens : "tokens" [0, 1]
          %mean = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 [[1.1, 0], [0, 1.1]]) value(%tokens)
            ov(2 by 1 [[0], [1.0e+12]]) bos [0] score 0.5 temperature 1.0e+12 : "mean" numerical [0, 1] mixed
          craft.unembed %mean
        }
        """
    )
    with pytest.raises(CompileError, match=r"'mean': the scores of keys that it selects may be off by .*don't count"):
        CertifyPass().apply(Context(), module)
