"""The hunt finds smaller margins and closer logits than it begins with."""

from __future__ import annotations

import math
import random

import pytest

from raspc import rasp
from raspc.rasp.library import make_frac_prevs
from raspc.runtime.model import CompiledModel
from raspc.testing import RandomProgram
from raspc.testing.functions import lambda_of
from tests.fuzz import hunt
from tests.fuzz.differential import compare
from tests.fuzz.hunt import changed, gaps_of, hunted_inputs, longer, margin_of, with_another_number
from tests.fuzz.programs import Distribution, program_of
from tests.programs.levels import Task, compile_stages

FRACTION = make_frac_prevs(rasp.tokens)


@pytest.fixture
def numerical() -> CompiledModel:
    return compile_stages(Task(FRACTION, (0, 1), 8), "O0")[-1].model


def threshold(number: float) -> RandomProgram:
    above = rasp.Map(lambda_of(["x"], f"x > {number!r}"), FRACTION)
    return RandomProgram(above, (0, 1), 6, False)


def test_means_of_longer_inputs_have_a_smaller_margin():
    program = RandomProgram(FRACTION, (0, 1), 6, False)
    more = longer(program, 40)
    assert more is not None
    assert margin_of(more) < margin_of(program)
    constant = RandomProgram(rasp.Map(max, rasp.ConstantSOp([1, 2]), rasp.tokens), (0, 1), 2, False)
    assert longer(constant, 3) is None


def test_a_change_is_one_of_a_number_and_is_read_as_a_program():
    begun = threshold(0.45)
    found = [with_another_number(begun, random.Random(seed)) for seed in range(10)]
    sources = {program.source for program in found if program is not None}
    assert len(sources) > 5
    assert all("x > " in source and source.count("\n") == begun.source.count("\n") for source in sources)


def test_a_program_without_numbers_is_not_changed():
    hist = rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ))
    assert with_another_number(RandomProgram(hist, (0, 1), 2, False), random.Random(0)) is None


def test_programs_that_are_refused_have_no_margin():
    assert margin_of(RandomProgram(rasp.Map(lambda x: x + "a", rasp.tokens), (0, 1), 2, False)) == math.inf


def test_the_hunt_keeps_what_makes_the_margin_smaller(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hunt, "close_program", lambda seed: RandomProgram(FRACTION, (0, 1), 6, False))
    found = program_of(3, Distribution.HUNT)
    assert margin_of(found) < margin_of(RandomProgram(FRACTION, (0, 1), 6, False))


def test_inputs_are_found_on_which_logits_are_closer(numerical: CompiledModel):
    begun = [[1] * 8, [0] * 8]
    found = hunted_inputs(numerical, 0, begun)
    assert min(gaps_of(numerical, found)) < min(gaps_of(numerical, begun))
    assert 2 < len(found) <= hunt.INPUTS


def test_a_changed_input_is_an_input(numerical: CompiledModel):
    chosen = random.Random(0)
    for _ in range(50):
        for tokens in ([1], [0, 1] * 4):
            assert 1 <= len(changed(tokens, numerical, chosen)) <= 8


def test_what_is_found_is_compared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(hunt, "ROUNDS", 1)
    assert compare(threshold(0.4999), "O1", hunt=True).inputs > compare(threshold(0.4999), "O1").inputs
