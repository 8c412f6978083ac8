"""The programs of the RASP paper, as it writes them.

Weiss, Goldberg, Yahav: Thinking Like Transformers. The library has more of them, such as reversing and the double
histogram.
"""

from __future__ import annotations

from raspc.rasp import (
    Aggregate,
    Comparison,
    Full,
    Map,
    Select,
    Selector,
    SelectorWidth,
    SequenceMap,
    SOp,
    indices,
    numerical,
    tokens,
)
from tests.programs.compositions.parts import BEFORE, SAME_TOKEN, UP_TO_HERE, count_before, where
from tests.programs.program import Program

AT_BOS = Select(indices, Full(0), Comparison.EQ)


def width_with_bos(selector: Selector) -> SOp:
    """How many positions a selector selects besides the first, where the input has a BOS token.

    The mean of an indicator of the first position, over it and what the selector selects, is one by their number.
    """
    fraction = numerical(Aggregate(selector | AT_BOS, numerical(indices == 0)))
    return Map(lambda mean: round(1 / mean) - 1, fraction)


def width_without_bos(selector: Selector) -> SOp:
    """How many positions a selector selects, by the same means: the first position counts if it is selected."""
    counts_first = Aggregate(selector & AT_BOS, indices == 0, default=False)
    return width_with_bos(selector) + counts_first


def histogram_with_bos() -> SOp:
    return width_with_bos(SAME_TOKEN)


def histogram_without_bos() -> SOp:
    return width_without_bos(SAME_TOKEN)


def occurred_before() -> SOp:
    return SelectorWidth(SAME_TOKEN & BEFORE) > 0


def double_histogram_with_bos() -> SOp:
    """How many different tokens occur as often as this one, not counting BOS."""
    histogram = histogram_with_bos()
    as_often = Select(histogram, histogram, Comparison.EQ)
    return width_with_bos(as_often & where(~occurred_before()))


def sorted_by(values: SOp, keys: SOp) -> SOp:
    """The values in the order of their keys; where keys are equal, in the order of the input."""
    smaller = Select(keys, keys, Comparison.LT)
    equal = Select(keys, keys, Comparison.EQ)
    place = SelectorWidth(smaller | (equal & BEFORE))
    return Aggregate(Select(place, indices, Comparison.EQ), values)


def sort_pairs() -> SOp:
    """The second letters of two-letter tokens, sorted by their first letters."""
    return sorted_by(Map(lambda token: token[1], tokens), Map(lambda token: token[0], tokens))


def sort_by_frequency() -> SOp:
    return sorted_by(tokens, 0 - SelectorWidth(SAME_TOKEN))


def most_frequent(max_seq_len: int) -> SOp:
    """The different tokens, the most frequent first; then dashes.

    Each repetition gets a key behind all others, and the value that fills the end.
    """
    repeated = occurred_before()
    key = SequenceMap(lambda often, again: max_seq_len if again else -often, SelectorWidth(SAME_TOKEN), repeated)
    value = SequenceMap(lambda token, again: "-" if again else token, tokens, repeated)
    return sorted_by(value, key)


def opened_so_far(condition: SOp) -> SOp:
    """The paper's count of the positions up to here: the fraction of them, times their number."""
    fraction = Aggregate(UP_TO_HERE, Map(int, condition))
    return Map(lambda mean, index: round(mean * (index + 1)), fraction, indices)


def dyck1_by_fractions() -> SOp:
    """For each prefix whether it is balanced (T), can be completed (P), or can't be (F)."""
    balance = opened_so_far(tokens == "(") - opened_so_far(tokens == ")")
    went_wrong = Aggregate(UP_TO_HERE, Map(int, balance < 0))
    return Map(_verdict, went_wrong, balance)


def shuffle_dyck2_ptf() -> SOp:
    """The same for two kinds of brackets that needn't nest: each kind is balanced on its own."""
    round_ones = opened_so_far(tokens == "(") - opened_so_far(tokens == ")")
    curly_ones = opened_so_far(tokens == "{") - opened_so_far(tokens == "}")
    went_wrong = Aggregate(UP_TO_HERE, Map(int, (round_ones < 0) | (curly_ones < 0)))
    still_open = (round_ones != 0) | (curly_ones != 0)
    return Map(_verdict, went_wrong, still_open)


def _verdict(went_wrong: float, open_ones: int) -> str:
    return "F" if went_wrong > 0 else "T" if open_ones == 0 else "P"


