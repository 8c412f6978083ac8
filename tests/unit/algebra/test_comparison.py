import itertools

import pytest

from raspc.algebra.comparison import Comparison

VALUES = (0, 1, True, 0.5, -2, float("inf"))


@pytest.mark.parametrize("comparison", Comparison)
def test_call_is_pythons_comparison(comparison: Comparison):
    for key, query in itertools.product(VALUES, repeat=2):
        expected = eval(f"key {comparison.value} query") if comparison.value[0] in "<>=!" else eval(comparison.value)
        assert comparison(key, query) is expected


@pytest.mark.parametrize("comparison", Comparison)
def test_negated_and_swapped(comparison: Comparison):
    assert comparison.negated.negated is comparison
    assert comparison.swapped.swapped is comparison
    for key, query in itertools.product(VALUES, repeat=2):
        assert comparison.negated(key, query) is not comparison(key, query)
        assert comparison.swapped(query, key) is comparison(key, query)


@pytest.mark.parametrize("comparison", Comparison)
def test_mnemonic_round_trips(comparison: Comparison):
    assert Comparison.from_mnemonic(comparison.mnemonic) is comparison


def test_mnemonics():
    assert [comparison.mnemonic for comparison in Comparison] == ["eq", "lt", "le", "gt", "ge", "ne", "true", "false"]


def test_unknown_mnemonic():
    with pytest.raises(ValueError, match="'leq' is not a comparison: expected one of eq, lt"):
        Comparison.from_mnemonic("leq")


def test_values_of_different_kinds():
    assert Comparison.EQ("a", 1) is False
    assert Comparison.TRUE("a", 1) is True
    with pytest.raises(TypeError):
        Comparison.LT("a", 1)
