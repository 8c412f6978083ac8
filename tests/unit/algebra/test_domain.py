import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc.algebra.domain import Domain
from raspc.algebra.values import MaybeValue, Value, sort_key

values = st.sampled_from([0, 1, True, False, 1.0, 0.5, -2, "a", "", "b", (1, "a"), (1,), ((0,), 2)])
maybe_values = st.one_of(st.none(), values)
domains = st.lists(maybe_values, max_size=8).map(Domain.of)


@given(st.lists(maybe_values, max_size=8))
def test_a_domain_has_the_distinct_values_in_order(found: list[MaybeValue]):
    domain = Domain.of(found)
    assert set(domain.values) == set(found) - {None}
    assert list(domain.values) == sorted(domain.values, key=sort_key)
    assert len(domain) == len(set(domain.values))
    assert domain.undefined == (None in found)
    assert all(value in domain for value in found)


@given(st.lists(maybe_values, max_size=8), st.randoms(use_true_random=False))
def test_a_domain_does_not_depend_on_the_order(found: list[MaybeValue], random: object):
    assert repr(Domain.of(found)) == repr(Domain.of(found[::-1]))


@given(domains)
def test_codes_are_positions(domain: Domain):
    assert [domain.code(value) for value in domain.values] == list(range(len(domain)))
    assert domain.code(None) == -1
    with pytest.raises(KeyError):
        domain.code("nowhere")


@given(domains, domains)
def test_a_union_is_the_smallest_superset(one: Domain, other: Domain):
    union = one.union(other)
    assert union.is_superset(one)
    assert union.is_superset(other)
    assert set(union.values) == {*one.values, *other.values}
    assert union.undefined == (one.undefined or other.undefined)
    assert repr(union) == repr(other.union(one))


@given(domains, domains)
def test_a_superset_contains_every_value(one: Domain, other: Domain):
    contained = [*other.values, *([None] if other.undefined else [])]
    assert one.is_superset(other) == all(value in one for value in contained)


def test_equal_values_of_different_types_make_a_domain_mixed():
    assert Domain.of([1, 1.0]).mixed
    assert Domain.of([1, True]).mixed
    assert not Domain.of([1, 1, 2.5, True + 2]).mixed
    assert Domain.of([1], mixed=True).mixed
    assert Domain.of([1]).union(Domain.of([True])).mixed


def test_forms_matter_only_in_a_mixed_domain():
    assert Domain.of([1]).forms(1) == (1,)
    assert {type(form) for form in Domain.of([1], mixed=True).forms(1)} == {int, float, bool}
    assert Domain.of([1], mixed=True).forms("a") == ("a",)


@pytest.mark.parametrize(
    ("found", "numeric"),
    [([], True), ([1, 2.5, True], True), ([1, "a"], False), ([(1,)], False), ([math.inf], False), ([2**2000], False)],
)
def test_a_domain_is_numeric_if_all_its_values_have_a_mean(found: list[Value], numeric: bool):
    assert Domain.of(found).is_numeric is numeric


def test_numbers_are_the_values_in_order():
    assert Domain.of([2, -1.5, True]).numbers.tolist() == [-1.5, 1.0, 2.0]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([3, 1, 2], (1, 3)),
        ([5], (5, 5)),
        ([1, 3], None),
        ([1, 2.0], None),
        ([True, 2], None),
        (["a"], None),
        ([], None),
    ],
)
def test_an_int_range_is_plain_ints_without_a_gap(found: list[Value], expected: tuple[int, int] | None):
    assert Domain.of(found).int_range == expected
