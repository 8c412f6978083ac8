"""Programs that classify the whole input: regular and other languages, formats, boards, moods."""

from __future__ import annotations

from raspc.rasp import Comparison, Map, Select, SelectorWidth, SOp, indices, length, tokens
from tests.programs.compositions.parts import (
    count,
    count_before,
    following,
    previous,
    value_at,
    where,
)
from tests.programs.program import Program


def nowhere(condition: SOp) -> SOp:
    return count(condition) == 0


def contains_ab() -> SOp:
    """Whether an `a` is followed by a `b` anywhere."""
    return count((tokens == "a") & following(tokens == "b", default=False)) > 0


def starts_and_ends_alike() -> SOp:
    return value_at(indices * 0, tokens) == value_at(length - 1, tokens)


def sentiment() -> SOp:
    """Whether a review praises: good words against bad ones, where `not` turns the next word round."""
    worth = {"good": 1, "bad": -1}
    mood = Map(
        lambda word, before: worth.get(word, 0) * (-1 if before == "not" else 1), tokens, previous(tokens, default="")
    )
    balance = count(mood == 1) - count(mood == -1)
    return Map(lambda b: "praise" if b > 0 else "blame" if b < 0 else "neutral", balance)


def repeats_ab() -> SOp:
    """The language (ab)*: an `a` at each even position, a `b` at each odd one, and as many of them."""
    wrong = Map(lambda token, i: token != "ab"[i % 2], tokens, indices)
    return nowhere(wrong) & (length % 2 == 0)


def as_then_bs() -> SOp:
    """The language a*b*: no `b` before an `a`."""
    return nowhere((tokens == "a") & (count_before(tokens == "b") > 0))


def no_equal_neighbours() -> SOp:
    return nowhere(tokens == previous(tokens, default=""))


def as_many_as_bs_in_order() -> SOp:
    """The language aⁿbⁿ, which isn't regular."""
    return as_then_bs() & (count(tokens == "a") == count(tokens == "b"))


