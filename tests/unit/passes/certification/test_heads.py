"""What a head reads is within the bounds, whatever its operands are within theirs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import FLOAT16, FLOAT32
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import EmbedTokensOp, HeadOp, SubspaceType
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.certification.arithmetic import Arithmetic
from raspc.passes.certification.heads import DIVISION_ERROR, head_result
from raspc.passes.certification.vectors import Vector
from tests.programs.levels import parse

EXACT = Arithmetic(FLOAT32, FLOAT32)
TEXT = """
craft.model @m vocab [0, 1] max_seq_len 3 {{
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %places = craft.embed_positions : "places" [0, 1, 2]
  %number = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%places) ov(3 by 1 [[1], [3], [4]])
    bos [0] score 0.5 temperature 100.0 : "number" numerical [1, 3, 4]
  %x = craft.head layer 1 query(%tokens) key(%tokens) qk(2 by 2 identity) {value} score 0.5 temperature {temperature}
    : "x" {domain}
  craft.unembed %x
}}
"""
OF_NUMBERS = ("value(%number) ov(1 by 1 [[{weight}]]) bos [0]", "numerical [0]")
OF_CLASSES = ("value(%places) ov(3 by 2 [[1, 0], [0, 1], [0, 1]]) bos [0, 0]", '["a", "b"]')


def off_by(value: Vector, absolute: float, relative: float = 0.0) -> Vector:
    size = value.subspace.size
    return Vector(
        value.subspace,
        np.full(size, absolute),
        np.full(size, relative),
        size * absolute,
        np.zeros(size),
        np.zeros(size),
    )


def head_of(value: str, domain: str, temperature: float) -> HeadOp:
    *_, head = [op for op in parse(TEXT.format(value=value, domain=domain, temperature=temperature)).walk()
                if isinstance(op, HeadOp)]  # fmt: skip
    return head


def disturbed(vector: Vector, code: int, random: np.random.Generator) -> np.ndarray:
    """A point of a vector, off by all that it may be."""
    point = vector.points[[code]].toarray().ravel()
    return point + random.choice([-1, 1], point.size) * (vector.absolute + vector.relative * np.abs(point))


@pytest.mark.parametrize("temperature", [100.0, 12.0, 8.0])
@pytest.mark.parametrize("keys_off", [0.0, 0.002])
@pytest.mark.parametrize(
    ("value", "values_off"),
    [
        (OF_NUMBERS, (0.0, 0.0)),
        (OF_NUMBERS, (0.0, 0.05)),
        (OF_NUMBERS, (0.05, 0.0)),
        (OF_CLASSES, (0.0, 0.0)),
        (OF_CLASSES, (0.03, 0.0)),
    ],
)
def test_a_mean_of_what_is_selected_is_within_the_bounds(
    temperature: float, keys_off: float, value: tuple[str, str], values_off: tuple[float, float]
):
    random = np.random.default_rng(0)
    head = head_of(value[0].format(weight=2), value[1], temperature)
    one_hot = off_by(Vector.exact(vector_of(head.queries[0])), keys_off)
    read = off_by(Vector.exact(vector_of(head.values[0])), *values_off)
    bound, _ = head_result(head, [one_hot], [one_hot], [read], 3, EXACT)
    points = read.points.toarray()
    ov = head.ov.data[0].data.to_dense()
    for n in (1, 3):
        for tokens, codes in product(product((0, 1), repeat=n), product(range(read.n_points), repeat=n)):
            selected = [points[code] @ ov for token, code in zip(tokens, codes, strict=True) if token == tokens[0]]
            if value is OF_CLASSES and any((each != selected[0]).any() for each in selected):
                continue  # a head selects one class
            ideal = np.mean(selected, axis=0)
            query = disturbed(one_hot, tokens[0], random)
            keys = np.stack([disturbed(one_hot, token, random) for token in tokens])
            scores = temperature * np.append(keys @ query, 0.5)
            weights = np.exp(scores - scores.max())
            vectors = np.stack([*(disturbed(read, code, random) @ ov for code in codes), head.bos_vector])
            off = np.abs(weights / weights.sum() @ vectors - ideal)
            assert (off <= bound.absolute + bound.relative * np.abs(ideal) + 1e-12).all()
            assert off.sum() <= bound.total + (bound.relative * np.abs(ideal)).sum() + 1e-12


def copying(values: list[SubspaceType], ov: list[np.ndarray], result: SubspaceType, *, at_most_one: bool) -> HeadOp:
    """A head that reads something where the tokens, 0 or 1, are equal."""
    tokens = EmbedTokensOp(SubspaceType("tokens", Encoding.CATEGORICAL, Domain.of([0, 1]))).result
    return HeadOp(
        [tokens],
        [tokens],
        [SparseMatrix.identity(2)],
        [EmbedTokensOp(value).result for value in values],
        [SparseMatrix.from_dense(matrix) for matrix in ov],
        [0.0] * result.size,
        0.5,
        result,
        200.0,
        at_most_one=at_most_one,
    )


def result_of(head: HeadOp, values: list[Vector], arithmetic: Arithmetic = EXACT) -> Vector:
    tokens = Vector.exact(vector_of(head.queries[0]))
    return head_result(head, [tokens], [tokens], values, 3, arithmetic)[0]


@pytest.mark.parametrize("arithmetic", [EXACT, Arithmetic(FLOAT16, FLOAT16)], ids=str)
@pytest.mark.parametrize(("n", "each"), [(2, 0.05), (10, 0.05), (50, 0.05), (50, 0.001)])
def test_what_weights_are_off_counts_in_every_direction(n: int, each: float, arithmetic: Arithmetic):
    """The weights of keys of one class don't add up to 1, and so the errors of all directions get larger, too."""
    classes = SubspaceType("x", Encoding.CATEGORICAL, Domain.of(range(n)))
    read = off_by(Vector.exact(classes), each)
    bound = result_of(copying([classes], [np.eye(n)], classes, at_most_one=False), [read], arithmetic)
    weights = 1 + DIVISION_ERROR * arithmetic.u + arithmetic.gamma(4)
    computed = weights * (np.eye(n)[0] + read.absolute) + 5 * arithmetic.underflow  # four products, and a sum
    off = np.abs(computed - np.eye(n)[0]).sum()
    assert off <= bound.total < off + arithmetic.u


