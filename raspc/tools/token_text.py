"""Tokens and vocabularies as a person types them in a shell. Nothing typed is ever evaluated as code."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import cast

from raspc.algebra.domain import Domain
from raspc.algebra.values import Value, count_forms, forms, normalise
from raspc.errors import InputError
from raspc.runtime.codec import shorten

MAX_FORMS = 1 << 10
"""Tokens with more equal forms than this can be written in their own only."""


def parse_tokens(texts: Sequence[str], vocab: Domain) -> list[Value]:
    """The tokens of a vocabulary that `texts` stand for.

    A token may be written as in Python (`1`, `True`, `'a'`, `(1, 'a')`), a number in any form that equals it, a string
    without its quotes. Where a text can be read in two ways, it is the token that is written so in Python.

    Raises:
        InputError: a text stands for no token.

    >>> parse_tokens(["1", "a", "(2,b)"], Domain.of([1, "a", (2, "b")]))
    [1, 'a', (2, 'b')]
    """
    known: dict[str, Value] = {}
    for spell in (_python_text, _other_forms_text, _bare_text):
        for value in vocab.values:
            for text in spell(value):
                known.setdefault(text, value)
    tokens: list[Value] = []
    for position, text in enumerate(texts):
        if text not in known and _squeeze(text) not in known:
            raise InputError(
                f"{text!r}, the token at position {position}, is not in the vocabulary: {shorten(vocab.values)}"
            )
        tokens.append(known.get(text, known.get(_squeeze(text), text)))
    return tokens


def parse_vocab(text: str) -> list[object]:
    """The tokens in a list that is separated by commas.

    If all of it is Python literals, it is these: `1, 2`, `'a', 'b'`, `(1, 'a'), (2, 'b')`. Otherwise each part between
    two commas is one token, a literal or else the text as it stands: `a,b,1`, `(,)`.

    Raises:
        InputError: a part is empty.

    >>> parse_vocab("1,2,True"), parse_vocab("a,b,1"), parse_vocab("(,)")
    ([1, 2, True], ['a', 'b', 1], ['(', ')'])
    """
    literals = _literal(f"[{text},]")
    if isinstance(literals, list) and all(_is_value(item) for item in cast("list[object]", literals)):
        return cast("list[object]", literals)
    parts = [part.strip() for part in text.split(",")]
    if "" in parts:
        raise InputError(f"the vocabulary {text!r} has an empty part; write tokens separated by commas: 'a,b,c'")
    parsed = [(part, _literal(part)) for part in parts]
    return [literal if literal is not None and _is_value(literal) else part for part, literal in parsed]


def _python_text(value: Value) -> list[str]:
    return [repr(value), _squeeze(repr(value))]


def _other_forms_text(value: Value) -> list[str]:
    return [repr(form) for form in forms(value)] if count_forms(value) <= MAX_FORMS else []


def _bare_text(value: Value) -> list[str]:
    """A string without its quotes, alone and inside of a tuple."""
    if isinstance(value, tuple):
        inner = [_bare_text(item)[0] for item in value]
        text = f"({','.join(inner)}{',' if len(inner) == 1 else ''})"
        return [text, _squeeze(text)]
    return [value if isinstance(value, str) else repr(value)]


def _squeeze(text: str) -> str:
    """Text without the spaces after commas."""
    return text.replace(", ", ",")


def _literal(text: str) -> object:
    """The value of a Python literal; `None` if `text` isn't one."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _is_value(item: object) -> bool:
    try:
        return normalise(item) is not None
    except TypeError:
        return False
