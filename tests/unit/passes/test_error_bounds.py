"""The bounds on errors hold for what the transformer computes in float32."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.interpreter import Interpreter
from xdsl.ir import SSAValue

from raspc import rasp
from raspc.algebra.values import Value
from raspc.dialects.craft.attributes import encode_values
from raspc.dialects.rasp.ops import SopOp
from raspc.dialects.text import read_module
from raspc.errors import CompileError
from raspc.lowering.subspaces import Subspaces
from raspc.passes.error_bounds import ErrorBounds, gate_strength, is_computable
from raspc.passes.names import name_of
from raspc.passes.sharpening import sharpened
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, tokens
from raspc.runtime.rasp_interpreter import program_of, rasp_functions
from raspc.testing import random_program
from tests.extent import starts
from tests.programs.levels import run_passes
from tests.unit.dialects.texts import context
from tests.unit.lowering.running import Lowered, Recorder

UP_TO_HERE = rasp.Select(indices, indices, Comparison.LEQ)
LEAKAGE = 1e-18
"""What attention leaks to keys that aren't selected, e^-50 for each, counts as nothing in the bounds."""

BEFORE = rasp.Select(indices, indices, Comparison.LT)
SAME = rasp.Select(tokens, tokens, Comparison.EQ)


class Measured:
    """A program with its error bounds, and the errors of its model."""

    def __init__(self, lowered: Lowered):
        stage = lowered.stage("infer-encodings")
        self.task = lowered.task
        self.module = stage.module.clone()
        self.program = program_of(self.module)
        self.bounds: ErrorBounds = sharpened(self.program)
        self.labels = {value: subspace.label.data for value, subspace in Subspaces(self.program).planned.items()}
        # The model of the program as it is now, so that its subspaces have these labels.
        (*_, end) = run_passes("sharpened", self.module.clone(), stage.remaining)
        self.model = Lowered(lowered.task, [*lowered.stages[:-1], end]).model

    def exact(self, sequence: list[Value]) -> dict[SSAValue, list[object]]:
        recorder = Recorder()
        interpreter = Interpreter(self.module, listeners=(recorder,))
        interpreter.register_implementations(rasp_functions(self.program, sequence))
        interpreter.run_ssacfg_region(self.program.body, ())
        return recorder.values

    def check(self, sequence: list[Value]) -> None:
        """Check the error of every s-op on an input."""
        stage = self.model.trace(sequence).residual_stream[-1]
        values = self.exact(sequence)
        for op in self.program.body.block.ops:
            if isinstance(op, SopOp):
                self._check_value(op, values[op.result], stage.labels, stage.values[1:])

    def _check_value(self, op: SopOp, values: list[object], labels: tuple[str, ...], stream: NDArray[np.float32]):
        subspace = Subspaces(self.program).planned[op.result]
        columns = [labels.index(label) for label in subspace.directions]
        expected = encode_values(subspace, values)  # type: ignore[arg-type]
        error = np.abs(stream[:, columns].astype(np.float64) - expected) - LEAKAGE
        bound = self.bounds[op.result]
        if subspace.is_numerical:
            assert (error[:, 0] <= bound.at(expected[:, 0])).all(), (name_of(op.result), error[:, 0].max(), bound)
            assert (error[:, 1:] <= bound.defined).all(), (name_of(op.result), error[:, 1:].max(), bound)
        else:
            assert (error.sum(axis=1) <= bound.one_hot).all(), (name_of(op.result), error.sum(axis=1).max(), bound)


def inputs(measured: Measured, samples: int) -> Iterator[list[Value]]:
    task = measured.task
    return (tokens for tokens in task.inputs(samples, samples) if task.evaluate(tokens) is not None)


