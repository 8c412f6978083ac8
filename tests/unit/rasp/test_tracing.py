import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc.rasp.tracing import trace

LIMIT = 4
LETTERS = ("a", "b")
MUTABLE = [1, 2]
VALUES = (0, 1, -2, True, 0.5, "", "a", "ab%s", (), (1, "a"), 7)


def outcome(function: Callable[..., Any], *arguments: Any) -> tuple[Any, ...]:
    """What a call does: the type of the exception, or the type and the value of the result."""
    try:
        result = function(*arguments)
    except Exception as error:
        return ("raises", type(error))
    return ("returns", type(result), repr(result))


def with_return(x: Any) -> Any:
    if x > LIMIT:
        return "big"
    if x == LIMIT:
        return None
    return x


def with_variable(x: Any) -> Any:
    y = 3
    y = y if x else 2
    return x * y


def with_late_exception(x: Any) -> Any:
    y = 1 / x
    return 0 if x == 0 else y


def with_loop(x: Any) -> Any:
    while x:
        x = x - 1
    return x


def with_try(x: Any) -> Any:
    try:
        return 1 / x
    except ZeroDivisionError:
        return "none"


def adder(n: Any) -> Callable[[Any], Any]:
    return lambda x: x + n


def generator(x: Any) -> Any:
    yield x


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda l, i: l - i - 1, "l, i -> l - i - 1"),  # noqa: E741
        (lambda x: -x, "x -> -x"),
        (lambda x: +x, "x -> +x"),
        (lambda x: not x, "x -> not x"),
        (lambda x, y: x**-y // 2 % 3, "x, y -> x ** (-y) // 2 % 3"),
        (lambda x, y: (x & y) | (x ^ y), "x, y -> x & y | x ^ y"),
        (lambda x: 1, "x -> 1"),
        (lambda x: -1.5, "x -> -1.5"),
        (lambda x, y: (x, (y, 1)), "x, y -> (x, (y, 1))"),
        (lambda x, y: x and y, "x, y -> x and y"),
        (lambda x, y, z: x or y or z, "x, y, z -> x or y or z"),
        (lambda x, y: x == 1 and y > 2, "x, y -> x == 1 and y > 2"),
        (lambda x: 0 <= x < 3, "x -> 0 <= x and x < 3"),
        (lambda x: "a" if x else "b", "x -> 'a' if x else 'b'"),
        (lambda x: "a" if x == 1 else "b" if x == 2 else None, "x -> 'a' if x == 1 else 'b' if x == 2 else None"),
        (lambda x: 1 if 0 <= x < 3 else 2, "x -> 1 if 0 <= x and x < 3 else 2"),
        (lambda x: 1 if x == 3 or x == 5 else 2, "x -> 1 if x == 3 or x == 5 else 2"),
        (lambda x: x in (1, 2), "x -> x in (1, 2)"),
        (lambda x: x not in {"b", "a"}, "x -> x not in ('a', 'b')"),
        (lambda x: x in LETTERS, "x -> x in ('a', 'b')"),
        (lambda x: x[0], "x -> x[0]"),
        (lambda x: x[-1], "x -> x[-1]"),
        (lambda x: x[1:], "x -> x[1:]"),
        (lambda x, y: x[:y], "x, y -> x[:y]"),
        (lambda x: x[::-1], "x -> x[::-1]"),
        (lambda x: x + LIMIT, "x -> x + 4"),
        (lambda x, n=5: x + n, "x -> x + 5"),
        (adder("!"), "x -> x + '!'"),
        (adder((1, (2.5,))), "x -> x + (1, (2.5,))"),
        (lambda max: max + 1, "x -> x + 1"),  # noqa: A006
        (lambda é: é + 1, "x -> x + 1"),
        (lambda max, x: max + x, "x_, x -> x_ + x"),  # noqa: A006
        (with_return, "x -> 'big' if x > 4 else None if x == 4 else x"),
        (with_variable, "x -> x * 3 if x else x * 2"),
    ],
)
def test_traced(function: Callable[..., Any], expected: str):
    traced = trace(function, ["x", "y", "z"][: expected.split("->")[0].count(",") + 1])
    assert str(traced) == expected


