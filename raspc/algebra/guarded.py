"""Python's operators and a few of its functions, with a bound on the size of what they compute.

An expression may come from a file that somebody else wrote, and `9**9**9` is a short text. So the operations that can
make large values out of small ones look at the size of the result first and raise a `BoundError` where it is beyond
their `Bounds`. That is no exception of Python's: what an expression would have computed isn't known, and nobody may
take it for undefined or for an error of the program. Everything else behaves as in Python, exceptions included.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

from raspc.algebra.effort import spend
from raspc.errors import BoundError

_WIDE_FORMAT = re.compile(r"%[^a-zA-Z%]*(?:\*|[0-9]{4})")
"""A conversion of printf-style formatting whose width or precision is given by an argument or is 1,000 or more."""

_LARGE_BITS = 1 << 11
"""Operations on smaller ints take no longer than those on small ones."""

_LARGE_SIZE = 1 << 8
"""And operations on smaller strings and tuples."""


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


def invert(operand: Any) -> Any:
    """`~operand`; of a bool as of the int that it is, without Python 3.12's warning."""
    return ~int(operand) if isinstance(operand, bool) else ~operand


def contains(item: Any, container: Any) -> bool:
    """`item in container`."""
    return item in container


def not_contains(item: Any, container: Any) -> bool:
    """`item not in container`."""
    return item not in container


def _short(number: int) -> str:
    return str(number) if number.bit_length() < 64 else f"a number of {number.bit_length()} bits"


_FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "abs": abs,
        "min": min,
        "max": max,
        "int": int,
        "float": float,
        "bool": bool,
        "str": str,
        "len": len,
        "round": round,
        "sum": sum,
    }
)

FUNCTIONS = tuple(_FUNCTIONS)
"""The names of the builtins that an expression may call."""

METHODS = (
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
"""The names of the methods of strings that an expression may call."""


UNARY_OPERATORS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {"UAdd": operator.pos, "USub": operator.neg, "Invert": invert, "Not": operator.not_}
)
"""The unary operators, by the names of their nodes in `ast`."""

_PLAIN_OPERATORS = {
    "Sub": "sub",
    "Div": "truediv",
    "RShift": "rshift",
    "BitAnd": "and_",
    "BitOr": "or_",
    "BitXor": "xor",
}

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


