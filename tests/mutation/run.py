"""Mutation testing: change the compiler's guards, constants and conditions one at a time, and see whether tests notice.

`make mutants N=300 SEED=0`. See CONTRIBUTING.md for how to read what it prints.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha256
from types import ModuleType
from typing import Any

import pytest

from tests.mutation.explained import Explanation, explanation_of, explanations
from tests.mutation.mutants import ROOT, Mutant, mutants_of, sample, scope
from tests.mutation.reaching import KEPT, Reach, read_sources
from tests.mutation.session import Check, Child, fork, limit, run, use_forked_servers, wait_for, with_checks
from tests.mutation.swapping import Functions, ImportedError, all_functions, swap

RESULTS = KEPT / "results.jsonl"
"""What became of each mutant, the latest result last."""

ALLOWED, FACTOR = 20.0, 10.0
"""So many seconds, and so many times what it takes without a mutant, a check may take with one."""


@dataclass(frozen=True)
class Result:
    """What became of a mutant.

    Attributes:
        killed_by: the check that failed, if one did.
        how: what it said.
        n_checks: how many checks ran.
    """

    mutant: Mutant
    killed_by: str | None
    how: str
    n_checks: int


class Runner:
    """Runs mutants in forks."""

    def __init__(self, checks: Sequence[Check], reach: Reach, jobs: int, budget: float):
        self.checks = {check.name: check for check in checks}
        self.reach = reach
        self.jobs = jobs
        self.budget = budget
        self.sound: dict[str, bool] = {}
        gc.unfreeze()
        self.functions: Functions = all_functions()
        gc.freeze()

    def run(self, mutants: Sequence[Mutant], report: Callable[[Result], None]) -> None:
        """Run all of the mutants, and report each as it ends."""
        waiting = list(mutants)
        running: dict[int, tuple[Mutant, Child, list[str]]] = {}
        while waiting or running:
            while waiting and len(running) < self.jobs:
                mutant = waiting.pop(0)
                sound = [name for name in self.checks if self.sound.get(name, True)]
                names = self.reach.order(mutant, self.budget, sound)
                child = fork(lambda send, m=mutant, n=names: self._work(m, n, send), 120 + 10 * self.budget)
                running[child.pid] = (mutant, child, names)
            for child, sent in wait_for([child for _, child, _ in running.values()]):
                mutant, _, names = running.pop(child.pid)
                result = self._result(mutant, names, sent)
                if result is None:
                    waiting.insert(0, mutant)
                else:
                    report(result)

    def _result(self, mutant: Mutant, names: Sequence[str], sent: Sequence[dict[str, Any]]) -> Result | None:
        """What a fork has found; `None` if the check that failed fails without the mutant, too."""
        last = sent[-1] if sent else {}
        started = [message["check"] for message in sent if "check" in message]
        if "survived" in last:
            return Result(mutant, None, "", len(started))
        if "failed" in last:
            name, how = last["failed"], last["how"]
        else:
            how = last.get("crashed", "out of time or memory, or dead").strip().rpartition("\n")[2]
            if not started:
                return Result(mutant, "import", how, 0)
            name = started[-1]
        if not self._is_sound(name):
            return None
        self.reach.remember(mutant, name)
        return Result(mutant, name, how, len(started))

    def _is_sound(self, name: str) -> bool:
        if name not in self.sound:
            child = fork(lambda send: send({"failed": run(self.checks[name])}), 600)
            ((_, sent),) = wait_for([child])
            self.sound[name] = bool(sent) and sent[-1].get("failed", "") is None
            if not self.sound[name]:
                print(f"{name} fails without a mutant, and is left out", flush=True)
        return self.sound[name]

    # In a fork

    def _work(self, mutant: Mutant, names: Sequence[str], send: Callable[[Any], None]) -> None:
        try:
            swap(str(ROOT / mutant.path), mutant.original, mutant.source, self.functions)
        except ImportedError:
            self._work_anew(mutant, names, send)
            return
        for name in names:
            send({"check": name})
            limit(ALLOWED + FACTOR * self.reach.seconds(name))
            how = run(self.checks[name])
            if how is not None:
                send({"failed": name, "how": how})
                return
        send({"survived": True})

    def _work_anew(self, mutant: Mutant, names: Sequence[str], send: Callable[[Any], None]) -> None:
        """Import everything again, with the mutant."""
        nodes = {item.nodeid: name for name in names for item in self.checks[name].items}
        for name in [*sys.modules]:
            if name.split(".")[0] in ("raspc", "tests") and not name.startswith("tests.mutation"):
                del sys.modules[name]
        sys.meta_path.insert(0, _Finder(mutant))
        importlib.import_module("raspc.universe")
        server = importlib.import_module("tests.filecheck.tool_server")
        use_forked_servers(server)
        limit(ALLOWED + FACTOR * sum(self.reach.seconds(name) for name in names) + ALLOWED)
        watcher = _Watcher(nodes, send)
        if nodes:
            pytest.main(["-q", "-x", "-p", "no:cacheprovider", *nodes], plugins=[watcher])
        if not watcher.has_failed:
            send({"survived": True})


class _Watcher:
    """A plugin that sends which checks run and which fails."""

    def __init__(self, nodes: dict[str, str], send: Callable[[Any], None]):
        self.nodes = nodes
        self.send = send
        self.has_failed = False

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.send({"check": self.nodes.get(nodeid, nodeid)})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.has_failed:
            self.has_failed = True
            self.send({"crashed": "collection: " + report.longreprtext.strip().rpartition("\n")[2][:200]})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.has_failed:
            self.has_failed = True
            name = self.nodes.get(report.nodeid, report.nodeid)
            self.send({"failed": name, "how": report.longreprtext.strip().rpartition("\n")[2][:200]})


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.SourceLoader):
    """Imports one file with its change."""

    def __init__(self, mutant: Mutant):
        self.path = str(ROOT / mutant.path)
        self.source = mutant.source
        self.name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def get_filename(self, fullname: str) -> str:
        return self.path

    def get_data(self, path: str | bytes) -> bytes:
        if str(path) == self.path:
            return self.source.encode()
        raise OSError(path)


# The command


def main() -> int:
    """Run a sample of the mutants and print which survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="?", default=300, help="how many mutants (0: all)")
    parser.add_argument("--seed", type=int, default=0, help="which sample of them")
    parser.add_argument("--files", default="*", help="only of files that match, such as '*/value_analysis/*'")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many at a time")
    parser.add_argument("--budget", type=float, default=60, help="seconds of checks that run at most for a mutant")
    parser.add_argument("--resume", action="store_true", help="keep what is known of mutants that are as they were")
    parser.add_argument("--survivors", action="store_true", help="only mutants that survived the last time")
    parser.add_argument("--minutes", type=float, default=120, help="how long to find out what tests reach, at most")
    parser.add_argument("--reach", action="store_true", help="find out again what each test reaches")
    options = parser.parse_args()
    read_sources()
    paths = [path for path in scope() if fnmatch(path, options.files)]
    mutants = sample(paths, options.n, options.seed) if options.n else [m for path in paths for m in mutants_of(path)]
    print(f"{len(mutants)} mutants of {len(paths)} files", flush=True)
    known = _known()
    results: list[Result] = []
    if options.survivors:
        mutants = [mutant for mutant in mutants if known.get(_key(mutant), {}).get("killed_by", "") is None]
    elif options.resume:
        for mutant in mutants:
            if entry := known.get(_key(mutant)):
                results.append(Result(mutant, entry["killed_by"], entry["how"], entry["n_checks"]))
        mutants = [mutant for mutant in mutants if _key(mutant) not in known]
        print(f"{len(results)} of them are known", flush=True)
    began = time.monotonic()

    def report(result: Result) -> None:
        results.append(result)
        what = "survived" if result.killed_by is None else f"killed by {result.killed_by}"
        print(f"[{len(results)}] {result.mutant.name}\n      {what} ({result.n_checks} checks)", flush=True)
        _keep(result)

    def use(checks: list[Check]) -> None:
        use_forked_servers()
        path = KEPT / "reach.json"
        if options.reach:
            path.unlink(missing_ok=True)
        reach = Reach(path)
        reach.measure(checks, options.jobs, options.minutes)
        Runner(checks, reach, options.jobs, options.budget).run(mutants, report)

    if mutants:
        with_checks(use)
    unexplained = _summary(results, time.monotonic() - began)
    return 1 if unexplained else 0


