"""What the operations of RASP mean, as functions of sequences.

A sequence of values is a list with `None` where a position is undefined. A selector is an array of truth values,
query position by key position, of which there are three: an atom whose key or query is undefined is neither selected
nor, after a `not`, unselected. Whoever consumes a selector takes the positions that are `TRUE`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.values import MaybeValue, Value, exact_form, normalise, shortened
from raspc.errors import BoundError, EffortError, MeaningError

FALSE: Final = 0
TRUE: Final = 1
UNKNOWN: Final = -1

MAX_SHOWN = 500
"""Longer messages of a user's exception are cut."""

Truth: TypeAlias = NDArray[np.int8]
"""A selector: truth values `FALSE`, `TRUE` and `UNKNOWN` as an array [n_queries, n_keys]."""


def map_values(function: Callable[..., object], operands: Sequence[Sequence[MaybeValue]]) -> list[MaybeValue]:
    """The values of a map: `function` applied position by position.

    A position is undefined if any operand is undefined there, or if the function returns `None` or raises an
    `ArithmeticError` or a `ValueError`.

    Raises:
        MeaningError: the function raised something else, or returned what is not a RASP value.

    >>> map_values(lambda x, y: x / y, [[1, 2, None], [2, 0, 1]])
    [0.5, None, None]
    """
    return [None if None in row else apply(function, row) for row in zip(*operands, strict=True)]


def apply(function: Callable[..., object], arguments: Sequence[Value | Any]) -> MaybeValue:
    """The value of a map's function for defined arguments, `None` where it is undefined.

    Raises:
        MeaningError: the function raised something else than ArithmeticError and ValueError, or returned what is not a
            RASP value.
        BoundError, EffortError: raspc doesn't compute the value; it may be any.
    """
    try:
        result = function(*arguments)
    except (BoundError, EffortError):
        raise
    except (ArithmeticError, ValueError):
        return None
    except Exception as error:
        raise MeaningError(f"the function raised {described(error)} for {_listed(arguments)}") from error
    try:
        return normalise(result)
    except TypeError as error:
        raise MeaningError(f"the function has no RASP value for {_listed(arguments)}: {error}") from error


def select(keys: Sequence[MaybeValue], queries: Sequence[MaybeValue], predicate: Callable[[Any, Any], object]) -> Truth:
    """The selector that holds where `predicate(key, query)` does; `UNKNOWN` where the key or the query is undefined.

    The predicate is called once per distinct pair of a key and a query, where `1`, `1.0` and `True` are distinct.

    Raises:
        MeaningError: the predicate raised an exception.

    >>> select([1, 2, None], [2, 1], lambda key, query: key < query).tolist()
    [[1, 0, -1], [0, 0, -1]]
    """
    key_values, key_codes = _distinct(keys)
    query_values, query_codes = _distinct(queries)
    # [distinct queries, distinct keys]
    table = np.array(
        [[_holds(predicate, key, query) for key in key_values] for query in query_values], dtype=np.int8
    ).reshape(len(query_values), len(key_values))
    # [n_queries, n_keys]
    return table[query_codes[:, None], key_codes[None, :]]


def _holds(predicate: Callable[[Any, Any], object], key: MaybeValue, query: MaybeValue) -> int:
    if key is None or query is None:
        return UNKNOWN
    try:
        return TRUE if predicate(key, query) else FALSE
    except (BoundError, EffortError):
        raise
    except Exception as error:
        pair = f"key {shortened(key, 80)} and query {shortened(query, 80)}"
        raise MeaningError(f"the predicate raised {described(error)} for {pair}") from error


def selector_and(fst: Truth, snd: Truth) -> Truth:
    """Where both hold: `FALSE` beats `UNKNOWN` beats `TRUE`."""
    return np.where((fst == FALSE) | (snd == FALSE), FALSE, np.minimum(fst, snd)).astype(np.int8)


def selector_or(fst: Truth, snd: Truth) -> Truth:
    """Where either holds: `TRUE` beats `UNKNOWN` beats `FALSE`."""
    return selector_not(selector_and(selector_not(fst), selector_not(snd)))


def selector_not(inner: Truth) -> Truth:
    """Where `inner` is known not to hold; what is unknown stays unknown."""
    return np.where(inner == UNKNOWN, UNKNOWN, 1 - inner).astype(np.int8)


