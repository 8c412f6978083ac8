"""What a builder knows of the s-ops and selectors that it has built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from raspc import rasp
from raspc.algebra.values import Value
from raspc.testing import functions
from raspc.testing.functions import Kind


@dataclass(frozen=True)
class Node:
    """An s-op.

    Attributes:
        sop: the s-op.
        kind: what its defined values are.
        most: a bound on their number.
    """

    sop: rasp.SOp
    kind: Kind
    most: int


@dataclass(frozen=True)
class SelectorNode:
    """A selector.

    Attributes:
        selector: the selector.
        cells: a bound on the combinations of the values of all its keys and queries.
        single: whether a query selects at most one key.
    """

    selector: rasp.Selector
    cells: int
    single: bool = False


def kind_of(values: Sequence[Value]) -> Kind:
    """The kind of an s-op with these values.

    >>> kind_of([1, 2]), kind_of([1, 2.5]), kind_of([1, "a"])
    (<Kind.INT: 'int'>, <Kind.NUMBER: 'number'>, <Kind.ANY: 'any'>)
    """
    kinds = {_kind_of_value(value) for value in values}
    for kind in functions.KINDS:
        if all(found.fits(kind) for found in kinds):
            return kind
    raise AssertionError("every kind fits any")


def _kind_of_value(value: Value) -> Kind:
    match value:
        case bool():
            return Kind.BOOL
        case int():
            return Kind.INT
        case float():
            return Kind.NUMBER
        case str():
            return Kind.STRING
        case tuple():
            return Kind.TUPLE