PROGRAMS: dict[str, tuple[SOp, list[Value], bool]] = {
    "length": (library.make_length(), ["a", "b"], False),
    "hist": (library.make_hist(), ["a", "b", "c"], False),
    "fraction": (library.make_frac_prevs(tokens == "a"), ["a", "b"], False),
    "difference of means": (library.make_pair_balance(tokens, "(", ")"), ["(", ")", "x"], True),
    "mean of large and small": (rasp.Aggregate(UP_TO_HERE, tokens), [-1000, 0.125, 3], False),
    "mean that can be undefined": (
        rasp.Aggregate(BEFORE, rasp.Map(lambda x: x if x > 0 else None, tokens)), [-1, 1, 4], False,
    ),
    "affine of what can be undefined": (
        rasp.LinearSequenceMap(
            rasp.Aggregate(BEFORE, rasp.Map(lambda x: x if x > 0 else None, tokens)),
            rasp.Aggregate(UP_TO_HERE, tokens), 3, -0.5,
        ), [-1, 1, 4], False,
    ),
    "classes of a mean": (
        rasp.Map(lambda x: "low" if x < 0.3 else "high" if x > 0.7 else None, library.make_frac_prevs(tokens == "a")),
        ["a", "b"], False,
    ),
    "copies read from several positions": (
        rasp.SelectorWidth(rasp.Select(rasp.Aggregate(SAME, tokens), tokens, Comparison.EQ)), ["a", "b", "c"], False,
    ),
    "a mean over copies": (
        rasp.Aggregate(rasp.Select(rasp.Aggregate(SAME, tokens), tokens, Comparison.GEQ), tokens), [0, 1, 3], False,
    ),
    "a width of widths": (
        rasp.SelectorWidth(rasp.Select(library.make_hist(), library.make_hist(), Comparison.LT)), ["a", "b"], False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("max_seq_len", [4, 24])
@pytest.mark.parametrize("name", PROGRAMS)
def test_errors_are_within_the_bounds(name: str, max_seq_len: int):
    program, vocab, causal = PROGRAMS[name]
    try:
        measured = Measured(Lowered.of(program, vocab, max_seq_len, causal=causal))
    except CompileError:
        assert max_seq_len > 4
        return
    for sequence in inputs(measured, 25):
        measured.check(sequence)


@pytest.mark.parametrize("start", starts(120, 20))
def test_errors_of_random_programs_are_within_the_bounds(start: int):
    for seed in range(start, start + 20):
        random = random_program(seed, size=3 + seed % 9, max_seq_len=(2, 8), causal=None, output_type="number")
        try:
            measured = Measured(Lowered.of(random.program, random.vocab, random.max_seq_len, causal=random.causal))
        except CompileError:
            continue
        try:
            for sequence in inputs(measured, 8):
                measured.check(sequence)
        except AssertionError as error:
            error.add_note(f"seed {seed}\n{random.source}")
            raise


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 3.0, 1000.0])
def test_a_gate_is_a_power_of_two_that_outweighs_twice_the_scale(scale: float):
    gate = gate_strength(scale)
    assert gate >= 2 * scale + 2
    assert np.log2(gate) == round(np.log2(gate))


def test_the_bound_of_a_mean_grows_with_its_values_and_the_length():
    def bound(vocab: list[Value], max_seq_len: int) -> float:
        measured = Measured(Lowered.of(rasp.Aggregate(UP_TO_HERE, tokens), vocab, max_seq_len))
        (*_, last) = [op for op in measured.program.body.block.ops if isinstance(op, SopOp)]
        return measured.bounds[last.result].absolute

    assert 0 < bound([0, 1], 4) < bound([0, 1], 16)
    assert bound([0, 100], 4) == pytest.approx(100 * bound([0, 1], 4), rel=0.01)


@pytest.mark.parametrize("max_seq_len", [3, 4, 5])
def test_scores_that_may_be_off_by_any_amount_are_refused(max_seq_len: int):
    # Hundreds of close means are read one-hot, each a little wrong, and every one of them is selected for.
    means = rasp.Aggregate(UP_TO_HERE, rasp.Map(lambda i, t: i / t, indices, tokens))
    width = rasp.SelectorWidth(rasp.Select(rasp.length, means, lambda k, q: k > 1))
    with pytest.raises(CompileError, match=r"aggregate.*may be off by"):
        Lowered.of(width, [-999, 1000], max_seq_len)


ROUNDING = """
rasp.program @rounds vocab [0, 3] max_seq_len 2 {
  %tokens = rasp.tokens : categorical [0, 3]
  %all = rasp.select %tokens, %tokens true
  %mean = rasp.aggregate %all, %tokens : numerical [0, 1.5, 3] mixed
  %rounded = rasp.map(%mean) "x -> x + CONSTANT - CONSTANT" : numerical [0.0, 1.5, 2.0, 3.0]
  rasp.return %rounded
}
"""


def test_a_number_that_python_rounds_is_no_affine_combination():
    for constant, is_refused in (("1.0", False), ("4.6e15", True)):
        module = read_module(context(), ROUNDING.replace("CONSTANT", constant), "rounds.mlir")
        if is_refused:
            with pytest.raises(CompileError, match="'rounded': it rounds"):
                ErrorBounds(program_of(module))
        else:
            ErrorBounds(program_of(module))


@pytest.mark.parametrize(("low", "high", "expected"), [(0, 1, True), (1000000, 1000000.01, False)])
def test_a_program_whose_numbers_are_too_close_to_be_told_apart_is_not_computable(
    low: float, high: float, expected: bool
):
    mean = (low + high) / 2
    text = f"""
    rasp.program @close vocab [{low}, {high}] max_seq_len 2 {{
      %tokens = rasp.tokens : categorical [{low}, {high}]
      %all = rasp.select %tokens, %tokens true
      %mean = rasp.aggregate %all, %tokens : numerical [{low}, {mean}, {high}] mixed
      %above = rasp.map(%mean) "x -> x > {low}" : categorical [false, true]
      rasp.return %above
    }}"""
    assert is_computable(program_of(read_module(context(), text, "close.mlir"))) == expected
