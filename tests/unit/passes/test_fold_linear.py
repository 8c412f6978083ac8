"""What linear maps are folded into, where filecheck tests can't show that it computes the same."""

from __future__ import annotations

import pytest
from xdsl.context import Context

from raspc import rasp
from raspc.dialects.craft import LinearOp, SumOp
from raspc.errors import CompileError
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.passes.fold_linear import FoldLinearPass
from tests.programs.levels import Task, check, compile_stages, parse

Comparison = rasp.Comparison


def _common() -> rasp.SOp:
    return rasp.Aggregate(rasp.Select(rasp.indices, rasp.tokens, Comparison.EQ), rasp.tokens)


def _output_of_a_shared_vector() -> rasp.SOp:
    common = _common()
    again = rasp.Aggregate(rasp.Select(common, rasp.tokens, Comparison.EQ), common)
    return rasp.Map(lambda x: "few" if x < 2 else "many", again)


def _shared_by_maps() -> rasp.SOp:
    common = _common()
    low = rasp.Select(rasp.Map(lambda x: x // 2, common), rasp.Map(lambda x: x % 2, rasp.tokens), Comparison.EQ)
    return rasp.Aggregate(low, rasp.Map(lambda x: 10 - x, common), 5)


def _affine() -> rasp.SOp:
    everywhere = rasp.Select(rasp.tokens, rasp.tokens, Comparison.TRUE)
    ones, twos = (rasp.Aggregate(everywhere, rasp.Map(lambda x, n=n: int(x == n), rasp.tokens)) for n in (1, 2))
    difference = rasp.numerical(rasp.LinearSequenceMap(ones, twos, 1, -1))
    return rasp.Map(lambda x: "ones" if x > 0 else "twos" if x < 0 else "as many", difference + 0.25 - 0.25)


def _number_of_one_hot() -> rasp.SOp:
    return rasp.numerical(rasp.Map(lambda x: x / 2, _common()))


PROGRAMS = {
    "output": _output_of_a_shared_vector,
    "shared": _shared_by_maps,
    "affine": _affine,
    "number": _number_of_one_hot,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_with_linear_maps_are_right_on_all_inputs(name: str):
    task = Task(PROGRAMS[name](), (0, 1, 2, 3), 3)
    inputs = [list(tokens) for tokens in task.inputs(1000, 0)]
    outputs = [rasp.evaluate(task.program, tokens) for tokens in inputs]
    stages = compile_stages(task, "O2")
    for stage in stages:
        check(stage.name, inputs, outputs, stage.run(inputs))
    before = next(stage.module for stage in stages if stage.name == "materialize-attention")
    after = next(stage.module for stage in stages if stage.name == FoldLinearPass.name)
    n_before, n_after = (sum(isinstance(op, LinearOp | SumOp) for op in module.walk()) for module in (before, after))
    assert n_after < n_before or name == "number"


def test_a_linear_map_of_a_component_that_is_no_output_must_be_folded():
    module = parse(
        """
        craft.model @between vocab [0, 1] max_seq_len 2 {
          %tokens = craft.embed_tokens : "tokens" [0, 1]
          %a = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity)
            bos [0, 0] score 0.5 temperature 100.0 : "a" [0, 1]
          %not = craft.linear %a (2 by 2 [[0, 1], [1, 0]]) : "not" [0, 1]
          %b = craft.head layer 1 query(%not) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 2 identity)
            bos [0, 0] score 0.5 temperature 100.0 : "b" [0, 1]
          craft.unembed %b
        }
        """
    )
    with pytest.raises(CompileError, match="a linear map of what a component computes is no component itself"):
        AssembleTransformerPass().apply(Context(), module)
    FoldLinearPass().apply(Context(), module)
    AssembleTransformerPass().apply(Context(), module)


EMBEDDED = """
craft.model @embedded vocab [1, 2] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  %number = craft.linear %tokens (2 by 1 [[1], [2]]) : "number" numerical [1, 2]
  %other = craft.linear %tokens (2 by 2 [[0, 1], [1, 0]]) : "other" [1, 2]
  %a = craft.mlp layer 0 (%number) w_in(1 by 1 identity) bias [0] w_out(1 by 1 identity) : "a" numerical [1, 2]
  %b = craft.mlp layer 0 (%other) w_in(2 by 1 [[1], [2]]) bias [0] w_out(1 by 1 identity) : "b" numerical [1, 2]
  %both = craft.mlp layer 1 (%a, %b) w_in(1 by 1 identity, 1 by 1 identity) bias [0] w_out(1 by 1 identity)
    : "both" numerical [3]
  craft.unembed %both
}
"""


def linear_maps_left(text: str) -> list[str | None]:
    module = parse(text)
    FoldLinearPass().apply(Context(), module)
    module.verify()
    return [op.result.name_hint for op in module.walk() if isinstance(op, LinearOp)]


def test_a_number_is_embedded_only_if_nothing_else_needs_the_one_hot():
    """Beside the one-hot, the direction of the number would be one more for nothing."""
    assert linear_maps_left(EMBEDDED) == []
    numbers = EMBEDDED.replace('(2 by 2 [[0, 1], [1, 0]]) : "other"', '(2 by 1 [[2], [1]]) : "other" numerical')
    numbers = numbers.replace("(2 by 1 [[1], [2]]) bias", "(1 by 1 identity) bias")
    assert linear_maps_left(numbers) == ["number", "other"]
