"""Random programs compared at every level and on every runtime with the oracle of `tests/oracle/`.

The last module of each dialect and the exported models are run on all inputs that are chosen for a program; of a wide
one, only the models are. What the passes make of it on the way to these, and the reference interpreter, are run on a
few of them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import eq
from typing import TypeVar

import numpy as np

from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError
from raspc.pipelines import fallbacks_of, passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.base import Model
from raspc.testing import RandomProgram
from tests.fuzz.hunt import hunted_inputs
from tests.fuzz.inputs import inputs_of
from tests.fuzz.programs import Distribution, is_wide, pipeline_of, program_of
from tests.oracle import MeaninglessError, Program, read_source
from tests.programs.levels import SOURCE, MismatchError, Output, Stage, Task, parse, run_passes, runtimes

T = TypeVar("T")

FEW = 8
"""So many inputs, from all over the list, are run by the modules that aren't the last of their dialect."""

WIDE_FEW = 3
"""So many for a wide program, whose modules take longer, and by all that aren't models."""


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


def reason_of(error: CompileError) -> str:
    """Why a program was refused, without the names and numbers in it."""
    reason = re.sub(r"lambda .*?: .*? (?=has|never|tells)|'.*' (?=has|never|tells)", "a function ", error.problem)
    reason = re.sub(r"(no meaning|has a meaning)( on .*)?: .*", r"\1", reason)
    reason = re.sub(r"on \(.*", "on …", reason)
    return re.sub(r"'[^']*'|-?\d[\d.e+-]*", "…", reason)


def stages_of(task: Task, pipeline: str) -> list[Stage]:
    """The modules of a program in a pipeline or, where that refuses it, in the simpler ones that take its place.

    Raises:
        CompileError: all of them refuse it; the reason is that of the pipeline.
    """
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    refusal: CompileError | None = None
    for passes in (passes_of(pipeline), *fallbacks_of(pipeline)):
        try:
            return run_passes(SOURCE, module.clone(), passes)
        except CompileError as error:
            refusal = refusal or error
    assert refusal is not None
    raise refusal


def compare(
    random: RandomProgram,
    pipeline: str,
    *,
    jax: bool = False,
    text: bool = False,
    seed: int = 0,
    wide: bool = False,
    hunt: bool = False,
) -> Counts:
    """Compile a program and compare all that it becomes, and the reference interpreter, with the oracle.

    Each module is run, and in the order of the passes, so that the first one to differ names the pass that changes
    what the program means.

    Args:
        random: the program.
        pipeline: the name of the pipeline.
        jax: whether to run the model in JAX too.
        text: whether to print every stage and read it back.
        seed: decides on the inputs if they are many.
        wide: whether the program is a wide one: all inputs are run by the models only.
        hunt: whether to search for more inputs, on which outputs are close.

    Raises:
        MismatchError: something computes something else.
    """
    counts = Counts(programs=1)
    task = Task(random.program, random.vocab, random.max_seq_len, random.causal)
    try:
        stages = stages_of(task, pipeline)
        model = stages[-1].model
    except CompileError as error:
        counts.refused[reason_of(error)] += 1
        return counts
    oracle = read_source(random.source)
    chosen = inputs_of(random, seed)
    if hunt:
        chosen += hunted_inputs(model, seed, chosen)
    answers = [(tokens, answer_of(oracle, tokens)) for tokens in chosen]
    inputs = [tokens for tokens, output in answers if output is not None]
    expected = [output for _, output in answers if output is not None]
    counts.inputs, counts.meaningless = len(inputs), len(answers) - len(inputs)
    counts.constant = len({value for output in expected for value in output}) == 1
    counts.assumed = bool(model.info.assumptions)
    few = WIDE_FEW if wide else FEW
    for tokens, output in spread(answers, few):
        check_interpreter(task, tokens, output)
        check_validity(model, tokens, output)
    rounds = model.info.encoding == Encoding.NUMERICAL
    last = {stages[-1]} if wide else set({stage.dialect: stage for stage in stages if stage.dialect}.values())
    some, some_expected = spread(inputs, few), spread(expected, few)
    for stage in stages:
        if stage in last:
            check_outputs(
                stage.name, inputs, expected, stage.run(inputs), twins=rounds and not stage.computes_with_values
            )
        else:
            check_outputs(
                stage.name, some, some_expected, stage.run(some), twins=rounds and not stage.computes_with_values
            )
        if text and stage.has_text:
            written = str(stage.module)
            if str(parse(written)) != written:
                raise MismatchError(f"the text of {stage.name} doesn't parse back")
    for name, other in runtimes(model, jax=jax).items():
        check_outputs(name, inputs, expected, other.batch(inputs), twins=rounds)
        if other.info != model.info:
            raise MismatchError(f"{name}: the facts about the model differ")
    if jax:
        counts.jax, counts.jax_inputs = 1, len(inputs)
    return counts


