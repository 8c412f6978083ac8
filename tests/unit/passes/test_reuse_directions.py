"""Directions that hold several values: models compute the same with fewer of them."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.domain import Domain
from raspc.compiler import compile as compile_program
from raspc.dialects.dense import to_array
from raspc.dialects.transformer import MlpOp
from raspc.dialects.transformer.layers import read_transformer
from raspc.errors import CompileError
from raspc.passes.reuse_directions import ReuseDirectionsPass
from raspc.runtime.model import CompiledModel
from raspc.runtime.transformer_interpreter import run_model
from raspc.testing import random_program
from raspc.testing.sampling import sampled_inputs
from tests.programs.inserting import check_inserted, programs_named
from tests.programs.program import Program
from tests.unit.runtime.toy_models import ToyModel

PROGRAMS = programs_named(
    "reverse double_hist sort median shuffle_dyck2 fill_forward induction_head deepest_bracket string_default"
)


@pytest.mark.parametrize("objective", ["parameters", "width"])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_computes_the_same(program: Program, objective: str):
    before, after = check_inserted(program, ReuseDirectionsPass(objective=objective), "assemble-transformer")
    assert after.config.d_model <= before.config.d_model
    if objective == "parameters":
        assert after.config.n_params <= before.config.n_params
    assert after.config.n_layers == before.config.n_layers
    assert before.certificate is not None
    assert after.certificate is not None
    assert after.certificate.claims == before.certificate.claims


def narrowed(model: CompiledModel, objective: str = "width") -> CompiledModel:
    module = model.module.clone()
    ReuseDirectionsPass(objective=objective).apply(Context(), module)
    module.verify()
    return CompiledModel(module)


@pytest.mark.parametrize("name", ["double_hist", "deepest_bracket", "induction_head"])
def test_it_makes_a_model_narrower(name: str):
    (program,) = programs_named(name)
    model = compile_program(program.build(), program.vocab, program.max_seq_len)
    small, narrow = narrowed(model, "parameters"), narrowed(model)
    assert narrow.config.d_model <= small.config.d_model < model.config.d_model
    assert small.config.n_params < model.config.n_params


@pytest.mark.parametrize("name", ["double_hist", "deepest_bracket", "fill_forward"])
def test_what_follows_in_a_direction_finds_it_erased_to_the_bit(name: str):
    """Every number of the residual stream is what it was, at each stage, in the direction where it is now."""
    (program,) = programs_named(name)
    before = compile_program(program.build(), program.vocab, program.max_seq_len)
    after = narrowed(before)
    tokens = list(program.examples[0][0])
    old, new = before.trace(tokens), after.trace(tokens)
    place = {label: number for number, held in enumerate(new.labels) for label in held.split(" | ")}
    assert sorted(place) == sorted(old.labels)
    for first, second in zip(old.residual_stream, new.residual_stream, strict=True):
        held = [place[label] for label in first.labels]
        found = second.values[..., held]
        # What a direction holds of another value is erased, or not yet written; what is left is the same.
        differs = found != first.values
        shared = np.array([held.count(number) > 1 for number in held])
        assert not differs[..., ~shared].any()
    last = [place[label] for label in old.labels]
    output = read_transformer(before.module).unembed.w_u
    read = np.flatnonzero(to_array(output).any(axis=1))
    assert (
        new.residual_stream[-1].values[..., np.array(last)[read]] == old.residual_stream[-1].values[..., read]
    ).all()


@pytest.mark.filterwarnings("ignore::raspc.MeaningWarning")
def test_random_programs_compute_the_same():
    narrower = 0
    for seed in range(12):
        random = random_program(seed, size=10, max_seq_len=4)
        try:
            model = compile_program(random.program, random.vocab, random.max_seq_len, causal=random.causal)
        except CompileError:
            continue
        narrow = narrowed(model)
        narrower += narrow.config.d_model < model.config.d_model
        for tokens in sampled_inputs(random.vocab, random.max_seq_len, 20, seed):
            assert narrow(tokens) == model(tokens)
    assert narrower


def test_an_erasing_mlp_keeps_its_units():
    (program,) = programs_named("deepest_bracket")
    model = compile_program(program.build(), program.vocab, program.max_seq_len)
    units = [op.d_mlp for op in model.module.walk() if isinstance(op, MlpOp)]
    found = [op.d_mlp for op in narrowed(model).module.walk() if isinstance(op, MlpOp)]
    assert all(new >= old for old, new in zip(units, found, strict=True))


BOS, ONE, A, B, KEPT, LATER, MEAN = range(7)


def model_with_unit(bos: float, weights: dict[int, float]) -> ModuleOp:
    """A unit reads tokens; the next MLP writes something new, of which a head reads the mean, BOS included.

    Args:
        bos: what the first direction is at BOS.
        weights: by which weights the unit reads the directions.
    """
    labels = ["bos", "one", "a", "b", "kept", "later", "mean"]
    toy = ToyModel("toy", Domain.of(range(3)), 2, Domain.of([0, 1, None]), labels)
    w_e, w_pos = np.zeros((4, 7)), np.zeros((3, 7))
    w_e[[0, 2], A] = w_e[[1, 2], B] = w_pos[1:, ONE] = 1
    w_e[3, BOS] = bos
    toy.embed(w_e, w_pos)
    for read, written in (weights, KEPT), ({ONE: 3.0}, LATER):
        w_in = np.zeros((7, 1))
        w_in[list(read), 0] = list(read.values())
        toy.mlp(w_in, np.zeros(1), np.eye(7)[[written]], np.zeros(7))
    toy.attention(np.zeros((1, 7, 1)), np.zeros((1, 7, 1)), np.eye(7)[None, :, [LATER]], np.eye(7)[None, [MEAN]])
    return toy.unembed(np.eye(7)[:, [KEPT, LATER, MEAN]], np.zeros(3))


@pytest.mark.parametrize(
    ("bos", "weights", "is_held"),
    [
        (1, {BOS: -1, A: 2}, True),
        (1, {A: 2}, True),
        (-1, {A: 2}, True),
        (1, {BOS: 1, A: 2}, False),
        (-1, {BOS: -1, A: 2}, False),
        (1, {A: 2, B: 2}, False),
        (1, {BOS: -1, A: 2, B: 2}, False),
        (-1, {A: 2, B: 2}, False),
    ],
)
def test_a_unit_erases_a_direction_that_it_holds_at_all_positions(bos: float, weights: dict[int, float], is_held: bool):
    before = model_with_unit(bos, weights)
    after = before.clone()
    ReuseDirectionsPass("width").apply(Context(), after)
    after.verify()
    ids, padding = np.array([[0, 1], [2, 0]]), np.ones((2, 2), dtype=np.bool_)
    assert run_model(after, ids, padding).tolist() == run_model(before, ids, padding).tolist()
    assert len(read_transformer(after).model.residual_labels) == 5
    first, *_ = (op for op in after.walk() if isinstance(op, MlpOp))
    # Without the unit, "a" takes one more; and "b" takes one in any case.
    assert first.d_mlp == (2 if is_held else 3)


def test_the_pass_is_deterministic():
    (program,) = programs_named("deepest_bracket")
    texts = {
        str(narrowed(compile_program(program.build(), program.vocab, program.max_seq_len)).module) for _ in range(2)
    }
    assert len(texts) == 1


def test_an_unknown_objective_is_refused():
    (program,) = programs_named("reverse")
    model = compile_program(program.build(), program.vocab, program.max_seq_len)
    with pytest.raises(CompileError, match="there is no objective 'small'"):
        narrowed(model, "small")
