import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from raspc import universe
from raspc.algebra.functions import Affine
from raspc.dialects.rasp import MapOp, ReturnOp
from raspc.tools import rasp_opt

PREVIOUS = """
from raspc import rasp
vocab = ["a", "b"]
max_seq_len = 3
before = rasp.Select(rasp.indices, rasp.indices, lambda key, query: key == query - 1)
previous = rasp.Aggregate(before, rasp.tokens)
length = rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE))
"""

OPAQUE = """
from raspc import rasp
names = {"a": "Ann", "b": "Bob"}
vocab = ["a", "b"]
max_seq_len = 3
named = rasp.Map(names.get, rasp.tokens)
"""

MEANINGLESS = """
from raspc import rasp
vocab = [1, "a"]
max_seq_len = 2
program = rasp.Map(lambda x: x.upper(), rasp.tokens)
"""

DOUBTFUL = """
from raspc import rasp
vocab = [1, "a"]
max_seq_len = 2
everything = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE)
itself = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.EQ)
doubtful = rasp.Aggregate(everything, rasp.Aggregate(itself, rasp.tokens))
"""


def program(body: str = "", *, result: str = "%t", vocab: str = "[1, 2]", max_seq_len: int = 2) -> str:
    """A rasp program with the tokens `%t` and a body."""
    lines = ["%t = rasp.tokens : ?", *body.splitlines(), f"rasp.return {result}"]
    indented = "".join(f"  {line.strip()}\n" for line in lines if line.strip())
    return f"rasp.program @program vocab {vocab} max_seq_len {max_seq_len} {{\n{indented}}}\n"


def constant(value: str) -> str:
    return program(f"%c = rasp.constant {value} : ?", result="%c")


def mapped(function: str) -> str:
    return program(f"%m = rasp.map(%t) {function} : ?", result="%m")


HEAD = (
    "craft.head {layer}query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity) "
    'bos [0, 0] score 0.5 temperature 100.0 : "h" [1, 2]'
)


