import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc.algebra import semantics
from raspc.algebra.comparison import Comparison
from raspc.algebra.semantics import FALSE, TRUE, UNKNOWN, Truth
from raspc.algebra.values import MaybeValue
from raspc.errors import MeaningError

TRUTHS: tuple[int, ...] = (FALSE, TRUE, UNKNOWN)


def truth(*rows: list[int]) -> Truth:
    return np.array(rows, dtype=np.int8)


class TestMap:
    def test_undefined_operands(self):
        assert semantics.map_values(lambda x, y: x + y, [[1, None, 3], [None, 5, 6]]) == [None, None, 9]

    @pytest.mark.parametrize(
        "function",
        [
            lambda x: None,
            lambda x: 1 / x,
            lambda x: 2.0 ** (10**6),
            lambda x: int("a"),
            lambda x: (1,).index(2),
        ],
        ids=["None", "ZeroDivisionError", "OverflowError", "ValueError", "index"],
    )
    def test_undefined_results(self, function: Callable[[Any], object]):
        assert semantics.map_values(function, [[0]]) == [None]

    @pytest.mark.parametrize(
        ("function", "message"),
        [
            (lambda x: x + 1, r"TypeError \(can only concatenate str .* for 'a'"),
            (lambda x: {}[x], r"KeyError \('a'\)"),
            (lambda x: x.no, "AttributeError"),
            (lambda x: [x], r"no RASP value for 'a': \['a'\] of type list"),
            (lambda x: float("nan"), "NaN"),
            (lambda x: 1j, "complex"),
        ],
    )
    def test_no_meaning(self, function: Callable[[Any], object], message: str):
        with pytest.raises(MeaningError, match=message) as caught:
            semantics.map_values(function, [["a"]])
        assert caught.value.__cause__ is not None

    def test_results_are_normalised(self):
        (result,) = semantics.map_values(lambda x: np.int64(x), [[True]])
        assert type(result) is int

    def test_long_values_are_cut_in_messages(self):
        with pytest.raises(MeaningError) as caught:
            semantics.map_values(lambda x: x + 1, [["a" * 10_000]])
        assert len(str(caught.value)) < 300


class TestSelect:
    def test_rows_are_queries(self):
        selector = semantics.select([1, 2, 3], [2], Comparison.LT)
        assert selector.dtype == np.int8
        assert selector.tolist() == [[TRUE, FALSE, FALSE]]

    def test_undefined_operands_are_unknown_even_to_constants(self):
        assert semantics.select([1, None], [None, 1], Comparison.TRUE).tolist() == [[UNKNOWN] * 2, [TRUE, UNKNOWN]]
        assert semantics.select([1, None], [None, 1], Comparison.FALSE).tolist() == [[UNKNOWN] * 2, [FALSE, UNKNOWN]]

    def test_results_count_as_true_or_false(self):
        assert semantics.select(["", "a"], [0, 1], lambda key, query: key).tolist() == [[FALSE, TRUE]] * 2
        assert semantics.select(["a"], [0], lambda key, query: None).tolist() == [[FALSE]]

    def test_called_once_per_distinct_pair(self):
        calls: list[tuple[Any, Any]] = []

        def predicate(key: Any, query: Any) -> bool:
            calls.append((key, query))
            return key == query

        keys: list[MaybeValue] = ["a", "b", "a", None]
        queries: list[MaybeValue] = ["a", "a", "b"]
        expected = [[UNKNOWN if key is None else int(key == query) for key in keys] for query in queries]
        assert semantics.select(keys, queries, predicate).tolist() == expected
        assert sorted(calls) == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]

    def test_equal_values_of_different_types_are_distinct(self):
        keys: list[MaybeValue] = [1, 1.0, True, (1,), (True,), 0.0, -0.0]
        texts = ["1", "1.0", "True", "(1,)", "(True,)", "0.0", "-0.0"]
        for text, key in zip(texts, keys, strict=True):
            column = semantics.select(keys, [0], lambda key, query, text=text: str(key) == text)
            assert column.tolist() == [[int(str(other) == text) for other in keys]]
            assert str(key) == text

    @pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, TypeError])
    def test_any_exception_is_an_error(self, error: type[Exception]):
        def predicate(key: Any, query: Any) -> bool:
            raise error("no")

        with pytest.raises(MeaningError, match=rf"{error.__name__} \(no\) for key 1 and query 'a'"):
            semantics.select([1], ["a"], predicate)


