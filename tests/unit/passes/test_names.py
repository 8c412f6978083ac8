"""Names of a user's s-ops: through the pipelines, printed and parsed, in labels and in messages."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation
from xdsl.passes import ModulePass

import raspc
from raspc.algebra.labels import parts_of, quoted_name
from raspc.algebra.values import Value
from raspc.compat.tracr.compiler.compiling import compile_rasp_to_model
from raspc.compiler import run_pipeline
from raspc.dialects.craft.attributes import SubspaceType, decode_vectors
from raspc.errors import CompileError, MeaningError
from raspc.passes.names import hints_for, is_hint
from raspc.rasp import Aggregate, Comparison, Full, Map, Select, SelectorWidth, SOp, indices, length, library, tokens
from raspc.rasp.entry import build_module
from raspc.rasp.interpreter import in_order
from raspc.runtime.craft_interpreter import CraftFunctions, model_of
from raspc.runtime.load import load
from raspc.runtime.model import CompiledModel
from raspc.runtime.parsing import parse_text
from raspc.runtime.rasp_interpreter import run_program
from raspc.tools.inspection import model_facts

PIPELINES = ("O0", "O1", "O2", "O3")
STRANGE = (
    *("t_1", "t_1_2", "_x", "x_", "my name", 'say "hi"', "größe", "日本", "a:b", "a | b", "1", "1st", "bos", "one"),
    *("if", "none", "to", "tuple", "length_inverse", "sequence_map", "tokens", "indices", "x.y", "x-y", "$", "%x"),
    *("two\nlines", "\ud800", "\\", "map", "aggregate", "all", "length", "value_1", "selector_width_inverse", "bos_"),
)
UP_TO_HERE = Select(indices, indices, Comparison.LEQ)


def names_of(labels: tuple[str, ...] | list[str]) -> set[str]:
    return {name for label in labels for name, _ in parts_of(label)}


def share_of(token: int, name: str) -> SOp:
    """How many of the positions so far have a token: a mean, for which every model has a direction."""
    return Aggregate(UP_TO_HERE, tokens == token).named(name)


def combined(*names: str) -> SOp:
    """Means with these names, one for each token from 0 on, and what is greatest of the first two and the last."""
    shares = [share_of(token, name) for token, name in enumerate(names)]
    found = shares[0] > 0.5
    for share in shares[1:]:
        found = found | (share > 0.5)
    return found.named("decided")


@pytest.mark.parametrize("name", STRANGE)
def test_a_name_is_kept_to_the_letter_in_text_and_labels(name: str):
    program = combined(name, f"{name}_")
    module = build_module(program, [0, 1, 2], 3)
    run_pipeline(module, "O0")
    assert {name, f"{name}_"} <= names_of(CompiledModel(module).residual_labels)
    assert str(parse_text(str(module), "text")) == str(module)
    for pass_name, text in stages(program, "O0").items():
        assert str(parse_text(text, pass_name)) == text, pass_name


def stages(program: SOp, pipeline: str) -> dict[str, str]:
    """The text of the module behind each pass that can be printed."""
    found: dict[str, str] = {}

    def record(previous: object, module: object, following: object) -> None:
        if previous is not None:
            found[previous.name] = str(module)  # type: ignore[attr-defined]

    raspc.compile(program, [0, 1, 2], 3, pipeline=pipeline, on_pass=record)
    return found


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("uniform", [False, True])
def test_numbered_names_are_those_of_their_own_s_ops(pipeline: str, uniform: bool):
    if uniform and pipeline in ("O0", "O1"):
        pytest.skip("they have no layers to balance")
    model = raspc.compile(combined("t_1", "t_2"), [0, 1, 2], 3, pipeline=pipeline, uniform=uniform)
    assert {"t_1", "t_2"} <= names_of(model.residual_labels)
    assert "t" not in names_of(model.residual_labels)
    trace = model.trace([0, 1, 1])
    stage = next(each for each in trace.residual_stream if each.name.endswith("attention"))
    assert stage["t_1"][1:] == pytest.approx([1, 1 / 2, 1 / 3], abs=1e-5)
    assert stage["t_2"][1:] == pytest.approx([0, 1 / 2, 2 / 3], abs=1e-5)
    assert re.search(r"layer \d attention  writes t_1, t_2", repr(trace))
    assert {"residual: t_1", "residual: t_2"} <= {fact for fact, _ in model_facts(model)}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_generated_name_is_never_the_users(pipeline: str):
    """The user's `length_inverse` and the others are folded away: what is called so would be something else."""
    count = SelectorWidth(UP_TO_HERE & Select(tokens, Full(1), Comparison.EQ)).named("count")
    inverse = Map(lambda n: 1 / (n + 1), count).named("count_inverse")
    attenuated = (inverse > 0.3).named("count_attenuated")
    program = Map(lambda x: not x, attenuated).named("one")
    model = raspc.compile(program, [0, 1, 2], 4, pipeline=pipeline)
    for label in model.residual_labels:
        for name, value in parts_of(label):
            assert name not in {"count_inverse", "count_attenuated", "one"} or value, label
    assert model([1, 1, 1, 0]) == program([1, 1, 1, 0])


