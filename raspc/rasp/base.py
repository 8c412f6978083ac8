"""What all RASP expressions have: children, annotations, and the place where the user wrote them."""

from __future__ import annotations

import copy
import enum
import itertools
import sys
from abc import ABC
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self, TypeVar

from raspc.errors import ProgramError, SourceLocation
from raspc.rasp.location import is_in_raspc, user_location

RASPExprT = TypeVar("RASPExprT", bound="RASPExpr")

_ids = itertools.count(1)


class Encoding(enum.Enum):
    """How an s-op's values lie in the residual stream: one-hot, or as one scalar (for numbers only)."""

    CATEGORICAL = "categorical"
    NUMERICAL = "numerical"


class RASPExpr(ABC):
    """An expression of a RASP program; immutable, and the same only as itself.

    Attributes:
        children: the expressions that this one is computed from, in order.
        where: the file and line of the user's code that built it; `None` for what raspc defines itself.
        annotations: what was said about it, by name: its `name`, its `encoding`, and whatever else a user adds.
        named_by_user: whether a user gave it its name, rather than raspc's library.
    """

    default_name: ClassVar[str]
    """The name of an expression of this class that was given none."""

    def __init__(self) -> None:
        self.children: tuple[RASPExpr, ...] = ()
        self.where: SourceLocation | None = user_location()
        self.annotations: Mapping[str, Any] = MappingProxyType({})
        self.named_by_user = False
        self._id = next(_ids)

    @property
    def name(self) -> str:
        """The name that the user gave it, or its kind: `map`, `aggregate`."""
        return self.annotations.get("name", self.default_name)

    @property
    def label(self) -> str:
        """The name with a number that no other expression of this process has."""
        return f"{self.name}_{self._id}"

    def named(self, name: str) -> Self:
        """A copy of this expression with another name."""
        return self.annotated(name=name)

    def annotated(self, **annotations: Any) -> Self:
        """A copy of this expression, with the same children, that has these annotations in addition.

        Raises:
            ProgramError: the name isn't a non-empty string, or the encoding not an `Encoding`.
        """
        if "name" in annotations and not (isinstance(annotations["name"], str) and annotations["name"]):
            raise argument_error(self, f"expected a non-empty string as a name, found {annotations['name']!r}")
        if "encoding" in annotations and not isinstance(annotations["encoding"], Encoding):
            raise argument_error(self, f"expected an Encoding, found {annotations['encoding']!r}")
        copied = copy.copy(self)
        copied.annotations = MappingProxyType({**self.annotations, **annotations})
        copied._id = next(_ids)
        if "name" in annotations:
            copied.named_by_user = _asked_by_user()
        return copied

    def name_after_variable(self, name: str) -> None:
        """Take the name of the variable that a program file binds this expression to, unless it has a name."""
        if "name" not in self.annotations:
            self.annotations = MappingProxyType({**self.annotations, "name": name})
            self.named_by_user = True

    def __bool__(self) -> bool:
        raise ProgramError(
            f"{self.name!r} is neither true nor false: it stands for a value at every position of an input that isn't "
            "known yet. Instead of `and`, `or`, `not` and `if` use `&`, `|`, `~` and Map; instead of a < b < c write "
            "(a < b) & (b < c)"
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


def _asked_by_user() -> bool:
    """Whether the code that asks this module for something is a user's rather than raspc's."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    return not is_in_raspc(frame.f_code.co_filename)


def annotate(expr: RASPExprT, **annotations: Any) -> RASPExprT:
    """A copy of an expression, with the same children, that has these annotations in addition."""
    return expr.annotated(**annotations)


def argument_error(expr: RASPExpr, found: str) -> ProgramError:
    """The error for arguments that an expression can't be built from."""
    lead = "" if expr.where is None else f"{expr.where}: "
    return ProgramError(f"{lead}{type(expr).__name__}: {found}")
