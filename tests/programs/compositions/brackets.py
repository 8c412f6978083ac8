"""Programs about brackets besides those of the paper."""

from __future__ import annotations

from raspc.rasp import Aggregate, Comparison, Map, Select, SelectorWidth, SOp, indices, tokens
from tests.programs.compositions.parts import UP_TO_HERE, count_up_to_here, where
from tests.programs.program import Program


def depth() -> SOp:
    """How many brackets are open after each token."""
    return count_up_to_here(tokens == "(") - count_up_to_here(tokens == ")")


def deepest() -> SOp:
    """The largest depth of the input: that of a position than which none is deeper."""
    deeper = SelectorWidth(Select(depth(), depth(), Comparison.GT))
    return Aggregate(where(deeper == 0), depth())


def matching_bracket() -> SOp:
    """The index of the opening bracket that a closing one closes; -1 if there is none, and for opening ones.

    It is the last opening bracket that is as deep, and what lies between is deeper. So of the brackets on a level the
    closing one comes right after its opening one, and it suffices to number them.
    """
    level = depth() + Map(int, tokens == ")")
    same_level = Select(level, level, Comparison.EQ)
    number = SelectorWidth(same_level & UP_TO_HERE)
    partner = same_level & Select(number, number - 1, Comparison.EQ)
    index = Aggregate(partner, indices, default=-1)
    return Map(lambda token, found: found if token == ")" else -1, tokens, index)


VOCABULARY = ("(", ")", "x")

BRACKETS = (
    Program(
        "bracket_depth",
        lambda _: depth(),
        VOCABULARY,
        (("(x(x))", [1, 1, 2, 2, 1, 0]), ("))(", [-1, -2, -1]), ("x", [0])),
        max_seq_len=6,
        sizes=(6,),
        note="the depth of nesting is the difference of two running counts, and may be negative",
    ),
    Program(
        "deepest_bracket",
        lambda _: deepest(),
        VOCABULARY,
        (("(())", [2] * 4), (")x", [-1, -1]), ("(x(", [2, 2, 2])),
        max_seq_len=4,
        sizes=(4,),
        note="a maximum over positions: that of a depth than which none is greater",
    ),
    Program(
        "matching_bracket",
        lambda _: matching_bracket(),
        ("(", ")"),
        (("(())", [-1, -1, 1, 0]), ("())(", [-1, 0, -1, -1]), ("()()", [-1, 0, -1, 2])),
        max_seq_len=4,
        sizes=(4,),
        note="each closing bracket points to its opening one, which two selectors and a condition find",
    ),
)
