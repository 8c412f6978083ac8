"""What a small text may not ask for: each refusal names the op."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.context import Context
from xdsl.utils.exceptions import VerifyException

import raspc
from raspc import rasp
from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.effort import Effort, spend
from raspc.algebra.expression import MAX_LENGTH, Expression
from raspc.dialects.dense import to_dense
from raspc.dialects.transformer.tensors import EMPTY_LIMIT, check_shape
from raspc.errors import BoundError, CompileError, EffortError, FormatError, InputError, ProgramError
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.value_analysis import facts, maps
from raspc.runtime.parsing import parse_text

PROGRAM = "rasp.program @p vocab {} max_seq_len {} {{\n %t = rasp.tokens : ?\n %i = rasp.indices : ?\n{}\n}}\n"


def infer(*body: str, vocab: str = "0 to 300", max_seq_len: int = 300) -> None:
    InferValuesPass().apply(Context(), parse_text(PROGRAM.format(vocab, max_seq_len, "\n".join(body)), "text"))


@pytest.mark.parametrize(
    "expression",
    [
        f"x, y -> {' + '.join(['3 ** 41000 % 7'] * 50)} + x * y",
        "x, y -> ((1 << 60000) + x) // ((1 << 30000) + y) % 7",
        "x, y -> sum(((1,),) * 5000, (x, y))[0]",
        "x, y -> ((0,) * 8000 + (x,) == (0,) * 8000 + (y,))",
        "x, y -> (1,) * 8000",
        "x, y -> (x,) * 8000",
    ],
)
def test_expressions_that_take_long_are_refused(expression: str):
    with pytest.raises(CompileError, match="'m': evaluating the expressions of this text takes more than"):
        infer(f' %m = rasp.map(%t, %i) "{expression}" : ?', " rasp.return %m")


def test_many_short_ones_are_refused_together():
    maps = [f' %m{number} = rasp.map(%t, %i) "x, y -> x + y" : ?' for number in range(40)]
    with pytest.raises(CompileError, match=r"'m\d+': evaluating the expressions of this text takes more than"):
        infer(*maps, " rasp.return %m0")


def test_a_large_program_of_ordinary_size_is_not():
    maps = [f' %m{number} = rasp.map(%t, %i) "x, y -> (x + y) % {number + 2}" : ?' for number in range(30)]
    infer(*maps, " rasp.return %m0", vocab="0 to 50", max_seq_len=50)


def test_values_that_are_large_in_all_are_refused():
    with pytest.raises(CompileError, match="'m': its values are too large in all"):
        infer(
            """ %m = rasp.map(%t) "x -> 'ab' * 8000 + str(x)" : ?""",
            " rasp.return %m",
            vocab="0 to 16000",
            max_seq_len=1,
        )


def test_equal_results_count_once():
    infer(' %m = rasp.map(%t) "x -> (1,) * 8000" : ?', " rasp.return %m", vocab="0 to 100", max_seq_len=1)


@pytest.mark.parametrize(("limit", "accepted"), [(6, True), (5, False)])
def test_values_may_be_as_large_in_all_as_the_limit_says(limit: int, accepted: bool, monkeypatch: pytest.MonkeyPatch):
    for module in (facts, maps):
        monkeypatch.setattr(module, "SIZE_LIMIT", limit)
    body = (""" %m = rasp.map(%t) "x -> 'abc' if x else 'xyz'" : ?""", " rasp.return %m")
    if accepted:
        infer(*body)
    else:
        with pytest.raises(CompileError, match="'m': its values are too large in all"):
            infer(*body)


def test_domains_that_are_large_in_all_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("raspc.passes.value_analysis.CELL_LIMIT", 10_000)
    with pytest.raises(CompileError, match="'m4': the combinations and the values of this s-op and those before"):
        infer(
            *(f" %m{number} = rasp.constant {number} : ?" for number in range(4)),
            ' %m4 = rasp.map(%t, %i) "x, y -> x + y" : ?',
            " rasp.return %m4",
            max_seq_len=20,
        )


def test_a_budget_is_kept_over_entries():
    effort = Effort(5)
    with effort:
        spend(3)
    spend(100)  # there is none outside
    with effort, pytest.raises(EffortError, match="more than 5 steps"):
        spend(3)


def test_a_size_of_zero_hides_no_other():
    with pytest.raises(FormatError, match="300000000 numbers are too many"):
        parse_text("builtin.module attributes {a = dense<> : tensor<0x300000000xf32>} {}", "text")
    empty = to_dense(np.zeros((1, 0, EMPTY_LIMIT), dtype=np.float32))
    check_shape("w_q", empty, [None, None, None], FLOAT32)
    empty = to_dense(np.zeros((1, 0, EMPTY_LIMIT + 1), dtype=np.float32))
    with pytest.raises(VerifyException, match="w_q has no element, and the shape"):
        check_shape("w_q", empty, [None, None, None], FLOAT32)


def test_an_expression_that_is_printed_longer_than_it_can_be_read():
    text = "x -> (" + "3**2%7," * 1200 + ")"
    assert len(text) < MAX_LENGTH
    with pytest.raises(ValueError, match="is too long"):
        Expression.parse(text)
    with pytest.raises(ValueError, match="is too long"):
        Expression(("x",), f"'{'a' * (MAX_LENGTH - 3)}'")  # with the parameter before it
    deepest = "x -> '" + "a" * (MAX_LENGTH - 7) + "'"
    assert Expression.parse(str(Expression.parse(deepest))) == Expression.parse(deepest)


def test_a_matrix_of_many_cells_has_elements():
    text = """craft.model @m vocab 0 to {0} max_seq_len 3 {{
  %t = craft.embed_tokens : "t" 0 to {0}
  %m = craft.linear %t ({1} by {1} at "0x" "0x" "0x") : "m" 0 to {0}
  craft.unembed %m
}}
"""
    parse_text(text.format(7999, 8000), "text")
    with pytest.raises(FormatError, match="a matrix of 9000 by 9000 has 0 elements only"):
        parse_text(text.format(8999, 9000), "text")


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = (value,)
    return value


@pytest.mark.parametrize("depth", [33, 900])
def test_tuples_that_are_nested_too_deeply(depth: int):
    deep = nested(depth)
    for build in (
        lambda: raspc.compile(rasp.tokens, [deep], 2),
        lambda: rasp.Full(deep),  # type: ignore[arg-type]
        lambda: rasp.tokens == deep,
        lambda: rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ), rasp.tokens, deep),  # type: ignore[arg-type]
    ):
        with pytest.raises(ProgramError, match="nested more than 32 deep"):
            build()
    with pytest.raises(InputError, match="nested more than 32 deep"):
        rasp.tokens([deep])
    with pytest.raises(BoundError, match="'map': a tuple is nested more than 32 deep"):
        rasp.Map(lambda x: deep, rasp.tokens)([1])
    with pytest.raises(CompileError, match="'map': a tuple is nested more than 32 deep"):
        raspc.compile(rasp.Map(lambda x: deep, rasp.tokens), [1], 2)


def test_the_limits_are_far_from_ordinary_programs():
    assert facts.SIZE_LIMIT >= 16 * facts.DOMAIN_LIMIT
