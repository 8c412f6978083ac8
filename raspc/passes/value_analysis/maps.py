"""The values of maps: joint evaluation over the sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from raspc.algebra import semantics
from raspc.algebra.affine_deviation import deviation
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Watched
from raspc.algebra.functions import (
    UNREACHABLE,
    Affine,
    Opaque,
    Table,
    Unreachable,
    as_affine,
    describe,
    grid_size,
)
from raspc.algebra.grid import NEVER, UNDEFINED, Axis, JointValues, combinations
from raspc.algebra.guarded import size
from raspc.algebra.values import MaybeValue, Value, exact_form, is_finite_number
from raspc.dialects.rasp import MapOp
from raspc.errors import MeaningError
from raspc.passes.locations import refuse
from raspc.passes.operand_sizes import fewer_values, listed
from raspc.passes.value_analysis.facts import (
    GRID_LIMIT,
    INDICES,
    LENGTH,
    SIZE_LIMIT,
    TOKENS,
    ProgramFacts,
    check_domain,
    refuse_size,
)
from raspc.passes.value_analysis.meaning import CONSTRUCTED, MeaningAnalysis, Point


class MapAnalysis:
    """The maps of one program.

    Each function is evaluated once for every combination of operand values that occurs: on the grid of the sources
    where that is small enough, and otherwise on the product of the operands' domains.
    """

    def __init__(self, facts: ProgramFacts, meaning: MeaningAnalysis):
        self.facts = facts
        self.meaning = meaning
        self._evaluations: dict[MapOp, Evaluation] = {}
        self._deviations: dict[MapOp, float] = {}

    def table(self, op: MapOp) -> Table:
        """The function of a map as a table over its operands' domains; what doesn't occur is unreachable."""
        return self._evaluations[op].table()

    def evaluation(self, op: MapOp) -> Evaluation:
        """The results of a map for every form of its operands."""
        return self._evaluations[op]

    def deviation(self, op: MapOp) -> float:
        """A bound on how far the values of a map are from the affine combination of numbers that its function is.

        It is infinite if the function is none, has no value for some operands, or has one that is no finite number.
        """
        if op not in self._deviations:
            affine = as_affine(op.function.data)
            self._deviations[op] = math.inf if affine is None else self._evaluations[op].deviation_from(affine)
        return self._deviations[op]

    def joint(self, op: MapOp) -> JointValues:
        operands = [self.facts.joints[operand] for operand in op.operands_]
        sizes = self.facts.union_axes(*operands)
        joint = self.facts.is_affordable(sizes)
        if joint:
            points = self.facts.codes_on(sizes, *operands)
        else:
            cells = grid_size([len(operand.domain) for operand in operands])
            if cells > GRID_LIMIT:
                domains = [operand.domain for operand in operands]
                raise refuse(
                    op,
                    f"its operands {listed(op.operands_, domains)} have {cells} combinations of values",
                    expected=f"at most {GRID_LIMIT} combinations",
                    help=fewer_values(op.operands_, domains),
                )
            full = [Domain(operand.domain.values, operand.domain.undefined) for operand in operands]
            grids = np.meshgrid(*(JointValues.source(0, domain).codes for domain in full), indexing="ij")
            points = [grid.ravel() for grid in grids]
        distinct, which = combinations(points)
        evaluation = _evaluate(op, [operand.domain for operand in operands], distinct)
        results = evaluation.results
        self._check_meaning(op, evaluation, which.reshape(list(sizes.values())) if joint else None, sizes)
        reachable = [result for result in results if not isinstance(result, Unreachable)]
        domain = check_domain(op, Domain.of([*reachable, *evaluation.forms]))
        codes = np.array(
            [NEVER if isinstance(result, Unreachable) else domain.code(result) for result in results] + [NEVER],
            dtype=np.int64,
        )
        self._evaluations[op] = evaluation
        if isinstance(op.function.data, Opaque) or evaluation.exceeds_text:
            self.facts.tables[op] = replace(self.table(op), forms=tuple(evaluation.other_forms))
        if joint:
            return JointValues(
                tuple(sizes), codes[np.where(which < 0, -1, which)].reshape(list(sizes.values())), domain
            )
        return self.facts.new_source(op.result, domain)

    def _check_meaning(
        self, op: MapOp, evaluation: Evaluation, which: NDArray[np.int64] | None, sizes: dict[Axis, int]
    ) -> None:
        """Deal with combinations on which the function has no meaning.

        Args:
            op: the map.
            evaluation: its results.
            which: the combination at each point of the grid of its sources, `None` if the grid is too large.
            sizes: the axes of the grid.
        """
        problem = evaluation.problem
        if problem is None:
            return
        self.meaning.unproved(op, problem, points=[[point] for point in _first_points(evaluation, which, sizes)])
        if all(isinstance(result, Unreachable) for result in evaluation.results):
            raise refuse(op, f"{describe(op.function.data)} never has a meaning: {problem}")


def _first_points(evaluation: Evaluation, which: NDArray[np.int64] | None, sizes: dict[Axis, int]) -> list[Point]:
    """For the first combinations without a meaning, a position of an input at which each stands."""
    if which is None or not sizes.keys() <= {TOKENS, INDICES, LENGTH}:
        return []
    found = [np.argwhere(which == row)[0].tolist() for row in evaluation.failed[:CONSTRUCTED]]
    return [dict(zip(sizes, point, strict=True)) for point in found]


@dataclass(frozen=True)
class Evaluation:
    """A function on the combinations of operands that occur.

    Attributes:
        domains: the domains of the operands.
        combinations: codes of operands, [n_combinations, n_operands].
        results: the result for each.
        forms: further forms of the results.
        failed: the combinations of which some form has no meaning.
        problem: what the function raised first, `None` if it never did.
        raising: the forms without a meaning of combinations of which other forms have one.
        other_forms: forms of combinations, with results that equal those of `results` and are of another type.
        exceeds_text: whether the function is an expression that can't be evaluated as a text can; see
            `expression.Watched`.
    """

    domains: Sequence[Domain]
    combinations: NDArray[np.int64]
    results: Sequence[MaybeValue | Unreachable]
    forms: Sequence[MaybeValue]
    failed: Sequence[int]
    problem: str | None
    raising: Sequence[tuple[Value, ...]]
    other_forms: Sequence[tuple[tuple[Value, ...], Value]]
    exceeds_text: bool

    def table(self) -> Table:
        """The function as a table over the domains of its operands; combinations that don't occur are unreachable."""
        shape = [len(domain) for domain in self.domains]
        cells: list[MaybeValue | Unreachable] = [UNREACHABLE] * grid_size(shape)
        for row, result in zip(self.combinations.tolist(), self.results, strict=True):
            if UNDEFINED not in row:
                cells[int(np.ravel_multi_index(row, shape))] = result  # pyright: ignore[reportUnknownArgumentType]
        return Table(tuple(domain.values for domain in self.domains), tuple(cells), tuple(self.raising))

    def deviation_from(self, affine: Affine) -> float:
        """A bound on how far the results are from an affine combination; see `MapAnalysis.deviation`."""
        defined = (self.combinations != UNDEFINED).all(axis=1).tolist()
        rows = [row for row, result in enumerate(self.results) if defined[row] and not isinstance(result, Unreachable)]
        results = [self.results[row] for row in rows]
        if not all(domain.is_numeric for domain in self.domains) or not all(map(is_finite_number, results)):
            return math.inf
        codes = self.combinations[rows]
        operands = [domain.numbers[column] for domain, column in zip(self.domains, codes.T, strict=True)]
        return deviation(affine, operands, np.array(results, dtype=np.float64))


