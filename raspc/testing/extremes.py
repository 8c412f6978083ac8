"""Numbers at which floats round, forms differ and magnitudes meet, and functions that tell them apart.

They are where exact compilers go wrong: twins that differ by roundings alone, neighbours by an ulp, integers that no
float holds, one number in several forms, a small number beside a large one, and intermediate results much larger than
what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from raspc.algebra.values import Value
from raspc.testing.choices import Choices
from raspc.testing.functions import ANY, BOOL, INT, NUMBER, STRING, Template, maps

ULP = 2.0**-52

GROUPS: tuple[tuple[int | float, ...], ...] = (
    (0.3, 0.1 + 0.2),
    (1 - 0.8, 0.2),
    (1.0, 1.0 + ULP),
    (1.0 - ULP / 2, 1.0),
    (1 / 3, 1 - 2 / 3, math.nextafter(1 / 3, 1)),
    (0.1, 0.1 + 1e-9, math.nextafter(0.1, 1)),
    (0, 5e-324),
    (1e-7, 1e9, 0),
    (1e-7, 2e-7, 1e9),
    (0.001, 1000000),
    (2**53, 2**53 + 1),
    (2**53 + 1, 0),
    (2**60, 2**60 + 1),
    (3_000_000_000_000_001, 3_000_000_000_000_002),
    (2**24, 2**24 + 1),
    (4.6e15, 0.5),
    (1e15 + 0.5, 1e15),
    (0.5, math.nextafter(0.5, 0)),
    (2**31 - 1, -(2**31)),
)
"""Numbers that are hard to tell apart, or that lie far from each other."""

FORMS: tuple[tuple[Value, Value], ...] = (
    (1, 1.0),
    (True, 1),
    (0.0, False),
    (2**60, 2.0**60),
    (2, 2.0),
    (2**53 + 2, 2.0**53 + 2),
)
"""One number in two forms."""

LARGE: tuple[int | float, ...] = (4.6e15, 2**53, 3_000_000_000_000_001, 1e9, 1e-7, 2**60, 0.1, 1e16, 1 / 3)
"""Numbers in which others round away."""

HARD_NUMBERS: tuple[Template, ...] = (
    *maps(NUMBER, [ANY], "{g} if x == {v} else {h}", "{{{v}: {g}, {w}: {h}}}.get(x, {g})", most=2),
    *maps(NUMBER, [BOOL], "{g} if x else {h}", most=2),
    *maps(NUMBER, [ANY], "{{{v}: {g}, {w}: {h}}}.get(x, {e})", "{g} if x == {v} else {e} if x == {w} else {h}", most=3),
    *maps(NUMBER, [ANY], "{i} if x == {v} else {j}", "{{{v}: {i}, {w}: {j}}}.get(x)", most=2),
)  # fmt: skip
"""Numbers that are hard to tell apart, by what something else is."""

ROUNDING: tuple[Template, ...] = (
    *maps(NUMBER, [NUMBER], "(x + {e}) - {e}", "(x * {e}) / {e}", "x + {e}", "x * {e}", "x - {g}", "{e} - x"),
    *maps(NUMBER, [NUMBER], "x / 3 * 3", "x * 0.1", "x + 0.1 + 0.2", "x - 1e-9", "(x - {g}) * {e}", "x * 3 - x * 2"),
    *maps(NUMBER, [NUMBER, NUMBER], "x - y", "(x + y) - y", "x * y", "x / y", "0.1 * x + 0.2 * y", "(x + {e}) - y"),
    *maps(INT, [NUMBER], "round(x * {n})", "int(x)", "round(x - {g})", most=256),
    *maps(INT, [NUMBER, INT], "round((x - {g}) * y)", "round(x * y)", "int(x * y + 0.5)", most=256),
)  # fmt: skip
"""Functions that round."""

DECISIONS: tuple[Template, ...] = (
    *maps(BOOL, [NUMBER], "x == {g}", "x < {g}", "x <= {h}", "x > {h}", "x >= {g}", "x == {e}", "x > {m}", "x <= {m}"),
    *maps(BOOL, [NUMBER], "x == {m}", "(x + 1) % 2 == 1", "{g} <= x <= {h}", "x in ({g}, {h})", "x - {g} == 0"),
    *maps(STRING, [NUMBER], "{s} if x == {g} else {t}", "{s} if x > {m} else {t}", "'>' if x > {g} else '<='", most=2),
    *maps(BOOL, [NUMBER, NUMBER], "x > {g} and y == {m}", "x == {g} and y > {m}", "x - y > {m}", most=2),
    *maps(BOOL, [NUMBER, NUMBER], "x * {n} == y", "x == y", "x < y", "x + y == {g}", most=2),
    *maps(BOOL, [NUMBER, NUMBER], "x > 2 ** 53 and y == 0.5", most=2),
)  # fmt: skip
"""Decisions that the last bit makes."""

LARGE_INTERMEDIATES: tuple[Template, ...] = (
    *maps(INT, [INT], "2 ** (x * 7001 % 70001) % 7", "3 ** (abs(x) % 5001) % 5", "(1 << x % 3001) % 11", most=11),
    *maps(INT, [INT], "x * 10 ** 30 // 10 ** 30", "(x + 2 ** 70) % 2 ** 70 % 9", "len('ab' * (x % 9001))"),
    *maps(STRING, [INT], "('ab' * (x * 7001 % 70001))[5]", "str(10 ** (x % 801))[-1]", most=3),
    *maps(STRING, [INT], "('abc' * 9000)[x % 27000]", most=3),
)  # fmt: skip
"""Functions of which intermediate results are much larger than what comes out."""

EXTREME_MAPS: tuple[Template, ...] = (
    *HARD_NUMBERS,
    *maps(ANY, [ANY], "({i},) if x == {v} else ({j},)", most=2),
    *ROUNDING,
    *DECISIONS,
    *LARGE_INTERMEDIATES,
)
"""All of these functions.

