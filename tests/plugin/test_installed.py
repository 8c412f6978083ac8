"""A plugin that is installed is known to rasp-opt, which needs no option for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import raspc
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel

HERE = Path(__file__).parent

PROGRAM = """
rasp.program @twice vocab ["a", "b"] max_seq_len 4 {
  %tokens = rasp.tokens : ?
  %indices = rasp.indices : ?
  %before = shift.by %tokens at %indices by 1 : ?
  %same = rasp.map(%tokens, %before) "x, y -> x == y" : ?
  rasp.return %same
}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the plugin is installed, beside what these tests run in."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site-packages")
    shutil.copy(HERE / "pyproject.toml", source)
    shutil.copytree(HERE / "raspc_shift", source / "raspc_shift", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--target", str(target)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, str(source)], check=True)
    return {**os.environ, "PYTHONPATH": str(target)}


def rasp_opt(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "raspc.tools.rasp_opt", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, check=False)


def test_a_program_of_an_installed_dialect_is_compiled(environment: dict[str, str], tmp_path: Path):
    program, compiled = tmp_path / "twice.mlir", tmp_path / "compiled.mlir"
    program.write_text(PROGRAM)
    result = rasp_opt(environment, str(program), "-p", "O2", "--check-semantics", "-o", str(compiled))
    assert result.returncode == 0, result.stderr.decode()
    model = raspc.load(compiled)
    assert isinstance(model, CompiledModel)
    assert model.certificate is not None
    onnx_model = OnnxModel(model.to_onnx().SerializeToString())
    assert onnx_model(["a", "a", "b"]) == model(["a", "a", "b"]) == [None, True, False]


def test_without_it_the_op_is_not_known(tmp_path: Path):
    program = tmp_path / "twice.mlir"
    program.write_text(PROGRAM)
    result = rasp_opt({**os.environ}, str(program), "-p", "O2")
    assert result.returncode != 0
    assert b"shift.by" in result.stderr
    assert b"Traceback" not in result.stderr
