import inspect
import warnings
from typing import Any

import pytest

import raspc
from raspc import rasp
from raspc.compat.tracr import compile_rasp_to_model
from raspc.compat.tracr.compiler import compiling
from raspc.errors import CompatibilityWarning, CompileError, ProgramError, ReservedTokenError
from raspc.rasp import library, tokens


def test_arguments_are_tracrs():
    signature = inspect.signature(compiling.compile_rasp_to_model)
    assert {name: parameter.default for name, parameter in signature.parameters.items()} == {
        "program": inspect.Parameter.empty,
        "vocab": inspect.Parameter.empty,
        "max_seq_len": inspect.Parameter.empty,
        "causal": False,
        "compiler_bos": "compiler_bos",
        "compiler_pad": "compiler_pad",
        "mlp_exactness": 100,
    }
    assert all(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in signature.parameters.values())


def test_all_by_position():
    model = compile_rasp_to_model(library.make_hist(), {"a", "b"}, 3, True, "BOS", "PAD", 100)
    assert model.apply(["BOS", "a", "a", "PAD"]).decoded == ["BOS", 1, 2, "PAD"]


def test_the_vocabulary_may_be_an_iterator():
    model = compile_rasp_to_model(tokens, iter(["b", "a"]), 2)
    assert list(model.input_encoder.encoding_map) == ["a", "b", "compiler_bos", "compiler_pad"]


@pytest.mark.parametrize("causal", [False, True])
def test_causal(causal: bool):
    model = compile_rasp_to_model(library.make_length(), {1, 2}, 3, causal=causal)
    assert model.model_config.causal is causal
    assert model.apply(["compiler_bos", 1, 2, 1]).decoded[1:] == ([1, 2, 3] if causal else [3, 3, 3])


def test_each_s_op_keeps_its_own_directions():
    # Whatever raspc.compile makes of a program by default, Tracr's users look for their s-ops in the residual stream.
    program = ((tokens + 1).named("once") * 2).named("twice")
    labels = compile_rasp_to_model(program, {1, 2}, 2).residual_labels
    assert {"once:2", "once:3", "twice:4", "twice:6"} <= set(labels)


@pytest.mark.parametrize("name", ["compiler_bos", "compiler_pad"])
def test_reserved_tokens_are_not_in_the_vocabulary(name: str):
    options: dict[str, Any] = {name: "X"}
    with pytest.raises(ReservedTokenError, match=f"contains 'X', which is {name}: choose another {name}") as error:
        compile_rasp_to_model(tokens, {"X", "a"}, 3, **options)
    assert isinstance(error.value, ValueError)


def test_reserved_tokens_differ():
    with pytest.raises(ReservedTokenError, match="compiler_bos and compiler_pad are both 'X'"):
        compile_rasp_to_model(tokens, {"a"}, 3, compiler_bos="X", compiler_pad="X")
    none: Any = None
    with pytest.raises(ProgramError, match="compiler_bos must be a string, found None"):
        compile_rasp_to_model(tokens, {"a"}, 3, compiler_bos=none)


def test_mlp_exactness_is_not_ignored_in_silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile_rasp_to_model(tokens, {"a"}, 3, mlp_exactness=100)
    with pytest.warns(CompatibilityWarning, match=r"mlp_exactness=10 changes nothing: .* the model is exact") as found:
        model = compile_rasp_to_model(tokens, {"a"}, 3, mlp_exactness=10)
    assert [warning.filename for warning in found] == [__file__]
    assert model.apply(["compiler_bos", "a"]).decoded == ["compiler_bos", "a"]


@pytest.mark.parametrize("value", ["100", None, 0, -1, float("nan")])
def test_mlp_exactness_is_a_positive_number(value: Any):
    with pytest.raises(ProgramError, match="mlp_exactness must be a positive number, found"):
        compile_rasp_to_model(tokens, {"a"}, 3, mlp_exactness=value)


def test_what_cannot_be_exact_is_refused_as_ever():
    with pytest.raises(CompileError, match=r"test_compiling\.py"):
        compile_rasp_to_model(rasp.Aggregate(rasp.Select(tokens, tokens, rasp.Comparison.TRUE), tokens), {"a", "b"}, 3)
    wrong: Any = "program"
    with pytest.raises(raspc.RaspcError):
        compile_rasp_to_model(wrong, {"a", "b"}, 3)
    with pytest.raises(ProgramError, match="the vocabulary must be a list of tokens, found 5"):
        compile_rasp_to_model(tokens, 5, 3)  # type: ignore[arg-type]


def test_what_is_assumed_is_warned_of():
    with pytest.warns(raspc.MeaningWarning):
        model = compile_rasp_to_model(library.make_most_freq(5), {"a", "b", "c"}, 5)
    assert model.compiled.info.assumptions
    assert model.apply(["compiler_bos", "a", "b", "b"]).decoded == ["compiler_bos", "b", "a", None]