def test_the_user_comes_before_the_library_and_before_what_has_no_name():
    mine = share_of(0, "hist")
    program = combined("map", "sequence_map") | (library.make_hist() > 2) | (mine > 0.5) | (length == 2)
    labels = raspc.compile(program, [0, 1], 3, pipeline="O0").residual_labels
    assert {"hist", "map", "sequence_map"} <= set(labels)  # without a value: they are the means
    assert {"hist_1", "length"} <= names_of(labels)


def test_equal_names_of_a_user_are_numbered_past_the_names_that_are_taken():
    labels = raspc.compile(combined("x", "x", "x_1"), [0, 1, 2], 3, pipeline="O0").residual_labels
    assert {"x", "x_2", "x_1"} <= set(labels)
    stage = raspc.compile(combined("x", "x", "x_1"), [0, 1, 2], 3, pipeline="O0").trace([2]).residual_stream[-1]
    assert [round(float(stage[name][1]), 3) for name in ("x", "x_2", "x_1")] == [0, 0, 1]


def test_files_and_runtimes_have_the_names(tmp_path: Path):
    model = raspc.compile(combined("t_1", "a:b"), [0, 1, 2], 3)
    assert {"t_1", "a:b"} <= names_of(model.residual_labels)
    for suffix in (".mlir", ".onnx"):
        model.save(tmp_path / f"model{suffix}")
        assert load(tmp_path / f"model{suffix}").residual_labels == model.residual_labels
    assert model.to_jax().info.residual_labels == model.residual_labels


@pytest.mark.parametrize("names", [("t_1", "t_2"), ("tokens", "tokens_1"), ("a:b", "decided"), ("map", "one")])
def test_the_interface_of_tracr_has_the_names(names: tuple[str, str]):
    model = compile_rasp_to_model(combined(*names), {0, 1, 2}, 3)
    assert {*names} <= names_of(model.residual_labels)
    assert set(map(quoted_name, names)) <= set(model.residual_labels)
    bos = model.residual_labels[0]
    assert bos.endswith(":compiler_bos")
    assert parts_of(bos)[0][0] not in names
    assert [model.residual_labels[each] for each in model.output_directions] == [
        f"{model.output_label}:{value}" for value in (False, True)
    ]


def test_messages_have_the_name():
    squares = Map(lambda x: x * 1_000_003, tokens).named("square_2")
    mean = Aggregate(Select(tokens, tokens, Comparison.LEQ), Map(lambda x: x**9 % 65_537, squares).named("m")).named(
        "t_1"
    )
    with pytest.raises(CompileError) as refused:
        raspc.compile(Map(lambda x: x > 3, mean), list(range(16)), 16)
    assert refused.value.expression == "t_1"
    words = Aggregate(Select(tokens, tokens, Comparison.TRUE), tokens).named("my words")
    with pytest.raises(CompileError) as refused:
        raspc.compile(words, ["a", "b"], 3)
    assert refused.value.expression == "my words"
    module = build_module(words, ["a", "b"], 3)
    with pytest.raises(MeaningError, match="'my words'"):
        run_program(module, ["a", "b"])


def test_ssa_names_stay_readable():
    text = str(build_module(combined("t_1", "my name"), [0, 1], 3))
    assert 'names {t_1_ = "t_1", my_name_ = "my name"}' in text
    assert "%t_1_ = rasp.aggregate" in text
    assert "names" not in str(build_module(combined("left", "right"), [0, 1], 3))


