"""Schedules: which layer each head and each perceptron is in, how few layers do, and how large a model is then.

Layer l is an attention, then an MLP. A component reads what was written before: a head what earlier layers wrote, a
perceptron also what heads of its own layer wrote.

Fewest layers. Claim. The schedule as soon as possible, in which every component is in the first layer in which all that
it reads is written, has the fewest layers of all. Derivation. By induction over the program, no schedule has a
component in an earlier layer: what it reads is nowhere earlier, and it has to come after that. So none has an earlier
last layer. The other way round, a component that isn't in layer 0 is exactly `delay` layers after one that it reads.
From the last layer these lead back to layer 0, along a longest path of the graph, for which fewer layers have no room.

With the number of layers given, there is as well a last layer for each component, as late as possible, by the same
argument from the end. What lies between the two is its slack; where in it is best depends on what is to be small. With
independent perceptrons alone, the smallest padded model is a packing of numbers into bins of one size: the problem is
NP-hard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

import numpy as np

Layers = tuple[int, ...]
"""The layer of each component."""

RUN_LIMIT = 1000
"""With more layers than this, a bound from below looks at all of them together only, and not at each run of layers."""


class Objective(Enum):
    """What is to be small: the parameters of a model as it is, or of one in which all layers are padded to one size."""

    STORED = "stored"
    PADDED = "padded"


@dataclass(frozen=True)
class Head:
    """An attention head.

    Attributes:
        reads: the numbers of the components that it reads.
        d_head: the width of its queries and keys.
        d_value: the width of its values; a head that writes nothing has 0, and is left out of a model.
    """

    reads: tuple[int, ...]
    d_head: int
    d_value: int


@dataclass(frozen=True)
class Perceptron:
    """A perceptron.

    Attributes:
        reads: the numbers of the components that it reads.
        d_mlp: the number of its hidden units; one without any is left out of a model.
    """

    reads: tuple[int, ...]
    d_mlp: int


Component = Head | Perceptron


def delay(read: Component, reader: Component) -> int:
    """How many layers at least lie between a component and one that reads it."""
    return 0 if isinstance(read, Head) and isinstance(reader, Perceptron) else 1


@dataclass(frozen=True)
class LayerSizes:
    """How large the components of each layer are; each attribute has one number a layer.

    Attributes:
        n_heads: the number of heads.
        d_head: the widest d_head, and at least 0.
        d_value: the widest d_value, and at least 0.
        d_mlp: the hidden units of all perceptrons together.
    """

    n_heads: list[int]
    d_head: list[int]
    d_value: list[int]
    d_mlp: list[int]


@dataclass(frozen=True)
class ScheduleProblem:
    """Components that are to be given layers, so that a model is small.

    >>> head, unit = Head((), 3, 2), Perceptron((), 4)
    >>> problem = ScheduleProblem((head, unit, Perceptron((1,), 1), unit), n_layers=2, d_model=10)
    >>> problem.earliest, problem.latest
    ((0, 0, 1, 0), (1, 0, 1, 1))
    >>> problem.sizes((0, 0, 1, 1))
    LayerSizes(n_heads=[1, 0], d_head=[3, 0], d_value=[2, 0], d_mlp=[4, 5])

    Attributes:
        components: each after all that it reads.
        n_layers: the number of layers that there are.
        d_model: the width of the residual stream, which is the same in all schedules.
        objective: what is to be small.

    Raises:
        ValueError: a component reads one that isn't before it, or there are too few layers.
    """

    components: tuple[Component, ...]
    n_layers: int
    d_model: int
    objective: Objective = Objective.STORED

    def __post_init__(self) -> None:
        if any(not 0 <= read < number for number, each in enumerate(self.components) for read in each.reads):
            raise ValueError("a component must come after all that it reads")
        if max(self.earliest, default=-1) >= self.n_layers:
            raise ValueError(f"{max(self.earliest) + 1} layers are necessary, found {self.n_layers}")

    @cached_property
    def edges(self) -> tuple[tuple[int, int, int], ...]:
        """For each component and each that it reads: the one read, the reader, and the delay between them."""
        return tuple(
            (read, number, delay(self.components[read], reader))
            for number, reader in enumerate(self.components)
            for read in reader.reads
        )

    @cached_property
    def earliest(self) -> Layers:
        """The layers as soon as possible."""
        return self.delayed([0] * len(self.components))

    @cached_property
    def latest(self) -> Layers:
        """The layers as late as possible."""
        return self.advanced([self.n_layers - 1] * len(self.components))

    @cached_property
    def movable(self) -> tuple[int, ...]:
        """The numbers of the components that may be in more than one layer."""
        return tuple(number for number in range(len(self.components)) if self.earliest[number] < self.latest[number])

    def delayed(self, layers: Iterable[int]) -> Layers:
        """The layers, or the next ones that come after all that is read."""
        found = list(layers)
        for read, reader, gap in self.edges:
            found[reader] = max(found[reader], found[read] + gap)
        return tuple(found)

    def advanced(self, layers: Iterable[int]) -> Layers:
        """The layers, or the last ones that come before all that reads."""
        found = list(layers)
        for read, reader, gap in reversed(self.edges):
            found[read] = min(found[read], found[reader] - gap)
        return tuple(found)

    def is_schedule(self, layers: Sequence[int]) -> bool:
        """Whether every component comes after what it reads, in a layer that there is."""
        return (
            len(layers) == len(self.components)
            and all(0 <= layer < self.n_layers for layer in layers)
            and all(layers[read] + gap <= layers[reader] for read, reader, gap in self.edges)
        )

    def sizes(self, layers: Sequence[int]) -> LayerSizes:
        """How large each layer is."""
        sizes = LayerSizes(*([0] * self.n_layers for _ in range(4)))
        for component, layer in zip(self.components, layers, strict=True):
            if isinstance(component, Perceptron):
                sizes.d_mlp[layer] += component.d_mlp
            elif component.d_value:
                sizes.n_heads[layer] += 1
                sizes.d_head[layer] = max(sizes.d_head[layer], component.d_head)
                sizes.d_value[layer] = max(sizes.d_value[layer], component.d_value)
        return sizes

    def n_params(self, layers: Sequence[int]) -> int:
        """The number of parameters of all attentions and MLPs.

        As stored, an attention of n heads has 2 n d_model (d_head + d_value), with the widest of each; an MLP of m
        units has m (2 d_model + 1), and d_model for the bias of its output. Padded, every layer has both, with the
        largest numbers that there are anywhere, and the larger one of d_head and d_value.
        """
        sizes, d_model = self.sizes(layers), self.d_model
        if self.objective is Objective.PADDED:
            return self.n_params_padded(max(sizes.n_heads, default=0), max(sizes.d_mlp, default=0))
        widths = zip(sizes.n_heads, sizes.d_head, sizes.d_value, strict=True)
        heads = sum(n_heads * (d_head + d_value) for n_heads, d_head, d_value in widths)
        return 2 * d_model * heads + sum(units * (2 * d_model + 1) + d_model for units in sizes.d_mlp if units)

    def n_params_padded(self, n_heads: int, d_mlp: int) -> int:
        """The number of parameters with so many heads and hidden units in each layer, and one of all three at least."""
        n_layers, n_heads, d_mlp = max(self.n_layers, 1), max(n_heads, 1), max(d_mlp, 1)
        return n_layers * (self.d_model * (4 * n_heads * self.d_head_padded + 2 * d_mlp + 1) + d_mlp)

    @cached_property
    def d_head_padded(self) -> int:
        """The one width of all heads in a padded model: the schedule doesn't change it."""
        return max([1, *(max(each.d_head, each.d_value) for each in self.heads)])

    @property
    def heads(self) -> list[Head]:
        """The heads that write something."""
        return [each for each in self.components if isinstance(each, Head) and each.d_value]

    @cached_property
    def head_counts(self) -> tuple[int, ...]:
        """For each component 1 if it is a head that writes something, otherwise 0."""
        return tuple(int(isinstance(each, Head) and each.d_value > 0) for each in self.components)

    @cached_property
    def unit_counts(self) -> tuple[int, ...]:
        """For each component the number of its hidden units, which is 0 for a head."""
        return tuple(each.d_mlp if isinstance(each, Perceptron) else 0 for each in self.components)

    @cached_property
    def fewest_heads(self) -> int:
        """A bound from below on the heads of the layer with the most."""
        return self._load(self.head_counts)

    @cached_property
    def fewest_units(self) -> int:
        """A bound from below on the hidden units of the layer with the most."""
        return max([self._load(self.unit_counts), *self.unit_counts])

    def _load(self, weights: Sequence[int]) -> int:
        """The largest mean weight, rounded up, that a run of layers has to hold, as it can't be elsewhere."""
        n = self.n_layers
        if n > RUN_LIMIT:
            return -(-sum(weights) // n)
        inside = np.zeros((n, n), dtype=np.int64)  # [first layer, last layer] of a run
        np.add.at(inside, (np.array(self.earliest, dtype=int), np.array(self.latest, dtype=int)), weights)
        inside = inside[::-1].cumsum(axis=0)[::-1].cumsum(axis=1)
        n_layers = np.arange(n)[None, :] - np.arange(n)[:, None] + 1
        return int((-(-inside // np.maximum(n_layers, 1)))[n_layers > 0].max(initial=0))

    @cached_property
    def lower_bound(self) -> int:
        """A number of parameters that no schedule is below."""
        if self.objective is Objective.PADDED:
            return self.n_params_padded(self.fewest_heads, self.fewest_units)
        heads = sum(each.d_head + each.d_value for each in self.heads)
        units = (2 * self.d_model + 1) * sum(self.unit_counts)
        return 2 * self.d_model * heads + units + self.d_model * self._fewest_mlps

    @property
    def _fewest_mlps(self) -> int:
        """The smallest number of layers such that each perceptron may be in one of them."""
        n_mlps, last = 0, -1
        for late, soon, n_units in sorted(zip(self.latest, self.earliest, self.unit_counts, strict=True)):
            if n_units and soon > last:
                n_mlps, last = n_mlps + 1, late
        return n_mlps


class Outcome(Enum):
    """How a search for a schedule ended: with a proof that none is better, or why without one."""

    PROVED = "proved"
    HEURISTIC = "heuristic"
    NODE_LIMIT = "node limit"
    TIME_LIMIT = "time limit"
    TOO_LARGE = "too large"
    FAILED = "failed"


@dataclass(frozen=True)
class Solution:
    """What a search has found.

    Attributes:
        layers: the schedule.
        bound: a number of parameters that no schedule is below.
        n_nodes: how many nodes of a search tree a solver has looked at.
        outcome: how the search ended.
    """

    layers: Layers
    bound: int
    n_nodes: int
    outcome: Outcome
