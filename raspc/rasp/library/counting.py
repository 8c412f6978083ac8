"""Programs that count: lengths, histograms, how many there were so far."""

from __future__ import annotations

from raspc.algebra.comparison import Comparison
from raspc.algebra.values import Value
from raspc.rasp.expressions import (
    Aggregate,
    Full,
    Select,
    Selector,
    SelectorWidth,
    SOp,
    indices,
    numerical,
    tokens,
)


def make_length() -> SOp:
    """The length of the input, at every position.

    >>> make_length()("abcd")
    [4, 4, 4, 4]
    """
    everything = Select(tokens, tokens, Comparison.TRUE).named("everything")
    return SelectorWidth(everything).named("length")


def make_hist() -> SOp:
    """How many times each token occurs in the input.

    >>> make_hist()("abac")
    [2, 1, 2, 1]
    """
    same_token = Select(tokens, tokens, Comparison.EQ).named("same_token")
    return SelectorWidth(same_token).named("hist")


def make_double_hist() -> SOp:
    """For each token, how many different tokens occur as often as it does.

    >>> make_double_hist()("abbcaad")
    [1, 1, 1, 2, 1, 1, 2]
    """
    hist = make_hist()
    as_often = Select(hist, hist, Comparison.EQ).named("as_often")
    first_ones = Select(make_is_first(), Full(True), Comparison.EQ).named("first_ones")
    return SelectorWidth(as_often & first_ones).named("double_hist")


def make_is_first() -> SOp:
    """Whether each token occurs for the first time.

    >>> make_is_first()("abac")
    [True, True, False, True]
    """
    same_token = Select(tokens, tokens, Comparison.EQ).named("same_token")
    earlier = Select(indices, indices, Comparison.LT).named("earlier")
    return (SelectorWidth(same_token & earlier).named("occurrences_before") == 0).named("is_first")


def make_count(sop: SOp, token: Value) -> SOp:
    """How many times `token` occurs in `sop`, at every position.

    >>> make_count(tokens, "a")("abac")
    [2, 2, 2, 2]
    """
    occurrences = Select(sop, Full(token), Comparison.EQ).named("occurrences")
    return SelectorWidth(occurrences).named(f"count_{token}")


def make_count_less_freq(n: int) -> SOp:
    """How many positions have a token that occurs at most `n` times, at every position.

    >>> make_count_less_freq(2)("aaabbc")
    [3, 3, 3, 3, 3, 3]
    """
    hist = make_hist()
    rare = Select(hist, Full(n), Comparison.LEQ).named("rare")
    return SelectorWidth(rare).named("count_less_freq")


def make_frac_prevs(bools: SOp) -> SOp:
    """The fraction of the positions up to this one, itself included, where `bools` is true.

    Args:
        bools: an s-op of booleans, or of the numbers 0 and 1.

    >>> make_frac_prevs(tokens == "l")("hello") == [0, 0, 1 / 3, 1 / 2, 2 / 5]
    True
    """
    return numerical(Aggregate(_up_to_here(), numerical(bools), default=0)).named("frac_prevs")


def num_prevs(bools: SOp) -> SOp:
    """The number of the positions up to this one, itself included, where `bools` is true.

    >>> num_prevs(tokens == "l")("hello")
    [0, 0, 1, 2, 2]
    """
    holds = Select(bools, Full(True), Comparison.EQ).named("holds")
    return SelectorWidth(holds & _up_to_here()).named("num_prevs")


def _up_to_here() -> Selector:
    return Select(indices, indices, Comparison.LEQ).named("up_to_here")
