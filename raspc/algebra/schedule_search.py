"""A heuristic for schedules: pack layers, then move groups of components as long as that makes the model smaller.

It is deterministic: its effort is bounded by a number of steps, not by time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from raspc.algebra.layer_schedule import Head, Layers, Objective, Perceptron, ScheduleProblem, delay

STEP_LIMIT = 300_000
"""How many components and layers each part of the search may look at, in all that it tries: about a second."""


class _Budget:
    """A number of steps that is used up."""

    def __init__(self, n_steps: int = STEP_LIMIT):
        self.n_steps = n_steps

    def allows(self, problem: ScheduleProblem) -> bool:
        """Take the steps of looking at one schedule; whether they were left."""
        self.n_steps -= len(problem.components) + problem.n_layers
        return self.n_steps >= 0


def improved(problem: ScheduleProblem, start: Layers) -> Layers:
    """A schedule of fewer parameters than `start`, or `start` itself if none is found.

    The search goes from `start`, from the layers as late as possible and, for padded models, from packed ones.

    Args:
        problem: the components.
        start: a schedule.
    """
    if not problem.movable:
        return start
    starts = [start, problem.latest]
    if problem.objective is Objective.PADDED:
        starts += _packed(problem)
    found = [_climb(problem, layers) for layers in dict.fromkeys(starts)]
    best = min(found, key=problem.n_params)
    return settled(problem, best) if problem.n_params(best) < problem.n_params(start) else start


def settled(problem: ScheduleProblem, layers: Layers) -> Layers:
    """The schedule with one component after the other in the first layer in which it makes the model no larger."""
    n_params, found, budget = problem.n_params(layers), list(layers), _Budget()
    for number in problem.movable:
        reader = problem.components[number]
        ready = max((found[read] + delay(problem.components[read], reader) for read in reader.reads), default=0)
        for layer in range(ready, found[number]):
            moved = [*found[:number], layer, *found[number + 1 :]]
            if not budget.allows(problem):
                return tuple(found)
            if problem.n_params(moved) <= n_params:
                n_params, found = problem.n_params(moved), moved
                break
    return tuple(found)


def _climb(problem: ScheduleProblem, layers: Layers) -> Layers:
    """Try all moves again and again, and make each that makes the model smaller, until none does."""
    best, budget, changed = _rating(problem, layers), _Budget(), True
    while changed:
        changed = False
        for group in list(_groups(problem, layers)):
            first, last = min(problem.earliest[each] for each in group), max(problem.latest[each] for each in group)
            for layer in range(first, last + 1):
                if not budget.allows(problem):
                    return layers
                moved = _moved(problem, layers, group, layer)
                if moved != layers and (rating := _rating(problem, moved)) < best:
                    layers, best, changed = moved, rating, True
    return layers


def _rating(problem: ScheduleProblem, layers: Layers) -> tuple[int, int]:
    """What a search makes smaller: the parameters, and for padded models, if these are the same, how uneven layers are.

    A padded model becomes smaller only when its largest layer does, often after several moves, which have to be made
    one after the other. Each makes the sum of the squares of what the layers hold smaller.
    """
    n_params = problem.n_params(layers)
    if problem.objective is Objective.STORED:
        return n_params, 0
    sizes, d_model = problem.sizes(layers), problem.d_model
    heads = sum((4 * d_model * problem.d_head_padded * n) ** 2 for n in sizes.n_heads)
    return n_params, heads + sum(((2 * d_model + 1) * n) ** 2 for n in sizes.d_mlp)


def _groups(problem: ScheduleProblem, layers: Layers) -> Iterator[tuple[int, ...]]:
    """What to move together: each component alone, those of a kind in one layer, and heads of equal shapes."""
    for number in problem.movable:
        yield (number,)

    def kind_and_layer(number: int) -> tuple[bool, int]:
        return isinstance(problem.components[number], Head), layers[number]

    def shape(number: int) -> tuple[int, int]:
        head = problem.components[number]
        return (head.d_head, head.d_value) if isinstance(head, Head) else (0, 0)

    for key in (kind_and_layer, shape):
        for _, group in groupby(sorted(problem.movable, key=key), key=key):
            members = tuple(group)
            if len(members) > 1:
                yield members


def _moved(problem: ScheduleProblem, layers: Layers, group: Sequence[int], layer: int) -> Layers:
    """The schedule with those of a group in `layer` that may be there; what is in their way goes with them."""
    members = [number for number in group if problem.earliest[number] <= layer <= problem.latest[number]]
    moved = list(layers)
    for number in members:
        moved[number] = max(moved[number], layer)
    moved = list(problem.delayed(moved))
    for number in members:
        moved[number] = min(moved[number], layer)
    return problem.advanced(moved)


def _packed(problem: ScheduleProblem) -> list[Layers]:
    """The smallest of the schedules that packing finds: for each number of heads, with fewer and fewer hidden units."""
    found: list[Layers] = []
    sizes, budget = problem.sizes(problem.earliest), _Budget()
    for n_heads in range(problem.fewest_heads, max(sizes.n_heads) + 1):
        low, high = problem.fewest_units, max(sizes.d_mlp)
        while low <= high and budget.n_steps > 0:
            middle = (low + high) // 2
            packed = _pack(problem, n_heads, middle, budget)
            if packed is None:
                low = middle + 1
            else:
                found.append(packed)
                high = max(problem.sizes(packed).d_mlp) - 1
    return [min(found, key=problem.n_params)] if found else []


def _pack(problem: ScheduleProblem, n_heads: int, d_mlp: int, budget: _Budget) -> Layers | None:
    """Fill one layer after the other with what is ready, the most urgent first.

    Returns:
        The schedule; `None` if something comes too late, or the budget is used up.
    """
    kinds = (problem.head_counts, n_heads, Head), (problem.unit_counts, d_mlp, Perceptron)
    sizes = [max(counts) for counts in zip(problem.head_counts, problem.unit_counts, strict=True)]
    waiting = sorted(range(len(sizes)), key=lambda number: (problem.latest[number], -sizes[number], number))
    layers: dict[int, int] = {}
    for layer in range(problem.n_layers):
        for counts, room, kind in kinds:
            left = room
            for number in waiting:
                fits = type(problem.components[number]) is kind and counts[number] <= left
                if fits and _is_ready(problem, number, layers, layer):
                    layers[number] = layer
                    left -= counts[number]
            waiting = [number for number in waiting if number not in layers]
        if any(problem.latest[number] <= layer for number in waiting) or not budget.allows(problem):
            return None
    return tuple(layers[number] for number in range(len(sizes)))


def _is_ready(problem: ScheduleProblem, number: int, layers: dict[int, int], layer: int) -> bool:
    reader = problem.components[number]
    return all(
        read in layers and layers[read] + delay(problem.components[read], reader) <= layer for read in reader.reads
    )
