"""Heads by themselves: which keys they attend to, what BOS carries, and how much leaks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest

from raspc import rasp
from raspc.algebra.values import MaybeValue
from raspc.dialects import craft
from raspc.dialects.craft.attributes import encode_values
from raspc.dialects.craft.checks import vector_of
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, tokens
from tests.unit.lowering.running import Lowered

EQ = rasp.Select(tokens, tokens, Comparison.EQ)
BEFORE = rasp.Select(indices, indices, Comparison.LT)


def scores(head: craft.HeadOp, keys: list[tuple[MaybeValue, ...]], queries: list[tuple[MaybeValue, ...]]):
    """The scores of keys for queries, given a value for each term of the head: [n_queries, n_keys]."""
    total = np.zeros((len(queries), len(keys)))
    for term, (query, key, qk) in enumerate(zip(head.queries, head.keys, head.qk, strict=True)):
        one, other = (
            encode_values(vector_of(value), [row[term] for row in rows])
            for value, rows in ((query, queries), (key, keys))
        )
        total += one @ qk.data.to_dense() @ other.T
    return total


def choices(head: craft.HeadOp, values: str) -> list[tuple[MaybeValue, ...]]:
    """All combinations of what the keys, or the queries, of a head can be."""
    domains = [vector_of(value).values for value in getattr(head, values)]
    return list(product(*([*d.values, *([None] if d.undefined else [])] for d in domains)))


@pytest.mark.parametrize("comparison", list(Comparison))
def test_a_selected_key_scores_one_and_any_other_none(comparison: Comparison):
    select = rasp.Select(rasp.Map(lambda x: x if x else None, tokens), library.shift_by(1, tokens), comparison)
    (head,) = Lowered.of(rasp.Aggregate(select, tokens, default=7), [0, 1, 2], 3).heads()[-1:]
    keys, queries = choices(head, "keys"), choices(head, "queries")
    found = scores(head, keys, queries)
    for row, query in enumerate(queries):
        for column, key in enumerate(keys):
            defined = key[0] is not None and query[0] is not None
            assert found[row, column] == (defined and comparison(key[0], query[0]))  # type: ignore[arg-type]


def test_a_conjunction_scores_one_for_each_conjunct_and_bos_half_less_than_all():
    head = Lowered.of(rasp.Aggregate(EQ & BEFORE, indices, default=-1), "ab", 4).heads()[0]
    assert len(head.qk) == 2
    assert head.bos_score.value.data == 1.5
    keys, queries = choices(head, "keys"), choices(head, "queries")
    found = scores(head, keys, queries)
    for row, (token, position) in enumerate(queries):
        for column, (other, earlier) in enumerate(keys):
            assert found[row, column] == (token == other) + (earlier < position)  # type: ignore[operator]


def test_a_value_that_can_be_undefined_is_one_more_conjunct():
    values = rasp.Map(lambda x: x if x else None, tokens)
    head = Lowered.of(rasp.Aggregate(BEFORE, values, default=0), [0, 1, 2], 3).heads()[0]
    assert len(head.qk) == 2
    assert head.bos_score.value.data == 1.5
    keys, queries = choices(head, "keys"), choices(head, "queries")
    found = scores(head, keys, queries)
    for row, (position, _) in enumerate(queries):
        for column, (earlier, value) in enumerate(keys):
            assert found[row, column] == (earlier < position) + (value is not None)  # type: ignore[operator]


DEFAULTS: list[tuple[MaybeValue, Callable[[], SOp]]] = [
    (None, lambda: rasp.Aggregate(rasp.Select(indices, indices - 1, Comparison.EQ), tokens)),
    ("none", lambda: rasp.Aggregate(rasp.Select(indices, indices - 1, Comparison.EQ), tokens, "none")),
    ((1, "x"), lambda: rasp.Aggregate(rasp.Select(indices, indices - 1, Comparison.EQ), tokens, (1, "x"))),
    (-2.5, lambda: rasp.Aggregate(BEFORE, tokens == "a", -2.5)),
    (0, lambda: rasp.Aggregate(BEFORE, tokens == "a", 0)),
    (None, lambda: rasp.Aggregate(BEFORE, tokens == "a")),
]


@pytest.mark.parametrize(("default", "make"), DEFAULTS)
def test_bos_carries_the_default(default: MaybeValue, make: Callable[[], SOp]):
    lowered = Lowered.of(make(), "ab", 3)
    head = lowered.heads()[-1]
    subspace = vector_of(head.result)
    np.testing.assert_array_equal(head.bos_vector, encode_values(subspace, [default])[0])
    assert lowered.model(["a", "b"])[0] == default


def test_a_default_that_is_never_needed_is_not_there():
    head = Lowered.of(rasp.Aggregate(EQ, tokens, "none"), "ab", 3).heads()[0]
    assert not head.bos_vector.any()


def test_the_weight_on_bos_is_one_over_one_plus_the_width():
    lowered = Lowered.of(rasp.SelectorWidth(EQ & BEFORE), "ab", 6)
    (head,) = lowered.heads()
    assert head.bos_score.value.data == len(head.qk) == 2
    assert head.bos_vector.tolist() == [1]
    assert not head.values
    sequence = list("abaaba")
    values = lowered.craft_values(sequence)
    (weight,) = [vectors for value, vectors in values.items() if value.name_hint == head.result.name_hint]
    widths = lowered.task.evaluate(sequence)
    assert widths is not None
    np.testing.assert_allclose(weight[:, 0], [1 / (1 + width) for width in widths], rtol=1e-12)  # type: ignore[operator]


@pytest.mark.parametrize("causal", [False, True])
def test_attention_is_uniform_over_what_is_selected_or_on_bos(causal: bool):
    lowered = Lowered.of(rasp.Aggregate(EQ & ~BEFORE, indices, default=-1), "ab", 6, causal=causal)
    model = lowered.model
    for sequence in ("a", "ab", "abaaba", "bbbbbb"):
        (pattern,) = [attention for attention in model.trace(list(sequence)).attention if attention is not None]
        selected = rasp.evaluate(EQ & ~BEFORE, sequence, causal=causal)
        for position, row in enumerate(selected):
            chosen = np.array([not any(row), *row])
            np.testing.assert_allclose(pattern[0, position + 1], chosen / chosen.sum(), atol=1e-7)
        # BOS attends to itself alone.
        np.testing.assert_allclose(pattern[0, 0], np.eye(len(sequence) + 1)[0], atol=1e-20)


def test_a_selector_of_everything_needs_the_constant_one_alone():
    head = Lowered.of(rasp.Aggregate(rasp.Select(tokens, indices, Comparison.TRUE), indices), "ab", 3).heads()[0]
    assert [vector_of(value).label.data for value in (*head.queries, *head.keys)] == ["one", "one"]


def test_nothing_of_the_rasp_dialect_is_left():
    lowered = Lowered.of(library.make_most_freq(4), "abc", 4)
    dialects = {op.dialect_name() for op in lowered.stage("materialize-attention").module.walk()}
    assert dialects == {"builtin", "craft"}
