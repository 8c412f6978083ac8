"""The functions of generated programs: Python lambdas that know their own text.

Most of them can be read as expressions; those that call something are opaque to the compiler. Some are undefined for
a part of their arguments, because they return `None`, divide by zero, or raise a ValueError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from string import Formatter
from typing import Any

from raspc.algebra.values import Value
from raspc.testing.choices import Choices


class Kind(Enum):
    """What is known of an s-op's values while a program is generated."""

    BOOL = "bool"
    INT = "int"
    """Ints, not in the form of floats or bools."""
    NUMBER = "number"
    """Numbers in any form: a mean, say."""
    STRING = "string"
    TUPLE = "tuple"
    ANY = "any"
    """Of several kinds, or not known."""

    def fits(self, wanted: Kind) -> bool:
        """Whether an s-op of this kind can stand where one of the kind `wanted` is expected."""
        return self is wanted or wanted is Kind.ANY or (wanted is Kind.NUMBER and self in (Kind.INT, Kind.BOOL))


BOOL, INT, NUMBER, STRING, TUPLE, ANY = Kind
KINDS: tuple[Kind, ...] = (INT, BOOL, NUMBER, STRING, TUPLE, ANY)
"""All kinds, the simplest first, and each after those that fit it."""


@dataclass(frozen=True)
class Template:
    """The text of a function with gaps for constants.

    Attributes:
        text: the body. Its parameters are `x`, `y` and `z` for a map, `k` and `q` for a select. The gaps are `{c}`, an
            int; `{p}`, an int from 1; `{n}`, one from 2; `{f}`, a number; `{s}` and `{t}`, strings; `{v}` and `{w}`,
            any values.
        operands: the kind of each operand.
        result: the kind of the results.
        most: how many different results there are at most; `None` if there may be as many as combinations of operands.
    """

    text: str
    operands: tuple[Kind, ...]
    result: Kind
    most: int | None = None


def maps(result: Kind, operands: Sequence[Kind], *texts: str, most: int | None = None) -> list[Template]:
    """Templates of the same kinds of operands and results."""
    return [Template(text, tuple(operands), result, most) for text in texts]


def _keeps(text: str) -> list[Template]:
    """A function of one operand that returns it or nothing, for operands of each kind."""
    return [Template(text, (kind,), kind) for kind in KINDS]


