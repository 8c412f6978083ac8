"""The mutants of the compiler's guards, constants, conditions and arithmetic, and a sample of them."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from tests.mutation.operators import SKIPPED, mutations

ROOT = Path(__file__).parents[2]

EXPORTERS = {"from_onnx.py", "metadata.py", "onnx_target.py", "to_jax.py", "to_onnx.py"}
"""What leaves the IR: it has no guards of the mathematics, and its tests compare with other runtimes."""


def scope() -> list[str]:
    """The files that are mutated, relative to the root: algebra, passes with their analyses, and constructions."""
    files = [path for name in ("algebra", "passes", "lowering") for path in (ROOT / "raspc" / name).rglob("*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in files if path.name not in EXPORTERS)


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        path: the file, relative to the root.
        lines: the first and last line of what is changed.
        original: the file as it is.
        source: the file with the change.
    """

    path: str
    lines: tuple[int, int]
    original: str
    source: str

    @cached_property
    def change(self) -> tuple[str, str]:
        """The lines that differ, before and after, without their indentation."""
        before, after = self.original.splitlines(), self.source.splitlines()
        old: list[str] = []
        new: list[str] = []
        for tag, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                old += before[i:j]
                new += after[k:m]
        return "\n".join(map(str.strip, old)), "\n".join(map(str.strip, new))

    @property
    def name(self) -> str:
        """What names the mutant in reports, in one line."""
        before, after = (text.replace("\n", " ⏎ ") for text in self.change)
        return f"{self.path}:{self.lines[0]}: `{before}` becomes `{after}`"


class _Sites(cst.CSTVisitor):
    """Finds what may be changed, and into what."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, tuple[int, int]]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, SKIPPED) or (isinstance(node, cst.Arg) and node.keyword and node.keyword.value == "strict"):
            return False
        for changed in mutations(node):
            position = self.get_metadata(PositionProvider, node)
            assert isinstance(position, CodeRange)
            last = position.end.line
            if isinstance(node, cst.If | cst.MatchCase):
                last = position.start.line
            self.found.append((node, changed, (position.start.line, last)))
        return True


@lru_cache(256)
def _sites(path: str) -> tuple[cst.Module, list[tuple[cst.CSTNode, cst.CSTNode, tuple[int, int]]]]:
    wrapper = MetadataWrapper(cst.parse_module((ROOT / path).read_text(encoding="utf-8")))
    visitor = _Sites()
    wrapper.visit(visitor)
    return wrapper.module, visitor.found


def count(path: str) -> int:
    """How many mutants a file has."""
    return len(_sites(path)[1])


def mutant(path: str, number: int) -> Mutant:
    """One of the mutants of a file."""
    module, found = _sites(path)
    node, changed, lines = found[number]
    replaced = module.deep_replace(node, changed)
    assert isinstance(replaced, cst.Module)
    return Mutant(path, lines, module.code, replaced.code)


def mutants_of(path: str) -> Iterator[Mutant]:
    """All mutants of a file."""
    return (mutant(path, number) for number in range(count(path)))


def sample(paths: Sequence[str], size: int, seed: int) -> list[Mutant]:
    """So many mutants of some files, each as likely as any other.

    A digest of the seed, the file and the line decides whether a mutant is chosen: changes of other lines don't matter.
    They come in the order of their digests, so that the first few are a sample, too.
    """
    places: list[tuple[bytes, str, int]] = []
    for path in paths:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
        times: dict[str, int] = {}
        for number, (_, _, (first, _)) in enumerate(_sites(path)[1]):
            line = lines[first - 1].strip()
            times[line] = times.get(line, 0) + 1
            digest = sha256(f"{seed} {path} {line} {times[line]}".encode()).digest()
            places.append((digest, path, number))
    return [mutant(path, number) for _, path, number in sorted(places)[:size]]


@lru_cache(256)
def names_of_lines(source: str) -> tuple[str, ...]:
    """The qualified name of the function or class that each line is in; empty for a line of the module itself."""
    names = [""] * (source.count("\n") + 2)

    def visit(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                name = f"{prefix}.{child.name}".lstrip(".")
                assert child.end_lineno is not None
                names[child.lineno : child.end_lineno + 1] = [name] * (child.end_lineno + 1 - child.lineno)
            visit(child, name)

    visit(ast.parse(source), "")
    return tuple(names)
