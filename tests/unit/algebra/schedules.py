"""Random components, and all of their schedules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from raspc.algebra.layer_schedule import Component, Head, Layers, Objective, Perceptron, ScheduleProblem


def random_problem(seed: int, size: int, objective: Objective, *, spare: int = 0) -> ScheduleProblem:
    """Components that read few others, in the fewest layers and some to spare."""
    rng = np.random.default_rng(seed)
    components: list[Component] = []
    for number in range(size):
        n_reads = int(rng.integers(0, 3)) if number else 0
        reads = tuple(sorted({int(read) for read in rng.integers(0, number, n_reads)} if number else ()))
        if rng.random() < 0.5:
            components.append(Head(reads, int(rng.integers(1, 6)), int(rng.integers(0, 4))))
        else:
            components.append(Perceptron(reads, int(rng.integers(0, 9))))
    n_layers = max(ScheduleProblem(tuple(components), size, 1).earliest) + 1
    return ScheduleProblem(tuple(components), n_layers + spare, int(rng.integers(2, 12)), objective)


def schedules(problem: ScheduleProblem) -> Iterator[Layers]:
    """All schedules of a problem."""
    windows = [range(first, last + 1) for first, last in zip(problem.earliest, problem.latest, strict=True)]
    return (layers for layers in product(*windows) if problem.is_schedule(layers))
