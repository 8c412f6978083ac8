"""Some random programs, in each pipeline in turn; `tests/fuzz/run.py` compares as many as one has time for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, note, settings

from raspc.pipelines import PIPELINES
from raspc.testing import RandomProgram
from raspc.testing.strategies import programs
from tests.extent import number, starts
from tests.fuzz import run
from tests.fuzz.differential import Counts, compare, compare_seed
from tests.fuzz.programs import Distribution, pipeline_of, program_of

PROGRAMS = 700
CHUNK = 50

WIDE_PROGRAMS = 80
WIDE_CHUNK = 10

EXAMPLES = 100
"""So many more are found by hypothesis, an equal share for each pipeline."""

MOST_REFUSED = 0.1
"""A larger share of refused programs would test little."""

MOST_WIDE_REFUSED = 0.4
"""Of the few wide ones in a chunk; of all of them at least 80 % compile."""


def compared(seeds: range, distribution: Distribution) -> Counts:
    """What came of the programs for some seeds; a mismatch says what repeats it."""
    counts = Counts()
    for seed in seeds:
        pipeline = pipeline_of(seed)
        try:
            counts.add(compare_seed(seed, pipeline, distribution))
        except Exception as error:
            command = run.Failure(seed, pipeline, distribution, "").command
            error.add_note(f"seed {seed}: {command}\n{program_of(seed, distribution).source}")
            raise
    return counts


@pytest.mark.parametrize("start", starts(WIDE_PROGRAMS, WIDE_CHUNK))
def test_wide_programs_compute_the_same_at_every_level(start: int, record_counts: Callable[[Counts], None]):
    counts = compared(range(start, start + WIDE_CHUNK), Distribution.WIDE)
    record_counts(counts)
    assert counts.refused.total() <= MOST_WIDE_REFUSED * WIDE_CHUNK, counts


@pytest.mark.parametrize("start", starts(PROGRAMS, CHUNK))
def test_random_programs_compute_the_same_at_every_level(start: int, record_counts: Callable[[Counts], None]):
    counts = compared(range(start, start + CHUNK), Distribution.PLAIN)
    record_counts(counts)
    assert counts.refused.total() <= MOST_REFUSED * CHUNK, counts
    assert counts.inputs > 10 * CHUNK, counts


@pytest.mark.parametrize("pipeline", PIPELINES)
@settings(
    max_examples=number(EXAMPLES) // len(PIPELINES),
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
