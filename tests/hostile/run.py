"""Let the commands have many mutants: `python -m tests.hostile.run 20000`.

The small files of `crafted.py` come first. Half of the mutants are text and half ONNX, or what --family says. They are
those of the seeds from --start on, so that a failure can be repeated with `1 --start SEED --family FAMILY`, and
--write FILE writes that mutant down. Goes on after a failure, and exits with 1 if there was one.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.hostile.crafted import CRAFTED, MEMORY
from tests.hostile.trial import BLOCK, FAMILIES, mutant
from tests.hostile.worker import Worker


def try_block(cases: list[tuple[str, int]]) -> list[dict[str, object]]:
    """The outcomes of some mutants, in a worker of their own."""
    with Worker() as worker:
        return list(worker.try_all(cases))


def try_small_files() -> list[dict[str, object]]:
    """The outcomes of the small files that ask for much."""
    with Worker(memory=MEMORY) as worker:
        return [worker.try_one("crafted", name.replace(" ", "_")) for name in CRAFTED]


def blocks(families: Sequence[str], start: int, count: int) -> Iterator[list[tuple[str, int]]]:
    """The mutants in portions that are worth a worker each."""
    portion = 16 * BLOCK
    for first in range(start, start + count, portion):
        for family in families:
            yield [(family, seed) for seed in range(first, min(first + portion, start + count))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=20_000, help="how many mutants (default: 20000)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--family", choices=FAMILIES, help="only these")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one per core)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the first mutant down, and try none")
    arguments = parser.parse_args()
    families = [arguments.family] if arguments.family else list(FAMILIES)
    if arguments.write:
        made = mutant(families[0], arguments.start)
        arguments.write.write_bytes(made.data)
        print(f"{made.original.name}: {made.kind}\npasses: {made.original.passes}")
        return 0

    count = max(1, arguments.count // len(families))
    outcomes: Counter[tuple[object, object, object]] = Counter()
    failures: list[dict[str, object]] = []
    slowest: list[tuple[float, str]] = []
    began = last = time.monotonic()
    small = [] if arguments.family else try_small_files()
    for outcome in small:
        print(f"{outcome['result']} in {outcome['seconds']:.1f} s: {outcome['seed']} {outcome['original']}")
    lost = [outcome for outcome in small if outcome["result"] not in ("accepted", "refused")]
    for outcome in lost:
        print(outcome["report"])
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for found in pool.map(try_block, blocks(families, arguments.start, count)):
            for outcome in found:
                failed = outcome["result"] not in ("accepted", "refused")
                result = "failed" if failed else outcome["result"]
                outcomes[outcome["family"], outcome["kind"], result] += 1
                slowest.append(
                    (float(str(outcome["seconds"])), f"{outcome['family']} {outcome['seed']} {outcome['kind']}")
                )
                if failed:
                    failures.append(outcome)
                    print(f"{describe(outcome)}\n{outcome['report']}\n", flush=True)
            slowest = sorted(slowest, reverse=True)[:8]
            if time.monotonic() - last > 30:
                last = time.monotonic()
                print(f"{last - began:6.0f} s: {outcomes.total()} mutants, {len(failures)} failures", flush=True)
    print_table(outcomes)
    print(f"{outcomes.total()} mutants in {time.monotonic() - began:.0f} s; the slowest:")
    for seconds, name in slowest:
        print(f"  {seconds:5.1f} s  {name}")
    print(f"failures: {len(failures)}")
    for outcome in failures:
        print(f"  {describe(outcome)}")
    return 1 if failures or lost else 0


def describe(outcome: dict[str, object]) -> str:
    """A failure in a line, and how to repeat it."""
    return (
        f"{outcome['result']}: {outcome['original']}, {outcome['kind']}: "
        f"python -m tests.hostile.run 1 --start {outcome['seed']} --family {outcome['family']}"
    )


def print_table(outcomes: Counter[tuple[object, object, object]]) -> None:
    """The outcomes of each kind of mutants."""
    results = ("accepted", "refused", "failed")
    print(f"{'':28}" + "".join(f"{result:>10}" for result in results))
    for family in FAMILIES:
        kinds = sorted({str(kind) for found, kind, _ in outcomes if found == family})
        for kind in kinds:
            print(f"{family} {kind:23}" + "".join(f"{outcomes[family, kind, result]:10}" for result in results))
        if kinds:
            totals = [sum(outcomes[family, kind, result] for kind in kinds) for result in results]
            print(f"{family} {'in all':23}" + "".join(f"{total:10}" for total in totals))


if __name__ == "__main__":
    sys.exit(main())
