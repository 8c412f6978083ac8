from collections import Counter

from raspc.testing.choices import SeededChoices


def test_integers_lie_between_the_bounds_and_reach_them():
    choices = SeededChoices(0)
    assert Counter(choices.integer(-1, 2) for _ in range(400)).keys() == {-1, 0, 1, 2}
    assert {choices.integer(5, 5) for _ in range(10)} == {5}


def test_equal_seeds_choose_alike():
    one, other, third = SeededChoices(1), SeededChoices(1), SeededChoices(2)
    first = [one.integer(0, 1000) for _ in range(20)]
    assert first == [other.integer(0, 1000) for _ in range(20)]
    assert first != [third.integer(0, 1000) for _ in range(20)]


def test_weights_are_shares_and_zero_is_never_chosen():
    choices = SeededChoices(3)
    counts = Counter(choices.weighted([("a", 1.0), ("b", 0.0), ("c", 3.0)]) for _ in range(4000))
    assert counts["b"] == 0
    assert 0.7 < counts["c"] / 4000 < 0.8


def test_a_flag_is_true_with_its_probability():
    choices = SeededChoices(4)
    assert not any(choices.flag(0) for _ in range(100))
    assert all(choices.flag(1) for _ in range(100))
    assert 0.2 < sum(choices.flag(0.3) for _ in range(2000)) / 2000 < 0.4


def test_a_pick_is_any_of_the_options():
    choices = SeededChoices(5)
    assert {choices.pick("abc") for _ in range(100)} == set("abc")
