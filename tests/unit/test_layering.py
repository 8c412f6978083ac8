"""Which part of raspc may import which, and what `import raspc` doesn't import."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import raspc

PACKAGE = Path(raspc.__file__).parent
TESTS = Path(__file__).parent

ORDER = (
    "_version",
    "errors",
    "algebra",
    "dialects",
    "plugins",
    "passes",
    "lowering",
    "statistics",
    "objectives",
    "pipelines",
    "application",
    "rasp",
    "universe",
    "runtime",
    "compiler",
    "compat",
    "__init__",
    "testing",
    "tools",
)
"""The parts of raspc. Each imports only those before it, within functions too."""

HEAVY = {"jax", "onnx", "onnxruntime"}
"""Packages that take long to import; only what needs them imports them."""

FILES = sorted(PACKAGE.rglob("*.py"))


def part_of(module: str) -> str:
    """The part that a module such as `raspc.algebra.values` belongs to."""
    return module.split(".")[1] if "." in module else "__init__"


def module_of(file: Path) -> str:
    name = ".".join(["raspc", *file.relative_to(PACKAGE).with_suffix("").parts])
    return name.removesuffix(".__init__")


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules, or the names within them, that the import statements in a tree name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(file: Path, *, at_import: bool = False) -> set[str]:
    """What a file imports; with `at_import` only what it imports when it is imported itself."""
    tree = ast.parse(file.read_text())
    if at_import:
        tree.body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return set(imported(tree))


def ours(modules: set[str]) -> set[str]:
    """The parts of raspc among modules; `from raspc import rasp` imports the part and not all of raspc."""
    return {part_of(module) for module in modules if module.split(".")[0] == "raspc"}


def folders(root: Path) -> set[str]:
    return {path.name for path in root.iterdir() if path.is_dir() and any(path.glob("*.py"))}


def test_every_part_has_its_place():
    assert {path.stem for path in PACKAGE.glob("*.py")} | folders(PACKAGE) == set(ORDER)


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_imports_point_one_way(file: Path):
    part = part_of(module_of(file))
    # `import raspc` in a tool and `raspc.compile` mean all of raspc.
    before = {*ORDER[: ORDER.index(part) + 1]}
    assert {name if name in ORDER else "__init__" for name in ours(imports_of(file))} <= before


@pytest.mark.parametrize("file", sorted((PACKAGE / "rasp").rglob("*.py")), ids=module_of)
def test_the_language_and_its_interpreter_know_nothing_of_the_compiler(file: Path):
    allowed = {"algebra", "errors", "rasp"}
    if file.name == "entry.py":  # where the language enters the IR
        allowed |= {"dialects", "passes"}
    assert ours(imports_of(file)) <= allowed


@pytest.mark.parametrize("file", sorted((PACKAGE / "algebra").rglob("*.py")), ids=module_of)
def test_the_algebra_has_no_ir(file: Path):
    assert not {name.split(".")[0] for name in imports_of(file)} & {"xdsl", *HEAVY}


@pytest.mark.parametrize("package", [*sorted(HEAVY), "hypothesis", "rich", "scipy.stats"])
def test_importing_raspc_stays_fast(package: str):
    code = f"import sys, raspc, raspc.testing; print({package!r} in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout == "False\n"


@pytest.mark.parametrize("package", sorted(HEAVY))
def test_only_what_needs_them_imports_heavy_packages(package: str):
    found = {
        module_of(file)
        for file in FILES
        if package in {name.split(".")[0] for name in imports_of(file, at_import=True)}
    }
    needed = {
        "jax": {"raspc.lowering.to_jax", "raspc.runtime.jax_runner"},
        "onnx": {
            "raspc.lowering.to_onnx",
            "raspc.lowering.from_onnx",
            "raspc.lowering.onnx_target",
            "raspc.runtime.onnx_runner",
        },
        "onnxruntime": {"raspc.runtime.onnx_session"},
    }
    assert found <= needed[package]


def test_the_unit_tests_mirror_the_package():
    assert folders(TESTS) == folders(PACKAGE)
