"""Programs as people write them: compositions of the primitives that compute something worth knowing."""

from __future__ import annotations

from tests.programs.compositions.arithmetic import ARITHMETIC
from tests.programs.compositions.brackets import BRACKETS
from tests.programs.compositions.classifying import CLASSIFYING
from tests.programs.compositions.copying import COPYING
from tests.programs.compositions.lookups import LOOKUPS
from tests.programs.compositions.ordering import ORDERING
from tests.programs.compositions.paper import PAPER
from tests.programs.compositions.runs import RUNS
from tests.programs.compositions.text import TEXT

COMPOSITIONS = (
    *PAPER, *BRACKETS, *COPYING, *LOOKUPS, *ARITHMETIC, *RUNS, *ORDERING, *CLASSIFYING, *TEXT,
)  # fmt: skip
"""The programs, by theme."""
