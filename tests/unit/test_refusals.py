"""What refusals say: the cause, what would do, and a help that helps."""

import re
import warnings
from collections.abc import Sequence
from typing import Any

import pytest

import raspc
from raspc.errors import CompileError
from raspc.rasp import Aggregate, Comparison, Full, Map, Select, SelectorWidth, SequenceMap, SOp, indices, tokens

UP_TO_HERE = Select(indices, indices, Comparison.LEQ)
PIPELINES = ("O0", "O1", "O2", "O3")


def refusal(program: SOp, vocab: Sequence[Any], max_seq_len: int, **options: Any) -> CompileError:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", raspc.MeaningWarning)
        with pytest.raises(CompileError) as caught:
            raspc.compile(program, vocab, max_seq_len, **options)
    return caught.value


def share(token: str) -> SOp:
    return Aggregate(UP_TO_HERE, tokens == token).named(f"share of {token}")


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_subtraction_of_means_is_not_told_to_split(pipeline: str):
    program = Map(lambda x: x < 0, (share("(") - share(")")).named("balance"))
    error = refusal(program, list("()a"), 40, pipeline=pipeline)
    assert error.expression == "balance"
    assert error.where is not None
    assert re.search(
        r"its operands 'share of \(' \(491 values\) and 'share of \)' \(491 values\) have 241081 comb", str(error)
    )
    assert error.help is not None
    assert "split" not in error.help
    assert "'share of (' is a mean: round it first, or count with SelectorWidth" in error.help


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
def test_the_help_for_means_helps(pipeline: str):
    few = [Map(lambda x: round(x, 1), share(token)) for token in "()"]
    raspc.compile(Map(lambda x: x < 0, few[0] - few[1]), list("()a"), 40, pipeline=pipeline)
    counts = [SelectorWidth(UP_TO_HERE & Select(tokens, Full(token), Comparison.EQ)) for token in "()"]
    raspc.compile(Map(lambda x: x < 0, counts[0] - counts[1]), list("()a"), 40, pipeline=pipeline)


def test_a_function_of_three_operands_is_told_to_split():
    words = range(60)
    first = Aggregate(Select(indices, Full(0), Comparison.EQ), tokens)
    second = Aggregate(Select(indices, Full(1), Comparison.EQ), tokens)
    program = raspc.rasp.Map(lambda x, y, z: x + y == z, tokens, first, second).named("sums")
    error = refusal(program, list(words), 3, pipeline="O0")
    assert error.expression == "sums"
    assert error.help == "use a smaller vocabulary or max_seq_len, or split the function into steps of fewer operands"


def test_float32_is_named_where_a_model_is_exact_in_it():
    same = SelectorWidth(Select(tokens, tokens, Comparison.EQ)).named("same")
    error = refusal(same, list("ab"), 12, dtype="bfloat16", pipeline="O0")
    assert error.help is not None
    assert error.help.startswith("compile for float32, in which the model is exact, or reduce max_seq_len")
    raspc.compile(same, list("ab"), 12, pipeline="O0")


def test_no_dtype_is_more_exact_than_float32():
    mean = Aggregate(UP_TO_HERE, tokens).named("mean")
    error = refusal(mean, [0, 1, 16777216, 16777217], 3, pipeline="O0")
    assert "dtype" not in str(error)
    assert "compile for" not in str(error)


@pytest.mark.parametrize("length", [8, 25])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_bounds_without_a_bound_are_not_called_numbers_of_the_program(dtype: str, length: int):
    """Where the scores of a head are too inexact, its weights and all that is computed from them have no bound."""
    opens = SelectorWidth(UP_TO_HERE & Select(tokens, Full("("), Comparison.EQ))
    closes = SelectorWidth(UP_TO_HERE & Select(tokens, Full(")"), Comparison.EQ))
    negative = Select(opens - closes, Full(0), Comparison.LT)
    failures = SelectorWidth(negative & UP_TO_HERE).named("failures")
    error = refusal(failures, list("()"), length, dtype=dtype, pipeline="O0")
    assert not re.search(r"numbers may reach \d\.\de\+(?:[2-9]\d|\d{3})|inf", str(error)), error
    assert error.help is not None


def test_the_operand_that_is_too_inexact_is_named():
    positions = Aggregate(Select(tokens, Full("+"), Comparison.EQ), indices).named("at")
    left = SequenceMap(lambda i, p: i < p, indices, positions).named("left")
    error = refusal(left, list("01+"), 14, pipeline="O0")
    assert error.expression == "left"
    assert re.search(r"'at', which it reads, has \d+ values, and may be off by", error.problem)
    assert error.help == "map 'at' to fewer values first, or reduce max_seq_len"


def test_a_causal_model_says_so():
    later = SelectorWidth(Select(indices, indices, Comparison.GT)).named("later")
    models = [raspc.compile(later, list("ab"), 3, causal=causal) for causal in (False, True)]
    assert ["causal" in repr(model) for model in models] == [False, True]
    for model in models:
        assert model(["a", "b"]) == later(["a", "b"], causal=model.causal)
    assert later(["a", "b"]) == later(["a", "b"], causal=False) != later(["a", "b"], causal=True)
    assert UP_TO_HERE(["a", "b"], causal=True) == [[True, False], [True, True]]
