"""Programs about letters, words and quotes."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, indices, tokens
from tests.programs.compositions.parts import (
    BEFORE,
    count,
    count_before,
    count_up_to_here,
    in_order,
    previous,
    value_at,
    where,
)
from tests.programs.program import Program

IS_LETTER = tokens != " "


def caesar() -> SOp:
    """Each letter three places further in the alphabet, which is a circle; other tokens as they are."""
    return Map(lambda c: chr((ord(c) - ord("a") + 3) % 26 + ord("a")) if c.isalpha() else c, tokens)


def vowels() -> SOp:
    return count(Map(lambda c: c in "aeiou", tokens))


def starts_word() -> SOp:
    return IS_LETTER & (previous(tokens, default=" ") == " ")


def capitalise() -> SOp:
    """The first letter of each word in upper case."""
    return Map(lambda c, first: c.upper() if first else c, tokens, starts_word())


def word_number() -> SOp:
    """Which word each letter belongs to, counted from 1; undefined for blanks."""
    return Map(lambda n, letter: n if letter else None, count_up_to_here(starts_word()), IS_LETTER)


def same_word() -> Select:
    """The letters of the query's word; a blank selects nothing."""
    return Select(word_number(), word_number(), Comparison.EQ)


def word_length() -> SOp:
    return SelectorWidth(same_word())


def reverse_words() -> SOp:
    """Each word backwards, in its place."""
    before = SelectorWidth(same_word() & BEFORE)
    source = Map(lambda i, n, k: i + n - 1 - 2 * k if n > 0 else i, indices, word_length(), before)
    return value_at(source, tokens)


def in_quotes() -> SOp:
    """Whether each token stands between quotation marks; the marks themselves don't."""
    marks = count_up_to_here(tokens == '"')
    return (marks % 2 == 1) & (tokens != '"')


def caps_lock() -> SOp:
    """What is seen if `^` is the key that turns upper case on and off: it leaves nothing itself."""
    locked = count_before(tokens == "^") % 2 == 1
    shown = Map(lambda c, upper: c.upper() if upper else c, tokens, locked)
    return in_order(tokens != "^", shown, default="")


def share_of_vowels() -> SOp:
    """The fraction of the letters that are vowels; undefined if there are no letters."""
    return Aggregate(where(IS_LETTER), Map(lambda c: int(c in "ae"), tokens))


WORDS = ("a", "b", " ")

TEXT = (
    Program(
        "caesar",
        lambda _: caesar(),
        ("a", "m", "x", "z", "!"),
        (("maz!", list("pdc!")), ("xx", list("aa"))),
        sizes=(5,),
        note="a cipher: a map of the tokens alone, which folds into the embedding",
    ),
    Program(
        "count_vowels",
        lambda _: vowels(),
        ("a", "e", "n", "t"),
        (("neat", [2] * 4), ("tt", [0, 0]), ("aae", [3] * 3)),
        sizes=(5,),
        note="how many tokens belong to a set",
    ),
    Program(
        "capitalise",
        lambda _: capitalise(),
        WORDS,
        (("ab ba", list("Ab Ba")), (" a", list(" A")), ("bb", list("Bb"))),
        sizes=(5,),
        note="the first letter of each word, by what stands before it",
    ),
    Program(
        "word_number",
        lambda _: word_number(),
        WORDS,
        (("ab a", [1, 1, None, 2]), (" b", [None, 1]), ("a  b", [1, None, None, 2])),
        sizes=(5,),
        note="segments are numbered; what lies between has no number",
    ),
    Program(
        "reverse_words",
        lambda _: reverse_words(),
        ("a", "b", " "),
        (("ab b", list("ba b")), (" aab", list(" baa")), ("b ab", list("b ba"))),
        max_seq_len=4,
        sizes=(4,),
        note="each segment backwards in its place: an index from the length of a word and the position in it",
    ),
    Program(
        "in_quotes",
        lambda _: in_quotes(),
        ("a", "b", '"'),
        (('a"ab"', [False, False, True, True, False]), ('"a', [False, True]), ("b", [False])),
        sizes=(5,),
        note="a state that toggles is the parity of a count",
    ),
    Program(
        "caps_lock",
        lambda _: caps_lock(),
        ("a", "b", "^"),
        (("a^b^a", ["a", "B", "a", "", ""]), ("^ab", ["A", "B", ""]), ("^^", ["", ""])),
        sizes=(5,),
        note="a state of the input changes the tokens, and the keys that set it are left out",
    ),
    Program(
        "share_of_vowels",
        lambda _: share_of_vowels(),
        ("a", "e", "t", " "),
        (("tea ", [2 / 3] * 4), (" ", [None]), ("t t", [0] * 3), ("ae", [1, 1])),
        sizes=(5,),
        note="a fraction as the output, undefined where there is nothing to divide by",
    ),
)
