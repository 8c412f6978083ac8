"""What benchmarks/tracr_comparison.py has measured, and of which programs it still holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.programs.corpus import CORPUS
from tests.programs.program import Program

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

RECORDS = Path(__file__).parents[2] / "benchmarks" / "tracr_comparison.json"


@dataclass(frozen=True)
class Record:
    """What came of one program.

    Attributes:
        fingerprint: of the program as it was measured.
        raspc: its `outcome`, `compile_s` and `parameters`, or the `message` of the refusal.
        tracr: the same of the best attempt with Tracr, with the sizes `n_layers`, `n_heads`, `d_model` and `d_mlp`, the
            `rules` that it needed, and an `example` that it gets wrong.
    """

    fingerprint: str
    raspc: dict[str, Any]
    tracr: dict[str, Any]


@dataclass
class Records:
    """The file of all records.

    Attributes:
        setting: the versions and limits of the last run.
        programs: the records by the names of the programs.
    """

    setting: dict[str, Any] = field(default_factory=dict)
    programs: dict[str, Record] = field(default_factory=dict)

    @staticmethod
    def load() -> Records:
        """The records of the file, none if there is no file."""
        if not RECORDS.exists():
            return Records()
        found = json.loads(RECORDS.read_text(encoding="utf-8"))
        programs = {name: Record(**record) for name, record in found["programs"].items()}
        return Records(found["setting"], programs)

    def save(self) -> None:
        """Write the file: a line for each program of the corpus, in its order."""
        RECORDS.write_text(file_text(self.setting, self.programs), encoding="utf-8")

    def is_current(self, program: Program) -> bool:
        """Whether there is a record of the program as it is now."""
        record = self.programs.get(program.name)
        return record is not None and record.fingerprint == fingerprint(program)


def file_text(setting: Mapping[str, Any], programs: Mapping[str, DataclassInstance]) -> str:
    """The text of a file of records, one a line, in the order of the corpus."""
    names = [program.name for program in CORPUS if program.name in programs]
    lines = [f'  "{name}": {json.dumps(asdict(programs[name]), ensure_ascii=False)}' for name in names]
    return f'{{"setting": {json.dumps(setting, ensure_ascii=False)},\n"programs": {{\n' + ",\n".join(lines) + "\n}}\n"


def fingerprint(program: Program) -> str:
    """What tells whether a program has changed: what it is compiled for, and its examples."""
    facts = (program.vocab, program.max_seq_len, program.causal, program.examples)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
