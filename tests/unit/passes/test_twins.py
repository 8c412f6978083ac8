"""Values that are so near that float64 or float32 can't tell them or their means apart: exact, or refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

import raspc
from raspc import rasp
from raspc.errors import CompileError
from raspc.passes.count_close_means import CountCloseMeansPass
from raspc.passes.detect_presence import DetectPresencePass
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.recognize_counts import RecognizeCountsPass
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import SOp, indices, length, tokens
from raspc.runtime import rasp_interpreter

EVERYWHERE = rasp.Select(indices, indices, rasp.Comparison.TRUE)
BEFORE = rasp.Select(indices, indices, rasp.Comparison.LEQ)
ABOVE_ONE = 1 + 2.0**-52
LARGE = 3_000_000_000_000_001


def numbers(*values: Any) -> SOp:
    """One of some numbers at each position: the token is its place."""
    return rasp.Map(lambda token: values[token], tokens)


def inputs(n_tokens: int, max_seq_len: int) -> list[list[int]]:
    return [list(xs) for size in range(1, max_seq_len + 1) for xs in product(range(n_tokens), repeat=size)]


def rewritten(program: SOp, max_seq_len: int, rewrite: Any) -> tuple[ModuleOp, bool]:
    """The module of a program of two tokens after a pass, and whether the pass changed it."""
    module = build_module(program, (0, 1), max_seq_len)
    InferValuesPass().apply(Context(), module)
    before = str(module)
    rewrite.apply(Context(), module)
    module.verify()
    return module, str(module) != before


def check_rewrite(program: SOp, max_seq_len: int, rewrite: Any) -> bool:
    """Check that a pass keeps every value; whether it changed anything."""
    module, fired = rewritten(program, max_seq_len, rewrite)
    for xs in inputs(2, max_seq_len):
        assert rasp_interpreter.run_program(module, xs) == program(xs), xs
    return fired


def answers(program: SOp, n_tokens: int, max_seq_len: int, pipeline: str) -> list[list[Any]] | None:
    """What a model answers on all inputs, and nothing if the program is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", raspc.MeaningWarning)
        try:
            model = raspc.compile(program, list(range(n_tokens)), max_seq_len, pipeline=pipeline)
        except CompileError:
            return None
    return [model(xs) for xs in inputs(n_tokens, max_seq_len)]


@pytest.mark.parametrize(
    ("values", "max_seq_len", "fires"),
    [
        ((0.3, 0.1 + 0.2), 2, True),  # 0.3 is odd: half the way is rounded to the other one
        ((0.3, 0.1 + 0.2), 4, False),
        ((1.0, ABOVE_ONE), 2, True),  # 1 is even, so the mean is the other one where that is alone
        ((1.0, ABOVE_ONE), 3, False),
        ((1, 1 + 2.0**-51), 3, True),
        ((1, 1 + 2.0**-51), 4, False),
        ((2**53, 2**53 + 2), 3, False),
        ((0, 5e-324), 3, False),
        ((0, 1e-300), 4, True),
        ((0, 1), 4, True),
    ],
)
@pytest.mark.parametrize("selector", [EVERYWHERE, BEFORE])
def test_a_mean_that_may_be_rounded_to_a_value_is_no_presence(
    values: tuple[float, float], max_seq_len: int, fires: bool, selector: rasp.Selector
):
    lone = values[0]
    program = rasp.Map(lambda mean: "yes" if mean == lone else "no", rasp.Aggregate(selector, numbers(*values)))
    assert check_rewrite(program, max_seq_len, DetectPresencePass()) == fires
    mirrored = rasp.Map(lambda mean: "yes" if mean == lone else "no", rasp.Aggregate(selector, numbers(*values[::-1])))
    assert check_rewrite(mirrored, max_seq_len, DetectPresencePass()) == fires


