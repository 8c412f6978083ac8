import re
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from raspc.errors import FormatError, ProgramError
from raspc.tools.program_file import load_program

HEADER = """\
from raspc import rasp
vocab = ["b", "a"]
max_seq_len = 4
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str, name: str = "prog.py") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text))
        return path

    return write


def test_fields(write):
    path = write(HEADER + "causal = True\nprogram = rasp.tokens\n", "my-prog.py")
    loaded = load_program(path)
    assert loaded.program(["a", "b"]) == ["a", "b"]
    assert loaded.name == "my_prog"
    assert loaded.vocab == ("b", "a")
    assert loaded.max_seq_len == 4
    assert loaded.causal is True


def test_causal_is_false_by_default(write):
    assert load_program(write(HEADER + "program = rasp.indices")).causal is False


def test_arguments_override_the_file(write):
    path = write(HEADER + "program = rasp.tokens")
    loaded = load_program(path, vocab=[3, 1, 2], max_seq_len=7, causal=True)
    assert (loaded.vocab, loaded.max_seq_len, loaded.causal) == ((3, 1, 2), 7, True)


def test_arguments_stand_in_for_what_the_file_lacks(write):
    loaded = load_program(write("from raspc import rasp\nprogram = rasp.tokens"), vocab=[1], max_seq_len=2)
    assert (loaded.vocab, loaded.max_seq_len) == ((1,), 2)


@pytest.mark.parametrize(
    ("body", "file", "pick", "name", "result"),
    [
        ("program = rasp.tokens\nprog = rasp.indices\nother = rasp.length", "prog.py", "", "prog", ["a", "b"]),
        ("prog = rasp.indices\nother = rasp.indices + 1", "prog.py", "", "prog", [0, 1]),
        ("other = rasp.indices + 1\nother_name = other", "prog.py", "", "other", [1, 2]),
        ("_helper = rasp.indices\nother = _helper + 1", "prog.py", "", "other", [1, 2]),
        ("from raspc.rasp import indices, tokens\nother = indices + 1", "prog.py", "", "other", [1, 2]),
        ("program = rasp.tokens\nother = rasp.indices", "prog.py", ":other", "other", [0, 1]),
        ("program = rasp.tokens\n_helper = rasp.indices", "prog.py", ":_helper", "_helper", [0, 1]),
    ],
)
def test_which_sop_is_the_program(write, body: str, file: str, pick: str, name: str, result: list[object]):
    loaded = load_program(f"{write(HEADER + body, file)}{pick}")
    assert loaded.name == name
    assert loaded.program(["a", "b"]) == result


def test_a_file_with_a_colon_in_its_name(write):
    path = write(HEADER + "program = rasp.tokens", "a.py:b")
    assert load_program(path).name == "a"


def test_a_file_can_import_its_neighbours(write):
    write("one = 1", "raspc_test_neighbour.py")
    path = list(sys.path)
    loaded = load_program(write(HEADER + "from raspc_test_neighbour import one\nprogram = rasp.indices + one"))
    assert loaded.program(["a", "b"]) == [1, 2]
    assert sys.path == path


def test_a_file_can_define_dataclasses(write):
    body = "from __future__ import annotations\n" + HEADER
    body += "from dataclasses import dataclass\n@dataclass\nclass Point:\n    x: int\n"
    assert load_program(write(body + "program = rasp.indices + Point(1).x")).program(["a"]) == [1]


@pytest.mark.parametrize(
    ("vocab", "result"),
    [
        ("('b', 'a')", ("b", "a")),
        ("{'c', 'a', 'b'}", ("a", "b", "c")),
        ("frozenset({2, 1})", (1, 2)),
        ("range(3)", (0, 1, 2)),
        ("[(1, 'a'), 0.5, True]", ((1, "a"), 0.5, True)),
    ],
)
def test_vocabularies(write, vocab: str, result: tuple[object, ...]):
    loaded = load_program(write(f"{HEADER}vocab = {vocab}\nprogram = rasp.tokens"))
    assert repr(loaded.vocab) == repr(result)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # It doesn't run.
        ("x = 1\nx = = 2", ":5: not valid Python: invalid syntax"),
        ("x = '\0'", "not valid Python"),
        ("def f():\n    return 1 / 0\n\nprogram = f()", ":5: ZeroDivisionError: division by zero"),
        ("import raspc_no_such_module", ":4: ModuleNotFoundError: No module named 'raspc_no_such_module'"),
        ("raise SystemExit(0)", ":4: the file exits instead"),
        # It defines no s-op, or several.
        ("", "defines no s-op at module level"),
        ("from raspc.rasp import tokens", "defines no s-op at module level"),
        ("a = rasp.indices\nb = rasp.indices + 1\nc = rasp.indices + 2", "s-ops are b, c"),
        ("program = 3", "'program' is not an s-op but of type int"),
        (
            "program = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)",
            "'program' is not an s-op but a selector",
        ),
        # The vocabulary.
        ("program = rasp.tokens\ndel vocab", "defines no vocabulary.*--vocab"),
        ("program = rasp.tokens\nvocab = 'abc'", r"must be a list of tokens, and is 'abc'.*write list\('abc'\)"),
        ("program = rasp.tokens\nvocab = {'a': 1}", "must be a list of tokens, and is {'a': 1} of type dict"),
        ("program = rasp.tokens\nvocab = []", "`vocab` is empty"),
        ("program = rasp.tokens\nvocab = [1, 2, 1]", "contains 1 twice"),
        ("program = rasp.tokens\nvocab = [1, 2, True]", "contains 1 as 1 and as True, which are equal"),
        ("program = rasp.tokens\nvocab = ['a', None]", "contains None, which stands for undefined"),
        ("program = rasp.tokens\nvocab = ['a', ['b']]", r"\['b'\] of type list is not a RASP value"),
        ("program = rasp.tokens\nvocab = [float('nan')]", "NaN is not a RASP value"),
        # The other settings.
        ("program = rasp.tokens\ndel max_seq_len", "defines no maximum length.*--max-seq-len"),
        ("program = rasp.tokens\nmax_seq_len = 0", "`max_seq_len` must be a positive integer, and is 0"),
        ("program = rasp.tokens\nmax_seq_len = True", "`max_seq_len` must be a positive integer, and is True"),
        ("program = rasp.tokens\nmax_seq_len = 4.0", "`max_seq_len` must be a positive integer, and is 4.0"),
        ("program = rasp.tokens\ncausal = 1", "`causal` must be True or False, and is 1"),
    ],
)
def test_a_bad_file_is_one_clear_message(write, body: str, message: str):
    path = write(HEADER + body)
    with pytest.raises(FormatError, match=f"(?s){message}") as caught:
        load_program(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file(tmp_path: Path):
    with pytest.raises(FormatError, match="there is no such file"):
        load_program(tmp_path / "missing.py")
    with pytest.raises(FormatError, match=re.escape(f"{tmp_path / 'missing.py'}: there is no such file")):
        load_program(f"{tmp_path / 'missing.py'}:name")


def test_a_directory(tmp_path: Path):
    with pytest.raises(FormatError, match="can't be read"):
        load_program(tmp_path)


def test_a_name_that_is_not_there(write):
    path = write(HEADER + "program = rasp.tokens\nx = 3")
    with pytest.raises(FormatError, match="no s-op named 'other'; the file's s-ops are program"):
        load_program(f"{path}:other")
    with pytest.raises(FormatError, match="'x' is not an s-op but of type int"):
        load_program(f"{path}:x")


def test_an_expression_that_rasp_does_not_have(write):
    path = write(HEADER + "x = 1\nprogram = rasp.Select(rasp.tokens, 'x', 'y')")
    with pytest.raises(ProgramError, match=re.escape(f"{path}:5: ")) as caught:
        load_program(path)
    assert str(caught.value).count(str(path)) == 1


def test_a_condition_on_an_sop(write):
    path = write(HEADER + "x = 1\nprogram = rasp.tokens if rasp.tokens == 'a' else 2")
    with pytest.raises(ProgramError, match=re.escape(f"{path}:5: ")):
        load_program(path)


def test_bad_arguments(write):
    path = write(HEADER + "program = rasp.tokens")
    with pytest.raises(FormatError, match="the given vocabulary is empty"):
        load_program(path, vocab=[])
    with pytest.raises(FormatError, match="the given maximum length must be a positive integer, and is 0"):
        load_program(path, max_seq_len=0)