@pytest.mark.parametrize(
    "function",
    [
        lambda x: abs(x),
        lambda x: x.upper(),
        lambda x: f"{x}",
        lambda x: [x],
        lambda x: x is None,
        lambda x: x in MUTABLE,
        lambda x: MUTABLE[x],
        lambda x: {1: 2}[x],
        lambda x: (lambda y: y + x)(1),
        lambda x: [y for y in x],  # noqa: C416
        lambda x: undefined_name,  # noqa: F821 # pyright: ignore
        lambda *x: 1,
        lambda x, *, y=1: x,
        lambda x, **y: x,
        lambda: 1,
        lambda x, y: x,
        lambda x: None,
        lambda x: 1 / x + (1 if x else 2),
        with_late_exception,
        with_loop,
        with_try,
        generator,
        adder([1]),
        adder(float("nan")),
        adder(None),
        str.upper,
        len,
        object(),
    ],
)
def test_not_traced(function: Any):
    assert trace(function, ["x"]) is None


def test_large_functions_are_not_traced():
    deep = eval("lambda x: " + "x + " * 200 + "x")
    assert trace(deep, ["x"]) is None
    many_paths = eval("lambda x: " + " + ".join(["(x and 1)"] * 12))
    assert trace(many_paths, ["x"]) is None


def test_constants_are_those_of_the_moment():
    functions = [trace(lambda x: x + i, ["x"]) for i in range(3)]  # noqa: B023
    assert [function(10) for function in functions if function is not None] == [10, 11, 12]


def test_unassigned_variables():
    def outer(assign: bool) -> Callable[[Any], Any]:
        if assign:
            n = 1
        return lambda x: x + n  # pyright: ignore

    assert trace(outer(True), ["x"]) is not None
    assert trace(outer(False), ["x"]) is None


LEAVES = st.sampled_from(["x", "y", "0", "1", "-2", "0.5", "True", "'a'", "(1, 2)"])
BINARY = st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in"])


def _combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda a, op, b: f"({a} {op} {b})", inner, BINARY, inner),
        st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner),
        st.builds(lambda a, b, c: f"({a} < {b} <= {c})", inner, inner, inner),
        st.builds(lambda op, a: f"({op} {a})", st.sampled_from(["-", "+", "not"]), inner),
        st.builds(lambda a, b: f"({a}, {b})", inner, inner),
        st.builds(lambda a, b: f"({a})[{b}]", inner, inner),
        st.builds(lambda a, b: f"({a})[:{b}]", inner, inner),
    )


@given(body=st.recursive(LEAVES, _combine, max_leaves=8))
@pytest.mark.filterwarnings("ignore")
def test_traced_functions_do_what_the_originals_do(body: str):
    original = eval(f"lambda x, y: {body}")
    traced = trace(original, ["x", "y"])
    if traced is not None:
        for arguments in itertools.product(VALUES, repeat=2):
            assert outcome(traced, *arguments) == outcome(original, *arguments), (str(traced), arguments)


@given(tests=st.lists(st.recursive(LEAVES, _combine, max_leaves=3), min_size=1, max_size=4))
@pytest.mark.filterwarnings("ignore")
def test_traced_statements_do_what_the_originals_do(tests: list[str]):
    lines = ["def f(x, y):", "    z = x"]
    for i, test in enumerate(tests):
        lines += [f"    if {test}:", f"        return z if z else {i}", f"    z = {'xy'[i % 2]}"]
    lines += ["    return (x, z)"]
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)
    traced = trace(scope["f"], ["x", "y"])
    if traced is not None:
        for arguments in itertools.product(VALUES, repeat=2):
            assert outcome(traced, *arguments) == outcome(scope["f"], *arguments), (str(traced), arguments)
