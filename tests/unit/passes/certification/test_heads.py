"""What a head reads is within the bounds, whatever its operands are within theirs."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from raspc.algebra.dtypes import FLOAT32
from raspc.dialects.craft import HeadOp
from raspc.dialects.craft.checks import vector_of
from raspc.passes.certification.arithmetic import Arithmetic
from raspc.passes.certification.heads import head_result
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
