"""Which checks reach which lines, kept in a file from run to run, and which of them to run for a mutant.

A place is a file, the function in it and the text of the line, so that what is known of a function survives changes
elsewhere. What is known decides which checks run, and in which order, never whether a mutant is killed.
"""

from __future__ import annotations

import ast
import json
import re
import tempfile
import time
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from tests.mutation.mutants import ROOT, Mutant, names_of_lines, scope
from tests.mutation.session import Check, Child, fork, reach, wait_for

KEPT = ROOT / "build" / "mutants"
"""Where all that is known from run to run is kept."""

SECONDS = 600
"""A check that takes longer isn't one."""

UNKNOWN = 1.0
"""How many seconds a check is taken to need of which it isn't known."""

MIRROR, KILLS = 9, 3
"""How much sooner a check runs that is of the mutant's file, or for each mutant of the file that it has killed."""

Place: TypeAlias = tuple[str, str, str]


class Reach:
    """What is known of the checks."""

    def __init__(self, path: Path = KEPT / "reach.json"):
        self.path = path
        known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.places: list[Place] = [(a, b, c) for a, b, c in known.get("places", [])]
        self.numbers = {place: number for number, place in enumerate(self.places)}
        self.checks: dict[str, dict[str, Any]] = known.get("checks", {})
        self.kills: dict[str, dict[str, int]] = {}
        self._reached: dict[int, set[str]] | None = None

    def measure(self, checks: Sequence[Check], jobs: int, minutes: float) -> None:
        """Find out what the checks reach of which it isn't known, as many as there is time for."""
        until = time.monotonic() + 60 * minutes
        waiting = [check for check in checks if check.name not in self.checks]
        running: dict[int, tuple[Check, Child, tempfile.TemporaryDirectory[str]]] = {}
        total = len(waiting)
        while running or (waiting and time.monotonic() < until):
            while waiting and len(running) < jobs and time.monotonic() < until:
                check = waiting.pop(0)
                shared = tempfile.TemporaryDirectory()
                child = fork(lambda send, c=check, d=shared: send(reach(c, Path(d.name))), SECONDS)
                running[child.pid] = (check, child, shared)
            for child, sent in wait_for([child for _, child, _ in running.values()]):
                check, _, shared = running.pop(child.pid)
                shared.cleanup()
                found = sent[-1] if sent and "lines" in sent[-1] else {"failed": str(sent), "seconds": 0, "lines": {}}
                self.checks[check.name] = {
                    "seconds": round(found["seconds"], 3),
                    "failed": found["failed"],
                    "places": [self._number(path, line) for path, lines in found["lines"].items() for line in lines],
                }
                done = total - len(waiting) - len(running)
                if done % 20 == 0:
                    print(f"reach: {done} of {total} checks", flush=True)
                    self.save()
        self.save()
        self._reached = None

    def _number(self, path: str, line: int) -> int:
        return self.numbers.setdefault(_place(path, line), len(self.numbers))

    def save(self) -> None:
        """Keep what is known."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.places = list(self.numbers)
        self.path.write_text(json.dumps({"places": self.places, "checks": self.checks}), encoding="utf-8")

    def reached(self) -> dict[int, set[str]]:
        """The checks that reach each place."""
        if self._reached is None:
            self._reached = {}
            for name, known in self.checks.items():
                if known["failed"] is None:
                    for number in known["places"]:
                        self._reached.setdefault(number, set()).add(name)
        return self._reached

    def of(self, mutant: Mutant) -> set[str]:
        """The checks that reach a mutant: its lines, the names that they assign, or at least its function or file."""
        first, last = mutant.lines
        names = {name for line in range(first, last + 1) for name in self._of_line(mutant.path, line)}
        if names:
            return names
        function = _place(mutant.path, first)[1]
        assigned = re.match(r"\s*(\w+)\b.*=", _lines(mutant.path)[_start(mutant.path, first) - 1])
        if assigned and not function.rpartition(".")[2].islower():  # of the module or a class
            word = re.compile(rf"\b{assigned[1]}\b")
            places = [place for place in self.numbers if word.search(place[2]) and place[1]]
            places = places or [place for place in self.numbers if place[0] == mutant.path]
        else:
            places = [place for place in self.numbers if place[:2] == (mutant.path, function)]
        return {name for place in places for name in self.reached().get(self.numbers[place], ())}

    def _of_line(self, path: str, line: int) -> set[str]:
        place = _place(path, line)
        return self.reached().get(self.numbers.get(place, -1), set()) if place[1] else set()

    def order(self, mutant: Mutant, budget: float, available: Collection[str]) -> list[str]:
        """The checks to run for a mutant, the likeliest to fail for its time first, within so many seconds.

        Of the checks of the mutant's file those of which nothing is known yet are among them.
        """
        path = Path(mutant.path)
        levels = {"passes", "algebra", "lowering", "__init__"}
        stems = {path.stem, path.stem.replace("_", "-"), path.parent.name} - levels
        kills = self.kills.get(mutant.path, {})

        def mirrors(name: str) -> bool:
            return any(stem in name.partition("::")[0] + name.partition("[")[2] for stem in stems)

        def effort(name: str) -> float:
            return (self.seconds(name) + 0.01) / (1 + MIRROR * mirrors(name) + KILLS * kills.get(name, 0))

        known = {name for name in self.of(mutant) if name in available}
        unknown = {name for name in available if name not in self.checks and mirrors(name)}
        chosen: list[str] = []
        for name in sorted(known | unknown, key=lambda name: (effort(name), name)):
            budget -= self.seconds(name)
            if budget < 0 and chosen:
                break
            chosen.append(name)
        return chosen

    def seconds(self, check: str) -> float:
        """How long a check takes."""
        return self.checks[check]["seconds"] if check in self.checks else UNKNOWN

    def remember(self, mutant: Mutant, check: str) -> None:
        """Have a check that has killed a mutant run sooner for others of the file."""
        kills = self.kills.setdefault(mutant.path, {})
        kills[check] = kills.get(check, 0) + 1


def _place(path: str, line: int) -> Place:
    lines = _lines(path)
    return path, names_of_lines(_source(path))[line], lines[line - 1].strip() if 0 < line <= len(lines) else ""


def _start(path: str, line: int) -> int:
    """The first line of the innermost statement that a line is part of."""
    statements = [node for node in ast.walk(ast.parse(_source(path))) if isinstance(node, ast.stmt)]
    return max(node.lineno for node in statements if node.lineno <= line <= (node.end_lineno or node.lineno))


@cache
def _lines(path: str) -> list[str]:
    return _source(path).splitlines()


@cache
def _source(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def read_sources() -> None:
    """Read all files as they are imported, before anyone changes them."""
    for path in scope():
        _lines(path)