def causal(selector: Truth) -> Truth:
    """The selector without the keys after the query.

    It is applied where a selector is consumed, after all its `and`, `or` and `not`: no selector looks ahead.
    """
    # [n_queries, n_keys]
    past = np.tri(*selector.shape, dtype=np.bool_)
    return np.where(past, selector, FALSE).astype(np.int8)


def aggregate(selector: Truth, values: Sequence[MaybeValue], default: MaybeValue = None) -> list[MaybeValue]:
    """For each query, what the values at the selected positions come to.

    Undefined values are left out. If none is left, it is the default; if all are equal, the first of them unchanged;
    otherwise their arithmetic mean, correctly rounded.

    Raises:
        MeaningError: there is no mean of the selected values.

    >>> aggregate(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0]], dtype=np.int8), [1, 2, 2], "none")
    [1.5, 2, 'none']
    """
    classes: dict[MaybeValue, int] = {}
    codes = np.array([classes.setdefault(value, len(classes)) for value in values], dtype=np.intp)
    distinct: list[MaybeValue] = list(classes)
    defined = np.array([value is not None for value in values], dtype=np.bool_)
    # [n_queries, n_keys]
    selected = (selector == TRUE) & defined
    # [n_keys, n_classes], [n_queries, n_classes]
    membership = codes[:, None] == np.arange(len(distinct))
    counts = selected.astype(np.int64) @ membership.astype(np.int64)

    means: dict[bytes, float] = {}
    results: list[MaybeValue] = []
    for row, count in zip(selected, counts, strict=True):
        present = np.flatnonzero(count)
        if len(present) == 0:
            results.append(default)
        elif len(present) == 1:
            results.append(values[int(np.argmax(row))])
        else:
            key = count.tobytes()
            if key not in means:
                means[key] = mean([(distinct[code], int(count[code])) for code in present.tolist()])
            results.append(means[key])
    return results


def mean(counted: Sequence[tuple[MaybeValue, int]]) -> float:
    """The arithmetic mean of numbers with multiplicities: computed exactly, then rounded to the nearest float.

    Raises:
        MeaningError: a value isn't a number, both infinities are among them, or the mean is beyond the floats.

    >>> mean([(0, 2), (1, 1)])
    0.3333333333333333
    """
    infinities: set[float] = set()
    total = Fraction(0)
    for value, count in counted:
        if not isinstance(value, int | float):
            listed = _listed([value for value, _ in counted])
            raise MeaningError(f"it selects the different values {listed}, of which there is no mean")
        if isinstance(value, float) and math.isinf(value):
            infinities.add(value)
        else:
            total += Fraction(value) * count
    if len(infinities) > 1:
        raise MeaningError("it selects both inf and -inf, of which there is no mean")
    if infinities:
        return infinities.pop()
    try:
        return float(total / sum(count for _, count in counted))
    except OverflowError as error:
        raise MeaningError("it selects ints whose mean is beyond the floats") from error


def selector_width(selector: Truth) -> list[MaybeValue]:
    """For each query, the number of selected keys.

    >>> selector_width(np.array([[1, -1, 0], [1, 1, 1]], dtype=np.int8))
    [1, 3]
    """
    return list((selector == TRUE).sum(axis=1).tolist())


def _distinct(values: Sequence[MaybeValue]) -> tuple[list[MaybeValue], NDArray[np.intp]]:
    """The values that differ in value or type, in order of appearance, and for each position which of them it has."""
    codes: dict[object, int] = {}
    distinct: list[MaybeValue] = []
    positions: list[int] = []
    for value in values:
        code = codes.setdefault(exact_form(value), len(distinct))
        if code == len(distinct):
            distinct.append(value)
        positions.append(code)
    return distinct, np.array(positions, dtype=np.intp)


def described(error: BaseException) -> str:
    """An exception of a user's function in a message: its type and, if it has one, its own message."""
    try:
        text = str(error)
    except Exception:  # an exception whose own message raises one
        return type(error).__name__
    text = text.encode(errors="backslashreplace").decode()  # a lone surrogate can't be printed
    text = text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
    return f"{type(error).__name__} ({text})" if text else type(error).__name__


def _listed(values: Sequence[Any]) -> str:
    shown = ", ".join(shortened(value, 80) for value in values[:4])
    return shown if len(values) <= 4 else f"{shown}, …"
