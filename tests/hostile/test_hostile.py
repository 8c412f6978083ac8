"""Some thousands of mutants; `tests/hostile/run.py` tries as many more as one has time for."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.extent import THOROUGH, number
from tests.hostile.crafted import CRAFTED, LARGEST, MEMORY, SLOW
from tests.hostile.selftest import MISBEHAVIOURS
from tests.hostile.trial import BLOCK, mutant
from tests.hostile.worker import Worker

MUTANTS = {"mlir": 1536, "onnx": 768}
PARTS = 4

LEAST = {"mlir": 0.02 if THOROUGH else 0.005, "onnx": 0.005}
"""The least share of mutants that are accepted: where all were refused at once, little would be tested."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("family", MUTANTS)
def test_mutants_are_accepted_or_refused_with_a_message(family: str, part: int):
    size = number(MUTANTS[family]) // PARTS
    results: Counter[object] = Counter()
    with Worker() as worker:
        for seed in range(part * size, (part + 1) * size):
            outcome = worker.try_one(family, seed)
            assert outcome["result"] in ("accepted", "refused"), (
                f"{outcome['result']}: python -m tests.hostile.run 1 --start {seed} --family {family}\n"
                f"{outcome['report']}"
            )
            results[outcome["result"]] += 1
    assert results["accepted"] >= LEAST[family] * size, results
    assert results["refused"] >= size // 2, results


def test_small_files_that_ask_for_much():
    with Worker(memory=MEMORY) as worker:
        for name, crafted in CRAFTED.items():
            assert len(crafted.make()) <= LARGEST, name
            if name in SLOW:
                continue  # `make hostile` has time for them
            outcome = worker.try_one("crafted", name.replace(" ", "_"))
            assert outcome["result"] in ("accepted", "refused"), f"{name}: {outcome['result']}\n{outcome['report']}"


def test_misbehaviour_is_found():
    with Worker(seconds=1) as worker:
        for name, (_, expected) in MISBEHAVIOURS.items():
            assert worker.try_one("selftest", name)["result"] == expected, name


@pytest.mark.parametrize("family", MUTANTS)
def test_a_seed_always_gives_the_same_mutant(family: str):
    for seed in (0, 5 * BLOCK + 3):
        first = mutant(family, seed)
        assert mutant(family, seed) == first
        assert first.data != first.original.data
        assert mutant(family, seed + 1).data != first.data
