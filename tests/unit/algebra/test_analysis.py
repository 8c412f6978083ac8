"""What a tree says of a function: whether it is affine, and whether it looks at values alone."""

from __future__ import annotations

import ast
from itertools import product

import pytest

from raspc.algebra.analysis import affine_form, is_type_agnostic


def tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "-x",
        "+x",
        "x + y",
        "x - y",
        "3 - x",
        "2 * x",
        "x * 2",
        "x / 4",
        "-(x - 2 * y) / 8",
        "(x + 1) * -3 + y",
        "5",
    ],
)
def test_an_affine_tree_has_the_values_of_its_form(text: str):
    form = affine_form(tree(text), ["x", "y"])
    assert form is not None
    (a, b), c = form
    for x, y in product((-3, 0, 1, 7), repeat=2):
        assert a * x + b * y + c == eval(text, {}, {"x": x, "y": y})


@pytest.mark.parametrize(
    "text",
    ["x * y", "x / y", "x / 0", "2 / x", "x ** 2", "x // 2", "x % 2", "~x", "abs(x)", "True", "'a'", "1e999", "not x"],
)
def test_other_trees_have_no_form(text: str):
    assert affine_form(tree(text), ["x", "y"]) is None


def test_coefficients_are_ints_where_they_can_be():
    assert affine_form(tree("x / 2 + x / 2 + 0.5"), ["x"]) == ((1,), 0.5)
    form = affine_form(tree("4 * x / 2"), ["x"])
    assert form == ((2,), 0)
    assert form is not None
    assert [type(number) for number in (*form[0], form[1])] == [int, int]
    assert affine_form(tree("x * 1e308 * 10 / 3"), ["x"]) is None  # beyond floats


FORMS = {1: (1, 1.0, True), 0: (0, 0.0, False), 2: (2, 2.0), "ab": ("ab",), (1, 2): ((1, 2), (1.0, 2.0), (True, 2))}


def tells_apart(text: str, n: int) -> bool:
    """Whether equal arguments of different types give different results, for some arguments."""
    for values in product(FORMS, repeat=n):
        results = set()
        for forms in product(*(FORMS[value] for value in values)):
            try:
                result = eval(text, {}, dict(zip("xy", forms, strict=False)))
            except Exception as error:
                result = type(error)
            results.add(result)
        if len(results) > 1:
            return True
    return False


AGNOSTIC = [
    *("x + y", "x - y", "-x", "+x", "not x", "x < y", "x == y", "x and y", "x or y", "x if y else 0", "(x, y)"),
    *(
        "2 * (x == 1)",
        "(x < 2) * (y < 2)",
        "'a' * (2 < 1) * 0",
        "len('ab') + x",
        "max(x, 1)",
        "min(x, y)",
        "'ab'.upper()",
    ),
]

TELLING = [
    *(
        "x * y",
        "2 * x if x else 'a' * x",
        "x / y",
        "x // y",
        "x % y",
        "x ** y",
        "str(x)",
        "'%s' % x",
        "f'{x}'",
        "~x",
        "x & y",
    ),
    *(
        "'a' * x",
        "x * 'a'",
        "x << 1",
        "'ab'[x]",
        "'ab'.ljust(x)",
        "'ab'.center(2, x)",
        "'ab'.ljust(x, '-')",
        "(1, 2) * x",
    ),
]


@pytest.mark.parametrize("text", [*AGNOSTIC, *TELLING])
def test_what_is_called_agnostic_is(text: str):
    if is_type_agnostic(tree(text), 100):
        assert not tells_apart(text, 2)


@pytest.mark.parametrize("text", TELLING)
def test_what_looks_at_types_is_found(text: str):
    assert not is_type_agnostic(tree(text), 100)


@pytest.mark.parametrize(
    "text", ["x + y", "x - y", "-x", "not x", "x < y", "x and y", "x if y else 0", "(x, y)", "(x + -y) * -x"]
)
def test_what_looks_at_values_alone_is_found(text: str):
    assert is_type_agnostic(tree(text), 100)


@pytest.mark.parametrize(
    ("text", "largest"),
    [
        ("x + 1", 2**53 - 1),
        ("x + x", 2**52),
        ("x - y", 2**52),
        ("(x == 1) * x", 2**53),
        ("abs(x) + 0", 2**53),
        ("max(x, 2) - 1", 2**53 - 1),
        ("x", float("inf")),
    ],
)
def test_sums_must_be_exact_as_floats(text: str, largest: float):
    if largest < float("inf"):
        assert is_type_agnostic(tree(text), largest)
        assert not is_type_agnostic(tree(text), largest * 2 + 2)
    assert not is_type_agnostic(tree(f"x + {2**53 + 1}"), 0)
