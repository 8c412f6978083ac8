"""Where an op stands: its line in the file that it was read from, and the op that must hold it.

A line is for messages alone. It is no location of the IR, which is the line of the user's program: a module that was
printed and read back prints the same again, whatever file it was in.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from xdsl.ir import Operation
from xdsl.traits import HasParent
from xdsl.utils.exceptions import VerifyException

from raspc.errors import SourceLocation

_PLACES: WeakKeyDictionary[Operation, SourceLocation] = WeakKeyDictionary()


def note_place(op: Operation, file: str, line: int) -> None:
    """Remember where an op was read."""
    _PLACES[op] = SourceLocation(file, line)


def place_of(op: Operation) -> SourceLocation | None:
    """Where an op was read, if it was."""
    return _PLACES.get(op)


class StandsIn(HasParent):
    """The op stands in an op of one of some kinds, and is told so with what to do about it."""

    def verify(self, op: Operation) -> None:
        parent = op.parent_op()
        if parent is not None and not isinstance(parent, self.op_types) and not _says_so_itself(parent, op):
            names = " or ".join(kind.name for kind in self.op_types)
            raise VerifyException(
                f"it stands in {parent.name}\n  expected: it stands in {names}\n"
                f"  help: move it into the body of a {names}, with all that it reads"
            )


def _says_so_itself(parent: Operation, op: Operation) -> bool:
    """Whether an op says itself that it may not hold another one: a model of other dialects, an attention of any."""
    return parent.name == "craft.attention" or (
        parent.name in ("craft.model", "transformer.model") and parent.dialect_name() != op.dialect_name()
    )


class InvalidPartError(VerifyException):
    """An op that is invalid where it stands, found by the op that holds it."""

    def __init__(self, op: Operation, problem: str):
        self.op = op
        super().__init__(problem)
