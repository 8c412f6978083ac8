"""The scores of heads: what is claimed of them holds for vectors that are off, in any order of summation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import BFLOAT16, FLOAT16, FLOAT32, rounded
from raspc.algebra.score_factors import score_factors
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects.craft import EmbedTokensOp, HeadOp, SubspaceType
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError
from raspc.passes.certification.arithmetic import Arithmetic
from raspc.passes.certification.scores import Scores, scores_of
from raspc.passes.certification.vectors import Vector
from tests.unit.passes.certification.emulation import matmul

Floats = NDArray[np.float64]

ARITHMETICS = [
    Arithmetic(FLOAT32, FLOAT32),
    Arithmetic(FLOAT16, FLOAT16),
    Arithmetic(FLOAT32, FLOAT16),
    Arithmetic(BFLOAT16, BFLOAT16),
    Arithmetic(FLOAT32, BFLOAT16),
]

each_arithmetic = pytest.mark.parametrize(
    "arithmetic", ARITHMETICS, ids=lambda arithmetic: f"{arithmetic.dtype}-{arithmetic.weights}"
)


@dataclass(frozen=True)
class Trial:
    """A head with one term, and vectors that are off by as much as is known of them.

    Attributes:
        arithmetic: the arithmetic.
        query: what is known of the queries.
        key: what is known of the keys.
        form: the term.
        temperature: the inverse temperature.
        bos_score: the score of BOS.
    """

    arithmetic: Arithmetic
    query: Vector
    key: Vector
    form: SparseMatrix | MatrixProduct
    temperature: float
    bos_score: float

    def claim(self) -> Scores:
        """What the certificate says."""
        tokens = [EmbedTokensOp(vector.subspace).result for vector in (self.query, self.key)]
        result = SubspaceType("result", Encoding.NUMERICAL, Domain.of([0]))
        head = HeadOp(tokens[:1], tokens[1:], [self.form], [], [], [0.0], self.bos_score, result, self.temperature)
        return scores_of(head, [self.query], [self.key], self.arithmetic)

    @property
    def ideal(self) -> Floats:
        """The scores without any error, BOS last: [n_queries, n_keys + 1]."""
        scores = self.query.points.toarray() @ self.form.to_dense() @ self.key.points.toarray().T
        return self.temperature * np.hstack([scores, np.full((len(scores), 1), self.bos_score)])

    def computed(self, random: np.random.Generator) -> Floats:
        """The scores as a transformer computes them, BOS last: [n_queries + 1, n_keys + 1]."""
        form = self.form
        if isinstance(form, MatrixProduct):
            left, right = form.left.to_dense(), form.right.to_dense()
        else:
            left, right = form.to_dense(), np.eye(form.shape[1])
        queries = self._projected(self.query, left * self.temperature, self.temperature * self.bos_score, random)
        keys = self._projected(self.key, right.T, None, random)
        return matmul(queries, keys.T, self.arithmetic.dtype, random)

    def _projected(
        self, vector: Vector, weights: Floats, bos_score: float | None, random: np.random.Generator
    ) -> Floats:
        """The vectors of the head at all points and at BOS, with the direction for the score of BOS."""
        arithmetic, points = self.arithmetic, vector.points.toarray()
        error = vector.absolute + vector.relative * np.abs(points)
        x = np.vstack([points + _signs(points.shape, random) * error, vector.held])
        x[-1] += _signs(vector.held.shape, random) * vector.held_error
        is_bos = np.append(np.zeros(len(points)), 1.0)[:, None]
        x = np.hstack([rounded(x, arithmetic.dtype), is_bos, 1 - is_bos])
        cancelling = -(vector.held @ weights)[None, :]
        w = np.vstack([weights, cancelling, np.zeros_like(cancelling)])
        score = np.zeros(len(w))
        score[-2:] = [1.0, 0.0] if bos_score is None else bos_score
        return matmul(x, arithmetic.stored(np.hstack([w, score[:, None]])), arithmetic.dtype, random)

    def check(self, random: np.random.Generator) -> Scores | None:
        """Compare what is claimed with what is computed; nothing where the head is refused."""
        try:
            claim = self.claim()
        except CompileError:
            return None
        if not np.isfinite(claim.error):  # a weight overflows
            return None
        ideal, bos = self.ideal, self.temperature * self.bos_score
        for _ in range(3):
            computed = self.computed(random)
            assert np.abs(computed[:-1] - ideal).max() <= claim.error
            others = computed[-1, :-1].max()
            assert computed[-1, -1] - others >= claim.lead_at_bos
            if claim.exact:
                selected = computed[:-1][ideal >= bos if not claim.beats_bos else ideal > bos]
                assert np.unique(selected).size <= 1
        return claim


def _signs(shape: tuple[int, ...], random: np.random.Generator) -> Floats:
    return random.choice([-1.0, 0.0, 1.0], size=shape)


def vector_of(label: str, n: int, *, error: float, held: int | None, undefined: bool = False) -> Vector:
    """A one-hot of n values that is off by `error` in each direction, and holds one of them at BOS."""
    subspace = SubspaceType(label, Encoding.CATEGORICAL, Domain.of([*range(n), *([None] if undefined else [])]))
    at_bos = np.zeros(n)
    if held is not None:
        at_bos[held] = 1.0
    off = np.full(n, error)
    return Vector(subspace, off, np.zeros(n), float(off.sum()), at_bos, off)


def random_selected(random: np.random.Generator) -> NDArray[np.bool_]:
    """Which keys are selected: windows, sets of two keys, and keys at random."""
    n_queries, n_keys = random.integers(4, 24, size=2)
    distance = np.arange(n_queries)[:, None] - np.arange(n_keys)[None, :]
    match random.integers(3):
        case 0:
            return (distance >= 0) & (distance < random.integers(1, 6))
        case 1:
            return (distance == 1) | (distance == -1 - random.integers(4))
        case _:
            return random.permutation(n_keys)[None, :] == np.arange(n_queries)[:, None] // 2


@each_arithmetic
@pytest.mark.parametrize("seed", range(12))
def test_products_are_off_by_what_is_claimed(seed: int, arithmetic: Arithmetic):
    random = np.random.default_rng(seed)
    checked = 0
    for _ in range(4):
        selected = random_selected(random)
        for factors in score_factors(selected):
            product = MatrixProduct(SparseMatrix.from_dense(factors.queries), SparseMatrix.from_dense(factors.keys))
            undefined = bool(random.integers(2))
            query, key = (
                vector_of(
                    label,
                    n,
                    error=float(random.choice([0.0, 0.0, 1e-22, 1e-9, 1e-5, 1e-3, 0.01])),
                    held=int(random.integers(n)) if random.integers(2) else None,
                    undefined=undefined,
                )
                for label, n in zip(("query", "key"), selected.shape, strict=True)
            )
            temperature = float(random.choice([128.0, 64.0, 100.0]))
            trial = Trial(arithmetic, query, key, product, temperature, float(random.choice([0.5, 1.0])))
            checked += trial.check(random) is not None
    assert checked


@pytest.mark.parametrize("temperature", [100.1, 100.3])  # bfloat16 has 100 and 100.5
def test_the_score_of_bos_may_be_rounded_down_or_up(temperature: float):
    one_hot = vector_of("x", 2, error=0.0, held=None)
    trial = Trial(ARITHMETICS[3], one_hot, one_hot, SparseMatrix.identity(2), temperature, 1.0)
    claim = trial.check(np.random.default_rng(0))
    assert claim is not None
    assert claim.lead_at_bos <= min(temperature, rounded(temperature, BFLOAT16))


def test_at_bos_the_errors_of_keys_count():
    """Where BOS reads 0.4 instead of 0, and a key 1.5 instead of 1, the score is 0.6 instead of 0."""
    n = 10
    query, key = vector_of("query", 4, error=0.1, held=None), vector_of("key", n, error=0.05, held=None)
    form = MatrixProduct(SparseMatrix.from_dense(np.ones((4, 1))), SparseMatrix.from_dense(np.ones((1, n))))
    claim = Trial(ARITHMETICS[0], query, key, form, 100.0, 0.5).claim()
    assert claim.lead_at_bos <= 100 * (0.5 - 4 * 0.1 * (1 + n * 0.05))
