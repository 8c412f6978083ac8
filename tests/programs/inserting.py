"""Pipelines with one more pass, and what it changes."""

from __future__ import annotations

from xdsl.passes import ModulePass

from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import SOURCE, Stage, Task, check, onnx_bytes, run_passes

PIPELINE = "O1"
"""The pipeline that a pass is inserted into."""


def programs_named(names: str) -> list[Program]:
    """Programs of the corpus."""
    found = [program for program in CORPUS if program.name in names.split()]
    assert len(found) == len(names.split())
    return found


def task_of(program: Program) -> Task:
    """The program at the size of its examples."""
    size = program.max_seq_len
    return Task(program.build(size), program.vocab, size, program.causal)


def stages_with(task: Task, new_pass: ModulePass | None, after: str, dtype: str = "float32") -> list[Stage]:
    """The stages of the pipeline with a new pass after one of its passes."""
    passes: list[ModulePass] = []
    for each in passes_of(PIPELINE, dtype=dtype):
        passes.append(each)
        if new_pass is not None and each.name == after:
            passes.append(new_pass)
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    return run_passes(SOURCE, module, passes)


def check_inserted(program: Program, new_pass: ModulePass, after: str) -> tuple[CompiledModel, CompiledModel]:
    """Check that a program computes the same from a new pass on, at every level, and keeps its certificate.

    Returns:
        The models without and with the pass.
    """
    task = task_of(program)
    pairs = [(tokens, expected) for tokens in task.inputs(300, 30) if (expected := task.evaluate(tokens)) is not None]
    inputs = [*(list(tokens) for tokens, _ in program.examples), *(tokens for tokens, _ in pairs)]
    expected = [*(output for _, output in program.examples), *(output for _, output in pairs)]
    stages = stages_with(task, new_pass, after)
    number = [stage.name for stage in stages].index(new_pass.name)
    for stage in stages[number:]:
        check(stage.name, inputs, expected, stage.run(inputs))
    before, found = stages_with(task, None, after)[-1].model, stages[-1].model
    check("ONNX Runtime", inputs, expected, OnnxModel(onnx_bytes(found)).batch(inputs))
    old, new = before.certificate, found.certificate
    assert old is not None
    assert new is not None
    assert new.margin >= min(old.margin, 0.5)
    return before, found
