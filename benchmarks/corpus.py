"""How long compiling and running take, and how large the models are, over the corpus.

    python benchmarks/corpus.py [--sizes 5 10 20] [--only NAME …] [--repeat 3]

For each program of tests/programs/corpus.py and each maximum length: the model's layers, heads, d_model and parameters,
the time of `raspc.compile`, the size of the module's text and the times to print and to parse it, and the time that
ONNX Runtime takes for one input of full length. Each time is the best of several runs. Programs that the compiler
refuses at a size are listed with the first line of its reason.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

import raspc
from raspc.runtime.load import parse_module
from raspc.runtime.onnx_runner import OnnxModel
from tests.programs.corpus import CORPUS, Program

HEADINGS = (
    *("program", "length", "layers", "heads", "d_model", "parameters"),
    *("compile", "text KiB", "print", "parse", "run"),
)

T = TypeVar("T")


def best_time(repeat: int, action: Callable[[], T]) -> tuple[float, T]:
    """The shortest time in milliseconds of `repeat` runs, and the last result."""
    best, result = float("inf"), None
    for _ in range(repeat):
        start = time.perf_counter()
        result = action()
        best = min(best, time.perf_counter() - start)
    assert result is not None
    return 1000 * best, result


def measure(program: Program, max_seq_len: int, repeat: int) -> list[str]:
    """The row of one program at one size."""
    sop = program.build(max_seq_len)
    compile_ms, model = best_time(repeat, lambda: raspc.compile(sop, program.vocab, max_seq_len, causal=program.causal))
    print_ms, text = best_time(repeat, lambda: str(model.module))
    parse_ms, _ = best_time(repeat, lambda: parse_module(text.encode(), program.name))
    onnx_model = OnnxModel(model.to_onnx().SerializeToString())
    tokens = [program.vocab[position % len(program.vocab)] for position in range(max_seq_len)]
    run_ms, _ = best_time(repeat, lambda: onnx_model(tokens))
    config = model.config
    times = [f"{ms:.1f}" for ms in (compile_ms, print_ms, parse_ms, run_ms)]
    return [
        program.name,
        str(max_seq_len),
        str(config.n_layers),
        str(config.n_heads),
        str(config.d_model),
        f"{config.n_params:,}",
        times[0],
        f"{len(text) / 1024:,.0f}",
        *times[1:],
    ]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5, 10, 20], help="the maximum lengths")
    parser.add_argument("--only", nargs="+", default=None, help="the names of the programs; by default all")
    parser.add_argument("--repeat", type=int, default=3, help="how many runs the best is taken of")
    options = parser.parse_args()
    warnings.simplefilter("ignore", raspc.MeaningWarning)
    console = Console(width=None if sys.stdout.isatty() else 160)
    table = Table(title="raspc over its corpus (times in ms, best of several runs)")
    for heading in HEADINGS:
        table.add_column(heading, justify="left" if heading == "program" else "right")
    refused: list[str] = []
    for program in CORPUS:
        for max_seq_len in options.sizes if options.only is None or program.name in options.only else []:
            try:
                table.add_row(*measure(program, max_seq_len, options.repeat))
            except raspc.CompileError as error:
                refused.append(f"{program.name} at {max_seq_len}: {str(error).splitlines()[0]}")
    console.print(table)
    for reason in refused:
        console.print(f"refused: {reason}", highlight=False)


if __name__ == "__main__":
    main()