@pytest.mark.parametrize(
    ("values", "function"),
    [
        ((LARGE, LARGE + 1), lambda mean, n: round((mean - LARGE) * n)),
        ((LARGE, LARGE + 1), lambda mean, n: mean == LARGE + 0.5),
        ((2**53, 2**53 + 1), lambda mean, n: (mean - 2**53) * n),
        ((2**53 + 1, 2**53 + 3), lambda mean, n: mean == 2**53 + 1),
        ((-LARGE - 1, -LARGE), lambda mean, n: round((mean + LARGE) * n)),
        ((2**60, 2**60 + 256), lambda mean, n: (mean - 2**60) / 256 * n),
        ((0, 2**53), lambda mean, n: float(mean) * n),
        ((0, 2**53 - 1), lambda mean, n: round(mean * n / (2**53 - 1))),
        ((0.0, 1e300), lambda mean, n: round(mean * n / 1e300)),
        ((False, True), lambda mean, n: round(mean * n)),
        ((-1, 1), lambda mean, n: round((mean + 1) * n / 2)),
        ((0.5, 1.5), lambda mean, n: mean == 1),  # no mean of 0 and 1
    ],
)
@pytest.mark.parametrize("default", [None, 0])
def test_a_count_is_told_from_the_mean_as_it_is_rounded(
    values: tuple[float, float], function: Callable[[Any, Any], Any], default: int | None
):
    before = rasp.Select(indices, indices, rasp.Comparison.LT)
    of_all = rasp.SequenceMap(function, rasp.Aggregate(EVERYWHERE, numbers(*values)), length)
    check_rewrite(of_all, 5, RecognizeCountsPass())
    earlier = rasp.SequenceMap(function, rasp.Aggregate(before, numbers(*values), default=default), indices)
    check_rewrite(earlier, 5, RecognizeCountsPass())


def test_a_count_of_large_integers_is_recognised_where_the_mean_tells_it():
    program = rasp.SequenceMap(
        lambda mean, n: round((mean - 10**13) * n), rasp.Aggregate(EVERYWHERE, numbers(10**13, 10**13 + 1)), length
    )
    assert check_rewrite(program, 4, RecognizeCountsPass())


NEAR = [1 + k * 2.0**-51 for k in range(200)]


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
@pytest.mark.parametrize(
    "values",
    [
        NEAR,
        (0, 1e-7, 1e9),
        (0, 0.3 - 0.1 * 3, 0.3),
        (0, 1e-40, 2e-40),
        (0, 1e300),
        (2**53, 2**53 + 1),
        (1e-300, 2e-300),
    ],
)
def test_numbers_that_are_too_close_for_a_scalar_are_one_hot(values: tuple[float, ...], pipeline: str):
    program = rasp.numerical(numbers(*values))
    expected = [program(xs) for xs in inputs(len(values), 1)]
    assert answers(program, len(values), 1, pipeline) == expected


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
@pytest.mark.parametrize(
    ("values", "expected"),
    [((0.2, 1 - 0.8), [0.2, 0.2]), ((0.1 * 3, 0.3), [0.3, 0.3]), ((1, ABOVE_ONE, 2), [1, 1, 2])],
)
def test_twins_count_as_one_in_a_number(values: tuple[float, ...], expected: list[float], pipeline: str):
    assert answers(rasp.numerical(numbers(*values)), len(values), 1, pipeline) == [[each] for each in expected]


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
def test_a_mean_of_uneven_numbers_is_never_answered_as_zero(pipeline: str):
    for values in ((0, 1e-7, 1e9), (0, 0.3 - 0.1 * 3, 0.3), NEAR[:20]):
        program = rasp.Aggregate(EVERYWHERE, numbers(*values))
        assert answers(program, len(values), 2, pipeline) in (None, [program(xs) for xs in inputs(len(values), 2)])


@pytest.mark.parametrize("pipeline", ["O0", "O2"])
def test_a_combination_that_is_too_close_is_looked_up(pipeline: str):
    ones = rasp.Aggregate(EVERYWHERE, numbers(0, 1))
    for program in (
        rasp.SequenceMap(lambda x, y: x + 1e-9 * y, ones, rasp.Aggregate(BEFORE, numbers(1, 0))),
        rasp.numerical(rasp.Map(lambda x: x + 1e9, ones)),
    ):
        assert answers(program, 2, 3, pipeline) == [program(xs) for xs in inputs(2, 3)]


