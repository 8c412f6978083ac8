"""Schedules as an integer program, which HiGHS solves.

There is a variable for each component and each layer within its slack, 1 if it is there, and

- each component is in one layer;
- where one is read by another, which comes `delay` layers later at least: for each layer t, the one isn't in t or later
  while the other is before t + delay;
- padded: there are as many heads, and hidden units, as in each layer. Both numbers have a cost;
- as stored: each layer has one width of heads, at least that of its widest. Only widths that a head has come into
  question: there is a variable for each layer and width, and one for each head, layer and width that it may be padded
  to, with the width as its cost and at most that of the layer. The same holds for the widths of values. A layer in
  which there is a perceptron costs an output bias.

Only variables of the first kind, and the two numbers, have to be called integers. Given them, the others are decided.

The schedule that is known already is a bound: only what has fewer parameters is feasible. If nothing is, it is proved
to be the best.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import scipy.optimize  # pyright: ignore[reportMissingTypeStubs]
import scipy.sparse  # pyright: ignore[reportMissingTypeStubs]

from raspc.algebra.layer_schedule import Head, Layers, Objective, Outcome, ScheduleProblem, Solution
from raspc.algebra.schedule_search import settled

optimize: Any = scipy.optimize
sparse: Any = scipy.sparse
"""scipy comes without types."""

VARIABLE_LIMIT = 600
"""How many variables a program may have. A larger one can take all of the time for its first node."""

_OPTIMAL, _INTERRUPTED, _INFEASIBLE = 0, 1, 2
"""scipy's numbers for how a search ended."""

_NODE_LIMIT = "Solution limit reached"
"""What HiGHS says of its limit on nodes, for which scipy has no number."""


def solved(problem: ScheduleProblem, start: Layers, *, node_limit: int, time_limit: float) -> Solution:
    """The best schedule, or the best one that is found within the limits; `start` if none is better.

    Where a time limit strikes depends on the machine. So a search that it ends has found nothing: the schedule is
    `start`.

    Args:
        problem: the components.
        start: a schedule.
        node_limit: how many nodes of the search tree to look at.
        time_limit: how many seconds to search.
    """
    if problem.n_params(start) == problem.lower_bound:
        return Solution(start, problem.lower_bound, 0, Outcome.PROVED)
    n_places = sum(last - first + 1 for first, last in zip(problem.earliest, problem.latest, strict=True))
    program = _Program(problem) if n_places <= VARIABLE_LIMIT else None
    if program is None or len(program.costs) > VARIABLE_LIMIT:
        return Solution(start, problem.lower_bound, 0, Outcome.TOO_LARGE)
    return program.solved(start, node_limit, time_limit)


