import itertools
import json
import math
from typing import Any

import numpy as np
import pytest

from raspc.algebra import values
from raspc.algebra.values import (
    MAX_NESTING,
    MaybeValue,
    Value,
    forms,
    from_json,
    is_number,
    normalise,
    sort_key,
    sorted_distinct,
    to_json,
)
from raspc.errors import BoundError

VALUES: tuple[Value, ...] = (
    *(0, 1, -3, True, False, 0.5, 1.0, math.inf, -math.inf, 2**70),
    *("", "a", "ab", "None", (), (1,), (1.0, "a"), ((), ("a",))),
)


def shape(value: Any) -> Any:
    """A value with its type, all the way down."""
    return (tuple, [shape(item) for item in value]) if isinstance(value, tuple) else (type(value), repr(value))


@pytest.mark.parametrize("value", VALUES)
def test_plain_values_stay_what_they_are(value: Value):
    assert shape(normalise(value)) == shape(value)


def test_there_is_one_zero():
    assert repr(normalise(-0.0)) == "0.0"


class MyInt(int):
    pass


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (MyInt(3), 3),
        ((np.int8(1), (np.float64(2),)), (1, (2.0,))),
        (None, None),
    ],
)
def test_other_forms_become_plain(found: object, expected: Value):
    assert shape(normalise(found)) == shape(expected)


@pytest.mark.parametrize(
    "found", [[1], {1}, 1j, b"a", math.nan, np.float64("nan"), (1, None), (math.nan,), np.zeros(2)]
)
def test_not_values(found: object):
    with pytest.raises(TypeError):
        normalise(found)


def test_numbers():
    assert [is_number(value) for value in (1, True, 0.5, "1", (1,))] == [True, True, True, False, False]


def test_sort_key_is_equal_exactly_where_values_are():
    for left, right in itertools.product(VALUES, repeat=2):
        assert (sort_key(left) == sort_key(right)) is (left == right)
        assert (sort_key(left) < sort_key(right)) + (sort_key(right) < sort_key(left)) == (left != right)


def test_sorted_distinct_depends_on_the_set_alone():
    values: tuple[Value, ...] = (1.0, True, 1, "b", "a", 0, 0.0, (1.0,), (True,))
    expected = [shape(value) for value in (0, True, "a", "b", (True,))]
    for order in itertools.islice(itertools.permutations(values), 0, None, 997):
        assert [shape(value) for value in sorted_distinct(order)] == expected


def test_forms():
    assert {type(form) for form in forms(1)} == {int, bool, float}
    assert {type(form) for form in forms(0.0)} == {float, int, bool}
    assert {type(form) for form in forms(7)} == {int, float}
    assert forms(0.5) == (0.5,)
    assert forms("a") == ("a",)
    assert {type(form) for form in forms(2**60)} == {int, float}
    assert {type(form) for form in forms(2.0**60)} == {int, float}
    assert forms(2**60 + 1) == (2**60 + 1,)
    assert forms(10**300) == (10**300,)
    assert forms(1e300) == (1e300, int(1e300))
    assert forms(10**400) == (10**400,)
    assert forms(math.inf) == (math.inf,)


@pytest.mark.parametrize("value", [value for value in VALUES if not isinstance(value, tuple)])
def test_forms_start_with_the_value_and_are_equal(value: Value):
    assert shape(forms(value)[0]) == shape(value)
    assert all(form == value for form in forms(value))


@pytest.mark.parametrize("value", [*VALUES, None])
def test_json_round_trips(value: MaybeValue):
    text = json.dumps(to_json(value), allow_nan=False)
    assert shape(from_json(json.loads(text))) == shape(value)


@pytest.mark.parametrize(
    "data", [[1], {}, {"tuple": 1}, {"tuple": [], "x": 1}, {"float": "nan"}, {"tuple": [{"a": 1}]}]
)
def test_not_json_of_a_value(data: object):
    with pytest.raises(ValueError, match="is not a RASP value in JSON"):
        from_json(data)


def test_a_tuple_has_just_as_many_items_as_are_allowed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(values, "MAX_ITEMS", 5)
    assert normalise((1, 2, 3, 4, 5)) == (1, 2, 3, 4, 5)
    for too_many in ((1, 2, 3, 4, 5, 6), (1, (2, (3, 4)))):  # a tuple within another one is an item, too
        with pytest.raises(BoundError, match="more than 5 items"):
            normalise(too_many)


def test_a_tuple_is_nested_just_as_deep_as_is_allowed():
    deep: Any = 1
    for _ in range(MAX_NESTING):
        deep = (deep,)
    assert normalise(deep) == deep
    with pytest.raises(BoundError, match="nested more than"):
        normalise((deep,))
