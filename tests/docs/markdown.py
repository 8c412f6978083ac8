"""The code in Markdown pages: its blocks, and running a page's blocks in their order."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from raspc.tools import cli, rasp_opt

ELLIPSIS = "…"
"""What stands in a page for text that is left out."""

TOOLS: dict[str, Callable[[list[str]], int]] = {"raspc": cli.main, "rasp-opt": rasp_opt.main}
"""The commands that are run. They run in this process: to start one takes a second."""

SCRIPTS: dict[tuple[str, ...], str] = {("make", "demo"): "examples/demo.py"}
"""Commands that stand for a script; the Makefile has more to do for them."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)

_STATUS = re.compile(r"<!-- exit status (\d+) -->\s*\Z")

_FILE_NAME = re.compile(r"(?://|#) (?P<name>[\w-]+\.(?:py|mlir))\n")


@dataclass(frozen=True)
class Block:
    """A fenced block of code.

    Attributes:
        page: the file.
        line: the line of the fence, counted from 1.
        language: what the fence says.
        text: what stands between the fences.
        status: the exit status of its commands, 0 unless the comment `<!-- exit status 1 -->` stands before the block.
    """

    page: Path
    line: int
    language: str
    text: str
    status: int = 0

    @property
    def place(self) -> str:
        """Where it is: `docs/passes.md:12`."""
        return f"{self.page.name}:{self.line}"

    @property
    def file_name(self) -> str | None:
        """The name in its first line, `// name.mlir` or `# name.py`: the block is this file."""
        match = _FILE_NAME.match(self.text)
        return match["name"] if match else None

    @property
    def is_elided(self) -> bool:
        """Whether something is left out of it."""
        return ELLIPSIS in self.text


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    blocks: list[Block] = []
    for match in _FENCE.finditer(text):
        status = _STATUS.search(text, 0, match.start())
        line = text.count("\n", 0, match.start()) + 1
        blocks.append(Block(page, line, match["language"], match["text"], int(status[1]) if status else 0))
    return blocks


@dataclass(frozen=True)
class Command:
    """A line for the shell, and what it should print: `None` where the page doesn't say."""

    words: tuple[str, ...]
    output: str | None = None


def commands_of(block: Block) -> Iterator[Command]:
    """The commands of an `sh` block, one a line, or of a `console` block, after `$`, each before its output."""
    if block.language == "sh":
        for line in block.text.splitlines():
            if words := shlex.split(line, comments=True):
                yield Command(tuple(words))
    else:
        _, *parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        for part in parts:
            line, _, output = part.partition("\n")
            yield Command(tuple(shlex.split(line)), output)


def agrees(expected: str, found: str) -> bool:
    """Whether an output is what a page says: an ellipsis stands for a part of a line, on a line alone for some lines.

    >>> agrees("a\\n…\\nd e…\\n", "a\\nb\\nc\\nd e f\\n"), agrees("a …\\n", "a b\\nc\\n")
    (True, False)
    """

    def pattern(line: str) -> str:
        if line.strip() == ELLIPSIS:
            return r"(?:.*\n)*?"
        return ".*".join(re.escape(part) for part in line.rstrip().split(ELLIPSIS)) + r"[ ]*\n"

    lines = expected.rstrip().splitlines()
    return re.fullmatch("".join(pattern(line) for line in lines), found.rstrip() + "\n") is not None


@dataclass
class Session:
    """Runs the blocks of one page, in order, in the current directory.

    Attributes:
        scope: what the page's Python code has defined.
        ran: how many blocks did something.
    """

    scope: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    ran: int = 0

    def run(self, block: Block) -> None:
        """Run one block; raises an AssertionError if it doesn't do what the page says."""
        self.ran += 1
        match block.language:
            case _ if block.file_name is not None:
                Path(block.file_name).write_text(block.text, encoding="utf-8")
            case "python" if ">>>" in block.text:
                self._run_examples(block)
            case "python":
                code = compile("\n" * block.line + block.text, block.place, "exec")
                exec(code, self.scope)
            case "sh" | "console":
                for command in commands_of(block):
                    self._run_command(block, command)
            case _:
                self.ran -= 1

    def _run_examples(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(block.text, self.scope, block.place, str(block.page), block.line)
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=report.write, clear_globs=False)
        self.scope = test.globs
        assert not runner.failures, report.getvalue()

    def _run_command(self, block: Block, command: Command) -> None:
        words = command.words
        if tool := TOOLS.get(words[0]):
            status, output = _call(tool, list(words[1:]))
        elif script := SCRIPTS.get(words[:2]):
            done = subprocess.run(
                [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
            )
            status, output = done.returncode, done.stdout
        else:
            return
        where = f"{block.place}: {shlex.join(words)}"
        assert status == block.status, f"{where}: exit status {status}\n{output}"
        if command.output is not None:
            assert agrees(command.output, output), f"{where}: the page says\n{command.output}\nand it prints\n{output}"


def _call(tool: Callable[[list[str]], int], arguments: list[str]) -> tuple[int, str]:
    """The exit status of a command, and all that it prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            status = tool(arguments)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
    return status, output.getvalue()
