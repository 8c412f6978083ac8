"""What the passes of a compilation did, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from raspc.statistics import PassRecord

CHANGED, UNCHANGED = "bold cyan", "dim"

STATISTICS = {
    "s-ops": "sops",
    "selectors": "selectors",
    "heads": "heads",
    "MLPs": "mlps",
    "units": "hidden_units",
    "n_layers": "n_layers",
    "n_heads": "n_heads",
    "d_model": "d_model",
    "n_params": "n_params",
}
"""The columns of a table of passes, and the attributes of `Statistics` that they show."""


def pass_table(records: Sequence[PassRecord]) -> Table:
    """What passes did, one row for each: `before → after` where a number changed, otherwise the number."""
    table = Table("pass")
    for title in (*STATISTICS, "seconds"):
        table.add_column(title, justify="right")
    for record in records:
        changes = [_change(getattr(record.before, name), getattr(record.after, name)) for name in STATISTICS.values()]
        table.add_row(Text(record.name), *changes, Text(f"{record.seconds:.3f}"))
    return table


def _change(before: int | None, after: int | None) -> Text:
    """A number before and after a pass. What isn't known is left out, and so is a zero that stays."""
    if before == after:
        return Text(f"{after:,}" if after else "", style=UNCHANGED)
    shown = [f"{number:,}" if number is not None else "" for number in (before, after)]
    return Text(" → ".join(shown).strip(), style=CHANGED)
