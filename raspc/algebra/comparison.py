"""The comparisons that a select can make between a key and a query."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from typing import Any

from raspc.algebra.values import Value


class Comparison(enum.Enum):
    """A two-place predicate, called with the key first: `Comparison.LT(key, query)` is `key < query`.

    Values compare as in Python, so comparing a string with a number by order raises a `TypeError`.

    >>> Comparison.LT(1, 2), Comparison.EQ(True, 1.0), Comparison.FALSE("a", 1)
    (True, True, False)
    """

    EQ = "=="
    LT = "<"
    LEQ = "<="
    GT = ">"
    GEQ = ">="
    NEQ = "!="
    TRUE = "True"
    FALSE = "False"

    def __call__(self, key: Value, query: Value) -> bool:
        """Whether the comparison holds between a key and a query."""
        return _OPERATORS[self](key, query)

    def __repr__(self) -> str:
        return f"Comparison.{self.name}"

    @property
    def negated(self) -> Comparison:
        """The comparison that holds exactly where this one doesn't (values are totally ordered within their kind)."""
        return _NEGATED[self]

    @property
    def swapped(self) -> Comparison:
        """The comparison with its operands exchanged: `LT` becomes `GT`, `EQ` stays."""
        return _SWAPPED.get(self, self)

    @property
    def mnemonic(self) -> str:
        """The short spelling used in the IR: eq, lt, le, gt, ge, ne, true or false."""
        return _MNEMONICS[self]

    @staticmethod
    def from_mnemonic(mnemonic: str) -> Comparison:
        """The comparison with this short spelling.

        Raises:
            ValueError: there is none.
        """
        for comparison, spelling in _MNEMONICS.items():
            if spelling == mnemonic:
                return comparison
        raise ValueError(f"{mnemonic!r} is not a comparison: expected one of {', '.join(_MNEMONICS.values())}")


def _always(key: Value, query: Value) -> bool:
    return True


def _never(key: Value, query: Value) -> bool:
    return False


_OPERATORS: dict[Comparison, Callable[[Any, Any], bool]] = {
    Comparison.EQ: operator.eq,
    Comparison.LT: operator.lt,
    Comparison.LEQ: operator.le,
    Comparison.GT: operator.gt,
    Comparison.GEQ: operator.ge,
    Comparison.NEQ: operator.ne,
    Comparison.TRUE: _always,
    Comparison.FALSE: _never,
}

_NEGATED: dict[Comparison, Comparison] = {
    Comparison.EQ: Comparison.NEQ,
    Comparison.NEQ: Comparison.EQ,
    Comparison.LT: Comparison.GEQ,
    Comparison.GEQ: Comparison.LT,
    Comparison.GT: Comparison.LEQ,
    Comparison.LEQ: Comparison.GT,
    Comparison.TRUE: Comparison.FALSE,
    Comparison.FALSE: Comparison.TRUE,
}

_SWAPPED: dict[Comparison, Comparison] = {
    Comparison.LT: Comparison.GT,
    Comparison.GT: Comparison.LT,
    Comparison.LEQ: Comparison.GEQ,
    Comparison.GEQ: Comparison.LEQ,
}

_MNEMONICS: dict[Comparison, str] = {
    Comparison.EQ: "eq",
    Comparison.LT: "lt",
    Comparison.LEQ: "le",
    Comparison.GT: "gt",
    Comparison.GEQ: "ge",
    Comparison.NEQ: "ne",
    Comparison.TRUE: "true",
    Comparison.FALSE: "false",
}
