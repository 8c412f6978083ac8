"""What can be checked of a domain without any analysis: that of an input, a constant, a cast or a number of positions.

A domain that is stated is what the passes rely on: too small a one makes a wrong model. What depends on how values come
together is examined where a module is read; see `raspc.passes.examination`.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

import numpy as np
from numpy.typing import NDArray
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.domain import Domain
from raspc.algebra.values import MaybeValue, exact_form
from raspc.dialects.rasp import syntax
from raspc.dialects.rasp.attributes import DomainAttr, SopType
from raspc.errors import MeaningError

INFER_IT = "write ? to have it inferred"
"""What to do about a domain that is wrong."""

SHOWN = 60
"""The most characters of a domain in a message."""


class FalseStatementError(MeaningError):
    """What the program states of its values is false on this input."""


def invalid(problem: str, *, expected: str | None = None, help: str | None = None) -> VerifyException:
    """The error about an op that is invalid."""
    lines = [problem]
    if expected:
        lines.append(f"  expected: {expected}")
    if help:
        lines.append(f"  help: {help}")
    return VerifyException("\n".join(lines))


def written(domain: Domain) -> str:
    """A domain as it is written, or the beginning of it."""
    stream = StringIO()
    syntax.print_domain(Printer(stream=stream), domain)
    text = stream.getvalue()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def shown(value: MaybeValue) -> str:
    """A value in a message."""
    return "undefined" if value is None else f"{value!r:.80}"


def check_some(domain: Domain) -> None:
    """Check that a domain isn't empty: every input has a position, and what stands there is a value or undefined.

    Raises:
        VerifyException: it is.
    """
    if not domain.values and not domain.undefined:
        raise invalid("its domain is empty", expected="a value, or undefined (none)", help=INFER_IT)


def check_same(found: Domain, expected: Domain, what: str) -> None:
    """Check that a domain is the right one, forms of numbers included.

    Raises:
        VerifyException: it is another one.
    """
    if found is expected:
        return
    flags = (found.undefined, found.mixed) == (expected.undefined, expected.mixed)
    if flags and found.int_range is not None and found.int_range == expected.int_range:
        return
    if DomainAttr(found) != DomainAttr(expected):
        check_contains(found, [*expected.values, *([None] if expected.undefined else [])])
        raise invalid(f"its domain is {written(found)}", expected=f"{written(expected)}, {what}", help=INFER_IT)


def check_contains(found: Domain, certain: Iterable[MaybeValue]) -> None:
    """Check that a domain has values that certainly occur, in their forms.

    Raises:
        VerifyException: one isn't there.
    """
    for value in certain:
        if not holds(found, value):
            raise invalid(f"it can be {shown(value)}, which is not in its domain, {written(found)}", help=INFER_IT)


def holds(domain: Domain, value: MaybeValue) -> bool:
    """Whether a value may occur where a domain is stated: in any form if the domain is mixed, otherwise in its own.

    >>> holds(Domain.of([1]), 1), holds(Domain.of([1]), 1.0), holds(Domain.of([1], mixed=True), 1.0)
    (True, False, True)
    """
    if value is None:
        return domain.undefined
    code = domain.codes.get(value)
    if code is None:
        return False
    stated = domain.values[code]
    if domain.mixed or (type(value) is type(stated) and not isinstance(value, tuple)):
        return True
    return exact_form(value) == exact_form(stated)


def check_widths(found: Domain, most: int) -> None:
    """Check that a domain has numbers of positions alone.

    Raises:
        VerifyException: it has something else.
    """
    bounds = found.int_range
    if bounds is None or bounds[0] < 0 or bounds[1] > most:
        for value in found.values:
            if type(value) is not int or not 0 <= value <= most:
                raise _no_width(shown(value), f"an int from 0 to {most}")
    if found.undefined:
        raise _no_width("undefined", f"an int from 0 to {most}")
    if not found.values:
        raise _no_width("no value", f"an int from 0 to {most}")


def check_numbers(found: Domain, possible: NDArray[np.float64]) -> None:
    """Check that a domain has numbers from which widths are read alone.

    Raises:
        VerifyException: it has something else.
    """
    if found.undefined or not found.values:
        raise _no_width("undefined" if found.undefined else "no value", "the number for a width")
    if not found.is_numeric:
        raise _no_width(shown(next(v for v in found.values if not isinstance(v, int | float))), "a number")
    wrong = np.flatnonzero(~np.isin(found.numbers, possible))
    if wrong.size:
        raise _no_width(shown(found.values[int(wrong[0])]), "the number for a width that an input can have")


def _no_width(what: str, expected: str) -> VerifyException:
    return invalid(f"its domain has {what}, which is not the number of positions", expected=expected, help=INFER_IT)


def domain_in(sop_type: object) -> Domain | None:
    """The domain of a type, if it is that of an s-op and known."""
    return sop_type.known_domain if isinstance(sop_type, SopType) else None
