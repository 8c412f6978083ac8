"""The labels of directions: the name of what a direction belongs to, and the value that it stands for.

A label is `reverse:1` for a value, `mean` for a number and `mean:defined` for whether it is defined. A direction that
holds one after the other is called `tokens:1 | count:1`. A name or a value that would read as another label is quoted:
`"a:b":1` is the value 1 of `a:b`, where `a:b:1` is the value `b:1` of `a`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from raspc.algebra.values import Value

SEPARATOR = " | "
"""Stands between the labels of a direction that holds several values, one after the other."""

_STRING = r'"(?:[^"\\]|\\.)*"'
_QUOTED = re.compile(_STRING)
_PART = re.compile(rf'(?P<name>{_STRING}|[^":|][^:|]*)(?::(?P<value>{_STRING}|.*?))?(?: \| |$)', re.DOTALL)


def quoted_name(name: str) -> str:
    """A name as labels have it: in quotes if a character of it has a meaning in labels, or can't be printed.

    >>> print(quoted_name("reverse"), quoted_name("a:b"))
    reverse "a:b"
    """
    return _quoted(name) if not name.isprintable() or re.search(r'^$|[":|]', name) else name


def shown_name(name: str) -> str:
    """A name as a person sees it: to the letter, unless a terminal couldn't show it."""
    return name if name.isprintable() else _quoted(name)


def value_label(name: str, value: str) -> str:
    """The label of a value, or of `defined`."""
    return f"{quoted_name(name)}:{value}"


def value_labels(name: str, values: Sequence[Value]) -> list[str]:
    """The labels of the values of one name, all different: of 1 and `"1"` the string is quoted.

    >>> value_labels("x", [1, 2, "1", "a"])
    ['x:1', 'x:2', 'x:"1"', 'x:a']
    """
    texts = Counter(str(value) for value in values)
    return [value_label(name, _text(value, texts[str(value)] > 1)) for value in values]


def _text(value: Value, ambiguous: bool) -> str:
    text = str(value)
    looks_quoted = isinstance(value, str) and (ambiguous or text.startswith('"'))
    return _quoted(text) if looks_quoted or ("|" in text and " " in text) else text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def joined(labels: Iterable[str]) -> str:
    """The label of a direction that holds what these labels say, one after the other."""
    return SEPARATOR.join(labels)


def parts_of(label: str) -> list[tuple[str, str]]:
    """The names in a label, each with its value as text, which is empty for a number.

    >>> parts_of('tokens:1 | "a:b":2 | mean')
    [('tokens', '1'), ('a:b', '2'), ('mean', '')]
    """
    found: list[tuple[str, str]] = []
    place = 0
    while place < len(label):
        match = _PART.match(label, place)
        if match is None:  # no label of ours
            return [(label, "")]
        name = match["name"]
        found.append((json.loads(name) if _QUOTED.fullmatch(name) else name, match["value"] or ""))
        place = match.end()
    return found
