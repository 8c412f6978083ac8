"""Programs that look something up in what came before: induction heads, n-grams, tables."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, indices, tokens
from tests.programs.compositions.parts import (
    AFTER,
    BEFORE,
    SAME_TOKEN,
    UP_TO_HERE,
    count_up_to_here,
    previous,
    value_at,
    where,
)
from tests.programs.program import Program


def last_before(keys: SOp, queries: SOp) -> SOp:
    """The index of the last position up to here whose key equals the query; undefined if there is none.

    The keys of each kind are numbered: the last one up to here has the number of how many there were.
    """
    matching = Select(keys, queries, Comparison.EQ)
    number = SelectorWidth(Select(keys, keys, Comparison.EQ) & UP_TO_HERE)
    seen = SelectorWidth(matching & UP_TO_HERE)
    return Aggregate(matching & Select(number, seen, Comparison.EQ), indices)


def induction_head() -> SOp:
    """The token that followed the last occurrence of this one; undefined where it is new.

    The first head brings each position its previous token; the second looks for the token of the query among these.
    """
    return value_at(last_before(previous(tokens), tokens), tokens)


def induction_by_majority() -> SOp:
    """Whether a 1 followed this token more often than a 0, of all the times that it occurred; undefined if equal."""
    followed = Select(previous(tokens), tokens, Comparison.EQ) & UP_TO_HERE
    ones = Aggregate(followed, tokens)
    return Map(lambda mean: None if mean == 1 / 2 else round(mean), ones)


def bigram_lookup() -> SOp:
    """The token that followed when the last two tokens came one after the other the last time; a dash if never."""
    pair = previous(tokens, default="^") + tokens
    pair_before = previous(pair, default="")
    found = last_before(pair_before, pair)
    return value_at(found, tokens, default="-")


def trigram_seen() -> SOp:
    """Whether the last three tokens have come in this order before."""
    one, two = previous(tokens), previous(previous(tokens))
    same = SAME_TOKEN & Select(one, one, Comparison.EQ) & Select(two, two, Comparison.EQ)
    return SelectorWidth(same & BEFORE) > 0


def next_by_trigram_table() -> SOp:
    """The next letter by the last two, or by the last one alone where the table has no pair."""
    table = {"ab": "c", "bc": "a", "a": "b", "b": "a", "c": "c"}
    pair = previous(tokens, default="") + tokens
    return Map(lambda letters: table.get(letters, table[letters[-1]]), pair)


def key_value_lookup() -> SOp:
    """For each letter the digit that was last written after it, as in `a1b2a`; undefined if there was none.

    A digit is filed under the token before it.
    """
    filed_under = Map(
        lambda token, before: before if token.isdigit() and before.isalpha() else "", tokens, previous(tokens, "")
    )
    return value_at(last_before(filed_under, tokens), tokens)


def next_different() -> SOp:
    """The next token that differs from this one; undefined in the last run."""
    changes = Map(lambda token, before: int(token != before), tokens, previous(tokens, default=""))
    runs = SelectorWidth(where(changes == 1) & UP_TO_HERE)
    same_run_after = SelectorWidth(Select(runs, runs, Comparison.EQ) & AFTER)
    return value_at(indices + same_run_after + 1, tokens)


def first_occurrence() -> SOp:
    """The index at which each token occurs for the first time: so many positions come before it."""
    is_new = SelectorWidth(SAME_TOKEN & BEFORE) == 0
    return Aggregate(SAME_TOKEN & where(is_new), indices)


def nth_mentioned() -> SOp:
    """Each digit stands for a letter of the input, 1 for the first; undefined for letters, and where there are too few.

    So many positions come before the letter of a number as have fewer letters up to them.
    """
    letters_so_far = count_up_to_here(Map(str.isalpha, tokens))
    wanted = Map(lambda token: int(token) if token.isdigit() else None, tokens)
    index = SelectorWidth(Select(letters_so_far, wanted, Comparison.LT))
    return value_at(index + 0 * wanted, tokens)


LETTERS = ("a", "b", "c")

LOOKUPS = (
    Program(
        "induction_head",
        lambda _: induction_head(),
        LETTERS,
        (("abcab", [None, None, None, "b", "c"]), ("aab", [None, "a", None]), ("babab", [None, None, "a", "b", "a"])),
        sizes=(5,),
        note="the circuit that language models are found to have: a head for the previous token, and one that matches",
    ),
    Program(
        "induction_by_majority",
        lambda _: induction_by_majority(),
        (0, 1),
        (([0, 1, 0], [None, None, 1]), ([1, 1, 0, 1], [None, 1, None, None]), ([0, 0, 0, 1, 0], [None, 0, 0, None, 0])),
        max_seq_len=6,
        sizes=(6,),
        note="an induction head that averages over all earlier occurrences instead of taking the last",
    ),
    Program(
        "bigram_lookup",
        lambda _: bigram_lookup(),
        ("a", "b"),
        (("abaab", list("----a")), ("aaa", list("--a")), ("bababb", ["-", "-", "-", "b", "a", "-"])),
        max_seq_len=6,
        sizes=(6,),
        note="an induction head on pairs of tokens: strings are joined, shifted and matched",
    ),
    Program(
        "trigram_seen",
        lambda _: trigram_seen(),
        ("a", "b"),
        (("abaaba", [False] * 5 + [True]), ("aaaa", [False] * 3 + [True])),
        max_seq_len=7,
        sizes=(7,),
        note="three matches at once: the `and` of four selectors, of which two have undefined keys",
    ),
    Program(
        "next_by_trigram_table",
        lambda _: next_by_trigram_table(),
        LETTERS,
        (("abca", list("bcab")), ("bbc", list("aaa")), ("cca", list("ccb"))),
        sizes=(5,),
        note="a language model of trigrams that falls back on bigrams",
    ),
    Program(
        "key_value_lookup",
        lambda _: key_value_lookup(),
        ("a", "b", "1", "2"),
        (
            ("a1b2a", [None, None, None, None, "1"]),
            ("a1a2a", [None, None, "1", None, "2"]),
            ("1ab", [None, None, None]),
        ),
        max_seq_len=6,
        sizes=(6,),
        note="a table in the input: each key asks for the value that was last written after it",
    ),
    Program(
        "next_different",
        lambda _: next_different(),
        LETTERS,
        (("aabbc", ["b", "b", "c", "c", None]), ("aaa", [None] * 3), ("ca", ["a", None])),
        sizes=(5,),
        note="looking ahead for a change: a run is numbered, and its rest counted",
    ),
    Program(
        "first_occurrence",
        lambda _: first_occurrence(),
        LETTERS,
        (("abacb", [0, 1, 0, 3, 1]), ("cc", [0, 0])),
        sizes=(5,),
        note="each token points to where it came first",
    ),
    Program(
        "nth_mentioned",
        lambda _: nth_mentioned(),
        ("a", "b", "1", "2"),
        (("ab12", [None, None, "a", "b"]), ("2ab1", ["b", None, None, "a"]), ("a12", [None, "a", None])),
        max_seq_len=4,
        sizes=(4,),
        note="a pointer by number, as to the arguments of a command",
    ),
)