def test_every_name_has_an_ssa_name_of_its_own():
    users, others = hints_for(STRANGE, ["map", "length", "shift_by(1)", "s_"])
    hints = [*users.values(), *others.values()]
    assert len(set(hints)) == len(hints)
    assert all(map(is_hint, hints))
    assert all(hint == name or hint.endswith("_") for name, hint in users.items())


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ('names {t_1 = "t_1"}', "ends with a number"),
        ('names {t = ""}', "isn't empty"),
        ('names {t = "a", t = "b"}', "t has two names"),
        ("names {t}", "Expected '='"),
    ],
)
def test_wrong_names_in_a_header_are_refused(header: str, problem: str):
    text = f"rasp.program @p vocab [1] max_seq_len 1 {header} {{\n %t = rasp.tokens : ?\n rasp.return %t\n}}"
    with pytest.raises(Exception, match=problem):
        parse_text(text, "text").verify()


# What has a user's name has its values: the parts of widths, of means and of what is filled have others.

EARLIER = Select(indices, indices, Comparison.LT)
TIES = Select(tokens, tokens, Comparison.LT) | (Select(tokens, tokens, Comparison.EQ) & EARLIER)
PLACE = SelectorWidth(TIES).named("place")
WORD = Aggregate(EARLIER, tokens, "none").named("word")
SPARSE = Aggregate(Select(tokens, tokens, Comparison.LT), tokens).named("sparse")
EITHER = Select(tokens, SPARSE, Comparison.EQ) | Select(indices, SPARSE, Comparison.EQ)
NAMED = {
    "a sum of widths": Aggregate(Select(PLACE, indices, Comparison.EQ), PLACE).named("place_count"),
    "a mean with a word": Map(lambda x: x == "none", WORD).named("word_mean"),
    "tuples of what may be undefined": (SelectorWidth(EITHER).named("sparse_filled") + 1).named("tuple"),
    "a width that is seen": Map(
        lambda n: n > 0, SelectorWidth(Select(tokens, Full(2), Comparison.EQ)).named("twos")
    ).named("twos_present"),
    "a mean that counts": Map(
        lambda x, n: round(x * n), share_of(1, "count_value"), SelectorWidth(UP_TO_HERE).named("count_inverse")
    ).named("count_count"),
}


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("program", NAMED.values(), ids=NAMED)
def test_what_has_a_users_name_has_its_values(program: SOp, pipeline: str):
    models: list[ModuleOp] = []

    def keep(previous: object, module: ModuleOp, following: ModulePass | None) -> None:
        if following is not None and following.name == "assemble-transformer":
            models.append(module.clone())

    raspc.compile(program, [0, 1, 2], 3, pipeline=pipeline, on_pass=keep)
    named = {expr.name: expr for expr in in_order(program) if isinstance(expr, SOp) and expr.named_by_user}
    inputs: list[list[Value]] = [[2, 0, 1], [1, 1, 2], [0]]
    for given in inputs:
        for subspace, vectors in vectors_of(models[-1], given):
            if subspace.label.data in named:
                expected = named[subspace.label.data](given)
                kept = [value in subspace.values.values or value is None for value in expected]
                found = decode_vectors(subspace, vectors)
                assert [value for value, is_kept in zip(found, kept, strict=True) if is_kept] == [
                    value for value, is_kept in zip(expected, kept, strict=True) if is_kept
                ], subspace.label.data


def vectors_of(module: ModuleOp, given: list[Value]) -> list[tuple[SubspaceType, NDArray[np.float64]]]:
    """What the subspaces of a craft model hold for one input."""
    found: list[tuple[SubspaceType, NDArray[np.float64]]] = []

    class Recorder(Interpreter.Listener):
        def did_interpret_op(self, op: Operation, results: tuple[Any, ...]) -> None:
            for result, vectors in zip(op.results, results, strict=True):
                if isinstance(result.type, SubspaceType):
                    found.append((result.type, vectors[0]))

    model = model_of(module)
    interpreter = Interpreter(module, listeners=(Recorder(),))
    interpreter.register_implementations(CraftFunctions([given], causal=False))
    interpreter.run_ssacfg_region(model.body, ())
    return found
