"""Programs that move values to other positions: reversing, shifting, sorting, and finding patterns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from raspc.algebra.comparison import Comparison
from raspc.algebra.values import Value
from raspc.errors import ProgramError
from raspc.rasp.expressions import (
    Aggregate,
    Full,
    LinearSequenceMap,
    Map,
    Select,
    SelectorWidth,
    SequenceMap,
    SOp,
    indices,
    length,
    tokens,
)
from raspc.rasp.library.counting import make_hist, make_is_first


def make_reverse(sop: SOp) -> SOp:
    """The values of `sop` in reverse order.

    >>> make_reverse(tokens)("Hello")
    ['o', 'l', 'l', 'e', 'H']
    """
    opposite = (length - indices - 1).named("opposite")
    flip = Select(indices, opposite, Comparison.EQ).named("flip")
    return Aggregate(flip, sop).named("reverse")


def make_is_palindrome() -> SOp:
    """Whether the input reads the same backwards, at every position.

    >>> make_is_palindrome()("abba"), make_is_palindrome()("ab")
    ([True, True, True, True], [False, False])
    """
    same = (tokens == make_reverse(tokens)).named("same")
    differences = Select(same, Full(False), Comparison.EQ).named("differences")
    return (SelectorWidth(differences) == 0).named("is_palindrome")


def shift_by(offset: int, /, sop: SOp) -> SOp:
    """The values of `sop` moved `offset` positions to the right, undefined where none arrives.

    >>> shift_by(1, tokens)("abc"), shift_by(-1, tokens)("abc")
    ([None, 'a', 'b'], ['b', 'c', None])
    """
    source = Select(indices, indices, lambda key, query: query == key + offset).named("source")
    return Aggregate(source, sop, default=None).named(f"shift_by({offset})")


def detect_pattern(sop: SOp, pattern: Sequence[Value]) -> SOp:
    """Whether the values up to this position end in `pattern`; undefined where there are too few values.

    >>> detect_pattern(tokens, "abc")("abcabc")
    [None, None, True, False, False, True]

    Raises:
        ProgramError: the pattern is empty.
    """
    if len(pattern) == 0:
        raise ProgramError("detect_pattern needs a pattern of at least one element")
    last = len(pattern) - 1
    detected = sop == pattern[last]
    for distance in range(1, len(pattern)):
        detected = shift_by(distance, sop == pattern[last - distance]) & detected
    return detected.named(f"detect_pattern({pattern!r})")


def make_sort_unique(vals: SOp, keys: SOp) -> SOp:
    """The values of `vals` in increasing order of `keys`, which must be distinct.

    >>> make_sort_unique(tokens, tokens)([2, 4, 3, 1])
    [1, 2, 3, 4]
    """
    smaller = Select(keys, keys, Comparison.LT).named("smaller")
    target = SelectorWidth(smaller).named("target_position")
    arrives = Select(target, indices, Comparison.EQ).named("arrives")
    return Aggregate(arrives, vals).named("sort")


def make_sort(vals: SOp, keys: SOp, *, max_seq_len: int, min_key: float) -> SOp:
    """The values of `vals` in increasing order of `keys`; where keys are equal, in the order of the input.

    The keys `max_seq_len * key + min_key * index` are in the same order and distinct.

    Args:
        vals: the values.
        keys: numbers.
        max_seq_len: the length of the longest input.
        min_key: a positive number; different keys are at least so far apart. For ints 1 is right.

    >>> make_sort(tokens, tokens, max_seq_len=5, min_key=1)([2, 4, 1, 2])
    [1, 2, 2, 4]
    """
    distinct_keys = LinearSequenceMap(keys, indices, max_seq_len, min_key).named("distinct_keys")
    return make_sort_unique(vals, distinct_keys)


def make_sort_stable(vals: SOp, keys: SOp) -> SOp:
    """The values of `vals` in increasing order of `keys`, of any type; where keys are equal, in the order of the input.

    This is the sort of the RASP paper, which breaks ties by composing selectors.

    >>> make_sort_stable(tokens, tokens)("banana")
    ['a', 'a', 'a', 'b', 'n', 'n']
    """
    smaller = Select(keys, keys, Comparison.LT).named("smaller")
    equal = Select(keys, keys, Comparison.EQ).named("equal")
    earlier = Select(indices, indices, Comparison.LT).named("earlier")
    target = SelectorWidth(smaller | (equal & earlier)).named("target_position")
    arrives = Select(target, indices, Comparison.EQ).named("arrives")
    return Aggregate(arrives, vals).named("sort_stable")


def make_sort_freq(max_seq_len: int) -> SOp:
    """The tokens from the most to the least frequent; equally frequent ones in the order of the input.

    Args:
        max_seq_len: the length of the longest input.

    >>> make_sort_freq(5)([2, 4, 2, 1])
    [2, 2, 4, 1]
    """
    rarity = (-1 * make_hist()).named("rarity")
    return make_sort(tokens, rarity, max_seq_len=max_seq_len, min_key=1).named("sort_freq")


def make_most_freq(max_seq_len: int) -> SOp:
    """The different tokens from the most to the least frequent, then undefined; ties in the order of the input.

    Args:
        max_seq_len: the length of the longest input.

    >>> make_most_freq(6)("abbccb")
    ['b', 'c', 'a', None, None, None]
    """
    is_first = make_is_first()
    rank = LinearSequenceMap(make_hist(), indices, -max_seq_len, 1).named("rank")
    # Undefined at the other occurrences, which then are no keys and have no place among them.
    first_rank = SequenceMap(_where, rank, is_first).named("first_rank")
    better = Select(first_rank, first_rank, Comparison.LT).named("better")
    place = SequenceMap(_where, SelectorWidth(better), is_first).named("place")
    arrives = Select(place, indices, Comparison.EQ).named("arrives")
    return Aggregate(arrives, tokens).named("most_freq")


def _where(value: int, condition: bool) -> int | None:
    return value if condition else None


def make_nary_sequencemap(f: Callable[..., Any], *sops: SOp) -> SOp:
    """The map of a function of any number of arguments over as many s-ops.

    >>> make_nary_sequencemap(lambda x, y, z: x + y * z, tokens, indices, length)([1, 2, 3])
    [1, 5, 9]
    """
    if not sops:
        raise ProgramError("make_nary_sequencemap needs at least one s-op")
    return Map(f, *sops)
