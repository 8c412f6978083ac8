"""One plugin that can't be used doesn't take the others with it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from xdsl.universe import Universe

from raspc.dialects.rasp import Rasp
from raspc.plugins import installed_plugins, plugins_of
from tests.plugin.raspc_shift import UNIVERSE, Shift

OTHER_SHIFT = Universe(all_dialects={"shift": lambda: Rasp})
NO_UNIVERSE = {"shift": Shift}


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, "xdsl.universe")


GOOD = entry("good", "tests.plugin.raspc_shift:UNIVERSE")


def test_what_is_installed_has_ours_and_those_of_xdsl():
    plugins = installed_plugins()
    assert plugins.problems == []
    assert {"rasp", "craft", "transformer", "arith"} <= plugins.dialects.keys()
    assert {"infer-values", "cse"} <= plugins.passes.keys()
    assert "onnx-text" in plugins.targets


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (
            "tests.there_is_none:UNIVERSE",
            "can't be imported: ModuleNotFoundError: No module named 'tests.there_is_none'",
        ),
        ("tests.unit.test_plugins:MISSING", "can't be imported: AttributeError: "),
        (
            "tests.unit.test_plugins:NO_UNIVERSE",
            "names tests.unit.test_plugins:NO_UNIVERSE, which is no Universe of xDSL",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named_and_the_others_are_there(value: str, problem: str):
    plugins = plugins_of([entry("bad", value), GOOD])
    assert plugins.dialects == UNIVERSE.all_dialects
    (line,) = plugins.problems
    assert line.startswith(f"the plugin 'bad' {problem}")


def test_a_name_that_is_taken_stays_what_it_is():
    plugins = plugins_of([entry("later", "tests.unit.test_plugins:OTHER_SHIFT"), GOOD])
    assert plugins.dialects["shift"]() is Shift
    assert plugins.problems == ["the plugin 'later' has a dialect 'shift', and there is another one of this name"]


def test_rasp_opt_names_a_plugin_that_cannot_be_imported_and_works(tmp_path: Path):
    package = tmp_path / "broken-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[xdsl.universe]\nbroken = there_is_none:UNIVERSE\n")
    code = f"import sys; sys.path.append({str(tmp_path)!r}); from raspc.tools.rasp_opt import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-c", code, "-p", "canonicalize"],
        input="builtin.module {}", capture_output=True, text=True, check=False,
    )  # fmt: skip
    reason = "ModuleNotFoundError: No module named 'there_is_none'"
    assert result.stderr == f"rasp-opt: warning: the plugin 'broken' can't be imported: {reason}\n"
    assert result.returncode == 0
    assert "builtin.module" in result.stdout