MAPS: tuple[Template, ...] = (
    # One operand
    *maps(INT, [INT], "x + {p}", "x - {p}", "{c} - x", "x * {c}", "-x", "x // {n}", "{n} // x", "x * x", "-2 * x + 1"),
    *maps(INT, [INT], "abs(x)", "max(x, {c})", "x if x > {c} else None", "x if x % 2 else {c}"),
    *maps(INT, [INT], "x % {n}", "x & 1", most=3),
    *maps(NUMBER, [NUMBER], "x + {f}", "{f} - x", "x * {f}", "x / {n}", "-x", "abs(x)", "{n} / x", "2 ** -x"),
    *maps(NUMBER, [NUMBER], "x if x > {f} else None", "None if x == {f} else x", "min(x, {f})", "x ** 2"),
    *maps(INT, [NUMBER], "round(x)", "int(x)", "1 if x > {f} else 0", "[{c}, {n}].index(x)", most=8),
    *maps(BOOL, [NUMBER], "x > {f}", "x <= {c}", "x == {c}", "not x", "0 <= x < {n}", "x % 2 == 0", most=2),
    *maps(BOOL, [BOOL], "not x", most=2),
    *maps(STRING, [INT], "str(x)", "chr(97 + x % 26)", "{s} * x"),
    *maps(STRING, [INT], "'ab'[x % 2]", "{{{c}: {s}, {n}: {t}}}.get(x)", most=2),
    *maps(STRING, [NUMBER], "{s} if x < {f} else {t}", "{s} if x == {c} else None", most=2),
    *maps(STRING, [STRING], "x + {s}", "x[::-1]", "x[:1]", "x * 2", "x.upper()", "x.replace({s}, '')", "max(x, {s})"),
    *maps(INT, [STRING], "len(x)", "int(x)", "x.count({s})", "x.find({s})", "x.index({s})"),
    *maps(BOOL, [STRING], "x < {s}", "x in {s}", "x.startswith({s})", "x.isdigit()", most=2),
    *maps(TUPLE, [TUPLE], "x[::-1]", "x[:1]", "x + ({p},)"),
    *maps(INT, [TUPLE], "len(x)"),
    *maps(ANY, [TUPLE], "x[-1]"),
    *maps(BOOL, [ANY], "x == {v}", "x != {v}", "x in ({v}, {w})", "bool(x)", most=2),
    *maps(INT, [ANY], "1 if x == {v} else 0", "({v}, {w}).index(x)", "{{{v}: 1, {w}: 3}}.get(x)", most=2),
    *maps(STRING, [ANY], "{s} if x == {v} else {t}", most=2),
    *maps(TUPLE, [ANY], "(x,)", "(x, {c})", "({s}, x) if x else None"),
    *maps(ANY, [ANY], "{v} if x == {w} else x", "x or {v}"),
    *_keeps("None if x == {v} else x"),
    *_keeps("x if x in ({v}, {w}) else None"),
    # Two operands
    *maps(INT, [INT, INT], "x + y", "x - y", "x * y", "x - y - 1", "2 * x + y", "min(x, y)", "abs(x - y)", "x // y"),
    *maps(INT, [INT, INT], "x if x < y else y", "x if y else None", "x % y", "x ^ y", "{n} * x - y + {p}"),
    *maps(NUMBER, [NUMBER, NUMBER], "x + y", "x - y", "x * y", "x / y", "max(x, y)", "{f} * x + y"),
    *maps(NUMBER, [NUMBER, NUMBER], "x if y > {f} else {c}", "x if x != y else None"),
    *maps(BOOL, [NUMBER, NUMBER], "x < y", "x <= y", "x > y + {p}", "x == 2 * y", "x - y > {p}", most=2),
    *maps(BOOL, [BOOL, BOOL], "x and y", "x or y", "x != y", most=2),
    *maps(STRING, [STRING, STRING], "x + y", "x if x < y else y", "max(x, y)"),
    *maps(STRING, [STRING, INT], "x * y", "x[y:]"),
    *maps(INT, [STRING, STRING], "x.count(y)", "x.find(y)", most=4),
    *maps(BOOL, [STRING, STRING], "x < y", "x in y", most=2),
    *maps(TUPLE, [TUPLE, TUPLE], "x + y"),
    *maps(BOOL, [ANY, ANY], "x == y", "x != y", "x == y or x == {v}", most=2),
    *maps(TUPLE, [ANY, ANY], "(x, y)", "(y, x, {c})"),
    *maps(ANY, [ANY, ANY], "x if x == y else None", "x and y", "x or y", "x if y else None"),
    *(Template("x if y else None", (kind, BOOL), kind) for kind in KINDS),
    # Three operands
    *maps(INT, [INT, INT, INT], "x + y - z", "x * y + z", "max(x, y, z)"),
    *maps(NUMBER, [NUMBER, NUMBER, NUMBER], "x + y - 2 * z", "x if y < z else None"),
    *maps(BOOL, [NUMBER, NUMBER, NUMBER], "x < y < z", "x < y or y < z", most=2),
    *maps(TUPLE, [ANY, ANY, ANY], "(x, y, z)"),
    *maps(ANY, [ANY, ANY, ANY], "x if y == z else None"),
    *(Template("x if z else y", (kind, kind, ANY), kind) for kind in KINDS),
)  # fmt: skip
"""The functions of maps."""

