"""The values of maps: joint evaluation over the sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from raspc.algebra import semantics
from raspc.algebra.domain import Domain
from raspc.algebra.functions import (
    UNREACHABLE,
    Function,
    Opaque,
    Table,
    Unreachable,
    describe,
    grid_size,
)
from raspc.algebra.grid import NEVER, UNDEFINED, JointValues, combinations
from raspc.algebra.values import MaybeValue
from raspc.dialects.rasp import MapOp
from raspc.errors import MeaningError
from raspc.passes.locations import refuse
from raspc.passes.value_analysis.facts import GRID_LIMIT, INDICES, TOKENS, Assumption, ProgramFacts, check_size


class MapAnalysis:
    """The maps of one program.

    Each function is evaluated once for every combination of operand values that occurs: on the grid of the sources
    where that is small enough, and otherwise on the product of the operands' domains.
    """

    def __init__(self, facts: ProgramFacts):
        self.facts = facts
        self._combinations: dict[MapOp, tuple[NDArray[np.int64], list[MaybeValue | Unreachable]]] = {}

    def table(self, op: MapOp) -> Table:
        """The function of a map as a table over its operands' domains; what doesn't occur is unreachable."""
        return _as_table([self.facts.domain(operand) for operand in op.operands_], *self._combinations[op])

    def joint(self, op: MapOp) -> JointValues:
        function = op.function.data
        operands = [self.facts.joints[operand] for operand in op.operands_]
        sizes = self.facts.union_axes(*operands)
        joint = self.facts.is_affordable(sizes)
        if joint:
            points = self.facts.codes_on(sizes, *operands)
            certain = sizes.keys() <= {TOKENS, INDICES}
        else:
            cells = grid_size([len(operand.domain) for operand in operands])
            if cells > GRID_LIMIT:
                raise refuse(
                    op,
                    f"the function's operands have {cells} combinations of values",
                    expected=f"at most {GRID_LIMIT} combinations",
                    help="use a smaller vocabulary or max_seq_len, or split the function into steps of fewer operands",
                )
            full = [Domain(operand.domain.values, operand.domain.undefined) for operand in operands]
            grids = np.meshgrid(*(JointValues.source(0, domain).codes for domain in full), indexing="ij")
            points = [grid.ravel() for grid in grids]
            certain = False
        distinct, which = combinations(points)
        results, forms = self._evaluate(op, function, [operand.domain for operand in operands], distinct, certain)
        reachable = [result for result in results if not isinstance(result, Unreachable)]
        domain = check_size(op, Domain.of([*reachable, *forms]))
        codes = np.array(
            [NEVER if isinstance(result, Unreachable) else domain.code(result) for result in results] + [NEVER],
            dtype=np.int64,
        )
        self._combinations[op] = (distinct, results)
        if isinstance(function, Opaque):
            self.facts.tables[op] = self.table(op)
        if joint:
            return JointValues(
                tuple(sizes), codes[np.where(which < 0, -1, which)].reshape(list(sizes.values())), domain
            )
        return self.facts.new_source(op.result, domain)

    def _evaluate(
        self, op: MapOp, function: Function, domains: Sequence[Domain], distinct: NDArray[np.int64], certain: bool
    ) -> tuple[list[MaybeValue | Unreachable], list[MaybeValue]]:
        """The result of the function for each combination of operand codes, and further forms of the results."""
        forms: list[MaybeValue] = []
        results: list[MaybeValue | Unreachable] = []
        problem: str | None = None
        for row in distinct.tolist():
            if UNDEFINED in row:
                results.append(None)
                continue
            arguments = tuple(domain.values[code] for domain, code in zip(domains, row, strict=True))
            choices = product(*(domain.forms(value) for domain, value in zip(domains, arguments, strict=True)))
            found: list[MaybeValue] = []
            for choice in choices:
                try:
                    found.append(semantics.apply(function, choice))
                except MeaningError as error:
                    problem = problem or str(error)
                    if certain:
                        raise refuse(
                            op,
                            f"{describe(function)} has no meaning: {error}",
                            expected="a function that gives a value for every value of its operands",
                            help="return None, or raise an ArithmeticError or a ValueError, to mean undefined",
                        ) from error
            if any(other != found[0] for other in found[1:]):
                shown = ", ".join(repr(value) for value in found)
                raise refuse(
                    op,
                    f"{describe(function)} tells equal numbers apart: on {arguments!r} and its equals it gives {shown}",
                    expected="a function that gives the same for 1, 1.0 and True, of which an aggregate gives any",
                    help="convert the argument, with int() or float(), before its type matters",
                )
            results.append(found[0] if found else UNREACHABLE)
            forms.extend(found[1:])
        if problem is not None:
            self.facts.assumptions.append(Assumption(op, problem))
            if all(isinstance(result, Unreachable) for result in results):
                raise refuse(op, f"{describe(function)} never has a meaning: {problem}")
        return results, forms


def _as_table(
    domains: Sequence[Domain], distinct: NDArray[np.int64], results: Sequence[MaybeValue | Unreachable]
) -> Table:
    """A function as a table over the domains of its operands; combinations that don't occur are unreachable."""
    shape = [len(domain) for domain in domains]
    cells: list[MaybeValue | Unreachable] = [UNREACHABLE] * grid_size(shape)
    for row, result in zip(distinct.tolist(), results, strict=True):
        if UNDEFINED not in row:
            cells[int(np.ravel_multi_index(row, shape))] = result  # pyright: ignore[reportUnknownArgumentType]
    return Table(tuple(domain.values for domain in domains), tuple(cells))