def answer_of(oracle: Program, tokens: Sequence[Value]) -> Output | None:
    """What the oracle says to an input, `None` where it finds no meaning."""
    try:
        return oracle.run(tokens)
    except MeaninglessError:
        return None


def spread(items: Sequence[T], number: int) -> list[T]:
    """So many of the items, from all over the list."""
    chosen = np.unique(np.linspace(0, len(items) - 1, number).astype(int)).tolist() if items else []
    return [items[index] for index in chosen]


def check_outputs(
    level: str,
    inputs: Sequence[Sequence[Value]],
    expected: Sequence[Output],
    found: Sequence[Output],
    *,
    twins: bool = False,
) -> None:
    """Compare the outputs of a level with those of the oracle.

    Args:
        level: how messages call it.
        inputs: the inputs.
        expected: what the oracle says to each.
        found: what the level says.
        twins: whether numbers count as one that differ by rounding alone, as those of a numerical output do.

    Raises:
        MismatchError: they differ.
    """
    if len(expected) != len(found):
        raise MismatchError(f"{level}: {len(expected)} inputs, but {len(found)} outputs")
    same = same_number if twins else eq
    for tokens, wanted, got in zip(inputs, expected, found, strict=True):
        if len(wanted) != len(got) or not all(map(same, wanted, got)):
            raise MismatchError(f"{level}: on {list(tokens)!r} expected {wanted!r}, found {got!r}")


def same_number(expected: MaybeValue, found: MaybeValue) -> bool:
    """Whether two values are equal, or numbers that count as one by `docs/language.md`, "Encodings".

    >>> same_number(0.2, 1 - 0.8), same_number(0, 5e-17), same_number(2**53, 2**53 + 1), same_number(None, 0)
    (True, False, False, False)
    """
    if expected == found:
        return True
    match expected, found:
        case (float() | int() as one, float() | int() as other) if math.isfinite(one) and math.isfinite(other):
            exact = Fraction(one), Fraction(other)
            whole = [number.denominator == 1 for number in exact]
            return not all(whole) and abs(exact[0] - exact[1]) <= min(map(abs, exact)) / 2**48
        case _:
            return False


def check_interpreter(task: Task, tokens: Sequence[Value], output: Output | None) -> None:
    """Check that the reference interpreter says what the oracle says, to the last bit.

    Raises:
        MismatchError: it says something else.
    """
    found = task.evaluate(tokens)
    if found != output:
        raise MismatchError(f"the interpreter: on {list(tokens)!r} expected {output!r}, found {found!r}")


def check_validity(model: Model, tokens: Sequence[Value], output: Output | None) -> None:
    """Check that a model finds a meaning where the oracle does, and none where it doesn't.

    Raises:
        MismatchError: it finds the opposite.
    """
    validity = model.validate(tokens)
    if bool(validity) != (output is not None):
        raise MismatchError(f"validate: on {list(tokens)!r} the program gives {output!r}, found {validity}")


def compare_seed(seed: int, pipeline: str | None = None, distribution: Distribution = Distribution.PLAIN) -> Counts:
    """Compare the program for a seed; of the plain ones a tenth in JAX and as text too, of the wide ones less.

    Args:
        seed: decides on the program.
        pipeline: the name of the pipeline; by default that for the seed.
        distribution: which programs there are.

    Raises:
        MismatchError: something computes something else.
    """
    hunt = distribution is Distribution.HUNT
    wide = hunt or is_wide(seed, distribution)
    return compare(
        program_of(seed, distribution),
        pipeline or pipeline_of(seed),
        jax=seed % (100 if wide else 10) == 0,
        text=seed % (50 if wide else 10) == 1,
        seed=seed,
        wide=wide,
        hunt=hunt,
    )
