"""Written files are complete or absent, whatever fails."""

from __future__ import annotations

import ast
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import raspc
from raspc.runtime import files
from raspc.runtime.files import write_file
from raspc.tools import cli, rasp_opt

PROGRAM = """
from raspc import rasp
vocab = ["a", "b", "c"]
max_seq_len = 4
program = rasp.Map(lambda x: x, rasp.tokens)
"""

COMMANDS = {
    "raspc compile to ONNX": (cli.main, ["compile", "p.py", "-o", "out.onnx"]),
    "raspc compile to IR": (cli.main, ["compile", "p.py", "-o", "out.mlir"]),
    "rasp-opt": (rasp_opt.main, ["p.py", "-p", "O0", "-o", "out.mlir"]),
}

each_command = pytest.mark.parametrize("name", COMMANDS)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.py").write_text(PROGRAM)
    return tmp_path


def outputs(folder: Path) -> dict[str, bytes]:
    """All files but the program and what Python caches of it."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "p.py"}


def run_main(name: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, after some lines of Python."""
    main, arguments = COMMANDS[name]
    code = f"import sys\n{before}\nfrom {main.__module__} import main\nsys.exit(main({arguments!r}))"
    return subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True)


def test_a_file_is_written_and_replaced(folder: Path):
    for data in (b"first", b"second, which is longer", b""):
        write_file("out", data)
        assert outputs(folder) == {"out": data}


def test_a_link_stays_a_link(folder: Path):
    (folder / "target").write_bytes(b"before")
    (folder / "link").symlink_to("target")
    write_file("link", b"after")
    assert (folder / "link").is_symlink()
    assert (folder / "target").read_bytes() == b"after"


def test_a_pipe_stays_a_pipe(folder: Path):
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    write_file("pipe", b"data")
    reader.join()
    assert read == [b"data"]
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


@pytest.mark.parametrize("old", [None, b"before"])
@pytest.mark.parametrize(
    ("step", "error"),
    [
        ("open", OSError(errno.EROFS, "Read-only file system")),
        ("fsync", OSError(errno.ENOSPC, "No space left on device")),
        ("fsync", OSError("no number")),
        ("fsync", KeyboardInterrupt()),
        ("fsync", MemoryError()),
        ("replace", OSError(errno.EACCES, "Permission denied")),
    ],
)
def test_a_failure_changes_nothing_and_leaves_nothing(
    old: bytes | None, step: str, error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    if old is not None:
        (folder / "out").write_bytes(old)
    before = outputs(folder)

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(type(error)) as caught:
        write_file("out", b"data")
    monkeypatch.undo()
    assert outputs(folder) == before
    if isinstance(error, OSError) and error.errno:
        assert isinstance(caught.value, OSError)
        assert (caught.value.errno, caught.value.filename) == (error.errno, "out")


def test_the_data_are_on_the_disk_before_the_name_is(folder: Path, monkeypatch: pytest.MonkeyPatch):
    steps: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(files.os, "fsync", lambda file: (steps.append("fsync"), fsync(file)))
    monkeypatch.setattr(files.os, "replace", lambda *names: (steps.append("replace"), replace(*names)))
    write_file("out", b"data")
    assert steps == ["fsync", "replace"]


@each_command
@pytest.mark.parametrize("old", [None, b"before"])
def test_a_full_disk(name: str, old: bytes | None, folder: Path):
    # A limit on the size of files makes the operating system itself stop in the middle of writing.
    output = COMMANDS[name][1][-1]
    if old is not None:
        (folder / output).write_bytes(old)
    before = outputs(folder)
    limited = "import raspc.compiler, resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"
    result = run_main(name, limited)
    assert result.returncode == 1
    assert result.stderr.splitlines() == [f"{name.split()[0]}: error: {output}: File too large"]
    assert outputs(folder) == before


@each_command
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_command_killed_while_it_writes(name: str, step: str, folder: Path):
    output = COMMANDS[name][1][-1]
    (folder / output).write_bytes(b"before")
    killed = f"import os, signal\nos.{step} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)"
    assert run_main(name, killed).returncode == -signal.SIGKILL
    assert outputs(folder)[output] == b"before"


@each_command
def test_what_a_command_wrote_is_complete(name: str, folder: Path, capsys: pytest.CaptureFixture[str]):
    main, arguments = COMMANDS[name]
    assert main(arguments) == 0
    capsys.readouterr()
    assert outputs(folder).keys() == {arguments[-1]}
    assert raspc.load(arguments[-1])(["a", "c"]) == ["a", "c"]


WRITING = {"open", "fdopen", "write_text", "write_bytes", "touch", "tofile", "save_model", "rename"}
"""Functions and methods that write files, of whatever module or class."""


def test_nothing_else_writes_files():
    package = Path(raspc.__file__).parent
    found: list[str] = []
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                function = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if name in WRITING:
                    found.append(str(file.relative_to(package)))
    assert set(found) == {"runtime/files.py", "tools/cli.py"}
    assert found.count("tools/cli.py") == 1  # os.devnull, where nobody reads the output
