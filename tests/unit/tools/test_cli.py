import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import onnx
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

import raspc
from raspc import rasp
from raspc.dialects.dense import to_array, to_dense
from raspc.dialects.transformer import UnembedOp, model_of
from raspc.objectives import OBJECTIVES
from raspc.passes.pad_uniform import PadUniformPass
from raspc.pipelines import DEFAULT_PIPELINE, OPTIMISING, PIPELINES, passes_of
from raspc.runtime.model import CompiledModel
from raspc.tools import cli
from tests.programs.levels import parse
from tests.unit.runtime.toy_models import identity, previous

IDENTITY = """
from raspc import rasp
vocab = ["a", "b", "c"]
max_seq_len = 4
program = rasp.Map(lambda x: x, rasp.tokens)
"""

NEGATE = """
from raspc import rasp
vocab = [-1, 0, 1]
max_seq_len = 3
negate = rasp.Map(lambda x: -x, rasp.tokens)
"""

PREVIOUS = """
from raspc import rasp
vocab = [1, 2, 3]
max_seq_len = 5
causal = True
before = rasp.Select(rasp.indices, rasp.Map(lambda i: i - 1, rasp.indices), rasp.Comparison.EQ)
program = rasp.Aggregate(before, rasp.tokens, default=None)
"""

MEANINGLESS = """
from raspc import rasp
vocab = ["a", "b", "c"]
max_seq_len = 4
program = rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE), rasp.tokens)
"""

DOUBTFUL = """
from raspc import rasp
vocab = ["a", "b", "c"]
max_seq_len = 4
again = rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.EQ), rasp.tokens)
program = rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE), again)
"""


SAME = """
from raspc import rasp
vocab = ["a", "b"]
max_seq_len = 4
everything = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.TRUE)
known = rasp.Aggregate(everything, rasp.Map(lambda i: i * 0 + 1, rasp.indices))
same = rasp.Map(lambda t, k: "b" if k == 1 else t, rasp.tokens, known)
"""


