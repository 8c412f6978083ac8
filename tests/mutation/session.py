"""The tests as checks of mutants: which there are, what each reaches, and whether a mutant fails one.

All runs in forks of one process, in which pytest has collected the tests.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import resource
import select
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import pytest
from coverage.exceptions import CoverageWarning

from tests.filecheck import tool_server
from tests.mutation.mutants import ROOT, scope

PATHS = [
    *(f"tests/unit/{name}" for name in ("rasp", "algebra", "passes", "lowering")),
    "tests/filecheck/test_filecheck.py",
    *(f"tests/programs/{name}.py" for name in ("test_guards", "test_corpus")),
    *(f"raspc/{name}" for name in ("algebra", "passes", "lowering")),
]
"""Where the checks are."""

LEFT_OUT = (
    "test_run_lines",
    "to_jax",
    "test_to_onnx",
    "test_from_onnx",
    "of_the_corpus",
    "random_program",
    "no_program_loses_its_certificate",
    "every_subspace_holds",
    "fused_models_become",
)
"""Tests that aren't checks: they look at the tests themselves or at exporters, or run the corpus once more."""

OF_CORPUS = "test_every_level_computes_the_program"
"""The one test of `tests/programs/test_corpus.py` that is a check: the others run the same models once more."""

MEMORY = 3 << 30
"""So many bytes more than before may be allocated under a mutant."""


@dataclass(frozen=True)
class Check:
    """Tests that run together: those of a program of the corpus, or those of one function."""

    name: str
    items: tuple[pytest.Item, ...]


def checks_of(items: Sequence[pytest.Item]) -> list[Check]:
    """The checks among all tests: the programs that need guards first, the corpus last."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        path, _, _ = item.nodeid.partition("::")
        if any(part in item.nodeid for part in LEFT_OUT):
            continue
        callspec: Any = getattr(item, "callspec", None)
        name = item.nodeid.partition("[")[0]
        if path == "tests/programs/test_corpus.py":
            program = callspec and callspec.params.get("program")
            if OF_CORPUS not in name or callspec.params["size"] != program.max_seq_len:
                continue
            name = f"{path}::{program.name}"
        elif path.startswith(("tests/programs", "tests/filecheck")):
            name = item.nodeid
        groups.setdefault(name, []).append(item)
    checks = [Check(name, tuple(group)) for name, group in groups.items()]
    return sorted(checks, key=lambda check: ("test_corpus.py" in check.name) - ("test_guards.py" in check.name))


class Collector:
    """A plugin that has pytest collect, and then calls a function instead of running the tests."""

    def __init__(self, use: Callable[[list[Check]], None]):
        self.use = use

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.use(checks_of(session.items))
        return True


def with_checks(use: Callable[[list[Check]], None], paths: Sequence[str] = PATHS) -> None:
    """Collect the checks and use them."""
    os.chdir(ROOT)
    status = pytest.main(["-q", "-p", "no:cacheprovider", "--no-header", *paths], plugins=[Collector(use)])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"pytest: {status}")


class _Failed:
    """A plugin that remembers a failure."""

    def __init__(self) -> None:
        self.what: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self.what is None:
            lines = [line for line in report.longreprtext.splitlines() if line.strip()]
            self.what = (lines or ["failed"])[-1][:200]


def run(check: Check) -> str | None:
    """Run the tests of a check in this process up to the first that fails: what it says, or `None`."""
    failed = _Failed()
    manager = check.items[0].config.pluginmanager
    manager.register(failed)
    reporter = manager.unregister(name="terminalreporter")
    try:
        for item, following in zip(check.items, [*check.items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if failed.what is not None:
                return failed.what
        return None
    finally:
        manager.register(reporter, "terminalreporter")
        manager.unregister(failed)


# Processes


@dataclass
class Child:
    """A fork that runs something, and what it has written so far."""

    pid: int
    file: int
    deadline: float
    written: bytes = b""


def silent_fork() -> int:
    """`os.fork`, of which JAX warns: nothing here uses its threads before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return os.fork()