class TestLogic:
    """Kleene's logic: unknown stands for both truth values."""

    @staticmethod
    def worlds(value: int) -> set[int]:
        return {FALSE, TRUE} if value == UNKNOWN else {value}

    @staticmethod
    def summary(outcomes: set[int]) -> int:
        return outcomes.pop() if len(outcomes) == 1 else UNKNOWN

    @pytest.mark.parametrize(
        ("operation", "classical"),
        [(semantics.selector_and, min), (semantics.selector_or, max)],
    )
    def test_binary(self, operation: Callable[[Truth, Truth], Truth], classical: Callable[[int, int], int]):
        for fst, snd in itertools.product(TRUTHS, repeat=2):
            expected = self.summary({classical(a, b) for a in self.worlds(fst) for b in self.worlds(snd)})
            result = operation(truth([fst]), truth([snd]))
            assert result.dtype == np.int8
            assert result.tolist() == [[expected]]

    def test_not(self):
        assert semantics.selector_not(truth([FALSE, TRUE, UNKNOWN])).tolist() == [[TRUE, FALSE, UNKNOWN]]

    def test_causal(self):
        assert semantics.causal(truth([1, 1, -1], [-1, 1, 1], [1, 0, 1])).tolist() == [[1, 0, 0], [-1, 1, 0], [1, 0, 1]]


class TestAggregate:
    def test_default_where_nothing_defined_is_selected(self):
        selector = truth([0, 0, 0], [0, 1, 0], [-1, -1, -1], [-1, 1, 1])
        assert semantics.aggregate(selector, [5, None, 6], "none") == ["none", "none", "none", 6]

    def test_equal_values_stay_what_they_are(self):
        results = semantics.aggregate(truth([1, 1, 0], [0, 1, 1]), [True, 1, 1.0])
        assert [repr(result) for result in results] == ["True", "1"]
        assert semantics.aggregate(truth([1, 1]), [("a",), ("a",)]) == [("a",)]
        assert semantics.aggregate(truth([1, 1]), [10**400, 10**400]) == [10**400]

    def test_mean(self):
        assert semantics.aggregate(truth([1, 1, 1], [1, 0, 1]), [1, 2, True]) == [4 / 3, 1]
        assert semantics.aggregate(truth([1, 1]), [1, 3]) == [2.0]

    def test_mean_is_rounded_once(self):
        assert semantics.aggregate(truth([1] * 10), [0.1] * 9 + [0.2]) == [
            float((9 * Fraction(0.1) + Fraction(0.2)) / 10)
        ]
        assert semantics.aggregate(truth([1, 1, 1]), [1e308, 1.5e308, 1e308]) == [
            float((2 * Fraction(1e308) + Fraction(1.5e308)) / 3)
        ]
        assert semantics.aggregate(truth([1, 1, 1, 1]), [1e16, 1.0, -1e16, 1.0]) == [0.5]

    def test_infinities(self):
        assert semantics.aggregate(truth([1, 1]), [math.inf, 1]) == [math.inf]
        assert semantics.aggregate(truth([1, 1]), [2, -math.inf]) == [-math.inf]
        with pytest.raises(MeaningError, match="both inf and -inf"):
            semantics.aggregate(truth([1, 1]), [math.inf, -math.inf])

    def test_no_mean(self):
        with pytest.raises(MeaningError, match="different values 'a', 'b'"):
            semantics.aggregate(truth([1, 1]), ["a", "b"])
        with pytest.raises(MeaningError, match="different values 1, 'b'"):
            semantics.aggregate(truth([1, 1]), [1, "b"])
        with pytest.raises(MeaningError, match="beyond the floats"):
            semantics.aggregate(truth([1, 1]), [10**400, 0])

    def test_width(self):
        widths = semantics.selector_width(truth([1, -1, 1], [0, 0, -1]))
        assert widths == [2, 0]
        assert all(type(width) is int for width in widths)


def naive_aggregate(selector: list[list[int]], values: list[Any], default: Any) -> list[Any]:
    """The definition, word by word."""
    results: list[Any] = []
    for row in selector:
        chosen = [value for cell, value in zip(row, values, strict=True) if cell == TRUE and value is not None]
        if not chosen:
            results.append(default)
        elif all(value == chosen[0] for value in chosen):
            results.append(chosen[0])
        else:
            results.append(float(sum(Fraction(value) for value in chosen) / len(chosen)))
    return results


NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-10, 10, allow_nan=False))


@given(st.data())
def test_aggregate_is_its_definition(data: st.DataObject):
    n = data.draw(st.integers(1, 6))
    values = data.draw(st.lists(NUMBERS, min_size=n, max_size=n))
    rows = data.draw(st.lists(st.lists(st.sampled_from(TRUTHS), min_size=n, max_size=n), min_size=1, max_size=6))
    results = semantics.aggregate(truth(*rows), values, "default")
    expected = naive_aggregate(rows, values, "default")
    assert results == expected
    assert [type(result) for result in results] == [type(value) for value in expected]
