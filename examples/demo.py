"""Compiles the example programs, runs the models in ONNX Runtime, and checks their outputs against the interpreter."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

import raspc
from raspc import rasp
from raspc.errors import RaspcError
from raspc.tools.program_file import load_program

EXAMPLES = Path(__file__).parent
BUILD = EXAMPLES.parent / "build" / "demo"

INPUTS: dict[str, list[list[object]]] = {
    "length": [["a"], list("abbab")],
    "reverse": [list("abcd"), list("abcdaabbccdd")],
    "hist": [list("abacab"), list("dddd")],
    "sort": [[3, 1, 2], [8, 6, 7, 5, 3, 1, 2, 4]],
    "sort_freq": [list("baabca"), list("abab")],
    "shift": [["d"], list("abcd")],
    "pattern": [list("abcabc"), list("aabcbabc")],
    "frac_prevs": [list("xyxz"), list("wxxyxzxxxw")],
    "shuffle_dyck2": [list("({)}"), list("({)}}{"), list("((){}")],
}


def show(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def show_columns(tokens: Sequence[object], outputs: Sequence[object]) -> str:
    """Write inputs over outputs, one column a position."""
    columns = [(show(token), show(output)) for token, output in zip(tokens, outputs, strict=True)]
    widths = [max(map(len, column)) for column in columns]
    rows = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]
    return f"  in   {rows[0]}\n  out  {rows[1]}"


def main() -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    table = Table("model", title="Compiled models")
    for column in ("layers", "heads", "d_model", "parameters", "file size"):
        table.add_column(column, justify="right")

    for name, inputs in INPUTS.items():
        example = load_program(EXAMPLES / f"{name}.py")
        path = BUILD / f"{name}.onnx"
        model = raspc.compile(example.program, example.vocab, example.max_seq_len, causal=example.causal)
        model.save(path)
        loaded = raspc.load(path)

        print(name)
        for tokens in inputs:
            outputs = loaded(tokens)
            expected = rasp.evaluate(example.program, tokens, causal=example.causal)
            print(show_columns(tokens, outputs))
            if outputs != expected:
                sys.exit(f"{name}: on {tokens} the model gives {outputs}, and the interpreter {expected}")
        config = model.config
        sizes = (config.n_layers, config.n_heads, config.d_model, config.n_params)
        table.add_row(name, *(f"{size:,}" for size in sizes), f"{path.stat().st_size / 1000:,.1f} kB")

    print()
    Console().print(table)
    print("Every output above came from ONNX Runtime and equals the interpreter's.")


if __name__ == "__main__":
    try:
        main()
    except RaspcError as error:
        sys.exit(str(error))
