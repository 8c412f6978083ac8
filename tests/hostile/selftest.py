"""Commands that misbehave in every way that must be found."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.hostile.originals import originals
from tests.hostile.trial import MAINS, MisbehaviourError, Mutant, Outcome, Random, run, try_mutant


def warm_up(family: str, folder: Path) -> None:
    """Let the commands have files that nothing is wrong with, of the corpus's first program."""
    texts, onnx = originals(0)
    for original in texts if family == "mlir" else (onnx,):
        try_mutant(Mutant(original, "none", original.data), family, folder, Random(0))
    checking = ["raspc", "check", f"{folder}/mutant.{family}", "--against", f"{folder}/program.py"]
    assert run(checking, folder) == ""


def _hang(folder: Path) -> int:
    while True:
        pass


def _hang_in_native_code(folder: Path) -> int:
    return int(np.linalg.matrix_power(np.ones((3000, 3000)), 10**9)[0, 0])


def _wait(folder: Path) -> int:
    time.sleep(1000)
    return 0


def _crash(folder: Path) -> int:
    ctypes.string_at(0)
    return 0


def _exit(folder: Path) -> int:
    os._exit(3)


def _allocate(folder: Path) -> int:
    return len(np.ones(1 << 29))


def _traceback(folder: Path) -> int:
    return 1 // 0


def _system_exit(folder: Path) -> int:
    sys.exit("no")


def _silence(folder: Path) -> int:
    return 1


def _printed_traceback(folder: Path) -> int:
    print("raspc: error: bad\nTraceback (most recent call last):", file=sys.stderr)
    return 1


def _evaluate(folder: Path) -> int:
    return eval("0")


def _execute(folder: Path) -> int:
    os.system("true")
    return 0


def _write_elsewhere(folder: Path) -> int:
    (folder.parent / "elsewhere").touch()
    return 0


def _leave_file(folder: Path) -> int:
    (folder / ".out.mlir.tmp").touch()
    return 0


def _half_output(folder: Path) -> int:
    print("half")
    print("raspc: error: no", file=sys.stderr)
    return 1


def _cannot_encode(folder: Path) -> int:
    print("\ud800")
    return 0


def _behave(folder: Path) -> int:
    print("raspc: error: this is the message", file=sys.stderr)
    return 1


MISBEHAVIOURS: dict[str, tuple[Callable[[Path], int], str]] = {
    "hang": (_hang, "hang"),
    "hang_in_native_code": (_hang_in_native_code, "hang"),
    "crash": (_crash, "died of SIGSEGV"),
    "exit": (_exit, "ended with 3"),
    "allocate": (_allocate, "memory"),
    "traceback": (_traceback, "ZeroDivisionError"),
    "system_exit": (_system_exit, "SystemExit"),
    "silence": (_silence, "no message"),
    "printed_traceback": (_printed_traceback, "traceback"),
    "evaluate": (_evaluate, "forbidden"),
    "execute": (_execute, "forbidden"),
    "write_elsewhere": (_write_elsewhere, "forbidden"),
    "leave_file": (_leave_file, "files"),
    "half_output": (_half_output, "output in spite of an error"),
    "cannot_encode": (_cannot_encode, "UnicodeEncodeError"),
    "behave": (_behave, "refused"),
}
"""Each with the result that is to be found."""


def try_misbehaviour(name: str, folder: Path) -> Outcome:
    """What is found of a command that misbehaves."""
    misbehave, _ = MISBEHAVIOURS[name]

    def main(_: Sequence[str]) -> int:
        return misbehave(folder)

    outcome = Outcome("selftest", 0, name, name)
    proper, MAINS["raspc"] = MAINS["raspc"], main
    try:
        outcome.report = run(["raspc"], folder)
        outcome.result = "refused" if outcome.report else "accepted"
    except MisbehaviourError as error:
        outcome.result, outcome.report = error.kind, str(error)
    finally:
        MAINS["raspc"] = proper
    return outcome
