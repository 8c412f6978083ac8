import itertools
import time
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raspc import rasp
from raspc.errors import InputError, MeaningError
from raspc.rasp import Comparison, causal_eval, evaluate, indices, length, tokens


class TestInput:
    @pytest.mark.parametrize(
        ("xs", "message"),
        [
            ([], "at least one token"),
            ("", "at least one token"),
            ([1, None], "position 1 is None"),
            ([1, [2]], "position 1 is not a value"),
            ([float("nan")], "position 0 is not a value"),
        ],
    )
    def test_refused(self, xs: Any, message: str):
        with pytest.raises(InputError, match=message):
            evaluate(tokens, xs)

    def test_sequences(self):
        assert tokens("ab") == tokens(["a", "b"]) == tokens(("a", "b")) == ["a", "b"]
        assert length([(1, 2)]) == [1]


class TestConstants:
    def test_exact_length(self):
        sop = rasp.ConstantSOp([1, None, "a"])
        assert sop("xyz") == [1, None, "a"]
        with pytest.raises(InputError, match="'constant_sop' is a constant for 3 positions, but the input has 2"):
            sop("xy")

    def test_shorter_inputs(self):
        assert rasp.ConstantSOp([1, 2, 3], check_length=False)("xy") == [1, 2]
        selector = rasp.ConstantSelector([[1, 0, 1], [0, 1, 1], [0, 0, 0]], check_length=False)  # type: ignore
        assert selector("xy") == [[True, False], [False, True]]
        with pytest.raises(InputError):
            selector("wxyz")


def test_selectors_evaluate_to_matrices():
    selector = rasp.Select(tokens, indices, lambda k, q: k > q)
    assert selector([1, 2]) == [[True, True], [False, True]]
    assert causal_eval.evaluate(selector, [1, 2]) == [[True, False], [False, True]]
    shifted = rasp.library.shift_by(1, tokens)
    undefined = rasp.Select(shifted, tokens, Comparison.TRUE)
    assert undefined("ab") == [[False, True], [False, True]]
    assert (~undefined)("ab") == [[False, False], [False, False]]


def test_causal():
    assert causal_eval.evaluate(length, "abc") == evaluate(length, "abc", causal=True) == [1, 2, 3]
    everything = ~rasp.Select(indices, indices, Comparison.FALSE)
    assert causal_eval.evaluate(rasp.SelectorWidth(everything), "abc") == [1, 2, 3]


def test_errors_say_which_expression_and_where():
    program = rasp.Aggregate(length.selector, tokens).named("mix") == "a"
    with pytest.raises(MeaningError, match=r"test_interpreter\.py:\d+: 'mix': it selects the different"):
        program("ab")
    with pytest.raises(MeaningError, match=r"test_interpreter\.py:\d+: 'map': the function raised TypeError"):
        (tokens + 1)("ab")
    with pytest.raises(MeaningError, match=r"'select': the predicate raised TypeError .* for key 'a' and query 0"):
        rasp.Select(tokens, indices, Comparison.LT)("ab")


def test_deep_programs():
    sop: rasp.SOp = tokens
    for _ in range(10_000):
        sop = sop + 1
    assert sop([0, 1]) == [10_000, 10_001]


def test_shared_expressions_are_computed_once():
    calls: list[Any] = []

    def f(x: Any) -> Any:
        calls.append(x)
        return x + 1

    sop = rasp.Map(f, tokens)
    for _ in range(40):
        sop = sop - sop + sop
    start = time.monotonic()
    assert sop([1, 2]) == [2, 3]
    assert time.monotonic() - start < 5
    assert calls == [1, 2]


def test_captured_constants_stay_what_they_were():
    maps = [rasp.Map(lambda x: str(x) + str(i), tokens) for i in range(3)]  # noqa: B023
    traced = [rasp.Map(lambda x: x + i, tokens) for i in range(3)]  # noqa: B023
    assert [sop([5]) for sop in maps] == [["50"], ["51"], ["52"]]
    assert [sop([5]) for sop in traced] == [[5], [6], [7]]


# A second interpreter, straight from the definition of the language: recursive and slow, and without NumPy.

