"""Perceptrons by themselves, in float32, on all that their operands can be."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.values import MaybeValue
from raspc.dialects import craft
from raspc.dialects.craft.attributes import encode_values
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.rasp import BosWeightOp
from raspc.errors import CompileError
from raspc.lowering.materialize_mlp import tabulate
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, tokens
from tests.unit.lowering.running import Lowered, perceptron

UP_TO_HERE = rasp.Select(indices, indices, Comparison.LEQ)


def all_operands(mlp: craft.MlpOp) -> list[tuple[MaybeValue, ...]]:
    """All combinations of what the inputs stand for."""
    domains = [vector_of(x).values for x in mlp.inputs]
    choices: list[list[MaybeValue]] = [[*d.values, *([None] if d.undefined else [])] for d in domains]
    return list(product(*choices))


def check_perceptron(mlp: craft.MlpOp, expected: Sequence[MaybeValue], *, atol: float = 0.0) -> None:
    """Check what a perceptron computes for each of `all_operands`."""
    rows = all_operands(mlp)
    vectors = [encode_values(vector_of(x), [row[i] for row in rows]) for i, x in enumerate(mlp.inputs)]
    (found,) = perceptron(mlp, vectors)
    (result,) = mlp.results_
    np.testing.assert_allclose(found, encode_values(vector_of(result), list(expected)), rtol=0, atol=atol)


def test_a_lookup_of_two_operands_that_can_be_undefined():
    previous = library.shift_by(1, tokens)
    following = library.shift_by(-1, tokens)
    mlp = Lowered.of(rasp.SequenceMap(lambda x, y: x + y if x != y else None, previous, following), "ab", 4).mlps()[-1]
    expected = [None if None in (x, y) or x == y else x + y for x, y in all_operands(mlp)]  # type: ignore[operator]
    check_perceptron(mlp, expected)


def test_a_lookup_of_numbers_into_a_number():
    mlp = Lowered.of(rasp.numerical(rasp.Map(lambda x: x / 3 if x else None, tokens)), [0, 1, 2], 2).mlps()[-1]
    expected = [x / 3 if x else None for (x,) in all_operands(mlp)]  # type: ignore[operator]
    check_perceptron(mlp, expected, atol=1e-7)


def test_a_step_decoder_reads_a_mean():
    mean = rasp.Aggregate(UP_TO_HERE, tokens == "a")
    mlp = Lowered.of(rasp.Map(lambda x: "low" if x < 0.4 else "high" if x > 0.6 else None, mean), "ab", 6).mlps()[-1]
    expected = ["low" if x < 0.4 else "high" if x > 0.6 else None for (x,) in all_operands(mlp)]  # type: ignore[operator]
    check_perceptron(mlp, expected)


def test_a_step_decoder_reads_a_mean_that_can_be_undefined_or_negative():
    values = rasp.Map(lambda x: x if x else None, tokens)
    mean = rasp.Aggregate(UP_TO_HERE, values)
    mlp = Lowered.of(rasp.Map(lambda x: x > 0, mean), [-1, 0, 1], 3).mlps()[-1]
    check_perceptron(mlp, [None if x is None else x > 0 for (x,) in all_operands(mlp)])  # type: ignore[operator]


@pytest.mark.parametrize("n", [1, 2, 8, 100])
def test_widths_are_decoded(n: int):
    lowered = Lowered.of(rasp.SelectorWidth(rasp.Select(tokens, tokens, Comparison.NEQ)), "ab", n)
    mlp = lowered.mlps()[-1]
    (weight,) = lowered.ops("materialize-mlp", BosWeightOp)
    assert vector_of(mlp.inputs[0]).values == weight.domain
    check_perceptron(mlp, [round(1 / x) - 1 for (x,) in all_operands(mlp)], atol=1e-3)  # type: ignore[operator]


@pytest.mark.parametrize("undefined", [False, True])
def test_an_affine_combination_of_means(undefined: bool):
    first: SOp = rasp.Map(lambda x: x if x else None, tokens) if undefined else tokens
    means = [rasp.Aggregate(UP_TO_HERE, values) for values in (first, tokens * tokens)]
    mlp = Lowered.of(rasp.LinearSequenceMap(means[0], means[1], 2, -0.5), [-1, 0, 3], 2).mlps()[-1]
    assert [vector_of(x).is_numerical for x in mlp.inputs] == [True, True]
    rows = all_operands(mlp)
    vectors = [encode_values(vector_of(x), [row[i] for row in rows]) for i, x in enumerate(mlp.inputs)]
    (found,) = perceptron(mlp, vectors)
    for (x, y), vector in zip(rows, found, strict=True):
        if x is None or y is None:
            assert vector.tolist() == [0, 0]
        else:
            assert vector[0] == pytest.approx(2 * x - 0.5 * y, abs=1e-5)  # type: ignore[operator]
            assert vector[1:].tolist() == [1] * undefined


def test_a_cast_of_a_number_is_its_one_hot():
    mean = rasp.Aggregate(UP_TO_HERE, tokens == "a")
    same = rasp.SelectorWidth(rasp.Select(mean, mean, Comparison.EQ))
    _, cast, _ = Lowered.of(same, "ab", 4).mlps()
    check_perceptron(cast, [x for (x,) in all_operands(cast)])


def test_a_table_has_no_result_where_the_function_has_none():
    domain = Domain.of([0, 1, 2])
    codes = tabulate(Expression(("x", "y"), "x // y"), [domain, domain], Domain.of([0, 1, 2]))
    assert codes.tolist() == [[-1, 0, 0], [-1, 1, 0], [-1, 2, 1]]
    # A result outside of the domain belongs to a combination that doesn't occur.
    assert tabulate(Expression(("x",), "x + 1"), [domain], Domain.of([1, 2])).tolist() == [0, 1, -1]
    assert tabulate(Expression(("x",), "x + 'a'"), [domain], Domain.of([1])).tolist() == [-1, -1, -1]


REFUSED: dict[str, tuple[SOp, list[Any], int, str]] = {
    "a lookup with too many combinations": (
        rasp.Map(lambda x, y: x == y, library.shift_by(1, tokens), library.shift_by(2, tokens)),
        list(range(600)), 3, "combinations",
    ),
    "numbers that are too close in float32": (
        rasp.Map(lambda x: x > 10**6, rasp.Aggregate(UP_TO_HERE, tokens)),
        [0, 10**6, 10**6 + 0.01], 1, "compile",
    ),
    "an output whose values are too close in float32": (
        rasp.Aggregate(UP_TO_HERE, tokens), [10**9, 10**9 + 1], 2, "too close in float32",
    ),
    "a number beyond float32": (
        rasp.Aggregate(UP_TO_HERE, rasp.Map(lambda x: x * 1e35, tokens)), [1, 2], 2, "its numbers reach",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_exact_is_refused(name: str):
    program, vocab, max_seq_len, message = REFUSED[name]
    if message == "compile":  # with one position there is no mean: it is read one-hot
        Lowered.of(program, vocab, max_seq_len)
        max_seq_len, message = 2, "too close in float32"
    with pytest.raises(CompileError, match=message):
        Lowered.of(program, vocab, max_seq_len)
