"""The errors of raspc: each is one message for the person who wrote the program.

An error names the expression, where the user wrote it, what was expected, what was found and what to do instead.
The command-line tools print the message and exit with a non-zero status; they never print a traceback for one of
these.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from xdsl.utils.exceptions import PassFailedException


@dataclass(frozen=True)
class SourceLocation:
    """Where the user wrote an expression: a file and a line counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def without_folder(self) -> str:
        """The same without the folder, which differs between machines."""
        return f"{os.path.basename(self.file)}:{self.line}"


class RaspcError(Exception):
    """The base class of all errors that raspc reports to a user."""


class ProgramError(RaspcError, TypeError):
    """A RASP expression was built from arguments that it can't be built from."""


class MeaningError(RaspcError):
    """The program has no meaning on this input (see docs/language.md, "Where there is no meaning").

    An aggregate would have to average strings, say, or a function raised a TypeError.
    """


class BoundError(RaspcError):
    """A value would be larger than raspc computes it, or is nested deeper than it takes it.

    What the value is, isn't known then: it is neither undefined nor without a meaning. So this is no ArithmeticError,
    no ValueError and no MeaningError.
    """


class EffortError(RaspcError):
    """What a text asks for would take more time than a text may; nothing is known of the values then."""


class InputError(RaspcError, ValueError):
    """An input that no model can take: empty, too long, or with a token outside the vocabulary."""


class ReservedTokenError(RaspcError, ValueError):
    """A vocabulary that contains a token which the interface of `raspc.compat.tracr` reserves."""


class FormatError(RaspcError):
    """A file that is not what it should be: malformed, truncated, or not written by raspc."""


class CompileError(RaspcError, PassFailedException):
    """The compiler refuses a program because it can't guarantee an exact model.

    Args:
        problem: what was found, as a sentence without its final stop.
        expression: the name of the expression (an s-op's name or an SSA name).
        where: the user's file and line, where they are known.
        expected: what the compiler needs, if `problem` doesn't say it.
        help: what the user can do instead.
    """

    def __init__(
        self,
        problem: str,
        *,
        expression: str | None = None,
        where: SourceLocation | None = None,
        expected: str | None = None,
        help: str | None = None,
    ):
        self.problem = problem
        self.expression = expression
        self.where = where
        self.expected = expected
        self.help = help
        lead = f"{where}: " if where else ""
        subject = f"{expression!r}: " if expression else ""
        lines = [f"{lead}{subject}{problem}"]
        if expected:
            lines.append(f"  expected: {expected}")
        if help:
            lines.append(f"  help: {help}")
        super().__init__("\n".join(lines))


class TranslationError(RaspcError):
    """A pass that changes what a program means: a fault of the pass, and not of the program.

    Args:
        problem: which pass changes what, as a sentence without its final stop.
        expected: what the program gave before.
        found: what it gives afterwards.
    """

    def __init__(self, problem: str, *, expected: str, found: str):
        self.problem = problem
        self.expected = expected
        self.found = found
        super().__init__(f"{problem}\n  expected: {expected}\n  found: {found}")


class MeaningWarning(UserWarning):
    """The compiler couldn't prove that every input has a meaning; the model assumes that the input has one."""


class CompatibilityWarning(UserWarning):
    """An argument of another compiler's interface that has nothing to decide here."""