def three_letters_in_order() -> SOp:
    """The language aⁿbⁿcⁿ, which isn't context-free."""
    expected = Map(lambda i, n: "abc"[3 * i // n] if n % 3 == 0 else "", indices, length)
    return nowhere(tokens != expected)


def is_twice_a_word() -> SOp:
    """The language of all ww: the second half repeats the first."""
    other = value_at((indices + length // 2) % length, tokens)
    return nowhere(tokens != other) & (length % 2 == 0)


def is_number() -> SOp:
    """Whether the input is written like a number: a sign if any, digits, and one point among them if any."""
    misplaced_sign = Map(lambda token, i: token == "-" and i > 0, tokens, indices)
    points, digits = count(tokens == "."), count(tokens == "1")
    ends = value_at(length - 1, tokens)
    begins = previous(tokens, default="-")
    bad_point = (tokens == ".") & (begins == "-")
    return nowhere(misplaced_sign | bad_point) & (points <= 1) & (digits > 0) & (ends == "1")


def is_time() -> SOp:
    """Whether the input is a time of day like `20:15`, by what may stand at which position."""
    allowed = ("012", "0123456789", ":", "012345", "0123456789")
    fits = Map(lambda token, i: token in allowed[i], tokens, indices)
    hour_too_late = Map(lambda first, second: first == "2" and second == "5", value_at(indices * 0, tokens), tokens)
    return nowhere(~fits) & (length == 5) & ~value_at(indices * 0 + 1, hour_too_late, default=False)


def palindrome_without_blanks() -> SOp:
    """Whether the letters read the same backwards, whatever the blanks between them are."""
    is_letter = tokens != " "
    number = Map(lambda n, letter: n if letter else None, count_before(is_letter), is_letter)
    mirrored = count(is_letter) - 1 - number
    mirror_is_a = SelectorWidth(Select(number, mirrored, Comparison.EQ) & where(tokens == "a")) > 0
    return nowhere(is_letter & (mirror_is_a != (tokens == "a")))


def has_won(player: str) -> SOp:
    """Whether a player has three in a row, column or diagonal of a board of nine fields."""
    mine = where(tokens == player)
    row = SelectorWidth(Select(indices, indices, lambda key, query: key // 3 == query // 3) & mine)
    column = SelectorWidth(Select(indices, indices, lambda key, query: key % 3 == query % 3) & mine)
    falling = SelectorWidth(where(indices % 4 == 0) & mine)
    rising = SelectorWidth(where((indices == 2) | (indices == 4) | (indices == 6)) & mine)
    return (count((row == 3) | (column == 3)) > 0) | (falling == 3) | (rising == 3)


A_B = ("a", "b")
LETTERS = ("a", "b", "c")

CLASSIFYING = (
    Program(
        "contains_ab",
        lambda _: contains_ab(),
        LETTERS,
        (("cabb", [True] * 4), ("bacb", [False] * 4), ("b", [False])),
        sizes=(5,),
        note="whether a bigram occurs anywhere",
    ),
    Program(
        "starts_and_ends_alike",
        lambda _: starts_and_ends_alike(),
        LETTERS,
        (("abca", [True] * 4), ("ab", [False] * 2), ("c", [True])),
        sizes=(5,),
        note="the first and the last token are brought to every position and compared",
    ),
    Program(
        "sentiment",
        lambda _: sentiment(),
        ("good", "bad", "not", "film"),
        (
            (["good", "film"], ["praise"] * 2),
            (["not", "good", "film"], ["blame"] * 3),
            (["not", "bad"], ["praise"] * 2),
            (["good", "bad", "film"], ["neutral"] * 3),
        ),
        max_seq_len=4,
        sizes=(4,),
        note="a bag of words with negation: a table over two neighbours, then counts",
    ),
    Program(
        "language_ab_repeated",
        lambda _: repeats_ab(),
        A_B,
        (("abab", [True] * 4), ("aba", [False] * 3), ("ba", [False] * 2)),
        max_seq_len=6,
        sizes=(6,),
        note="a regular language whose tokens are known by their positions",
    ),
    Program(
        "no_equal_neighbours",
        lambda _: no_equal_neighbours(),
        LETTERS,
        (("abca", [True] * 4), ("abb", [False] * 3), ("c", [True])),
        sizes=(5,),
        note="a local property that holds everywhere",
    ),
    Program(
        "language_equal_as_then_bs",
        lambda _: as_many_as_bs_in_order(),
        A_B,
        (("aabb", [True] * 4), ("abab", [False] * 4), ("aab", [False] * 3)),
        max_seq_len=6,
        sizes=(6,),
        note="a language that isn't regular: order and equal counts",
    ),
    Program(
        "language_of_three_equal_parts",
        lambda _: three_letters_in_order(),
        LETTERS,
        (("abc", [True] * 3), ("aabbcc", [True] * 6), ("acb", [False] * 3), ("ab", [False] * 2)),
        max_seq_len=6,
        sizes=(6,),
        note="a language that isn't context-free: the length says what must stand where",
    ),
    Program(
        "language_of_doubled_words",
        lambda _: is_twice_a_word(),
        A_B,
        (("abab", [True] * 4), ("abba", [False] * 4), ("aaa", [False] * 3)),
        max_seq_len=6,
        sizes=(6,),
        note="each token is compared with the one half the length away",
    ),
    Program(
        "is_number",
        lambda _: is_number(),
        ("1", ".", "-"),
        (("-1.1", [True] * 4), ("11", [True] * 2), ("1.", [False] * 2), ("-.1", [False] * 3), ("1-1", [False] * 3)),
        max_seq_len=4,
        sizes=(4,),
        note="a number format: several rules, each of its own, joined at the end",
    ),
    Program(
        "is_time",
        lambda _: is_time(),
        ("1", "2", "5", ":"),
        (("12:15", [True] * 5), ("25:11", [False] * 5), ("21:5", [False] * 4), ("51:22", [False] * 5)),
        sizes=(5,),
        note="a format in which each position has its own alphabet",
    ),
    Program(
        "palindrome_without_blanks",
        lambda _: palindrome_without_blanks(),
        ("a", "b", " "),
        (("ab a", [True] * 4), ("ab", [False] * 2), (" ", [True]), ("a ba ", [True] * 5)),
        sizes=(5,),
        note="letters are numbered, and each compared with that of the mirrored number; blanks are undefined",
    ),
    Program(
        "three_in_a_row",
        lambda _: has_won("x"),
        ("x", "o", "."),
        (("xo.xo.x..", [True] * 9), ("oxx.x.x.o", [True] * 9), ("xxoox.xoo", [False] * 9)),
        max_seq_len=9,
        sizes=(9,),
        note="a board: rows and columns are arithmetic on indices, and the diagonals sets of them",
    ),
)