def model(body: str) -> str:
    """A craft model with the tokens `%t` and a body that ends in `%h`."""
    return (
        "craft.model @model vocab [1, 2] max_seq_len 2 {\n"
        f'  %t = craft.embed_tokens : "t" [1, 2]\n  {body}\n  craft.unembed %h\n}}\n'
    )


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs rasp-opt in a directory with a few program files."""
    programs = {"previous": PREVIOUS, "opaque": OPAQUE, "meaningless": MEANINGLESS, "doubtful": DOUBTFUL}
    for name, text in programs.items():
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "tokens.mlir").write_text(program())
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        status = rasp_opt.main(arguments)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return run


def message(result: Result) -> str:
    """The one message of a run that must have failed."""
    assert result.status == 1
    assert result.out == ""
    assert result.err.startswith("rasp-opt: error: ")
    assert result.err.count("error:") == 1
    assert "Traceback" not in result.err
    assert len(result.err) < 2_000
    return result.err.removeprefix("rasp-opt: error: ")


def output(result: Result) -> str:
    assert result.err == ""
    assert result.status == 0
    return result.out


class TestBadFiles:
    def test_missing_file(self, command: Command):
        assert "missing.mlir" in message(command("missing.mlir"))

    def test_missing_program_file(self, command: Command):
        assert message(command("missing.py")) == "missing.py: there is no such file\n"

    @pytest.mark.parametrize("name", ["directory.mlir", "directory.py"])
    def test_directory(self, command: Command, name: str):
        Path(name).mkdir()
        found = message(command(name))
        assert name in found
        assert "directory" in found.replace(name, "").lower()

    def test_empty_file(self, command: Command):
        Path("empty.mlir").write_text("")
        assert "empty.mlir" in message(command("empty.mlir"))

    @pytest.mark.parametrize(
        "data",
        [bytes(range(256)) * 16, b"\x00" * 100, b"rasp.program @\xff", "rasp.program".encode("utf-16")],
        ids=["garbage", "zeros", "latin-1", "utf-16"],
    )
    def test_binary_file(self, command: Command, data: bytes):
        Path("binary.mlir").write_bytes(data)
        assert "binary.mlir" in message(command("binary.mlir"))

    def test_binary_program_file(self, command: Command):
        Path("binary.py").write_bytes(bytes(range(256)))
        assert "binary.py" in message(command("binary.py"))

    @pytest.mark.parametrize("name", ["text.txt", "no_suffix"])
    def test_unknown_suffix(self, command: Command, name: str):
        Path(name).write_text(program())
        assert name in message(command(name))

    def test_unknown_suffix_with_a_frontend(self, command: Command):
        Path("text.txt").write_text(program())
        assert "rasp.tokens" in output(command("text.txt", "-f", "mlir"))


class TestMalformedModules:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("rasp.program @program {", "Expected 'vocab'"),
            (program("%m = rasp.map(%t"), "file.mlir:4:3"),
            (program("%m = rasp.mop(%t) eq : ?"), "rasp.mop"),
            ('"unknown.op"() : () -> ()', "unknown.op"),
            (program("%m = rasp.map(%t) eq : ?"), "rasp.map: the function takes 2 operands, found 1"),
            (program("%m = rasp.map(%u) eq : ?"), "%u is used before it is defined"),
            (program(vocab="[]"), "a vocabulary needs at least one value"),
            (program(vocab="0 to 99999999999"), "a range"),
            (program(vocab="4 to 0"), "a range"),
            (program(max_seq_len=10**20), "max_seq_len must be"),
            (constant("9" * 5000), "file.mlir: line 3: a number has more than 4300 digits"),
            (constant("1.0e400"), "file.mlir:3:22"),
            (constant("nan"), "file.mlir:3:22"),
            (constant("(" * 10_000 + ")" * 10_000), "nested"),
            (mapped('"x -> ' + "(" * 10_000 + "x" + ")" * 10_000 + '"'), "too long"),
            (mapped('"x -> ' + "(" * 4_000 + "x" + ")" * 4_000 + '"'), "file.mlir:3"),
            (mapped('"x -> ' + "-" * 5_000 + 'x"'), "too deeply nested"),
            (mapped("\"x -> __import__('os')\""), "__import__ can't be called here"),
            (mapped('"x -> x.__class__"'), "expressions don't have Attribute"),
            (mapped('"x -> [y for y in x]"'), "expressions don't have ListComp"),
            (mapped('"x -> (lambda: x)()"'), "file.mlir:3"),
            (mapped("table (0 to 10000000, 0 to 10000000) -> [1]"), "table"),
            ('"builtin.module"() ({' * 5_000, "nested"),
        ],
        ids=lambda text: text[:20] if len(text) < 60 else None,
    )
    def test_one_message(self, command: Command, text: str, expected: str):
        Path("file.mlir").write_text(text)
        assert expected in message(command("file.mlir"))

    def test_a_caret_points_at_what_is_wrong(self, command: Command):
        Path("file.mlir").write_text(program("%m = rasp.map(%t) equals : ?"))
        lines = message(command("file.mlir")).splitlines()
        assert lines[0] == "file.mlir:3:21"
        assert lines[1].index("equals") == lines[2].index("^") == 20

    @pytest.mark.parametrize(
        ("weights", "expected"),
        [
            ("dense<[[0.0, 0.0], [1.0, 0.0]]>", "Shape mismatch"),
            ('dense<"0x0000803F0000803F0000803F">', "Shape mismatch"),
            ('dense<"0x00">', "file.mlir:2"),
            ("dense<>", "file.mlir:2"),
            ('dense<"0x0000C07F0000C07F">', "not a finite number"),
        ],
    )
    def test_dense_of_the_wrong_size(self, command: Command, weights: str, expected: str):
        Path("file.mlir").write_text(
            'transformer.model @m(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual ["bos"] {\n'
            f"  %x = transformer.embed %ids w_e({weights} : tensor<2x1xf32>) w_pos(dense<0.0> : tensor<2x1xf32>) "
            ": tensor<?x?x1xf32>\n"
            "  transformer.return %x : tensor<?x?x1xf32>\n}\n"
        )
        assert expected in message(command("file.mlir"))


def test_a_huge_length_is_refused_before_anything_is_made_of_it(command: Command):
    body = program("%i = rasp.indices : 0 to 4", result="%i", max_seq_len=10**12)
    Path("file.mlir").write_text(body)
    assert "max_seq_len must be from 1 to" in message(command("file.mlir"))


@pytest.mark.parametrize("name", ["vocab", "max_seq_len"])
def test_a_program_in_generic_form_without_a_property(command: Command, name: str):
    text = output(command("tokens.mlir", "-p", "infer-values", "--print-op-generic"))
    Path("file.mlir").write_text(re.sub(rf", {name} = #[^<]*<(\[[^]]*\]|\d+)>", "", text, count=1))
    assert name in message(command("file.mlir"))


class TestHostileExpressions:
    @pytest.mark.parametrize(
        "body", ["9**9**9**9", "'a' * 10**9", "(x,) * 10**9", "10**9 * 'a'", "'%999999999d' % x", "1 << 10**9"]
    )
    def test_a_huge_value_is_refused_and_not_undefined(self, command: Command, body: str):
        Path("file.mlir").write_text(mapped(f'"x -> {body}"'))
        found = message(command("file.mlir", "-p", "infer-values"))
        assert re.match(r"'m': .* can't be evaluated on 1: .* would be larger than \d+ bits or \d+ characters", found)


class TestBadOptions:
    @pytest.mark.parametrize(
        ("passes", "expected"),
        [
            ("infer-value", "infer-value"),
            ("O9", "O9"),
            ("infer-values,nothing,schedule-layers", "nothing"),
            ("infer-values{strict=maybe}", "maybe"),
            ("infer-values{loose=true}", "loose"),
            ("infer-values{strict", "infer-values{strict"),
            ("infer-values{strict=true,loose=true}", "infer-values"),
            ("O0{strict=true}", "O0"),
            (",,", ",,"),
        ],
    )
    def test_passes(self, command: Command, passes: str, expected: str):
        assert expected in message(command("tokens.mlir", "-p", passes))

    @pytest.mark.parametrize("target", ["{", "onnx-text{a=1}"])
    def test_targets(self, command: Command, target: str):
        message(command("tokens.mlir", "-p", "O0", "-t", target))

    def test_a_target_needs_its_dialect(self, command: Command):
        assert "transformer.model" in message(command("tokens.mlir", "-t", "onnx-text"))

    @pytest.mark.parametrize("options", [["--vocab", "1,2,3"], ["--max-seq-len", "7"], ["--causal"]])
    def test_options_for_programs_need_a_program(self, command: Command, options: list[str]):
        assert options[0] in message(command("tokens.mlir", *options))

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--vocab", ""], "empty"),
            (["--vocab", "a,,b"], "empty"),
            (["--vocab", "a,a"], "twice"),
            (["--max-seq-len", "0"], "positive"),
            (["--max-seq-len", "-1"], "positive"),
        ],
    )
    def test_options_for_programs(self, command: Command, options: list[str], expected: str):
        assert expected in message(command("previous.py", *options))

    @pytest.mark.parametrize(
        "arguments",
        [["--max-seq-len", "x"], ["--nothing"], ["-t", "nothing"], ["-f", "nothing"], ["tokens.mlir"]],
    )
    def test_usage(self, command: Command, capsys: pytest.CaptureFixture[str], arguments: list[str]):
        with pytest.raises(SystemExit) as exit_:
            command("tokens.mlir", *arguments)
        assert exit_.value.code == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("error: ") == 1


class TestPassesInTheWrongOrder:
    @pytest.mark.parametrize(
        ("body", "passes", "expected"),
        [
            ("", "materialize-attention", "run the pass infer-values first"),
            ("", "infer-encodings", "run the pass infer-values first"),
            ("", "materialize-mlp", "run the pass infer-values first"),
            ("", "infer-values,materialize-attention", "run the pass"),
            ('%m = rasp.map(%t) "x -> x" : ?', "infer-values,infer-encodings,materialize-attention", "materialize-mlp"),
            ("%m = rasp.length : ?", "infer-values,infer-encodings,materialize-attention", "materialize-mlp"),
            (
                "%s = rasp.select %t, %t eq\n%n = rasp.selector_not %s\n%m = rasp.aggregate %n, %t : ?",
                "infer-values,infer-encodings,materialize-attention",
                "'n': rasp.selector_not is not lowered\n  help: run the pass materialize-mlp",
            ),
            (
                '%s = rasp.select %t, %t "k, q -> k == q"\n%n = rasp.selector_not %s\n%m = rasp.aggregate %n, %t : ?',
                "legalize-selectors",
                "run the pass infer-values first",
            ),
            (
                "%i = rasp.indices : ?\n%s = rasp.select %t, %t eq\n%z = rasp.select %i, %i eq\n"
                "%o = rasp.selector_or %s, %z\n%m = rasp.aggregate %o, %t : ?",
                "legalize-selectors",
                "run the pass infer-values first",
            ),
        ],
    )
    def test_rasp(self, command: Command, body: str, passes: str, expected: str):
        Path("file.mlir").write_text(program(body, result="%m" if body else "%t"))
        assert expected in message(command("file.mlir", "-p", passes))

    @pytest.mark.parametrize("name", ["fuse-heads", "assemble-transformer"])
    def test_unscheduled_head(self, command: Command, name: str):
        Path("file.mlir").write_text(model(f"%h = {HEAD.format(layer='')}"))
        assert message(command("file.mlir", "-p", name)) == (
            "'h': craft.head has no layer\n  help: run the pass schedule-layers first\n"
        )

    @pytest.mark.parametrize("name", ["fuse-mlps", "assemble-transformer"])
    def test_unscheduled_perceptron(self, command: Command, name: str):
        body = '%h = craft.mlp (%t) w_in(2 by 2 identity) bias [0, 0] w_out(2 by 2 identity) : "h" [1, 2]'
        Path("file.mlir").write_text(model(body))
        assert "'h': craft.mlp has no layer" in message(command("file.mlir", "-p", name))

    @pytest.mark.parametrize(
        "name", ["schedule-layers", "balance-layers", "fuse-heads", "fuse-mlps", "assemble-transformer"]
    )
    def test_passes_on_craft_leave_a_rasp_program_alone(self, command: Command, name: str):
        assert output(command("tokens.mlir", "-p", name)) == output(command("tokens.mlir"))


class TestProgramFiles:
    def test_names_and_locations(self, command: Command):
        out = output(command("previous.py"))
        assert 'rasp.program @previous vocab ["a", "b"] max_seq_len 3 {' in out
        assert '%before = rasp.select %indices, %indices "key, query -> key == query - 1"' in out
        assert "%previous = rasp.aggregate %before, %tokens : ?" in out
        assert "previous.py" in output(command("previous.py", "--print-debuginfo"))

    def test_another_sop_of_the_file(self, command: Command):
        out = output(command("previous.py:length"))
        assert "rasp.program @length" in out
        assert 'names {length_ = "length"}' in out
        assert "%length_ = rasp.selector_width" in out
        assert "%previous" not in out

    @pytest.mark.parametrize(
        ("name", "expected"), [("before", "is not an s-op but a selector"), ("nothing", "there is no s-op named")]
    )
    def test_no_such_sop(self, command: Command, name: str, expected: str):
        assert expected in message(command(f"previous.py:{name}"))

    def test_vocab(self, command: Command):
        assert 'vocab [1, "x", "y z"] max_seq_len 3 {' in output(command("previous.py", "--vocab", "x,1,y z"))

    def test_max_seq_len(self, command: Command):
        assert 'vocab ["a", "b"] max_seq_len 9 {' in output(command("previous.py", "--max-seq-len", "9"))

    def test_causal(self, command: Command):
        assert "max_seq_len 3 causal {" in output(command("previous.py", "--causal"))
        masks = [output(command("previous.py", *option, "-p", "O0")) for option in ([], ["--causal"])]
        assert ["transformer.attention_mask %padding causal" in mask for mask in masks] == [False, True]

    def test_an_opaque_function_becomes_a_table(self, command: Command):
        assert "infer-values" in message(command("opaque.py"))
        assert 'table (["a", "b"]) -> ["Ann", "Bob"] : ["Ann", "Bob"]' in output(
            command("opaque.py", "-p", "infer-values")
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "defines no s-op"),
            ("vocab = [1]\nmax_seq_len = 2\n", "defines no s-op"),
            ("from raspc import rasp\np = rasp.tokens + 1\nmax_seq_len = 2\n", "defines no vocabulary"),
            ("from raspc import rasp\np = rasp.tokens + 1\nvocab = [1]\n", "defines no maximum length"),
            ("x = (\n", "file.py:1: not valid Python"),
            ("\n1 / 0\n", "file.py:2: ZeroDivisionError: division by zero"),
            ("import sys\nsys.exit(3)\n", "file.py:2: the file exits"),
            ("from raspc import rasp\n\np = rasp.Select(1, 2, 3)\n", "file.py:3"),
        ],
    )
    def test_bad_programs(self, command: Command, text: str, expected: str):
        Path("file.py").write_text(text)
        assert expected in message(command("file.py"))

    def test_a_program_without_a_meaning_is_refused_with_its_line(self, command: Command):
        found = message(command("meaningless.py", "-p", "O0"))
        assert found.startswith("meaningless.py:5: 'program': ")
        assert "'int' object has no attribute 'upper'" in found
        assert "help: " in found

    def test_a_doubtful_program_warns_once(self, command: Command):
        result = command("doubtful.py", "-p", "O0")
        assert result.status == 0
        assert result.out.startswith("builtin.module {\n  transformer.model @doubtful")
        assert result.err == (
            "rasp-opt: warning: doubtful.py:7: 'doubtful': assumed to have a meaning on every input: "
            "an aggregate over 1, 'a' may have no mean, for example on [1, 'a']\n"
        )

    def test_a_doubtful_program_is_refused_with_strict(self, command: Command):
        found = message(command("doubtful.py", "-p", "infer-values{strict=true}"))
        assert found.startswith("doubtful.py:7: 'doubtful': it can't be proved")

    def test_what_a_program_prints_is_not_in_the_output(self, command: Command):
        Path("talking.py").write_text(f"print('hello')\n{PREVIOUS}previous_again = previous\nprogram = previous\n")
        result = command("talking.py")
        assert result.status == 0
        assert result.out.startswith("builtin.module {")
        assert "hello" in result.err

    def test_a_long_chain(self, command: Command):
        header = "from raspc import rasp\nvocab = [1]\nmax_seq_len = 2\n"
        Path("chain.py").write_text(header + "p = rasp.tokens\nfor _ in range(2000):\n    p = p + 1\n")
        assert output(command("chain.py", "-p", "infer-values")).count("rasp.map") == 2000

    def test_interruption(self, command: Command):
        Path("interrupted.py").write_text("raise KeyboardInterrupt\n")
        assert command("interrupted.py") == Result(130, "", "")

    def test_standard_input_is_no_program_file(self, command: Command):
        assert "standard input" in message(command("-f", "py"))


class TestOutputFile:
    def test_equals_standard_output(self, command: Command):
        expected = output(command("previous.py", "-p", "O0"))
        assert output(command("previous.py", "-p", "O0", "-o", "new.mlir")) == ""
        assert Path("new.mlir").read_text() == expected
        assert output(command("new.mlir")) == expected

    def test_an_existing_file_is_replaced(self, command: Command):
        Path("old.mlir").write_text("old")
        assert output(command("tokens.mlir", "-o", "old.mlir")) == ""
        assert Path("old.mlir").read_text() == output(command("tokens.mlir"))

    @pytest.mark.parametrize(
        "arguments",
        [
            ["meaningless.py", "-p", "O0"],
            ["tokens.mlir", "-p", "infer-encodings"],
            ["tokens.mlir", "-t", "onnx-text"],
            ["opaque.py"],
            ["missing.mlir"],
        ],
        ids=" ".join,
    )
    def test_an_old_file_survives_a_failure(self, command: Command, arguments: list[str]):
        before = sorted(path.name for path in Path().iterdir())
        Path("old.mlir").write_text("old")
        message(command(*arguments, "-o", "old.mlir"))
        assert Path("old.mlir").read_text() == "old"
        assert sorted(path.name for path in Path().iterdir()) == sorted([*before, "old.mlir"])

    def test_the_input_file(self, command: Command):
        expected = output(command("tokens.mlir", "-p", "infer-values"))
        assert output(command("tokens.mlir", "-p", "infer-values", "-o", "tokens.mlir")) == ""
        assert Path("tokens.mlir").read_text() == expected

    @pytest.mark.parametrize("name", ["missing/new.mlir", "directory"])
    def test_a_file_that_cannot_be_written(self, command: Command, name: str):
        Path("directory").mkdir()
        found = message(command("tokens.mlir", "-o", name))
        assert name in found
        assert ".tmp" not in found
        assert sorted(Path("directory").iterdir()) == []

    def test_no_half_written_output(self, command: Command):
        """A chunk that fails leaves nothing of those before it, on standard output either."""
        Path("file.mlir").write_text(f"{program()}// -----\n{program(vocab='[]')}")
        message(command("file.mlir", "--split-input-file"))


class TestStatistics:
    def test_a_table_stands_on_standard_error(self, command: Command):
        result = command("previous.py", "-p", "infer-values,legalize-selectors", "--stats")
        assert result.status == 0
        assert result.out == output(command("previous.py", "-p", "infer-values,legalize-selectors"))
        header, *rows = result.err.splitlines()
        assert header.split()[:3] == ["pass", "s-ops", "selectors"]
        assert [row.split()[:3] for row in rows] == [["infer-values", "3", "1"], ["legalize-selectors", "3", "1"]]

    def test_each_module_of_a_file_has_a_table(self, command: Command):
        Path("file.mlir").write_text(f"{program()}// -----\n{program('%c = rasp.constant 1 : ?', result='%c')}")
        result = command("file.mlir", "--split-input-file", "-p", "infer-values", "--stats")
        assert result.status == 0
        first, second = result.err.split("// -----\n")
        assert [table.splitlines()[1].split()[0] for table in (first, second)] == ["infer-values"] * 2

    def test_the_driver_still_verifies_and_prints_between_passes(self, command: Command):
        result = command("tokens.mlir", "-p", "infer-values,infer-encodings", "--stats", "--print-between-passes")
        assert "IR after infer-values:" in result.out
        assert len(result.err.splitlines()) == 3

    def test_a_failure_has_no_table(self, command: Command):
        message(command("meaningless.py", "-p", "O0", "--stats"))


@dataclass(frozen=True)
class NegatePass(ModulePass):
    """Negates the output of a program."""

    name = "negate"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for end in [each for each in op.walk() if isinstance(each, ReturnOp)]:
            negated = MapOp([end.value], Affine((-1,)))
            Rewriter().insert_op(negated, InsertPoint.before(end))
            end.operands[0] = negated.result


class TestCheckingSemantics:
    def test_right_passes_print_what_they_print_otherwise(self, command: Command):
        arguments = ("previous.py", "-p", "O2")
        assert output(command(*arguments, "--check-semantics")) == output(command(*arguments))

    def test_a_wrong_pass_is_named(self, command: Command, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setitem(universe.PASSES, "negate", lambda: NegatePass)
        assert command("tokens.mlir", "-p", "infer-values,negate").status == 0
        found = message(command("tokens.mlir", "-p", "infer-values,negate,infer-values", "--check-semantics"))
        assert found == "the pass negate changes what @program means on [1]\n  expected: [1]\n  found: [-1]\n"

    def test_it_goes_with_the_other_callbacks(self, command: Command):
        arguments = ("-p", "infer-values,infer-encodings", "--stats", "--print-between-passes", "--check-semantics")
        result = command("tokens.mlir", *arguments)
        assert "IR after infer-values:" in result.out
        assert len(result.err.splitlines()) == 3

    def test_a_module_without_a_program(self, command: Command):
        Path("empty.mlir").write_text("builtin.module {}")
        assert "there is nothing to run" in message(command("empty.mlir", "--check-semantics"))


class TestLargeNumbers:
    """xDSL prints 12345678.0 as the hexadecimal of its bits, which its parser takes for an integer."""

    @pytest.fixture
    def compiled(self, command: Command) -> str:
        Path("file.mlir").write_text(program('%m = rasp.map(%t) "x -> 12345678 * x" : numerical ?', result="%m"))
        return output(command("file.mlir", "-p", "O0"))

    def test_round_trip(self, command: Command, compiled: str):
        assert "1.2345678e+07" in compiled
        Path("compiled.mlir").write_text(compiled)
        assert output(command("compiled.mlir")) == compiled

    def test_the_generic_form_cannot_hold_them(self, command: Command, compiled: str):
        Path("compiled.mlir").write_text(compiled)
        assert "generic form" in message(command("compiled.mlir", "--print-op-generic"))


def test_version(command: Command, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as exit_:
        command("--version")
    assert exit_.value.code == 0
    assert re.fullmatch(r"rasp-opt \d+\.\d+\.\d+\S*, built on xDSL \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_the_same_bytes_each_time(command: Command):
    runs = [output(command("previous.py", "-p", "O0")) for _ in range(2)]
    assert runs[0] == runs[1]


def test_standard_input(command: Command, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(program().encode())))
    assert output(command("-p", "infer-values")) == output(command("tokens.mlir", "-p", "infer-values"))
