"""What legalize-selectors makes of selectors, compared with the definition of the language on all inputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import reduce
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

from raspc import rasp
from raspc.dialects.rasp import AggregateOp, MapOp, SelectOp, SelectorAndOp, SelectorOrOp, SelectorWidthOp
from raspc.errors import CompileError, MeaningWarning
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.legalize_selectors import LegalizeSelectorsPass
from raspc.passes.selector_legalization.plans import Planner
from raspc.passes.selector_terms import clauses_of
from raspc.passes.value_analysis import ValueAnalysis
from raspc.rasp import Comparison, Select
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import Selector, SOp, indices, length, tokens
from raspc.runtime.rasp_interpreter import program_of, run_program
from tests.programs.levels import Task

VOCAB = (0, 1, 2)
MAX_SEQ_LEN = 3

SAME = Select(tokens, tokens, Comparison.EQ)
BEFORE = Select(indices, indices, Comparison.LT)
AFTER = Select(indices, indices, Comparison.GT)


def legalized(
    program: SOp,
    vocab: tuple[int, ...] = VOCAB,
    n: int = MAX_SEQ_LEN,
    *,
    causal: bool = False,
    factor: bool = False,
) -> ModuleOp:
    module = build_module(program, vocab, n, causal=causal)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        InferValuesPass().apply(Context(), module)
    LegalizeSelectorsPass(factor=factor).apply(Context(), module)
    module.verify()
    return module


def check(program: SOp, vocab: tuple[int, ...] = VOCAB, n: int = MAX_SEQ_LEN, *, causal: bool = False) -> ModuleOp:
    """The legal program, which is legal, computes the same, and never has two selects of a clause that both hold."""
    module = legalized(program, vocab, n, causal=causal)
    readers = of_kind(module, AggregateOp, SelectorWidthOp)
    for op in readers:
        assert isinstance(op, AggregateOp | SelectorWidthOp)
        clauses_of(op.selector)
    task = Task(program, vocab, n, causal=causal)
    for xs in task.inputs(exhaustive=200, samples=50):
        expected = task.evaluate(xs)
        if expected is not None:
            assert run_program(module, xs) == expected
    return module


def of_kind(module: ModuleOp, *kinds: type[Operation]) -> list[Operation]:
    return [op for op in program_of(module).body.block.ops if isinstance(op, kinds)]


def widths_and_means(selector: Selector) -> SOp:
    """What a selector selects, as far as one s-op can tell."""
    mean = rasp.Aggregate(selector, indices, default=-1)
    return rasp.SequenceMap(lambda w, m: (w, m), rasp.SelectorWidth(selector), mean)


Operand: TypeAlias = Callable[[], SOp]

OPERANDS: tuple[Operand, ...] = (
    lambda: tokens,
    lambda: indices,
    lambda: length,
    lambda: indices - 1,
    lambda: tokens % 2,
    lambda: rasp.Map(lambda x: x if x > 0 else None, tokens),
    lambda: rasp.Map(lambda x: None if x == 1 else x - 1, indices),
    lambda: rasp.SequenceMap(lambda x, i: (x + i) % 2, tokens, indices),
    lambda: rasp.Aggregate(BEFORE, tokens),
    lambda: rasp.SelectorWidth(SAME),
    lambda: rasp.Full(1),
)

PREDICATES = (*Comparison, lambda k, q: k == q + 1, lambda k, q: k, lambda k, q: k + q == 2)


@st.composite
def selects(draw: st.DrawFn) -> Select:
    keys, queries = draw(st.sampled_from(OPERANDS)), draw(st.sampled_from(OPERANDS))
    return Select(keys(), queries(), draw(st.sampled_from(PREDICATES)))


SELECTORS = st.recursive(
    selects(),
    lambda inner: st.one_of(
        st.builds(rasp.SelectorAnd, inner, inner),
        st.builds(rasp.SelectorOr, inner, inner),
        st.builds(rasp.SelectorNot, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(SELECTORS, st.booleans())
def test_the_legal_form_selects_the_same(selector: Selector, causal: bool) -> None:
    check(widths_and_means(selector), causal=causal)


def test_equal_selects_count_once() -> None:
    same_again = Select(tokens, tokens, Comparison.EQ)
    module = check(rasp.SelectorWidth((SAME & BEFORE) | (same_again & AFTER)))
    assert len(of_kind(module, SelectOp)) == 2  # same token, and another index
    assert not of_kind(module, MapOp, SelectorOrOp)


def test_functions_of_the_same_sops_are_merged() -> None:
    near = Select(indices, indices - 1, Comparison.EQ) | Select(indices, indices + 1, Comparison.EQ)
    module = check(rasp.Aggregate(near, tokens))
    (select,) = of_kind(module, SelectOp)
    assert [operand.name_hint for operand in select.operands] == ["indices", "indices"]
    assert not of_kind(module, MapOp)  # what only the merged selects have read is gone


def test_a_window_is_one_select() -> None:
    window = Select(indices, indices, Comparison.LEQ) & Select(indices, indices - 2, Comparison.GEQ)
    module = check(rasp.Aggregate(window, tokens), n=6, vocab=(0, 1))
    assert len(of_kind(module, SelectOp)) == 1
    assert not of_kind(module, SelectorAndOp)


def test_a_conjunction_that_merging_makes_larger_is_left() -> None:
    # 3 and 5 classes of indices, and 15 of both.
    both = Select(indices, indices, lambda k, q: k % 3 == q % 3) & Select(indices, indices, lambda k, q: k % 5 == q % 5)
    module = legalized(rasp.SelectorWidth(both), (0,), 15)
    assert len(of_kind(module, SelectOp)) == 2


def test_disjoint_selects_are_added_up() -> None:
    first = Select(tokens == 1, indices, lambda key, query: key and query > 0)
    itself = Select(indices, indices, lambda key, query: key == query == 0)
    module = check(rasp.Aggregate(first | itself, tokens))
    (either,) = of_kind(module, SelectorOrOp)
    assert isinstance(either, SelectorOrOp)
    assert either.disjoint is not None
    assert not of_kind(module, MapOp)[1:]  # but `tokens == 1`


def test_selects_that_may_both_hold_are_tupled() -> None:
    module = check(rasp.Aggregate(SAME | BEFORE, tokens))
    assert not of_kind(module, SelectorOrOp)
    assert len(of_kind(module, MapOp)) == 2


def test_tuples_have_one_value_for_what_is_not_told_apart() -> None:
    odd = Select(tokens % 2, tokens, Comparison.EQ) | Select(indices, indices, lambda k, q: k == 0 and q == 1)
    module = check(rasp.Aggregate(odd, indices))
    assert all(len(op.domain or ()) <= 6 for op in of_kind(module, MapOp) if isinstance(op, MapOp))


@pytest.mark.parametrize("causal", [False, True])
def test_a_width_without_tuples(causal: bool) -> None:
    vocab = tuple(range(12))
    module = check(rasp.SelectorWidth(SAME | BEFORE), vocab, 12, causal=causal)
    assert len(of_kind(module, SelectorWidthOp)) == 2  # the length, and what isn't selected
    undefined = Select(rasp.Map(lambda x: x if x > 3 else None, tokens), tokens, Comparison.EQ)
    module = check(rasp.SelectorWidth(undefined | BEFORE), vocab, 12, causal=causal)
    assert len(of_kind(module, SelectorWidthOp)) == 3  # inclusion and exclusion


def test_a_width_is_no_difference_that_is_larger_only_to_do_without_tuples() -> None:
    module = legalized(rasp.SelectorWidth(SAME | BEFORE), factor=True)
    assert len(of_kind(module, SelectorWidthOp)) == 1
    assert len(of_kind(module, MapOp)) == 2


def test_only_a_disjunction_of_few_terms_is_counted_by_inclusion_and_exclusion() -> None:
    either = SAME | BEFORE | Select(indices, indices, Comparison.EQ)
    module = build_module(rasp.SelectorWidth(either), VOCAB, MAX_SEQ_LEN)
    InferValuesPass().apply(Context(), module)
    program = program_of(module)
    planner = Planner(ValueAnalysis(program))
    (width,) = [op for op in program.body.block.ops if isinstance(op, SelectorWidthOp)]
    signed = planner.plan_intersections(width.selector, 3)
    assert signed is not None
    assert sorted(sign for sign, _ in signed) == [-1, -1, 1, 1, 1]  # equal and earlier indices are disjoint
    assert planner.plan_intersections(width.selector, 2) is None


def test_a_disjunction_whose_other_terms_are_parts_of_one_is_that_one() -> None:
    parts: list[Selector] = [
        SAME & Select(tokens % k, indices % k, Comparison.EQ) & Select(indices % k, tokens % k, Comparison.EQ)
        for k in range(2, 8)  # the clauses of all are too many
    ]
    selector = reduce(rasp.SelectorOr, [*parts, SAME])
    module = check(rasp.SelectorWidth(selector), tuple(range(12)), 12)
    assert len(of_kind(module, SelectOp, SelectorAndOp, SelectorOrOp)) == 1
    assert len(of_kind(module, SelectorWidthOp)) == 1
    assert not of_kind(module, MapOp)


def test_the_width_of_a_disjunction_that_selects_nothing_is_zero() -> None:
    never = (SAME & Select(tokens, tokens, Comparison.NEQ)) | (BEFORE & Select(indices, indices, Comparison.GEQ))
    module = check(rasp.SelectorWidth(never), tuple(range(40)), 50)
    assert not of_kind(module, SelectOp)
    check(rasp.SelectorWidth(never) + 3, tuple(range(40)), 50)


def test_a_large_union_compiles_where_tuples_would_not() -> None:
    vocab = tuple(range(1, 101))
    with pytest.raises(CompileError, match="joins selects of different s-ops with 'or', whose values make 5000 tuples"):
        legalized(rasp.Aggregate(SAME | BEFORE, tokens == 1), vocab, 50)
    check(rasp.SelectorWidth(SAME | BEFORE), vocab, 50)


def test_shared_selectors_take_the_time_of_their_parts() -> None:
    selector: Selector = SAME
    for _ in range(40):
        selector = ~(selector & selector)
    assert len(of_kind(check(rasp.SelectorWidth(selector)), SelectOp)) == 1
    selector = SAME | BEFORE
    for _ in range(40):
        selector = (selector | SAME) & (selector | AFTER)
    check(rasp.SelectorWidth(selector))
