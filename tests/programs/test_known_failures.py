"""What of the known failures a row of the corpus can't express: long inputs, padding, processes, names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import raspc
from raspc import rasp
from raspc.errors import InputError, ProgramError
from raspc.pipelines import PIPELINES
from raspc.rasp.expressions import SOp, tokens
from raspc.runtime.base import Model
from raspc.runtime.model import CompiledModel
from tests.extent import THOROUGH
from tests.programs.known_failures import EVERYTHING, KNOWN_FAILURES, OTHER, RESERVED, SAME
from tests.programs.levels import onnx_bytes, runtimes
from tests.programs.program import Program

BY_NAME = {program.name: program for program in KNOWN_FAILURES}

each_pipeline = pytest.mark.parametrize("pipeline", PIPELINES)
some_pipelines = pytest.mark.parametrize("pipeline", PIPELINES if THOROUGH else ["O0", "O2"])
each_known_failure = pytest.mark.parametrize("program", KNOWN_FAILURES, ids=lambda program: program.name)


def compiled(program: Program, pipeline: str) -> CompiledModel:
    return raspc.compile(program.build(), program.vocab, program.max_seq_len, pipeline=pipeline)


def on_numpy_and_onnx_runtime(model: CompiledModel) -> dict[str, Model]:
    return {"numpy": model, **runtimes(model, jax=False)}


@each_pipeline
@pytest.mark.parametrize("length", [1, 9, 10, 11, 66, 67, 68, 199, 200])
def test_a_width_of_hundreds(pipeline: str, length: int, models_of_200: Callable[[str], dict[str, Model]]):
    for name, model in models_of_200(pipeline).items():
        assert model(["a"] * length) == [length] * length, name
        assert model(["b"] * (length // 3) + ["a"] * (length - length // 3)) == (
            [length // 3] * (length // 3) + [length - length // 3] * (length - length // 3)
        ), name


@pytest.fixture(scope="module")
def models_of_200() -> Callable[[str], dict[str, Model]]:
    found: dict[str, dict[str, Model]] = {}

    def models(pipeline: str) -> dict[str, Model]:
        if pipeline not in found:
            model = raspc.compile(rasp.SelectorWidth(SAME), ["a", "b"], 200, pipeline=pipeline)
            found[pipeline] = on_numpy_and_onnx_runtime(model)
        return found[pipeline]

    return models


@some_pipelines
@pytest.mark.parametrize(
    ("program", "widths"),
    [
        pytest.param(rasp.SelectorWidth(EVERYTHING), range(1, 1001), id="at least one"),
        pytest.param(rasp.SelectorWidth(OTHER), [0] * 1000, id="none"),
        pytest.param(rasp.SelectorWidth(SAME) - 1, range(1000), id="one fewer"),
    ],
)
def test_all_widths_up_to_a_thousand(pipeline: str, program: SOp, widths: range | list[int]):
    # In a causal program the widths of one input are all from 1 to 1000.
    model = raspc.compile(program, ["a", "b"], 1000, causal=True, pipeline=pipeline)
    for name, each in on_numpy_and_onnx_runtime(model).items():
        assert each(["b"] * 1000) == list(widths), name


@some_pipelines
def test_a_width_of_a_thousand_without_causality(pipeline: str):
    model = raspc.compile(rasp.SelectorWidth(OTHER), ["a", "b"], 1000, pipeline=pipeline)
    for name, each in on_numpy_and_onnx_runtime(model).items():
        for ones in (0, 1, 500, 999, 1000):
            xs = ["a"] * ones + ["b"] * (1000 - ones)
            assert each(xs) == [1000 - ones] * ones + [ones] * (1000 - ones), (name, ones)


# Padding: inputs of different lengths in one batch, and each alone.


@each_pipeline
@pytest.mark.parametrize(
    "name", ["width_of_ten", "padding_everywhere", "padding_behind", "mean_in_the_value_set", "reverse_of_ten"]
)
def test_padding_is_not_seen_on_any_runtime(pipeline: str, name: str):
    program = BY_NAME[name]
    model = compiled(program, pipeline)
    longest = program.max_seq_len
    inputs = [[program.vocab[i % 2] for i in range(length)] for length in [1, longest, 2, longest - 1]]
    expected = [rasp.evaluate(program.build(), xs) for xs in inputs]
    for runtime, each in {"numpy": model, **runtimes(model, jax=True)}.items():
        assert each.batch(inputs) == expected, runtime
        assert each.batch(inputs[::-1]) == expected[::-1], runtime
        assert [each(xs) for xs in inputs] == expected, runtime


# Tokens that look like BOS and padding


@each_pipeline
def test_reserved_looking_tokens_alone_and_in_a_batch(pipeline: str):
    model = compiled(BY_NAME["reserved_tokens"], pipeline)
    inputs = [["BOS"], ["PAD", "BOS"], list(RESERVED[:5]), [0, ""], ["compiler_pad", "a", "compiler_bos"]]
    for runtime, each in {"numpy": model, **runtimes(model, jax=True)}.items():
        assert each.batch(inputs) == [xs[::-1] for xs in inputs], runtime


def test_no_token_stands_for_bos_or_padding_outside_the_vocabulary():
    model = raspc.compile(rasp.length, ["a"], 5)
    for runtime, each in {"numpy": model, **runtimes(model, jax=True)}.items():
        for token in (*RESERVED[:-1], None, 1):
            with pytest.raises(InputError):
                print(f"{runtime} takes {token!r}", each(["a", token]))


@pytest.mark.parametrize("vocab", [[True, 1], [0, 2, False], [1, 1.0], [(1,), (True,)]])
def test_two_forms_of_one_token_are_refused(vocab: list[object]):
    with pytest.raises(ProgramError, match="which are equal; tokens must be distinct"):
        raspc.compile(tokens, vocab, 5)


# Compiling again; `test_bytes_and_outputs_do_not_depend_on_the_hash_seed` does it in other processes


@some_pipelines
@each_known_failure
def test_the_same_expression_compiled_twice(pipeline: str, program: Program):
    expression = program.build()

    def once() -> CompiledModel:
        return raspc.compile(expression, program.vocab, program.max_seq_len, pipeline=pipeline)

    first = once()
    raspc.compile(rasp.Map(lambda x: (x, x), tokens), ["x", "y"], 3, pipeline=pipeline)  # something else in between
    rebuilt, second = compiled(program, pipeline), once()
    for other in (second, rebuilt):
        assert other.residual_labels == first.residual_labels
        assert str(other.module) == str(first.module)
        assert onnx_bytes(other) == onnx_bytes(first)


@each_known_failure
def test_a_known_failure_has_a_sentence(program: Program):
    assert program.known_failure
    assert not program.known_failure.endswith(".")
