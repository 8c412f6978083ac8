"""A process that tries mutants, and the process that watches it.

The worker has a limit on the processor time of each mutant and on its memory. If it dies of a mutant, by a limit or by
a crash in native code, the mutant has failed and the next one gets a new worker.
"""

from __future__ import annotations

import faulthandler
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).parents[2]

SECONDS = 30.0
"""The most processor time that a mutant may take."""

WALL_SECONDS = 90.0
"""The most time that it may take by the clock, for one that waits and doesn't compute."""

MEMORY = 2 << 30
"""How much more memory a worker may have than it has at the start."""


def serve(memory: int) -> None:
    """Try the mutants named on standard input, with so much more memory, and print the outcomes as JSON.

    Each line has a family, a seed and the processor time that there is.
    """
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what native code prints
    import onnxruntime
    import scipy.sparse

    from tests.hostile import crafted, selftest
    from tests.hostile.trial import FAMILIES, try_seed

    assert onnxruntime, scipy.sparse
    faulthandler.enable()
    faulthandler.register(signal.SIGPROF, all_threads=False, chain=True)
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        folder = Path(name) / "warm"
        folder.mkdir()
        for family in FAMILIES:  # so that everything is imported
            selftest.warm_up(family, folder)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + memory, used + memory))
        print("ready", file=answers, flush=True)
        for line in sys.stdin:
            family, seed, seconds = line.split()
            shutil.rmtree(folder)
            folder.mkdir()
            signal.setitimer(signal.ITIMER_PROF, float(seconds))
            if family == "crafted":
                outcome = crafted.try_crafted(seed, folder)
            elif family in FAMILIES:
                outcome = try_seed(family, int(seed), folder)
            else:
                outcome = selftest.try_misbehaviour(seed, folder)
            signal.setitimer(signal.ITIMER_PROF, 0)
            print(json.dumps(asdict(outcome)), file=answers, flush=True)


class Worker:
    """The other side: starts a worker process, and a new one whenever it dies.

    Args:
        seconds: the most processor time that a mutant may take.
        memory: how much more memory the worker may have than at the start.
    """

    def __init__(self, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  it is closed with the worker

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        self._errors.close()

    def try_all(self, cases: Iterable[tuple[str, int | str]]) -> Iterator[dict[str, object]]:
        """The outcomes of mutants, each a family and a seed, as dictionaries of `trial.Outcome`."""
        for family, seed in cases:
            yield self.try_one(family, seed)

    def try_one(self, family: str, seed: int | str) -> dict[str, object]:
        """The outcome of a mutant."""
        process = self._start() if self._process is None else self._process
        self._errors.seek(0)
        self._errors.truncate()
        assert process.stdin is not None
        process.stdin.write(f"{family} {seed} {self._seconds}\n".encode())
        process.stdin.flush()
        began = time.monotonic()
        answer = self._read_line(process, WALL_SECONDS)
        if answer is not None:
            return {**json.loads(answer), "seconds": time.monotonic() - began}
        result = self._why_it_ended(process)
        self._errors.seek(0)
        report = self._errors.read()[-4000:].decode(errors="replace")
        self._stop()
        lost: dict[str, object] = {"family": family, "seed": seed, "original": "?", "kind": "?"}
        return {**lost, "result": result, "report": report, "seconds": time.monotonic() - began}

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, "serve", str(self._memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            cwd=ROOT,
        )
        self._process = process
        if self._read_line(process, 10 * WALL_SECONDS) != b"ready\n":
            self._errors.seek(0)
            raise RuntimeError(f"the worker doesn't start: {self._errors.read().decode(errors='replace')}")
        return process

    def _read_line(self, process: subprocess.Popen[bytes], seconds: float) -> bytes | None:
        """A whole line of the worker's, `None` if it ends before or the time is over."""
        assert process.stdout is not None
        deadline, line = time.monotonic() + seconds, b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
            if not data:
                return None
            line += data
        return line

    def _why_it_ended(self, process: subprocess.Popen[bytes]) -> str:
        try:
            status = process.wait(timeout=WALL_SECONDS / 3)  # if it has closed its end, it is about to end
        except subprocess.TimeoutExpired:
            return "hang"
        if status == -signal.SIGPROF:
            return "hang"
        return f"died of {signal.Signals(-status).name}" if status < 0 else f"ended with {status}"

    def _stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                assert stream is not None
                stream.close()
            self._process = None


if __name__ == "__main__" and sys.argv[1:2] == ["serve"]:
    serve(int(sys.argv[2]))
