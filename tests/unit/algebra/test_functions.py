from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc.algebra.comparison import Comparison
from raspc.algebra.expression import Expression
from raspc.algebra.functions import (
    UNREACHABLE,
    Affine,
    Function,
    Opaque,
    Table,
    arity,
    as_affine,
    describe,
    grid_size,
    is_type_agnostic,
)
from raspc.algebra.values import Value

numbers = st.sampled_from([0, 1, -3, 0.5, 1 / 3, 0.1, True, 2**60, 1e10])
X_PLUS_ONE = Expression(("x",), "x + 1")


@given(numbers, numbers, numbers, numbers)
def test_an_affine_combination_is_the_python_expression(a: float, b: float, x: float, y: float):
    assert Affine((a, b))(x, y) == a * x + b * y
    assert Affine((a, b), 5)(x, y) == a * x + b * y + 5
    assert type(Affine((a, b))(x, y)) is type(a * x + b * y)


@pytest.mark.parametrize("operands", [(), (1,), (1, 2, 3)])
def test_an_affine_combination_takes_an_operand_for_each_coefficient(operands: tuple[int, ...]):
    with pytest.raises(TypeError, match="expected 2 operands"):
        Affine((1, 2))(*operands)


def test_an_affine_combination_needs_numbers():
    with pytest.raises(TypeError, match="needs numbers, got 'a'"):
        Affine((2,))("a")


def test_a_table_gives_its_results_in_row_major_order():
    table = Table(((1, 2), ("a", "b", "c")), tuple(range(6)))
    assert [table(x, y) for x, y in product((1, 2), "abc")] == list(range(6))
    assert table.shape == (2, 3)
    assert table(True, "c") == 2  # equal values are the same argument


def test_a_table_may_be_undefined_and_has_no_meaning_elsewhere():
    table = Table(((1, 2, 3),), (None, "x", UNREACHABLE))
    assert table(1) is None
    for argument in (3, 4):
        with pytest.raises(TypeError):
            table(argument)


def test_a_table_may_have_no_meaning_on_one_form_of_a_number():
    table = Table(((0, 1), ("a",)), ("x", "y"), ((1.0, "a"), (True, "a")))
    assert table(1, "a") == "y"
    assert table(0.0, "a") == "x"
    for argument in (1.0, True):
        with pytest.raises(TypeError, match="no meaning"):
            table(argument, "a")
    assert not is_type_agnostic(table, 10)
    with pytest.raises(ValueError, match="takes 2 operands"):
        Table(((0, 1), ("a",)), ("x", "y"), ((1.0,),))


def test_a_table_must_fit_its_grid():
    with pytest.raises(ValueError, match="a grid of 2 cells has 3 results"):
        Table(((1, 2),), (1, 2, 3))
    with pytest.raises(ValueError, match="must be distinct"):
        Table(((1, True),), (1, 2))


def test_opaque_functions_are_equal_if_they_are_one():
    def double(x: int) -> int:
        return 2 * x

    assert Opaque(double, "one") == Opaque(double, "other")
    assert Opaque(double, "double") != Opaque(lambda x: 2 * x, "double")
    assert Opaque(double, "double")(4) == 8


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Comparison.EQ, 2),
        (Affine((1, 2, 3)), 3),
        (X_PLUS_ONE, 1),
        (Table(((1,), (2,)), (0,)), 2),
        (Opaque(max, "max"), None),
    ],
)
def test_arity(function: Function, expected: int | None):
    assert arity(function) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Affine((2,), 1), Affine((2,), 1)),
        (X_PLUS_ONE, Affine((1,), 1)),
        (Expression(("x", "y"), "2 * (x - y)"), Affine((2, -2), 0)),
        (Expression(("x", "y"), "x * y"), None),
        (Comparison.LT, None),
        (Table(((1,),), (2,)), None),
        (Opaque(abs, "abs"), None),
    ],
)
def test_as_affine(function: Function, expected: Affine | None):
    assert as_affine(function) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Comparison.LT, True),
        (Affine((1,)), True),
        (X_PLUS_ONE, True),
        (Expression(("x",), "str(x)"), False),
        (Table(((1,),), (2,)), True),
        (Opaque(abs, "abs"), False),
    ],
)
def test_only_functions_that_are_known_to_are_type_agnostic(function: Function, expected: bool):
    assert is_type_agnostic(function, 10) is expected


def test_an_affine_combination_tells_equal_numbers_apart_beyond_the_exact_ints():
    assert is_type_agnostic(Affine((1, -1), 2), 2**51)
    assert not is_type_agnostic(Affine((1, -1), 2), 2**52)
    assert is_type_agnostic(Comparison.EQ, 2**60)


@given(st.lists(st.integers(0, 10**6), max_size=6))
def test_the_size_of_a_grid_is_exact(sizes: list[int]):
    product_ = 1
    for size in sizes:
        product_ *= size
    assert grid_size(sizes) == product_


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (Comparison.GEQ, "ge"),
        (Affine((1, -1), 2), "an affine combination [1, -1] + 2"),
        (X_PLUS_ONE, "'x -> x + 1'"),
        (Table(((1,),), (2,)), "a table"),
        (Opaque(abs, "abs"), "abs"),
    ],
)
def test_descriptions_are_short(function: Function, text: str):
    assert describe(function) == text


def test_all_tables_are_hashable():
    values: tuple[Value, ...] = (1, "a", (2, "b"))
    assert len({Table((values,), (1, 2, 3)), Table((values,), (1, 2, 3))}) == 1