def test_a_class_that_is_read_at_bos_is_off_by_what_it_is_there():
    classes = SubspaceType("x", Encoding.CATEGORICAL, Domain.of(range(3)))
    read = replace(off_by(Vector.exact(classes), 0.05), held_error=np.full(3, 0.1))
    bound = result_of(copying([classes], [np.eye(3)], classes, at_most_one=True), [read])
    assert bound.absolute.tolist() == pytest.approx([0.1] * 3)
    assert bound.total == pytest.approx(0.3)


def test_a_class_that_is_read_in_two_parts_is_rounded_once():
    """What is read of a class and of all others is added up: 1 and 1/4, say, and that is rounded."""
    classes = SubspaceType("x", Encoding.CATEGORICAL, Domain.of(range(20)))
    read = replace(off_by(Vector.exact(classes), 1 / 4), total=3 / 4)  # three directions at a time
    even = np.repeat(np.eye(10), 2, axis=0) * (np.arange(20) % 2 == 0)[:, None]
    odd = np.repeat(np.eye(10), 2, axis=0) - even
    result = SubspaceType("y", Encoding.CATEGORICAL, Domain.of(range(10)))
    bound = result_of(copying([classes, classes], [even, odd], result, at_most_one=True), [read, read])
    assert bound.total >= 3 / 2 + (1 + 3 / 2) * EXACT.u


def test_a_number_that_is_read_of_a_one_hot_is_exact():
    places = SubspaceType("places", Encoding.CATEGORICAL, Domain.of([0, 1, 2]))
    number = SubspaceType("x", Encoding.NUMERICAL, Domain.of([1, 3, 5]))
    head = copying([places], [np.array([[1.0], [3.0], [5.0]])], number, at_most_one=True)
    bound = result_of(head, [Vector.exact(places)])
    assert bound.relative.tolist() == [0]
    assert bound.absolute[0] < 1e-40  # what leaks


def test_a_mean_of_numbers_is_off_by_a_part_of_the_largest_alone():
    tokens = SubspaceType("values", Encoding.CATEGORICAL, Domain.of(range(6)))
    number = SubspaceType("x", Encoding.NUMERICAL, Domain.of([-3, 0, 3]))
    head = copying([tokens], [np.array([[-3.0], [-2.0], [-1.0], [1.0], [2.0], [3.0]])], number, at_most_one=False)
    bound = result_of(head, [Vector.exact(tokens)])
    assert bound.absolute[0] == pytest.approx(3 * (DIVISION_ERROR * EXACT.u + EXACT.gamma(4)))


def test_nothing_can_be_read_of_a_number_that_has_no_value():
    nothing = SubspaceType("x", Encoding.NUMERICAL, Domain.of([]))
    bound = result_of(copying([nothing], [np.eye(1)], nothing, at_most_one=True), [Vector.exact(nothing)])
    assert bound.absolute.tolist() == [0]
