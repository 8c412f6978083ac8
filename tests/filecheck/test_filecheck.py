"""Runs every file of this directory with lit, one pytest test a file, and checks that its RUN lines test something."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.filecheck.tool_server import tools

ROOT = Path(__file__).parent
FILES = sorted(path for suffix in ("*.mlir", "*.test") for path in ROOT.rglob(suffix))

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())


def run_lines(text: str) -> list[str]:
    r"""Return the RUN lines of a test as lit reads them: a line that ends in `\` goes on in the next one."""
    lines: list[str] = []
    continued = False
    for line in re.findall(r"RUN:[ \t]*(.*?)[ \t]*$", text, flags=re.MULTILINE):
        body = line.removesuffix("\\").rstrip()
        if continued:
            lines[-1] = f"{lines[-1]} {body}"
        else:
            lines.append(body)
        continued = line.endswith("\\")
    return lines


def problem_of_run_line(line: str) -> str | None:
    """Return why a RUN line tests nothing, or `None`.

    A RUN line names its file (`%s`), or another by its place (`%S/...`), and ends in filecheck, or in diff or cmp where
    it compares bytes.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    words = list(lexer)
    separators = [index for index, word in enumerate(words) if word in ("|", "||", "&&", ";")]
    if not separators:
        return "runs a single command, whose output nobody checks"
    before, last = words[: separators[-1]], words[separators[-1] + 1 :]
    separator = words[separators[-1]]
    if not any(word == "%s" or word.startswith("%S/") for word in before):
        return "doesn't name %s before its check"
    match last:
        case ["filecheck", *arguments]:
            if separator != "|":
                return "doesn't pipe into filecheck"
            if not any(argument.startswith(("%s", "%S/")) for argument in arguments):
                return "doesn't say in which file filecheck finds its checks: filecheck %s"
        case ["diff" | "cmp", *_] if separator in ("|", "&&"):
            pass
        case _:
            return "doesn't end in filecheck (or in diff or cmp, where it compares bytes)"
    return None


@pytest.fixture(scope="session")
def tool_directory() -> Iterator[Path]:
    with tools() as directory:
        yield directory


@each_file
def test_lit(path: Path, tmp_path: Path, tool_directory: Path):
    result = subprocess.run(
        [
            *(sys.executable, "-c", "import sys; from lit.main import main; sys.exit(main())"),
            *("-v", "-j1", "--skip-test-time-recording"),
            *("--param", f"exec_root={tmp_path}", "--param", f"tools={tool_directory}", str(path)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if result.returncode != 0:
        pytest.fail(result.stdout, pytrace=False)


@each_file
def test_run_lines_test_something(path: Path):
    lines = run_lines(path.read_text(encoding="utf-8"))
    assert lines, "the file has no RUN line"
    problems = [f"`{line}` {problem}" for line in lines if (problem := problem_of_run_line(line))]
    assert not problems, "\n".join(problems)


def test_files_are_found():
    assert FILES


@pytest.mark.parametrize(
    "line",
    [
        "rasp-opt %s | filecheck %s",
        "rasp-opt %s -p 'infer-values{a=1}' | rasp-opt | filecheck %s --check-prefix=GENERIC",
        "rasp-opt %s --verify-diagnostics 2>&1 | filecheck %s --strict-whitespace",
        "rasp-opt %s -o %t && rasp-opt %t | diff %t -",
        "rasp-opt %s -o %t.1 && rasp-opt %s -o %t.2 && cmp %t.1 %t.2",
        "rasp-opt %S/../example.py -p infer-values | filecheck %s",
    ],
)
def test_good_run_lines_pass(line: str):
    assert problem_of_run_line(line) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("rasp-opt %s", "single command"),
        ("rasp-opt | filecheck %s", "doesn't name %s before its check"),
        ("rasp-opt other.mlir | filecheck %s", "doesn't name %s before its check"),
        ("rasp-opt %s | filecheck", "in which file"),
        ("rasp-opt %s && filecheck %s", "doesn't pipe"),
        ("rasp-opt %s | FileCheck %s", "doesn't end in filecheck"),
        ("rasp-opt %s | not filecheck %s", "doesn't end in filecheck"),
        ("rasp-opt %s | rasp-opt", "doesn't end in filecheck"),
        ("rasp-opt %s | filecheck %s || true", "doesn't end in filecheck"),
        ("rasp-opt %s || diff %s %t", "doesn't end in filecheck"),
    ],
)
def test_bad_run_lines_are_found(line: str, problem: str):
    assert problem in (problem_of_run_line(line) or "")


def test_run_lines_are_joined_as_lit_joins_them():
    text = "// RUN: rasp-opt %s \\\n// RUN:   | filecheck %s\n// CHECK: x\n# RUN: xdsl-opt %s\n"
    assert run_lines(text) == ["rasp-opt %s | filecheck %s", "xdsl-opt %s"]
