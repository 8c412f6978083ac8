"""The pass balance-layers: the layers that make a model small, with as many of them as before or some more."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace

from xdsl.context import Context
from xdsl.dialects.builtin import IntAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from raspc.algebra.factorisation import rank_of
from raspc.algebra.layer_schedule import (
    Component,
    Head,
    Layers,
    Objective,
    Outcome,
    Perceptron,
    ScheduleProblem,
    Solution,
)
from raspc.algebra.schedule_search import improved
from raspc.dialects.craft import AttentionOp, HeadOp, MlpOp, ModelOp, OneOp
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.ops import writer_of
from raspc.errors import CompileError
from raspc.passes.layer_order import check_schedule, layer_of

LOGGER = logging.getLogger(__name__)

OBJECTIVES = tuple(objective.value for objective in Objective)

MORE_LAYERS = 8
"""With `more-layers` at most so many are added."""

HEURISTIC, MILP = SOLVERS = ("heuristic", "milp")


@dataclass(frozen=True)
class Balance:
    """What balancing has found for one model.

    Attributes:
        model: the model's name.
        objective: what was to be small, `stored` or `padded`.
        outcome: how the search ended: `proved` if no schedule is better; otherwise `heuristic`, or of the solver
            `node limit`, `time limit`, `too large` or `failed`.
        n_layers: the number of layers afterwards.
        before: the parameters of all layers, under the objective.
        after: the same afterwards.
        bound: a number of parameters that no schedule with as many layers is below.
        n_nodes: how many nodes of its search tree the solver has looked at.
    """

    model: str
    objective: str
    outcome: str
    n_layers: int
    before: int
    after: int
    bound: int
    n_nodes: int

    @property
    def gap(self) -> float:
        """The part of the parameters that a better schedule could save at most."""
        return (self.after - self.bound) / self.after if self.after else 0.0

    def __str__(self) -> str:
        return (
            f"@{self.model}: {self.before} parameters in {self.n_layers} layers ({self.objective}), now {self.after}; "
            f"{self.outcome}, at least {self.bound}, gap {math.ceil(1000 * self.gap) / 10:.1f}%, {self.n_nodes} nodes"
        )


@dataclass(frozen=True)
class BalanceLayersPass(ModulePass):
    """Move components to other layers where that makes the model smaller; without `more-layers`, no new ones.

    ```mlir
    %narrow = craft.head layer 0 query(%two) key(%two) qk(2 by 2 identity) … : "narrow" numerical [0, 0.5, 1]
    %wide = craft.head layer 0 query(%nine) key(%nine) qk(9 by 9 identity) … : "wide" numerical [0, 0.5, 1]
    %last = craft.head layer 1 query(%nine) key(%nine) qk(9 by 9 identity) value(%narrow) … : "last" …
    ```
    becomes
    ```mlir
    %narrow = craft.head layer 0 query(%two) key(%two) qk(2 by 2 identity) … : "narrow" numerical [0, 0.5, 1]
    %wide = craft.head layer 1 query(%nine) key(%nine) qk(9 by 9 identity) … : "wide" numerical [0, 0.5, 1]
    %last = craft.head layer 1 query(%nine) key(%nine) qk(9 by 9 identity) value(%narrow) … : "last" …
    ```

    All heads of a layer are as wide as its widest one. As stored, the model is smaller if heads of one shape are
    together, and perceptrons in few layers; padded to one shape (see pad-uniform), if no layer has many heads or many
    hidden units.

    Layers must be assigned. Left alone are a model with fused heads; one in which no component has any slack; and one
    for which no smaller schedule is found. What is found is logged at the level INFO, and at the level WARNING if the
    solver has ended for a reason that may be another one on another machine.

    Attributes:
        objective: what is to be small, `stored` or `padded`.
        solver: `heuristic`, or `milp` for the best schedule, by HiGHS, from that of the heuristic on.
        node_limit: how many nodes of its search tree HiGHS may look at.
        time_limit: how many seconds HiGHS may take for a model. If it takes longer, the heuristic's schedule is taken.
        more_layers: take up to 8 more layers, if the heuristic makes the model smaller with them.
    """

    name = "balance-layers"

    objective: str = Objective.STORED.value
    solver: str = HEURISTIC
    node_limit: int = 100
    time_limit: int | float = 60
    more_layers: bool = False

    def __post_init__(self) -> None:
        for what, found, known in (("objective", self.objective, OBJECTIVES), ("solver", self.solver, SOLVERS)):
            if found not in known:
                raise CompileError(f"there is no {what} {found!r}", expected=f"one of {', '.join(known)}")
        if self.node_limit < 1:
            raise CompileError(f"a limit of {self.node_limit} nodes is none", expected="node-limit of at least 1")
        if not 0 < self.time_limit < math.inf:
            raise CompileError(f"a limit of {self.time_limit} seconds is none", expected="time-limit of more than 0")

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            if not any(isinstance(child, AttentionOp) for child in model.body.block.ops):
                balance = self.balance(model)
                unsteady = balance.outcome in (Outcome.TIME_LIMIT.value, Outcome.FAILED.value)
                LOGGER.log(logging.WARNING if unsteady else logging.INFO, "%s", balance)

    def balance(self, model: ModelOp) -> Balance:
        """Move the components of a model, which must have layers, and say what that has brought.

        Raises:
            CompileError: a component has no layer, or is before what it reads.
        """
        components = [child for child in model.body.block.ops if isinstance(child, HeadOp | MlpOp)]
        for component in components:
            check_schedule(component)
        # A number that no component has is no layer.
        numbers = {layer: number for number, layer in enumerate(sorted({layer_of(each) for each in components}))}
        before = tuple(numbers[layer_of(component)] for component in components)
        given = _problem(model, components, len(numbers), Objective(self.objective))
        problem = _longer(given, before) if self.more_layers else given
        solution = self._solution(problem, before)
        if solution.layers != before:
            for component, layer in zip(components, solution.layers, strict=True):
                component.layer = IntAttr(layer)
        return Balance(
            model=model.sym_name.data,
            objective=self.objective,
            outcome=solution.outcome.value,
            n_layers=problem.n_layers,
            before=given.n_params(before),
            after=problem.n_params(solution.layers),
            bound=solution.bound,
            n_nodes=solution.n_nodes,
        )

    def _solution(self, problem: ScheduleProblem, before: Layers) -> Solution:
        found = improved(problem, before)
        if problem.n_params(found) == problem.lower_bound or not problem.movable:
            return Solution(found, problem.n_params(found), 0, Outcome.PROVED)
        if self.solver == HEURISTIC:
            return Solution(found, problem.lower_bound, 0, Outcome.HEURISTIC)
        from raspc.algebra.schedule_program import solved  # the solver takes long to import

        return solved(problem, found, node_limit=self.node_limit, time_limit=self.time_limit)


def _longer(problem: ScheduleProblem, layers: Layers) -> ScheduleProblem:
    """The same components with the number of layers with which the heuristic makes the smallest model.

    Of several such numbers it is the least. More layers than components aren't needed.
    """
    best, least = problem, problem.n_params(improved(problem, layers))
    most = max(problem.n_layers, min(len(problem.components), problem.n_layers + MORE_LAYERS))
    lower_bound = replace(problem, n_layers=most).lower_bound if problem.objective is Objective.STORED else 0
    for n_layers in range(problem.n_layers + 1, most + 1):
        if least == lower_bound:
            break
        longer = replace(problem, n_layers=n_layers)
        n_params = longer.n_params(improved(longer, layers))
        if n_params < least:
            best, least = longer, n_params
    return best


def _problem(model: ModelOp, components: list[HeadOp | MlpOp], n_layers: int, objective: Objective) -> ScheduleProblem:
    """A model's components as numbers: what they read, and how large they are."""
    d_model = 2  # BOS, and the constant one
    for op in model.body.block.ops:
        if not isinstance(op, OneOp):
            d_model += sum(vector_of(result).size for result in op.results)
    numbers: dict[Operation, int] = {}
    found: list[Component] = []
    for number, component in enumerate(components):
        numbers[component] = number
        writers = {writer_of(operand) for operand in component.operands}
        reads = tuple(sorted(numbers[writer] for writer in writers if writer in numbers))
        found.append(_component(component, reads))
    return ScheduleProblem(tuple(found), n_layers, d_model, objective)


def _component(op: HeadOp | MlpOp, reads: tuple[int, ...]) -> Component:
    if isinstance(op, MlpOp):
        return Perceptron(reads, len(op.bias))
    # One dimension more is for BOS; see assemble-transformer.
    return Head(reads, sum(rank_of(form.data) for form in op.qk) + 1, vector_of(op.result).size)
