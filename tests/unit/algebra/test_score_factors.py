"""Score factors, for patterns with runs, sets and permutations at random: what they promise holds exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.score_factors import ScoreFactors, largest_partial_sum, row_blocks, score_factors

Bools = NDArray[np.bool_]


def window(n: int, width: int, offset: int = 0) -> Bools:
    """Each query selects so many neighbours, up to the one `offset` before it."""
    distance = np.arange(n)[:, None] - np.arange(n)[None, :] - offset
    return (distance >= 0) & (distance < width)


@st.composite
def runs(draw: st.DrawFn) -> Bools:
    """Each query selects a run of keys, which may be empty."""
    n_queries, n_keys, longest = draw(st.integers(1, 20)), draw(st.integers(1, 20)), draw(st.integers(1, 6))
    selected = np.zeros((n_queries, n_keys), dtype=np.bool_)
    for query in range(n_queries):
        first, length = draw(st.integers(0, n_keys - 1)), draw(st.integers(0, longest))
        selected[query, first : first + length] = True
    return selected


@st.composite
def sets(draw: st.DrawFn) -> Bools:
    """Each query selects a few keys anywhere."""
    n_queries, n_keys, most = draw(st.integers(1, 20)), draw(st.integers(1, 20)), draw(st.integers(1, 3))
    selected = np.zeros((n_queries, n_keys), dtype=np.bool_)
    for query in range(n_queries):
        selected[query, draw(st.lists(st.integers(0, n_keys - 1), max_size=most))] = True
    return selected


@st.composite
def permutations(draw: st.DrawFn) -> Bools:
    """Each query selects one key, in any order, and some select none."""
    keys = draw(st.permutations(range(draw(st.integers(1, 40)))))
    selected = np.eye(len(keys), dtype=np.bool_)[keys]
    selected[draw(st.lists(st.integers(0, len(keys) - 1), max_size=3))] = False
    return selected


def integers(array: NDArray[np.float64]) -> NDArray[np.object_]:
    """Twice the elements as Python's integers; all must be whole numbers or halves."""
    doubled = [[int(2 * x) for x in row] for row in array.tolist()]
    result = np.array(doubled, dtype=object).reshape(array.shape)
    assert (result == 2 * array).all()
    return result


def n_distinct(rows: Bools) -> int:
    """How many different rows there are, without those of zeros."""
    return len({row.tobytes() for row in rows if row.any()})


@given(st.one_of(runs(), sets(), permutations()), st.booleans())
def test_selected_keys_score_one_and_others_zero_at_most(selected: Bools, transposed: bool):
    selected = np.ascontiguousarray(selected.T) if transposed else selected
    below = min(n_distinct(selected), n_distinct(np.ascontiguousarray(selected.T)))
    ranks = [0]
    for factors in score_factors(selected):
        scores = integers(factors.queries) @ integers(factors.keys)  # 4 times the scores, without any rounding
        assert (scores[selected] == 4).all()
        assert (scores[~selected] <= 0).all()
        assert factors.tell(selected)
        assert not factors.tell(~selected)
        ranks.append(factors.rank)
    assert ranks == sorted(ranks)
    assert max(ranks) < max(below, 1)


@given(permutations())
def test_one_to_one_takes_three_dimensions(selected: Bools):
    n = n_distinct(selected)
    assert [factors.rank for factors in score_factors(selected)][:1] == [3] * (n >= 4)


@pytest.mark.parametrize(("width", "rank"), [(1, 3), (2, 3), (3, 5), (4, 5), (5, 7), (6, 7), (7, 9), (8, 9)])
@pytest.mark.parametrize("n", [12, 30])
def test_a_window_takes_few_dimensions(n: int, width: int, rank: int):
    assert next(score_factors(window(n, width))).rank == rank


