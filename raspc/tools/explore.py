"""Compiling a program in all the ways that there are, and keeping those that no other one beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from raspc.compiler import run_passes
from raspc.errors import CompileError
from raspc.passes.pad_uniform import PadUniformPass
from raspc.pipelines import PIPELINES, passes_of
from raspc.rasp.entry import build_module
from raspc.statistics import Statistics
from raspc.tools.program_file import ProgramFile


@dataclass(frozen=True)
class Configuration:
    """One way to compile a program.

    Attributes:
        name: what has to be said on the command line for it: `-O1`.
        passes: the passes that it consists of, with their options.
    """

    name: str
    passes: tuple[ModulePass, ...]


def candidates(*, strict: bool, dtype: str) -> list[Configuration]:
    """The configurations that are tried, the simplest first.

    Raises:
        CompileError: there is no dtype of this name.
    """
    return [Configuration(f"-{name}", passes_of(name, strict=strict, dtype=dtype)) for name in PIPELINES]


@dataclass(frozen=True)
class Outcome:
    """What a configuration makes of a program.

    Attributes:
        configuration: the name of the configuration.
        n_layers: the number of layers.
        n_params: the number of parameters.
        d_model: the width of the residual stream.
        n_params_padded: the number of parameters after pad-uniform, `None` if it refuses the model.
    """

    configuration: str
    n_layers: int
    n_params: int
    d_model: int
    n_params_padded: int | None

    @property
    def costs(self) -> tuple[int, int, int]:
        """What should be small."""
        return self.n_layers, self.n_params, self.d_model

    def is_as_good_as(self, other: Outcome) -> bool:
        """Whether it costs no more than another one in any respect."""
        return all(mine <= theirs for mine, theirs in zip(self.costs, other.costs, strict=True))


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
    outcomes: list[Outcome] = []
    refused: list[tuple[str, CompileError]] = []
    for configuration in configurations:
        module = build_module(
            program.program, program.vocab, program.max_seq_len, causal=program.causal, name=program.name
        )
        try:
            run_passes(module, configuration.passes)
        except CompileError as error:
            refused.append((configuration.name, error))
        else:
            outcomes.append(_outcome(configuration.name, module))
    return Exploration(tuple(outcomes), tuple(refused))


def _outcome(name: str, module: ModuleOp) -> Outcome:
    """The sizes of a compiled module, which is padded afterwards."""
    found = Statistics.of(module)
    assert found.n_layers is not None, "a pipeline ends in a transformer"
    assert found.n_params is not None
    assert found.d_model is not None
    try:
        PadUniformPass().apply(Context(), module)
        n_params_padded = Statistics.of(module).n_params
    except CompileError:
        n_params_padded = None
    return Outcome(name, found.n_layers, found.n_params, found.d_model, n_params_padded)


COLUMNS = {"n_layers": "n_layers", "n_params": "n_params", "d_model": "d_model", "padded": "n_params_padded"}
"""The columns of the table, and the attributes of `Outcome` that they show."""


def front_table(front: Sequence[Outcome]) -> Table:
    """Outcomes, one row for each; an asterisk marks the smallest number of each column."""
    table = Table("configuration")
    for title in COLUMNS:
        table.add_column(title, justify="right")
    best = {name: _smallest([getattr(outcome, name) for outcome in front]) for name in COLUMNS.values()}
    for outcome in front:
        numbers = {name: getattr(outcome, name) for name in COLUMNS.values()}
        table.add_row(Text(outcome.configuration), *(_cell(number, best[name]) for name, number in numbers.items()))
    return table


def _smallest(numbers: Sequence[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)


def _cell(number: int | None, best: int | None) -> Text:
    if number is None:
        return Text("refused", style="dim")
    return Text(f"*{number:,}", style="bold green") if number == best else Text(f"{number:,}")
