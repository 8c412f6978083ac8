from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

import raspc
from raspc import rasp
from raspc.errors import MeaningError, ProgramError
from raspc.rasp import Comparison, indices, tokens
from raspc.rasp.expressions import Selector, SOp

SIZES = {
    "positive": lambda x: x if x > 0 else None,
    "inverse": lambda x: 6 / x,
    "half": lambda x: x // 2,
}
INPUT = [2, 0, -1, 3, 1]


def previous(sop: SOp) -> SOp:
    return rasp.library.shift_by(1, sop)


def same_model(one: SOp, other: SOp, inputs: Sequence[list[int]]) -> None:
    vocab = sorted({token for tokens_ in inputs for token in tokens_})
    models = [raspc.compile(program, vocab, 5) for program in (one, other)]
    for tokens_ in inputs:
        assert models[0](tokens_) == models[1](tokens_) == one(tokens_)


@pytest.mark.parametrize("inner", SIZES)
@pytest.mark.parametrize("outer", SIZES)
def test_a_map_of_a_map_is_one_map_with_the_same_values(inner: str, outer: str):
    two = rasp.Map(SIZES[outer], rasp.Map(SIZES[inner], tokens))
    one = rasp.Map(SIZES[outer], rasp.Map(SIZES[inner], tokens), simplify=True)
    assert isinstance(two.inner, rasp.Map)
    assert one.inners == one.children == (tokens,)
    assert one(INPUT) == two(INPUT)
    same_model(one, two, [INPUT])


def test_without_simplify_every_map_stays():
    for program in (
        rasp.Map(abs, rasp.Map(abs, tokens)),
        rasp.Map(abs, rasp.Map(abs, tokens), simplify=False),
    ):
        assert isinstance(program.inner, rasp.Map)
    assert not isinstance(rasp.Map(abs, previous(tokens), simplify=True).inner, rasp.Map)
    assert rasp.Map(max, tokens - 1, indices, simplify=True).inner is not tokens


def test_a_map_of_many_operands_is_merged_into_its_reader():
    one = rasp.Map(lambda x: -x, rasp.Map(lambda x, y: x + y, tokens, indices), simplify=True)
    assert one.inners == (tokens, indices)
    assert one([1, 1]) == [-1, -2]


def test_the_inner_map_of_a_simplified_one_has_no_directions():
    subspaces: list[set[str]] = []
    for simplify in (False, True):
        program = rasp.Map(lambda x: 2 * x, (tokens + 1).named("inner"), simplify=simplify)
        labels = raspc.compile(program, [0, 1], 2, pipeline="O0").residual_labels
        subspaces.append({label.partition(":")[0] for label in labels})
    assert subspaces[0] - subspaces[1] == {"inner"}


def test_errors_of_the_inner_function_stay_errors():
    one = rasp.Map(abs, rasp.Map(lambda x: "a" - x, tokens), simplify=True)
    with pytest.raises(MeaningError, match="TypeError"):
        one([1])
    one = rasp.Map(abs, rasp.Map(lambda x: object(), tokens), simplify=True)
    with pytest.raises(MeaningError):
        one([1])


def test_numbers_of_numpy_are_plain_between_two_maps():
    one = rasp.Map(lambda x: type(x).__name__, rasp.Map(lambda x: np.int64(x), tokens), simplify=True)
    assert one([1]) == ["int"]


def test_a_long_chain_is_no_deep_recursion():
    program = tokens
    for _ in range(5000):
        program = rasp.Map(lambda x: x + 1, program, simplify=True)
    assert program([1]) == [5001]


EQ = rasp.Select(tokens, previous(tokens), Comparison.EQ)
SMALL = rasp.Select(EQ.keys, EQ.queries, lambda key, query: key < 2)
OTHER_KEYS = rasp.Select(indices, EQ.queries, Comparison.LT)

Build = Callable[..., Selector]


@pytest.mark.parametrize(
    ("build", "arguments"),
    [
        (rasp.selector_and, (EQ, SMALL)),
        (rasp.selector_or, (EQ, SMALL)),
        (rasp.selector_not, (EQ,)),
        (rasp.selector_not, (SMALL,)),
    ],
)
def test_selects_of_the_same_keys_and_queries_are_one(build: Build, arguments: tuple[Selector, ...]):
    one, several = build(*arguments, simplify=True), build(*arguments, simplify=False)
    assert isinstance(one, rasp.Select)
    assert not isinstance(several, rasp.Select)
    assert type(build(*arguments)) is type(several)
    assert one(INPUT) == several(INPUT)
    # Undefined is unknown, whatever is made of it.
    assert (~one)(INPUT) == (~several)(INPUT)
    same_model(rasp.SelectorWidth(one), rasp.SelectorWidth(several), [INPUT, [3, 3, 1]])


@pytest.mark.parametrize("build", [rasp.selector_and, rasp.selector_or])
def test_other_selectors_stay_apart(build: Build):
    for fst, snd in [(EQ, OTHER_KEYS), (EQ, ~EQ), (EQ & EQ, EQ)]:
        assert not isinstance(build(fst, snd, simplify=True), rasp.Select)
    assert not isinstance(rasp.selector_not(EQ & EQ, simplify=True), rasp.Select)


def test_a_predicate_that_raises_isnt_hidden_by_the_other():
    never = rasp.Select(tokens, tokens, Comparison.FALSE)
    raising = rasp.Select(tokens, tokens, lambda key, query: key + "a")
    for simplify in (False, True):
        with pytest.raises(MeaningError, match="TypeError"):
            rasp.selector_and(never, raising, simplify=simplify)([1])
        with pytest.raises(MeaningError, match="TypeError"):
            rasp.selector_or(~never, raising, simplify=simplify)([1])


def test_simplify_is_a_bool_by_name():
    wrong: Any = "yes"
    for build in (
        lambda: rasp.Map(abs, tokens, simplify=wrong),
        lambda: rasp.selector_and(EQ, EQ, simplify=wrong),
        lambda: rasp.selector_or(EQ, EQ, simplify=wrong),
        lambda: rasp.selector_not(EQ, simplify=wrong),
    ):
        with pytest.raises(ProgramError, match="simplify must be True or False, found 'yes'"):
            build()
    positional: Any = False
    with pytest.raises(ProgramError, match=r"found False of type bool; .* simplify=False, which is given by name"):
        rasp.Map(abs, tokens, positional)


def test_sop_not():
    assert rasp.sop_not(tokens == 1)([1, 2]) == [False, True]