@pytest.mark.parametrize("width", [3, 4, 5, 8, 20])
def test_blocks_take_two_dimensions_for_each_key(width: int):
    """Their numbers are small, however long the input."""
    found = [factors for factors in score_factors(window(400, width)) if factors.rank == 2 * width]
    assert found
    assert all(factors.reach < (400 / (width - 1)) ** 2 for factors in found)


def test_more_dimensions_make_for_smaller_numbers():
    found = list(score_factors(window(500, 1)))
    assert [factors.rank for factors in found] == [3, 4, 5, 6, 7, 8, 9, 10, 10]
    reaches = [factors.reach for factors in found]
    assert reaches[0] == 499**2 - 1
    assert reaches[1] < 1000
    assert reaches[-1] < 10


def test_bit_strings_have_no_direction_for_the_norm():
    *_, bits = score_factors(window(64, 1))
    assert bits.rank == 7
    assert set(np.abs(bits.keys).ravel().tolist()) <= {0.0, 0.5, 1.0}


def test_two_keys_apart_take_five_dimensions():
    distance = np.arange(20)[:, None] - np.arange(20)[None, :]
    assert next(score_factors((distance == 1) | (distance == 4))).rank == 5


def test_keys_that_the_same_queries_select_are_merged():
    halves = np.arange(40)[None, :] // 4 == np.arange(10)[:, None]  # four keys for each query
    assert next(score_factors(halves)).rank == 3
    assert next(score_factors(np.ascontiguousarray(halves.T))).rank == 3


def test_three_keys_at_an_end_need_no_root_twice():
    selected = window(9, 2)
    selected[0, :3] = selected[8, 6:] = True
    assert next(score_factors(selected)).rank == 4
    selected[4, 2:5] = True
    assert next(score_factors(selected)).rank == 5


def test_what_all_queries_select_takes_no_dimension():
    selected = np.eye(12) == 1
    selected[:, [0, 11]] = True
    assert next(score_factors(selected)).rank == 3


@pytest.mark.parametrize("selected", [np.zeros((0, 0)), np.zeros((0, 5)), np.zeros((5, 5)), np.ones((5, 5)), np.eye(3)])
def test_what_is_small_already_stays(selected: NDArray[np.float64]):
    assert not list(score_factors(selected == 1))


@pytest.mark.parametrize("n", [4, 9, 40])
def test_an_order_takes_all_of_its_dimensions(n: int):
    before = np.tri(n, k=-1) == 1
    assert not list(score_factors(before))


def test_numbers_beyond_float64_are_not_tried():
    found = list(score_factors(window(3000, 5)))
    assert [factors.rank for factors in found] == [10, 10]


def test_factors_that_tell_something_else_are_found_out():
    factors = next(score_factors(window(9, 1)))
    assert not factors.tell(window(9, 1, offset=1))
    assert not ScoreFactors(factors.queries * 2, factors.keys).tell(window(9, 1))
    assert not ScoreFactors(factors.queries * 2.0**60, factors.keys).tell(window(9, 1))
    assert factors.transposed.tell(window(9, 1).T)


def test_partial_sums_are_those_of_one_sign():
    random = np.random.default_rng(0)
    queries, keys = random.integers(-5, 6, size=(7, 4)).astype(float), random.integers(-5, 6, size=(4, 9)).astype(float)
    products = queries[:, :, None] * keys[None, :, :]
    expected = max(products.clip(min=0).sum(axis=1).max(), -products.clip(max=0).sum(axis=1).min())
    assert largest_partial_sum(queries, keys) == expected
    assert largest_partial_sum(np.zeros((0, 2)), np.zeros((2, 0))) == 0


def test_blocks_of_rows_are_all_rows():
    assert row_blocks(5, 10) == [slice(0, 419430)]
    rows = np.arange(10)
    assert np.concatenate([rows[block] for block in row_blocks(10, 1 << 21)]).tolist() == rows.tolist()
    assert len(row_blocks(10, 1 << 21)) == 5
    assert row_blocks(0, 0) == []
