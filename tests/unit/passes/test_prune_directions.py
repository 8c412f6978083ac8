"""Directions that nothing needs: models compute the same without them, at every level, and are smaller."""

from __future__ import annotations

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.dialects.craft import HeadOp, LinearOp, MlpOp
from raspc.dialects.craft.checks import vector_of
from raspc.errors import SourceLocation
from raspc.passes.certify import CertifyPass
from raspc.passes.fuse_mlps import FuseMlpsPass
from raspc.passes.locations import locations_of
from raspc.passes.prune_directions import PruneDirectionsPass
from raspc.passes.schedule_layers import ScheduleLayersPass
from raspc.runtime.craft_interpreter import run_batch
from tests.programs.inserting import check_inserted, programs_named, stages_with
from tests.programs.levels import Task, parse
from tests.programs.program import Program

PROGRAMS = programs_named(
    "reverse length hist most_freq frac_prevs pair_balance shuffle_dyck2 next_different even_indices "
    "mean_of_defined causal_dyck1_ptf caps_lock logic mixed_types"
)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_computes_the_same(program: Program):
    before, after = check_inserted(program, PruneDirectionsPass(), "materialize-attention")
    assert after.config.d_model <= before.config.d_model
    assert after.config.d_mlp <= before.config.d_mlp
    assert after.config.n_params <= before.config.n_params


def test_models_are_smaller():
    for program in programs_named("next_different frac_prevs causal_dyck1_ptf"):
        task = Task(program.build(), program.vocab, program.max_seq_len, program.causal)
        before, after = (
            stages_with(task, new_pass, "materialize-attention")[-1].model.config
            for new_pass in (None, PruneDirectionsPass())
        )
        assert after.d_model < before.d_model
        assert after.n_params < 0.8 * before.n_params


def pruned(text: str) -> ModuleOp:
    """A model after the pass."""
    module = parse(text)
    PruneDirectionsPass().apply(Context(), module)
    module.verify()
    return module


def test_tokens_that_a_program_takes_for_the_same_are_one_direction():
    def vowel(token: str) -> bool:
        return token in "aeiou"

    program = rasp.Aggregate(
        rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LEQ), rasp.numerical(rasp.Map(vowel, rasp.tokens))
    )
    task = Task(program, tuple("abcdefghi"), 4)
    stages = {stage.name: stage for stage in stages_with(task, PruneDirectionsPass(), "materialize-attention")}
    maps = [op for op in stages["prune-directions"].module.walk() if isinstance(op, LinearOp)]
    embedded = {vector_of(op.result).label.data: vector_of(op.result).values for op in maps}
    assert embedded["tokens"] == Domain(("a",), undefined=True)  # "a" stands for all vowels, null for all others
    labels = stages["assemble-transformer"].model.residual_labels
    assert [label for label in labels if label.startswith("tokens")] == ["tokens:a"]


BOS_IS_READ = """
craft.model @bos vocab ["a", "b", "c"] max_seq_len 3 {
  %tokens = craft.embed_tokens : "tokens" ["a", "b", "c"]
  %indices = craft.embed_positions : "indices" [0, 1, 2]
  %h = craft.head query(%indices) key(%indices) qk(3 by 3 [[0, 0, 0], [1, 0, 0], [0, 1, 0]]) value(%tokens)
    ov(3 by 3 identity) bos [0, 0, 1] score 0.5 temperature 128.0 at_most_one : "h" ["a", "b", "c"]
  %m = craft.mlp(%h) w_in(3 by 2 [[1, 0], [0, 1], [0, 1]]) bias [0, 0] w_out(2 by 2 identity) : "m" ["first", "other"]
  craft.unembed %m
}
"""


def test_what_a_head_reads_at_bos_is_merged_too():
    module = pruned(BOS_IS_READ)
    (head,) = [op for op in module.walk() if isinstance(op, HeadOp)]
    assert head.bos_vector.tolist() == [0, 1]
    assert vector_of(head.result).values.values == ("a", "b")
    inputs = [["a", "b", "c"], ["c", "a", "a"], ["b"]]
    assert run_batch(module, inputs) == run_batch(parse(BOS_IS_READ), inputs)
    ScheduleLayersPass().apply(Context(), module)
    CertifyPass().apply(Context(), module)


TWO_RESULTS = """
craft.model @two vocab [0, 1] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %a = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "a" [0, 1] loc("p.py":1:0)
  %b = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "b" [0, 1] loc("p.py":2:0)
  craft.unembed %b
}
"""


def test_a_fused_perceptron_loses_a_result_with_its_place():
    module = parse(TWO_RESULTS)
    FuseMlpsPass().apply(Context(), module)
    PruneDirectionsPass().apply(Context(), module)
    module.verify()
    (mlp,) = [op for op in module.walk() if isinstance(op, MlpOp)]
    assert len(mlp.bias) == 2
    assert [vector_of(result).label.data for result in mlp.results_] == ["b"]
    assert locations_of(mlp) == [SourceLocation("p.py", 2)]
