"""The longest max_seq_len for which programs are certified, in each dtype: `python benchmarks/certificates.py`.

A length is tried by compiling up to and with the pass certify. The longest is found by doubling and halving; that it
is the longest is seen from the next one, which is refused, with the reason. Lengths beyond --limit aren't tried.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from xdsl.context import Context

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from raspc.algebra.dtypes import DTYPES  # noqa: E402  after the path
from raspc.errors import CompileError  # noqa: E402
from raspc.pipelines import DEFAULT_PIPELINE, PIPELINES, passes_of  # noqa: E402
from raspc.rasp.entry import build_module  # noqa: E402
from tests.programs.corpus import CORPUS, Program  # noqa: E402

NAMES = ("length", "hist", "reverse", "sort", "shuffle_dyck2")


def refusal(program: Program, max_seq_len: int, pipeline: str, dtype: str) -> str | None:
    """Why a program isn't certified for a length; `None` if it is."""
    try:
        module = build_module(program.build(max_seq_len), program.vocab, max_seq_len, causal=program.causal)
        for compiler_pass in passes_of(pipeline, dtype=dtype):
            compiler_pass.apply(Context(), module)
            if compiler_pass.name == "certify":
                return None
    except CompileError as error:
        lead = f"{error.expression!r}: " if error.expression else ""
        return lead + error.problem
    raise AssertionError(f"the pipeline {pipeline} doesn't certify")


def longest(program: Program, limit: int, pipeline: str, dtype: str) -> tuple[int, str]:
    """The longest certified length, 0 for none, and why the next one isn't."""
    certified, refused, reason = 0, 1, ""
    while refused <= limit:
        found = refusal(program, refused, pipeline, dtype)
        if found is not None:
            reason = found
            break
        certified, refused = refused, min(2 * refused, limit) if refused < limit else limit + 1
    else:
        return limit, "not tried"
    while refused - certified > 1:
        middle = (certified + refused) // 2
        found = refusal(program, middle, pipeline, dtype)
        if found is None:
            certified = middle
        else:
            refused, reason = middle, found
    return certified, reason


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="*", default=NAMES, help=f"of the corpus (default: {' '.join(NAMES)})")
    parser.add_argument("--limit", type=int, default=1024, help="the longest length to try (default: 1024)")
    parser.add_argument("--pipeline", choices=list(PIPELINES), default=DEFAULT_PIPELINE)
    arguments = parser.parse_args()
    programs = {program.name: program for program in CORPUS}
    table = Table("program", "dtype", "longest", "why not longer", title="Certified max_seq_len")
    for name in arguments.programs:
        if name not in programs:
            parser.error(f"there is no program {name!r} in the corpus")
        for dtype in DTYPES:
            length, reason = longest(programs[name], arguments.limit, arguments.pipeline, dtype)
            table.add_row(name, dtype, str(length), reason)
    Console().print(table)


if __name__ == "__main__":
    main()
