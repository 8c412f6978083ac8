"""The reference interpreter: what a RASP program computes for an input, by the definition of the language.

It knows nothing of the compiler; `raspc.algebra.semantics` has the meaning of each operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

import numpy as np

from raspc.algebra import semantics
from raspc.algebra.semantics import Truth
from raspc.algebra.values import MaybeValue, Value, normalise
from raspc.errors import BoundError, InputError, MeaningError
from raspc.rasp.base import RASPExpr
from raspc.rasp.expressions import (
    Aggregate,
    ConstantSelector,
    ConstantSOp,
    Full,
    IndicesType,
    Map,
    Select,
    Selector,
    SelectorAnd,
    SelectorNot,
    SelectorOr,
    SelectorWidth,
    SOp,
    TokensType,
)

_T = TypeVar("_T")


@overload
def evaluate(expr: SOp, xs: Sequence[Any], *, causal: bool = False) -> list[MaybeValue]: ...
@overload
def evaluate(expr: Selector, xs: Sequence[Any], *, causal: bool = False) -> list[list[bool]]: ...
def evaluate(expr: RASPExpr, xs: Sequence[Any], *, causal: bool = False) -> list[MaybeValue] | list[list[bool]]:
    """What an expression computes for the input `xs`.

    Args:
        expr: an s-op or a selector.
        xs: the tokens; a string is the sequence of its characters.
        causal: whether no position may look at later ones.

    Returns:
        The values of an s-op, `None` where it is undefined; the matrix of a selector, by query and then by key.

    Raises:
        InputError: `xs` is empty, or not a sequence of values.
        MeaningError: the program has no meaning on this input.
        BoundError: a value is larger than raspc computes it.
    """
    interpreter = _Interpreter(check_input(xs), causal)
    for expression in in_order(expr):
        interpreter.run(expression)
    return interpreter.result(expr)


def check_input(xs: Sequence[Any]) -> list[Value]:
    """The tokens of an input as plain values.

    Raises:
        InputError: there are none, or one is not a value.
    """
    tokens: list[Value] = []
    for position, token in enumerate(xs):
        try:
            value = normalise(token)
        except (TypeError, BoundError) as error:
            raise InputError(f"the token at position {position} is not a value: {error}") from None
        if value is None:
            raise InputError(f"the token at position {position} is None, but tokens are always defined")
        tokens.append(value)
    if not tokens:
        raise InputError("an input needs at least one token")
    return tokens


def in_order(expr: RASPExpr) -> list[RASPExpr]:
    """All expressions that `expr` is computed from and itself, each once and after its children.

    The order depends on the program alone. No program is too deep: the walk keeps its own stack.
    """
    ordered: list[RASPExpr] = []
    entered: set[int] = set()
    stack: list[tuple[RASPExpr, bool]] = [(expr, False)]
    while stack:
        current, children_done = stack.pop()
        if children_done:
            ordered.append(current)
        elif id(current) not in entered:
            entered.add(id(current))
            stack.append((current, True))
            stack.extend((child, False) for child in reversed(current.children))
    return ordered


class _Interpreter:
    """Computes expressions one after the other, each from the results of its children."""

    def __init__(self, tokens: list[Value], causal: bool):
        self._tokens = tokens
        self._causal = causal
        self._values: dict[int, list[MaybeValue]] = {}
        self._selectors: dict[int, Truth] = {}

    def run(self, expr: RASPExpr) -> None:
        """Compute an expression whose children are computed."""
        try:
            if isinstance(expr, Selector):
                self._selectors[id(expr)] = self._select(expr)
            elif isinstance(expr, SOp):
                self._values[id(expr)] = self._compute(expr)
        except (MeaningError, BoundError) as error:
            place = "" if expr.where is None else f"{expr.where}: "
            raise type(error)(f"{place}{expr.name!r}: {error}") from error

    def result(self, expr: RASPExpr) -> list[MaybeValue] | list[list[bool]]:
        """What a computed expression is to the user."""
        if isinstance(expr, Selector):
            return (self._consumed(expr) == semantics.TRUE).tolist()
        return list(self._values[id(expr)])

    def _consumed(self, selector: Selector) -> Truth:
        """A selector as an aggregate or a width sees it."""
        truth = self._selectors[id(selector)]
        return semantics.causal(truth) if self._causal else truth

    def _compute(self, expr: SOp) -> list[MaybeValue]:
        n = len(self._tokens)
        match expr:
            case TokensType():
                return list(self._tokens)
            case IndicesType():
                return list(range(n))
            case Full():
                return [expr.fill] * n
            case ConstantSOp():
                return list(_fitted(expr, expr.value, n))
            case Map():
                return semantics.map_values(expr.function, [self._values[id(inner)] for inner in expr.inners])
            case SelectorWidth():
                return semantics.selector_width(self._consumed(expr.selector))
            case Aggregate():
                return semantics.aggregate(self._consumed(expr.selector), self._values[id(expr.sop)], expr.default)
            case _:
                raise NotImplementedError(f"the interpreter doesn't know {type(expr).__name__}")

    def _select(self, expr: Selector) -> Truth:
        n = len(self._tokens)
        match expr:
            case Select():
                return semantics.select(self._values[id(expr.keys)], self._values[id(expr.queries)], expr.function)
            case ConstantSelector():
                # [n_queries, n_keys]
                return np.array([row[:n] for row in _fitted(expr, expr.value, n)], dtype=np.int8)
            case SelectorAnd():
                return semantics.selector_and(self._selectors[id(expr.fst)], self._selectors[id(expr.snd)])
            case SelectorOr():
                return semantics.selector_or(self._selectors[id(expr.fst)], self._selectors[id(expr.snd)])
            case SelectorNot():
                return semantics.selector_not(self._selectors[id(expr.inner)])
            case _:
                raise NotImplementedError(f"the interpreter doesn't know {type(expr).__name__}")


def _fitted(expr: ConstantSOp | ConstantSelector, value: Sequence[_T], n: int) -> Sequence[_T]:
    """The part of a constant for an input of `n` tokens."""
    if len(value) < n or (expr.check_length and len(value) != n):
        raise InputError(f"{expr.name!r} is a constant for {len(value)} positions, but the input has {n} tokens")
    return value[:n]
