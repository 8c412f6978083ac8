"""One mutant, through all that the commands do with a file, and whether they behave.

A command behaves if it ends in success, or in one message and the exit status 1: without a traceback, without running
text of the file, without touching files that it has nothing to do with, within the time and the memory of the process.
"""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from raspc.pipelines import DEFAULT_PIPELINE
from raspc.tools import cli, rasp_opt
from tests.hostile import onnx_mutations, text_mutations
from tests.hostile.originals import Original, originals

BLOCK = 32
"""So many mutants in a row are of one program, so that it is compiled once."""

LONGEST_MESSAGE = 20_000
"""The most characters of what a command may print on stderr."""

FAMILIES = ("mlir", "onnx")


@dataclass
class Outcome:
    """What became of a mutant.

    Attributes:
        family: `mlir` or `onnx`.
        seed: the mutant's.
        original: what it is a mutant of.
        kind: how it was made.
        result: `accepted` if all commands succeeded, `refused` if one ended with a message, or a failure.
        report: of a failure, what happened; otherwise the message.
    """

    family: str
    seed: int
    original: str
    kind: str
    result: str = ""
    report: str = ""

    @property
    def failed(self) -> bool:
        """Whether a command didn't behave."""
        return self.result not in ("accepted", "refused")


class MisbehaviourError(Exception):
    """A command did what it must not do."""

    def __init__(self, kind: str, report: str):
        super().__init__(report)
        self.kind = kind


@dataclass(frozen=True)
class Mutant:
    """A damaged file, what it was, and how it was damaged."""

    original: Original
    kind: str
    data: bytes


