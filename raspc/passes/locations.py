"""Where the user wrote an op, and the error that refuses it."""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, FileLineColLoc, FusedLoc, IntAttr, StringAttr
from xdsl.ir import Attribute, Operation
from xdsl.utils.hints import isa

from raspc.errors import CompileError, SourceLocation
from raspc.passes.names import name_of


def location_of(op: Operation) -> SourceLocation | None:
    """The user's file and line of an op, if they are known."""
    match op.location:
        case FileLineColLoc(filename=StringAttr(data=file), line=IntAttr(data=line)):
            return SourceLocation(file, line)
        case _:
            return None


def locations_of(op: Operation) -> list[SourceLocation | None]:
    """The user's file and line for each result of an op: fused ops have one for each."""
    if isinstance(op.location, FusedLoc) and isa(op.location.locations, ArrayAttr[Attribute]):
        return [_place(location) for location in op.location.locations]
    return [location_of(op)] * len(op.results)


def _place(location: Attribute) -> SourceLocation | None:
    if isinstance(location, FileLineColLoc):
        return SourceLocation(location.filename.data, location.line.data)
    return None


def set_location(op: Operation, where: SourceLocation | None) -> None:
    """Record where the user wrote the expression that `op` stands for."""
    if where is not None:
        file = where.file.encode(errors="backslashreplace").decode()  # a path needn't be text
        op.location = FileLineColLoc(StringAttr(file), IntAttr(where.line), IntAttr(0))


def refuse(op: Operation, problem: str, *, expected: str | None = None, help: str | None = None) -> CompileError:
    """The error that refuses `op`, with its name and the user's line."""
    name = name_of(op.results[0]) if op.results else op.name
    return CompileError(problem, expression=name, where=location_of(op), expected=expected, help=help)


def refuse_sum(op: Operation) -> CompileError:
    """The error about a `craft.sum` that is left where there may only be components."""
    return refuse(
        op,
        "a sum is no component itself",
        help="run the pass fold-linear, which folds it into the components that read it",
    )


def refuse_unknown(op: Operation, problem: str) -> CompileError:
    """The error about an op of which a pass would have to know what it computes."""
    return refuse(op, f"{op.name} is an op that this pass doesn't know: {problem}")
