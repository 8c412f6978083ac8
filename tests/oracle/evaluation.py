"""What a program means, by `docs/language.md`.

The values of one evaluation are numbered, so that what a function gives for equal arguments in equal forms is asked
once, and a row of a selector is two masks of bits: the keys that it selects, and those that it certainly doesn't. The
others are unknown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from tests.oracle.language import (
    Aggregate,
    And,
    Full,
    Given,
    GivenSelector,
    Indices,
    Map,
    Node,
    Not,
    Or,
    Select,
    Tokens,
    Width,
)

UNDEFINED = 0
"""The number of what is undefined."""

Codes: TypeAlias = list[int]
"""The number of the value at each position."""

Rows: TypeAlias = list[tuple[int, int]]
"""For each query the keys that are selected, and those that certainly aren't."""


class MeaninglessError(Exception):
    """The program has no meaning on an input."""


class Program:
    """A program that can be run.

    Args:
        root: its output.
        causal: whether no selector selects a key after its query.
    """

    def __init__(self, root: Node, *, causal: bool = False):
        self.root, self.causal = root, causal
        self._values: list[Any] = [None]
        self._codes: dict[object, int] = {}
        self._results: dict[tuple[int, object], int] = {}
        self._truths: dict[tuple[int, int, int], bool] = {}
        self._means: dict[tuple[int, frozenset[tuple[int, int]]], int] = {}

    @cached_property
    def nodes(self) -> list[Node]:
        """Its expressions, each after its operands."""
        order: dict[int, Node] = {}
        waiting: list[tuple[Node, bool]] = [(self.root, False)]
        while waiting:
            node, ready = waiting.pop()
            if id(node) in order:
                continue
            if ready:
                order[id(node)] = node
            else:
                waiting.append((node, True))
                waiting += [(operand, False) for operand in node.operands]
        return list(order.values())

    def run(self, tokens: Sequence[object]) -> list[Any]:
        """The output for an input: one value for each token, `None` where it is undefined.

        Raises:
            MeaninglessError: the program has no meaning on it.
        """
        found: dict[int, Any] = {}
        for node in self.nodes:
            found[id(node)] = self._evaluate(node, list(tokens), [found[id(operand)] for operand in node.operands])
        return [self._values[code] for code in found[id(self.root)]]

    def _evaluate(self, node: Node, tokens: list[object], operands: list[Any]) -> Codes | Rows:
        n = len(tokens)
        match node:
            case Tokens():
                return [self._code(token) for token in tokens]
            case Indices():
                return [self._code(index) for index in range(n)]
            case Full():
                return [self._code(node.value)] * n
            case Given():
                _check_length(n, len(node.values), node.exact)
                return [self._code(value) for value in node.values[:n]]
            case Map():
                return [self._apply(node, codes) for codes in zip(*operands, strict=True)]
            case Aggregate():
                rows, values = operands
                return [self._aggregate(node, keys, values) for keys in self._selected(rows)]
            case Width():
                return [self._code(keys.bit_count()) for keys in self._selected(operands[0])]
            case Select():
                return self._select(node, *operands)
            case GivenSelector():
                _check_length(n, len(node.rows), node.exact)
                chosen = [sum(1 << key for key in range(n) if row[key]) for row in node.rows[:n]]
                return [(row, ~row & _mask(n)) for row in chosen]
            case And():
                return [(a & b, not_a | not_b) for (a, not_a), (b, not_b) in zip(*operands, strict=True)]
            case Or():
                return [(a | b, not_a & not_b) for (a, not_a), (b, not_b) in zip(*operands, strict=True)]
            case Not():
                return [(not_a, a) for a, not_a in operands[0]]
        raise TypeError(f"not an expression: {node!r}")

    def _code(self, value: object) -> int:
        """The number of a value."""
        value = as_value(value)
        if value is None:
            return UNDEFINED
        code = self._codes.setdefault(form(value), len(self._values))
        if code == len(self._values):
            self._values.append(value)
        return code

    def _apply(self, node: Map, codes: tuple[int, ...]) -> int:
        if UNDEFINED in codes:
            return UNDEFINED
        key = id(node), codes
        if key not in self._results:
            self._results[key] = self._call(node.function, [self._values[code] for code in codes])
        return self._results[key]

    def _call(self, function: Callable[..., Any], arguments: list[Any]) -> int:
        try:
            result = function(*arguments)
        except (ArithmeticError, ValueError):
            return UNDEFINED
        except Exception as error:
            raise MeaninglessError(f"a function raised {type(error).__name__} on {arguments!r}") from error
        return self._code(result)

    def _select(self, node: Select, keys: Codes, queries: Codes) -> Rows:
        rows = {query: self._row(node, keys, query) for query in set(queries)}
        return [rows[query] for query in queries]

    def _row(self, node: Select, keys: Codes, query: int) -> tuple[int, int]:
        holds = fails = 0
        if query != UNDEFINED:
            for bit, key in enumerate(keys):
                if key == UNDEFINED:
                    continue
                if self._truth(node, key, query):
                    holds |= 1 << bit
                else:
                    fails |= 1 << bit
        return holds, fails

    def _truth(self, node: Select, key: int, query: int) -> bool:
        cell = id(node), key, query
        truth = self._truths.get(cell)
        if truth is None:
            try:
                truth = bool(node.predicate(self._values[key], self._values[query]))
            except Exception as error:
                raise MeaninglessError(f"a predicate raised {type(error).__name__}") from error
            self._truths[cell] = truth
        return truth

    def _selected(self, rows: Rows) -> list[int]:
        """The keys that an aggregate or a width is given for each query."""
        if self.causal:
            return [keys & _mask(query + 1) for query, (keys, _) in enumerate(rows)]
        return [keys for keys, _ in rows]

    def _aggregate(self, node: Aggregate, keys: int, values: Codes) -> int:
        counts: Counter[int] = Counter()
        while keys:
            bit = keys & -keys
            counts[values[bit.bit_length() - 1]] += 1
            keys ^= bit
        del counts[UNDEFINED]
        if not counts:
            return self._code(node.default)
        if len(counts) == 1:
            return next(iter(counts))
        key = id(node), frozenset(counts.items())
        if key not in self._means:
            self._means[key] = self._mean([(self._values[code], number) for code, number in counts.items()])
        return self._means[key]

    def _mean(self, counted: list[tuple[Any, int]]) -> int:
        """What several values come to, each with the number of positions that have it."""
        first = counted[0][0]
        if all(value == first for value, _ in counted):
            return self._code(first)
        if not all(isinstance(value, int | float) for value, _ in counted):
            raise MeaninglessError(f"no mean of {[value for value, _ in counted]!r}")
        infinities = {value for value, _ in counted if value in (math.inf, -math.inf)}
        if len(infinities) == 2:
            raise MeaninglessError("no mean of inf and -inf")
        if infinities:
            return self._code(infinities.pop())
        total = sum((Fraction(value) * number for value, number in counted), Fraction(0))
        mean = total / sum(number for _, number in counted)
        try:
            return self._code(float(mean))
        except OverflowError:
            raise MeaninglessError("the mean is no float") from None


