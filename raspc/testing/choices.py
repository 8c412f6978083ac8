"""Where a generator's decisions come from: a seed, or a tool that searches and shrinks."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices(ABC):
    """A source of decisions. Of several options the simplest comes first: a shrinking source moves towards it."""

    @abstractmethod
    def integer(self, low: int, high: int) -> int:
        """An int from `low`, the simplest, to `high`, both included."""

    @abstractmethod
    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        """One of the options, of which at least one has a positive weight; never one that has none."""

    @abstractmethod
    def flag(self, probability: float) -> bool:
        """True with a probability; false is simpler, and certain for 0."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.integer(0, len(options) - 1)]

    def part(self, build: Callable[[], T]) -> T:
        """What `build` makes of further decisions: a whole that a shrinking source may replace by a part of it."""
        return build()


class SeededChoices(Choices):
    """Decisions by a pseudorandom generator: the same for the same seed, in every process and version of Python.

    >>> choices = SeededChoices(7)
    >>> [choices.integer(1, 6) for _ in range(5)]
    [2, 1, 4, 1, 4]
    """

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        # Of the generator's methods only random() is promised to give the same numbers for ever.
        return low + int(self._random.random() * (high - low + 1))

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        possible = [(option, weight) for option, weight in options if weight > 0]
        position = self._random.random() * sum(weight for _, weight in possible)
        for option, weight in possible:
            position -= weight
            if position < 0:
                return option
        return possible[-1][0]

    def flag(self, probability: float) -> bool:
        return self._random.random() < probability
