from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.domain import Domain
from raspc.algebra.grid import NEVER, UNDEFINED, Axis, JointValues, combinations, on_axes, union_axes

ORDER: dict[Axis, int] = {"tokens": 0, "indices": 1, "length": 2}


def test_a_source_has_each_value_and_undefined_last():
    joint = JointValues.source("tokens", Domain.of(["a", "b", None]))
    assert joint.axes == ("tokens",)
    assert joint.codes.tolist() == [0, 1, UNDEFINED]
    assert joint.sizes() == {"tokens": 3}
    assert JointValues.source("tokens", Domain.of([None])).codes.tolist() == [UNDEFINED]


def test_a_constant_has_no_axis():
    assert JointValues.constant(Domain.of([7])).codes.shape == ()
    assert int(JointValues.constant(Domain.of([7])).codes) == 0
    assert int(JointValues.constant(Domain.of([None])).codes) == UNDEFINED


def test_axes_are_united_in_the_order_of_the_program():
    one = JointValues.source("length", Domain.of([1, 2]))
    other = JointValues.source("tokens", Domain.of("abc"))
    assert list(union_axes([one, other], ORDER).items()) == [("tokens", 3), ("length", 2)]
    assert union_axes([one, one], ORDER) == {"length": 2}
    assert union_axes([], ORDER) == {}


def test_codes_are_broadcast_along_the_axes_of_others():
    joint = JointValues(("tokens", "length"), np.array([[0, 1], [1, NEVER], [0, UNDEFINED]]), Domain.of("xy"))
    sizes: dict[Axis, int] = {"tokens": 3, "indices": 4, "length": 2}
    grid = on_axes(joint, sizes)
    assert grid.shape == (3, 4, 2)
    for token, index, length in product(range(3), range(4), range(2)):
        assert grid[token, index, length] == joint.codes[token, length]
    assert on_axes(JointValues.constant(Domain.of([5])), sizes).shape == (3, 4, 2)


def brute_force(codes: list[list[int]]) -> tuple[list[tuple[int, ...]], list[int]]:
    points = list(zip(*codes, strict=True))
    distinct = sorted({point for point in points if NEVER not in point})
    return distinct, [distinct.index(point) if NEVER not in point else NEVER for point in points]


@given(
    st.integers(1, 3).flatmap(
        lambda operands: st.lists(st.lists(st.integers(NEVER, 4), min_size=operands, max_size=operands), max_size=30)
    )
)
def test_combinations_are_those_that_occur(points: list[list[int]]):
    n_operands = len(points[0]) if points else 1
    columns = [[point[i] for point in points] for i in range(n_operands)]
    distinct, which = combinations([np.array(column, dtype=np.int64) for column in columns])
    expected = brute_force(columns)
    assert [tuple(row) for row in distinct.tolist()] == expected[0]
    assert which.tolist() == expected[1]


def test_combinations_of_more_operands_than_fit_into_one_int():
    rng = np.random.default_rng(0)
    columns: list[NDArray[np.int64]] = [rng.integers(0, 1000, size=50) for _ in range(8)]
    columns[0][:5] = NEVER
    distinct, which = combinations(columns)
    expected = brute_force([column.tolist() for column in columns])
    assert [tuple(row) for row in distinct.tolist()] == expected[0]
    assert which.tolist() == expected[1]


@pytest.mark.parametrize("n_points", [0, 1, 4])
def test_a_map_of_constants_has_one_combination(n_points: int):
    distinct, which = combinations([np.zeros(n_points, dtype=np.int64)] * 2)
    assert distinct.tolist() == [[0, 0]] * min(n_points, 1)
    assert which.tolist() == [0] * n_points