def as_value(found: object) -> Any:
    """A value in the form in which Python has it, or `None`.

    Raises:
        MeaninglessError: it isn't a value.

    >>> as_value(np.float64(-0.0)), as_value((np.int64(1), "a"))
    (0.0, (1, 'a'))
    """
    if isinstance(found, np.generic):
        found = found.item()
    match found:
        case None | bool() | int() | str():
            return found
        case float():
            if math.isnan(found):
                raise MeaninglessError("NaN is not a value")
            return found + 0.0  # which is 0.0 for -0.0
        case tuple():
            members = tuple(as_value(member) for member in found)
            if None in members:
                raise MeaninglessError("a tuple can't contain None")
            return members
        case _:
            raise MeaninglessError(f"{found!r} is not a value")


def form(value: object) -> object:
    """A key that tells values apart, and the forms of one value.

    >>> form(1) == form(1.0), form((1,)) == form((True,)), form("a") == form("a")
    (False, False, True)
    """
    if isinstance(value, tuple):
        return tuple(form(member) for member in value)
    return type(value), value


def _mask(n: int) -> int:
    return (1 << n) - 1


def _check_length(n: int, given: int, exact: bool) -> None:
    if n > given or (exact and n != given):
        raise MeaninglessError(f"a constant for {given} positions on an input of {n}")
