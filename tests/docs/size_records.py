"""What benchmarks/size.py has measured of raspc's models, and what tests/docs/tracr_records.py has of Tracr's."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from raspc.pipelines import PIPELINES
from tests.docs.tracr_records import Records, file_text, fingerprint
from tests.programs.corpus import CORPUS
from tests.programs.program import Program

SIZES = Path(__file__).parents[2] / "benchmarks" / "size.json"

LEVELS = tuple(PIPELINES)

LEVEL = "O2"
"""The level that is held against Tracr program by program."""


@dataclass(frozen=True)
class SizeRecord:
    """The sizes of the models that raspc makes of one program.

    Attributes:
        fingerprint: of the program as it was measured.
        levels: for each level `n_layers`, `n_heads`, `d_model`, `d_mlp`, `parameters` as stored and `padded` ones; or
            the `message` of the refusal.
        mlps_alone: for the layers of the model at `LEVEL` that have no head, in order, what they compute.
    """

    fingerprint: str
    levels: dict[str, dict[str, Any]]
    mlps_alone: list[list[str]]


@dataclass
class SizeRecords:
    """The file of all records.

    Attributes:
        setting: the versions of the last run.
        programs: the records by the names of the programs.
    """

    setting: dict[str, str] = field(default_factory=dict)
    programs: dict[str, SizeRecord] = field(default_factory=dict)

    @staticmethod
    def load() -> SizeRecords:
        """The records of the file, none if there is no file."""
        if not SIZES.exists():
            return SizeRecords()
        found = json.loads(SIZES.read_text(encoding="utf-8"))
        programs = {name: SizeRecord(**record) for name, record in found["programs"].items()}
        return SizeRecords(found["setting"], programs)

    def save(self) -> None:
        """Write the file: a line for each program of the corpus, in its order."""
        SIZES.write_text(file_text(self.setting, self.programs), encoding="utf-8")

    def of(self, program: Program) -> SizeRecord | None:
        """The record of a program if it holds for the program as it is now."""
        record = self.programs.get(program.name)
        return record if record is not None and record.fingerprint == fingerprint(program) else None


@dataclass(frozen=True)
class Pair:
    """A program that both compilers compile, raspc at every level.

    Attributes:
        name: the program's.
        is_right: whether Tracr's model is right, at least where the output is defined.
        tracr: the sizes of Tracr's model.
        raspc: those of raspc's by level.
    """

    name: str
    is_right: bool
    tracr: dict[str, Any]
    raspc: dict[str, dict[str, Any]]


def pairs(tracr: Records, sizes: SizeRecords) -> list[Pair]:
    """The programs of the corpus that both compile, as they are now."""
    found: list[Pair] = []
    for program in CORPUS:
        ours = sizes.of(program)
        if ours is None or not tracr.is_current(program):
            continue
        theirs = tracr.programs[program.name].tracr
        if "parameters" in theirs and all("parameters" in level for level in ours.levels.values()):
            is_right = theirs["outcome"] in ("right", "right where defined")
            found.append(Pair(program.name, is_right, theirs, ours.levels))
    return found


def plotted(compared: list[Pair]) -> list[tuple[str, int, int, int]]:
    """What the plot shows of each program: Tracr's parameters, ours as stored, ours padded."""
    return [
        (each.name, each.tracr["parameters"], each.raspc[LEVEL]["parameters"], each.raspc[LEVEL]["padded"])
        for each in compared
    ]


def digest(compared: list[Pair]) -> str:
    """What tells whether a plot shows these programs; it stands in the plot's file."""
    return hashlib.sha256(json.dumps(plotted(compared)).encode()).hexdigest()[:16]
