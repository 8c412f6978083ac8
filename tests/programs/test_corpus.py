"""Every program of the corpus, at every level, on every runtime and through every pipeline."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from itertools import pairwise, takewhile
from pathlib import Path

import onnx
import pytest
from xdsl.dialects.builtin import ModuleOp

import raspc
from raspc.algebra.values import from_json
from raspc.passes.legalize_selectors import LegalizeSelectorsPass
from raspc.pipelines import DEFAULT_PIPELINE, PIPELINES, passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import (
    SOURCE,
    Input,
    Output,
    Stage,
    Task,
    check,
    compile_stages,
    onnx_bytes,
    parse,
    run_passes,
)

EXHAUSTIVE = 1500
"""Up to so many inputs, all are run."""

SAMPLES = 60
"""Otherwise the edges and so many random ones are."""

ASSUMED = {"most_freq", "without_blanks"}
"""The programs of which infer-values can't prove that they have a meaning on every input."""


def _sizes(program: Program, pipeline: str) -> list[int]:
    """All sizes for the default pipeline, and that of the examples for the others."""
    return sorted({program.max_seq_len, *(program.sizes if pipeline == DEFAULT_PIPELINE else ())})


each_case = pytest.mark.parametrize(
    ("pipeline", "program", "size"),
    [
        pytest.param(pipeline, program, size, id=f"{pipeline}-{program.name}-{size}")
        for pipeline in PIPELINES
        for program in CORPUS
        for size in _sizes(program, pipeline)
    ],
)
each_program = pytest.mark.parametrize(
    ("pipeline", "program"),
    [pytest.param(pipeline, program, id=f"{pipeline}-{program.name}") for pipeline in PIPELINES for program in CORPUS],
)


def task_of(program: Program, size: int) -> Task:
    return Task(program.build(size), program.vocab, size, program.causal)


def questions(program: Program, task: Task) -> tuple[list[Input], list[Output]]:
    """The examples with the outputs written by hand, then inputs with those of the interpreter."""
    inputs = [list(tokens) for tokens, _ in program.examples]
    outputs = [output for _, output in program.examples]
    for tokens in task.inputs(EXHAUSTIVE, SAMPLES):
        output = task.evaluate(tokens)
        assert output is not None, f"{program.name} has no meaning on {tokens}"
        inputs.append(tokens)
        outputs.append(output)
    return inputs, outputs


def test_every_program_says_what_it_shows():
    notes = [program.note for program in CORPUS]
    assert [note for note in notes if len(note.split()) < 3 or note.endswith(".")] == []
    assert len(set(notes)) == len(notes)


def is_like_default(program: Program, size: int, pipeline: str) -> bool:
    """Whether a pipeline does to a program only what the default one does, so that the same tests needn't run again.

    The pipelines differ before legalize-selectors; from the same module the same passes make the same model.
    """
    key = (program.name, size, pipeline)
    if key not in _like_default:
        texts = [str(_unlowered(task_of(program, size), name)) for name in (DEFAULT_PIPELINE, pipeline)]
        _like_default[key] = pipeline != DEFAULT_PIPELINE and texts[0] == texts[1]
    return _like_default[key]


_like_default: dict[tuple[str, int, str], bool] = {}
"""What `is_like_default` has found."""


def _unlowered(task: Task, pipeline: str) -> ModuleOp:
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    passes = [*takewhile(lambda each: each.name != LegalizeSelectorsPass.name, passes_of(pipeline))]
    return run_passes(SOURCE, module, passes)[-1].module


def without_lines(text: str) -> str:
    """The text of a module without the user's files and lines in its assumptions."""
    return re.sub(r"(?<=\")\w+\.py:\d+: (?=')", "", text)


def final_model(stages: list[Stage]) -> CompiledModel:
    return CompiledModel(stages[-1].module)


def test_the_default_pipeline_is_not_like_another_one():
    alike = {program.name for program in CORPUS if is_like_default(program, program.max_seq_len, "O1")}
    assert len(CORPUS) / 4 < len(alike) < len(CORPUS) * 3 / 4
    assert "reverse" in alike
    assert "is_palindrome" not in alike


@each_case
def test_a_program_that_a_pipeline_leaves_alone_becomes_the_same_model(pipeline: str, program: Program, size: int):
    if size == program.max_seq_len and is_like_default(program, size, pipeline):
        texts = [str(compile_stages(task_of(program, size), name)[-1].module) for name in (DEFAULT_PIPELINE, pipeline)]
        assert texts[0] == texts[1]


@each_case
def test_every_level_computes_the_program(pipeline: str, program: Program, size: int):
    if is_like_default(program, size, pipeline):
        return
    task = task_of(program, size)
    inputs, expected = questions(program, task)
    stages = compile_stages(task, pipeline)
    for stage in stages:
        check(stage.name, inputs, expected, stage.run(inputs))
    check("ONNX Runtime", inputs, expected, OnnxModel(onnx_bytes(final_model(stages))).batch(inputs))


