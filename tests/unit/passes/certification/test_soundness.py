"""A certificate says no before a model is wrong: models are driven to where their dtype fails them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import FloatAttr, ModuleOp

from raspc.algebra.dtypes import BFLOAT16, DTYPES, FLOAT16, DType
from raspc.dialects.craft import HeadOp, ModelOp
from raspc.errors import CompileError
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.passes import shrink_attention
from raspc.passes.certification.analysis import ErrorAnalysis
from raspc.passes.certification.arithmetic import Arithmetic
from raspc.testing import random_program
from tests.extent import number, some
from tests.programs.compiled import task_of
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import Input, Output, Stage, Task, compile_stages, parse, same_output
from tests.unit.passes.certification.emulation import Emulation

ORDERS = (None, 0)
"""Sums are added from first to last, and in an order at random."""


@dataclass(frozen=True)
class Trial:
    """A program compiled for float32 and computed in another dtype.

    Attributes:
        task: the program.
        craft: its craft model.
        transformer: its transformer.
    """

    task: Task
    craft: ModelOp
    transformer: ModuleOp

    @staticmethod
    def of(task: Task, *, temperature: float | None = None, pipeline: str = "O0") -> Trial:
        """Compile a program; a `temperature` replaces the inverse temperature of all heads."""
        stages: dict[str, Stage] = {stage.name: stage for stage in compile_stages(task, pipeline)}
        module = stages["certify"].module.clone()
        if temperature is not None:
            set_temperature(module, temperature)
        assembled = module.clone()
        AssembleTransformerPass().apply(Context(), assembled)
        (model,) = (op for op in module.ops if isinstance(op, ModelOp))
        return Trial(task, model, assembled)

    def margin(self, dtype: DType) -> float:
        """The smallest margin, minus infinity where the analysis refuses the model."""
        try:
            return ErrorAnalysis(self.craft, Arithmetic(dtype, dtype)).smallest.part
        except CompileError:
            return -np.inf

    def n_wrong(self, dtype: DType, exhaustive: int = 40, samples: int = 8) -> int:
        """On how many inputs the model is wrong in the dtype."""
        models = [Emulation(self.transformer, dtype, seed) for seed in ORDERS]
        questions: dict[int, list[tuple[Input, Output]]] = defaultdict(list)
        for tokens in self.task.inputs(exhaustive, samples):
            expected = self.task.evaluate(tokens)
            if expected is not None:
                questions[len(tokens)].append((tokens, expected))
        wrong = 0
        for of_one_length in questions.values():
            inputs = [tokens for tokens, _ in of_one_length]
            founds = zip(*(model.batch(inputs) for model in models), strict=True)
            for (_, expected), found in zip(of_one_length, founds, strict=True):
                wrong += not all(output is not None and same_output(expected, output) for output in found)
        return wrong


@lru_cache(4)
def trial_of(program: Program, size: int) -> Trial:
    """A program of the corpus at a maximum length."""
    return Trial.of(task_of(program, size))


def set_temperature(module: ModuleOp, temperature: float) -> None:
    """Give all heads of a module another inverse temperature."""
    for op in module.walk():
        if isinstance(op, HeadOp):
            op.properties["temperature"] = FloatAttr(temperature, 64)


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
@pytest.mark.parametrize("program", some(CORPUS[::2]), ids=lambda program: program.name)
def test_a_certified_program_of_the_corpus_is_right_in_the_dtype(program: Program, dtype: DType):
    trial = trial_of(program, 4)
    assert not trial.margin(dtype) > 0 or trial.n_wrong(dtype) == 0


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
@pytest.mark.parametrize("name", ["length", "hist", "frac_prevs"])
def test_a_program_is_refused_before_its_model_is_wrong(name: str, dtype: DType):
    """As inputs get longer, margins shrink; the model is wrong at some length, and was refused at a shorter one."""
    (program,) = (program for program in CORPUS if program.name == name)
    certified, wrong = [], []
    for longest in (2, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512):
        trial = trial_of(program, longest)
        if trial.margin(dtype) > 0:
            certified.append(longest)
        if trial.n_wrong(dtype, exhaustive=10, samples=3):
            wrong.append(longest)
            break
    assert certified
    assert wrong
    assert max(certified) < min(wrong)


def check_refused_before_wrong(name: str, pipeline: str, temperatures: Iterable[float]) -> None:
    """Check that a model is wrong at some inverse temperature, of descending ones, and was refused at a higher one."""
    (program,) = (program for program in CORPUS if program.name == name)
    task = Task(program.build(5), program.vocab, 5, program.causal)
    certified, wrong = [], []
    for temperature in temperatures:
        trial = Trial.of(task, temperature=temperature, pipeline=pipeline)
        if trial.margin(DTYPES["float32"]) > 0:
            certified.append(temperature)
        if trial.n_wrong(DTYPES["float32"], exhaustive=10, samples=10):
            wrong.append(temperature)
            break
    assert certified
    assert wrong
    assert min(certified) > max(wrong)


@pytest.mark.parametrize("name", ["hist", "sort", "reverse", "shift_by_2", "mean", "aggregate_and_of_selectors"])
def test_a_head_is_refused_before_it_leaks_too_much(name: str):
    """The less sharp the attention, the more of what isn't selected leaks in: even float32 is wrong at last."""
    check_refused_before_wrong(name, "O0", (100.0, 64.0, 32.0, 24.0, 16.0, 12.0, 8.0, 6.0, 4.0, 3.0, 2.0, 1.0, 0.5))


