"""Every program of the corpus, at every level, on every runtime and through every pipeline."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import jax
import onnx
import pytest

import raspc
from raspc.algebra.values import from_json
from raspc.pipelines import DEFAULT_PIPELINE, PIPELINES
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from tests.extent import THOROUGH, some
from tests.programs.compiled import (
    FAITHFUL,
    earlier_steps,
    is_new,
    model_of,
    new_stages,
    questions,
    stages_of,
    task_of,
)
from tests.programs.corpus import CORPUS, Program
from tests.programs.digests import digest
from tests.programs.levels import SOURCE, check, onnx_bytes, parse, run_passes
from tests.xla import BY_DEFAULT

FEW = 100 if THOROUGH else 25
"""About so many inputs, from all over the list, and the examples are run by the modules that aren't the last of their
dialect in the faithful pipeline, and at other sizes than that of the examples; ONNX Runtime runs all of them."""

SAMPLE = 3 if THOROUGH else 8
"""One in so many programs is compiled again, and in another process, by other pipelines than the default one."""

DEFAULT_SAMPLE = 1 if THOROUGH else 2
"""And one in so many by the default one."""

SIMILAR = {"O1", "O3"}
"""The pipelines that have the passes of O2: of these a sample will do where stages are looked at one by one."""

ASSUMED = {"most_freq", "without_blanks"}
"""The programs of which infer-values can't prove that they have a meaning on every input."""


def _programs(pipeline: str) -> Sequence[Program]:
    """The programs that are tried in a pipeline: all, or one half in O1 and the other one in O3."""
    return CORPUS if THOROUGH or pipeline not in SIMILAR else CORPUS[sorted(SIMILAR).index(pipeline) :: 2]


def _sizes(program: Program, pipeline: str) -> list[int]:
    """All sizes for the faithful pipeline, and that of the examples for the others."""
    others = program.sizes if pipeline == FAITHFUL and program in some(CORPUS) else ()
    return sorted({program.max_seq_len, *others})


each_case = pytest.mark.parametrize(
    ("pipeline", "program", "size"),
    [
        pytest.param(pipeline, program, size, id=f"{pipeline}-{program.name}-{size}")
        for pipeline in PIPELINES
        for program in _programs(pipeline)
        for size in _sizes(program, pipeline)
    ],
)
each_program = pytest.mark.parametrize(
    ("pipeline", "program"),
    [
        pytest.param(pipeline, program, id=f"{pipeline}-{program.name}")
        for pipeline in PIPELINES
        for program in _programs(pipeline)
    ],
)
each_program_by_default = pytest.mark.parametrize(
    ("pipeline", "program"),
    [
        pytest.param(pipeline, program, id=f"{pipeline}-{program.name}")
        for pipeline in PIPELINES
        for program in CORPUS[:: DEFAULT_SAMPLE if pipeline == DEFAULT_PIPELINE else SAMPLE]
    ],
)
"""Many programs in the default pipeline, and a sample in the others."""


def test_every_program_says_what_it_shows():
    notes = [program.note for program in CORPUS]
    assert [note for note in notes if len(note.split()) < 3 or note.endswith(".")] == []
    assert len(set(notes)) == len(notes)


def without_lines(text: str) -> str:
    """The text of a module without the user's files and lines in its assumptions."""
    return re.sub(r"(?<=\")\w+\.py:\d+: (?=')", "", text)


@pytest.mark.parametrize("pipeline", [name for name in PIPELINES if name != FAITHFUL])
def test_another_pipeline_makes_other_models(pipeline: str):
    assert any(is_new(program, program.max_seq_len, pipeline) for program in CORPUS[::10])


def test_a_model_that_two_pipelines_make_is_not_a_new_one():
    by_name = {program.name: program for program in CORPUS}
    for name, expected in {"reverse": False, "is_palindrome": True}.items():
        program = by_name[name]
        assert is_new(program, program.max_seq_len, "O0")
        assert is_new(program, program.max_seq_len, "O1") == expected


