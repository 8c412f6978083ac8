import functools
import itertools
import operator
from collections.abc import Callable
from typing import Any

import pytest

from raspc.algebra.comparison import Comparison
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Affine, Opaque
from raspc.errors import ProgramError, SourceLocation
from raspc.rasp.functions import frozen, map_function, select_predicate

WHERE = SourceLocation("program.py", 7)
FACTOR = 3


def test_functions_that_are_expressions():
    assert map_function(lambda a, b: a * b, 2, None) == Expression.parse("a, b -> a * b")
    assert map_function(Expression.parse("a -> a"), 1, None) == Expression.parse("a -> a")
    assert map_function(Affine((1, 2)), 2, None) == Affine((1, 2))


@pytest.mark.parametrize(
    ("f", "operands", "expected"),
    [
        (abs, 1, "x -> abs(x)"),
        (str, 1, "x -> str(x)"),
        (max, 2, "x, y -> max(x, y)"),
        (min, 4, "x0, x1, x2, x3 -> min(x0, x1, x2, x3)"),
        (operator.add, 2, "x, y -> x + y"),
        (operator.neg, 1, "x -> -x"),
        (operator.ge, 2, "x, y -> x >= y"),
    ],
)
def test_functions_of_python(f: Callable[..., Any], operands: int, expected: str):
    assert str(map_function(f, operands, None)) == expected


@pytest.mark.parametrize(
    "f",
    [
        lambda x: hash(x),
        str.upper,
        functools.partial(max, 3),
        {1: 2}.get,
        type("F", (), {"__call__": lambda self, x: x})(),
    ],
)
def test_opaque_functions(f: Callable[..., Any]):
    function = map_function(f, 1, WHERE)
    assert isinstance(function, Opaque)
    assert function.where == WHERE
    assert function("a" if f is str.upper else 1) == f("a" if f is str.upper else 1)


@pytest.mark.parametrize(
    ("predicate", "expected"),
    [
        (Comparison.LT, Comparison.LT),
        (lambda k, q: k < q, Comparison.LT),
        (lambda k, q: q >= k, Comparison.LEQ),
        (lambda k, q: True, Comparison.TRUE),
        (lambda k, q: not k == q, Comparison.NEQ),  # noqa: SIM201
        (operator.eq, Comparison.EQ),
        (lambda k, q: k == q + 1, Expression.parse("k, q -> k == q + 1")),
        (lambda max, int: max == int * 2, Expression.parse("k, q -> k == q * 2")),  # noqa: A006
    ],
)
def test_predicates(predicate: Callable[..., Any], expected: Comparison | Expression):
    assert select_predicate(predicate, None) == expected


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (5, "expected a function, found 5 of type int"),
        (None, "expected a function, found None"),
        (lambda x: x, "<lambda>\\(x\\) can't be called with 2 arguments"),
        (lambda x, y, z: x, "can't be called with 2 arguments"),
        (Expression.parse("x -> x"), "expected a function of 2 arguments, found one of 1"),
        (Affine((1, 2, 3)), "expected a function of 2 arguments, found one of 3"),
        (lambda x, *, y: x, "can't be called with 2"),
    ],
)
def test_refused(f: Any, message: str):
    with pytest.raises(ProgramError, match=f"program.py:7: .*{message}"):
        map_function(f, 2, WHERE)


class TestFrozen:
    """What a function captures stays what it was."""

    def test_closures(self):
        functions = [frozen(lambda x: str(x) + str(i)) for i in range(3)]  # noqa: B023
        assert [function("a") for function in functions] == ["a0", "a1", "a2"]

    def test_globals(self, monkeypatch: pytest.MonkeyPatch):
        function = frozen(lambda x: abs(x) * FACTOR)
        nested = frozen(lambda xs: [x * FACTOR for x in xs] + [(lambda: FACTOR)()])
        monkeypatch.setitem(globals(), "FACTOR", 5)
        assert function(-2) == 6
        assert nested([1]) == [3, 3]

    def test_what_it_is_called_like_stays(self):
        def f(x: int, y: int = 2, *, z: int = 3) -> tuple[int, int, int, int]:
            """Doc."""
            return (x, y, z, FACTOR)

        copied = frozen(f)
        assert copied is not f
        assert copied(1) == f(1)
        assert (copied.__name__, copied.__qualname__, copied.__doc__) == (f.__name__, f.__qualname__, f.__doc__)

    def test_other_objects_are_shared(self):
        counter = itertools.count()
        function = frozen(lambda x: (x, next(counter)))
        assert function(1) == (1, 0)
        assert next(counter) == 1

    def test_recursive_functions(self):
        def factorial(n: int) -> int:
            return n * factorial(n - 1) if n else 1

        assert frozen(factorial)(4) == 24

    def test_nothing_to_keep(self):
        function = len
        assert frozen(function) is function
        assert frozen(callable) is callable
