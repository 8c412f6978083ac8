from collections.abc import Iterator

import pytest

from raspc import rasp
from raspc.algebra.values import Value
from raspc.errors import MeaningError, ProgramError
from raspc.rasp.base import RASPExpr
from raspc.rasp.interpreter import in_order
from raspc.testing.builder import Builder
from raspc.testing.choices import SeededChoices
from raspc.testing.functions import KINDS, Kind
from raspc.testing.nodes import Node
from raspc.testing.parts import OP_MIX

VOCAB = ("a", "b", "c")
SEEDS = range(60)


def builder(seed: int, vocab: tuple[Value, ...] = VOCAB, **arguments: object) -> Builder:
    return Builder(SeededChoices(seed), vocab, 4, **{"op_mix": {}, "risk": 0.0, **arguments})  # type: ignore[arg-type]


def operations(expr: RASPExpr) -> list[RASPExpr]:
    """The expressions that count as operations: not the inputs, constants or the length."""
    inputs = {id(rasp.length), id(rasp.length.selector)}
    leaves = (rasp.TokensType, rasp.IndicesType, rasp.Full)
    return [found for found in in_order(expr) if not isinstance(found, leaves) and id(found) not in inputs]


def outputs(node: Node) -> Iterator[Value]:
    """The values of an s-op on a few inputs."""
    for tokens in ("a", "abca", "cc", "bab", "aacb"):
        try:
            yield from (value for value in rasp.evaluate(node.sop, tokens) if value is not None)
        except MeaningError:
            continue


@pytest.mark.parametrize("kind", KINDS)
def test_an_s_op_has_the_kind_and_at_most_the_size_that_is_wanted(kind: Kind):
    for seed in SEEDS:
        size = seed % 9
        node = builder(seed).sop(kind, size)
        assert node.kind.fits(kind)
        assert len(operations(node.sop)) <= size


@pytest.mark.parametrize("kind", [Kind.INT, Kind.BOOL, Kind.STRING, Kind.TUPLE])
def test_the_values_of_an_s_op_are_of_its_kind_and_no_more_than_it_says(kind: Kind):
    for seed in SEEDS:
        node = builder(seed).sop(kind, 6)
        values = set(outputs(node))
        assert len(values) <= node.most
        assert all(isinstance(value, {"int": int, "bool": bool, "string": str, "tuple": tuple}[kind.value])
                   for value in values)  # fmt: skip


def test_a_single_selector_selects_at_most_one_position():
    for seed in SEEDS:
        selector = builder(seed).single_selector(1 + seed % 5).selector
        for tokens in ("a", "abca", "cc"):
            try:
                assert all(sum(row) <= 1 for row in rasp.evaluate(selector, tokens))
            except MeaningError:
                continue


def test_sizes_are_divided_completely():
    for seed in SEEDS:
        made = builder(seed)
        assert sum(made._split(seed, 3)) == seed


def test_every_operation_is_built():
    found = {
        type(expr).__name__
        for seed in range(200)
        for expr in in_order(builder(seed, op_mix=dict.fromkeys(OP_MIX, 1.0)).sop(Kind.NUMBER, 10).sop)
    }
    assert found == {
        "Aggregate", "ConstantSOp", "ConstantSelector", "Full", "IndicesType", "LinearSequenceMap", "Map", "Select",
        "SelectorAnd", "SelectorNot", "SelectorOr", "SelectorWidth", "SequenceMap", "TokensType",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left_out", "kinds"),
    [
        (["aggregate"], (rasp.Aggregate,)),
        (["selector_width"], (rasp.SelectorWidth,)),
        (["map", "sequence_map", "linear_sequence_map"], (rasp.Map,)),
        (["selector_and", "selector_or", "selector_not"], (rasp.SelectorAnd, rasp.SelectorOr, rasp.SelectorNot)),
        (["aggregate", "selector_width"], (rasp.Selector,)),
    ],
)
def test_operations_of_weight_zero_are_left_out(left_out: list[str], kinds: tuple[type[RASPExpr], ...]):
    for seed in SEEDS:
        node = builder(seed, op_mix=dict.fromkeys(left_out, 0.0)).sop(Kind.INT, 8)
        assert not any(isinstance(expr, kinds) for expr in operations(node.sop))


def test_an_unknown_operation_or_a_negative_weight_is_an_error():
    with pytest.raises(ProgramError, match="no operation 'agregate'"):
        builder(0, op_mix={"agregate": 1.0})
    with pytest.raises(ProgramError, match="'map' is negative"):
        builder(0, op_mix={"map": -1.0})
