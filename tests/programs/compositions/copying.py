"""Programs that copy: values move to positions that the input decides."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, indices, length, tokens
from tests.programs.compositions.parts import (
    UP_TO_HERE,
    count_before,
    count_up_to_here,
    value_at,
    where,
)
from tests.programs.program import Program


def first_token() -> SOp:
    return Aggregate(where(indices == 0), tokens)


def repeat_first_half() -> SOp:
    """The first half of the input, twice; of an odd number of tokens the one in the middle belongs to it."""
    half = (length + 1) // 2
    return value_at(indices % half, tokens)


def swap_pairs() -> SOp:
    """Each two neighbours change places; the last of an odd number stays."""
    partner = Map(lambda i, n: i + 1 if i % 2 == 0 and i + 1 < n else i - i % 2, indices, length)
    return value_at(partner, tokens)


def rotate_by_first() -> SOp:
    """The input rotated to the left by as many positions as its first token says."""
    by = Aggregate(where(indices == 0), tokens)
    return value_at(Map(lambda i, offset, n: (i + offset) % n, indices, by, length), tokens)


def follow_pointer() -> SOp:
    """The token at the index that this token names; undefined behind the end."""
    return value_at(tokens, tokens)


def follow_pointer_twice() -> SOp:
    return value_at(follow_pointer(), tokens)


def without_blanks() -> SOp:
    """The tokens without blanks, moved together; dashes fill the end.

    Each letter goes to the place whose number is that of the letters before it.
    """
    is_letter = tokens != " "
    arrives = Select(count_before(is_letter), indices, Comparison.EQ) & where(is_letter)
    return Aggregate(arrives, tokens, default="-")


def copy_marked() -> SOp:
    """Everywhere the token after the first mark; undefined if there is none."""
    before_mark = SelectorWidth(where(count_up_to_here(tokens == ">") == 0))
    return value_at(before_mark + 1, tokens)


def fill_forward() -> SOp:
    """Each gap is filled with the last letter before it; undefined before the first letter."""
    letters = count_up_to_here(tokens != "_")
    since = SelectorWidth(Select(letters, letters, Comparison.EQ) & UP_TO_HERE)
    last = Map(lambda number, i, steps: i - steps + 1 if number > 0 else None, letters, indices, since)
    return value_at(last, tokens)


LETTERS = ("a", "b", "c")

COPYING = (
    Program(
        "first_token_everywhere",
        lambda _: first_token(),
        LETTERS,
        (("bca", ["b"] * 3), ("a", ["a"])),
        sizes=(5,),
        note="one position is broadcast to all",
    ),
    Program(
        "repeat_first_half",
        lambda _: repeat_first_half(),
        LETTERS,
        (("abca", list("abab")), ("abcbb", list("abcab")), ("c", ["c"])),
        sizes=(5,),
        note="copying: where to read depends on the length",
    ),
    Program(
        "swap_pairs",
        lambda _: swap_pairs(),
        LETTERS,
        (("abca", list("baac")), ("abc", list("bac")), ("b", ["b"])),
        sizes=(5,),
        note="neighbours change places, and the end of the input is a special case",
    ),
    Program(
        "rotate_by_first",
        lambda _: rotate_by_first(),
        (0, 1, 2, 5),
        (([2, 0, 1, 5], [1, 5, 2, 0]), ([5, 1, 0], [0, 5, 1]), ([0, 5], [0, 5])),
        max_seq_len=4,
        sizes=(4,),
        note="the offset is itself a token, so that three sources decide where to read",
    ),
    Program(
        "follow_pointer_twice",
        lambda _: follow_pointer_twice(),
        (0, 1, 2, 3),
        (([2, 0, 1], [0, 1, 2]), ([3, 0, 0], [None, None, None]), ([1, 2, 2, 0], [2, 2, 2, 2])),
        sizes=(5,),
        note="a pointer to a pointer: what is undefined on the way stays undefined",
    ),
    Program(
        "without_blanks",
        lambda _: without_blanks(),
        ("a", "b", " "),
        (("a ba ", ["a", "b", "a", "-", "-"]), (" b", ["b", "-"]), ("ab", ["a", "b"])),
        sizes=(5,),
        note="some tokens are left out and the others move together: a count is the new index",
    ),
    Program(
        "copy_marked",
        lambda _: copy_marked(),
        ("a", "b", ">"),
        (("ab>ba", ["b"] * 5), (">a>b", ["a"] * 4), ("ab", [None, None]), ("b>", [None, None])),
        sizes=(5,),
        note="a mark in the input says which token to copy; there may be none",
    ),
    Program(
        "fill_forward",
        lambda _: fill_forward(),
        ("a", "b", "_"),
        (("_a__b", [None, "a", "a", "a", "b"]), ("b_a_", list("bbaa")), ("_", [None])),
        sizes=(5,),
        note="the last of the earlier positions with a property, by counting how long ago it was",
    ),
)
