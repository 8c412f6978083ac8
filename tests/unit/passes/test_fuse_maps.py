"""Fused maps compute what the maps did, also where operands are undefined."""

from __future__ import annotations

import pytest
from xdsl.context import Context

import raspc
from raspc import rasp
from raspc.dialects.rasp import MapOp
from raspc.passes.fuse_maps import FuseMapsPass
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from tests.programs.corpus import CORPUS
from tests.programs.levels import Task, check, compile_stages, parse

Comparison = rasp.Comparison


def _same() -> rasp.Selector:
    return rasp.Select(rasp.tokens, rasp.tokens, Comparison.EQ)


def _two_means() -> rasp.SOp:
    later = rasp.Select(rasp.indices, rasp.indices, Comparison.GT)
    ones = rasp.Aggregate(later, rasp.Map(lambda x: 1 if x == 1 else 0, rasp.tokens))  # undefined at the end
    return rasp.SequenceMap(lambda x, y: x > y, ones, rasp.Aggregate(_same(), rasp.indices))


def _a_number_and_an_undefined_token() -> rasp.SOp:
    previous = rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, lambda k, q: k == q - 1), rasp.tokens)
    return rasp.SequenceMap(lambda x, y: (x, y) if y != 2 else None, rasp.SelectorWidth(_same()), previous)


def _a_tree() -> rasp.SOp:
    opposite = rasp.SequenceMap(lambda n, i: n - i - 1, rasp.length, rasp.indices)
    return rasp.SequenceMap(lambda o, t: o % 2 == t % 2, opposite, rasp.tokens)


PROGRAMS = {"two means": _two_means, "undefined": _a_number_and_an_undefined_token, "tree": _a_tree}


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_read_at_once_is_right_on_all_inputs(name: str, causal: bool):
    task = Task(PROGRAMS[name](), (0, 1, 2), 4, causal)
    inputs = [list(tokens) for tokens in task.inputs(1000, 0)]
    outputs = [rasp.evaluate(task.program, tokens, causal=causal) for tokens in inputs]
    for stage in compile_stages(task, "O2"):
        check(stage.name, inputs, outputs, stage.run(inputs))


def fused(program: rasp.SOp, max_seq_len: int, **options: str) -> list[MapOp]:
    module = build_module(program, (0, 1, 2), max_seq_len)
    for compiler_pass in passes_of("O2"):
        if compiler_pass.name == FuseMapsPass.name:
            FuseMapsPass(**options).apply(Context(), module)
            break
        compiler_pass.apply(Context(), module)
    return [op for op in module.walk() if isinstance(op, MapOp)]


def test_a_tree_is_read_at_once():
    (whole,) = fused(_a_tree(), 4)
    assert whole.jointly is not None
    assert [operand.name_hint for operand in whole.operands_] == ["tokens", "indices", "length_attenuated"]


def test_a_coarser_dtype_tells_less_apart():
    assert len(fused(_a_tree(), 5)) < len(fused(_a_tree(), 5, dtype="bfloat16"))


def test_units_may_count_before_layers():
    text = """
    rasp.program @layer vocab [0, 1, 2, 3] max_seq_len 4 {
      %tokens = rasp.tokens : categorical 0 to 3
      %indices = rasp.indices : categorical 0 to 3
      %same = rasp.select %indices, %tokens eq
      %found = rasp.aggregate %same, %tokens default 0 : categorical 0 to 3
      %sum = rasp.map(%tokens, %indices) "t, i -> t + i" : categorical 0 to 6
      %out = rasp.map(%sum, %found) "s, f -> (s * f) % 5" : categorical 0 to 4
      rasp.return %out
    }
    """
    left: dict[str, int] = {}
    for objective in ("layers", "units"):
        module = parse(text)
        FuseMapsPass(objective).apply(Context(), module)
        left[objective] = sum(isinstance(op, MapOp) for op in module.walk())
    assert left == {"layers": 1, "units": 2}


def test_a_mean_whose_values_would_be_too_inexact_keeps_its_maps():
    program = next(program for program in CORPUS if program.name == "binary_value")
    stages = compile_stages(Task(program.build(5), program.vocab, 5, program.causal), "O2")
    inputs = [list(tokens) for tokens, _ in program.examples]
    check("output", inputs, [output for _, output in program.examples], stages[-1].run(inputs))


def test_casts_that_make_strings_exact_have_their_price():
    shown = rasp.Map(lambda x: str(x), rasp.indices)
    several = rasp.Select(rasp.indices, rasp.length, lambda k, q: k == q - 3)
    found = rasp.Aggregate(rasp.SelectorAnd(several, rasp.Select(rasp.length, rasp.indices, Comparison.GEQ)), shown)
    nothing = rasp.Map(lambda x, y, z: x if z else y, rasp.tokens, rasp.tokens, rasp.length)
    task = Task(rasp.SelectorWidth(rasp.Select(nothing, found, Comparison.LT)), ("(", ")", "{"), 4)
    inputs = [list(tokens) for tokens in task.inputs(1000, 0)]
    outputs = [rasp.evaluate(task.program, tokens) for tokens in inputs]
    check("O2", inputs, outputs, compile_stages(task, "O2")[-1].run(inputs))


def test_a_length_and_an_index_are_read_at_once_in_long_inputs():
    model = raspc.compile(rasp.library.make_reverse(rasp.tokens), ["a", "b"], 100)
    assert (model.config.n_layers, model.config.d_mlp) == (2, 2 * 99 + 1)
    tokens = (["a", "b", "b"] * 34)[:100]
    assert model.batch([tokens, tokens[:7]]) == [tokens[::-1], tokens[:7][::-1]]
