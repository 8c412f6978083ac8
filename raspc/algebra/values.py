"""RASP values: what a position of a sequence can hold.

A value is an int, a float, a bool, a string or a tuple of values. *Undefined* is written `None`; it is not a value
and stands beside the values wherever a position may hold nothing. Values compare as Python compares them, so
`True == 1 == 1.0` is one value in three forms.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias, TypeGuard, cast

import numpy as np

from raspc.errors import BoundError

Value: TypeAlias = "int | float | bool | str | tuple[Value, ...]"
"""A defined RASP value."""

MaybeValue: TypeAlias = "Value | None"
"""A RASP value, or `None` for undefined."""

MAX_WRITTEN_BITS = int(sys.int_info.default_max_str_digits * math.log2(10)) - 1
"""The most bits of an int that has a text."""


MAX_NESTING = 32
"""How deep tuples may be nested: one in another is nested twice."""

MAX_ITEMS = 1 << 20
"""How many items a tuple may have, with those of the tuples in it."""


def is_number(value: object) -> bool:
    """Whether a value can be averaged: an int, a float or a bool."""
    return isinstance(value, int | float)


def is_finite_number(value: object) -> TypeGuard[int | float]:
    """Whether a value is a number other than the infinities, and within the range of floats."""
    return isinstance(value, int | float) and abs(value) <= sys.float_info.max


def reach_of(value: Value) -> float:
    """The absolute value of a number, infinite beyond the floats; of a tuple, the largest within it; 0 of a string.

    >>> reach_of(-2), reach_of(("a", (1, 3))), reach_of(10**400)
    (2.0, 3.0, inf)
    """
    if isinstance(value, tuple):
        return max((reach_of(item) for item in value), default=0.0)
    if isinstance(value, str):
        return 0.0
    return float(abs(value)) if abs(value) <= sys.float_info.max else math.inf


def can_be_written(value: Value) -> bool:
    """Whether a value has a text: Python writes and reads ints of up to some thousands of digits only.

    >>> can_be_written((1, 10**4000)), can_be_written(10**5000)
    (True, False)
    """
    if isinstance(value, tuple):
        return all(can_be_written(item) for item in value)
    return not isinstance(value, int) or value.bit_length() <= MAX_WRITTEN_BITS


def shortened(value: object, most: int = 60) -> str:
    """A value, or anything else that stands where one should, as `repr` writes it, without the end of a long text."""
    try:
        text = repr(value)
    except Exception:  # an int too long to be written in decimal, or an object of the user's whose text raises
        return f"<{type(value).__name__}>"
    return text if len(text) <= most else f"{text[: most - 3]}..."


def normalise(value: object) -> MaybeValue:
    """Return `value` as a plain RASP value: numpy scalars and subclasses become Python's own types.

    Raises:
        TypeError: it is of another type, or is (or contains) a NaN, which equals nothing, not even itself.
        BoundError: tuples are nested deeper than `MAX_NESTING`, or have more than `MAX_ITEMS` items in all.
    """
    if value is None or type(value) is bool or type(value) is int or type(value) is str:
        return value
    if isinstance(value, np.generic):
        value = cast(object, value.item())
    if isinstance(value, bool):
        return bool(value)
    # What a subclass makes of itself may be anything, so the plain types convert.
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        if math.isnan(value):
            raise TypeError("NaN is not a RASP value: it doesn't equal itself")
        return float.__float__(value) + 0.0  # -0.0 becomes 0.0: they are equal
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, tuple):
        return _normalised(cast("tuple[object, ...]", value), 1, itertools.count(1))
    raise TypeError(
        f"{shortened(value, 200)} of type {type(value).__name__} is not a RASP value: "
        "expected an int, a float, a bool, a str, a tuple of these, or None"
    )


def _normalised(value: tuple[object, ...], depth: int, items: Iterator[int]) -> tuple[Value, ...]:
    """A tuple, the `depth`-th of nested ones, of plain values; `items` counts those of all of them."""
    if depth > MAX_NESTING:
        raise BoundError(f"a tuple is nested more than {MAX_NESTING} deep, which raspc doesn't take")
    parts: list[Value] = []
    for part in cast("Iterator[object]", tuple.__iter__(value)):  # pyright: ignore[reportUnknownMemberType]
        if next(items) > MAX_ITEMS:
            raise BoundError(f"a tuple has more than {MAX_ITEMS} items, which raspc doesn't take")
        if isinstance(part, tuple):
            parts.append(_normalised(cast("tuple[object, ...]", part), depth + 1, items))
            continue
        item = normalise(part)
        if item is None:
            raise TypeError("a tuple can't contain None: an undefined part makes the whole undefined")
        parts.append(item)
    return tuple(parts)


def sort_key(value: Value) -> tuple[Any, ...]:
    """A total order over all values, equal exactly where the values are equal: numbers, strings, tuples."""
    if isinstance(value, tuple):
        return (2, tuple(sort_key(item) for item in value))
    if isinstance(value, str):
        return (1, value)
    return (0, value)


def sorted_distinct(values: Iterable[Value]) -> tuple[Value, ...]:
    """The distinct values in order; of equal ones (`True`, `1`, `1.0`), the form with the simplest type is kept.

    The result depends only on the set of values and forms, not on the order in which they come.

    >>> sorted_distinct([2, "a", 1.0, True, 1])
    (True, 2, 'a')
    """
    kept: dict[Value, Value] = {}
    for value in values:
        other = kept.get(value)
        if (other is None and value not in kept) or _form_rank(value) < _form_rank(cast(Value, other)):
            kept[value] = value
    return tuple(sorted(kept.values(), key=sort_key))


def _form_rank(value: Value) -> tuple[Any, ...]:
    if isinstance(value, tuple):
        return tuple(_form_rank(item) for item in value)
    return (0 if isinstance(value, bool) else 1 if isinstance(value, int) else 2,)


def exact_form(value: MaybeValue) -> object:
    """A key that is equal for values that are equal and of the same type, and for no others.

    >>> exact_form(1) == exact_form(True), exact_form((1,)) == exact_form((1,)), exact_form(0.0) == exact_form(-0.0)
    (False, True, False)
    """
    if isinstance(value, tuple):
        return tuple(exact_form(item) for item in value)
    if isinstance(value, float):
        return (float, value.hex())
    return (type(value), value)


def forms(value: Value) -> tuple[Value, ...]:
    """All the values that equal `value`, itself first: `1` is also `1.0` and `True`, and `(1,)` is also `(1.0,)`.

    >>> forms(1), forms((0.5, "a")), forms(2**53), forms(2**53 + 1)
    ((1, True, 1.0), ((0.5, 'a'),), (9007199254740992, 9007199254740992.0), (9007199254740993,))
    """
    if isinstance(value, str):
        return (value,)
    if isinstance(value, tuple):
        return tuple(itertools.product(*(forms(item) for item in value)))
    candidates: list[Value] = []
    if not isinstance(value, float) or math.isfinite(value):
        if value in (0, 1):
            candidates.append(bool(value))
        if value == int(value):
            candidates.append(int(value))
        if abs(value) <= sys.float_info.max:
            candidates.append(float(value))
    return (value, *(form for form in candidates if type(form) is not type(value) and form == value))


def count_forms(value: Value) -> int:
    """How many values `forms` gives, or a few more: of a long tuple they are too many to list.

    >>> count_forms(1), count_forms((0, 0.5, "a")), count_forms((0, 1) * 50) > 10**40
    (3, 3, True)
    """
    if isinstance(value, tuple):
        return math.prod(count_forms(item) for item in value)
    return len(forms(value))


def to_json(value: MaybeValue) -> Any:
    """A value as data for `json.dumps`, from which `from_json` gives back the same value of the same type."""
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, float) and math.isinf(value):
        return {"float": "inf" if value > 0 else "-inf"}
    return value


def from_json(data: Any, depth: int = 0) -> MaybeValue:
    """The inverse of `to_json`.

    Raises:
        ValueError: `data` is not what `to_json` returns.
    """
    if data is None or isinstance(data, bool | int | str):
        return data
    if isinstance(data, float) and math.isfinite(data):
        return data
    if isinstance(data, dict):
        match cast("dict[str, Any]", data):
            case {"tuple": [*items], **rest} if not rest and None not in items and depth < MAX_NESTING:
                return cast("tuple[Value, ...]", tuple(from_json(item, depth + 1) for item in items))
            case {"float": "inf" | "-inf" as text, **rest} if not rest:
                return float(text)
            case _:
                pass
    raise ValueError(f"{data!r:.80} is not a RASP value in JSON")
