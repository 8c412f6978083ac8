"""Printing tables: with colours and lines on a terminal, and as plain text everywhere else."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.measure import measure_renderables
from rich.table import Table


def print_table(table: Table, file: TextIO | None = None) -> None:
    """Print a table: with lines on a terminal that is wide enough, otherwise as columns of text, however wide.

    Args:
        table: the table. Its lines are taken away if it becomes columns of text.
        file: standard output if missing.
    """
    console = Console(file=file, markup=False, emoji=False, highlight=False)
    if not console.is_terminal or _width(table, console) > console.width:
        table.box, table.pad_edge = None, False
        console.width = _width(table, console)
    console.print(table)


def _width(table: Table, console: Console) -> int:
    """How wide a table is when nothing in it is wrapped."""
    return measure_renderables(console, console.options.update(max_width=1 << 16), [table]).maximum
