"""The schedule is what balancing counts it to be, and the program computes the same."""

from __future__ import annotations

import logging
from itertools import takewhile

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from raspc.dialects.craft import ModelOp
from raspc.dialects.transformer.layers import read_transformer
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.lowering.weights import weights_of
from raspc.passes.balance_layers import OBJECTIVES, SOLVERS, Balance, BalanceLayersPass
from raspc.passes.certify import CertifyPass
from raspc.passes.fuse_heads import FuseHeadsPass
from raspc.passes.fuse_mlps import FuseMlpsPass
from raspc.passes.pad_uniform import PadUniformPass
from raspc.passes.shrink_attention import ShrinkAttentionPass
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import parse, run_passes

NAMES = {
    *("dyck2_ptf", "most_freq", "is_number", "three_in_a_row", "caps_lock", "run_length_encoding", "median"),
    *("is_time", "histogram_without_bos", "tokens", "full", "chain_of_40_maps", "rotate_by_first", "sort_by_frequency"),
}
"""Programs with much slack, with little and with none, and such without any component."""

PROGRAMS = [program for program in CORPUS if program.name in NAMES]

LOGGER = "raspc.passes.balance_layers"


def run(module: ModuleOp, *passes: ModulePass) -> ModuleOp:
    module = module.clone()
    for each in passes:
        each.apply(Context(), module)
        module.verify()
    return module


def scheduled(program: Program) -> ModuleOp:
    """The module of a program with layers as soon as possible, and the heads as they will be."""
    size = program.max_seq_len
    module = build_module(program.build(size), program.vocab, size, causal=program.causal)
    before = takewhile(lambda each: not isinstance(each, FuseHeadsPass), passes_of("O1"))
    return run_passes("rasp", module, [*before, ShrinkAttentionPass()])[-1].module


def assembled(module: ModuleOp, objective: str) -> ModuleOp:
    found = run(module, FuseHeadsPass(), FuseMlpsPass(), CertifyPass(), AssembleTransformerPass())
    return run(found, PadUniformPass()) if objective == "padded" else found


def size(module: ModuleOp) -> tuple[int, int]:
    """The number of layers, and of the parameters in them."""
    layers = read_transformer(module).layers
    sublayers = [each for layer in layers for each in (layer.attention, layer.mlp) if each is not None]
    return len(layers), sum(array.size for each in sublayers for array in weights_of(each.op).values())


def balance(module: ModuleOp, balancing: BalanceLayersPass) -> Balance:
    (model,) = module.ops
    assert isinstance(model, ModelOp)
    return balancing.balance(model)


def test_all_programs_are_there():
    assert {program.name for program in PROGRAMS} == NAMES


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_models_are_as_large_as_balancing_says_and_compute_the_same(program: Program, objective: str):
    module = scheduled(program)
    n_layers, n_params = size(assembled(module, objective))
    for solver in SOLVERS:
        copy = module.clone()
        found = balance(copy, BalanceLayersPass(objective, solver))
        copy.verify()
        after = assembled(copy, objective)
        assert size(after) == (max(found.n_layers, objective == "padded"), found.after)
        assert (n_layers, n_params) == (size(after)[0], found.before)
        assert found.bound <= found.after <= found.before
        assert solver == "heuristic" or found.outcome == "proved"
        assert (found.outcome == "proved") == (found.gap == 0)
        again = module.clone()
        assert balance(again, BalanceLayersPass(objective, solver)) == found
        assert str(again) == str(copy)
        assert (str(copy) == str(module)) == (found.after == found.before)
        model = CompiledModel(after)
        assert [model(list(tokens)) for tokens, _ in program.examples] == [list(each) for _, each in program.examples]


def test_what_is_found_is_logged(caplog: pytest.LogCaptureFixture):
    (program,) = (program for program in PROGRAMS if program.name == "most_freq")
    with caplog.at_level(logging.INFO, LOGGER):
        run(scheduled(program), BalanceLayersPass("padded"))
    assert caplog.messages == [
        "@most_freq: 150198 parameters in 6 layers (padded), now 100398; proved, at least 100398, gap 0.0%, 0 nodes"
    ]
    assert caplog.records[0].levelno == logging.INFO


def test_a_time_limit_is_warned_of_and_leaves_the_schedule_of_the_heuristic(caplog: pytest.LogCaptureFixture):
    (program,) = (program for program in PROGRAMS if program.name == "is_number")
    module = scheduled(program)
    heuristic = balance(module.clone(), BalanceLayersPass("padded"))
    assert (heuristic.outcome, heuristic.n_nodes) == ("heuristic", 0)
    assert "; heuristic, at least " in str(heuristic)
    with caplog.at_level(logging.WARNING, LOGGER):
        found = run(module, BalanceLayersPass("padded", solver="milp", time_limit=1e-6))
    assert str(found) == str(run(module, BalanceLayersPass("padded"))) != str(module)
    assert "; time limit, at least " in caplog.messages[0]


def test_a_gap_is_a_part_of_what_there_is():
    found = Balance("a", "stored", "node limit", 3, before=1200, after=1000, bound=999, n_nodes=7)
    assert found.gap == 0.001
    assert str(found) == (
        "@a: 1200 parameters in 3 layers (stored), now 1000; node limit, at least 999, gap 0.1%, 7 nodes"
    )
    assert Balance("a", "stored", "proved", 0, before=0, after=0, bound=0, n_nodes=0).gap == 0


FOUR_HEADS = """
craft.model @four_heads vocab [0, 1] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %indices = craft.embed_positions : "indices" 0 to 2
  %a = craft.head layer 0 query(%indices, %indices) key(%indices, %indices) qk(3 by 3 identity, 3 by 3 identity)
    value(%tokens) ov(2 by 1 [[0], [1]]) bos [0] score 1.5 temperature 100.0 : "a" numerical [0, 0.5, 1]
  %b = craft.head layer 1 query(%indices) key(%indices) qk(3 by 3 identity)
    value(%a) ov(1 by 1 identity) bos [0] score 0.5 temperature 100.0 : "b" numerical [0, 0.5, 1]
  %c = craft.head layer 1 query(%indices) key(%indices) qk(3 by 3 identity)
    value(%a) ov(1 by 1 identity) bos [0] score 0.5 temperature 100.0 : "c" numerical [0, 0.5, 1]
  %d = craft.head layer 1 query(%indices) key(%indices) qk(3 by 3 identity)
    value(%a) ov(1 by 1 identity) bos [0] score 0.5 temperature 100.0 : "d" numerical [0, 0.5, 1]
  %units = craft.mlp layer 0 (%tokens) w_in(2 by 4 [[1, 2, 3, 4], [0, 0, 0, 0]]) bias [0, 0, 0, 0]
    w_out(4 by 1 [[1], [1], [1], [1]]) : "units" numerical [0, 10]
  craft.unembed %d
}
"""


def test_more_layers_are_tried_although_the_most_take_as_many_parameters_as_the_fewest():
    """Padded, one more layer can take more parameters, so that a bound for the most of them is none for fewer."""

    def padded(n_layers: int, n_heads: int) -> int:
        d_model, d_head, d_mlp = 12, 7, 4
        heads, mlp = 4 * n_heads * d_model * d_head, 2 * d_model * d_mlp + d_mlp + d_model
        return n_layers * (heads + mlp)

    assert padded(2, 3) == padded(5, 1) < padded(3, 2)
    found = balance(parse(FOUR_HEADS), BalanceLayersPass("padded", more_layers=True))
    assert (found.n_layers, found.before, found.after) == (4, padded(2, 3), padded(4, 1))
