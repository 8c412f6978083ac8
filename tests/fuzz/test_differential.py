"""Some hundreds of random programs; `tests/fuzz/run.py` compares as many more as one has time for."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, note, settings

from raspc.pipelines import PIPELINES
from raspc.testing import RandomProgram
from raspc.testing.strategies import programs
from tests.fuzz.differential import Counts, compare, compare_seed, program_of

PROGRAMS = 400
CHUNK = 50

MOST_REFUSED = 0.1
"""A larger share of refused programs would test little."""


@pytest.mark.parametrize("start", range(0, PROGRAMS, CHUNK))
def test_random_programs_compute_the_same_at_every_level(start: int):
    counts = Counts()
    for seed in range(start, start + CHUNK):
        try:
            counts.add(compare_seed(seed))
        except Exception as error:
            error.add_note(f"seed {seed}: python -m tests.fuzz.run 1 --start {seed}\n{program_of(seed).source}")
            raise
    assert counts.refused.total() <= MOST_REFUSED * CHUNK, counts
    assert counts.inputs > 10 * CHUNK, counts


@pytest.mark.parametrize("pipeline", PIPELINES)
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random=programs(max_size=8))
def test_programs_that_hypothesis_finds_compute_the_same_at_every_level(pipeline: str, random: RandomProgram):
    note(random.source)
    compare(random, pipeline)
