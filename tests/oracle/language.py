"""The expressions of a program, as the oracle has them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class Node:
    """An expression; the same only as itself."""

    @property
    def operands(self) -> tuple[Node, ...]:
        """What it is computed from."""
        return ()

    def named(self, name: str) -> Node:
        """This expression: a name means nothing."""
        return self


class Sop(Node):
    """A value at every position, with Python's operators."""

    def _with(self, function: Callable[..., Any], other: object) -> Map:
        if isinstance(other, Sop):
            return Map(function, (self, other))
        return Map(lambda x: function(x, other), (self,))

    def _after(self, function: Callable[..., Any], other: object) -> Map:
        return Map(lambda x: function(other, x), (self,))

    def __eq__(self, other: object) -> Map:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._with(operator.eq, other)

    def __ne__(self, other: object) -> Map:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._with(operator.ne, other)

    __hash__ = object.__hash__

    def __lt__(self, other: object) -> Map:
        return self._with(operator.lt, other)

    def __le__(self, other: object) -> Map:
        return self._with(operator.le, other)

    def __gt__(self, other: object) -> Map:
        return self._with(operator.gt, other)

    def __ge__(self, other: object) -> Map:
        return self._with(operator.ge, other)

    def __add__(self, other: object) -> Map:
        return self._with(operator.add, other)

    def __radd__(self, other: object) -> Map:
        return self._after(operator.add, other)

    def __sub__(self, other: object) -> Map:
        return self._with(operator.sub, other)

    def __rsub__(self, other: object) -> Map:
        return self._after(operator.sub, other)

    def __mul__(self, other: object) -> Map:
        return self._with(operator.mul, other)

    def __rmul__(self, other: object) -> Map:
        return self._after(operator.mul, other)

    def __truediv__(self, other: object) -> Map:
        return self._with(operator.truediv, other)

    def __rtruediv__(self, other: object) -> Map:
        return self._after(operator.truediv, other)

    def __floordiv__(self, other: object) -> Map:
        return self._with(operator.floordiv, other)

    def __mod__(self, other: object) -> Map:
        return self._with(operator.mod, other)

    def __pow__(self, other: object) -> Map:
        return self._with(operator.pow, other)

    def __and__(self, other: object) -> Map:
        return self._with(lambda x, y: x and y, other)

    def __or__(self, other: object) -> Map:
        return self._with(lambda x, y: x or y, other)

    def __invert__(self) -> Map:
        return Map(operator.not_, (self,))

    def __neg__(self) -> Map:
        return Map(operator.neg, (self,))

    def __abs__(self) -> Map:
        return Map(abs, (self,))


class Selector(Node):
    """A boolean matrix."""

    def __and__(self, other: Selector) -> And:
        return And(self, other)

    def __or__(self, other: Selector) -> Or:
        return Or(self, other)

    def __invert__(self) -> Not:
        return Not(self)


class Tokens(Sop):
    """The input."""


class Indices(Sop):
    """The positions."""


@dataclass(frozen=True, eq=False)
class Full(Sop):
    """One value at every position; `None` is undefined."""

    value: object


@dataclass(frozen=True, eq=False)
class Given(Sop):
    """A given sequence."""

    values: tuple[object, ...]
    exact: bool


@dataclass(frozen=True, eq=False)
class Map(Sop):
    """A function of values at one position."""

    function: Callable[..., Any]
    sources: tuple[Node, ...]

    @property
    def operands(self) -> tuple[Node, ...]:
        return self.sources


@dataclass(frozen=True, eq=False)
class Aggregate(Sop):
    """What the selected values come to."""

    selector: Node
    values: Node
    default: object

    @property
    def operands(self) -> tuple[Node, ...]:
        return (self.selector, self.values)


@dataclass(frozen=True, eq=False)
class Width(Sop):
    """How many positions are selected."""

    selector: Node

    @property
    def operands(self) -> tuple[Node, ...]:
        return (self.selector,)


@dataclass(frozen=True, eq=False)
class Select(Selector):
    """The keys for which a predicate holds with the query."""

    keys: Node
    queries: Node
    predicate: Callable[[Any, Any], object]

    @property
    def operands(self) -> tuple[Node, ...]:
        return (self.keys, self.queries)


@dataclass(frozen=True, eq=False)
class GivenSelector(Selector):
    """A given matrix, query by key."""

    rows: tuple[tuple[bool, ...], ...]
    exact: bool


@dataclass(frozen=True, eq=False)
class And(Selector):
    """Both of two selectors."""

    fst: Node
    snd: Node

    @property
    def operands(self) -> tuple[Node, ...]:
        return (self.fst, self.snd)


@dataclass(frozen=True, eq=False)
class Or(Selector):
    """At least one of two selectors."""

    fst: Node
    snd: Node

    @property
    def operands(self) -> tuple[Node, ...]:
        return (self.fst, self.snd)


@dataclass(frozen=True, eq=False)
class Not(Selector):
    """What a selector doesn't select."""

    inner: Node

    @property
    def operands(self) -> tuple[Node, ...]:
        return (self.inner,)


COMPARISONS: dict[str, Callable[[Any, Any], object]] = {
    "EQ": operator.eq,
    "NEQ": operator.ne,
    "LT": operator.lt,
    "LEQ": operator.le,
    "GT": operator.gt,
    "GEQ": operator.ge,
    "TRUE": lambda key, query: True,
    "FALSE": lambda key, query: False,
}
"""The predicates that have a name."""