@pytest.mark.parametrize("name", ["hist", "sort_stable", "most_frequent", "bracket_depth", "two_widths_of_one_layer"])
def test_a_head_that_counts_is_refused_before_it_is_wrong(name: str):
    """BOS is ahead of what is counted: with less sharp scores more is counted than is selected."""
    check_refused_before_wrong(name, "O2", (32.0, 16.0, 8.0, 4.0, 3.0, 2.0, 1.0, 0.5))


@pytest.mark.parametrize("seed", range(number(60)))
def test_a_certified_random_program_is_right_in_the_dtype(seed: int):
    random = random_program(seed, size=2 + seed % 9, max_seq_len=(1, 5), causal=None)
    task = Task(random.program, random.vocab, random.max_seq_len, random.causal)
    try:
        trial = Trial.of(task)
    except CompileError:
        pytest.skip("refused")
    for dtype in (FLOAT16, BFLOAT16):
        assert not trial.margin(dtype) > 0 or trial.n_wrong(dtype) == 0


@pytest.mark.parametrize("name", ["reverse", "sort", "shift_by_2", "hist", "shuffle_dyck2", "and_of_selectors"])
def test_products_that_are_less_exact_than_tables_are_refused_before_they_are_wrong(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    """The pass takes every product, however inexact; then it is for the certificate to say no."""
    monkeypatch.setattr(shrink_attention, "_is_as_exact", lambda *_: True)
    (program,) = (program for program in CORPUS if program.name == name)
    for longest in (5, 9):
        task = Task(program.build(longest), program.vocab, longest, program.causal)
        for temperature in (None, 16.0, 4.0):
            trial = Trial.of(task, temperature=temperature)
            for dtype in DTYPES.values():
                assert not trial.margin(dtype) > 0 or trial.n_wrong(dtype, exhaustive=20, samples=5) == 0


def test_terms_that_are_not_known_to_exclude_each_other_are_refused() -> None:
    (program,) = (program for program in CORPUS if program.name == "disjoint_or")
    trial = Trial.of(Task(program.build(5), program.vocab, 5))
    assert trial.margin(DTYPES["float32"]) > 0
    for op in trial.craft.walk():
        if isinstance(op, HeadOp):
            op.clauses = None
    with pytest.raises(CompileError, match=r"keys that it selects may score 1\.0 or 2\.0"):
        ErrorAnalysis(trial.craft, Arithmetic(DTYPES["float32"], DTYPES["float32"]))


COUNTING = """
craft.model @count vocab ["a", "b"] max_seq_len 3 {
  %one = craft.one : "one" numerical [1]
  %tokens = craft.embed_tokens : "tokens" ["a", "b"]
  %count = craft.head query(%tokens) key(%tokens) qk(2 by 2 identity) value(%one) ov(1 by 1 [[WEIGHT]]) bos [0]
    score SCORE lead LEAD temperature 32.0 : "count" numerical [0.98, 1.93, 2.84]
  craft.unembed %count
}
"""


def analysed(dtype: str, *, weight: float = 54.598150033144236, score: float = 1.0, lead: float = 4.0) -> ErrorAnalysis:
    text = COUNTING.replace("WEIGHT", repr(weight)).replace("SCORE", repr(score)).replace("LEAD", repr(lead))
    (model,) = (op for op in parse(text).ops if isinstance(op, ModelOp))
    return ErrorAnalysis(model, Arithmetic(DTYPES[dtype], DTYPES[dtype]))


def test_a_lead_of_bos_is_known_to_attenuate():
    assert analysed("float32").smallest.part > 0.99
    assert analysed("float16").smallest.part > 0.5
    with pytest.raises(CompileError, match=r"keys that it selects score 1\.0, and BOS 0\.5 and a lead"):
        analysed("float32", score=0.5)


def test_weights_that_underflow_or_overflow_are_refused():
    with pytest.raises(CompileError, match=r"what it reads may reach 6.0e\+04, which is too much for float16"):
        analysed("float16", weight=59874.0, lead=11.0)
    assert analysed("float16", lead=20.0).smallest.part < 0  # a weight of e^-20 is less than the least float16
    assert analysed("float32", lead=20.0).smallest.part > 0.99
