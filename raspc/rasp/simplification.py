"""What Tracr's `simplify` asks for: two expressions made one while the program is built.

The compiler doesn't need it. It is for programs that were written for Tracr, and for those who want to decide which
s-ops have directions of their own in the residual stream. What an expression means is the same with and without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from raspc.algebra.comparison import Comparison
from raspc.algebra.functions import Function, Opaque, describe
from raspc.algebra.values import normalise
from raspc.errors import SourceLocation


@dataclass(frozen=True)
class Composition:
    """Functions applied one after the other, as a chain of maps applies them: undefined stays undefined.

    >>> Composition((lambda x: x + 1 if x else None, lambda x: 2 * x))(3)
    8
    """

    steps: tuple[Any, ...]

    def __call__(self, *operands: Any) -> Any:
        value = self.steps[0](*operands)
        for step in self.steps[1:]:
            value = normalise(value)
            if value is None:
                return None
            value = step(value)
        return value


@dataclass(frozen=True)
class Conjunction:
    """Whether both of two predicates hold."""

    fst: Any
    snd: Any

    def __call__(self, key: Any, query: Any) -> bool:
        # Both are called: where one raises an exception, the program has no meaning.
        holds, also = bool(self.fst(key, query)), bool(self.snd(key, query))
        return holds and also


@dataclass(frozen=True)
class Disjunction:
    """Whether at least one of two predicates holds."""

    fst: Any
    snd: Any

    def __call__(self, key: Any, query: Any) -> bool:
        holds, also = bool(self.fst(key, query)), bool(self.snd(key, query))
        return holds or also


@dataclass(frozen=True)
class Negation:
    """Whether a predicate doesn't hold."""

    inner: Any

    def __call__(self, key: Any, query: Any) -> bool:
        return not self.inner(key, query)


def composed(outer: Function, inner: Function, where: SourceLocation | None) -> Opaque:
    """The function of a map of a map: `outer(inner(x))`.

    A chain of any length is one flat composition, so that none is too deep to be called.
    """
    steps = (*_steps(inner), *_steps(outer))
    return Opaque(Composition(steps), f"a composition of {len(steps)} functions", where)


def _steps(function: Function) -> tuple[Any, ...]:
    if isinstance(function, Opaque) and isinstance(function.callable, Composition):
        return function.callable.steps
    return (function,)


def conjunction(fst: Function, snd: Function, where: SourceLocation | None) -> Opaque:
    """The predicate that holds where both do."""
    return Opaque(Conjunction(fst, snd), f"{describe(fst)} and {describe(snd)}", where)


def disjunction(fst: Function, snd: Function, where: SourceLocation | None) -> Opaque:
    """The predicate that holds where at least one does."""
    return Opaque(Disjunction(fst, snd), f"{describe(fst)} or {describe(snd)}", where)


def negation(inner: Function, where: SourceLocation | None) -> Function:
    """The predicate that holds where the other one doesn't."""
    if isinstance(inner, Comparison):
        return inner.negated
    return Opaque(Negation(inner), f"not {describe(inner)}", where)
