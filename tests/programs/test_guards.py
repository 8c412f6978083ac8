"""Programs that need a guard of a proof, compiled by two pipelines and compared with the interpreter on all inputs."""

from __future__ import annotations

import warnings

import pytest

import raspc
from raspc.errors import MeaningWarning
from raspc.pipelines import DEFAULT_PIPELINE
from tests.programs.compiled import FAITHFUL, task_of
from tests.programs.guards import GUARDS
from tests.programs.levels import Input, Output, check
from tests.programs.program import Program


@pytest.mark.parametrize("program", GUARDS, ids=lambda program: program.name)
def test_the_model_computes_the_program(program: Program):
    task = task_of(program, program.max_seq_len)
    inputs: list[Input] = []
    expected: list[Output] = []
    for tokens in task.inputs(1500, 60):
        output = task.evaluate(tokens)
        if output is not None:
            inputs.append(tokens)
            expected.append(output)
    for pipeline in (FAITHFUL, DEFAULT_PIPELINE):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MeaningWarning)
            model = raspc.compile(task.program, task.vocab, task.max_seq_len, causal=task.causal, pipeline=pipeline)
        check(pipeline, inputs, expected, model.batch(inputs))


def test_names_are_unique():
    names = [program.name for program in GUARDS]
    assert len({*names}) == len(names)
