"""Programs of the corpus as models of float16 and bfloat16, on every runtime.

Which programs are exact in a smaller dtype is for certify to say. Here are some that it lets pass at this length: for
float16 with widths and means; for bfloat16, which has eight bits, with widths, lookups and selections.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.hints import isa

import raspc
from raspc.algebra.dtypes import FLOAT32, dtype_named
from raspc.dialects.dense import Dense
from raspc.passes.cast_weights import CastWeightsPass
from raspc.pipelines import PIPELINES, passes_of
from raspc.runtime.model import CompiledModel
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import Task, check, compile_stages, onnx_bytes, parse, run_passes, runtimes

MAX_SEQ_LEN = 5

NAMES = {
    "float16": (
        "reverse", "hist", "sort", "frac_prevs", "mean", "shuffle_dyck2", "undefined_spreads", "tuples", "causal_hist",
    ),
    "bfloat16": (
        "hist", "shift_by_2", "upper", "concatenation", "undefined_spreads", "aggregate_and_of_selectors", "tuple_keys",
        "causal_shift",
    ),
}  # fmt: skip

each_program = pytest.mark.parametrize(
    ("dtype", "program"),
    [
        pytest.param(dtype, next(program for program in CORPUS if program.name == name), id=f"{dtype}-{name}")
        for dtype, names in NAMES.items()
        for name in names
    ],
)


def task_of(program: Program) -> Task:
    return Task(program.build(MAX_SEQ_LEN), program.vocab, MAX_SEQ_LEN, program.causal)


def all_weights(module: ModuleOp) -> list[bytes]:
    attrs = [attr for op in module.walk() for attr in op.properties.values() if isa(attr, Dense)]
    return [attr.data.data for attr in attrs]


def compiled(program: Program, dtype: str) -> CompiledModel:
    return raspc.compile(
        program.build(MAX_SEQ_LEN), program.vocab, MAX_SEQ_LEN, causal=program.causal, dtype=dtype
    )  # fmt: skip


@each_program
def test_every_runtime_computes_the_program(dtype: str, program: Program):
    task = task_of(program)
    inputs = list(task.inputs(400, 60))
    expected = [task.evaluate(tokens) or [] for tokens in inputs]
    model = compiled(program, dtype)
    assert model.info.dtype == dtype_named(dtype)
    for name, runtime in {"numpy": model, **runtimes(model, jax=True)}.items():
        check(name, inputs, expected, runtime.batch(inputs))
        logits = runtime.logits(inputs[-1])
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, model.logits(inputs[-1]), atol=0.1)


@each_program
def test_a_model_is_read_back_from_its_text_and_from_files(dtype: str, program: Program, tmp_path: Path):
    model = compiled(program, dtype)
    text = str(model.module)
    assert str(parse(text)) == text
    assert onnx_bytes(CompiledModel(parse(text))) == onnx_bytes(model)
    (tokens, expected), *_ = program.examples
    for suffix in ("onnx", "mlir"):
        path = tmp_path / f"model.{suffix}"
        model.save(path)
        loaded = raspc.load(path)
        assert loaded.info == model.info
        check(suffix, [list(tokens)], [expected], [loaded(tokens)])


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_cast_is_the_last_pass_and_changes_nothing_that_the_dtype_holds(pipeline: str):
    assert passes_of(pipeline, dtype="float32") == passes_of(pipeline)
    assert passes_of(pipeline, dtype="float16")[-1] == CastWeightsPass("float16")
    program = next(program for program in CORPUS if program.name == "shift_by_2")
    final = compile_stages(task_of(program), pipeline)[-1].module
    cast = run_passes("", final.clone(), [CastWeightsPass(name) for name in ("float16", "float32")])[-1].module
    assert all_weights(cast) == all_weights(final), "at this size every weight is a float16"


@pytest.mark.parametrize(("dtype", "name"), [("float16", "mean_of_defined"), ("bfloat16", "mean")])
def test_a_program_that_the_dtype_is_not_enough_for_is_refused(dtype: str, name: str):
    program = next(program for program in CORPUS if program.name == name)
    assert compiled(program, "float32").info.dtype == FLOAT32
    with pytest.raises(raspc.CompileError, match=rf"'aggregate': .* may be off by .* in {dtype}"):
        compiled(program, dtype)


@pytest.mark.parametrize("dtype", ["half", "", "f16", "float64", None, np.float16])
def test_an_unknown_dtype(dtype: str):
    with pytest.raises(
        raspc.CompileError, match=r"there is no dtype .*\n  expected: one of float32, float16, bfloat16"
    ):
        compiled(CORPUS[0], dtype)