def dyck2_ptf() -> SOp:
    """The same for two kinds of brackets that must nest, by matching each closing bracket with its opening one."""
    opens = (tokens == "(") | (tokens == "{")
    depth = count_before(opens) + Map(int, opens) - _closed_so_far()
    # A closing bracket is one deeper than what is left after it: as deep as its opening one.
    level = depth + Map(int, ~opens)
    same_level = Select(level, level, Comparison.EQ)
    number = SelectorWidth(same_level & UP_TO_HERE)  # the how-manieth bracket on its level
    just_before = Select(number, number - 1, Comparison.EQ)
    my_opening = Aggregate(same_level & just_before & where(opens), Map("({".find, tokens), default=-1)
    mismatched = Map(
        lambda bracket, opening: int(bracket in ")}" and ")}".find(bracket) != opening), tokens, my_opening
    )
    went_wrong = SelectorWidth(where(mismatched | (depth < 0)) & UP_TO_HERE)
    return Map(_verdict, went_wrong, depth)


def _closed_so_far() -> SOp:
    return SelectorWidth(where((tokens == ")") | (tokens == "}")) & UP_TO_HERE)


BOS = ("§", "a", "b", "c")
BRACKETS = ("(", ")", "{", "}")

PAPER = (
    Program(
        "histogram_with_bos",
        lambda _: histogram_with_bos(),
        BOS,
        (("§abaac", [0, 3, 1, 3, 3, 1]), ("§", [0]), ("§cc", [0, 2, 2])),
        max_seq_len=6,
        sizes=(6,),
        note="how often each token occurs, as the paper counts it: by the attention that BOS gets",
    ),
    Program(
        "histogram_without_bos",
        lambda _: histogram_without_bos(),
        ("a", "b", "c"),
        (("abaac", [3, 1, 3, 3, 1]), ("b", [1]), ("bba", [2, 2, 1])),
        sizes=(5,),
        note="the paper's width where the input has no BOS: the first position is looked at twice",
    ),
    Program(
        "double_histogram_with_bos",
        lambda _: double_histogram_with_bos(),
        ("§", "a", "b"),
        (("§aab", [0, 1, 1, 1]), ("§abb", [0, 1, 1, 1]), ("§ba", [0, 2, 2])),
        max_seq_len=4,
        sizes=(4,),
        note="how many tokens are as frequent as this one: a histogram of a histogram",
    ),
    Program(
        "sort_pairs",
        lambda _: sort_pairs(),
        ("b1", "a2", "b3", "a4"),
        ((["b1", "a2", "b3", "a4"], ["2", "4", "1", "3"]), (["b3", "b1"], ["3", "1"]), (["a4"], ["4"])),
        sizes=(5,),
        note="values are sorted by the keys that stand beside them, and equal keys keep their order",
    ),
    Program(
        "sort_by_frequency",
        lambda _: sort_by_frequency(),
        ("a", "b", "c"),
        (("abcbb", list("bbbac")), ("caac", list("caac")), ("cbb", list("bbc"))),
        sizes=(5,),
        note="the sort of the paper, by a count that the tokens themselves have",
    ),
    Program(
        "most_frequent",
        lambda n: most_frequent(n),
        ("a", "b", "c"),
        (("abbcb", ["b", "a", "c", "-", "-"]), ("cba", ["c", "b", "a"]), ("aaaa", ["a", "-", "-", "-"])),
        sizes=(5,),
        note="the paper's most frequent tokens: repetitions are sorted behind everything else",
    ),
    Program(
        "dyck1_by_fractions",
        lambda _: dyck1_by_fractions(),
        ("(", ")"),
        (("(())()", list("PPPTPT")), ("())(((", list("PTFFFF")), ("((", list("PP"))),
        max_seq_len=6,
        sizes=(6,),
        note="balanced brackets by the paper's program, which counts by means and indices",
    ),
    Program(
        "shuffle_dyck2_ptf",
        lambda _: shuffle_dyck2_ptf(),
        BRACKETS,
        (("({)}", list("PPPT")), ("()}{", list("PTFF")), ("{(}", list("PPP"))),
        max_seq_len=4,
        sizes=(4,),
        note="two kinds of brackets, each balanced by itself: two balances of fractions meet in one verdict",
    ),
    Program(
        "dyck2_ptf",
        lambda _: dyck2_ptf(),
        BRACKETS,
        (("({})", list("PPPT")), ("({)}", list("PPFF")), ("(){", list("PTP")), ("{}}", list("PTF"))),
        max_seq_len=4,
        sizes=(4,),
        note="the paper's Dyck-2: each closing bracket looks up its opening one by depth and by number on that depth",
    ),
)
