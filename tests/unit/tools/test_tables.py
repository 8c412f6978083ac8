import io

import pytest
from rich.table import Table

from raspc.statistics import PassRecord, Statistics
from raspc.tools.pass_table import pass_table
from raspc.tools.tables import print_table

BEFORE = Statistics(sops=7, selectors=2, heads=0, mlps=0, hidden_units=0)
AFTER = Statistics(sops=0, selectors=2, heads=0, mlps=3, hidden_units=1200, d_model=59, n_params=26994)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def printed(table: Table, file: io.StringIO) -> list[str]:
    print_table(table, file)
    return file.getvalue().splitlines()


def test_what_changes_has_an_arrow():
    table = pass_table([PassRecord("some-pass", BEFORE, AFTER, 0.25), PassRecord("next", AFTER, BEFORE, 12)])
    assert printed(table, io.StringIO()) == [
        "pass       s-ops  selectors  heads   MLPs      units  n_layers  n_heads  d_model  n_params  seconds",
        "some-pass  7 → 0          2         0 → 3  0 → 1,200                        → 59  → 26,994    0.250",
        "next       0 → 7          2         3 → 0  1,200 → 0                        59 →  26,994 →   12.000",
    ]


def test_on_a_terminal_what_changes_stands_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    lines = printed(pass_table([PassRecord("some-pass", BEFORE, AFTER, 0.25)]), Terminal())
    assert lines[0].startswith("┏━━")
    assert "\x1b[1;36m7 → 0\x1b[0m" in lines[3]
    assert "\x1b[2m        2\x1b[0m" in lines[3]


def test_a_table_is_never_wrapped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "40")
    for file in (io.StringIO(), Terminal()):
        lines = printed(pass_table([PassRecord("some-pass", BEFORE, AFTER, 0.25)]), file)
        assert len(lines) == 2
        assert all(name in lines[0] for name in ("selectors", "n_params", "seconds"))