@dataclass
class Result:
    status: int
    out: str
    err: str


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command in a directory with program files and models."""
    programs = {
        "identity": IDENTITY,
        "negate": NEGATE,
        "previous": PREVIOUS,
        "meaningless": MEANINGLESS,
        "doubtful": DOUBTFUL,
        "same": SAME,
    }
    for name, text in programs.items():
        (tmp_path / f"{name}.py").write_text(text)
    CompiledModel(identity()).save(tmp_path / "identity.onnx")
    CompiledModel(previous()).save(tmp_path / "previous.mlir")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        status = cli.main(arguments)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return run


def failure(result: Result) -> str:
    """The message of a run that must have failed."""
    assert result.status == 1
    assert result.out == ""
    assert result.err.startswith("raspc: error: ")
    assert "Traceback" not in result.err
    return result.err.removeprefix("raspc: error: ").removesuffix("\n")


class TestCompile:
    @pytest.mark.parametrize("output", ["out.onnx", "out.mlir"])
    def test_summary(self, command, output: str):
        result = command("compile", "negate.py", "-o", output)
        assert (result.status, result.err) == (0, "")
        assert result.out.startswith(f"{output}: negate, ")
        assert result.out.count("\n") == 1
        model = raspc.load(output)
        assert model.name == "negate"
        assert model([-1, 0, 1]) == [1, 0, -1]

    def test_an_objective(self, command):
        summary = command("compile", "negate.py", "-o", "out.mlir", "--objective", "layers").out
        assert summary == command("compile", "negate.py", "-o", "out.mlir").out
        assert command("compile", "negate.py", "-o", "narrow.mlir", "--objective", "width").status == 0
        narrow, wide = raspc.load("narrow.mlir"), raspc.load("out.mlir")
        assert narrow.config.d_model < wide.config.d_model
        assert narrow([-1, 0, 1]) == wide([-1, 0, 1]) == [1, 0, -1]

    def test_an_objective_that_is_none_of_this_pipeline(self, command):
        arguments = ("compile", "negate.py", "-o", "out.mlir", "--objective")
        assert failure(command(*arguments, "size")) == (
            "there is no objective 'size'\n  expected: one of layers, parameters, width"
        )
        assert failure(command(*arguments, "width", "-O1")) == (
            "the pipeline O1 leaves nothing to choose for the objective 'width'\n"
            "  expected: one of the pipelines O2, O3"
        )
        assert not Path("out.mlir").exists()
        assert command(*arguments, "layers", "-O1").status == 0

    @pytest.mark.parametrize("level", ["-O0", "-O2"])
    def test_uniform(self, command, level: str):
        assert command("compile", "same.py", "-o", "out.mlir", level, "--uniform").status == 0
        before = Path("out.mlir").read_text()
        PadUniformPass().apply(Context(), module := parse(before))
        assert str(module) == str(parse(before))  # it is uniform
        assert command("compile", "same.py", "-o", "out.mlir", level).status == 0
        assert Path("out.mlir").read_text() != before

    def test_stats_with_an_objective_are_those_of_the_best_pipeline(self, command):
        lines = command("compile", "negate.py", "-o", "out.mlir", "--stats", "--objective", "width").out.splitlines()
        assert lines[-2].split()[0] == "merge-constant"
        assert lines[-1].startswith("out.mlir: negate, ")

    def test_options_say_more_than_the_file(self, command):
        arguments = ("--vocab", "0,5", "--max-seq-len", "7", "--causal", "--pipeline", "O0", "--strict")
        assert command("compile", "negate.py", "-o", "out.mlir", *arguments).status == 0
        model = raspc.load("out.mlir")
        assert (model.vocab, model.max_seq_len) == ((0, 5), 7)

    def test_causality_can_be_switched(self, command):
        assert command("compile", "previous.py", "-o", "out.mlir").status == 0
        assert raspc.load("out.mlir").causal
        assert command("compile", "previous.py", "-o", "out.mlir", "--no-causal").status == 0
        assert not raspc.load("out.mlir").causal

    def test_other_formats(self, command):
        assert failure(command("compile", "identity.py", "-o", "out.pt")) == (
            "out.pt: can't tell the format; the suffix must be .onnx or .mlir"
        )

    @pytest.mark.parametrize("arguments", [("meaningless.py",), ("doubtful.py", "--strict")])
    def test_a_refused_program_leaves_no_file(self, command, tmp_path: Path, arguments: tuple[str, ...]):
        message = failure(command("compile", *arguments, "-o", "out.onnx"))
        assert arguments[0] in message
        assert "on ['a', 'b']" in message
        assert not (tmp_path / "out.onnx").exists()

    def test_what_is_assumed_is_a_warning(self, command):
        result = command("compile", "doubtful.py", "-o", "out.onnx")
        assert result.status == 0
        assert result.err.startswith("raspc: warning: doubtful.py:6: 'program': assumed to have a meaning")

    @pytest.mark.parametrize("model", ["doubtful.py", "out.onnx", "out.mlir"])
    def test_an_input_without_a_meaning_is_refused(self, command, model: str):
        if not model.endswith(".py"):
            command("compile", "doubtful.py", "-o", model)
        assert command("run", model, "a", "a").out == "['a', 'a']\n"
        result = command("run", model, "a", "b")
        assert (result.status, result.out) == (1, "")
        assert result.err.endswith(
            "raspc: error: the program has no meaning on this input: "
            "'program': it selects the different values 'a', 'b', of which there is no mean\n"
        )

    def test_what_is_assumed_is_a_property(self, command):
        command("compile", "doubtful.py", "-o", "out.onnx")
        lines = command("inspect", "out.onnx").out.splitlines()
        (found,) = [line for line in lines if line.startswith("assumption ")]
        assert "doubtful.py:6: 'program': an aggregate over 'a', 'b', 'c' may have no mean" in found
        assert "assumption" not in command("inspect", "identity.onnx").out

    def test_a_directory_that_is_missing(self, command):
        assert "No such file or directory" in failure(command("compile", "identity.py", "-o", "missing/out.onnx"))

    def test_an_unknown_pipeline(self, command):
        assert "there is no pipeline 'O9'" in failure(
            command("compile", "identity.py", "-o", "o.onnx", "--pipeline", "O9")
        )

    @pytest.mark.parametrize("level", ["-O1", "-O 1", "--pipeline O1"])
    def test_levels(self, command, level: str):
        for output, options in (("one.mlir", level), ("none.mlir", "-O0")):
            assert command("compile", "same.py", "-o", output, *options.split()).status == 0
        found = raspc.load("one.mlir")
        assert found.config.n_params < raspc.load("none.mlir").config.n_params
        assert command("run", "same.py", *level.split(), "a").out == "['b']\n"
        assert f"n_params          {found.config.n_params:,}\n" in command("inspect", "same.py", *level.split()).out
        assert command("check", "same.py", "--against", "same.py", *level.split()).status == 0

    @pytest.mark.parametrize("arguments", [("compile", "identity.py", "-o", "o.onnx"), ("run", "identity.py", "a")])
    def test_an_unknown_level(self, command, arguments: tuple[str, ...]):
        expected = f"there is no pipeline 'O7'\n  expected: one of {', '.join(PIPELINES)}"
        assert failure(command(arguments[0], "-O7", *arguments[1:])) == expected

    def test_statistics(self, command):
        result = command("compile", "negate.py", "-o", "out.mlir", "--stats")
        assert (result.status, result.err) == (0, "")
        header, *rows, summary = result.out.splitlines()
        assert header.split()[:3] == ["pass", "s-ops", "selectors"]
        assert [row.split()[0] for row in rows] == [each.name for each in passes_of(DEFAULT_PIPELINE)]
        assert rows[-1].split()[-2] == f"{raspc.load('out.mlir').config.n_params:,}"
        assert summary.startswith("out.mlir: negate, ")

    def test_checked_semantics(self, command):
        result = command("compile", "negate.py", "-o", "out.mlir", "--check-semantics")
        assert (result.status, result.err) == (0, "")
        checked = len(passes_of(DEFAULT_PIPELINE))
        assert result.out.splitlines()[0] == f"{checked} passes checked on 39 inputs: none changes an output"

    def test_semantics_that_a_pass_changes(self, command, monkeypatch: pytest.MonkeyPatch):
        def forget(self: PadUniformPass, ctx: Context, module: ModuleOp) -> None:
            op = next(op for op in module.walk() if isinstance(op, UnembedOp))
            op.w_u = to_dense(-to_array(op.w_u))
            model_of(module).certificate = None

        monkeypatch.setattr(PadUniformPass, "apply", forget)
        result = command("compile", "negate.py", "-o", "out.mlir", "--uniform", "--check-semantics")
        assert failure(result).startswith("the pass pad-uniform changes what @negate means on [-1]\n  expected: [1]\n")
        assert not Path("out.mlir").exists()

    @pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
    @pytest.mark.parametrize("output", ["half.onnx", "half.mlir"])
    def test_dtypes(self, command, dtype: str, output: str):
        assert command("compile", "negate.py", "-o", output, "--dtype", dtype).status == 0
        for model in ((output,), ("negate.py", "--dtype", dtype)):
            assert re.search(rf"^dtype +{dtype}$", command("inspect", *model).out, re.MULTILINE)
        assert command("run", output, "--", "-1", "0").out == "[1, 0]\n"
        assert command("check", output, "--against", "negate.py").status == 0
        assert command("check", "negate.py", "--against", "negate.py", "--dtype", dtype).status == 0

    def test_an_unknown_dtype(self, command):
        found = failure(command("compile", "negate.py", "-o", "m.onnx", "--dtype", "half"))
        assert found == "there is no dtype 'half'\n  expected: one of float32, float16, bfloat16"

    def test_a_model_is_no_program(self, command):
        message = failure(command("compile", "identity.onnx", "-o", "out.onnx"))
        assert message == "identity.onnx: not a program file; its suffix must be .py"


class TestRun:
    @pytest.mark.parametrize("file", ["identity.onnx", "identity.py", "identity.py:program"])
    def test_outputs_are_printed_as_python_writes_them(self, command, file: str):
        result = command("run", file, "c", "a")
        assert (result.status, result.out, result.err) == (0, "['c', 'a']\n", "")

    def test_undefined(self, command):
        assert command("run", "previous.mlir", "3", "1").out == "[None, 3]\n"

    def test_negative_numbers_are_tokens(self, command):
        assert command("run", "negate.py", "-1", "1.0", "True").out == "[1, -1, -1]\n"

    def test_options_may_stand_between_the_file_and_the_tokens(self, command):
        assert command("run", "negate.py", "--vocab", "7,8", "--max-seq-len", "2", "8", "7").out == "[-8, -7]\n"

    def test_dashes(self, command):
        assert command("run", "identity.py", "--vocab=-x,--y", "--", "--y", "-x").out == "['--y', '-x']\n"

    def test_long_outputs_are_one_line(self, command):
        result = command("run", "identity.py", "--max-seq-len", "100", *("abc" * 33))
        assert result.out.count("\n") == 1

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("identity.onnx", "a", "z"), "'z', the token at position 1, is not in the vocabulary: 'a', 'b', 'c'"),
            (("identity.onnx", *"abcab"), "the input has 5 tokens; the model takes 4 at most"),
            (("missing.onnx", "a"), "missing.onnx: No such file or directory"),
            (("missing.py", "a"), "missing.py: there is no such file"),
            (("identity.txt", "a"), "identity.txt: not a model: the suffix must be .onnx or .mlir"),
            (
                ("identity.onnx", "--vocab", "a,b", "--strict", "a"),
                "identity.onnx: is compiled already; --vocab, --strict can only be given for a program (.py)",
            ),
        ],
    )
    def test_errors(self, command, arguments: tuple[str, ...], message: str):
        assert failure(command("run", *arguments)) == message

    def test_a_damaged_model(self, command, tmp_path: Path):
        (tmp_path / "identity.onnx").write_bytes(b"\xff" * 100)
        assert failure(command("run", "identity.onnx", "a")) == "identity.onnx: not an ONNX model, or a truncated one"


class TestCheck:
    @pytest.mark.parametrize(
        ("model", "program", "inputs"),
        [("identity.onnx", "identity.py", 120), ("previous.mlir", "previous.py", 363), ("negate.py", "negate.py", 39)],
    )
    def test_all_inputs(self, command, model: str, program: str, inputs: int):
        result = command("check", model, "--against", program)
        causal = "; causal" if program == "previous.py" else ""
        expected = f"{model} equals {program} on {inputs} inputs (all {inputs} inputs{causal})\n"
        assert (result.status, result.out, result.err) == (0, expected, "")

    def test_samples(self, command):
        result = command("check", "previous.mlir", "--against", "previous.py", "--samples", "50", "--seed", "3")
        assert result.out == (
            "previous.mlir equals previous.py on 60 inputs (the edges and 50 random inputs, seed 3; causal)\n"
        )

    def test_the_first_difference(self, command, tmp_path: Path):
        (tmp_path / "other.py").write_text(IDENTITY.replace("lambda x: x", "lambda x: 'a' if x == 'c' else x"))
        result = command("check", "identity.onnx", "--against", "other.py")
        assert result.status == 1
        assert result.err == (
            "raspc: error: identity.onnx differs from other.py on input 3 of all 120 inputs\n"
            "  tokens    ['c']\n"
            "  expected  ['a']\n"
            "  found     ['c']\n"
        )

    def test_inputs_without_meaning_are_counted(self, command, tmp_path: Path):
        text = IDENTITY.replace("lambda x: x", "lambda x: x if x != 'b' else x.missing")
        (tmp_path / "partial.py").write_text(text)
        result = command("check", "identity.onnx", "--against", "partial.py")
        assert result.out == (
            "identity.onnx equals partial.py on 30 inputs (all 120 inputs; 90 more have no meaning)\n"
        )

    def test_nothing_is_checked_where_nothing_has_a_meaning(self, command, tmp_path: Path):
        (tmp_path / "partial.py").write_text(IDENTITY.replace("lambda x: x", "lambda x: x.missing"))
        message = failure(command("check", "identity.onnx", "--against", "partial.py"))
        assert message == "partial.py has no meaning on any of all 120 inputs: nothing was checked"

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("identity.onnx", "negate.py"), "the model's vocabulary is 'a', 'b', 'c', and the program's is -1, 0, 1"),
            (("identity.onnx", "identity.py", "--vocab", "a,d"), "the model's vocabulary is 'a', 'b', 'c'"),
            (("identity.onnx", "longer.py"), "the model takes 4 tokens at most, and the program 5"),
            (("identity.onnx", "shorter.py"), "the model takes 4 tokens at most, and the program 3"),
            (("identity.onnx", "identity.py", "--max-seq-len", "5"), "the model takes 4 tokens at most"),
            (("previous.mlir", "anticausal.py"), "the model is causal, and the program is not"),
            (("identity.onnx", "identity.py", "--strict"), "identity.onnx: is compiled already; --strict can only"),
            (("identity.onnx", "identity.py", "--dtype", "float16"), "identity.onnx: is compiled already; --dtype can"),
        ],
    )
    def test_inputs_that_are_not_the_models(self, command, tmp_path: Path, arguments: tuple[str, ...], message: str):
        (tmp_path / "longer.py").write_text(IDENTITY.replace("4", "5"))
        (tmp_path / "shorter.py").write_text(IDENTITY.replace("4", "3"))
        (tmp_path / "anticausal.py").write_text(PREVIOUS.replace("True", "False"))
        model, program, *options = arguments
        assert failure(command("check", model, "--against", program, *options)).startswith(message)

    def test_options_narrow_the_inputs(self, command):
        result = command("check", "identity.onnx", "--against", "identity.py", "--vocab", "a,c", "--max-seq-len", "2")
        assert result.out == "identity.onnx equals identity.py on 6 inputs (all 6 inputs)\n"
        result = command("check", "previous.mlir", "--against", "previous.py", "--no-causal", "--max-seq-len", "3")
        assert result.status == 0


class TestInspect:
    def test_a_saved_model(self, command):
        lines = command("inspect", "previous.mlir").out.splitlines()
        facts = dict(line.split("  ", 1) for line in lines)
        facts = {name: value.strip() for name, value in facts.items()}
        assert facts["file"] == "previous.mlir, IR (transformer dialect)"
        assert facts["vocabulary"] == "1, 2, 3 (3 tokens)"
        assert facts["max_seq_len"] == "5"
        assert facts["causal"] == "yes"
        assert facts["output"] == "categorical: 1, 2, 3"
        assert facts["undefined output"] == "possible"
        assert facts["dtype"] == "float32"
        assert facts["n_params"] == "388"
        assert facts["residual: previous"] == "3 directions: 1, 2, 3"
        assert facts["residual: bos"] == "1 direction"

    def test_kinds(self, command):
        assert "identity.onnx, ONNX\n" in command("inspect", "identity.onnx").out
        assert "identity.py, program\n" in command("inspect", "identity.py").out

    def test_on_a_terminal_it_is_a_table(self, command, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "100")
        assert command("inspect", "identity.onnx").out.startswith("┏━━")


class TestExplore:
    def test_the_front(self, command):
        result = command("explore", "same.py")
        assert (result.status, result.err) == (0, "")
        header, *rows, summary = result.out.splitlines()
        assert header.split() == ["configuration", "n_layers", "n_params", "d_model", "padded"]
        assert rows
        for row in rows:
            options = row.split("  ")[0].split()
            n_layers, n_params, d_model, padded = (int(cell.strip("*").replace(",", "")) for cell in row.split()[-4:])
            assert f"{n_layers} layers" in (out := command("compile", "same.py", "-o", "out.mlir", *options).out)
            assert f" d_model {d_model}, {n_params:,} parameters" in out
            assert f" {padded:,} parameters" in command("compile", "same.py", "-o", "o.mlir", *options, "--uniform").out
        assert "-O0" not in [row.split()[0] for row in rows]
        shown, tried = len(rows), 2 + len(OPTIMISING) * len(OBJECTIVES)
        assert summary == f"{tried} tried: {shown} shown, {tried - shown} no better, 0 refused"

    def test_what_is_refused_has_its_reason_in_a_line(self, command, monkeypatch: pytest.MonkeyPatch):
        def refuse(*_: object, **__: object) -> tuple[ModulePass, ...]:
            return passes_of("O0")[1:]

        monkeypatch.setattr("raspc.pipelines.PIPELINES", {"O0": PIPELINES["O0"], "O9": refuse})
        monkeypatch.setattr("raspc.tools.explore.PIPELINES", ["O0", "O9"])
        lines = command("explore", "negate.py").out.splitlines()
        assert [line.split()[0] for line in lines[1:]] == ["-O0", "-O9", "2"]
        assert lines[-2].startswith("-O9 refused: ")
        assert lines[-1] == "2 tried: 1 shown, 0 no better, 1 refused"

    def test_a_program_that_nothing_compiles(self, command):
        assert "meaningless.py:5: 'program'" in failure(command("explore", "meaningless.py"))
        assert "it can't be proved" in failure(command("explore", "doubtful.py", "--strict"))

    def test_a_warning_is_printed_once(self, command):
        for _ in range(2):
            result = command("explore", "doubtful.py")
            assert result.status == 0
            assert result.err.count("warning") == 1

    def test_options(self, command):
        small, large = (
            [int(line.split()[-3].strip("*").replace(",", "")) for line in command(*arguments).out.splitlines()[1:-1]]
            for arguments in (("explore", "negate.py"), ("explore", "negate.py", "--max-seq-len", "20"))
        )
        assert max(small) < min(large)
        assert "there is no dtype 'half'" in failure(command("explore", "negate.py", "--dtype", "half"))

    def test_a_model_is_no_program(self, command):
        found = failure(command("explore", "identity.onnx"))
        assert found == "identity.onnx: not a program file; its suffix must be .py"


class TestUsage:
    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("nonsense",),
            ("compile", "identity.py"),
            ("run", "identity.onnx"),
            ("check", "identity.onnx"),
            ("check", "identity.onnx", "--against", "identity.py", "--samples", "0"),
            ("compile", "identity.py", "-o", "x.onnx", "--max-seq-len", "many"),
            ("compile", "identity.py", "-o", "x.onnx", "-O"),
            ("compile", "identity.py", "-o", "x.onnx", "-O1", "--pipeline", "O1"),
            ("explore",),
            ("explore", "identity.py", "-O1"),
        ],
    )
    def test_usage_errors(self, command, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]):
        with pytest.raises(SystemExit) as caught:
            command(*arguments)
        assert caught.value.code == 2
        assert "usage: raspc" in capsys.readouterr().err

    def test_version(self, command, capsys: pytest.CaptureFixture[str]):
        with pytest.raises(SystemExit) as caught:
            command("--version")
        assert caught.value.code == 0
        assert capsys.readouterr().out == f"raspc {raspc.__version__}\n"

    def test_interruption(self, command, monkeypatch: pytest.MonkeyPatch):
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("raspc.runtime.load.load", interrupt)
        result = command("run", "identity.onnx", "a")
        assert (result.status, result.err) == (130, "raspc: error: interrupted\n")


class TestProcess:
    """The command as a process of its own."""

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "raspc.tools.cli", *arguments]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, **options)

    def test_status_and_streams(self, tmp_path: Path):
        CompiledModel(identity()).save(tmp_path / "identity.onnx")
        good = self.run("run", str(tmp_path / "identity.onnx"), "b")
        assert (good.returncode, good.stdout, good.stderr) == (0, "['b']\n", "")
        bad = self.run("run", str(tmp_path / "identity.onnx"), "z")
        assert (bad.returncode, bad.stdout) == (1, "")
        assert bad.stderr.startswith("raspc: error: 'z', the token at position 0")

    @pytest.mark.skipif(os.name != "posix", reason="pipes are POSIX's")
    def test_a_closed_pipe(self, tmp_path: Path):
        CompiledModel(identity()).save(tmp_path / "identity.onnx")
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "raspc.tools.cli", "inspect", str(tmp_path / "identity.onnx")]
        try:
            result = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, encoding="utf-8", check=False)
        finally:
            os.close(writer)
        assert (result.returncode, result.stderr) == (1, "")

    def test_an_encoding_without_the_tokens(self, tmp_path: Path):
        raspc.compile(rasp.tokens, ["ü", "日"], 2).save(tmp_path / "m.onnx")
        result = self.run("run", str(tmp_path / "m.onnx"), "日", env=os.environ | {"PYTHONIOENCODING": "ascii"})
        assert (result.returncode, result.stdout, result.stderr) == (0, "['\\u65e5']\n", "")


def test_summary_counts_the_bytes_that_were_written(command, tmp_path: Path):
    result = command("compile", "identity.py", "-o", "out.onnx")
    size = (tmp_path / "out.onnx").stat().st_size
    assert result.out.endswith(f" parameters, {size:,} bytes\n")
    onnx.checker.check_model(onnx.load(tmp_path / "out.onnx"), full_check=True)