@pytest.mark.parametrize(
    ("values", "function"),
    [
        ((0.3, 0.1 + 0.2), lambda mean, n: mean == 0.3),
        ((1.0, ABOVE_ONE), lambda mean, n: (mean == 1, n)),
        ((1.0, ABOVE_ONE, 1 + 2.0**-51), lambda mean, n: mean < ABOVE_ONE),
        ((LARGE, LARGE + 1), lambda mean, n: round((mean - LARGE) * n)),
        ((0, 1e-7, 1e9), lambda mean, n: mean == 1e-7),
        ((-5e-324, 0), lambda mean, n: "zero" if mean == 0 else None),
        ((0, 1e308), lambda mean, n: mean < 1e300),
    ],
)
@pytest.mark.parametrize("default", [None, 0.3, 1])
def test_means_that_are_too_close_are_counted(
    values: tuple[float, ...], function: Callable[[Any, Any], Any], default: float | None
):
    before = rasp.Select(indices, indices, rasp.Comparison.LT)
    program = rasp.SequenceMap(function, rasp.Aggregate(before, numbers(*values), default=default), length)
    size = 4 if len(values) == 2 else 3
    assert answers(program, len(values), size, "O1") == [program(xs) for xs in inputs(len(values), size)]


def test_means_are_counted_where_something_is_always_selected():
    program = rasp.Map(lambda mean: mean == 1, rasp.Aggregate(BEFORE, numbers(1.0, ABOVE_ONE)))
    assert check_rewrite(program, 4, CountCloseMeansPass())
    assert answers(program, 2, 4, "O2") == [program(xs) for xs in inputs(2, 4)]


def test_means_are_counted_by_a_map_of_numbers_in_several_forms():
    above = 1 + 2.0**-51
    close = rasp.Aggregate(EVERYWHERE, numbers(1.0, above))
    program = rasp.Map(lambda mean: 0 if mean == 1 else 0.0 if mean < above else 7, close)
    assert check_rewrite(program, 4, CountCloseMeansPass())


def test_means_are_not_counted_where_only_what_cannot_occur_tells_them_apart():
    # Where all tokens are 0 the one mean is 1 and the other one 0.
    close, ones = (rasp.Aggregate(EVERYWHERE, numbers(*values)) for values in ((1.0, 1 + 2.0**-51), (0, 1)))
    program = rasp.SequenceMap(lambda mean, ones: mean > 0.5 and ones > 0.4, close, ones)
    assert not check_rewrite(program, 3, CountCloseMeansPass())


@pytest.mark.parametrize(
    ("values", "function", "max_seq_len"),
    [
        ((0, 1), lambda mean: mean == 1 / 3, 4),  # a head can compute it
        ((1.0, ABOVE_ONE), lambda mean: mean > 0.5, 4),  # nothing tells them apart
        ((1.0, ABOVE_ONE), lambda mean: mean == 1, 1),  # it is no mean
        ((1.0, ABOVE_ONE, None), lambda mean: mean == 1, 4),
        ((1.0, ABOVE_ONE, 2, 3), lambda mean: mean == 1, 3),
        ((1.0, ABOVE_ONE), lambda mean: mean == 1, 200),
    ],
)
def test_means_are_not_counted_where_that_is_of_no_use_or_too_much(
    values: tuple[float, ...], function: Callable[[Any], Any], max_seq_len: int
):
    program = rasp.Map(function, rasp.Aggregate(EVERYWHERE, numbers(*values)))
    module = build_module(program, tuple(range(len(values))), max_seq_len)
    InferValuesPass().apply(Context(), module)
    before = str(module)
    CountCloseMeansPass().apply(Context(), module)
    assert str(module) == before
