"""Attributes as text and back, and random things to write down."""

from collections.abc import Sequence
from io import StringIO
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.printer import Printer

from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.algebra.values import normalise
from raspc.dialects.craft import Craft
from raspc.dialects.rasp import Rasp
from raspc.dialects.transformer import Transformer

A = TypeVar("A", bound=Attribute)


def context() -> Context:
    ctx = Context()
    for dialect in (Builtin, Rasp, Craft, Transformer):
        ctx.load_dialect(dialect)
    return ctx


def print_attribute(attribute: Attribute) -> str:
    stream = StringIO()
    Printer(stream).print_attribute(attribute)
    return stream.getvalue()


def parse_attribute(text: str) -> Attribute:
    parser = Parser(context(), text)
    attribute = parser.parse_attribute()
    parser.parse_characters("")
    assert parser.pos == len(text), f"{text[parser.pos :]!r} is left"
    return attribute


def there_and_back(attribute: A) -> A:
    """What an attribute's text reads back as; the text of that is the same."""
    text = print_attribute(attribute)
    again = parse_attribute(text)
    assert type(again) is type(attribute)
    assert print_attribute(again) == text
    return again


def shape(value: Any) -> Any:
    """A value with its type, all the way down: `1`, `1.0` and `True` differ."""
    return (tuple, [shape(item) for item in value]) if isinstance(value, tuple) else (type(value), repr(value))


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
INTS = st.integers(-3, 3) | st.integers()
FLOATS = st.sampled_from([0.0, 0.5, 1.0, 1 / 3]) | st.floats(allow_nan=False)
SCALARS = st.booleans() | INTS | FLOATS | TEXTS
VALUES = st.recursive(SCALARS, lambda items: st.lists(items, max_size=3).map(tuple), max_leaves=6).map(normalise)
MAYBE_VALUES = st.none() | VALUES

LISTS = (
    st.lists(VALUES, max_size=8)
    | st.lists(INTS, max_size=100)
    | st.lists(FLOATS, max_size=100)
    | st.builds(lambda low, size: list(range(low, low + size)), INTS, st.integers(0, 100))
)
"""Lists of values of several kinds: short and long, ranges, ints and floats of the sizes that are packed."""


@st.composite
def domains(draw: st.DrawFn, values: st.SearchStrategy[Sequence[object]] = LISTS) -> Domain:
    plain = Domain.of(normalise(value) for value in draw(values))
    return Domain(plain.values, draw(st.booleans()), plain.mixed or draw(st.booleans()))


@st.composite
def matrices(draw: st.DrawFn) -> SparseMatrix:
    if draw(st.integers(0, 4)) == 0:
        return SparseMatrix.identity(draw(st.integers(0, 80)))
    elements = st.sampled_from([0.0, 0.0, 0.0, 1.0, -1.0]) | st.floats(allow_nan=False, allow_infinity=False)
    sides = st.tuples(st.integers(0, 12), st.integers(0, 12))
    return SparseMatrix.from_dense(draw(st_numpy.arrays(np.float64, sides, elements=elements)))