class _Kept:
    """Results, of which equal strings and tuples are kept once, and which are refused if they are too large in all."""

    def __init__(self, op: MapOp):
        self._op = op
        self._known: dict[object, Value] = {}
        self._size = 0

    def value(self, result: MaybeValue) -> MaybeValue:
        """The result, or an equal one of the same type that is kept already."""
        if not isinstance(result, str | tuple):
            return result
        key = exact_form(result)
        known = self._known.get(key)
        if known is None:
            self._size += size(result)
            if self._size > SIZE_LIMIT:
                raise refuse_size(self._op)
            known = self._known[key] = result
        return known


def _evaluate(op: MapOp, domains: Sequence[Domain], distinct: NDArray[np.int64]) -> Evaluation:
    """Evaluate a map's function on combinations of operand codes, for each form in which the operands may come."""
    function = op.function.data
    watched = Watched(function)
    forms: list[MaybeValue] = []
    results: list[MaybeValue | Unreachable] = []
    failed: list[int] = []
    raising: list[tuple[Value, ...]] = []
    other_forms: list[tuple[tuple[Value, ...], Value]] = []
    problem: str | None = None
    values = [domain.values for domain in domains]
    mixed = any(domain.mixed for domain in domains)
    kept = _Kept(op)
    for number, row in enumerate(distinct.tolist()):
        if UNDEFINED in row:
            results.append(None)
            continue
        arguments = tuple([known[code] for known, code in zip(values, row, strict=True)])
        if not mixed:  # there is one form only
            try:
                results.append(kept.value(semantics.apply(watched, arguments)))
            except MeaningError as error:
                problem = problem or str(error)
                failed.append(number)
                results.append(UNREACHABLE)
            continue
        choices = product(*(domain.forms(value) for domain, value in zip(domains, arguments, strict=True)))
        found: list[MaybeValue] = []
        without: list[tuple[Value, ...]] = []
        for choice in choices:
            try:
                result = kept.value(semantics.apply(watched, choice))
                found.append(result)
                if result is not None and exact_form(result) != exact_form(found[0]):
                    other_forms.append((choice, result))
            except MeaningError as error:
                problem = problem or str(error)
                without.append(choice)
        if any(other != found[0] for other in found[1:]):
            shown = ", ".join(repr(value) for value in found)
            raise refuse(
                op,
                f"{describe(function)} tells equal numbers apart: on {arguments!r} and its equals it gives {shown}",
                expected="a function that gives the same for 1, 1.0 and True, of which an aggregate gives any",
                help="convert the argument, with int() or float(), before its type matters",
            )
        if without:
            failed.append(number)
        if found:
            raising += without
        results.append(found[0] if found else UNREACHABLE)
        forms.extend(found[1:])
    return Evaluation(domains, distinct, results, forms, failed, problem, raising, other_forms, watched.exceeded)