FUNCTIONS = {
    1: [lambda x: x + 1, lambda x: 1 / x, lambda x: x if x > 0 else None, lambda x: -x, lambda x: x == 1],
    2: [lambda x, y: x + y, lambda x, y: x // y, lambda x, y: y if x else None, lambda x, y: x * 2 - y],
}
PREDICATES = [*Comparison, lambda k, q: k == q + 1, lambda k, q: k % 2 == 0, lambda k, q: k and q]


def naive(expr: rasp.RASPExpr, xs: list[Any], causal: bool) -> Any:
    n = range(len(xs))
    if expr is tokens:
        return xs
    if expr is indices:
        return list(n)
    operands = [naive(child, xs, causal) for child in expr.children]
    match expr:
        case rasp.Full():
            return [expr.fill for _ in n]
        case rasp.Map():
            return [naive_call(expr.f, [operand[i] for operand in operands]) for i in n]
        case rasp.Select():
            keys, queries = operands
            unknown = [[keys[k] is None or queries[q] is None for k in n] for q in n]
            return [[None if unknown[q][k] else bool(expr.predicate(keys[k], queries[q])) for k in n] for q in n]
        case rasp.SelectorNot():
            return [[None if cell is None else not cell for cell in row] for row in operands[0]]
        case rasp.SelectorAnd() | rasp.SelectorOr():
            decisive = isinstance(expr, rasp.SelectorOr)
            return [[naive_logic(operands[0][q][k], operands[1][q][k], decisive) for k in n] for q in n]
        case rasp.SelectorWidth():
            return [sum(1 for k in n if operands[0][q][k] and not (causal and k > q)) for q in n]
        case rasp.Aggregate():
            return [naive_mean(operands, q, causal, expr.default) for q in n]
    raise AssertionError(expr)


def naive_call(f: Any, arguments: list[Any]) -> Any:
    try:
        return None if any(argument is None for argument in arguments) else f(*arguments)
    except (ArithmeticError, ValueError):
        return None


def naive_logic(fst: bool | None, snd: bool | None, decisive: bool) -> bool | None:
    if fst is decisive or snd is decisive:
        return decisive
    return None if fst is None or snd is None else not decisive


def naive_mean(operands: list[Any], q: int, causal: bool, default: Any) -> Any:
    selector, values = operands
    allowed = range(q + 1 if causal else len(values))
    chosen = [values[k] for k in allowed if selector[q][k] and values[k] is not None]
    if not chosen:
        return default
    if all(value == chosen[0] for value in chosen):
        return chosen[0]
    return float(sum(Fraction(value) for value in chosen) / len(chosen))


@st.composite
def programs(draw: st.DrawFn) -> rasp.SOp:
    """A random program over numbers."""
    sops: list[rasp.SOp] = [tokens, indices, rasp.Full(1), length]
    selectors: list[rasp.Selector] = [rasp.Select(indices, indices, Comparison.LEQ)]

    def sop() -> rasp.SOp:
        return sops[draw(st.integers(0, len(sops) - 1))]

    def selector() -> rasp.Selector:
        return selectors[draw(st.integers(0, len(selectors) - 1))]

    for _ in range(draw(st.integers(1, 10))):
        match draw(st.sampled_from(["map", "map2", "select", "and", "or", "not", "width", "aggregate"])):
            case "map":
                sops.append(rasp.Map(draw(st.sampled_from(FUNCTIONS[1])), sop()))
            case "map2":
                sops.append(rasp.SequenceMap(draw(st.sampled_from(FUNCTIONS[2])), sop(), sop()))
            case "select":
                selectors.append(rasp.Select(sop(), sop(), draw(st.sampled_from(PREDICATES))))
            case "and":
                selectors.append(selector() & selector())
            case "or":
                selectors.append(selector() | selector())
            case "not":
                selectors.append(~selector())
            case "width":
                sops.append(rasp.SelectorWidth(selector()))
            case _:
                default = draw(st.sampled_from([None, 0, -1.5]))
                sops.append(rasp.Aggregate(selector(), sop(), default))
    return rasp.Aggregate(selector(), sops[-1]) if draw(st.booleans()) else sops[-1]


@given(programs(), st.lists(st.sampled_from([0, 1, 2, -1, True, 0.5]), min_size=1, max_size=5), st.booleans())
def test_agrees_with_the_definition(program: rasp.SOp, xs: list[Any], causal: bool):
    expected = naive(program, xs, causal)
    found = evaluate(program, xs, causal=causal)
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


def test_definition_on_all_short_inputs():
    program = rasp.library.make_most_freq(4)
    for n in range(1, 5):
        for xs in itertools.product((1, 2, 3), repeat=n):
            assert evaluate(program, xs) == naive(program, list(xs), causal=False)
