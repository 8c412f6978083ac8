"""How much work a text may make: a budget in units, counted and not measured, so that it is the same everywhere.

A short text may have many expressions, each of which is evaluated on many combinations of values, each within the
bounds of `raspc.algebra.guarded`. Whoever evaluates what comes from a text opens an `Effort`; evaluating an expression
takes about as many units as its tree has nodes, and an operation on large numbers or strings takes more.

A unit is some tenths of a microsecond.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from types import TracebackType

from raspc.errors import EffortError


class Effort:
    """A budget. It can be entered several times, and what is spent stays spent.

    >>> with Effort(3) as effort:
    ...     spend(2)
    >>> effort.left
    1
    """

    def __init__(self, units: int):
        self.units = units
        self.left = units
        self._tokens: list[Token[Effort | None]] = []

    def __enter__(self) -> Effort:
        self._tokens.append(_current.set(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._tokens.pop())

    def spend(self, units: int) -> None:
        """Take units out of the budget.

        Raises:
            EffortError: there are not so many left.
        """
        self.left -= units
        if self.left < 0:
            raise EffortError(
                f"evaluating the expressions of this text takes more than {self.units:,} steps, and those on large "
                "values count more"
            )


_current: ContextVar[Effort | None] = ContextVar("effort", default=None)


def spend(units: int) -> None:
    """Take units out of the budget that is open, if there is one.

    Raises:
        EffortError: there are not so many left.
    """
    effort = _current.get()
    if effort is not None:
        effort.spend(units)