Their gaps, besides those of others: `{g}` and `{h}`, numbers of one of the groups; `{e}`, a number in which others
round away; `{i}` and `{j}`, one value in two forms; `{m}`, a fraction that a mean may be, or its neighbour.
"""

EXTREME_PREDICATES: tuple[Template, ...] = (
    *maps(BOOL, [NUMBER, NUMBER], "k + {e} > q + {e}", "k - q == 0", "k - q < {m}", "k * {n} == q", "k == {g}"),
    *maps(BOOL, [NUMBER, NUMBER], "k > {g}", "k <= {h} and q >= {g}", "k == q or k == {h}", "0.1 * k < q"),
    *maps(BOOL, [ANY, ANY], "k == {i}", "q == {j} or k == q", "(k, q) == ({v}, {w})"),
)  # fmt: skip
"""The predicates of selects."""


@dataclass(frozen=True)
class Theme:
    """The few numbers that one program has: what makes two of them meet in one place.

    Attributes:
        groups: numbers that are hard to tell apart, or far from each other.
        large: numbers in which others round away.
        forms: one number in two forms.
    """

    groups: tuple[tuple[int | float, ...], ...]
    large: tuple[int | float, ...]
    forms: tuple[Value, Value]


def theme_of(choices: Choices) -> Theme:
    """The numbers of one program."""
    groups = (choices.pick(GROUPS), choices.pick(GROUPS)) if choices.flag(0.3) else (choices.pick(GROUPS),)
    return Theme(groups, (choices.pick(LARGE), choices.pick(LARGE)), choices.pick(FORMS))


def extreme_constants(choices: Choices, theme: Theme, longest: int) -> dict[str, Value]:
    """Constants for the gaps of these functions."""
    group = choices.pick(theme.groups)
    first = choices.integer(0, len(group) - 1)
    forms = theme.forms
    return {
        "g": group[first],
        "h": group[(first + 1) % len(group)],
        "e": choices.pick(theme.large),
        "i": forms[0],
        "j": forms[1],
        "m": _mean(choices, longest),
    }


def _mean(choices: Choices, longest: int) -> float:
    """A fraction of so many positions, or a neighbour of it."""
    whole = choices.integer(1, longest)
    fraction = choices.integer(0, whole) / whole
    return choices.pick((fraction, math.nextafter(fraction, 2), math.nextafter(fraction, -2), fraction * (1 + 4 * ULP)))


def extreme_vocabulary(choices: Choices, size: int) -> tuple[Value, ...]:
    """A vocabulary of so many numbers that are hard to tell apart or far from each other."""
    found: Sequence[Value]
    match choices.integer(0, 5):
        case 0:
            found = [*choices.pick(GROUPS), *choices.pick(GROUPS), *choices.pick(GROUPS)]
        case 1:
            found = [1.0 + index * ULP for index in range(size)]
        case 2:
            found = [step * 0.1 for step in range(size // 2 + 1)] + [step / 10 for step in range(size // 2 + 1)]
        case 3:
            found = [2**53 + 1 - index for index in range(size)]
        case 4:
            found = [0, 1e-7, 1e9, 70000, 20000, 3, *(10.0**exponent for exponent in range(-9, 10))]
        case _:
            found = [*choices.pick(GROUPS), *range(-(size // 2), size - size // 2)]
    return distinct(found)[: max(size, 2)]


def vocabulary(choices: Choices, size: int) -> tuple[Value, ...]:
    """A vocabulary of so many ordinary tokens of one kind."""
    match choices.integer(0, 5):
        case 0:
            return tuple(f"w{index}" for index in range(size))
        case 1:
            return tuple(range(size))
        case 2:
            return tuple(range(-(size // 3), size - size // 3))
        case 3:
            return tuple(index / 4 for index in range(size))
        case 4:
            return tuple(chr(ord("a") + index % 26) * (index // 26 + 1) for index in range(size))
        case _:
            return tuple((index % 7, "ab"[index % 2], index) for index in range(size))


def distinct(values: Sequence[Value]) -> tuple[Value, ...]:
    """The values without those that equal an earlier one.

    >>> distinct([1, 0.5, 1.0])
    (1, 0.5)
    """
    return tuple(dict.fromkeys(values))
