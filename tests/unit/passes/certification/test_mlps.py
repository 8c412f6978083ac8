"""Bounds of what perceptrons write hold; they are found once, as long as neither they nor what they read changes."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from xdsl.dialects.builtin import ArrayAttr

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import BFLOAT16, FLOAT32
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import EmbedTokensOp, MatrixAttr, MlpOp, SubspaceType
from raspc.dialects.craft.directives import numbers_attr
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError
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


def random_perceptron(random: np.random.Generator) -> tuple[MlpOp, list[Vector]]:
    """A perceptron of one or two inexact one-hot vectors; some units are on the point of being on."""
    sizes = random.integers(2, 4, size=random.integers(1, 3)).tolist()
    spaces = [SubspaceType(f"x{k}", Encoding.CATEGORICAL, Domain.of(range(size))) for k, size in enumerate(sizes)]
    n_units, n_results = random.integers(1, 6), random.integers(1, 4)
    w_in = [SparseMatrix.from_dense(random.choice([-1, 0, 0.5, 1], (size, n_units))) for size in sizes]
    w_out = SparseMatrix.from_dense(random.choice([-1, 0, 0.5, 1], (n_units, n_results)))
    bias = random.choice([-1, -0.5, 0, 0.5], n_units).tolist()
    result = SubspaceType("y", Encoding.CATEGORICAL, Domain.of(range(n_results)))
    op = MlpOp([EmbedTokensOp(space).result for space in spaces], w_in, bias, [w_out], [result])
    vectors = []
    for space, size in zip(spaces, sizes, strict=True):
        error, zeros = random.choice([0, 0.01, 0.1], size), np.zeros(size)
        vectors.append(Vector(space, error, zeros, float(error.sum()), zeros, zeros))
    return op, vectors


def outputs(op: MlpOp, given: np.ndarray) -> np.ndarray:
    """What a perceptron computes in float64: [n, n_results]."""
    w_in = np.concatenate([matrix.data.to_dense() for matrix in op.w_in])
    return np.maximum(given @ w_in + op.bias_vector, 0) @ op.w_out.data[0].data.to_dense()


def test_what_random_perceptrons_make_of_the_errors_of_their_inputs_is_within_the_bounds():
    tight = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        op, vectors = random_perceptron(random)
        try:
            (bound,), _ = mlps.mlp_results(op, vectors, EXACT)
        except CompileError:
            continue
        error = np.concatenate([vector.absolute for vector in vectors])
        corners = np.array([*product((-1, 0, 1), repeat=error.size)]) * error
        worst = np.zeros(bound.subspace.size)
        for point in product(*(np.eye(vector.subspace.size) for vector in vectors)):
            ideal = outputs(op, np.concatenate(point)[None, :])
            worst = np.maximum(worst, np.abs(outputs(op, np.concatenate(point) + corners) - ideal).max(axis=0))
        assert (worst <= bound.absolute + 1e-9).all(), seed
        tight += bool((worst > 0.9 * bound.absolute).all() and worst.any())
    assert tight > 15


@pytest.mark.parametrize("scale", [1.0, 1e-20])  # units that are off by so little are bounded together
def test_perceptrons_of_many_units_have_nearly_the_same_bounds(monkeypatch: pytest.MonkeyPatch, scale: float):
    few = 0
    for seed in range(200):
        op, vectors = random_perceptron(np.random.default_rng(seed))
        if len(vectors) < 2:
            continue
        vectors = [replace(vector, absolute=scale * vector.absolute, total=scale * vector.total) for vector in vectors]

        def bounds(block: int, op: MlpOp = op, vectors: list[Vector] = vectors) -> Vector | str:
            monkeypatch.setattr(mlps, "BLOCK", block)
            try:
                return mlps._results(op, vectors, EXACT)[0][0]
            except CompileError as error:
                return str(error)

        all_at_once, by_prefix = bounds(1 << 20), bounds(0)
        if isinstance(all_at_once, str) or isinstance(by_prefix, str):
            assert all_at_once == by_prefix
            continue
        assert by_prefix.absolute == pytest.approx(all_at_once.absolute, rel=1e-9, abs=1e-13)
        assert (by_prefix.absolute >= all_at_once.absolute * (1 - 1e-9)).all()
        few += 1
    assert few > 50


def test_more_units_than_a_block_has_are_looked_at_one_point_at_a_time(monkeypatch: pytest.MonkeyPatch):
    y = SubspaceType("y", Encoding.CATEGORICAL, Domain.of([0, 1]))
    weights = SparseMatrix.from_dense(np.array([[1.0, 0.5], [-1.0, 1.0]]))
    op = MlpOp([EmbedTokensOp(SUBSPACE).result], [weights], [0.25, -0.5], [weights], [y])
    found = []
    for block in (1 << 21, 3, 1):
        monkeypatch.setattr(mlps, "BLOCK", block)
        (bound,), _ = mlps._results(op, [off_by(0.1)], EXACT)
        found.append(bound.absolute.tolist())
    assert found[0] == found[1] == found[2]


def number(*values: float) -> SubspaceType:
    return SubspaceType("x", Encoding.NUMERICAL, Domain.of(values))


def perceptron(space: SubspaceType, w_in: list[float], bias: list[float], w_out: list[float]) -> MlpOp:
    """A perceptron of one number that writes one number."""
    first, last = SparseMatrix.from_dense(np.array([w_in])), SparseMatrix.from_dense(np.array([w_out]).T)
    return MlpOp([EmbedTokensOp(space).result], [first], bias, [last], [number(0, 1)])


LARGE = 2**23 + 1
ROUNDING = {
    "a small bias": ([1.0], [0.25], [1.0], 0.25),
    "a small bias of a small weight": ([0.5], [2.0**-4], [1.0], 2.0**-4),
    "a small output weight": ([1.0, 1.0], [0.0, -(2.0**23)], [1.0, 0.25], 0.25),
    "a product": ([1.0], [0.0], [3.0], 1.0),
    "a small input weight": ([1.0, 2.0**-3], [0.0, 0.0], [1.0, 1.0], 0.125),
}


@pytest.mark.parametrize("least", [0, 1])  # at 0 it isn't sure that a unit is on
@pytest.mark.parametrize("name", ROUNDING)
def test_what_float32_rounds_is_not_exact(name: str, least: int):
    w_in, bias, w_out, error = ROUNDING[name]
    space = number(least, LARGE)
    (bound,), _ = mlps.mlp_results(perceptron(space, w_in, bias, w_out), [Vector.exact(space)], EXACT)
    weights, biases, written = (np.array(numbers, dtype=np.float32) for numbers in (w_in, bias, w_out))
    found = float(np.maximum(np.float32(LARGE) * weights + biases, 0) @ written)
    assert abs(found - np.maximum(LARGE * np.array(w_in) + bias, 0) @ w_out) >= error
    assert bound.absolute[0] >= error


@pytest.mark.parametrize(("bias", "stands"), [(0.0, 0.9), (-1.0, 1.9)])
def test_a_unit_that_may_be_on_at_bos_is_refused(bias: float, stands: float):
    space = number(0, 1)
    op = perceptron(space, [1.0], [bias], [1.0])
    mlps.mlp_results(op, [replace(Vector.exact(space), held_error=np.array([stands]))], EXACT)
    with pytest.raises(CompileError, match="a hidden unit may be on at the BOS position") as caught:
        mlps.mlp_results(op, [replace(Vector.exact(space), held_error=np.array([stands + 0.2]))], EXACT)
    assert f"expected: less than {1 + abs(bias):.1e}" in str(caught.value)


@pytest.mark.parametrize(("error", "far"), [(2e38, "by 2.0e+38"), (np.inf, "by any number")])
def test_what_is_read_may_be_off_by_too_much(error: float, far: str):
    space = number(0, 1)
    given = replace(Vector.exact(space), absolute=np.array([error]))
    with np.errstate(invalid="ignore"), pytest.raises(CompileError) as caught:
        mlps.mlp_results(perceptron(space, [1.0], [0.0], [1.0]), [given], EXACT)
    assert f"what its hidden units read may be off {far} in float32" in str(caught.value)


def test_small_whole_numbers_are_exact():
    space = number(0, 1, 2, 3)
    op = perceptron(space, [1.0, 0.5], [-0.25, 1.0], [1.0, -2.0])
    (bound,), _ = mlps.mlp_results(op, [Vector.exact(space)], EXACT)
    assert bound.absolute.tolist() == [0]