RISKY_MAPS: tuple[Template, ...] = (
    *maps(NUMBER, [NUMBER], "1e999 if x > {f} else x", "x ** 0.5", "(x - {c}) ** -3", "1000000 * x", "x / 1000"),
    *maps(INT, [STRING], "ord(x) - 97", "'ab'.index(x) // len(x)"),
    *maps(ANY, [TUPLE], "x[1]"),
    *maps(STRING, [TUPLE], "str(x)", "str(x[0])"),
    *maps(STRING, [ANY], "str(x)"),
    *maps(BOOL, [ANY], "isinstance(x, float)", most=2),
    *maps(STRING, [STRING, INT], "x[y]"),
    *maps(NUMBER, [NUMBER, NUMBER], "x ** y", "x - 1e9 * y", "x / y // y"),
    *maps(BOOL, [ANY, ANY], "x < y", "x > y"),
)
"""Functions that have no meaning on some operands, or results that are hard to represent."""

PREDICATES: tuple[Template, ...] = (
    *maps(BOOL, [ANY, ANY], "k == q", "k != q"),
    *maps(BOOL, [NUMBER, NUMBER], "k < q", "k <= q", "k > q", "k >= q"),
    *maps(BOOL, [STRING, STRING], "k < q", "k >= q", "k in q", "len(k) > len(q)"),
    *maps(BOOL, [ANY, ANY], "True", "k == {v}", "q == {v}", "k", "k == q or k == {v}", "False"),
    *maps(BOOL, [ANY, ANY], "k == {v} and q != {w}", "q == {v} or k == q == {w}"),
    *maps(BOOL, [NUMBER, NUMBER], "k == q + {p}", "k > q + {p}", "abs(k - q) <= 1", "k % 2 == q % 2"),
    *maps(BOOL, [NUMBER, NUMBER], "k > {f}", "q > {f}", "k < q and k > {c}", "k < q or q < {c}", "k * q > {c}"),
    *maps(BOOL, [NUMBER, NUMBER], "(k + q) % {n} == 0", "q - 1 <= k <= q"),
)  # fmt: skip
"""The predicates of selects."""

RISKY_PREDICATES: tuple[Template, ...] = (
    *maps(BOOL, [NUMBER, NUMBER], "1 / k > q", "k % q == 0"),
    *maps(BOOL, [ANY, ANY], "k < q", "k >= q", "str(k) == str(q)"),
)
"""Predicates that have no meaning on some operands."""

SINGLE_PREDICATES: tuple[str, ...] = ("k == q", "q == k + {p}", "k == q - {p}", "k + q == {n}", "2 * k == q")
"""Predicates on numbers for which no two keys hold together with one query."""

NUMBERS: tuple[int | float, ...] = (0, 1, 2, -1, 3, 0.5, -2, 1.5, 0.1, -0.25, 1 / 3)
STRINGS: tuple[str, ...] = ("a", "b", "", "ab", "1")


def fill_gaps(
    template: str, choices: Choices, values: Sequence[Value], given: Mapping[str, Value] | None = None
) -> str:
    """The text of a template with constants in its gaps.

    Args:
        template: the text with gaps.
        choices: decides on the constants.
        values: those that gaps for any value get.
        given: what the gaps of other names get.
    """

    def constant(gap: str) -> object:
        if given and gap in given:
            return given[gap]
        match gap:
            case "c":
                return choices.pick((0, 1, 2, -1, 3))
            case "p":
                return choices.pick((1, 2, 3))
            case "n":
                return choices.pick((2, 3))
            case "f":
                return choices.pick(NUMBERS)
            case "s" | "t":
                return choices.pick(STRINGS)
            case _:
                return choices.pick(values)

    gaps = dict.fromkeys(gap for _, gap, _, _ in Formatter().parse(template) if gap)
    return template.format(**{gap: repr(constant(gap)) for gap in gaps})


def lambda_of(parameters: Sequence[str], body: str) -> Callable[..., Any]:
    """The Python function `lambda parameters: body`, called by this text in messages.

    The text must be raspc's own: it is run as it is.

    >>> double = lambda_of(["x"], "2 * x")
    >>> double(3), double.__qualname__
    (6, 'lambda x: 2 * x')
    """
    text = f"lambda {', '.join(parameters)}: {body}"
    function = eval(text)
    function.__qualname__ = text
    return function
