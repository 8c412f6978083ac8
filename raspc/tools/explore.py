"""Compiling a program in all the ways that there are, and keeping those that no other one beats."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from rich.table import Table
from rich.text import Text
from xdsl.dialects.builtin import ModuleOp

from raspc.application import Passes, Result, apply_all, index_of_best, run_first
from raspc.errors import CompileError, MeaningWarning
from raspc.objectives import LAYERS, OBJECTIVES, Sizes
from raspc.pipelines import OPTIMISING, PIPELINES, fallbacks_of, pipelines_of
from raspc.rasp.entry import build_module
from raspc.tools.program_file import ProgramFile


@dataclass(frozen=True)
class Configuration:
    """One way to compile a program.

    Attributes:
        name: what has to be said on the command line for it: `-O2 --objective width`.
        objective: what is to be small.
        variants: the pipelines of which the best is taken.
        fallbacks: what is tried if all of them refuse a program.
        uniform: as `variants`, with layers of one shape.
        uniform_fallbacks: as `fallbacks`, with layers of one shape.
    """

    name: str
    objective: str
    variants: tuple[Passes, ...]
    fallbacks: tuple[Passes, ...]
    uniform: tuple[Passes, ...]
    uniform_fallbacks: tuple[Passes, ...]


def candidates(*, strict: bool, dtype: str) -> list[Configuration]:
    """The configurations that are tried, the simplest first.

    Raises:
        CompileError: there is no dtype of this name.
    """

    def pipelines(name: str, objective: str, *, uniform: bool) -> tuple[tuple[Passes, ...], tuple[Passes, ...]]:
        return (
            tuple(pipelines_of(name, objective=objective, uniform=uniform, strict=strict, dtype=dtype)),
            tuple(fallbacks_of(name, uniform=uniform, strict=strict, dtype=dtype)),
        )

    return [
        Configuration(
            f"-{name}" if objective == LAYERS else f"-{name} --objective {objective}",
            objective,
            *pipelines(name, objective, uniform=False),
            *pipelines(name, objective, uniform=True),
        )
        for name in PIPELINES
        for objective in (OBJECTIVES if name in OPTIMISING else [LAYERS])
    ]


@dataclass(frozen=True)
class Outcome:
    """What a configuration makes of a program.

    Attributes:
        configuration: the name of the configuration.
        sizes: the sizes of the model.
        n_params_padded: the number of parameters with layers of one shape, `None` if that is refused.
    """

    configuration: str
    sizes: Sizes
    n_params_padded: int | None

    def is_as_good_as(self, other: Outcome) -> bool:
        """Whether its model is no larger than that of another one in any respect."""
        mine, theirs = self.sizes, other.sizes
        return mine.n_layers <= theirs.n_layers and mine.n_params <= theirs.n_params and mine.d_model <= theirs.d_model


@dataclass(frozen=True)
class Exploration:
    """What all configurations make of a program.

    Attributes:
        outcomes: of the configurations that compile it, in their order.
        refused: the names of the others, with their errors.
    """

    outcomes: tuple[Outcome, ...]
    refused: tuple[tuple[str, CompileError], ...]

    @property
    def front(self) -> list[Outcome]:
        """The Pareto front: the outcomes that no other one beats; of equal ones the first."""
        kept: list[Outcome] = []
        for outcome in self.outcomes:
            if not any(other.is_as_good_as(outcome) for other in kept):
                kept = [other for other in kept if not outcome.is_as_good_as(other)] + [outcome]
        return kept


def explore(program: ProgramFile, configurations: Sequence[Configuration]) -> Exploration:
    """Compile a program in several ways."""
    module = build_module(program.program, program.vocab, program.max_seq_len, causal=program.causal, name=program.name)
    results = iter(apply_all(module, [passes for each in configurations for passes in (*each.variants, *each.uniform)]))
    outcomes: list[Outcome] = []
    refused: list[tuple[str, CompileError]] = []
    for each in configurations:
        best = _best(islice(results, len(each.variants)), each.objective, module, each.fallbacks)
        padded = _best(islice(results, len(each.uniform)), each.objective, module, each.uniform_fallbacks)
        if isinstance(best, CompileError):
            refused.append((each.name, best))
        else:
            n_params_padded = None if isinstance(padded, CompileError) else Sizes.of(padded).n_params
            outcomes.append(Outcome(each.name, Sizes.of(best), n_params_padded))
    return Exploration(tuple(outcomes), tuple(refused))


def _best(results: Iterable[Result], objective: str, module: ModuleOp, fallbacks: Sequence[Passes]) -> Result:
    """The best of some results, as `raspc.compile` takes it."""
    found = list(results)
    best = found[index_of_best(found, objective)]
    if not isinstance(best, CompileError) or not fallbacks:
        return best
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MeaningWarning)  # it has come before
            return run_first(module, fallbacks, otherwise=best)
    except CompileError as error:
        return error


COLUMNS = ("n_layers", "n_params", "d_model", "padded")
"""The numbers of the table."""


def front_table(front: Sequence[Outcome]) -> Table:
    """Outcomes, one row for each; an asterisk marks the smallest number of each column."""
    table = Table("configuration")
    for title in COLUMNS:
        table.add_column(title, justify="right")
    rows = [
        (outcome.sizes.n_layers, outcome.sizes.n_params, outcome.sizes.d_model, outcome.n_params_padded)
        for outcome in front
    ]
    best = [_smallest(column) for column in zip(*rows, strict=True)]
    for outcome, numbers in zip(front, rows, strict=True):
        table.add_row(Text(outcome.configuration), *map(_cell, numbers, best))
    return table


def _smallest(numbers: Sequence[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _cell(number: int | None, best: int | None) -> Text:
    if number is None:
        return Text("refused", style="dim")
    return Text(f"*{number:,}", style="bold green") if number == best else Text(f"{number:,}")
