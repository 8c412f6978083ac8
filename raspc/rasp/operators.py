"""Python's operators on s-ops, each a map of an expression.

`tokens + 1` is the map of `x -> x + 1` over the tokens, `1 - tokens` that of `x -> 1 - x`, and `tokens + indices` that
of `x, y -> x + y` over both. `&`, `|` and `~` mean Python's `and`, `or` and `not` of the values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeAlias

from raspc.algebra.values import Value

if TYPE_CHECKING:
    from raspc.rasp.expressions import SOp

Operand: TypeAlias = "SOp | Value"
"""What an operator combines an s-op with: another s-op, or the same value at every position."""


class ElementwiseOperators(ABC):
    """Gives s-ops the operators; a subclass says what becomes of one."""

    # NumPy's scalars leave `np.int64(1) + tokens` to us.
    __array_ufunc__ = None

    @abstractmethod
    def _combine(self, template: str, *operands: object) -> SOp:
        """The map of the expression that is `template` with the operands in place of its braces."""

    # `==` builds an s-op, so s-ops are looked up by identity.
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> SOp:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._combine("{} == {}", self, other)

    def __ne__(self, other: object) -> SOp:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._combine("{} != {}", self, other)

    def __lt__(self, other: Operand) -> SOp:
        return self._combine("{} < {}", self, other)

    def __le__(self, other: Operand) -> SOp:
        return self._combine("{} <= {}", self, other)

    def __gt__(self, other: Operand) -> SOp:
        return self._combine("{} > {}", self, other)

    def __ge__(self, other: Operand) -> SOp:
        return self._combine("{} >= {}", self, other)

    def __add__(self, other: Operand) -> SOp:
        return self._combine("{} + {}", self, other)

    def __radd__(self, other: Operand) -> SOp:
        return self._combine("{} + {}", other, self)

    def __sub__(self, other: Operand) -> SOp:
        return self._combine("{} - {}", self, other)

    def __rsub__(self, other: Operand) -> SOp:
        return self._combine("{} - {}", other, self)

    def __mul__(self, other: Operand) -> SOp:
        return self._combine("{} * {}", self, other)

    def __rmul__(self, other: Operand) -> SOp:
        return self._combine("{} * {}", other, self)

    def __truediv__(self, other: Operand) -> SOp:
        return self._combine("{} / {}", self, other)

    def __rtruediv__(self, other: Operand) -> SOp:
        return self._combine("{} / {}", other, self)

    def __floordiv__(self, other: Operand) -> SOp:
        return self._combine("{} // {}", self, other)

    def __rfloordiv__(self, other: Operand) -> SOp:
        return self._combine("{} // {}", other, self)

    def __mod__(self, other: Operand) -> SOp:
        return self._combine("{} % {}", self, other)

    def __rmod__(self, other: Operand) -> SOp:
        return self._combine("{} % {}", other, self)

    def __pow__(self, other: Operand) -> SOp:
        return self._combine("{} ** {}", self, other)

    def __rpow__(self, other: Operand) -> SOp:
        return self._combine("{} ** {}", other, self)

    def __and__(self, other: Operand) -> SOp:
        return self._combine("{} and {}", self, other)

    def __rand__(self, other: Operand) -> SOp:
        return self._combine("{} and {}", other, self)

    def __or__(self, other: Operand) -> SOp:
        return self._combine("{} or {}", self, other)

    def __ror__(self, other: Operand) -> SOp:
        return self._combine("{} or {}", other, self)

    def __invert__(self) -> SOp:
        return self._combine("not {}", self)

    def __neg__(self) -> SOp:
        return self._combine("-{}", self)

    def __pos__(self) -> SOp:
        return self._combine("+{}", self)

    def __abs__(self) -> SOp:
        return self._combine("abs({})", self)
