"""What programs are put together from: the usual selectors, counting, and moving values."""

from __future__ import annotations

from raspc.algebra.values import MaybeValue
from raspc.rasp import Aggregate, Comparison, Full, Select, Selector, SelectorWidth, SOp, indices, tokens

EVERYTHING = Select(indices, indices, Comparison.TRUE)
BEFORE = Select(indices, indices, Comparison.LT)
UP_TO_HERE = Select(indices, indices, Comparison.LEQ)
FROM_HERE = Select(indices, indices, Comparison.GEQ)
AFTER = Select(indices, indices, Comparison.GT)
SAME_TOKEN = Select(tokens, tokens, Comparison.EQ)


def where(condition: SOp) -> Selector:
    """The positions at which a condition holds."""
    return Select(condition, Full(True), Comparison.EQ)


def count(condition: SOp) -> SOp:
    """At how many positions a condition holds."""
    return SelectorWidth(where(condition))


def count_up_to_here(condition: SOp) -> SOp:
    """At how many positions up to this one, itself included, a condition holds."""
    return SelectorWidth(where(condition) & UP_TO_HERE)


def count_before(condition: SOp) -> SOp:
    """At how many earlier positions a condition holds."""
    return SelectorWidth(where(condition) & BEFORE)


def count_after(condition: SOp) -> SOp:
    """At how many later positions a condition holds."""
    return SelectorWidth(where(condition) & AFTER)


def value_at(index: SOp, values: SOp, default: MaybeValue = None) -> SOp:
    """The value at the position that `index` says; the default where there is no such position."""
    return Aggregate(Select(indices, index, Comparison.EQ), values, default)


def previous(values: SOp, default: MaybeValue = None) -> SOp:
    """The value one position to the left."""
    return value_at(indices - 1, values, default)


def following(values: SOp, default: MaybeValue = None) -> SOp:
    """The value one position to the right."""
    return value_at(indices + 1, values, default)


def in_order(kept: SOp, values: SOp, default: MaybeValue = None) -> SOp:
    """The values at the positions that are kept, moved together to the front.

    So many positions come before the kept one of number n as have n kept ones at most up to them.
    """
    source = SelectorWidth(Select(count_up_to_here(kept), indices, Comparison.LEQ))
    return value_at(source, values, default)
