"""What infer-encodings chooses where the user says nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.rewriter import Rewriter

import raspc
from raspc import rasp
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Table
from raspc.dialects.rasp import MapOp, SopType
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.dialects.text import read_module
from raspc.errors import MeaningWarning
from raspc.passes.infer_encodings import InferEncodingsPass
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.legalize_selectors import LegalizeSelectorsPass
from raspc.passes.sop_types import encoding_of
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from raspc.runtime.rasp_interpreter import program_of
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import Task, check, compile_stages
from tests.unit.dialects.texts import context

SIZE = 5

EVERYTHING = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.TRUE)


def module_of(program: Program) -> ModuleOp:
    return build_module(program.build(SIZE), program.vocab, SIZE, causal=program.causal)


def annotated(module: ModuleOp) -> list[SopOp]:
    """The s-ops for which the user asked for an encoding."""
    sops = [op for op in program_of(module).body.block.ops if isinstance(op, SopOp)]
    return [op for op in sops if encoding_of(op.result) != Encoding.UNKNOWN]


ANNOTATED = [program for program in CORPUS if program.max_seq_len == SIZE and annotated(module_of(program))]


@pytest.mark.parametrize("program", ANNOTATED, ids=lambda program: program.name)
def test_a_program_without_its_annotations_computes_the_same(program: Program):
    module = module_of(program)
    for op in annotated(module):
        Rewriter.replace_value_with_new_type(op.result, SopType())
    assert not annotated(module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        for compiler_pass in passes_of("O0"):
            compiler_pass.apply(Context(), module)
    model = CompiledModel(module)
    examples = [(list(tokens), output) for tokens, output in program.examples if len(tokens) <= SIZE]
    inputs, outputs = [tokens for tokens, _ in examples], [output for _, output in examples]
    check("without annotations", inputs, outputs, model.batch(inputs))


def test_the_corpus_has_annotations_to_take_away():
    assert len(ANNOTATED) >= 5


def test_a_default_that_is_never_taken_is_not_filled_in():
    everywhere = rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, lambda k, q: k <= q), rasp.tokens, "none")
    # The function is a table of what occurs, and the default doesn't.
    program = Task(rasp.SequenceMap(lambda mean, n: divmod(mean * n, 2)[1], everywhere, rasp.length), (0, 1), 3)
    stages = compile_stages(program, "O0")
    inputs = [list(tokens) for tokens in program.inputs(100, 0)]
    check("numbers", inputs, [rasp.evaluate(program.program, tokens) for tokens in inputs], stages[-1].run(inputs))
    assert "none" not in str(stages[-1].module)


@pytest.mark.parametrize("large", [1e5, 1e6])
def test_numbers_that_float32_can_not_tell_apart_are_looked_up(large: float):
    mean = rasp.Aggregate(EVERYTHING, rasp.tokens)
    program = rasp.Map(lambda x: x > large + 0.4, rasp.Map(lambda x: x + large, mean))
    model = raspc.compile(program, [0, 1], 3, pipeline="O0")
    for tokens in ([0], [1], [0, 1], [0, 1, 0], [1, 1, 0]):
        assert model(tokens) == rasp.evaluate(program, tokens)


def test_a_combination_is_looked_up_over_the_domains_that_its_operands_have():
    # legalize-selectors merges the two selectors: more is known then of the means, whose types stay as they are.
    once = rasp.Select(rasp.indices, rasp.tokens, lambda k, q: (k + q) % 3 == 0)
    mean = rasp.Aggregate(rasp.SelectorOr(once, once), rasp.length)
    program = rasp.LinearSequenceMap(rasp.Aggregate(once, mean, 1), mean, 0.5, 0.5)
    module = build_module(program, (0, 1), 5, causal=True)
    for compiler_pass in (InferValuesPass(), LegalizeSelectorsPass(), InferEncodingsPass()):
        compiler_pass.apply(Context(), module)
        module.verify()
    (looked_up,) = [op for op in module.walk() if isinstance(op, MapOp)]
    assert isinstance(looked_up.function.data, Table)


def encoding_of_map(function: Callable[..., Any], vocab: tuple[Any, ...], *, n_operands: int = 1) -> Encoding:
    """How a map of means lies in the residual stream."""
    mean = rasp.Aggregate(EVERYTHING, rasp.tokens)
    prefix = rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LEQ), rasp.tokens)
    module = build_module(rasp.Map(function, *[mean, prefix][:n_operands]), vocab, 3)
    for compiler_pass in (InferValuesPass(), InferEncodingsPass()):
        compiler_pass.apply(Context(), module)
    return encoding_of([op for op in program_of(module).body.block.ops if isinstance(op, MapOp)][-1].result)


@pytest.mark.parametrize(
    ("function", "vocab", "expected"),
    [
        (lambda x: 0.1 * x + 0.3, (0, 3), Encoding.NUMERICAL),
        (lambda x: (x + 10.1) - 10.1, (0, 3), Encoding.NUMERICAL),
        (lambda x: (x + 1e6) - 1e6, (0, 1), Encoding.CATEGORICAL),
        (lambda x: (x + 1e6) - 1e6, (0, 1e6), Encoding.NUMERICAL),
        (lambda x: (x + 4.6e15) - 4.6e15, (0, 3), Encoding.CATEGORICAL),
        (lambda x: 2.0**90 * x, (0, 3), Encoding.NUMERICAL),
        (lambda x: 2.0**101 * x, (0, 2.0**-20), Encoding.CATEGORICAL),  # a weight beyond LARGEST_NUMBER
        (lambda x: 2.0**-101 * x, (0, 2.0**80), Encoding.CATEGORICAL),  # a weight below SMALLEST_WEIGHT
        (lambda x: x * 1e200 * 1e200, (0.25, 1.5), Encoding.CATEGORICAL),  # inf
        (lambda x: x + 10**400, (0.25, 1.5), Encoding.CATEGORICAL),  # undefined
    ],
)
def test_a_map_is_a_number_where_python_rounds_little(
    function: Callable[..., Any], vocab: tuple[Any, ...], expected: Encoding
):
    assert encoding_of_map(function, vocab) == expected


def test_what_cancels_counts_for_what_it_rounds():
    assert encoding_of_map(lambda x, y: x - y, (0, 3), n_operands=2) == Encoding.NUMERICAL
    assert encoding_of_map(lambda x, y: x + y - x, (0, 3), n_operands=2) == Encoding.NUMERICAL
    assert encoding_of_map(lambda x, y: 1e10 * x + y - 1e10 * x, (0, 1), n_operands=2) == Encoding.CATEGORICAL


def test_partial_sums_must_be_numbers_that_float32_can_compute_with():
    vocab = (2.0**20, 2.0**20 + 1)
    assert encoding_of_map(lambda x, y: 2.0**75 * x - 2.0**75 * y, vocab, n_operands=2) == Encoding.NUMERICAL
    assert encoding_of_map(lambda x, y: 2.0**90 * x - 2.0**90 * y, vocab, n_operands=2) == Encoding.CATEGORICAL


def test_a_combination_with_a_one_hot_number_must_not_round_either():
    mean = rasp.Aggregate(EVERYTHING, rasp.tokens)
    for constant, expected in (("1.0", Encoding.NUMERICAL), ("1e16", Encoding.CATEGORICAL)):
        function = Expression(("x", "y"), f"x + {constant} - {constant} + y")
        module = build_module(rasp.Map(function, mean, rasp.tokens), (0, 3), 3)
        for compiler_pass in (InferValuesPass(), InferEncodingsPass(combine=True)):
            compiler_pass.apply(Context(), module)
        (found,) = [op for op in program_of(module).body.block.ops if isinstance(op, MapOp)]
        assert encoding_of(found.result) == expected


def test_a_number_written_by_hand_for_a_map_that_rounds_is_looked_up():
    text = """
    rasp.program @rounds vocab [0, 3] max_seq_len 2 {
      %tokens = rasp.tokens : [0, 3]
      %all = rasp.select %tokens, %tokens true
      %mean = rasp.aggregate %all, %tokens : numerical [0, 1.5, 3] mixed
      %rounded = rasp.map(%mean) "x -> x + 4.6e15 - 4.6e15" : numerical [0.0, 2.0, 3.0]
      rasp.return %rounded
    }"""
    module = read_module(context(), text, "rounds.mlir")
    for compiler_pass in passes_of("O0")[1:]:
        compiler_pass.apply(Context(), module)
    assert CompiledModel(module)([0, 3]) == [2.0, 2.0]
