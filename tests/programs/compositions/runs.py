"""Programs about runs of equal tokens, and about repetitions."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, tokens
from tests.programs.compositions.parts import (
    BEFORE,
    SAME_TOKEN,
    UP_TO_HERE,
    count_up_to_here,
    in_order,
    previous,
    where,
)
from tests.programs.program import Program


def starts_run() -> SOp:
    """Whether a token differs from the one before it, or is the first."""
    return tokens != previous(tokens, default="")


def same_run() -> Select:
    """The positions of the run that the query belongs to: those with its number."""
    number = count_up_to_here(starts_run())
    return Select(number, number, Comparison.EQ)


def run_length() -> SOp:
    return SelectorWidth(same_run())


def run_length_so_far() -> SOp:
    return SelectorWidth(same_run() & UP_TO_HERE)


def longest_run() -> SOp:
    """The length of the longest run: that of a run than which none is longer."""
    runs = run_length()
    longer = SelectorWidth(Select(runs, runs, Comparison.GT))
    return Aggregate(where(longer == 0), runs)


def run_length_encoding() -> SOp:
    """The runs, written as a token and a number, moved together to the front."""
    written = Map(lambda token, n: f"{token}{n}", tokens, run_length())
    return in_order(starts_run(), written)


def deduplicate() -> SOp:
    """The first occurrence of each token, moved together to the front."""
    is_new = SelectorWidth(SAME_TOKEN & BEFORE) == 0
    return in_order(is_new, tokens)


LETTERS = ("a", "b", "c")

RUNS = (
    Program(
        "run_length",
        lambda _: run_length(),
        LETTERS,
        (("aabaa", [2, 2, 1, 2, 2]), ("ccc", [3] * 3), ("abc", [1] * 3)),
        sizes=(5,),
        note="how long the run is that a token stands in: runs are numbered, and equal numbers counted",
    ),
    Program(
        "run_length_so_far",
        lambda _: run_length_so_far(),
        LETTERS,
        (("aabaa", [1, 2, 1, 1, 2]), ("ccc", [1, 2, 3])),
        sizes=(5,),
        note="the position in a run",
    ),
    Program(
        "longest_run",
        lambda _: longest_run(),
        ("a", "b"),
        (("aabbba", [3] * 6), ("abab", [1] * 4), ("aabb", [2] * 4)),
        max_seq_len=6,
        sizes=(6,),
        note="a maximum of widths of widths: several runs may be the longest, and their length is the same",
    ),
    Program(
        "run_length_encoding",
        lambda _: run_length_encoding(),
        ("a", "b"),
        (("aabaa", ["a2", "b1", "a2", None, None]), ("bb", ["b2", None]), ("a", ["a1"])),
        sizes=(5,),
        note="compression: one string for each run, and nothing after the last",
    ),
    Program(
        "deduplicate",
        lambda _: deduplicate(),
        LETTERS,
        (("abacb", ["a", "b", "c", None, None]), ("cc", ["c", None]), ("ab", ["a", "b"])),
        sizes=(5,),
        note="repetitions anywhere are left out, and what is left keeps its order",
    ),
)
