"""Python's operators and a few of its functions, with a bound on the size of what they compute.

An expression may come from a file that somebody else wrote, and `9**9**9` is a short text. So the operations that can
make large values out of small ones look at the size of the result first and raise an `OverflowError` where it is
beyond `MAX_BITS` or `MAX_SIZE`: an `ArithmeticError`, like Python's own for `2.0**10000`. Everything else behaves
as in Python, exceptions included.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, cast

MAX_BITS = 1 << 16
"""How many bits an int that an expression computes may have."""

MAX_SIZE = 1 << 14
"""How large a string or a tuple that an expression computes may be, by `size`."""

_WIDE_FORMAT = re.compile(r"%[^a-zA-Z%]*(?:\*|[0-9]{4})")
"""A conversion of printf-style formatting whose width or precision is given by an argument or is 1,000 or more."""


def size(value: Any) -> int:
    """How much a value holds: the characters of a string, the items of a tuple and what is in them.

    >>> size("abc"), size((1, ("a", "b"))), size(1 << 320)
    (3, 5, 11)
    """
    if isinstance(value, tuple):
        items = cast("tuple[Any, ...]", value)
        return 1 + sum([size(item) for item in items])
    if isinstance(value, str):
        return len(value)
    return 1 + value.bit_length() // 32 if isinstance(value, int) else 1


def _too_large(what: str) -> OverflowError:
    return OverflowError(f"{what} would be larger than {MAX_BITS} bits or {MAX_SIZE} characters or items")


def _exceeds_bounds(value: Any) -> bool:
    if isinstance(value, int):
        return value.bit_length() > MAX_BITS
    return isinstance(value, str | tuple) and size(cast("str | tuple[Any, ...]", value)) > MAX_SIZE


def bounded(value: Any) -> Any:
    """Return `value`, or raise an `OverflowError` if it is beyond the bounds."""
    if _exceeds_bounds(value):
        raise _too_large("the result")
    return value


def add(left: Any, right: Any) -> Any:
    """`left + right`."""
    return bounded(left + right)


def multiply(left: Any, right: Any) -> Any:
    """`left * right`."""
    for sequence, count in ((left, right), (right, left)):
        if isinstance(sequence, str | tuple) and isinstance(count, int):
            whole = size(cast("str | tuple[Any, ...]", sequence))
            if whole * max(count, 0) > MAX_SIZE:
                raise _too_large(f"a sequence of size {whole} times {_short(count)}")
    return bounded(left * right)


def power(left: Any, right: Any) -> Any:
    """`left ** right`."""
    if isinstance(left, int) and isinstance(right, int) and right > 0 and abs(left) > 1:
        # |left| >= 2**(bits - 1), hence at least (bits - 1) * right + 1 bits.
        bits = left.bit_length()
        if (bits - 1) * right >= MAX_BITS:
            raise _too_large(f"{_short(left)} ** {_short(right)}")
    return bounded(left**right)


def shift_left(left: Any, right: Any) -> Any:
    """`left << right`."""
    if isinstance(left, int) and isinstance(right, int) and left and left.bit_length() + right > MAX_BITS:
        raise _too_large(f"{_short(left)} << {_short(right)}")
    return left << right


def modulo(left: Any, right: Any) -> Any:
    """`left % right`, the remainder or printf-style formatting."""
    if isinstance(left, str) and _WIDE_FORMAT.search(left):
        raise _too_large("a formatted string")
    return bounded(left % right)


def invert(operand: Any) -> Any:
    """`~operand`; of a bool as of the int that it is, without Python 3.12's warning."""
    return ~int(operand) if isinstance(operand, bool) else ~operand


def contains(item: Any, container: Any) -> bool:
    """`item in container`."""
    return item in container


def not_contains(item: Any, container: Any) -> bool:
    """`item not in container`."""
    return item not in container


def rounded(number: Any, *digits: Any) -> Any:
    """`round(number[, digits])`."""
    if digits and isinstance(digits[0], int) and abs(digits[0]) > MAX_BITS // 4:
        raise _too_large("a power of ten")
    return round(number, *digits)


def summed(items: Any, *start: Any) -> Any:
    """`sum(items[, start])`."""
    if start and isinstance(start[0], tuple) and size(items) + size(start[0]) > MAX_SIZE:
        raise _too_large("the result")
    return sum(items, *start)


def replaced(text: str, *arguments: Any) -> str:
    """`text.replace(old, new[, count])`."""
    if len(arguments) >= 2 and all(isinstance(argument, str) for argument in arguments[:2]):
        old, new = arguments[:2]
        places = text.count(old)
        if len(text) + places * (len(new) - len(old)) > MAX_SIZE:
            raise _too_large("the result")
    return text.replace(*arguments)


def _short(number: int) -> str:
    return str(number) if number.bit_length() < 64 else f"a number of {number.bit_length()} bits"


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": abs,
        "min": min,
        "max": max,
        "int": int,
        "float": float,
        "bool": bool,
        "str": str,
        "len": len,
        "round": rounded,
        "sum": summed,
    }
)
"""The builtins that an expression may call by name."""

_METHODS = (
    "upper",
    "lower",
    "startswith",
    "endswith",
    "isdigit",
    "isalpha",
    "strip",
    "replace",
    "count",
    "find",
)

METHODS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {name: replaced if name == "replace" else getattr(str, name) for name in _METHODS}
)
"""The methods of strings that an expression may call."""


def find_method(name: str, receiver: Any) -> Callable[..., Any]:
    """`receiver.name` for one of `METHODS`, as a function that takes the receiver too; only strings have them here."""
    if not isinstance(receiver, str):
        raise AttributeError(f"{type(receiver).__name__!r} object has no attribute {name!r}")
    return METHODS[name]


UNARY_OPERATORS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"UAdd": operator.pos, "USub": operator.neg, "Invert": invert, "Not": operator.not_}
)
"""The unary operators, by the names of their nodes in `ast`."""

_PLAIN_OPERATORS = {
    "Sub": "sub",
    "Div": "truediv",
    "FloorDiv": "floordiv",
    "RShift": "rshift",
    "BitAnd": "and_",
    "BitOr": "or_",
    "BitXor": "xor",
}

BINARY_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "Add": add,
        "Mult": multiply,
        "Mod": modulo,
        "Pow": power,
        "LShift": shift_left,
        **{node: getattr(operator, name) for node, name in _PLAIN_OPERATORS.items()},
    }
)
"""The binary operators, by the names of their nodes in `ast`."""

COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "Eq": operator.eq,
        "NotEq": operator.ne,
        "Lt": operator.lt,
        "LtE": operator.le,
        "Gt": operator.gt,
        "GtE": operator.ge,
        "In": contains,
        "NotIn": not_contains,
    }
)
"""The comparisons, by the names of their nodes in `ast`."""