@dataclass(frozen=True)
class Bounds:
    """How large the values may be that an expression computes, and the operations within these bounds.

    Attributes:
        max_bits: how many bits an int may have.
        max_size: how large a string or a tuple may be, by `size`.
        metered: whether operations on large values are paid for, by `effort.spend`.
    """

    max_bits: int
    max_size: int
    metered: bool

    def _too_large(self, what: str) -> BoundError:
        return BoundError(f"{what} would be larger than {self.max_bits} bits or {self.max_size} characters or items")

    def bounded(self, value: Any) -> Any:
        """Return `value`, or raise a `BoundError` if it is beyond the bounds."""
        if isinstance(value, int):
            bits = value.bit_length()
            if bits > _LARGE_BITS:
                if bits > self.max_bits:
                    raise self._too_large("the result")
                self._pay(bits >> 6)
        elif isinstance(value, str | tuple):
            whole = size(cast("str | tuple[Any, ...]", value))
            if whole > _LARGE_SIZE:
                if whole > self.max_size:
                    raise self._too_large("the result")
                self._pay(whole >> (4 if isinstance(value, str) else 0))
        return cast(object, value)

    def _pay(self, units: int) -> None:
        if self.metered:
            spend(units)

    def _pay_for_product(self, left: Any, right: Any) -> None:
        """Pay for an operation that takes as long as the product of the lengths of two ints."""
        if self.metered and isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length()
            if bits > _LARGE_BITS:
                spend((bits * right.bit_length()) >> 16)

    def add(self, left: Any, right: Any) -> Any:
        """`left + right`."""
        return self.bounded(left + right)

    def multiply(self, left: Any, right: Any) -> Any:
        """`left * right`."""
        for sequence, count in ((left, right), (right, left)):
            if isinstance(sequence, str | tuple) and isinstance(count, int):
                whole = size(cast("str | tuple[Any, ...]", sequence))
                if whole * max(count, 0) > self.max_size:
                    raise self._too_large(f"a sequence of size {whole} times {_short(count)}")
        self._pay_for_product(left, right)
        return self.bounded(left * right)

    def power(self, left: Any, right: Any) -> Any:
        """`left ** right`."""
        if isinstance(left, int) and isinstance(right, int) and right > 0 and abs(left) > 1:
            # |left| >= 2**(bits - 1), hence at least (bits - 1) * right + 1 bits.
            bits = left.bit_length()
            if (bits - 1) * right >= self.max_bits:
                raise self._too_large(f"{_short(left)} ** {_short(right)}")
            if bits * right > _LARGE_BITS:
                self._pay((bits * right) ** 2 >> 18)
        return self.bounded(left**right)

    def shift_left(self, left: Any, right: Any) -> Any:
        """`left << right`."""
        if isinstance(left, int) and isinstance(right, int) and left and left.bit_length() + right > self.max_bits:
            raise self._too_large(f"{_short(left)} << {_short(right)}")
        return self.bounded(left << right)

    def floor_divide(self, left: Any, right: Any) -> Any:
        """`left // right`."""
        self._pay_for_product(left, right)
        return left // right

    def modulo(self, left: Any, right: Any) -> Any:
        """`left % right`, the remainder or printf-style formatting."""
        if isinstance(left, str) and self is not OWN and _WIDE_FORMAT.search(left):
            raise self._too_large("a formatted string")
        self._pay_for_product(left, right)
        result: Any = left % right
        return self.bounded(result)

    def rounded(self, number: Any, *digits: Any) -> Any:
        """`round(number[, digits])`."""
        if digits and isinstance(digits[0], int) and abs(digits[0]) > self.max_bits // 4:
            raise self._too_large("a power of ten")
        if digits and isinstance(digits[0], int) and abs(digits[0]) > _LARGE_BITS >> 2:
            self._pay(digits[0] ** 2 >> 12)
        return round(number, *digits)

    def summed(self, items: Any, *start: Any) -> Any:
        """`sum(items[, start])`."""
        if start and isinstance(start[0], tuple):
            whole = size(items) + size(start[0])
            if whole > self.max_size:
                raise self._too_large("the result")
            self._pay(len(items) * whole >> 4)
        return sum(items, *start)

    def replaced(self, text: str, *arguments: Any) -> str:
        """`text.replace(old, new[, count])`."""
        if len(arguments) >= 2 and all(isinstance(argument, str) for argument in arguments[:2]):
            old, new = arguments[:2]
            places = text.count(old)
            if len(text) + places * (len(new) - len(old)) > self.max_size:
                raise self._too_large("the result")
        return text.replace(*arguments)

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The builtins that an expression may call by name."""
        return {**_FUNCTIONS, "round": self.rounded, "sum": self.summed}

    @cached_property
    def methods(self) -> Mapping[str, Callable[..., Any]]:
        """The methods of strings that an expression may call."""
        return {name: self.replaced if name == "replace" else getattr(str, name) for name in METHODS}

    def find_method(self, name: str, receiver: Any) -> Callable[..., Any]:
        """`receiver.name` for one of `METHODS`, as a function that takes the receiver too; only strings have them."""
        if not isinstance(receiver, str):
            raise AttributeError(f"{type(receiver).__name__!r} object has no attribute {name!r}")
        return self.methods[name]

    @cached_property
    def binary_operators(self) -> Mapping[str, Callable[[Any, Any], Any]]:
        """The binary operators, by the names of their nodes in `ast`."""
        return {
            "Add": self.add,
            "Mult": self.multiply,
            "Mod": self.modulo,
            "Pow": self.power,
            "LShift": self.shift_left,
            "FloorDiv": self.floor_divide,
            **{node: getattr(operator, name) for node, name in _PLAIN_OPERATORS.items()},
        }


TEXT = Bounds(1 << 16, 1 << 14, metered=True)
"""The bounds for expressions that anybody may have written."""

OWN_AS_TEXT = Bounds(TEXT.max_bits, TEXT.max_size, metered=False)
"""The same for the expressions of a program in Python, which are tried within these bounds first."""

OWN = Bounds(1 << 24, 1 << 24, metered=False)
"""The bounds for them: beyond these Python takes seconds for one operation, and soon hours."""
