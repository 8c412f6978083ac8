"""The programs of a seed, in several distributions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from raspc.pipelines import PIPELINES
from raspc.rasp.interpreter import in_order
from raspc.testing import RandomProgram, random_program
from raspc.testing.choices import SeededChoices
from tests.fuzz.hunt import hunted_program
from tests.oracle import MeaninglessError, read_source

LARGEST = 14
"""The most operations of a plain program."""

SIZES = (10, 40)
"""The operations of a wide program."""

SHORT = 1 / 3
"""How many of the wide programs are short."""

HARD = 20.0
"""How often short programs decide on numbers that are hard to tell apart, beside 3 for a map."""

ATTEMPTS = 8
"""So many programs are made for a wide seed until one has enough expressions and outputs."""

PROBES = 6
"""On so many inputs."""

LONGEST_PROBE = 12
"""Of so many tokens at most."""

ENOUGH = 2
"""So many outputs are enough; otherwise the program that has most is taken."""

STEP = 1_000_003
"""The distance between the seeds of the attempts."""

WIDE_MIX = {
    "constant_sop": 0.2,
    "constant_selector": 0.2,
    "library": 2.0,
    "joint_means": 1.5,
    "hard_numbers": 4.0,
    "selector_nest": 1.0,
}
"""What wide programs are made of in addition."""


class Distribution(Enum):
    """Which programs there are for the seeds."""

    MIXED = "mixed"
    """A plain program for each fourth seed, wide ones for the others."""
    PLAIN = "plain"
    """Few operations, tokens and positions, so that many of the inputs can be run."""
    WIDE = "wide"
    """Programs as people write them, and numbers at which compilers go wrong."""
    HUNT = "hunt"
    """Programs and inputs that `tests/fuzz/hunt.py` searches for near-ties."""


def program_of(seed: int, distribution: Distribution = Distribution.PLAIN) -> RandomProgram:
    """The program for a seed."""
    if distribution is Distribution.HUNT:
        return hunted_program(seed)
    return wide_program(seed) if is_wide(seed, distribution) else plain_program(seed)


def is_wide(seed: int, distribution: Distribution) -> bool:
    """Whether the program for a seed is a wide one."""
    return distribution is Distribution.WIDE or (distribution is Distribution.MIXED and seed % 4 != 0)


def plain_program(seed: int) -> RandomProgram:
    """A small program: of all sizes, causal or not, some for longer inputs, some trivial, some risky."""
    return random_program(
        seed,
        size=1 + seed % LARGEST,
        op_mix={"constant_sop": 0.2, "constant_selector": 0.4},
        max_seq_len=(7, 16) if seed % 8 == 3 else (1, 6),
        causal=None,
        trivial=seed % 4 == 0,
        risk=0.15 if seed % 3 == 0 else 0.0,
    )


def wide_program(seed: int) -> RandomProgram:
    """A program of 10 to 40 operations, for inputs of up to 64 tokens out of up to 200, with extreme numbers.

    A third are shorter, for shorter inputs, and most of their functions are extreme ones: several of these have to meet
    to go wrong.
    """
    choices = SeededChoices(seed)
    if choices.flag(SHORT):
        mix = {**WIDE_MIX, "hard_numbers": HARD}
        return _varied(seed, choices, mix, choices.integer(4, 9), (2, 6), (2, 5), choices.pick((0.4, 0.7)), 3)
    size = choices.integer(*SIZES)
    longest = choices.weighted([((2, 6), 0.75), ((7, 16), 0.18), ((17, 64), 0.07)])
    tokens = choices.weighted([((2, 6), 0.8), ((7, 30), 0.13), ((31, 200), 0.07)])
    extremes = choices.weighted([(0.0, 0.25), (0.15, 0.5), (0.5, 0.25)])
    return _varied(seed, choices, WIDE_MIX, size, longest, tokens, extremes, SIZES[0])


def _varied(
    seed: int,
    choices: SeededChoices,
    op_mix: Mapping[str, float],
    size: int,
    longest: tuple[int, int],
    tokens: tuple[int, int],
    extremes: float,
    least: int,
) -> RandomProgram:
    """A dense program of at least so many expressions that has several outputs, if one is found soon."""
    parted = choices.flag(0.6)
    best: tuple[int, RandomProgram] | None = None
    for attempt in range(ATTEMPTS):
        found = random_program(
            seed + STEP * attempt,
            size=size,
            op_mix=op_mix,
            output_type="any" if parted else None,
            max_seq_len=longest,
            vocab_size=tokens,
            causal=None,
            trivial=True,
            extremes=extremes,
            names=0.1,
            dense=True,
        )
        variety = variety_of(found, choices) if len(in_order(found.program)) >= least else 0
        if best is None or variety > best[0]:
            best = variety, found
        if variety >= ENOUGH:
            break
    assert best is not None
    return best[1]


def variety_of(found: RandomProgram, choices: SeededChoices) -> int:
    """How many different outputs a program has on a few inputs, as far as they have a meaning."""
    oracle = read_source(found.source)
    outputs: set[tuple[object, ...]] = set()
    for _ in range(PROBES):
        few = [choices.pick(found.vocab) for _ in range(3)]
        try:
            outputs.add(tuple(oracle.run([choices.pick(few) for _ in range(min(found.max_seq_len, LONGEST_PROBE))])))
        except MeaninglessError:
            continue
    return len(outputs)


def pipeline_of(seed: int) -> str:
    """The pipeline for a seed: each in turn."""
    return list(PIPELINES)[seed // LARGEST % len(PIPELINES)]
