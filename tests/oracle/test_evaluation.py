"""The oracle on the examples of `docs/language.md`, and on what the page says in words."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import MeaninglessError, read_source

POSITIVE = "positive = rasp.Map(lambda x: x if x > 0 else None, rasp.tokens)"
SAME = f"{POSITIVE}\nsame = rasp.Select(positive, positive, rasp.Comparison.EQ)"
BEFORE = "before = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LT)"
PREVIOUS = "previous = rasp.Select(rasp.indices, rasp.indices - 1, rasp.Comparison.EQ)"
ALL = "all = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.TRUE)"
OTHERS = "others = rasp.SelectorWidth(~rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ))"


def run(given: Any, program: str, *lines: str, causal: bool = False) -> list[Any]:
    text = "\n".join(["from raspc import rasp", *(["causal = True"] if causal else []), *lines, f"program = {program}"])
    return read_source(text).run(list(given))


@pytest.mark.parametrize(
    ("program", "given", "expected"),
    [
        ("rasp.tokens", "abc", ["a", "b", "c"]),
        ("rasp.indices", "abc", [0, 1, 2]),
        ("rasp.length", "abc", [3, 3, 3]),
        ("rasp.SelectorWidth(rasp.Select(rasp.tokens == 1, rasp.tokens, rasp.Comparison.EQ))", [1, 0, 2], [1, 2, 0]),
        ("rasp.Map(lambda x: 6 // x, rasp.tokens)", [1, 2, 0], [6, 3, None]),
        ("rasp.Map(lambda x: x if x > 1 else None, rasp.tokens)", [1, 2, 3], [None, 2, 3]),
        ("rasp.Map(max, rasp.tokens, rasp.indices, rasp.length)", [7, 1], [7, 2]),
        ("(rasp.tokens + 1) * 2", [1, 2], [4, 6]),
        ("10 - rasp.tokens", [1, 2], [9, 8]),
        ("abs(rasp.tokens - rasp.indices)", [0, 3], [0, 2]),
        ('rasp.tokens == "a"', "ab", [True, False]),
        ('(rasp.tokens == "a") | (rasp.indices > 0)', "bb", [False, True]),
        ("rasp.Full('x')", [1, 2], ["x", "x"]),
        ("rasp.Full(None)", [1, 2], [None, None]),
        ("rasp.ConstantSOp([5, 6, 7], check_length=False)", [1, 2], [5, 6]),
        ("rasp.LinearSequenceMap(rasp.length, rasp.indices, 2, -1)", [7, 7, 7], [6, 5, 4]),
    ],
)
def test_the_sops_of_the_page(program: str, given: Any, expected: list[Any]):
    assert run(given, program) == expected


def test_what_is_unknown_is_selected_neither_by_a_selector_nor_by_its_negation():
    assert run([1, 2, 0, 1], "rasp.SelectorWidth(same)", SAME) == [2, 1, 0, 2]
    assert run([1, 2, 0, 1], "rasp.SelectorWidth(~same)", SAME) == [1, 2, 0, 1]
    assert run([1, 2, 0, 1], "rasp.SelectorWidth(~~same)", SAME) == [2, 1, 0, 2]


def test_three_valued_logic_is_that_of_the_table():
    # The value of a select for a key of 1, 0 or an undefined one.
    states = {"1": True, "0": False, "None": None}
    table = {
        (True, True): (True, True),
        (True, None): (None, True),
        (True, False): (False, True),
        (None, None): (None, None),
        (None, False): (False, None),
        (False, False): (False, False),
    }
    for a, state in states.items():
        for b, other in states.items():
            lines = [
                f"{name} = rasp.Select(rasp.Full({key}), rasp.Full(0), lambda k, q: k == 1)"
                for name, key in zip("ab", (a, b), strict=True)
            ]
            both, either = table.get((state, other)) or table[other, state]
            for selector, truth in [("a & b", both), ("a | b", either)]:
                assert run("x", f"rasp.SelectorWidth({selector})", *lines) == [int(truth is True)]
                assert run("x", f"rasp.SelectorWidth(~({selector}))", *lines) == [int(truth is False)]


def test_an_aggregate_gives_the_default_the_equal_value_or_the_mean_rounded_once():
    text = 'rasp.Aggregate(before, rasp.tokens, default="nothing")'
    assert run([2, 2, 4, 1], text, BEFORE) == ["nothing", 2, 2, 2.6666666666666665]
    assert run("abc", "rasp.Aggregate(previous, rasp.tokens)", PREVIOUS) == [None, "a", "b"]
    assert run([0.1, 0.2, 0.3], "rasp.Aggregate(all, rasp.tokens)", ALL) == [0.2] * 3  # and not 0.20000000000000004
    assert run([2**60, 2**60 + 1], "rasp.Aggregate(all, rasp.tokens)", ALL) == [2.0**60] * 2
    assert run([1e308, 1.5e308], "rasp.Aggregate(all, rasp.tokens)", ALL) == [1.25e308] * 2
    assert run([1, True, 1.0], "rasp.Aggregate(all, rasp.tokens)", ALL) == [1] * 3
    assert run([1, -1, 0], "rasp.Aggregate(all, positive)", ALL, POSITIVE) == [1] * 3


def test_a_mean_of_an_infinity_is_infinite_and_there_is_none_of_both():
    infinite = "infinite = rasp.Map(lambda x: float(x), rasp.tokens)"
    assert run(["inf", "1"], "rasp.Aggregate(all, infinite)", ALL, infinite) == [float("inf")] * 2
    with pytest.raises(MeaninglessError, match="no mean of inf and -inf"):
        run(["inf", "-inf"], "rasp.Aggregate(all, infinite)", ALL, infinite)


def test_causality_holds_where_a_selector_is_consumed():
    assert run("abc", "rasp.length", causal=True) == [1, 2, 3]
    assert run("aba", "others", OTHERS) == [1, 2, 1]
    assert run("aba", "others", OTHERS, causal=True) == [0, 1, 1]
    assert run([2, 4], "rasp.Aggregate(all, rasp.tokens)", ALL, causal=True) == [2, 3.0]


@pytest.mark.parametrize(
    ("program", "given"),
    [
        ("rasp.Aggregate(all, rasp.tokens)", "ab"),
        ("rasp.Aggregate(all, rasp.tokens)", [1, "a"]),
        ("rasp.Map(lambda x: x + 1, rasp.tokens)", "a"),
        ("rasp.Map(lambda x: [x], rasp.tokens)", "a"),
        ("rasp.Map(lambda x: (x, None), rasp.tokens)", "a"),
        ("rasp.Map(lambda x: float('nan'), rasp.tokens)", "a"),
        ("rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, lambda k, q: 1 // k))", [0]),
        ("rasp.ConstantSOp([1, 2])", "a"),
        ("rasp.ConstantSOp([1], check_length=False)", "ab"),
        ("rasp.SelectorWidth(rasp.ConstantSelector([[True]]))", "ab"),
    ],
)
def test_there_is_no_meaning(program: str, given: Any):
    with pytest.raises(MeaninglessError):
        run(given, program, ALL)


def test_a_part_without_a_meaning_takes_that_of_the_whole_even_where_it_is_not_read():
    lines = ["wrong = rasp.Map(lambda x: x + 1, rasp.tokens)", "none = rasp.Select(wrong, wrong, lambda k, q: False)"]
    with pytest.raises(MeaninglessError):
        run("ab", "rasp.SelectorWidth(none)", *lines)


def test_forms_of_one_value_reach_a_function_as_they_are():
    assert run([1, True, 1.0, -0.0], "rasp.Map(lambda x: str(x), rasp.tokens)") == ["1", "True", "1.0", "0.0"]
    assert run([(1,), (True,)], "rasp.Map(lambda x: str(x), rasp.tokens)") == ["(1,)", "(True,)"]


def test_a_map_is_undefined_where_an_operand_is_and_a_function_raises_arithmetic_or_value_errors():
    assert run([1, 0], "rasp.Map(lambda x, y: 1, positive, rasp.tokens)", POSITIVE) == [1, None]
    assert run(["1", "x"], "rasp.Map(int, rasp.tokens)") == [1, None]
    assert run([1e308], "rasp.Map(lambda x: int(x * 10), rasp.tokens)") == [None]


def test_text_without_the_language_is_refused():
    with pytest.raises(ValueError, match="expected the line"):
        read_source("program = 1")


def test_the_oracle_shares_no_code_with_raspc():
    here = Path(__file__).parent
    for file in ("language.py", "evaluation.py", "source.py"):
        for node in ast.walk(ast.parse((here / file).read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.partition(".")[0] == "raspc"], file
