from __future__ import annotations

import pytest
from xdsl.passes import ModulePass

import raspc
from raspc import rasp
from raspc.pipelines import DEFAULT_PIPELINE, PIPELINES, passes_of
from raspc.runtime.model import CompiledModel
from raspc.statistics import PassRecorder, Statistics
from tests.programs.levels import parse

PROGRAM = """
rasp.program @program vocab [1, 2] max_seq_len 3 {
  %t = rasp.tokens : ?
  %s = rasp.select %t, %t true
  %n = rasp.selector_not %s
  %b = rasp.selector_or %s, %n
  %w = rasp.selector_width %b : ?
  rasp.return %w
}
"""

ODD = """
transformer.model @odd(%ids, %padding) vocab [1] max_seq_len 1 output categorical [1] residual ["bos"] {
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x1xf32>) w_pos(dense<0.0> : tensor<2x1xf32>) : tensor<?x?x1xf32>
  %y = transformer.add %x, %x : tensor<?x?x1xf32>
  %l = transformer.unembed %y w_u(dense<0.0> : tensor<1x2xf32>) b_u(dense<0.0> : tensor<2xf32>)
    : tensor<?x?x1xf32> -> tensor<?x?x2xf32>
  transformer.return %l : tensor<?x?x2xf32>
}
"""


def recorded(pipeline: str, dtype: str = "float32") -> tuple[PassRecorder, CompiledModel]:
    recorder = PassRecorder()
    program = rasp.library.make_sort_unique(rasp.tokens, rasp.tokens)
    return recorder, raspc.compile(program, [1, 2, 3], 4, pipeline=pipeline, on_pass=recorder, dtype=dtype)


def test_a_program_has_s_ops_and_selectors():
    assert Statistics.of(parse(PROGRAM)) == Statistics(sops=2, selectors=3, heads=0, mlps=0, hidden_units=0)


def test_the_sizes_of_several_models_are_left_open():
    both = Statistics.of(parse(PROGRAM + PROGRAM.replace("@program", "@other")))
    assert both == Statistics(sops=4, selectors=6, heads=0, mlps=0, hidden_units=0)
    model = str(recorded("O0")[1].module)
    inner = model.partition("{\n")[2].rpartition("}")[0]
    twice = Statistics.of(parse(inner + inner.replace("@sort", "@other", 1)))
    assert (twice.heads, twice.d_model) == (2 * Statistics.of(parse(model)).heads, None)


def test_a_model_that_is_no_standard_transformer_has_no_sizes():
    assert Statistics.of(parse(ODD)) == Statistics(sops=0, selectors=0, heads=0, mlps=0, hidden_units=0)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_recorder_has_one_record_for_each_pass(pipeline: str):
    recorder, model = recorded(pipeline, dtype="float16")
    passes = passes_of(pipeline, dtype="float16")
    assert [record.name for record in recorder.records] == [each.name for each in passes]
    for record, following in zip(recorder.records, recorder.records[1:], strict=False):
        assert record.after == following.before
    assert all(record.seconds > 0 for record in recorder.records)
    last, config = recorder.records[-1].after, model.config
    found = (last.n_layers, last.n_heads, last.d_model, last.n_params)
    assert found == (config.n_layers, config.n_heads, config.d_model, config.n_params)
    assert (last.sops, last.selectors) == (0, 0)


def test_what_is_counted_stays_the_same_where_components_become_weights():
    records = {record.name: record for record in recorded("O0")[0].records}
    record = records["assemble-transformer"]
    assert record.before == record.after
    assert record.after.heads > 0
    assert record.after.hidden_units > record.after.mlps > 0
    assert records["materialize-attention"].before.sops > records["materialize-attention"].after.sops == 0
    assert records["schedule-layers"].before.n_layers is None


def test_a_callback_of_a_compilation_is_called_as_by_a_pipeline_of_xdsl():
    calls: list[tuple[ModulePass | None, ModulePass | None]] = []
    raspc.compile(rasp.tokens, [1], 1, on_pass=lambda previous, module, following: calls.append((previous, following)))
    passes = passes_of(DEFAULT_PIPELINE)
    assert calls == list(zip([None, *passes], [*passes, None], strict=True))