def mutant(family: str, seed: int) -> Mutant:
    """The mutant for a seed."""
    random = Random(f"{family} {seed}")
    texts, onnx = originals(seed // BLOCK)
    original = random.choice(texts) if family == "mlir" else onnx
    mutate = text_mutations.mutate if family == "mlir" else onnx_mutations.mutate
    kind, data = mutate(original.data, random)
    while data == original.data:
        kind, data = mutate(original.data, random)
    return Mutant(original, kind, data)


def try_seed(family: str, seed: int, folder: Path) -> Outcome:
    """Make the mutant for a seed in an empty folder, and let the commands have it."""
    made = mutant(family, seed)
    outcome = Outcome(family, seed, made.original.name, made.kind)
    try:
        outcome.result, outcome.report = try_mutant(made, family, folder, Random(f"commands {seed}"))
    except MisbehaviourError as error:
        outcome.result, outcome.report = error.kind, str(error)
    return outcome


def try_mutant(made: Mutant, family: str, folder: Path, random: Random) -> tuple[str, str]:
    """Let the commands have a mutant; returns `accepted` or `refused` and the first message.

    Raises:
        MisbehaviourError: a command doesn't behave.
    """
    file = folder / f"mutant.{family}"
    file.write_bytes(made.data)
    program = folder / "program.py"
    program.write_text(made.original.program)
    messages: list[str] = []
    for command in commands(made, file, program, random):
        message = run(command, folder)
        if message:
            messages.append(message)
            if random.random() < 0.8:
                break  # the others would find the same
    return ("refused", messages[0]) if messages else ("accepted", "")


def commands(made: Mutant, file: Path, program: Path, random: Random) -> list[list[str]]:
    """The command lines that a mutant is given to."""
    found: list[list[str]] = []
    original = made.original
    if file.suffix == ".mlir":
        line = ["rasp-opt", str(file)]
        if b"rasp.program" in made.data and random.random() < 0.4:
            line += ["-p", random.choice(("O0", DEFAULT_PIPELINE))]  # inferring what was inferred before
        elif original.passes:
            line += ["-p", original.passes]
        flags = (
            ["-o", str(file.with_name("out.mlir"))],
            ["-t", "onnx-text"],
            ["--print-op-generic"],
            ["--print-debuginfo"],
        )
        line += random.choice(([], [], [], *flags))
        if random.random() < 0.05:
            line.append("--split-input-file")
        found.append(line)
        if not original.is_model and random.random() < 0.8:
            return found
    found.append(["raspc", "inspect", str(file)])
    found.append(["raspc", "run", str(file), "--", *original.tokens])
    if random.random() < 0.3:
        found.append(["raspc", "check", str(file), "--against", str(program), "--samples", "6"])
    return found


MAINS: dict[str, Callable[[Sequence[str]], int]] = {"rasp-opt": rasp_opt.main, "raspc": cli.main}


def run(command: Sequence[str], folder: Path) -> str:
    """Run a command in this process; returns its message, empty after a success.

    Raises:
        MisbehaviourError: it doesn't behave.
    """
    name, *arguments = command
    before = contents(folder)
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace", write_through=True)
    line = " ".join(command)
    try:
        with warnings.catch_warnings(), redirect_stdout(out), redirect_stderr(err), guarded(folder) as forbidden:
            status = MAINS[name](arguments)
    except MemoryError:
        raise MisbehaviourError("memory", f"{line}\n{traceback.format_exc(limit=-12)}") from None
    except BaseException as error:
        kind = f"{type(error).__name__}"
        raise MisbehaviourError(kind, f"{line}\n{_short_traceback(error)}") from None
    text = err.buffer.getvalue().decode()  # pyright: ignore[reportAttributeAccessIssue]
    printed = out.buffer.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
    if forbidden:
        raise MisbehaviourError("forbidden", f"{line}\n{forbidden}")
    message = _check_message(name, line, status, text, printed)
    _check_files(line, status, arguments, folder, before)
    return message


def _short_traceback(error: BaseException) -> str:
    lines = traceback.format_exception(error, limit=-12)
    return "".join(line if len(line) < 2000 else line[:2000] + "…\n" for line in lines)


def _check_message(name: str, line: str, status: object, text: str, printed: bytes) -> str:
    rest = re.sub(rf"^{name}: warning: .*\n(?:  .*\n)*", "", text, flags=re.MULTILINE)
    if "Traceback (most recent call last)" in text:
        raise MisbehaviourError("traceback", f"{line}\n{text[:3000]}")
    if re.search(
        r"bad_alloc|MemoryError|[Uu]nable to allocate|[Ff]ailed to allocate|out of memory|not enough memory", text
    ):
        raise MisbehaviourError("memory", f"{line}\n{text[:3000]}")
    if re.search(r"warning: (?:overflow|invalid value|divide by zero|[a-z ]*encountered)|Warning:", text):
        raise MisbehaviourError("stray warning", f"{line}\n{text[:3000]}")
    if len(text) > LONGEST_MESSAGE:
        raise MisbehaviourError("long message", f"{line}: {len(text)} characters\n{text[:3000]}")
    if status == 0:
        if rest.strip():
            raise MisbehaviourError("message in spite of success", f"{line}\n{text[:3000]}")
        return ""
    start = f"{name}: error: "
    differs = name == "raspc" and re.match(r"raspc: error: \S+ differs from ", rest)
    if status != 1 or not rest.startswith(start) or rest.count(start) != 1 or not rest.removeprefix(start).strip():
        raise MisbehaviourError("no message", f"{line}: status {status}\n{text[:3000]}")
    if printed and not differs:
        raise MisbehaviourError("output in spite of an error", f"{line}: {text[:1000]}\n{printed[:1000]!r}")
    return rest.removeprefix(start).strip()


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, and what is in them."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _check_files(line: str, status: object, arguments: Sequence[str], folder: Path, before: dict[str, bytes]) -> None:
    after = contents(folder)
    output = Path(arguments[arguments.index("-o") + 1]).name if "-o" in arguments else None
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    if status == 0 and output is not None:
        if not after.get(output, b"").endswith(b"\n"):
            raise MisbehaviourError("no output", line)
        changed.discard(output)
    if changed:
        raise MisbehaviourError("files", f"{line} left or changed {sorted(changed)}")


@dataclass
class _Watch:
    """What the audit hook looks for while a command runs."""

    folder: str | None = None
    found: list[str] = field(default_factory=list)


_watch = _Watch()


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch.folder is None:
        return
    if event.startswith(
        ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.", "socket.", "ctypes.dlopen")
    ):
        _watch.found.append(f"{event} {str(arguments)[:200]}")
    elif event == "exec":
        code = arguments[0]
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if code.co_filename in ("<string>", "<unknown>") and caller not in ("dataclasses", "collections", "typing"):
            _watch.found.append(f"exec of {code.co_name} in {code.co_filename}, by {caller}")
    elif event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path, mode = os.fsdecode(arguments[0]), arguments[1]
        writes = (
            any(letter in mode for letter in "wax+")
            if isinstance(mode, str)
            else bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
        )
        if writes and not path.startswith(_watch.folder) and path != os.devnull and "__pycache__" not in path:
            _watch.found.append(f"open {path} {mode}")


_hooked = False


@contextmanager
def guarded(folder: Path) -> Any:
    """Collect what a command does that no command has to do."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    found: list[str] = []
    _watch.folder, _watch.found = str(folder.resolve()), found
    try:
        yield found
    finally:
        _watch.folder = None
