"""Random programs compared at every level and on every runtime with the reference interpreter.

The last module of each dialect and the exported models are run on all inputs that are chosen for a program. What the
passes make of it on the way to these is run on a few of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from raspc.algebra.values import Value
from raspc.errors import CompileError
from raspc.pipelines import PIPELINES
from raspc.runtime.base import Model
from raspc.testing import RandomProgram, random_program
from tests.programs.levels import MismatchError, Output, Task, check, compile_stages, parse, runtimes

EXHAUSTIVE = 90
"""Up to so many inputs, all are run."""

SAMPLES = 40
"""Otherwise so many edges and so many random inputs are."""

FEW = 8
"""So many inputs, from all over the list, are run by the modules that aren't the last of their dialect."""

LARGEST = 14
"""The most operations of a program."""


@dataclass
class Counts:
    """What came of the comparisons.

    Attributes:
        programs: the programs that were generated.
        refused: how many of them the compiler refused, by reason.
        inputs: the inputs on which the others were compared.
        meaningless: the inputs that were skipped because the program has no meaning on them.
        constant: the programs whose output was the same wherever it was compared.
        jax: the programs that were run in JAX too.
        jax_inputs: the inputs on which they were.
        assumed: the programs that make an assumption.
    """

    programs: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    inputs: int = 0
    meaningless: int = 0
    constant: int = 0
    jax: int = 0
    jax_inputs: int = 0
    assumed: int = 0

    def add(self, other: Counts) -> None:
        """Add other counts to these."""
        self.programs += other.programs
        self.refused += other.refused
        self.inputs += other.inputs
        self.meaningless += other.meaningless
        self.constant += other.constant
        self.jax += other.jax
        self.jax_inputs += other.jax_inputs
        self.assumed += other.assumed

    def __str__(self) -> str:
        refused = self.refused.total()
        lines = [
            f"programs: {self.programs}, of which {self.jax} in JAX too and {self.constant} with one output only",
            f"inputs: {self.inputs}, of which {self.jax_inputs} in JAX too; {self.meaningless} more without a meaning, "
            f"which {self.assumed} programs assume",
            f"refused: {refused} ({refused / max(self.programs, 1):.1%})",
            *(f"  {count:6} {reason}" for reason, count in self.refused.most_common()),
        ]
        return "\n".join(lines)


def program_of(seed: int) -> RandomProgram:
    """The program for a seed: of all sizes, causal or not, some for longer inputs, some trivial, some risky."""
    return random_program(
        seed,
        size=1 + seed % LARGEST,
        op_mix={"constant_sop": 0.2, "constant_selector": 0.4},
        max_seq_len=(7, 16) if seed % 8 == 3 else (1, 6),
        causal=None,
        trivial=seed % 4 == 0,
        risk=0.15 if seed % 3 == 0 else 0.0,
    )


def pipeline_of(seed: int) -> str:
    """The pipeline for a seed: each in turn."""
    return list(PIPELINES)[seed // LARGEST % len(PIPELINES)]


def reason_of(error: CompileError) -> str:
    """Why a program was refused, without the names and numbers in it."""
    reason = re.sub(r"lambda .*?: .*? (?=has|never|tells)|'.*' (?=has|never|tells)", "a function ", error.problem)
    reason = re.sub(r"(no meaning|has a meaning)( on .*)?: .*", r"\1", reason)
    reason = re.sub(r"on \(.*", "on …", reason)
    return re.sub(r"'[^']*'|-?\d[\d.e+-]*", "…", reason)


def compare(random: RandomProgram, pipeline: str, *, jax: bool = False, text: bool = False, seed: int = 0) -> Counts:
    """Compile a program and compare all that it becomes with the interpreter.

    Args:
        random: the program.
        pipeline: the name of the pipeline.
        jax: whether to run the model in JAX too.
        text: whether to print every stage and read it back.
        seed: decides on the inputs if they are many.

    Raises:
        MismatchError: something computes something else.
    """
    counts = Counts(programs=1)
    task = Task(random.program, random.vocab, random.max_seq_len, random.causal)
    try:
        stages = compile_stages(task, pipeline)
        model = stages[-1].model
    except CompileError as error:
        counts.refused[reason_of(error)] += 1
        return counts
    answers = [(tokens, task.evaluate(tokens)) for tokens in task.inputs(EXHAUSTIVE, SAMPLES, seed)]
    inputs = [tokens for tokens, output in answers if output is not None]
    expected = [output for _, output in answers if output is not None]
    counts.inputs, counts.meaningless = len(inputs), len(answers) - len(inputs)
    counts.constant = len({value for output in expected for value in output}) == 1
    counts.assumed = bool(model.info.assumptions)
    for tokens, output in answers:
        check_validity(model, tokens, output)
    last = set({stage.dialect: stage for stage in stages if stage.dialect}.values())
    few = np.unique(np.linspace(0, len(inputs) - 1, FEW).astype(int)).tolist() if inputs else []
    for stage in stages:
        chosen = range(len(inputs)) if stage in last else few
        some = [inputs[index] for index in chosen]
        check(stage.name, some, [expected[index] for index in chosen], stage.run(some))
        if text and stage.has_text:
            written = str(stage.module)
            if str(parse(written)) != written:
                raise MismatchError(f"the text of {stage.name} doesn't parse back")
    for name, other in runtimes(model, jax=jax).items():
        check(name, inputs, expected, other.batch(inputs))
        if other.info != model.info:
            raise MismatchError(f"{name}: the facts about the model differ")
    if jax:
        counts.jax, counts.jax_inputs = 1, len(inputs)
    return counts


def check_validity(model: Model, tokens: Sequence[Value], output: Output | None) -> None:
    """Check that a model finds a meaning where the interpreter does, and none where it doesn't.

    Raises:
        MismatchError: it finds the opposite.
    """
    validity = model.validate(tokens)
    if bool(validity) != (output is not None):
        raise MismatchError(f"validate: on {list(tokens)!r} the program gives {output!r}, found {validity}")


def compare_seed(seed: int, pipeline: str | None = None) -> Counts:
    """Compare the program for a seed; a tenth of them in JAX and as text too.

    Args:
        seed: decides on the program.
        pipeline: the name of the pipeline; by default that for the seed.

    Raises:
        MismatchError: something computes something else.
    """
    return compare(program_of(seed), pipeline or pipeline_of(seed), jax=seed % 10 == 0, text=seed % 10 == 1, seed=seed)