@each_program
def test_jax_computes_the_program(pipeline: str, program: Program):
    if is_like_default(program, program.max_seq_len, pipeline):
        return
    task = task_of(program, program.max_seq_len)
    inputs, expected = questions(program, task)
    check("JAX", inputs, expected, JaxRunner(final_model(compile_stages(task, pipeline)).to_jax()).batch(inputs))


@each_program
def test_a_longer_input_alone_and_in_a_batch_with_others(pipeline: str, program: Program):
    if is_like_default(program, max(_sizes(program, pipeline)), pipeline):
        return
    # Padding must not be seen: alone there is none, in a batch there is.
    task = task_of(program, max(_sizes(program, pipeline)))
    model = final_model(compile_stages(task, pipeline))
    inputs = [tokens for tokens in task.inputs(0, 8) if len(tokens) > 1][:8]
    assert model.batch([*inputs, [task.vocab[0]]])[:-1] == [model(tokens) for tokens in inputs]


@each_case
def test_every_stage_is_text_that_leads_to_the_next(pipeline: str, program: Program, size: int):
    # So from the text of any stage the remaining passes lead to the same model.
    if is_like_default(program, size, pipeline):
        return
    stages = compile_stages(task_of(program, size), pipeline)
    printable = [stage for stage in stages if stage.has_text]
    assert len(printable) >= len(stages) - 1  # only the program itself may contain a Python function
    for stage, after in pairwise(stages):
        if not stage.has_text:
            continue
        text = str(stage.module)
        parsed = parse(text)
        assert str(parsed) == text, stage.name
        _, found = run_passes(stage.name, parsed, stage.remaining[:1])
        expected = str(after.module)
        # Text doesn't say where the user wrote an expression; after the first stage the assumptions do.
        assert str(found.module) == (without_lines(expected) if stage.name == SOURCE else expected), stage.name
    final = str(stages[-1].module)
    parsed = parse(final)
    assert str(parsed) == final
    # The weights come from the text alone.
    assert onnx_bytes(CompiledModel(parsed)) == onnx_bytes(final_model(stages))


@each_program
def test_compiling_again_gives_the_same_bytes(pipeline: str, program: Program):
    if is_like_default(program, program.max_seq_len, pipeline):
        return
    one, other = (final_model(compile_stages(task_of(program, program.max_seq_len), pipeline)) for _ in range(2))
    assert str(one.module) == str(other.module)
    assert onnx_bytes(one) == onnx_bytes(other)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_bytes_and_outputs_do_not_depend_on_the_hash_seed(pipeline: str):
    def digests(seed: str) -> str:
        command = [sys.executable, "-m", "tests.programs.digests", pipeline]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        root = Path(__file__).parents[2]
        return subprocess.run(
            command, env=environment, cwd=root, check=True, capture_output=True, text=True, timeout=300
        ).stdout

    first = digests("1")
    assert first.count("\n") == len(CORPUS)
    assert digests("2") == first


@each_program
def test_a_model_saved_and_loaded_is_the_same(pipeline: str, program: Program, tmp_path: Path):
    if is_like_default(program, program.max_seq_len, pipeline):
        return
    model = final_model(compile_stages(task_of(program, program.max_seq_len), pipeline))
    inputs = [list(tokens) for tokens, _ in program.examples]
    expected = [output for _, output in program.examples]
    for suffix in ("onnx", "mlir"):
        path = tmp_path / f"model.{suffix}"
        model.save(path)
        loaded = raspc.load(path)
        assert loaded.info == model.info
        check(f"loaded {suffix}", inputs, expected, loaded.batch(inputs))
        assert all(map(loaded.validate, inputs))
    (metadata,) = [entry.value for entry in onnx.load(tmp_path / "model.onnx").metadata_props if entry.key == "raspc"]
    facts = json.loads(metadata)
    assert sorted(map(repr, map(from_json, facts["vocab"]))) == sorted(map(repr, program.vocab))
    assert (facts["max_seq_len"], facts["causal"]) == (program.max_seq_len, program.causal)
    assert facts["residual_labels"] == list(model.residual_labels)


@each_program
def test_only_what_cannot_be_proved_is_warned_of(pipeline: str, program: Program):
    def compiled() -> CompiledModel:
        return raspc.compile(
            program.build(), program.vocab, program.max_seq_len, causal=program.causal, pipeline=pipeline
        )

    if program.name in ASSUMED:
        with pytest.warns(raspc.MeaningWarning, match="assumed to have a meaning"):
            assert compiled().info.assumptions
        with pytest.raises(raspc.CompileError, match="can't be proved"):
            raspc.compile(
                program.build(), program.vocab, program.max_seq_len,
                causal=program.causal, pipeline=pipeline, strict=True,
            )  # fmt: skip
    else:
        assert not compiled().info.assumptions  # a warning would be an error
