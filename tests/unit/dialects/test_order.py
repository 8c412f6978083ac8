"""Values are computed before they are used, at every level."""

from __future__ import annotations

import pytest
from xdsl.utils.exceptions import VerifyException

from raspc.rasp import library
from tests.programs.levels import Stage, Task, compile_stages, parse

STAGES = compile_stages(Task(library.make_hist(), ("a", "b"), 3), "O0")


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_an_op_after_its_use_is_invalid(stage: Stage):
    module = stage.module.clone()
    (model,) = module.ops
    block = model.regions[0].block
    first, last = next(op for op in block.ops if op.results[0].first_use is not None), block.last_op
    assert last is not None
    first.detach()
    block.insert_op_before(first, last)
    with pytest.raises(VerifyException, match=rf"uses %{first.results[0].name_hint} before it is computed"):
        module.verify()


def test_a_value_from_the_inside_of_an_attention_is_not_known_outside():
    (stage,) = [stage for stage in STAGES if stage.name == "fuse-mlps"]
    text = str(stage.module)
    assert "craft.mlp layer 0 (%hist_inverse)" in text
    with pytest.raises(Exception, match="hist_inverse_1"):
        parse(text.replace("craft.mlp layer 0 (%hist_inverse)", "craft.mlp layer 0 (%hist_inverse_1)"))
