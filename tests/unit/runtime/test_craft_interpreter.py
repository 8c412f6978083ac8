"""The craft interpreter on batches. That it computes what the other levels do, `tests/programs/` shows."""

from __future__ import annotations

import pytest
from xdsl.dialects.builtin import ModuleOp

from raspc import rasp
from raspc.rasp import library, tokens
from raspc.rasp.expressions import SOp
from raspc.runtime import craft_interpreter
from raspc.runtime.craft_interpreter import run_batch, run_model
from raspc.testing.sampling import all_inputs
from tests.unit.lowering.running import Lowered

PROGRAMS = {
    "length": library.make_length(),
    "reverse": library.make_reverse(tokens),
    "mean": library.make_frac_prevs(tokens),
}
INPUTS = list(all_inputs([0, 1], 4))

each_program = pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())


def craft_module(program: SOp, *, causal: bool = False) -> ModuleOp:
    return Lowered.of(program, [0, 1], 4, causal=causal).craft_stage.module


@pytest.mark.parametrize("causal", [False, True])
@each_program
def test_an_input_has_the_same_output_alone_and_in_a_batch(program: SOp, causal: bool):
    # In a batch there is padding, which must not be seen.
    module = craft_module(program, causal=causal)
    expected = [rasp.evaluate(program, tokens, causal=causal) for tokens in INPUTS]
    assert [run_model(module, tokens) for tokens in INPUTS] == expected
    assert run_batch(module, INPUTS) == expected
    assert run_batch(module, INPUTS[::-1]) == expected[::-1]


@pytest.mark.parametrize("positions", [1, 8, 9])
def test_large_batches_are_split(positions: int, monkeypatch: pytest.MonkeyPatch):
    split: list[int] = []

    class Functions(craft_interpreter.CraftFunctions):
        def __init__(self, inputs: list[list[int]], *, causal: bool):
            super().__init__(inputs, causal=causal)
            split.append(self.is_token.size)

    monkeypatch.setattr(craft_interpreter, "MAX_POSITIONS", positions)
    monkeypatch.setattr(craft_interpreter, "CraftFunctions", Functions)
    program = PROGRAMS["reverse"]
    assert run_batch(craft_module(program), INPUTS) == [program(tokens) for tokens in INPUTS]
    assert len(split) > 1
    assert max(split) <= max(positions, 4)


def test_an_empty_batch():
    assert run_batch(craft_module(PROGRAMS["length"]), []) == []
