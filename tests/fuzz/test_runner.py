"""The comparison finds what is wrong, and the runner reports it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from raspc import rasp
from raspc.algebra.values import MaybeValue, Value
from raspc.errors import CompileError
from raspc.pipelines import PIPELINES
from raspc.runtime import craft_interpreter, rasp_interpreter
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from raspc.testing import RandomProgram, random_program
from raspc.testing.sampling import all_inputs
from tests.fuzz import run
from tests.fuzz.differential import (
    FEW,
    WIDE_FEW,
    Counts,
    check_outputs,
    compare,
    compare_seed,
    reason_of,
    same_number,
    spread,
)
from tests.fuzz.programs import Distribution, pipeline_of, program_of
from tests.programs.levels import MismatchError, Stage, Task, compile_stages


@pytest.fixture
def reverse() -> RandomProgram:
    from raspc.rasp import library, tokens

    return RandomProgram(library.make_reverse(tokens), ("a", "b"), 3, False)


@pytest.mark.parametrize("level", ["rasp", "materialize-attention"])
def test_a_wrong_interpreter_is_found(level: str, reverse: RandomProgram, monkeypatch: pytest.MonkeyPatch):
    run_program, run_batch = rasp_interpreter.run_program, craft_interpreter.run_batch

    def wrong_program(module: ModuleOp, tokens: Sequence[Value]) -> list[MaybeValue]:
        return run_program(module, tokens)[::-1]

    def wrong_batch(module: ModuleOp, inputs: Sequence[Sequence[Value]]) -> list[list[MaybeValue]]:
        return [output[::-1] for output in run_batch(module, inputs)]

    if level == "rasp":
        monkeypatch.setattr(rasp_interpreter, "run_program", wrong_program)
    else:
        monkeypatch.setattr(craft_interpreter, "run_batch", wrong_batch)
    with pytest.raises(MismatchError, match=rf"^{level}: on \['a', 'b'\] expected \['b', 'a'\], found \['a', 'b'\]"):
        compare(reverse, "O0")


@pytest.mark.parametrize(("level", "model"), [("assemble-transformer", CompiledModel), ("ONNX Runtime", OnnxModel)])
def test_wrong_logits_are_found(level: str, model: type, reverse: RandomProgram, monkeypatch: pytest.MonkeyPatch):
    right = model._output_ids

    def wrong(self: object, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.minimum(right(self, ids, padding), 0)

    monkeypatch.setattr(model, "_output_ids", wrong)
    with pytest.raises(MismatchError, match=f"^{level}: on"):
        compare(reverse, "O0")


def test_numbers_count_as_one_only_where_they_differ_by_rounding():
    for one, other in [
        (1, 2),
        ("a", "b"),
        (None, 0),
        (None, False),
        ("1", 1),
        (0, 5e-17),
        (1e-7, 2e-7),
        (1.0, 1 + 2**-47),
        (2**53, 2**53 + 1),
        (float("inf"), 1.0),
    ]:
        assert not same_number(one, other)
        assert not same_number(other, one)
    for one, other in [(1, 1.0), (True, 1), ((1, "a"), (True, "a")), (None, None), (0.3, 0.1 + 0.2), (1, 1 + 2**-52)]:
        assert same_number(one, other)
        assert same_number(other, one)


@pytest.mark.parametrize(("twins", "found"), [(False, 0.3), (True, 0.3 + 2**-40)])
def test_outputs_are_exact_where_twins_are_none(twins: bool, found: float):
    check_outputs("level", [[1]], [[0.1 + 0.2]], [[0.3]], twins=True)
    with pytest.raises(MismatchError):
        check_outputs("level", [[1]], [[0.1 + 0.2]], [[found]], twins=twins)


def test_a_last_bit_of_an_output_that_is_not_numerical_counts(monkeypatch: pytest.MonkeyPatch):
    found = RandomProgram(rasp.Map(lambda x: (x, 0.3), rasp.tokens), (1, 2), 2, False)
    wrong = RandomProgram(rasp.Map(lambda x: (x, 0.1 + 0.2), rasp.tokens), (1, 2), 2, False)
    monkeypatch.setattr(RandomProgram, "source", wrong.source)
    with pytest.raises(MismatchError, match="the interpreter: on"):
        compare(found, "O0")


def test_seeds_give_programs_of_all_kinds():
    found = [program_of(seed) for seed in range(200)]
    assert {random.causal for random in found} == {False, True}
    assert {random.max_seq_len for random in found} >= {*range(1, 7)}
    assert max(random.max_seq_len for random in found) > 10
    assert len({random.source for random in found}) > 190
    assert {pipeline_of(seed) for seed in range(200)} == set(PIPELINES)


def test_wide_programs_are_long_varied_and_large():
    found = [program_of(seed, Distribution.WIDE) for seed in range(60)]
    assert {random.causal for random in found} == {False, True}
    assert max(random.max_seq_len for random in found) > 16
    assert max(len(random.vocab) for random in found) > 30
    sources = "\n".join(random.source for random in found)
    assert sources.count("rasp.Map(") > 5 * len(found)
    twins, large = (
        ("0.30000000000000004", "1.0000000000000002", "0.19999999999999996"),
        ("9007199254740993", str(2**60)),
    )
    for texts in [(".named('t_1')",), ("'same_token'",), ("lambda x, y: (x, y)",), twins, large, ("1e-07",)]:
        assert any(text in sources for text in texts), texts
    assert program_of(5, Distribution.MIXED).source == program_of(5, Distribution.WIDE).source
    assert program_of(8, Distribution.MIXED).source == program_of(8, Distribution.PLAIN).source


def test_the_reason_of_a_refusal_has_no_names_or_numbers():
    error = CompileError("lambda x, y: x / 'a' has no meaning: it raised a TypeError (3)", expression="map")
    assert reason_of(error) == "a function has no meaning"
    assert reason_of(CompileError("'x -> 'b' in x' never has a meaning")) == "a function never has a meaning"
    error = CompileError("lambda x: x + 'a' has no meaning on [1, 'a']: the function raised TypeError (…) for 1")
    assert reason_of(error) == "a function has no meaning"
    assert reason_of(CompileError("a lookup with 1234 combinations")) == "a lookup with … combinations"


def test_counts_add_up():
    counts = Counts()
    for seed in range(4):
        counts.add(compare_seed(seed))
    assert counts.programs == 4
    assert str(counts).startswith("programs: 4, of which 1 in JAX too")


def test_the_runner_reports_a_mismatch_with_its_seed_and_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fails(seed: int, pipeline: str, distribution: Distribution) -> Counts:
        if seed == 12:
            raise MismatchError("ONNX Runtime: on ['a'] expected [1], found [2]")
        return Counts(programs=1, inputs=5)

    monkeypatch.setattr(run, "compare_seed", fails)
    counts, failures = run.run_chunk(range(10, 14))
    assert (counts.programs, counts.inputs) == (4, 15)
    (failure,) = failures
    assert failure.command == "python -m tests.fuzz.run 1 --start 12 --pipeline O0 --programs plain"
    assert failure.report.startswith("mismatch at seed 12, pipeline O0: MismatchError: ONNX Runtime: on ['a']")
    assert program_of(12).source in failure.report


def test_the_runner_ends_well_if_nothing_differs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", ["run.py", "3", "--start", "1", "--jobs", "1", "--programs", "plain"])
    assert run.main() == 0
    out = capsys.readouterr().out
    assert "programs: 3, of which 0 in JAX" in out
    assert "mismatches: 0" in out


def test_random_programs_of_other_settings_compute_the_same():
    for seed in range(5):
        compare(random_program(seed, output_type="string", vocab=["x", "y"], max_seq_len=3), "O0", text=True)


@pytest.mark.parametrize("wide", [False, True])
def test_the_last_module_of_each_dialect_or_the_last_of_all_runs_on_all_inputs_and_others_on_a_few(
    reverse: RandomProgram, wide: bool, monkeypatch: pytest.MonkeyPatch
):
    found: dict[str, list[Sequence[Value]]] = {}
    run_stage = Stage.run

    def record(self: Stage, inputs: Sequence[Sequence[Value]]) -> list[list[MaybeValue]]:
        found[self.name] = list(inputs)
        return run_stage(self, inputs)

    monkeypatch.setattr(Stage, "run", record)
    compare(reverse, "O0", wide=wide)
    inputs = list(all_inputs(["a", "b"], 3))
    stages = compile_stages(Task(reverse.program, reverse.vocab, reverse.max_seq_len), "O0")
    dialects = ("transformer",) if wide else ("rasp", "craft", "transformer")
    last = {[stage.name for stage in stages if stage.dialect == name][-1] for name in dialects}
    assert {name for name, some in found.items() if some == inputs} == last
    few = spread(inputs, WIDE_FEW if wide else FEW)
    assert len(few) < len(inputs)
    assert all(some == few for name, some in found.items() if name not in last)