def _summary(results: Sequence[Result], seconds: float) -> int:
    survivors = [result.mutant for result in results if result.killed_by is None]
    reasons: dict[str, list[tuple[Mutant, Explanation | None]]] = {}
    listed = explanations()
    for mutant in survivors:
        found = explanation_of(mutant, listed)
        reasons.setdefault(found.kind if found else "not explained", []).append((mutant, found))
    for kind, entries in sorted(reasons.items()):
        print(f"\nSurvivors, {kind}:")
        for mutant, found in entries:
            print(f"  {mutant.name}" + (f"\n    {found.reason}" if found else ""))
    killed = len(results) - len(survivors)
    share = 100 * killed / max(1, len(results))
    print(f"\n{killed} of {len(results)} mutants killed ({share:.1f} %) in {seconds / 60:.0f} minutes")
    return len(reasons.get("not explained", []))


def _key(mutant: Mutant) -> str:
    """What tells a mutant from all others: the file, its text before, and the text after."""
    digests = [sha256(text.encode()).hexdigest()[:16] for text in (mutant.original, mutant.source)]
    return " ".join([mutant.path, *digests])


def _known() -> dict[str, dict[str, Any]]:
    if not RESULTS.exists():
        return {}
    entries = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return {entry["key"]: entry for entry in entries}


def _keep(result: Result) -> None:
    entry = {
        "mutant": result.mutant.name,
        "key": _key(result.mutant),
        "killed_by": result.killed_by,
        "how": result.how,
        "n_checks": result.n_checks,
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


if __name__ == "__main__":
    sys.exit(main())
