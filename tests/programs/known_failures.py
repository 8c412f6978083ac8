"""Programs that another compiler gets wrong or doesn't take, as a part of the corpus.

Each `known_failure` was seen with Tracr 1.0.0. `docs/known-failures.md` shows them as a table, which
`tests/docs/known_failures.py` makes: a row has the program as it stands here, its first example, and the sentence.
"""

from __future__ import annotations

from raspc import rasp
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, tokens
from tests.programs.program import Program

EVERYTHING = rasp.Select(tokens, tokens, Comparison.TRUE)
NOTHING = rasp.Select(tokens, tokens, Comparison.FALSE)
SAME = rasp.Select(tokens, tokens, Comparison.EQ)
OTHER = rasp.Select(tokens, tokens, Comparison.NEQ)
BEFORE = rasp.Select(indices, indices, Comparison.LT)
UP_TO_HERE = rasp.Select(indices, indices, Comparison.LEQ)
ITSELF = rasp.Select(indices, indices, Comparison.EQ)


def previous(sop: SOp) -> SOp:
    return library.shift_by(1, sop)


RESERVED = ("BOS", "compiler_bos", "PAD", "compiler_pad", "", 0, "a")
"""Tokens that look like those that stand for no token; 0 is the id of a token in many models."""

KNOWN_FAILURES = (
    Program(
        "width_of_ten",
        lambda _: rasp.SelectorWidth(EVERYTHING),
        ("a", "b"),
        (("a" * 10, [10] * 10), ("a" * 9, [9] * 9), ("ab" * 6, [12] * 12)),
        max_seq_len=12,
        sizes=(12,),
        note="neighbouring widths lie closer and closer together, and a decoder must still tell them apart",
        known_failure="answers 9. One slope decodes all widths: 12 comes out as 11, and 200 as 67",
    ),
    Program(
        "reverse_of_ten",
        lambda _: library.make_reverse(tokens),
        ("a", "b", "c"),
        (("abcabcabca", list("acbacbacba")), ("abcabcabc", list("cbacbacba"))),
        max_seq_len=10,
        sizes=(10,),
        note="an index that is computed from a width is wrong as soon as the width is",
        known_failure="answers `c b a c b a c b a a`, as if there were 9 positions",
    ),
    Program(
        "first_of_a_shift",
        lambda _: previous(tokens),
        ("a", "b", "c"),
        (("cab", [None, "c", "a"]), ("b", [None])),
        sizes=(5,),
        note="an undefined output is no token",
        known_failure="answers `a c a`: undefined decodes as the first token",
    ),
    Program(
        "empty_selector",
        lambda _: rasp.Aggregate(NOTHING, tokens),
        ("a", "b", "c"),
        (("cb", [None, None]),),
        sizes=(5,),
        note="where nothing is selected there is no value",
        known_failure="answers `b b`, one of the tokens",
    ),
    Program(
        "number_of_an_empty_selector",
        lambda _: rasp.numerical(rasp.Aggregate(BEFORE, rasp.numerical(tokens == "a"), default=0)),
        ("a", "b"),
        (("ab", [0, 1]), ("ba", [0, 0]), ("abb", [0, 1, 1 / 2])),
        sizes=(5,),
        note="the mean of nothing is the default, to the last bit",
        known_failure="answers 6.2e-09 and not 0 where nothing is selected; any other default is refused",
    ),
    Program(
        "shift_of_a_shift",
        lambda _: previous(previous(tokens)),
        ("a", "b", "c"),
        (("cba", [None, None, "c"]), ("ab", [None, None])),
        sizes=(5,),
        note="what is undefined stays undefined when it is moved",
        known_failure="answers `b a c`: what is undefined is passed on as a token",
    ),
    Program(
        "mean_of_a_shift",
        lambda _: rasp.Aggregate(UP_TO_HERE, previous(tokens)),
        (0, 1, 2),
        (([2, 0, 1, 2], [None, 2, 1, 1]), ([1, 0], [None, 1])),
        sizes=(5,),
        note="a mean leaves out what is undefined",
        known_failure="answers `2 2 0 0`, and its interpreter can't average an undefined value",
    ),
    Program(
        "undefined_key",
        lambda _: rasp.SelectorWidth(rasp.Select(previous(tokens), tokens, lambda key, query: key != query)),
        ("a", "b"),
        (("aab", [0, 0, 2]), ("a", [0]), ("bab", [1, 1, 1])),
        sizes=(5,),
        note="an undefined key is not shown to the predicate",
        known_failure="its interpreter calls the predicate with `None` and answers `1 1 3`, its model `0 0 2`; "
        "with `NEQ` as the predicate the interpreter raises an error",
    ),
    Program(
        "undefined_query",
        lambda _: rasp.Aggregate(rasp.Select(tokens, previous(tokens), Comparison.EQ), tokens, default="-"),
        ("a", "b"),
        (("aab", ["-", "a", "a"]), ("b", ["-"])),
        sizes=(5,),
        note="an undefined query selects nothing and gets the default",
        known_failure="refuses a default that isn't `None`, and its interpreter an undefined query",
    ),
    Program(
        "twice_a_negative_number",
        lambda _: rasp.numerical(rasp.Map(lambda x: 2 * x, rasp.numerical(rasp.Map(lambda x: x, tokens)))),
        (-2, -1, 3),
        (([-2, -1, 3], [-4, -2, 6]), ([-1], [-2])),
        sizes=(5,),
        note="negative numbers pass through a perceptron",
        known_failure="answers `0 0 6`: negative numbers vanish in a ReLU",
    ),
    Program(
        "mean_in_the_value_set",
        lambda _: rasp.Aggregate(EVERYTHING, tokens),
        (0, 1, 2),
        (([0, 2], [1, 1]), ([0, 1, 2], [1, 1, 1]), ([0, 2, 2], [4 / 3] * 3)),
        sizes=(5,),
        note="a mean may be one of the averaged values without being a vote among them",
        known_failure="answers `0 0`: it averages one-hot vectors and decodes the largest entry",
    ),
    Program(
        "prefix_sum",
        lambda _: rasp.SequenceMap(
            lambda mean, count: mean * count,
            rasp.Aggregate(UP_TO_HERE, rasp.Map(lambda x: int(x == "a"), tokens)),
            rasp.Map(lambda i: i + 1, indices),
        ),
        ("a", "b"),
        (("abaab", [1, 1, 2, 3, 3]), ("ba", [0, 1])),
        sizes=(5, 10),
        note="a running sum: a mean multiplied by a number of positions",
        known_failure="answers `1 0 3 4 5`; made numerical it is refused, or answers `1 1 1.5 4 2.5`",
    ),
    Program(
        "prefix_sum_of_numbers",
        lambda _: rasp.Aggregate(UP_TO_HERE, tokens) * rasp.SelectorWidth(UP_TO_HERE),
        (-1, 0, 5),
        (([5, -1, -1, 5], [5, 4, 3, 8]), ([-1, 0], [-1, -1])),
        sizes=(5, 10),
        note="a running sum of numbers of both signs",
        known_failure="answers `5 -2 -3 -4`; made numerical it is refused, since it only averages 0 and 1",
    ),
    Program(
        "two_widths_of_one_layer",
        lambda _: rasp.SelectorWidth(rasp.Select(rasp.SelectorWidth(SAME), rasp.SelectorWidth(OTHER), Comparison.LEQ)),
        ("a", "b"),
        (("abaab", [2, 5, 2, 2, 5]), ("ba", [2, 2]), ("aaa", [0, 0, 0])),
        sizes=(5,),
        note="two widths in one layer clean the BOS position once",
        known_failure="answers `5 5 5 5 5`: each width cleans the BOS position, which is cleaned twice",
    ),
    Program(
        "padding_everywhere",
        lambda _: rasp.SequenceMap(
            lambda token, width: width, tokens, rasp.SelectorWidth(rasp.Select(indices, indices, Comparison.TRUE))
        ),
        ("a", "b"),
        (("ab", [2, 2]), ("abab", [4, 4, 4, 4])),
        sizes=(5,),
        note="padding isn't counted where everything is selected",
        known_failure="answers `4 4` if two tokens of padding follow: they are selected",
    ),
    Program(
        "padding_behind",
        lambda _: rasp.SequenceMap(
            lambda token, width: width, tokens, rasp.SelectorWidth(rasp.Select(indices, indices, Comparison.GEQ))
        ),
        ("a", "b"),
        (("ab", [2, 1]), ("abba", [4, 3, 2, 1])),
        sizes=(5,),
        note="padding isn't counted where the selector looks ahead",
        known_failure="answers `4 3` if two tokens of padding follow",
    ),
    Program(
        "true_among_numbers",
        lambda _: rasp.SelectorWidth(SAME),
        (True, 0, 2),
        (([True, 0, 2], [1, 1, 1]), ([2, 1, 0, True], [1, 2, 1, 2])),
        sizes=(5,),
        note="True is 1, in the vocabulary and in an input",
        known_failure="answers `1 1 1`, `1 1 0` or `0 1 1`, depending on the hash seed of the process",
    ),
    Program(
        "reserved_tokens",
        lambda _: library.make_reverse(tokens),
        RESERVED,
        ((["BOS", "PAD", 0, "", "a"], ["a", "", 0, "PAD", "BOS"]), (["compiler_bos"], ["compiler_bos"])),
        sizes=(5,),
        note="no token is reserved for BOS or padding",
        known_failure="refuses a vocabulary with the names that it keeps for BOS and padding; "
        "in an input it takes them: the length of `a BOS` is `1 0`",
    ),
    Program(
        "count_of_reserved_tokens",
        lambda _: rasp.SelectorWidth(SAME),
        RESERVED,
        ((["BOS", "PAD", "BOS", 0], [2, 1, 2, 1]), (["compiler_pad", "compiler_pad"], [2, 2])),
        sizes=(5,),
        note="tokens that look like BOS are counted as any others",
        known_failure="refuses it as well",
    ),
    Program(
        "tokens",
        lambda _: tokens,
        ("a", "b", "c"),
        (("cab", ["c", "a", "b"]),),
        sizes=(5, 10),
        note="the input as the output: a model of no layer",
        known_failure="stops with `min() arg is an empty sequence`",
    ),
    Program(
        "indices",
        lambda _: indices,
        ("a", "b", "c"),
        (("cab", [0, 1, 2]),),
        sizes=(5, 10),
        note="the positions as the output, which no token decides",
        known_failure="stops with `min() arg is an empty sequence`",
    ),
    Program(
        "twice_the_index",
        lambda _: rasp.Map(lambda i: 2 * i, indices),
        ("a", "b", "c"),
        (("cab", [0, 2, 4]),),
        sizes=(5,),
        note="a program that doesn't read the tokens",
        known_failure="refuses a program that doesn't read the tokens",
    ),
    Program(
        "full",
        lambda _: rasp.Full("x"),
        ("a", "b", "c"),
        (("ab", ["x", "x"]),),
        sizes=(5, 10),
        note="a constant as the output, with nothing to compute",
        known_failure="refuses a constant as the output",
    ),
    Program(
        "more_values_than_keys",
        lambda _: rasp.Aggregate(ITSELF, tokens),
        ("a", "b", "c", "d", "e", "f", "g", "h"),
        (("hac", ["h", "a", "c"]),),
        max_seq_len=3,
        sizes=(3,),
        note="more different values than positions pass through one head",
        known_failure="stops with `could not broadcast input array from shape (22,8) into shape (22,5)`, "
        "the number of values and that of keys",
    ),
    Program(
        "frequent",
        lambda _: rasp.Map(lambda n: n > 1, rasp.SelectorWidth(SAME)),
        ("a", "b", "c"),
        (("abac", [True, False, True, False]),),
        sizes=(5,),
        note="the names of directions don't depend on what was compiled before",
        known_failure="names the directions by a counter of the process: the same program, built and compiled again, "
        "has other names",
    ),
)
"""The programs, in the order of the table."""
