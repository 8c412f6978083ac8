"""Which programs are refused since they have no meaning on some input, and which are assumed or proved to have one."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from xdsl.context import Context

from raspc import rasp
from raspc.dialects.rasp import AggregateOp
from raspc.errors import CompileError, MeaningError, MeaningWarning
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.value_analysis import ValueAnalysis
from raspc.passes.value_analysis.meaning import tried_inputs
from raspc.rasp import Comparison, library
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import SOp, indices, length, tokens
from raspc.runtime.parsing import parse_text, verify
from raspc.runtime.rasp_interpreter import program_of, run_program
from raspc.testing import random_program
from tests.extent import starts
from tests.programs.levels import Task

EVERYTHING = rasp.Select(indices, indices, Comparison.TRUE)
ITSELF = rasp.Select(indices, indices, Comparison.EQ)
AGAIN = rasp.Aggregate(ITSELF, tokens)
"""The tokens, but computed by an aggregate."""


def reasons(program: SOp, vocab: Sequence[Any], max_seq_len: int, *, causal: bool = False) -> list[str]:
    """What is assumed."""
    program_op = program_of(build_module(program, list(vocab), max_seq_len, causal=causal))
    return [assumption.reason for assumption in ValueAnalysis(program_op, search=True).assumptions]


def problem(program: SOp, vocab: Sequence[Any], max_seq_len: int, *, causal: bool = False) -> str:
    """Why a program is refused."""
    with pytest.raises(CompileError) as caught:
        reasons(program, vocab, max_seq_len, causal=causal)
    assert caught.value.where is not None
    return caught.value.problem


# Refused


def test_an_average_of_strings_is_refused_with_an_input():
    average = rasp.Aggregate(EVERYTHING, tokens)
    expected = "on ['a', 'b'] it selects the different values 'a', 'b', of which there is no mean"
    assert problem(average, "ab", 5) == expected
    assert problem(average, "abcdefghijklmnopqrstuvwxyz", 500) == expected


def test_the_input_is_found_though_few_of_many_tokens_make_one():
    rare = rasp.Select(tokens, rasp.Full(0), lambda key, _: key in ("q", "v"))
    found = problem(rasp.Aggregate(rare, tokens), "abcdefghijklmnopqrstuvwxyz", 50)
    assert found.startswith("on ['q', 'v'] it selects the different values 'q', 'v'")


def test_the_input_is_found_though_only_far_positions_make_one():
    far = rasp.Select(indices, rasp.Full(0), lambda key, _: key in (50, 60))
    assert "(61 tokens)]" in problem(rasp.Aggregate(far, tokens), "ab", 70)


def test_the_input_is_found_though_only_one_length_makes_one():
    late = rasp.Map(lambda t, i, n: i in (50, 60) and n == 65, tokens, indices, length)
    assert "(65 tokens)]" in problem(
        rasp.Aggregate(rasp.Select(late, rasp.Full(True), Comparison.EQ), tokens), "ab", 70
    )


def test_each_input_that_is_tried_for_a_mean_has_two_values():
    program = program_of(build_module(rasp.Aggregate(EVERYTHING, tokens), list("abc"), 3))
    (op,) = [op for op in program.body.block.ops if isinstance(op, AggregateOp)]
    meetings = [*ValueAnalysis(program).aggregates._meetings(op)]
    assert meetings
    assert all(first["tokens"] != second["tokens"] for first, second, _ in meetings)


def test_values_by_index_are_certain_too():
    letters = rasp.Map(lambda i: "ab"[i % 2], indices)
    assert problem(rasp.Aggregate(EVERYTHING, letters), [0], 9).startswith("on [0, 0] it selects")


def test_a_function_of_the_length_is_certain():
    late = rasp.Map(lambda n, i: "abc"[n - i - 1], length, indices)
    found = problem(late, "x", 9)
    assert re.search(r"no meaning on \['x', 'x', 'x', 'x'\]: the function raised IndexError .* for 4, 0", found)


def test_a_predicate_of_tokens_and_indices_is_certain():
    select = rasp.Select(tokens, indices, lambda key, query: key + query if query == 7 else True)
    found = problem(rasp.SelectorWidth(select), ["a", 1], 20)
    assert re.search(r"no meaning on \['a'(, [1'a]+)*\]: .* key 'a' and query 7", found)


def test_a_function_that_has_no_meaning_on_what_was_tried_is_refused():
    many = rasp.Map(lambda width: width if width > 39 else width.upper(), library.make_hist())
    # A width of 40 is possible, but needs 40 equal tokens of 41.
    few = rasp.Map(lambda width: width if width == 40 else width.upper(), library.make_hist())
    assert "no meaning on any of " in problem(few, "abcdefgh", 41)
    assert reasons(many, "abcdefgh", 40) != []


def test_a_function_without_a_meaning_on_any_input_is_refused():
    upper = rasp.Map(lambda width: width.upper(), library.make_hist())
    assert "no meaning on any input, such as ['a']: " in problem(upper, "ab", 3)


# Assumed


def test_what_reads_an_aggregate_is_assumed_with_an_example():
    (reason,) = reasons(rasp.Aggregate(EVERYTHING, AGAIN), "ab", 9)
    assert reason == "an aggregate over 'a', 'b' may have no mean, for example on ['a', 'b']"


def test_a_token_that_is_undefined_as_a_key_is_tried_early():
    # Only inputs with the last token have a meaning.
    key = rasp.Map(lambda token: None if token == 199 else token % 2, tokens)
    odd = rasp.Select(key, rasp.Full(1), Comparison.EQ)
    known = rasp.SelectorWidth(odd) + rasp.SelectorWidth(~odd)
    (reason,) = reasons(rasp.Map(lambda k, n: k if k < n else k.upper(), known, length), range(200), 5)
    assert reason.endswith("for example on [0]")


@pytest.mark.parametrize("longest", range(1, 8))
def test_what_is_tried_are_all_short_inputs_and_then_longer_ones(longest: int):
    lengths = [len(tokens) for tokens in tried_inputs("abcd", "abcdefgh", longest)]
    n_short = sum(4**n if n < 3 else 27 for n in range(1, min(longest, 3) + 1))
    assert lengths[:n_short] == sorted(lengths[:n_short])
    assert all(3 < n <= longest for n in lengths[n_short:])
    assert (len(lengths) > n_short) == (longest > 3)


def test_there_may_be_no_example():
    count = rasp.SelectorWidth(rasp.Select(tokens % 2, rasp.Full(1), Comparison.EQ))
    mean = rasp.Aggregate(rasp.Select(tokens % 2, rasp.Full(1), Comparison.EQ), tokens)
    rare = rasp.Map(lambda m, n: m if m != 20.5 or n < 8 else m.upper(), mean, count)
    (reason,) = reasons(rare, range(26), 9)
    assert reason.endswith("for 20.5, 8")


def test_an_expression_is_assumed_once():
    by_half = rasp.Select(rasp.Map(lambda t: t in "ab", tokens), rasp.Map(lambda t: t in "ab", tokens), Comparison.EQ)
    assert len(reasons(rasp.Aggregate(by_half, AGAIN), "abcd", 9)) == 1


def test_what_is_assumed_is_the_same_each_time():
    program = library.make_most_freq(9)
    assert reasons(program, "abcdef", 9) == reasons(program, "abcdef", 9) != []


def test_the_folder_and_addresses_are_not_recorded():
    class Thing:
        pass

    def fails(_: object) -> object:
        raise TypeError(f"not a {Thing()}")

    program = rasp.Map(lambda x: fails(x) if x == 2 else x, library.make_hist()).named("odd")
    module = build_module(program, ["a", "b"], 9)
    with pytest.warns(MeaningWarning, match=r" at 0x"):
        InferValuesPass().apply(Context(), module)
    assumptions = program_of(module).assumptions
    assert assumptions is not None
    (text,) = assumptions
    expected = r"test_meaning\.py:\d+: 'odd': the function raised TypeError \(.*Thing object>\) .*"
    assert re.fullmatch(expected, text.data)


# Proved


@pytest.mark.parametrize("causal", [False, True])
def test_a_functional_predicate_on_indices_needs_no_assumption(causal: bool):
    assert reasons(library.shift_by(2, tokens), "abc", 20, causal=causal) == []
    if not causal:
        assert reasons(library.make_reverse(tokens), "abc", 20) == []


@pytest.mark.parametrize("n", [1, 2, 5, 10, 20])
def test_sorting_strings_needs_no_assumption(n: int):
    assert reasons(library.make_sort_stable(tokens, tokens), "abcdefgh", n) == []
    assert reasons(library.make_sort_unique(tokens, tokens), "abcdefgh", n) == []


@pytest.mark.parametrize(
    "selector",
    [
        rasp.Select(tokens, tokens, Comparison.LT),  # equal tokens have equal ranks
        rasp.Select(tokens, tokens, Comparison.LEQ) & ~rasp.Select(indices, indices, Comparison.EQ),
        rasp.Select(indices, indices, Comparison.LEQ) & rasp.Select(tokens, tokens, Comparison.NEQ),
        rasp.Select(1 // tokens, 1 // tokens, Comparison.LT)  # 1 // 0 is undefined
        | (rasp.Select(tokens, tokens, Comparison.EQ) & rasp.Select(indices, indices, Comparison.LT)),
    ],
)  # fmt: skip
def test_what_is_no_order_of_the_positions_needs_one(selector: rasp.Selector):
    letters = rasp.Map(lambda t, i: f"{t}{i}", tokens, indices)
    rank = rasp.SelectorWidth(selector)
    arrives = rasp.Select(rank, indices, Comparison.EQ)
    assert reasons(rasp.Aggregate(arrives, letters), [0, 1, 2, 3], 8) != []


def test_equal_values_need_no_assumption():
    same = rasp.Select(tokens, tokens, Comparison.EQ)
    assert reasons(rasp.Aggregate(same, tokens), "abc", 20) == []
    assert reasons(rasp.Aggregate(same, rasp.Map(str.upper, tokens)), "abc", 20) == []


@pytest.mark.parametrize("comparison", [Comparison.GT, Comparison.GEQ])
def test_what_a_causal_program_hides_is_not_selected(comparison: Comparison):
    later = rasp.Aggregate(rasp.Select(indices, indices, comparison), tokens, default="-")
    assert reasons(later, "abc", 20, causal=True) == []
    assert problem(later, "abc", 20) != ""


@pytest.mark.parametrize("vocab", [["a", 1], [*range(500), "a"]])
def test_a_position_alone_meets_no_other_one(vocab: list[Any]):
    assert reasons(rasp.SelectorWidth(rasp.Select(tokens, tokens, Comparison.LT)), vocab, 1) == []
    assert reasons(rasp.Aggregate(EVERYTHING, tokens), vocab, 1) == []
    assert problem(rasp.SelectorWidth(rasp.Select(tokens, tokens, Comparison.LT)), vocab, 2) != ""


def test_all_of_few_inputs_are_a_proof():
    # At the same index there is only one token.
    pair = rasp.Map(lambda t, i: (t, i), tokens, indices)
    select = rasp.Select(pair, pair, lambda key, query: key[0] < query[0] if key[1] == query[1] else True)
    assert reasons(rasp.SelectorWidth(select), ["a", 1], 6) == []
    assert reasons(rasp.SelectorWidth(select), ["a", 1], 7) != []  # 254 inputs


# All of it, against the interpreter


@pytest.mark.parametrize("start", starts(600, 300))
def test_random_programs_are_silent_only_where_every_input_has_a_meaning_and_refused_only_where_one_has_none(
    start: int,
):
    counts: Counter[str] = Counter()
    for seed in range(start, start + 300):
        random = random_program(
            seed, size=2 + seed % 14, risk=(0.3, 0.6, 1.0)[seed % 3], max_seq_len=(1, 7), causal=None, trivial=True
        )
        task = Task(random.program, random.vocab, random.max_seq_len, random.causal)
        try:
            counts[check_meaning(task)] += 1
        except AssertionError as error:
            error.add_note(f"seed {seed}\n{random.source}")
            raise
    assert counts["silent"] > 120
    assert counts["refused"] > 50
    assert counts["assumed"] > 2


def check_meaning(task: Task) -> str:
    """Check what is said of a program's meaning, and that the recorded program has one on the same inputs."""
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    inputs = list(task.inputs(150, 60))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MeaningWarning)
            InferValuesPass().apply(Context(), module)
    except CompileError as error:
        refusal = error.problem
    else:
        refusal = None
    if refusal is not None:
        if "has no meaning on" in refusal or "of which there is no mean" in refusal:
            assert None in map(task.evaluate, inputs), refusal
        return "refused"
    source = program_of(module).source
    if source is None:
        assert None not in map(task.evaluate, inputs)
        return "silent"
    recorded = parse_text(source.data, "source")
    verify(recorded)
    for xs in inputs:
        try:
            found = run_program(recorded, xs)
        except MeaningError:
            found = None
        assert (found is None) == (task.evaluate(xs) is None), xs
    return "assumed"
