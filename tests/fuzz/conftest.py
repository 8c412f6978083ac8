"""The tests of random programs report, after all tests, what they compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.fuzz.differential import Counts

PROPERTY = "compared random programs"


@pytest.fixture
def record_counts(record_property: Callable[[str, object], None]) -> Callable[[Counts], None]:
    """Adds to the totals that are printed at the end."""

    def record(counts: Counts) -> None:
        # Properties reach the process that reports from those that run the tests: they have to be plain values.
        record_property(PROPERTY, vars(counts) | {"refused": dict(counts.refused)})

    return record


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the totals."""
    totals = Counts()
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == PROPERTY:
                totals.add(Counts(**(value | {"refused": Counter(value["refused"])})))
    if totals.programs:
        terminalreporter.section(PROPERTY)
        terminalreporter.write_line(str(totals))
