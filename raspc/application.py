"""Applying passes to a program: those of one pipeline, or of several at once."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass, PassPipeline, PassPipelineCallbackType
from xdsl.utils.exceptions import VerifyException

from raspc.errors import CompileError, MeaningWarning
from raspc.objectives import Sizes

Passes = tuple[ModulePass, ...]

Result = ModuleOp | CompileError
"""What a pipeline makes of a program, or why it refuses it. Pipelines that make the same share the module."""


def run_passes(module: ModuleOp, passes: Sequence[ModulePass], on_pass: PassPipelineCallbackType | None = None) -> None:
    """Apply passes to a module, verify it after each, and call `on_pass` then; see `raspc.compile`.

    Raises:
        CompileError: a pass refuses the program.
    """

    def between(previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        if previous is not None:
            _verify(module, previous)
        if on_pass is not None:
            on_pass(previous, module, following)

    try:
        PassPipeline(tuple(passes), between).apply(Context(), module)
    except CompileError as error:
        error.__notes__ = []  # xDSL's rewriter adds the whole module; the message says where to look
        raise


def _verify(module: ModuleOp, previous: ModulePass) -> None:
    try:
        module.verify()
    except VerifyException as error:
        raise VerifyException(f"after the pass {previous.name}: {error}") from error


def run_best(
    module: ModuleOp,
    pipelines: Sequence[Passes],
    fallbacks: Sequence[Passes],
    objective: str,
    on_pass: PassPipelineCallbackType | None = None,
) -> None:
    """Apply the pipeline that makes the best of a module under an objective; of equally good ones the first.

    Args:
        module: a module with one program.
        pipelines: at least one, each of which ends in the transformer dialect.
        fallbacks: what is tried, one after the other, if all of them refuse the program.
        objective: see `raspc.objectives`.
        on_pass: called as by `run_passes`; of several pipelines for the passes of the best one alone, which are then
            run once more.

    Raises:
        CompileError: all pipelines refuse the program; the reason is that of the first.
    """
    if len(pipelines) == 1:
        take_over(module, run_first(module, (*pipelines, *fallbacks), on_pass))
        return
    results = apply_all(module, pipelines)
    best = index_of_best(results, objective)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)  # it has come before
        match results[best]:
            case CompileError() as error:
                take_over(module, run_first(module, fallbacks, on_pass, otherwise=error))
            case ModuleOp() as found if on_pass is None:
                take_over(module, found)
            case _:
                run_passes(module, pipelines[best], on_pass)


def take_over(module: ModuleOp, other: ModuleOp) -> None:
    """Let a module have the content of another one, which has none afterwards."""
    module.detach_region(module.body)
    module.add_region(other.detach_region(other.body))


def run_first(
    module: ModuleOp,
    pipelines: Sequence[Passes],
    on_pass: PassPipelineCallbackType | None = None,
    *,
    otherwise: CompileError | None = None,
) -> ModuleOp:
    """What the first of several pipelines that doesn't refuse a module makes of it.

    The module isn't changed. A pipeline isn't tried if it begins with the passes of another one up to that which has
    refused. What is assumed of the program is said by the first one alone.

    Args:
        module: a module with one program.
        pipelines: at least one.
        on_pass: called as by `run_passes`, for the passes of all pipelines that are tried.
        otherwise: the reason to give if all refuse the program; by default that of the first.

    Raises:
        CompileError: all pipelines refuse the program.
    """
    refused: list[Passes] = []
    reasons = [] if otherwise is None else [otherwise]
    for passes in pipelines:
        if any(passes[: len(prefix)] == prefix for prefix in refused):
            continue
        candidate, n_done = module.clone(), 0

        def count(previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
            nonlocal n_done
            if on_pass is not None:
                on_pass(previous, module, following)
            n_done += previous is not None

        try:
            with warnings.catch_warnings():
                if reasons:
                    warnings.simplefilter("ignore", MeaningWarning)
                run_passes(candidate, passes, count)
        except CompileError as error:
            refused.append(passes[: n_done + 1])
            reasons.append(error)
            continue
        return candidate
    raise reasons[0]


def index_of_best(results: Sequence[Result], objective: str) -> int:
    """The index of the best model under an objective; of equally good ones, and if there is none, the first."""
    costs = [
        (Sizes.of(result).cost(objective), number)
        for number, result in enumerate(results)
        if isinstance(result, ModuleOp)
    ]
    return min(costs)[1] if costs else 0


@dataclass(frozen=True, eq=False)
class _Branch:
    """What some pipelines have in common so far.

    Attributes:
        result: what their passes have made.
        members: the numbers of the pipelines.
    """

    result: Result
    members: list[int]


def apply_all(module: ModuleOp, pipelines: Sequence[Passes]) -> list[Result]:
    """What each of several pipelines makes of a module, which isn't changed itself.

    As long as pipelines have the same passes, these are run once; and so are those that follow where pipelines have
    come to equal modules by different passes.
    """
    branches = [_Branch(module.clone(), list(range(len(pipelines))))]
    for step in range(max(map(len, pipelines), default=0)):
        following: list[_Branch] = []
        for branch in branches:
            for new in _grown(branch, pipelines, step):
                _add(new, following)
        branches = following
    found = {member: branch.result for branch in branches for member in branch.members}
    return [found[number] for number in range(len(pipelines))]


def _grown(branch: _Branch, pipelines: Sequence[Passes], step: int) -> list[_Branch]:
    """A branch after the next pass of each of its pipelines: one for each that is another pass."""
    module = branch.result
    if isinstance(module, CompileError):
        return [branch]
    groups: dict[ModulePass | None, list[int]] = {}
    for member in branch.members:
        next_pass = pipelines[member][step] if step < len(pipelines[member]) else None
        groups.setdefault(next_pass, []).append(member)
    if len(groups) == 1:
        return [_Branch(_after(next_pass, module), members) for next_pass, members in groups.items()]
    return [_Branch(_after(next_pass, module.clone()), members) for next_pass, members in groups.items()]


def _after(next_pass: ModulePass | None, module: ModuleOp) -> Result:
    """What a pass makes of a module, which it may change."""
    try:
        run_passes(module, [] if next_pass is None else [next_pass])
    except CompileError as error:
        return error
    return module


def _add(new: _Branch, branches: list[_Branch]) -> None:
    """Add a branch to others, or its pipelines to one that has come to an equal module."""
    for branch in branches:
        if _are_equal(new.result, branch.result):
            branch.members.extend(new.members)
            return
    branches.append(new)


def _are_equal(one: Result, other: Result) -> bool:
    return isinstance(one, ModuleOp) and isinstance(other, ModuleOp) and one.is_structurally_equivalent(other)
