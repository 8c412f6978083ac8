"""Comparing a model with the program that it was compiled from."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from raspc import rasp
from raspc.algebra.values import MaybeValue, Value
from raspc.errors import MeaningError, RaspcError
from raspc.runtime.base import Model
from raspc.runtime.codec import shorten
from raspc.testing.sampling import all_inputs, count_inputs, edge_inputs, sampled_inputs
from raspc.tools.opening import ProgramOptions
from raspc.tools.program_file import ProgramFile

BATCH = 256
"""How many inputs the model gets at once."""


@dataclass(frozen=True)
class InputPlan:
    """The inputs of a comparison.

    Attributes:
        title: what they are, after a preposition.
        inputs: sequences of tokens.
    """

    title: str
    inputs: Iterable[list[Value]]


def plan_inputs(program: ProgramFile, samples: int, seed: int) -> InputPlan:
    """All inputs of a program if they are at most `samples`, otherwise the edges and `samples` random ones."""
    total = count_inputs(len(program.vocab), program.max_seq_len)
    if total <= samples:
        return InputPlan(f"all {total} inputs", all_inputs(program.vocab, program.max_seq_len))
    edges = edge_inputs(program.vocab, program.max_seq_len)
    return InputPlan(
        f"the edges and {samples} random inputs, seed {seed}",
        itertools.chain(edges, sampled_inputs(program.vocab, program.max_seq_len, samples, seed)),
    )


def require_same_inputs(model: Model, program: ProgramFile, options: ProgramOptions) -> None:
    """Check that a program's inputs are the model's; where the command line says otherwise, that the model takes them.

    Raises:
        RaspcError: they are not.
    """
    theirs, ours = set(program.vocab), set(model.vocab)
    if theirs != ours if options.vocab is None else not theirs <= ours:
        raise RaspcError(
            f"the model's vocabulary is {shorten(model.vocab)}, and the program's is {shorten(program.vocab)}\n"
            "  help: --vocab says which tokens to check; the model must have them"
        )
    length = program.max_seq_len
    if length != model.max_seq_len if options.max_seq_len is None else length > model.max_seq_len:
        raise RaspcError(
            f"the model takes {model.max_seq_len} tokens at most, and the program {length}\n"
            "  help: --max-seq-len says up to which length to check; the model must take it"
        )
    # Without an attention no position sees another one, and a model isn't causal or otherwise.
    if options.causal is None and model.config.n_heads and program.causal != model.causal:
        one, other = ("the model", "the program") if model.causal else ("the program", "the model")
        raise RaspcError(f"{one} is causal, and {other} is not\n  help: --causal or --no-causal says what to check")


@dataclass(frozen=True)
class Difference:
    """An input on which the model and the program differ.

    Attributes:
        tokens: the input.
        expected: the program's outputs.
        found: the model's outputs.
    """

    tokens: list[Value]
    expected: list[MaybeValue]
    found: list[MaybeValue]


@dataclass(frozen=True)
class CheckResult:
    """What a comparison found.

    Attributes:
        checked: the inputs on which model and program were compared.
        meaningless: the inputs on which the program has no meaning.
        difference: the first input on which they differ, `None` if they agree.
    """

    checked: int
    meaningless: int
    difference: Difference | None


def compare(model: Model, program: rasp.SOp, inputs: Iterable[list[Value]], *, causal: bool) -> CheckResult:
    """Compare the outputs of a model with a program's, and stop at the first difference.

    Raises:
        RaspcError: the model can't run on an input.
    """
    checked = meaningless = 0
    remaining = iter(inputs)
    while batch := list(itertools.islice(remaining, BATCH)):
        expected = [(tokens, evaluate(program, tokens, causal=causal)) for tokens in batch]
        meant = [(tokens, outputs) for tokens, outputs in expected if outputs is not None]
        meaningless += len(batch) - len(meant)
        for (tokens, outputs), found in zip(meant, model.batch([tokens for tokens, _ in meant]), strict=True):
            checked += 1
            if found != outputs:
                return CheckResult(checked, meaningless, Difference(tokens, outputs, found))
    return CheckResult(checked, meaningless, None)


def evaluate(program: rasp.SOp, tokens: Sequence[Value], *, causal: bool) -> list[MaybeValue] | None:
    """The program's outputs, `None` where it has no meaning."""
    try:
        return rasp.evaluate(program, tokens, causal=causal)
    except MeaningError:
        return None
