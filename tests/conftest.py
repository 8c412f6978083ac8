"""How all tests are run: XLA compiles quickly, and the tests of a program of the corpus come one after another."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

from tests.xla import compile_quickly

compile_quickly()

# How long an example takes says nothing on a busy machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

from tests.programs.program import Program  # noqa: E402  raspc after the environment


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move all tests of a program to the first of them: they share what `tests/programs/compiled.py` keeps."""
    first: dict[str, int] = {}

    def place(entry: tuple[int, pytest.Item]) -> int:
        number, item = entry
        callspec = getattr(item, "callspec", None)
        program = callspec and callspec.params.get("program")
        return first.setdefault(program.name, number) if isinstance(program, Program) else number

    items[:] = [item for _, item in sorted(enumerate(items), key=place)]


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking again and again at thousands of tests and at what they share."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
