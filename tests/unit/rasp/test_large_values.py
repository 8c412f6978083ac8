"""A user's own function computes what Python computes, however large the values on the way; a text never does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from xdsl.context import Context

import raspc
from raspc import rasp
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Opaque, Table
from raspc.dialects.rasp import MapOp, SelectOp
from raspc.errors import BoundError, CompileError, MeaningError, MeaningWarning
from raspc.passes.infer_values import InferValuesPass
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import Map, Select, SelectorWidth, selector_and, tokens
from raspc.runtime.parsing import parse_text
from raspc.runtime.rasp_interpreter import run_program

LARGE: list[tuple[Callable[[Any], Any], tuple[Any, ...]]] = [
    (lambda x: 2**x % 7, (3, 70_000)),
    (lambda x: ("ab" * x)[5], (3, 20_000)),
    (lambda x: ((x,) * x)[-1], (3, 20_000)),
    (lambda x: (1 << x) % 11, (3, 70_000)),
    (lambda x: ("%020000d" % x)[-1], (3, 4)),  # noqa: UP031  an f-string isn't traced
    (lambda x: 2**x % 7 == 1 and x > 5, (3, 69_999)),
]


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
@pytest.mark.parametrize(("function", "vocab"), LARGE)
def test_a_large_intermediate_value(function: Callable[[Any], Any], vocab: tuple[Any, ...], pipeline: str):
    program = Map(function, tokens)
    assert isinstance(program.function, Expression)
    expected = [function(token) for token in vocab]
    assert program(list(vocab)) == expected
    assert raspc.compile(program, vocab, 2, pipeline=pipeline)(vocab) == expected


def test_a_chain_of_operators():
    program = (("ab" * tokens) + "c") == "ababc"
    assert program([2, 20_000]) == [True, False]
    assert raspc.compile(program, [2, 20_000], 2)([2, 20_000]) == [True, False]


def test_a_predicate_and_what_simplify_makes_of_it():
    same = Select(tokens, tokens, lambda k, q: 2**k % 7 == 2**q % 7)
    before = Select(tokens, tokens, lambda k, q: k <= q)
    for selector in (same, selector_and(same, before), selector_and(same, before, simplify=True)):
        program = SelectorWidth(selector)
        expected = [2, 2] if selector is same else [1, 2]
        assert program([3, 69_999]) == expected
        assert raspc.compile(program, [3, 69_999], 2)([3, 69_999]) == expected


def test_a_map_of_a_map_made_one():
    program = Map(lambda x: x + 1, Map(lambda x: 2**x % 7, tokens), simplify=True)
    assert program([70_000]) == [2**70_000 % 7 + 1]
    assert raspc.compile(program, [3, 70_000], 2)([70_000]) == [2**70_000 % 7 + 1]


def test_what_a_text_cannot_say_becomes_a_table():
    large, small = Map(lambda x: 2**x % 7, tokens), Map(lambda x: x + 1, tokens)
    chosen = Select(large, small, lambda k, q: 2 ** (k * 70_000) % 7 == q)
    module = build_module(Map(lambda w, x: w + x, SelectorWidth(chosen), small), [3, 70_000], 2)
    InferValuesPass().apply(Context(), module)
    functions = [op.function.data for op in module.walk() if isinstance(op, MapOp)]
    assert [type(function) for function in functions] == [Table, Expression, Expression]
    assert [type(op.predicate.data) for op in module.walk() if isinstance(op, SelectOp)] == [Table]
    again = parse_text(str(module), "again")
    assert run_program(again, [70_000, 3]) == run_program(module, [70_000, 3])


def test_the_program_that_a_model_keeps_can_be_run():
    mean = rasp.Aggregate(Select(tokens, tokens, lambda k, q: True), tokens > 1)
    program = Map(lambda x, m: m + "" if m == 0.5 and 2**x % 7 else 0, tokens, mean)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        model = raspc.compile(program, [1, 2, 70_000], 2, pipeline="O0")
    assert model.validate([2, 70_000])
    assert not model.validate([1, 70_000])


def test_far_larger_values_are_refused_by_name():
    program = Map(lambda x: 2**x % 7, tokens).named("large")
    for run in (lambda: program([10**12]), lambda: raspc.compile(program, [3, 10**12], 2)):
        with pytest.raises((BoundError, CompileError)) as caught:
            run()
        assert not isinstance(caught.value, MeaningError)
        assert "'large': 'x -> 2 ** x % 7' can't be evaluated on 1000000000000" in str(caught.value)


MAP = 'rasp.program @p vocab [3, 70000] max_seq_len 2 {{\n %t = rasp.tokens : ?\n %m = rasp.map(%t) "{}" : ?\n{}}}\n'


@pytest.mark.parametrize("body", ["x -> 2 ** x % 7", "x -> ('ab' * x)[5]", "x -> round(x, -x)", "x -> 1 << x"])
def test_a_text_is_refused(body: str):
    text = MAP.format(body, " rasp.return %m\n")
    with pytest.raises(BoundError, match=r"'m': .* can't be evaluated on 70000"):
        run_program(parse_text(text, "text"), [70_000])
    with pytest.raises(CompileError, match=r"'m': .* can't be evaluated on 70000"):
        InferValuesPass().apply(Context(), parse_text(text, "text"))


def test_a_predicate_of_a_text_is_refused():
    body = ' %s = rasp.select %t, %t "k, q -> 2 ** k % 7 == q"\n %w = rasp.selector_width %s : ?\n rasp.return %w\n'
    text = MAP.format("x -> x", body)
    with pytest.raises(BoundError, match=r"'s': .* can't be evaluated on 70000"):
        run_program(parse_text(text, "text"), [70_000])
    with pytest.raises(CompileError, match=r"'s': .* can't be evaluated on 70000"):
        InferValuesPass().apply(Context(), parse_text(text, "text"))


def test_a_chain_of_tuples_that_double():
    def doubled(x: Any) -> Any:
        for _ in range(40):
            x = (x, x)
        return x

    program = Map(doubled, tokens)
    assert isinstance(program.function, Opaque)
    with pytest.raises(BoundError, match=r"a tuple is nested more than 32 deep|a tuple has more than"):
        program([1])
    with pytest.raises(CompileError, match=r"a tuple is nested more than 32 deep|a tuple has more than"):
        raspc.compile(program, [1], 2)