def fork(work: Callable[[Callable[[Any], None]], None], seconds: float) -> Child:
    """Let a fork do some work: it gets a function that sends a JSON value here."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = silent_fork()
    if pid:
        os.close(writing)
        return Child(pid, reading, time.monotonic() + seconds)
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            work(lambda value: (os.write(writing, json.dumps(value).encode() + b"\n"), None)[1])
    except BaseException:
        os.write(writing, json.dumps({"crashed": traceback.format_exc()[-400:]}).encode() + b"\n")
    finally:
        os._exit(0)


def wait_for(children: Sequence[Child]) -> Iterator[tuple[Child, list[Any]]]:
    """The children that have ended, or are out of time and now ended, with what they have sent; waits for the first."""
    ended = not children
    while not ended:
        ready, _, _ = select.select([child.file for child in children], [], [], 1.0)
        for child in children:
            over = time.monotonic() > child.deadline
            if child.file in ready:
                data = os.read(child.file, 1 << 16)
                child.written += data
                over |= not data
            if over:
                end(child)
                ended = True
                lines = child.written.decode().split("\n")[:-1]
                yield child, [json.loads(line) for line in lines]


def end(child: Child) -> None:
    """End a child and all that it has started."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child.pid, signal.SIGKILL)
    os.waitpid(child.pid, 0)
    os.close(child.file)


def limit(seconds: float) -> None:
    """Let this process use so many seconds of the processor more, and not much more memory."""
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + seconds) + 1, resource.RLIM_INFINITY))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, resource.RLIM_INFINITY))


@contextmanager
def forked_server(address: str) -> Iterator[None]:
    """The server of the tools in a fork of this process, mutated as it is."""
    server = sys.modules[tool_server.__name__]
    ready, writing = os.pipe()
    pid = silent_fork()
    if pid == 0:
        try:
            os.dup2(writing, 1)
            sys.stdout = os.fdopen(1, "w", closefd=False)
            server.serve(address)
        finally:
            os._exit(1)
    os.close(writing)
    try:
        os.read(ready, 1)
        yield
    finally:
        os.close(ready)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def use_forked_servers(module: Any = tool_server) -> None:
    """Let the tests of `tests/filecheck` start no process of their own, in which there would be no mutant.

    What the server imports is imported here, once.
    """
    for name in ("filecheck.main", "raspc.tools.cli", "raspc.tools.rasp_opt"):
        importlib.import_module(name)
    module.tools.__wrapped__.__defaults__ = (forked_server,)


# What a check reaches


def reach(check: Check, shared: Path) -> dict[str, Any]:
    """Run a check in this process: what fails, the seconds of the processor it takes, and the lines that it reaches.

    In `shared`, an empty directory, the tools leave theirs.
    """
    files = [str(ROOT / path) for path in scope()]
    measured = coverage.Coverage(data_file=None, include=files, config_file=False, messages=False)
    answer = tool_server.answer

    def answer_and_save(client: socket.socket, mains: dict[str, Callable[[], int | None]]) -> None:
        def saving(main: Callable[[], int | None]) -> Callable[[], int | None]:
            def main_and_save() -> int | None:
                try:
                    return main()
                finally:
                    measured.stop()
                    (shared / str(os.getpid())).write_text(json.dumps(_lines(measured)))

            return main_and_save

        answer(client, {name: saving(main) for name, main in mains.items()})

    tool_server.answer = answer_and_save
    began = _seconds()
    measured.start()
    failed = run(check)
    measured.stop()
    lines = _lines(measured)
    for path in shared.iterdir():
        for name, numbers in json.loads(path.read_text()).items():
            lines[name] = sorted({*lines.get(name, []), *numbers})
    return {"failed": failed, "seconds": _seconds() - began, "lines": lines}


def _seconds() -> float:
    return sum(os.times()[:4])


def _lines(measured: coverage.Coverage) -> dict[str, list[int]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CoverageWarning)  # that all of them is in other processes
        data = measured.get_data()
    return {Path(name).relative_to(ROOT).as_posix(): sorted(data.lines(name) or []) for name in data.measured_files()}
