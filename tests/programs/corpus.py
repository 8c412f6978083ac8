"""The corpus: RASP programs with inputs and the outputs that they have by the definition of the language.

The outputs are written by hand. `compositions/` has programs as people write them; here are those of the library, the
corners of the language, and causal programs. Every level of the compiler and every runtime is checked against this
one list.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from raspc import rasp
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, length, tokens
from tests.programs.compositions import COMPOSITIONS
from tests.programs.floats import FLOAT_PROGRAMS
from tests.programs.known_failures import KNOWN_FAILURES
from tests.programs.program import Program

__all__ = ["CORPUS", "Program"]

ABC = ("a", "b", "c")
NUMBERS = (1, 2, 3)
BITS = (0, 1)
BRACKETS = ("(", ")", "{", "}")
SMALL = (5, 10, 20)


def _select_all() -> rasp.Select:
    return rasp.Select(indices, indices, Comparison.TRUE)


def _up_to_here() -> rasp.Select:
    return rasp.Select(indices, indices, Comparison.LEQ)


def _previous(sop: SOp) -> SOp:
    return library.shift_by(1, sop)


def _forty_times(step: Callable[[Any], Any], expression: Any) -> Any:
    for _ in range(40):
        expression = step(expression)
    return expression


def _not_with_undefined_keys(_: int) -> SOp:
    # The first position has no previous token: it is selected neither by `same` nor by `~same`.
    same = rasp.Select(_previous(tokens), tokens, Comparison.EQ)
    return rasp.SelectorWidth(~same)


def _not_not_with_undefined_keys(_: int) -> SOp:
    return rasp.SelectorWidth(~~rasp.Select(_previous(tokens), tokens, Comparison.EQ))


def _not_of_and_with_undefined_keys(_: int) -> SOp:
    # At key 0 `same` is unknown: the `and` is unknown too, unless the other side is false.
    same = rasp.Select(_previous(tokens), tokens, Comparison.EQ)
    earlier = rasp.Select(indices, indices, Comparison.LT)
    return rasp.SelectorWidth(~(same & earlier))


def _looked_up_combination(_: int) -> SOp:
    # Some values of the combination differ by rounding alone; its first operand becomes numerical before.
    place = rasp.numerical(rasp.Map(lambda x, y: x if x != y else None, indices, tokens))
    mean = rasp.Aggregate(rasp.Select(length, place, Comparison.GT), indices, 0.5)
    return rasp.categorical(rasp.LinearSequenceMap(place, mean, 0.5, 2))


def _later_ones_or_the_first() -> rasp.SelectorOr:
    ones = rasp.Select(tokens == 1, indices, lambda key, query: key and query > 0)
    return ones | rasp.Select(indices, indices, lambda key, query: key == query == 0)


def _not_of_and_of_or_with_undefined_keys(_: int) -> SOp:
    # At key 0 the `or` is unknown unless its other side holds, and what is unknown stays so under `~`.
    same = rasp.Select(tokens, tokens, Comparison.EQ)
    either = rasp.Select(_previous(tokens), tokens, Comparison.EQ) | rasp.Select(indices, indices, Comparison.GT)
    return rasp.SelectorWidth(~(same & either))


def _or_with_undefined_keys(_: int) -> SOp:
    same = rasp.Select(_previous(tokens), tokens, Comparison.EQ)
    itself = rasp.Select(indices, indices, Comparison.EQ)
    return rasp.SelectorWidth(same | itself)


def _share_of_ones() -> SOp:
    return rasp.Aggregate(_up_to_here(), tokens == 1)


def _times_and_more(x: int, factor: int = 2, *, more: int = 1) -> int:
    return x * factor + more


def _vowel(letter: str) -> str | None:
    if letter == "a":
        return "vowel"
    for consonant in "bc":
        if letter == consonant:
            return letter.upper()
    return None


LIBRARY_PROGRAMS = (
    Program(
        "length",
        lambda _: library.make_length(),
        ABC,
        (("a", [1]), ("abcab", [5, 5, 5, 5, 5])),
        sizes=SMALL,
        note="the simplest width: everything is selected",
    ),
    Program(
        "reverse",
        lambda _: library.make_reverse(tokens),
        NUMBERS,
        (([1], [1]), ([1, 2], [2, 1]), ([3, 1, 1, 2, 3], [3, 2, 1, 1, 3])),
        sizes=SMALL,
        note="the first example of the RASP paper, whose index is computed from the length",
    ),
    Program(
        "reverse_strings",
        lambda _: library.make_reverse(tokens),
        ABC,
        (("abbc", list("cbba")),),
        sizes=SMALL,
        note="moving a value needs no numbers: the same program on letters",
    ),
    Program(
        "is_palindrome",
        lambda _: library.make_is_palindrome(),
        ABC,
        (("a", [True]), ("abcba", [True] * 5), ("abca", [False] * 4)),
        note="an input compared with its reverse, and one verdict for all positions",
    ),
    Program(
        "hist",
        lambda _: library.make_hist(),
        ABC,
        (("a", [1]), ("abac", [2, 1, 2, 1]), ("ccccc", [5] * 5)),
        sizes=SMALL,
        note="a histogram: the width of equality of tokens with themselves",
    ),
    Program(
        "double_hist",
        lambda _: library.make_double_hist(),
        ABC,
        (("a", [1]), ("abc", [3, 3, 3]), ("aabcb", [2, 2, 2, 1, 2])),
        note="a selector and over a map of a width",
    ),
    Program(
        "is_first",
        lambda _: library.make_is_first(),
        ABC,
        (("abacb", [True, True, False, True, False]),),
        note="an occurrence is the first if none is before it, which a selector and finds",
    ),
    Program(
        "sort_unique",
        lambda _: library.make_sort_unique(tokens, tokens),
        (1, 2, 3, 4, 5),
        (([2, 4, 3, 1], [1, 2, 3, 4]), ([5, 1], [1, 5]), ([3, 3, 1], [1, 3, None])),
        note="equal keys meet at one position and leave a gap",
    ),
    Program(
        "sort",
        lambda n: library.make_sort(tokens, tokens, max_seq_len=n, min_key=1),
        NUMBERS,
        (([3, 1, 2], [1, 2, 3]), ([3, 1, 3, 1, 2], [1, 1, 2, 3, 3]), ([2], [2])),
        note="a sort by keys that an affine combination with the indices makes distinct",
    ),
    Program(
        "sort_stable",
        lambda _: library.make_sort_stable(tokens, tokens),
        ABC,
        (("cbaab", list("aabbc")), ("c", ["c"])),
        note="a selector or, of strings",
    ),
    Program(
        "sort_freq",
        lambda n: library.make_sort_freq(n),
        NUMBERS,
        (([2, 3, 2, 1], [2, 2, 3, 1]), ([1, 2, 2, 1, 3], [1, 2, 2, 1, 3]), ([3, 1, 1], [1, 1, 3])),
        note="a sort by a width, from the most to the least frequent token",
    ),
    Program(
        "most_freq",
        lambda n: library.make_most_freq(n),
        ABC,
        (("abbcb", ["b", "a", "c", None, None]), ("cba", ["c", "b", "a"]), ("aaaa", ["a", None, None, None])),
        note="undefined keys that must not take a place",
    ),
    Program(
        "frac_prevs",
        lambda _: library.make_frac_prevs(tokens == "a"),
        ABC,
        (("abaab", [1, 1 / 2, 2 / 3, 3 / 4, 3 / 5]), ("cb", [0, 0])),
        note="the running fraction of a token, whose values are Farey fractions",
    ),
    Program(
        "num_prevs",
        lambda _: library.num_prevs(tokens == "a"),
        ABC,
        (("abaab", [1, 1, 2, 3, 3]),),
        note="the running count of a token, which a selector and with the indices gives",
    ),
    Program(
        "pair_balance",
        lambda _: library.make_pair_balance(tokens, "(", ")"),
        ("(", ")", "x"),
        (("(x)", [1, 1 / 2, 0]), ("))(", [-1, -1, 1 / 3 - 2 / 3])),
        note="a difference of two means",
    ),
    Program(
        "shuffle_dyck2",
        lambda _: library.make_shuffle_dyck2(),
        BRACKETS,
        (("({)}", [True] * 4), ("(){)}", [False] * 5), (")(", [False] * 2), ("((", [False] * 2), ("()", [True] * 2)),
        note="two kinds of brackets, each balanced by itself, by means that must be told from 0",
    ),
    Program(
        "dyck1_ptf",
        lambda _: library.make_dyck1_ptf(),
        ("(", ")", "x"),
        (("(x)x(", ["P", "P", "T", "T", "P"]), ("())()", ["P", "T", "F", "F", "F"])),
        note="the output is categorical and computed from two widths",
    ),
    Program(
        "shift_by_2",
        lambda _: library.shift_by(2, tokens),
        ABC,
        (("abcab", [None, None, "a", "b", "c"]), ("a", [None])),
        sizes=SMALL,
        note="a shift by a predicate on indices, undefined where nothing arrives",
    ),
    Program(
        "shift_by_minus_1",
        lambda _: library.shift_by(-1, tokens),
        NUMBERS,
        (([1, 2, 3], [2, 3, None]),),
        note="a shift to the left, where the last position has nothing to read",
    ),
    Program(
        "detect_pattern",
        lambda _: library.detect_pattern(tokens, "ab"),
        ABC,
        (("abcab", [None, True, False, False, True]), ("b", [None])),
        note="a pattern of two tokens, undefined where it can't have begun",
    ),
    Program(
        "count",
        lambda _: library.make_count(tokens, "a"),
        ABC,
        (("abaa", [3, 3, 3, 3]), ("bc", [0, 0])),
        note="how often one token occurs, the same at every position",
    ),
    Program(
        "count_less_freq",
        lambda _: library.make_count_less_freq(2),
        ABC,
        (("aaabb", [2] * 5), ("abcab", [5] * 5), ("aaa", [0] * 3)),
        note="a width over a comparison of widths",
    ),
    Program(
        "nary_sequencemap",
        lambda _: library.make_nary_sequencemap(lambda x, y, z: x + y - z, tokens, indices, length),
        NUMBERS,
        (([3, 1, 2], [0, -1, 1]),),
        note="a map of three sources, one of which is a width",
    ),
)

SMALL_PROGRAMS = (
    Program(
        "large_value_on_the_way",
        lambda _: rasp.Map(lambda x: 2**x % 7, tokens),
        (3, 70_000),
        (((3, 70_000), [1, 2]),),
        sizes=(5,),
        note="a user's own function computes what Python computes, also where a value on the way is large",
    ),
    Program(
        "long_text_on_the_way",
        lambda _: rasp.SelectorWidth(rasp.Select(tokens, tokens, lambda k, q: ("ab" * k)[5:7] == ("ab" * q)[5:7])),
        (2, 3, 20_000),
        (((2, 3, 20_000), [1, 1, 1]), ((20_000, 2, 20_000), [2, 1, 2])),
        sizes=(5,),
        note="and so does a predicate",
    ),
    Program(
        "tokens_numerical",
        lambda _: rasp.numerical(tokens),
        NUMBERS,
        (([3, 1], [3, 1]),),
        sizes=SMALL,
        note="tokens asked for as numbers, although an embedding is one-hot",
    ),
    Program(
        "full_number",
        lambda _: rasp.Full(-1.5),
        NUMBERS,
        (([1, 2], [-1.5, -1.5]),),
        note="a negative fraction as a constant",
    ),
    Program(
        "even_indices",
        lambda _: indices % 2 == 0,
        ABC,
        (("abc", [True, False, True]),),
        sizes=SMALL,
        note="a program of positions alone, which the embedding computes",
    ),
    Program(
        "mean",
        lambda _: rasp.numerical(rasp.Aggregate(_select_all(), rasp.numerical(tokens))),
        (0, 1, 5),
        (([1], [1]), ([0, 1], [0.5, 0.5]), ([0, 1, 5], [2, 2, 2]), ([5, 5, 1], [11 / 3] * 3)),
        note="a mean of integers",
    ),
    Program(
        "running_mean_of_negatives",
        lambda _: rasp.Aggregate(_up_to_here(), tokens),
        (-3, -1, 2),
        (([-3, -1, 2], [-3, -2, -2 / 3]), ([2, -1], [2, 0.5])),
        note="the mean of an s-op whose encoding is left open",
    ),
    Program(
        "mean_of_defined",
        lambda _: rasp.Aggregate(_select_all(), rasp.Map(lambda x: x if x > 0 else None, tokens), default=-7),
        (-1, 0, 2, 3),
        (([-1, 2, 3], [2.5] * 3), ([0, -1], [-7, -7]), ([2, 0, 2], [2] * 3)),
        note="undefined values are left out of the mean",
    ),
    Program(
        "string_default",
        lambda _: rasp.Aggregate(rasp.Select(indices, indices - 1, Comparison.EQ), tokens, default="none"),
        ABC,
        (("abc", ["none", "a", "b"]),),
        note="a default that is no token and fills the first position",
    ),
    Program(
        "other_type_default",
        lambda _: rasp.Aggregate(rasp.Select(indices, indices - 1, Comparison.EQ), tokens, default=(0, "none")),
        NUMBERS,
        (([3, 2, 1], [(0, "none"), 3, 2]),),
        note="the default has another type than the values",
    ),
    Program(
        "numerical_default",
        lambda _: rasp.numerical(
            rasp.Aggregate(rasp.Select(indices, indices, Comparison.LT), rasp.numerical(tokens), default=10)
        ),
        NUMBERS,
        (([1, 2, 3], [10, 1, 1.5]),),
        note="the default is far from the mean of anything",
    ),
    Program(
        "empty_selector_width",
        lambda _: rasp.SelectorWidth(rasp.Select(tokens, tokens, Comparison.FALSE)),
        ABC,
        (("ab", [0, 0]),),
        note="the width of a selector that never selects",
    ),
    Program(
        "key_only_predicate",
        lambda _: rasp.SelectorWidth(rasp.Select(tokens, indices, lambda key, query: key)),
        (0, 1, ""),
        (([0, 1, "", 1], [2] * 4),),
        note="a predicate that returns a value and not a bool",
    ),
    Program(
        "upper",
        lambda _: rasp.Map(lambda x: x.upper() + "!", tokens),
        ABC,
        (("ab", ["A!", "B!"]),),
        sizes=SMALL,
        note="an opaque function of strings",
    ),
    Program(
        "concatenation",
        lambda _: rasp.SequenceMap(lambda x, y: x + y, tokens, library.make_reverse(tokens)),
        ABC,
        (("abc", ["ac", "bb", "ca"]),),
        note="strings of two sources joined to new values",
    ),
    Program(
        "division_by_zero",
        lambda _: 6 / tokens,
        (0, 1, 2, 4),
        (([0, 1, 2, 4], [None, 6, 3, 1.5]),),
        note="a map that raises is undefined",
    ),
    Program(
        "undefined_spreads",
        lambda _: rasp.SequenceMap(lambda x, y: x + y, 1 // tokens, indices),
        (0, 1, 2),
        (([1, 0, 2], [1, None, 2]),),
        note="a map of an undefined operand is undefined, whatever the other one is",
    ),
    Program(
        "maps_to_none",
        lambda _: rasp.Map(lambda x: None if x == "b" else x, tokens),
        ABC,
        (("abc", ["a", None, "c"]),),
        sizes=SMALL,
        note="a function that returns None leaves a position undefined",
    ),
    Program(
        "not_with_undefined_keys",
        _not_with_undefined_keys,
        ABC,
        (("aba", [1, 1, 1]), ("a", [0]), ("abc", [1, 1, 2])),
        note="an undefined key is selected neither by a selector nor by its not",
    ),
    Program(
        "not_not",
        _not_not_with_undefined_keys,
        ABC,
        (("aba", [1, 1, 1]), ("abc", [1, 1, 0])),
        note="two negations of a selector with unknown elements give it back",
    ),
    Program(
        "not_of_and",
        _not_of_and_with_undefined_keys,
        ABC,
        (("aba", [3, 2, 1]), ("a", [1]), ("abb", [3, 2, 2])),
        note="the negation of an `and` of which one side may be unknown",
    ),
    Program(
        "not_of_and_of_or",
        _not_of_and_of_or_with_undefined_keys,
        ABC,
        (("ab", [1, 2]), ("a", [0]), ("aa", [0, 0])),
        note="negations go inward before disjunctions are merged: a merged one no longer knows what was unknown",
    ),
    Program(
        "or_with_undefined_keys",
        _or_with_undefined_keys,
        ABC,
        (("aba", [2, 2, 2]), ("abc", [2, 2, 1])),
        note="an `or` is true where one side is, even if the other one is unknown",
    ),
    Program(
        "select_none_of_undefined_queries",
        lambda _: rasp.SelectorWidth(rasp.Select(tokens, _previous(tokens), Comparison.TRUE)),
        ABC,
        (("abc", [0, 3, 3]),),
        note="even a predicate that is always true needs a defined query",
    ),
    Program(
        "and_of_selectors",
        lambda _: rasp.SelectorWidth(
            rasp.Select(tokens, tokens, Comparison.EQ) & rasp.Select(indices, indices, Comparison.LT)
        ),
        ABC,
        (("abaab", [0, 0, 1, 2, 1]),),
        note="the width of two conjuncts, one of tokens and one of indices",
    ),
    Program(
        "aggregate_and_of_selectors",
        lambda _: rasp.Aggregate(
            rasp.Select(tokens, tokens, Comparison.NEQ) & rasp.Select(indices, indices - 1, Comparison.EQ), tokens, "-"
        ),
        ABC,
        (("abbc", ["-", "a", "-", "b"]),),
        note="at most one position is selected, and a proof must see it",
    ),
    Program(
        "disjoint_or",
        lambda _: rasp.Aggregate(_later_ones_or_the_first(), indices),
        (1, 2),
        (([2, 1, 1], [0, 1.5, 1.5]), ([2, 2], [0, None]), ([1, 2], [0, 0])),
        sizes=SMALL,
        note="selects of different s-ops of which never two hold are added up in one head",
    ),
    Program(
        "window",
        lambda _: rasp.SelectorWidth(
            rasp.Select(indices, indices, Comparison.LEQ) & rasp.Select(indices, indices - 2, Comparison.GEQ)
        ),
        ABC,
        (("abcab", [1, 2, 3, 3, 3]),),
        sizes=SMALL,
        note="two selects of positions are one predicate, and few dimensions",
    ),
    Program(
        "width_of_a_union",
        lambda _: rasp.SelectorWidth(
            rasp.Select(tokens, tokens, Comparison.EQ) | rasp.Select(indices, indices, Comparison.LT)
        ),
        tuple("abcdefgh"),
        (("abac", [2, 2, 3, 4]), ("hh", [2, 2])),
        sizes=SMALL,
        note="a union that is counted as the length less what isn't in it",
    ),
    Program(
        "union_with_undefined_keys",
        lambda _: rasp.SelectorWidth(
            rasp.Select(_previous(tokens), tokens, Comparison.EQ) | rasp.Select(indices, indices, Comparison.LT)
        ),
        tuple("abcdefgh"),
        (("aab", [2, 3, 2]), ("aba", [1, 2, 2]), ("c", [0])),
        sizes=(10,),
        note="a union that is counted by inclusion and exclusion",
    ),
    Program(
        "true_and_one",
        lambda _: rasp.SelectorWidth(rasp.Select(tokens == 1, tokens, Comparison.EQ)),
        (0, 1, 2),
        (([1, 0, 2], [1, 2, 0]),),
        note="True equals 1 and False equals 0",
    ),
    Program(
        "mixed_types",
        lambda _: rasp.Map(lambda x: 1 if x == "a" else True if x == "b" else 2.0, tokens),
        ABC,
        (("abc", [1, True, 2]),),
        note="equal values of different types in one domain",
    ),
    Program(
        "negative_numbers",
        lambda _: tokens - 3 * indices,
        (-2, 0, 2),
        (([-2, 0, 2], [-2, -3, -4]),),
        note="an affine combination that goes below zero",
    ),
    Program(
        "affine_of_widths",
        lambda _: rasp.LinearSequenceMap(library.make_hist(), length, 2, -1),
        ABC,
        (("aab", [1, 1, -1]), ("a", [1])),
        note="negative numbers after a width",
    ),
    Program(
        "tuples",
        lambda _: rasp.SequenceMap(lambda x, y: (x, y), tokens, _previous(tokens)),
        ABC,
        (("abc", [None, ("b", "a"), ("c", "b")]),),
        note="tuples as values",
    ),
    Program(
        "tuple_keys",
        lambda _: rasp.SelectorWidth(
            rasp.Select(
                rasp.SequenceMap(lambda x, i: (x, i), tokens, indices),
                rasp.SequenceMap(lambda x, i: (x, i), tokens, indices),
                Comparison.LEQ,
            )
        ),
        ABC,
        (("aba", [1, 3, 2]),),
        note="tuples as keys and queries, compared in Python's order",
    ),
    Program(
        "tuple_tokens",
        lambda _: rasp.Map(lambda x: x[0], tokens),
        ((1, "a"), (2, "b")),
        (([(2, "b")], [2]),),
        note="tuples as tokens, of which a map takes a part",
    ),
    Program(
        "logic",
        lambda _: (tokens == "a") & ~(indices == 0) | (tokens == "b"),
        ABC,
        (("aabc", [False, True, True, False]),),
        note="and, or and not of conditions on tokens and indices",
    ),
    Program("constant_or", lambda _: 0 | tokens, ("", "x"), ((["", "x"], ["", "x"]),), note="`0 or x` is x"),
    Program(
        "absolute",
        lambda _: abs(tokens) * -1,
        (-2, 0, 2),
        (([-2, 0, 2], [-2, 0, -2]),),
        note="an absolute value between signs: a map of a map",
    ),
    Program(
        "three_operands",
        lambda _: rasp.Map(lambda x, y, z: y if x == z else None, tokens, indices, library.make_reverse(tokens)),
        ABC,
        (("abca", [0, None, None, 3]), ("aba", [0, 1, 2])),
        note="a map of three sources that is undefined where two of them differ",
    ),
    Program(
        "default_arguments",
        lambda _: rasp.Map(_times_and_more, tokens) + rasp.Map(partial(_times_and_more, factor=5), tokens),
        NUMBERS,
        (([1, 2, 3], [9, 16, 23]),),
        sizes=(5,),
        note="functions with default arguments, and partial ones",
    ),
    Program(
        "branches",
        lambda _: rasp.Map(_vowel, tokens),
        (*ABC, "d"),
        (("abd", ["vowel", "B", None]),),
        sizes=(5,),
        note="a function with branches and a loop, which returns nothing for some values",
    ),
    Program(
        "methods",
        lambda _: rasp.SequenceMap(lambda x, y: (x, y), rasp.Map(str.upper, tokens), rasp.Map("abc".index, tokens)),
        (*ABC, "d"),
        (("cad", [("C", 2), ("A", 0), None]),),
        sizes=(5,),
        note="methods of strings, one of which raises for a value",
    ),
    Program(
        "five_operands",
        lambda _: rasp.Map(lambda *xs: sum(xs), tokens, indices, length, tokens, indices),
        BITS,
        (([1, 0, 1], [5, 5, 9]),),
        sizes=(5,),
        note="a map of five s-ops, by a function of any number of arguments",
    ),
    Program(
        "numerical_keys",
        lambda _: rasp.SelectorWidth(rasp.Select(_share_of_ones(), _share_of_ones(), Comparison.LT)),
        BITS,
        (([0, 1, 1], [0, 1, 2]), ([1, 0], [1, 0])),
        sizes=(5,),
        note="means as keys and as queries, without an annotation",
    ),
    Program(
        "numerical_operands",
        lambda _: rasp.Map(lambda m, i, n: "most" if m > 0.5 else n - i, _share_of_ones(), indices, length),
        BITS,
        (([1, 1, 0, 0], ["most", "most", "most", 1]), ([0, 1], [2, 1])),
        sizes=(5,),
        note="a mean is an operand of a map to strings and numbers, without an annotation",
    ),
    Program(
        "mean_of_widths",
        lambda _: rasp.Aggregate(_up_to_here(), library.make_hist()),
        ABC,
        (("aab", [2, 2, 5 / 3]), ("ab", [1, 1])),
        sizes=(5,),
        note="one-hot widths are averaged, without an annotation",
    ),
    Program(
        "mean_of_a_mean",
        lambda _: rasp.Aggregate(_up_to_here(), rasp.Aggregate(_up_to_here(), rasp.Map(lambda x: x * 2, tokens))),
        BITS,
        (([1, 0, 1], [2, 1.5, (2 + 1 + 4 / 3) / 3]), ([0, 0], [0, 0])),
        note="a mean over fractions",
        sizes=(5,),
    ),
    Program(
        "looked_up_combination",
        _looked_up_combination,
        (-999, 1, 1000),
        (([1000, 1000, 1000], [2, 2.5, 3]), ([1000, 1], [1, None])),
        sizes=(5,),
        note="numbers that differ by rounding alone are looked up, whatever encoding the user asked for",
    ),
    Program(
        "several_equal_values",
        lambda _: rasp.Aggregate(rasp.Select(tokens, tokens, Comparison.EQ), rasp.Map(lambda x: x.upper(), tokens)),
        ABC,
        (("aabca", ["A", "A", "B", "C", "A"]),),
        sizes=(5,),
        note="strings of which several are selected, all equal",
    ),
    Program(
        "string_default_of_a_mean",
        lambda _: rasp.Aggregate(rasp.Select(indices, indices, Comparison.LT), tokens, default="none"),
        (1, 2, 4),
        (([1, 2, 4, 4], ["none", 1, 1.5, 7 / 3]), ([2, 2], ["none", 2])),
        sizes=(5,),
        note="the values are numbers, the default is none",
    ),
    Program(
        "tuple_default_of_undefined_values",
        lambda _: rasp.Aggregate(_select_all(), rasp.Map(lambda x: x if x > 1 else None, tokens), default=(0, "x")),
        (1, 2, 4),
        (([1, 2, 4, 4], [10 / 3] * 4), ([1, 1], [(0, "x"), (0, "x")])),
        sizes=(5,),
        note="a mean of what is defined, and a tuple where nothing is",
    ),
    Program(
        "chain_of_40_maps",
        lambda _: _forty_times(lambda sop: (sop + sop) % 7, tokens),
        (0, 1, 2),
        (([2, 0, 1], [4, 0, 2]),),
        sizes=(5,),
        note="a tree of 2 ** 40 leaves: modulo 7 the 40th power of 2 is 2",
    ),
    Program(
        "chain_of_40_selectors",
        lambda _: rasp.SelectorWidth(
            _forty_times(lambda select: ~(select & select), rasp.Select(tokens, tokens, Comparison.LEQ))
        ),
        (0, 1, 2),
        (([2, 0, 1, 0], [4, 2, 3, 2]),),
        sizes=(5,),
        note="a tree of 2 ** 40 selectors; it is negated an even number of times",
    ),
    Program(
        "one_position_shifted",
        lambda _: _previous(tokens),
        ABC,
        (("b", [None]),),
        max_seq_len=1,
        sizes=(1,),
        note="there is no position but one",
    ),
    Program(
        "one_position_averaged",
        lambda _: rasp.Aggregate(_up_to_here(), tokens) * length + rasp.SelectorWidth(_select_all()),
        (-1, 5),
        (([5], [6]), ([-1], [0])),
        max_seq_len=1,
        sizes=(1,),
        note="means and widths where there is one position only",
    ),
)

CAUSAL_PROGRAMS = (
    Program(
        "causal_length",
        lambda _: library.make_length(),
        ABC,
        (("abc", [1, 2, 3]),),
        causal=True,
        sizes=SMALL,
        note="a causal length is the number of positions so far",
    ),
    Program(
        "causal_hist",
        lambda _: library.make_hist(),
        ABC,
        (("abaab", [1, 1, 2, 3, 2]),),
        causal=True,
        note="a causal histogram counts the occurrences so far",
    ),
    Program(
        "causal_frac_prevs",
        lambda _: library.make_frac_prevs(tokens == "a"),
        ABC,
        (("abaab", [1, 1 / 2, 2 / 3, 3 / 4, 3 / 5]),),
        causal=True,
        note="a selector that is causal already isn't changed by causality",
    ),
    Program(
        "causal_shift",
        lambda _: library.shift_by(1, tokens),
        ABC,
        (("abc", [None, "a", "b"]),),
        causal=True,
        note="a shift to the right looks back and stays as it is",
    ),
    Program(
        "causal_not",
        lambda _: rasp.SelectorWidth(~rasp.Select(tokens, tokens, Comparison.EQ)),
        ABC,
        (("abca", [0, 1, 2, 2]),),
        causal=True,
        note="the not of a selector doesn't look ahead either",
    ),
    Program(
        "causal_later_keys",
        lambda _: rasp.Aggregate(rasp.Select(indices, indices, Comparison.GT), tokens, default="-"),
        ABC,
        (("abc", ["-", "-", "-"]),),
        causal=True,
        note="there is nothing to see ahead",
    ),
    Program(
        "causal_dyck1_ptf",
        lambda _: library.make_dyck1_ptf(),
        ("(", ")", "x"),
        (("(x)x(", ["P", "P", "T", "T", "P"]), ("())()", ["P", "T", "F", "F", "F"])),
        causal=True,
        note="a verdict on prefixes needs no later positions",
    ),
)

CORPUS: tuple[Program, ...] = (
    *LIBRARY_PROGRAMS,
    *SMALL_PROGRAMS,
    *CAUSAL_PROGRAMS,
    *KNOWN_FAILURES,
    *COMPOSITIONS,
    *FLOAT_PROGRAMS,
)
"""All programs."""
