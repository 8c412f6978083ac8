"""What the tests of a program share in a process: its inputs and outputs, and what it is compiled to.

`tests/conftest.py` brings the tests of a program together, so that little has to be kept. Nobody may change a module
that comes from here.
"""

from __future__ import annotations

from functools import lru_cache

from raspc.pipelines import PIPELINES
from raspc.runtime.model import CompiledModel
from tests.programs.levels import Input, Output, Stage, Task, compile_stages
from tests.programs.program import Program

FAITHFUL = "O0"
"""The pipeline of which the corpus is tested at several sizes, and every module on all inputs."""

EXHAUSTIVE = 1500
"""Up to so many inputs, all are run."""

SAMPLES = 60
"""Otherwise the edges and so many random ones are."""

KEPT = 24
"""So many results of each function are kept: enough for one program at all sizes in all pipelines."""


@lru_cache(KEPT)
def task_of(program: Program, size: int) -> Task:
    """A program at a maximum length."""
    return Task(program.build(size), program.vocab, size, program.causal)


@lru_cache(KEPT)
def questions(program: Program, size: int) -> tuple[list[Input], list[Output]]:
    """The examples with the outputs written by hand, then inputs with those of the interpreter."""
    task = task_of(program, size)
    inputs = [list(tokens) for tokens, _ in program.examples]
    outputs = [output for _, output in program.examples]
    for tokens in task.inputs(EXHAUSTIVE, SAMPLES):
        output = task.evaluate(tokens)
        assert output is not None, f"{program.name} has no meaning on {tokens}"
        inputs.append(tokens)
        outputs.append(output)
    return inputs, outputs


@lru_cache(KEPT)
def stages_of(program: Program, size: int, pipeline: str = FAITHFUL) -> tuple[Stage, ...]:
    """The modules of a program in a pipeline: see `compile_stages`.

    Raises:
        CompileError: the compiler refuses the program.
    """
    return tuple(compile_stages(task_of(program, size), pipeline))


def model_of(program: Program, size: int, pipeline: str = FAITHFUL) -> CompiledModel:
    """The model that a program becomes in a pipeline.

    Raises:
        CompileError: the compiler refuses the program.
    """
    return stages_of(program, size, pipeline)[-1].model


@lru_cache(KEPT)
def earlier_steps(program: Program, size: int, pipeline: str) -> frozenset[tuple[str, str]]:
    """What a program becomes at this size in the pipelines before this one: each text, and the pass that follows."""
    earlier = list(PIPELINES)[: list(PIPELINES).index(pipeline)]
    stages = [stage for name in earlier for stage in stages_of(program, size, name)]
    return frozenset((stage.text, stage.next_pass) for stage in stages if stage.text is not None)


def new_stages(program: Program, size: int, pipeline: str) -> list[Stage]:
    """The stages of a program in a pipeline whose modules it didn't become before, in this pipeline or an earlier one.

    Modules of the same text are the same: another test reads every text back.
    """
    seen: set[str | None] = {text for text, _ in earlier_steps(program, size, pipeline)}
    found: list[Stage] = []
    for stage in stages_of(program, size, pipeline):
        if stage.text is None or stage.text not in seen:
            found.append(stage)
        seen.add(stage.text)
    return found


def is_new(program: Program, size: int, pipeline: str) -> bool:
    """Whether a pipeline makes a model of a program that no earlier one makes."""
    final = stages_of(program, size, pipeline)[-1]
    return final.text not in {text for text, _ in earlier_steps(program, size, pipeline)}
