"""Mutants, how functions get their code, and the list of explained survivors."""

from __future__ import annotations

import json
from pathlib import Path

import libcst as cst
import pytest

from tests.mutation.explained import KINDS, explanation_of, explanations
from tests.mutation.mutants import ROOT, Mutant, count, mutant, mutants_of, names_of_lines, sample, scope
from tests.mutation.operators import mutations
from tests.mutation.reaching import Reach
from tests.mutation.swapping import ImportedError, all_functions, swap

STEPS = "raspc/algebra/steps.py"


def changes_of(text: str) -> set[str]:
    """What the operators make of a statement's outermost node."""
    statement = cst.parse_statement(text)
    assert isinstance(statement, cst.SimpleStatementLine | cst.If)
    if isinstance(statement, cst.If):
        return {cst.Module([each]).code.strip() for each in mutations(statement)}  # pyright: ignore[reportArgumentType]
    (expression,) = statement.body
    assert isinstance(expression, cst.Expr)
    module = cst.Module([])
    return {module.code_for_node(each) for each in mutations(expression.value)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", {"2", "0"}),
        ("0", {"1"}),
        ("True", {"False"}),
        ("not a", {"a"}),
        ("a and b", {"a or b", "(a)", "(b)"}),
        ("a + b", {"a - b"}),
        ("all(a)", {"any(a)"}),
        ("np.minimum(a, b)", {"np.maximum(a, b)"}),
        ("f(a)", set()),
        ("if a:\n    return", {"if False:\n    return"}),
        ("if a:\n    b()", set()),
        ("if a:\n    return\nelse:\n    b()", set()),
    ],
)
def test_operators_change(text: str, expected: set[str]):
    assert changes_of(text) == expected


def test_comparisons_move_by_one_boundary():
    comparison = cst.ensure_type(cst.parse_expression("a <= b"), cst.Comparison)
    (changed,) = mutations(comparison.comparisons[0])
    assert cst.Module([]).code_for_node(changed).strip() == "< b"


def test_every_mutant_is_another_program_that_compiles():
    source = (ROOT / STEPS).read_text(encoding="utf-8")
    for number in range(0, count(STEPS), 5):
        found = mutant(STEPS, number)
        before, after = found.change
        assert before != after
        assert before.splitlines()[0] in source
        compile(found.source, STEPS, "exec")
        assert found.lines[0] <= found.lines[1]


def test_a_sample_is_the_same_for_the_same_seed():
    def lines(seed: int) -> list[str]:
        return [each.name for each in sample([STEPS, "raspc/algebra/counting.py"], 12, seed)]

    assert lines(3) == lines(3)
    assert lines(3) != lines(4)
    assert len({*lines(3)}) > 6
    assert [each.name for each in sample([STEPS, "raspc/algebra/counting.py"], 5, 3)] == lines(3)[:5]


def test_exporters_are_not_in_scope():
    assert STEPS in scope()
    assert "raspc/passes/value_analysis/selectors.py" in scope()
    assert "raspc/lowering/to_onnx.py" not in scope()
    assert not any("runtime" in path for path in scope())


def test_lines_are_known_by_their_function():
    names = names_of_lines("x = 1\nclass A:\n    def f(self):\n        return 2\n\ny = 3\n")
    assert names[1:7] == ("", "A", "A.f", "A.f", "", "")


def test_a_constant_that_no_function_names_is_reached_with_its_file(tmp_path: Path):
    dtypes = "raspc/algebra/dtypes.py"
    places = [(dtypes, "DType.largest", "return 1"), (STEPS, "step_decoder", "return FLOAT32")]
    checks = {name: {"seconds": 1.0, "failed": None, "places": [n]} for n, name in enumerate(("of dtypes", "of steps"))}
    (tmp_path / "reach.json").write_text(json.dumps({"places": places, "checks": checks}), encoding="utf-8")
    reach = Reach(tmp_path / "reach.json")
    reached = {each.change[0].split()[0]: reach.of(each) for each in mutants_of(dtypes) if " = DType(" in each.name}
    assert reached == {"FLOAT16": {"of dtypes"}, "BFLOAT16": {"of dtypes"}, "FLOAT32": {"of steps"}}


def test_a_constant_of_several_lines_is_reached_where_it_is_used(tmp_path: Path):
    path = "raspc/passes/merge_constant.py"
    source = (ROOT / path).read_text(encoding="utf-8")
    old = 'EmbedOp: (("w_e", 1),'
    line = source[: source.index(old)].count("\n") + 1
    changed = Mutant(path, (line, line), source, source.replace(old, 'EmbedOp: (("w_e", 0),'))
    reach = Reach(tmp_path / "reach.json")
    reach.numbers = {
        (path, "_replace", "for name, axis in WRITES.get(type(op), ()):"): 0,
        (path, "_merge", "return"): 1,
    }
    reach.checks = {
        name: {"seconds": 0.1, "failed": None, "places": [number]} for number, name in enumerate(("uses", "other"))
    }
    assert reach.of(changed) == {"uses"}


SOURCE = """
LIMIT = 3

def below(x, strict=True):
    return x < LIMIT

def all_below(xs):
    return [x for x in xs if x < 7]

class A:
    bound = 4

    def inside(self, x):
        def inner(y):
            return y <= self.bound
        return inner(x)
"""


def test_functions_get_the_code_of_the_mutant(tmp_path: Path):
    filename = str(tmp_path / "module.py")
    names: dict[str, object] = {}
    exec(compile(SOURCE, filename, "exec"), names)
    below, all_below, inside = names["below"], names["all_below"], names["A"]().inside  # type: ignore[operator]
    assert callable(below)
    assert callable(all_below)
    functions = all_functions()
    swap(filename, SOURCE, SOURCE.replace("x < LIMIT", "x <= LIMIT"), functions)
    assert below(3)
    assert all_below([6, 7]) == [6]
    swap(filename, SOURCE, SOURCE.replace("x < 7", "x <= 7"), functions)
    assert all_below([6, 7]) == [6, 7]
    assert inside(4)
    swap(filename, SOURCE, SOURCE.replace("y <= self", "y < self"), functions)
    assert not inside(4)


@pytest.mark.parametrize(
    ("old", "new"), [("LIMIT = 3", "LIMIT = 4"), ("bound = 4", "bound = 5"), ("strict=True", "strict=False")]
)
def test_what_runs_at_import_is_not_swapped(old: str, new: str):
    with pytest.raises(ImportedError):
        swap("module.py", SOURCE, SOURCE.replace(old, new), {})


def test_survivors_are_explained_by_lines_that_exist():
    entries = explanations()
    for entry in entries:
        lines = [line.strip() for line in (ROOT / entry.path).read_text(encoding="utf-8").splitlines()]
        assert all(line in lines for line in entry.was.splitlines()), entry
        assert entry.kind in KINDS, entry
        assert len(entry.reason.split()) > 3, entry
    keys = [(entry.path, entry.was, entry.becomes) for entry in entries]
    assert len({*keys}) == len(keys)


def test_an_explanation_is_of_one_change():
    entry = next(entry for entry in explanations() if entry.becomes)
    source = (ROOT / entry.path).read_text(encoding="utf-8")
    changed = source.replace(entry.was, entry.becomes, 1)
    assert explanation_of(Mutant(entry.path, (1, 1), source, changed), [entry]) == entry
    assert explanation_of(Mutant(entry.path, (1, 1), source, source + "x = 1\n"), [entry]) is None
    assert explanation_of(Mutant(STEPS, (1, 1), source, changed), [entry]) is None
