"""Hidden units that compute alike: models compute the same with one of them, and are smaller."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.context import Context

from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import MlpOp, ModelOp, SubspaceType
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.share_units import ShareUnitsPass
from tests.programs.inserting import check_inserted, programs_named, stages_with, task_of
from tests.programs.levels import parse
from tests.programs.program import Program

Floats = NDArray[np.float64]

PROGRAMS = programs_named(
    "reverse hist double_hist most_freq pair_balance shuffle_dyck2 next_different methods branches three_operands "
    "width_of_ten double_histogram_with_bos mean_of_widths"
)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_computes_the_same(program: Program):
    before, after = check_inserted(program, ShareUnitsPass(), "fuse-mlps")
    assert after.config.d_mlp <= before.config.d_mlp
    assert after.config.n_params <= before.config.n_params


def test_models_have_fewer_units():
    for program in programs_named("not_of_and_of_or sort_stable methods"):
        before, after = (
            stages_with(task_of(program), new_pass, "fuse-mlps")[-1].model.config
            for new_pass in (None, ShareUnitsPass())
        )
        assert after.d_mlp < before.d_mlp
        assert after.n_params < before.n_params


MODEL = """
craft.model @units vocab [0, 1] max_seq_len 1 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  craft.unembed %tokens
}
"""


def shared(w_in: Floats, bias: Floats, w_out: Floats) -> MlpOp:
    """A perceptron of two tokens and one result after the pass: `w_in` [2, d_mlp], `w_out` [d_mlp, size]."""
    module = parse(MODEL)
    (model,) = module.ops
    assert isinstance(model, ModelOp)
    tokens, output = model.body.block.ops
    result = SubspaceType("result", Encoding.CATEGORICAL, Domain.of(range(w_out.shape[1])))
    matrices = [SparseMatrix.from_dense(w_in)], bias, [SparseMatrix.from_dense(w_out)]
    mlp = MlpOp([tokens.results[0]], *matrices, [result], layer=0)
    model.body.block.insert_op_before(mlp, output)
    output.operands[0] = mlp.results_[0]
    module.verify()
    ShareUnitsPass().apply(Context(), module)
    module.verify()
    return mlp


def outputs_of(inputs: Floats, w_in: Floats, bias: Floats, w_out: Floats) -> list[list[float]]:
    return (np.maximum(inputs @ w_in + bias, 0) @ w_out).tolist()


@pytest.mark.parametrize("seed", range(10))
def test_random_units_that_are_multiples_of_few(seed: int):
    random = np.random.default_rng(seed)
    kinds = random.integers(-3, 4, size=(4, 3)).astype(np.float64)  # two weights and a bias
    units = kinds[random.integers(0, 4, size=20)] * np.exp2(random.integers(-4, 5, size=20))[:, None]
    w_out = random.integers(-2, 3, size=(20, 3)).astype(np.float64)
    found = shared(units[:, :2].T, units[:, 2], w_out)
    assert len(found.bias) <= 4
    inputs = random.integers(-8, 9, size=(30, 2)).astype(np.float64)
    weights = found.w_in.data[0].data.to_dense(), found.bias_vector, found.w_out.data[0].data.to_dense()
    assert outputs_of(inputs, *weights) == outputs_of(inputs, units[:, :2].T, units[:, 2], w_out)


@pytest.mark.parametrize(
    ("first", "second", "outputs", "n_units"),
    [
        ((1.0, 0.5), (2.0, 1.0), (1.0, 1.0), 1),
        ((1.0, 0.5), (3.0, 1.5), (1.0, 1.0), 2),
        ((1.0, 0.5), (-1.0, -0.5), (1.0, 1.0), 2),
        ((1.0, 0.5), (1.0, 0.25), (1.0, 1.0), 2),
        ((1.0, 0.5), (2.0, 1.0), (1.0, -0.5), 0),
        ((1.0, 0.5), (2.0, 1.0), (0.1, 0.1), 2),  # 0.1 + 0.2 is rounded
        ((1.0, 0.5), (2.0**40, 2.0**39), (1.0, 1e300), 2),  # that would overflow
        ((1.0, 0.5), (2.0**-40, 2.0**-41), (1.0, 1e-320), 2),  # that would lose digits
        ((2.0**600, 0.0), (2.0**-600, 0.0), (1.0, 1.0), 2),
        ((2.0**600, 1.0), (2.0**600, 1.0), (1.0, 1.0), 1),
        ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0), 1),  # the first is always zero
    ],
)
def test_two_units(first: tuple[float, float], second: tuple[float, float], outputs: tuple[float, float], n_units: int):
    weights = np.array([first, second]).T  # [weight and bias, unit]
    found = shared(np.stack([weights[0], np.zeros(2)]), weights[1], np.array(outputs)[:, None])
    assert len(found.bias) == n_units