class _Program:
    """The integer program of a problem.

    Attributes:
        problem: the problem.
        scale: the number of parameters that a cost of 1 stands for.
        fixed: the number of parameters that all schedules have.
        costs: of each variable.
        lowest: the smallest value of each variable.
        highest: the largest value of each variable.
        integral: whether a variable has to be an integer.
        places: for a component and a layer, the variable.
    """

    def __init__(self, problem: ScheduleProblem):
        self.problem = problem
        self.costs: list[int] = []
        self.lowest: list[float] = []
        self.highest: list[float] = []
        self.integral: list[bool] = []
        self.places: dict[tuple[int, int], int] = {}
        self._triples: list[tuple[int, int, int]] = []  # row, variable, coefficient
        self._bounds: list[tuple[float, float]] = []  # of each row
        for number, (first, last) in enumerate(zip(problem.earliest, problem.latest, strict=True)):
            for layer in range(first, last + 1):
                self.places[number, layer] = self._variable(integral=True)
            self._row([(self.places[number, layer], 1) for layer in range(first, last + 1)], 1, 1)
        for read, reader, gap in problem.edges:
            for layer in range(problem.earliest[reader] - gap + 1, problem.latest[read] + 1):
                late = self._in_layers(read, range(layer, problem.n_layers))
                soon = self._in_layers(reader, range(layer + gap))
                self._row([(variable, 1) for variable in (*late, *soon)], -math.inf, 1)
        if problem.objective is Objective.PADDED:
            self.scale, self.fixed = self._padded()
        else:
            self.scale, self.fixed = self._stored()

    def _variable(self, cost: int = 0, lowest: float = 0, highest: float = 1, *, integral: bool = False) -> int:
        self.costs.append(cost)
        self.lowest.append(lowest)
        self.highest.append(highest)
        self.integral.append(integral)
        return len(self.costs) - 1

    def _row(self, terms: Iterable[tuple[int, int]], lowest: float, highest: float) -> None:
        """Constrain a sum of variables times coefficients."""
        self._triples.extend((len(self._bounds), variable, coefficient) for variable, coefficient in terms)
        self._bounds.append((lowest, highest))

    def _in_layers(self, number: int, layers: Iterable[int]) -> list[int]:
        return [self.places[number, layer] for layer in layers if (number, layer) in self.places]

    def _counted(self, counts: Sequence[int], layer: int) -> list[tuple[int, int]]:
        """The variables of the components that may be in a layer and count for something, and for how much."""
        candidates = [(number, count) for number, count in enumerate(counts) if count]
        return [(self.places[number, layer], count) for number, count in candidates if (number, layer) in self.places]

    def _padded(self) -> tuple[int, int]:
        """Two variables for the largest number of heads and of hidden units."""
        problem = self.problem
        head = problem.n_params_padded(2, 1) - problem.n_params_padded(1, 1)
        unit = problem.n_params_padded(1, 2) - problem.n_params_padded(1, 1)
        scale = math.gcd(head, unit)
        for cost, fewest, counts in (
            (head, problem.fewest_heads, problem.head_counts),
            (unit, problem.fewest_units, problem.unit_counts),
        ):
            most = self._variable(cost // scale, max(fewest, 1), math.inf, integral=True)
            for layer in range(problem.n_layers):
                self._row([*self._counted(counts, layer), (most, -1)], -math.inf, 0)
        return scale, problem.n_params_padded(1, 1) - head - unit

    def _stored(self) -> tuple[int, int]:
        """Variables for the widths of layers, for what heads are padded to, and for output biases."""
        problem = self.problem
        heads = {
            number: each for number, each in enumerate(problem.components) if isinstance(each, Head) and each.d_value
        }
        self._widths({number: head.d_head for number, head in heads.items()})
        self._widths({number: head.d_value for number, head in heads.items()})
        for layer in range(problem.n_layers):
            bias = self._variable(cost=1)
            for place, _ in self._counted(problem.unit_counts, layer):
                self._row([(place, 1), (bias, -1)], -math.inf, 0)
        return problem.d_model, (2 * problem.d_model + 1) * sum(problem.unit_counts)

    def _widths(self, widths: dict[int, int]) -> None:
        """Let heads of these widths be padded to one width in each layer, at a cost of 2 for each of it."""
        for layer in range(self.problem.n_layers):
            inside = [number for number in widths if (number, layer) in self.places]
            chosen = {width: self._variable() for width in sorted({widths[number] for number in inside})}
            self._row([(variable, 1) for variable in chosen.values()], -math.inf, 1)
            for number in inside:
                padded = {width: self._variable(cost=2 * width) for width in chosen if width >= widths[number]}
                terms = [(variable, 1) for variable in padded.values()]
                self._row([*terms, (self.places[number, layer], -1)], 0, 0)
                for width, variable in padded.items():
                    self._row([(variable, 1), (chosen[width], -1)], -math.inf, 0)

    def solved(self, start: Layers, node_limit: int, time_limit: float) -> Solution:
        """Search for a schedule that is better than `start`."""
        problem = self.problem
        n_params = problem.n_params(start)
        # Costs are integers: what is better costs at least 1 less, and a half of that allows for rounding.
        self._row(list(enumerate(self.costs)), -math.inf, (n_params - self.fixed) // self.scale - 0.5)
        rows, variables, coefficients = zip(*self._triples, strict=True)
        matrix = sparse.csr_array((coefficients, (rows, variables)), shape=(len(self._bounds), len(self.costs)))
        found = optimize.milp(
            np.array(self.costs),
            integrality=np.array(self.integral, dtype=int),
            bounds=optimize.Bounds(np.array(self.lowest), np.array(self.highest)),
            constraints=optimize.LinearConstraint(matrix, *np.array(self._bounds).T),
            options={"node_limit": node_limit, "time_limit": time_limit, "mip_rel_gap": 0.0},
        )
        n_nodes = int(found.mip_node_count or 0)
        if found.status == _INFEASIBLE:
            return Solution(start, n_params, n_nodes, Outcome.PROVED)
        bound = min(max(problem.lower_bound, self._bound(found.mip_dual_bound)), n_params)
        if found.status == _INTERRUPTED:
            return Solution(start, bound, n_nodes, Outcome.TIME_LIMIT)
        if found.status != _OPTIMAL and _NODE_LIMIT not in found.message:
            return Solution(start, bound, n_nodes, Outcome.FAILED)
        layers = start if found.x is None else settled(problem, self._layers(found.x))
        if found.status == _OPTIMAL:
            return Solution(layers, problem.n_params(layers), n_nodes, Outcome.PROVED)
        return Solution(layers, min(bound, problem.n_params(layers)), n_nodes, Outcome.NODE_LIMIT)

    def _bound(self, cost: float | None) -> int:
        """The number of parameters of a cost that nothing is below; 0 if there is none."""
        if cost is None or not math.isfinite(cost):
            return 0
        return self.fixed + self.scale * math.ceil(cost - 1e-6 * max(1.0, abs(cost)))

    def _layers(self, values: Sequence[float]) -> Layers:
        layers = [0] * len(self.problem.components)
        for (number, layer), variable in self.places.items():
            if values[variable] > 0.5:
                layers[number] = layer
        assert self.problem.is_schedule(layers), "the constraints hold"
        return tuple(layers)
