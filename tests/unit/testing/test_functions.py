from itertools import product

import pytest

from raspc.algebra.values import MaybeValue, Value, normalise
from raspc.testing.choices import SeededChoices
from raspc.testing.functions import (
    KINDS,
    MAPS,
    NUMBERS,
    PREDICATES,
    SINGLE_PREDICATES,
    STRINGS,
    Kind,
    Template,
    fill_gaps,
    lambda_of,
)
from raspc.testing.nodes import kind_of

VALUES: dict[Kind, tuple[Value, ...]] = {
    Kind.BOOL: (False, True),
    Kind.INT: (-1, 0, 1, 2, 3),
    Kind.NUMBER: (*NUMBERS, True, 2.0),
    Kind.STRING: STRINGS,
    Kind.TUPLE: ((1,), ("a", 2), ((0, "x"), 1)),
    Kind.ANY: (0, True, 0.5, "a", (1,)),
}

ORDER = {kind: number for number, kind in enumerate(KINDS)}


def results(template: Template, parameters: str, seed: int) -> list[MaybeValue]:
    body = fill_gaps(template.text, SeededChoices(seed), (0, 1, "a"))
    function = lambda_of(list(parameters)[: len(template.operands)], body)
    found: list[MaybeValue] = []
    for arguments in product(*(VALUES[kind] for kind in template.operands)):
        try:
            found.append(normalise(function(*arguments)))
        except (ArithmeticError, ValueError):
            found.append(None)
    return found


@pytest.mark.parametrize("template", MAPS, ids=lambda template: f"{template.text} {template.result.value}")
def test_maps_have_results_of_their_kind_for_all_operands_of_theirs(template: Template):
    for seed in range(5):
        defined = [value for value in results(template, "xyz", seed) if value is not None]
        assert all(kind_of([value]).fits(template.result) for value in defined)
        if template.most is not None and len(template.operands) == 1:
            assert len(set(defined)) <= template.most


@pytest.mark.parametrize("template", PREDICATES, ids=lambda template: template.text)
def test_predicates_have_a_meaning_on_all_operands_of_their_kinds(template: Template):
    for seed in range(5):
        results(template, "kq", seed)


@pytest.mark.parametrize("text", SINGLE_PREDICATES)
def test_single_predicates_hold_for_at_most_one_key(text: str):
    for seed in range(5):
        predicate = lambda_of("kq", fill_gaps(text, SeededChoices(seed), ()))
        for query in VALUES[Kind.NUMBER]:
            assert sum(bool(predicate(key, query)) for key in range(20)) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_maps_to_every_kind(kind: Kind):
    arities = {len(template.operands) for template in MAPS if template.result.fits(kind)}
    assert arities == {1, 2, 3}


def test_a_kind_comes_after_those_that_fit_it():
    for one, other in product(Kind, Kind):
        if one.fits(other) and one is not other:
            assert ORDER[one] < ORDER[other]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], Kind.INT),
        ([True, False], Kind.BOOL),
        ([True, 2], Kind.NUMBER),
        ([0.5], Kind.NUMBER),
        (["a", ""], Kind.STRING),
        ([(1,), ("a",)], Kind.TUPLE),
        (["a", 1], Kind.ANY),
    ],
)
def test_the_kind_of_values_is_the_narrowest(values: list[Value], kind: Kind):
    assert kind_of(values) is kind


def test_a_gap_that_occurs_twice_gets_one_constant():
    text = fill_gaps("{c} < x < {c} or {{{v}: 1}}", SeededChoices(0), ("t",))
    first, _, second = text.split(" or ")[0].split(" < ")
    assert first == second
    assert text.endswith("{'t': 1}")
