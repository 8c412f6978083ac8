"""A thousand random programs, in each pipeline in turn; `tests/fuzz/run.py` compares as many as one has time for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, note, settings

from raspc.pipelines import PIPELINES
from raspc.testing import RandomProgram
from raspc.testing.strategies import programs
from tests.fuzz.differential import Counts, compare, compare_seed, pipeline_of, program_of

PROGRAMS = 900
CHUNK = 50

EXAMPLES = 100
"""So many more are found by hypothesis, an equal share for each pipeline."""

MOST_REFUSED = 0.1
"""A larger share of refused programs would test little."""


@pytest.mark.parametrize("start", range(0, PROGRAMS, CHUNK))
def test_random_programs_compute_the_same_at_every_level(start: int, record_counts: Callable[[Counts], None]):
    counts = Counts()
    for seed in range(start, start + CHUNK):
        pipeline = pipeline_of(seed)
        try:
            counts.add(compare_seed(seed, pipeline))
        except Exception as error:
            command = f"python -m tests.fuzz.run 1 --start {seed} --pipeline {pipeline}"
            error.add_note(f"seed {seed}: {command}\n{program_of(seed).source}")
            raise
    record_counts(counts)
    assert counts.refused.total() <= MOST_REFUSED * CHUNK, counts
    assert counts.inputs > 10 * CHUNK, counts


@pytest.mark.parametrize("pipeline", PIPELINES)
@settings(
    max_examples=EXAMPLES // len(PIPELINES),
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,  # what is recorded is meant to add up
    ],
)
@given(random=programs(max_size=8))
def test_programs_that_hypothesis_finds_compute_the_same_at_every_level(
    pipeline: str, random: RandomProgram, record_counts: Callable[[Counts], None]
):
    note(random.source)
    record_counts(compare(random, pipeline))
