"""What is too large is refused with the expression, the user's line, its size, the limit and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

import raspc
from raspc import rasp
from raspc.dialects.transformer import tensors
from raspc.errors import CompileError
from raspc.lowering import assemble_transformer
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, tokens

PREVIOUS = library.shift_by(1, tokens)


@dataclass(frozen=True)
class Limit:
    """A program beyond a limit.

    Attributes:
        name: what is limited.
        culprit: the expression that the error is to name.
        vocab: the tokens.
        max_seq_len: the maximum length.
        problem: what the error is to say, with the size.
        expected: the limit as the error is to say it.
        help: a part of the advice.
    """

    name: str
    culprit: SOp | rasp.Selector
    vocab: Sequence[Any]
    max_seq_len: int
    problem: str
    expected: str
    help: str

    @property
    def program(self) -> SOp:
        """A program with the expression in its midst."""
        sop = self.culprit if isinstance(self.culprit, SOp) else rasp.Aggregate(self.culprit, tokens == 0)
        return rasp.Map(lambda x: x, sop).named("outer")


LIMITS = [
    Limit(
        "values of a map",
        rasp.SequenceMap(lambda x, y: (x, y), tokens, PREVIOUS).named("pairs"),
        range(150), 3,
        "the domain has 22500 values", "at most 16384 values", "smaller vocabulary",
    ),
    Limit(
        "operands of a map",
        rasp.SequenceMap(lambda x, y: x == y, tokens, PREVIOUS).named("repeated"),
        range(400), 3,
        r"its operands 'tokens' \(400 values\) and 'shift_by\(1\)' \(400 values\) have 160000 combinations of values",
        "at most 131072 combinations", "or map 'tokens' to fewer values first",
    ),
    Limit(
        "means",
        rasp.Aggregate(rasp.Select(indices, indices, Comparison.LEQ), tokens).named("average"),
        [0, 1, 3.14159, 2.71828, 1.41421, 1.73205, 0.57721], 12,
        r"a mean of up to 12 of 7 numbers has over \d+ values", "at most 16384 values", "common denominator",
    ),
    Limit(
        "pairs of a select",
        rasp.Select(tokens, tokens, lambda key, query: key < query).named("smaller"),
        range(1025), 3,
        r"its keys and queries 'tokens' \(1025 values\) and .* have 1050625 combinations",
        "at most 1048576 combinations",
        "smaller vocabulary",
    ),
    Limit(
        "tuples of a disjunction",
        (
            rasp.Select(tokens, tokens, Comparison.LT) | rasp.Select(indices, PREVIOUS, Comparison.EQ)
        ).named("either"),
        range(80), 60,
        "values make 4800 tuples", "at most 4096 tuples", "one select with a predicate",
    ),
    Limit(
        "units of a lookup",
        rasp.SequenceMap(lambda x, y: (x * y + x) % 8191, tokens, PREVIOUS).named("product"),
        range(1, 201), 3,
        "takes 40000 hidden units", "at most 32768", "map 'tokens' to fewer values first",
    ),
    Limit(
        "cells of a lookup",
        rasp.SequenceMap(lambda x, y: x > y, tokens * tokens, (7 * tokens) % 1511).named("larger"),
        range(1500), 3,
        "have 2250000 combinations of values", "at most 2097152", "to fewer values first",
    ),
]  # fmt: skip


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_beyond_a_limit(limit: Limit):
    with pytest.raises(CompileError, match=limit.problem) as caught:
        raspc.compile(limit.program, list(limit.vocab), limit.max_seq_len, pipeline="O0")
    error = caught.value
    assert error.expression == limit.culprit.name
    assert error.where == limit.culprit.where
    assert error.expected is not None
    assert limit.expected in error.expected
    assert error.help is not None
    assert limit.help in error.help


def test_widths_beyond_the_limit():
    # No expression is to blame: the indices of any program have as many values.
    with pytest.raises(CompileError, match="'width': max_seq_len is 20000") as caught:
        raspc.compile(rasp.SelectorWidth(rasp.Select(tokens, tokens, Comparison.EQ)).named("width"), ["a", "b"], 20000)
    assert (caught.value.expected, caught.value.help) == ("at most 16384", "reduce max_seq_len")


def test_more_parameters_than_the_limit(monkeypatch: pytest.MonkeyPatch):
    # 600 directions for the tokens, and 1,200 for what a unit of an MLP each writes.
    assert tensors.PARAMETER_LIMIT == 1 << 28
    monkeypatch.setattr(assemble_transformer, "PARAMETER_LIMIT", 1 << 21)
    codes = rasp.SequenceMap(lambda x, i: 2 * x + i, tokens, indices).named("codes")
    with pytest.raises(CompileError, match="'codes': the model has more than 2097152 parameters") as caught:
        raspc.compile(codes, range(600), 2)
    assert caught.value.where == codes.where
    assert "1200 are this one's" in caught.value.problem
    assert caught.value.help == "use a smaller vocabulary or max_seq_len"
