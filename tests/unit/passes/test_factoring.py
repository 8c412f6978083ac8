"""Selects of keys that two s-ops make, as selects of these two: what is selected, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context

import raspc
from raspc import rasp
from raspc.dialects.rasp import SelectOp
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.selector_legalization.factoring import factored
from raspc.passes.value_analysis import ValueAnalysis
from raspc.rasp import Comparison, SOp, indices, tokens
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from raspc.runtime.rasp_interpreter import program_of

VOCAB, SIZE = (0, 1, 2), 3


def terms_of(program: SOp) -> list[int] | None:
    """How many selects each term of the program's one select of computed keys has; `None` if it isn't factored."""
    module = build_module(program, VOCAB, SIZE, causal=False)
    InferValuesPass().apply(Context(), module)
    op = program_of(module)
    (select,) = [each for each in op.body.block.ops if isinstance(each, SelectOp)]
    found = factored(select, ValueAnalysis(op))
    return None if found is None else [len(term) for term in found]


def check(program: SOp) -> CompiledModel:
    """Check that the program's model computes it on all inputs."""
    model = raspc.compile(program, VOCAB, SIZE)
    for length in range(1, SIZE + 1):
        for xs in product(VOCAB, repeat=length):
            assert model(list(xs)) == rasp.evaluate(program, list(xs)), xs
    return model


@pytest.mark.parametrize("comparison", list(Comparison), ids=lambda comparison: comparison.name)
def test_the_order_of_pairs(comparison: Comparison):
    keys = SIZE * tokens + indices
    assert check(rasp.SelectorWidth(rasp.Select(keys, keys, comparison))).config.n_layers <= 2


@pytest.mark.parametrize(
    ("key", "comparison", "expected"),
    [
        (lambda t, i: 3 * t + i, Comparison.LT, [1, 2]),
        (lambda t, i: 3 * t + i, Comparison.GEQ, [1, 2]),
        (lambda t, i: 3 * i + t, Comparison.LT, [1, 2]),
        (lambda t, i: 3 * t + i, Comparison.EQ, [2]),
        (lambda t, i: 3 * t - i, Comparison.LEQ, [1, 2]),
        (lambda t, i: 3 * t + i, Comparison.NEQ, [1, 2]),
        (lambda t, i: t + i, Comparison.LT, None),
        (lambda t, i: t * i, Comparison.EQ, None),
        (lambda t, i: None if t == i else 3 * t + i, Comparison.LT, None),
    ],
)
def test_what_is_factored(key: Callable[[int, int], object], comparison: Comparison, expected: list[int] | None):
    keys = rasp.SequenceMap(key, tokens, indices)
    assert terms_of(rasp.SelectorWidth(rasp.Select(keys, keys, comparison))) == expected


def test_keys_and_queries_of_different_functions():
    keys = rasp.SequenceMap(lambda t, i: 3 * t + i, tokens, indices)
    queries = rasp.SequenceMap(lambda t, i: 3 * t + 2 - i, tokens, indices)
    check(rasp.SelectorWidth(rasp.Select(keys, queries, Comparison.LT)))


def test_an_aggregate_of_one_term_reads_the_parts():
    keys = SIZE * tokens + indices
    check(rasp.Aggregate(rasp.Select(keys, keys, Comparison.EQ), tokens))


def test_a_mean_of_two_terms_stays():
    keys = SIZE * tokens + indices
    check(rasp.Aggregate(rasp.Select(keys, keys, Comparison.LT), tokens))


def test_a_sort_records_that_one_position_arrives():
    keys = SIZE * tokens + indices
    place = rasp.SelectorWidth(rasp.Select(keys, keys, Comparison.LT))
    model = check(rasp.Aggregate(rasp.Select(place, indices, Comparison.EQ), tokens))
    assert model.config.n_layers == 2


@settings(max_examples=25, deadline=None, derandomize=True)
@given(values=st.lists(st.integers(0, 4), min_size=9, max_size=9), comparison=st.sampled_from(list(Comparison)))
def test_any_function_of_two(values: list[int], comparison: Comparison):
    keys = rasp.SequenceMap(lambda t, i: values[3 * t + i], tokens, indices)
    check(rasp.SelectorWidth(rasp.Select(keys, keys, comparison)))
