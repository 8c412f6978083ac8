"""Compare many random programs: `python -m tests.fuzz.run 100000`.

The programs are those of the seeds from --start on, so that a mismatch can be repeated with `1 --start SEED`: a small
one for each fourth seed and larger ones with numbers at which compilers go wrong for the others, or as --programs says.
Each goes through one of the pipelines, in turn; --pipeline names one for all.
Stops at the first mismatch, or with --keep-going at none, and exits with 1 if there was one.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import sys
import time
import traceback
from dataclasses import dataclass
from functools import partial

for _variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # the processes keep all cores busy

from tests.xla import compile_quickly  # noqa: E402  after the environment

compile_quickly()

from raspc.pipelines import PIPELINES  # noqa: E402  after the environment
from tests.fuzz.differential import Counts, compare_seed  # noqa: E402
from tests.fuzz.programs import Distribution, pipeline_of, program_of  # noqa: E402

CHUNK = 10

CHUNKS_PER_PROCESS = 200
"""A process ends after so many chunks, and another takes its place: JAX keeps what it has compiled."""


@dataclass(frozen=True)
class Failure:
    """A program that isn't computed."""

    seed: int
    pipeline: str
    distribution: Distribution
    report: str

    @property
    def command(self) -> str:
        """What repeats it."""
        programs = self.distribution.value
        return f"python -m tests.fuzz.run 1 --start {self.seed} --pipeline {self.pipeline} --programs {programs}"


def run_chunk(
    seeds: range, pipeline: str | None = None, distribution: Distribution = Distribution.PLAIN
) -> tuple[Counts, list[Failure]]:
    """Compare the programs for some seeds, in one pipeline or in that for each seed."""
    counts, failures = Counts(), []
    for seed in seeds:
        used = pipeline or pipeline_of(seed)
        try:
            counts.add(compare_seed(seed, used, distribution))
        except Exception as error:
            counts.programs += 1
            kind = "mismatch" if isinstance(error, AssertionError) else "crash"
            what = f"{kind} at seed {seed}, pipeline {used}: {type(error).__name__}: {error}"
            trace = "" if kind == "mismatch" else "".join(traceback.format_exception(error, limit=-4))
            report = f"{what}\n{trace}{program_of(seed, distribution).source}"
            failures.append(Failure(seed, used, distribution, report))
    return counts, failures


def start_process() -> None:
    """Prepare a process: the garbage collector needn't look at what the imports made, nor often at what is compiled."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=10_000, help="how many programs (default: 10000)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="stop after so many minutes")
    parser.add_argument("--pipeline", choices=list(PIPELINES), help="the pipeline (default: all of them in turn)")
    parser.add_argument(
        "--programs",
        choices=[distribution.value for distribution in Distribution],
        default=Distribution.MIXED.value,
        help="which programs (default: mixed)",
    )
    parser.add_argument("--keep-going", action="store_true", help="go on after a mismatch")
    arguments = parser.parse_args()

    end = arguments.start + arguments.count
    chunks = [range(first, min(first + CHUNK, end)) for first in range(arguments.start, end, CHUNK)]
    run = partial(run_chunk, pipeline=arguments.pipeline, distribution=Distribution(arguments.programs))
    counts, failures = Counts(), []
    began = last = time.monotonic()
    # JAX runs threads, which a fork would not take along.
    context = multiprocessing.get_context("spawn")
    with context.Pool(arguments.jobs, start_process, maxtasksperchild=CHUNKS_PER_PROCESS) as pool:
        for found, failed in pool.imap_unordered(run, chunks):
            counts.add(found)
            failures += failed
            for failure in failed:
                print(failure.report, flush=True)
            now = time.monotonic()
            if now - last > 30:
                last = now
                print(f"{now - began:6.0f} s: {counts.programs} programs, {len(failures)} mismatches", flush=True)
            if (failures and not arguments.keep_going) or now - began > 60 * arguments.minutes:
                pool.terminate()
                break
    print(counts)
    print(f"seconds: {time.monotonic() - began:.0f}")
    print(f"mismatches: {len(failures)}")
    for failure in failures:
        print(f"  {failure.command}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