@each_case
def test_every_level_computes_the_program(pipeline: str, program: Program, size: int):
    inputs, expected = questions(program, size)
    examples = len(program.examples)
    few = [*range(examples), *range(examples, len(inputs), max(1, len(inputs) // FEW))]
    stages = new_stages(program, size, pipeline)
    last = {*stages} if THOROUGH else {*{stage.dialect: stage for stage in stages if stage.dialect}.values()}
    for stage in stages:
        if (pipeline in SIMILAR or (size != program.max_seq_len and not THOROUGH)) and stage not in last:
            continue
        if pipeline == FAITHFUL and size == program.max_seq_len and stage in last and stage.runs_batches:
            check(stage.name, inputs, expected, stage.run(inputs))
        else:
            some = [inputs[index] for index in few]
            check(stage.name, some, [expected[index] for index in few], stage.run(some))
    if is_new(program, size, pipeline):
        model = OnnxModel(onnx_bytes(model_of(program, size, pipeline)))
        check("ONNX Runtime", inputs, expected, model.batch(inputs))


@each_program
def test_jax_computes_the_program(pipeline: str, program: Program):
    if (pipeline in SIMILAR and program not in CORPUS[::8]) or (pipeline == FAITHFUL and program not in some(CORPUS)):
        pytest.skip("they differ from O2 in what the stages before show: a sample will do")
    if is_new(program, program.max_seq_len, pipeline):
        inputs, expected = questions(program, program.max_seq_len)
        model = JaxRunner(model_of(program, program.max_seq_len, pipeline).to_jax())
        check("JAX", inputs, expected, model.batch(inputs))


@pytest.mark.parametrize("program", CORPUS[::12], ids=lambda program: program.name)
def test_jax_computes_the_program_if_xla_optimises_as_by_default(program: Program):
    inputs, expected = questions(program, program.max_seq_len)
    model = JaxRunner(model_of(program, program.max_seq_len).to_jax())
    model._apply = jax.jit(model.model.apply, compiler_options=BY_DEFAULT)
    check("JAX", inputs, expected, model.batch(inputs))


@each_program
def test_a_longer_input_alone_and_in_a_batch_with_others(pipeline: str, program: Program):
    # Padding must not be seen: alone there is none, in a batch there is.
    size = max(_sizes(program, pipeline))
    if is_new(program, size, pipeline):
        task, model = task_of(program, size), model_of(program, size, pipeline)
        inputs = [tokens for tokens in task.inputs(0, 8) if len(tokens) > 1][:8]
        assert model.batch([*inputs, [task.vocab[0]]])[:-1] == [model(tokens) for tokens in inputs]


@each_program
def test_every_stage_is_text_that_leads_to_the_next(pipeline: str, program: Program):
    # So from the text of any stage the remaining passes lead to the same model.
    if program not in (CORPUS[::DEFAULT_SAMPLE] if pipeline == DEFAULT_PIPELINE else some(CORPUS)):
        pytest.skip("a sample will do")
    size = program.max_seq_len
    stages = stages_of(program, size, pipeline)
    assert all(stage.has_text for stage in stages[1:])  # only the program itself may contain a Python function
    earlier = earlier_steps(program, size, pipeline)
    for stage, after in pairwise(stages):
        if stage.text is None or (stage.text, stage.next_pass) in earlier:
            continue
        parsed = parse(stage.text)
        assert str(parsed) == stage.text, stage.name
        _, found = run_passes(stage.name, parsed, stage.remaining[:1])
        assert after.text is not None
        # Text doesn't say where the user wrote an expression; after the first stage the assumptions do.
        assert found.text == (without_lines(after.text) if stage.name == SOURCE else after.text), stage.name
    if is_new(program, size, pipeline):
        final = stages[-1]
        assert final.text is not None
        parsed = parse(final.text)
        assert str(parsed) == final.text
        # The weights come from the text alone.
        assert onnx_bytes(CompiledModel(parsed)) == onnx_bytes(final.model)


@each_program_by_default
def test_compiling_again_gives_the_same_bytes_and_warns_only_of_what_cannot_be_proved(pipeline: str, program: Program):
    def compiled(*, strict: bool = False) -> CompiledModel:
        return raspc.compile(
            program.build(), program.vocab, program.max_seq_len,
            causal=program.causal, pipeline=pipeline, strict=strict,
        )  # fmt: skip

    if program.name in ASSUMED:
        with pytest.warns(raspc.MeaningWarning, match="assumed to have a meaning"):
            model = compiled()
        with pytest.raises(raspc.CompileError, match="can't be proved"):
            compiled(strict=True)
    else:
        model = compiled()  # a warning would be an error
    assert bool(model.info.assumptions) == (program.name in ASSUMED)
    other = model_of(program, program.max_seq_len, pipeline)
    assert str(model.module) == str(other.module)
    assert onnx_bytes(model) == onnx_bytes(other)


@pytest.fixture(scope="session")
def other_process() -> Iterator[Callable[[str], str]]:
    """Asks a process with another hash seed for a line of `tests/programs/digests.py`."""
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.programs.digests"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(line: str) -> str:
            print(line, file=stdin, flush=True)
            return stdout.readline().removesuffix("\n")

        yield ask


@each_program_by_default
def test_bytes_and_outputs_do_not_depend_on_the_hash_seed(
    pipeline: str, program: Program, other_process: Callable[[str], str]
):
    assert other_process(f"{pipeline} {program.name}") == digest(program, pipeline)


@each_program
def test_a_model_saved_and_loaded_is_the_same(pipeline: str, program: Program, tmp_path: Path):
    if not is_new(program, program.max_seq_len, pipeline):
        return
    model = model_of(program, program.max_seq_len, pipeline)
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
