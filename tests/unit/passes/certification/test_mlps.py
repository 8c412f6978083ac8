"""Perceptrons are analysed once, as long as neither they nor what they read changes."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.dialects.builtin import ArrayAttr

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import BFLOAT16, FLOAT32
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import EmbedTokensOp, MatrixAttr, MlpOp, SubspaceType
from raspc.dialects.craft.directives import numbers_attr
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.certification import mlps
from raspc.passes.certification.arithmetic import Arithmetic
from raspc.passes.certification.vectors import Vector

SUBSPACE = SubspaceType("x", Encoding.CATEGORICAL, Domain.of([0, 1]))
EXACT = Arithmetic(FLOAT32, FLOAT32)


def off_by(error: float) -> Vector:
    zeros = np.zeros(2)
    return Vector(SUBSPACE, np.full(2, error), zeros, 2 * error, zeros, zeros)


def test_what_is_known_is_used_only_while_it_holds(monkeypatch: pytest.MonkeyPatch):
    calls = 0
    results = mlps._results

    def counted(op: MlpOp, inputs: list[Vector], arithmetic: Arithmetic) -> object:
        nonlocal calls
        calls += 1
        return results(op, inputs, arithmetic)

    monkeypatch.setattr(mlps, "_results", counted)
    source = EmbedTokensOp(SUBSPACE)
    y = SubspaceType("y", Encoding.CATEGORICAL, Domain.of([0, 1]))
    identity = SparseMatrix.identity(2)
    op = MlpOp([source.result], [identity], [0.0, 0.0], [identity], [y])

    def errors(vector: Vector, arithmetic: Arithmetic = EXACT) -> list[float]:
        (result,), _ = mlps.mlp_results(op, [vector], arithmetic)
        return result.absolute.tolist()

    assert errors(off_by(0.0)) == errors(off_by(0.0)) == [0, 0]
    assert calls == 1
    assert errors(off_by(0.01)) == errors(off_by(0.01)) > [0.01, 0.01]
    assert calls == 2
    assert errors(off_by(0.01), Arithmetic(BFLOAT16, BFLOAT16))[0] > errors(off_by(0.01))[0]
    assert calls == 3
    op.w_out = ArrayAttr([MatrixAttr(SparseMatrix.from_dense(2 * np.eye(2)))])
    assert errors(off_by(0.01)) > [0.02, 0.02]
    assert calls == 4
    op.properties["bias"] = numbers_attr([-0.5, -0.5])
    errors(off_by(0.01))
    assert calls == 5


def test_vectors_are_the_same_if_all_that_is_known_is():
    vector = off_by(0.01)
    assert vector.is_same(off_by(0.01))
    assert not vector.is_same(off_by(0.02))
    changed = {
        "subspace": SubspaceType("z", Encoding.CATEGORICAL, Domain.of([0, 1])),
        "absolute": np.array([0.01, 0.0]),
        "relative": np.ones(2),
        "total": 0.5,
        "held": np.ones(2),
        "held_error": np.ones(2),
    }
    for name, value in changed.items():
        fields = {each: getattr(vector, each) for each in changed} | {name: value}
        assert not vector.is_same(Vector(**fields))
