"""TransformerLens's own helpers for Tracr's models load ours, where it is installed: `make compat` installs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from raspc import rasp
from raspc.compat.tracr import compile_rasp_to_model
from raspc.compat.tracr.compiler.assemble import AssembledTransformerModel
from raspc.rasp import library, tokens
from raspc.rasp.expressions import SOp
from tests.unit.compat.installed import optional

torch: Any = optional("torch")
helpers: Any = optional("transformer_lens.utilities.tracr")
bridge: Any = optional("transformer_lens.model_bridge")

pytestmark = pytest.mark.filterwarnings("ignore")

BRACKETS = ("(", ")", "{", "}")
INPUTS: dict[str, tuple[Sequence[Any], list[list[Any]]]] = {
    "numbers": ((1, 2, 3), [[1], [3, 1, 2], [2, 3, 2, 1, 2], [3, 3, 1, 1, 3]]),
    "brackets": (BRACKETS, [["("], ["(", "{", ")", "}"], [")", "("], ["{", "}", "(", ")", "("]]),
}

PROGRAMS: dict[str, tuple[Callable[[], SOp], str, bool]] = {
    "reverse": (lambda: library.make_reverse(tokens), "numbers", False),
    "length": (library.make_length, "numbers", True),
    "hist": (library.make_hist, "numbers", False),
    "double_hist": (library.make_double_hist, "numbers", False),
    "shift_by": (lambda: library.shift_by(1, tokens).named("shift_by"), "numbers", False),
    "sort_freq": (lambda: library.make_sort_freq(5), "numbers", False),
    "most_of_three": (lambda: library.make_sort_unique(tokens, tokens).named("most_of_three"), "numbers", False),
    "is_palindrome": (lambda: library.make_is_palindrome(), "numbers", False),
    "num_prevs": (lambda: library.num_prevs(tokens == 3), "numbers", True),
    "shuffle_dyck2": (library.make_shuffle_dyck2, "brackets", False),
    "dyck1_ptf": (library.make_dyck1_ptf, "brackets", False),
    "twice": (lambda: (tokens * 2).named("twice"), "numbers", False),
    "shift_by(-1)": (lambda: library.shift_by(-1, tokens), "numbers", False),
    "fraction": (
        lambda: rasp.categorical(library.make_frac_prevs(tokens == 1)).named("fraction"),
        "numbers",
        False,
    ),
}
"""Programs whose outputs are categorical, each with the name of its output, its inputs, and whether it is causal."""


def compiled(program: SOp, inputs: str, causal: bool) -> AssembledTransformerModel:
    return compile_rasp_to_model(program, INPUTS[inputs][0], 5, causal=causal, compiler_bos="BOS", compiler_pad="PAD")


def loaded(model: Any, label: str | None) -> Any:
    """The model in TransformerLens, by its helpers alone."""
    lens = bridge.TransformerBridge.boot_native(helpers.make_tracr_transformer_bridge_config(model))
    found = lens.load_state_dict(helpers.make_tracr_transformer_bridge_state_dict(model, label), strict=False)
    assert not found.unexpected_keys
    return lens


def given(tokens: list[Any], padding: bool) -> list[Any]:
    return ["BOS", *tokens, *["PAD"] * (5 - len(tokens) if padding else 0)]


def run(lens: Any, model: AssembledTransformerModel, tokens: list[Any]) -> tuple[np.ndarray, Any]:
    """The logits [T, d_vocab_out], and all that TransformerLens keeps."""
    with torch.no_grad():
        logits, cache = lens.run_with_cache(torch.tensor([model.input_encoder.encode(tokens)]))
    return logits[0].numpy(), cache


@pytest.mark.parametrize("padding", [False, True], ids=["alone", "padded"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_outputs_are_the_programs(name: str, padding: bool):
    build, inputs, causal = PROGRAMS[name]
    program = build()
    model = compiled(program, inputs, causal)
    assert model.output_label == name
    lens = loaded(model, name)
    for tokens_ in INPUTS[inputs][1]:
        logits, _ = run(lens, model, given(tokens_, padding))
        # The largest logit is the output, undefined as well: `None` is one of the values.
        decoded = model.output_encoder.decode(logits.argmax(axis=-1).tolist())[1 : 1 + len(tokens_)]
        assert decoded == rasp.evaluate(program, tokens_, causal=causal)
        assert decoded == model.apply(given(tokens_, padding)).decoded[1 : 1 + len(tokens_)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_stage_is_that_of_apply(name: str):
    build, inputs, causal = PROGRAMS[name]
    model = compiled(build(), inputs, causal)
    lens = loaded(model, name)
    for tokens_ in INPUTS[inputs][1]:
        output = model.apply(["BOS", *tokens_])
        _, cache = run(lens, model, ["BOS", *tokens_])
        assert_close(cache["blocks.0.hook_resid_pre"], output.input_embeddings, "embeddings")
        for layer in range(model.model_config.num_layers):
            for hook, ours in (
                ("hook_attn_out", output.layer_outputs[2 * layer]),
                ("hook_resid_mid", output.residuals[2 * layer]),
                ("hook_mlp_out", output.layer_outputs[2 * layer + 1]),
                ("hook_resid_post", output.residuals[2 * layer + 1]),
            ):
                assert_close(cache[f"blocks.{layer}.{hook}"], ours, f"{layer} {hook}")
            pattern = torch.softmax(torch.tensor(output.attn_logits[layer]), dim=-1)
            assert_close(cache[f"blocks.{layer}.attn.hook_pattern"], pattern, f"{layer} pattern")


def assert_close(found: Any, expected: Any, name: str) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-3, err_msg=name)


@pytest.mark.parametrize("name", ["reverse", "hist", "shift_by", "dyck1_ptf", "fraction"])
def test_the_output_is_found_without_a_name(name: str):
    build, inputs, causal = PROGRAMS[name]
    model = compiled(build(), inputs, causal)
    assert helpers.infer_tracr_output_label(model) == name
    np.testing.assert_array_equal(
        helpers.make_tracr_categorical_unembed(model), helpers.make_tracr_categorical_unembed(model, name)
    )


def test_an_output_like_another_s_op_needs_its_name():
    # `once` has the values that `twice` has: TransformerLens can't tell which is the output.
    program = rasp.Map(lambda x: 4 - x, rasp.Map(lambda x: x, library.make_reverse(tokens)).named("once")).named(
        "twice"
    )
    model = compiled(program, "numbers", causal=False)
    with pytest.raises(ValueError, match="Pass output_label explicitly"):
        helpers.infer_tracr_output_label(model)
    logits, _ = run(loaded(model, "twice"), model, ["BOS", 3, 1])
    assert model.output_encoder.decode(logits.argmax(axis=-1).tolist())[1:] == [3, 1]


def test_values_with_one_text_are_refused():
    program = rasp.Map(lambda x: 1 if x == 1 else "1", tokens).named("m")
    model = compiled(program, "numbers", causal=False)
    assert model.apply(["BOS", 1, 2]).decoded == ["BOS", 1, "1"]
    with pytest.raises(ValueError, match="Could not find output basis label 'm:1'"):
        helpers.make_tracr_categorical_unembed(model, "m")


MEAN = rasp.numerical(
    rasp.Aggregate(rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.LT), rasp.numerical(tokens))
).named("mean")


def test_numerical_outputs_are_refused_as_tracrs_are():
    model = compiled(MEAN, "numbers", causal=False)
    with pytest.raises(NotImplementedError, match="Only categorical Tracr outputs are supported"):
        helpers.make_tracr_transformer_bridge_config(model)


def test_numerical_outputs_by_the_directions_that_they_are_read_from():
    # The helpers take any object with the attributes; one that calls the two directions "values" of the output will do.
    model = compiled(MEAN, "numbers", causal=False)
    labels = list(model.residual_labels)
    labels[model.output_directions[0]] = "mean:number"
    view = SimpleNamespace(
        params=model.params,
        model_config=model.model_config,
        residual_labels=labels,
        output_encoder=SimpleNamespace(encoding_map={"number": 0, "defined": 1}),
    )
    lens = loaded(view, "mean")
    for tokens_ in INPUTS["numbers"][1]:
        logits, _ = run(lens, model, given(tokens_, padding=True))
        numbers = np.where(logits[:, 1] > 0.5, logits[:, 0], np.nan)[1 : 1 + len(tokens_)]
        assert model.output_encoder.decode(numbers.tolist()) == rasp.evaluate(MEAN, tokens_)
