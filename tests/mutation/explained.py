"""The survivors that are explained: `explained.toml` says of each change why no test can, or should, notice it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import Mutant

PATH = Path(__file__).with_name("explained.toml")

KINDS = ("equivalent", "performance", "size", "message")
"""The same for all inputs; only how fast; only how large a model gets; only what an error says."""


@dataclass(frozen=True)
class Explanation:
    """Why a change may survive.

    Attributes:
        path: the file, relative to the root.
        kind: one of `KINDS`.
        was: the line as it is.
        becomes: the line with the change; empty for any change of it.
        reason: why no test can, or should, notice it.
    """

    path: str
    kind: str
    was: str
    reason: str
    becomes: str = ""


def explanations() -> list[Explanation]:
    """What the list says."""
    return [Explanation(**entry) for entry in tomllib.loads(PATH.read_text(encoding="utf-8")).get("survivor", [])]


def explanation_of(mutant: Mutant, listed: Sequence[Explanation]) -> Explanation | None:
    """The explanation of a mutant, if there is one."""
    before, after = mutant.change
    for each in listed:
        if (each.path, each.was) == (mutant.path, before) and each.becomes in ("", after):
            return each
    return None
