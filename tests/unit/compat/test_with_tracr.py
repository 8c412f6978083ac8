"""Comparisons with Tracr itself, where it is installed: `make compat` installs it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from raspc.compat.tracr import compile_rasp_to_model
from raspc.compat.tracr.compiler.assemble import AssembledTransformerModel
from raspc.rasp import library, tokens
from raspc.rasp.expressions import SOp
from tests.unit.compat.installed import optional
from tests.unit.compat.test_names import MISSING, OTHERS, SIGNATURES, signature

jax, haiku = optional("jax"), optional("haiku")
tracr_model: Any = optional("tracr.transformer.model")
tracr_compiling: Any = optional("tracr.compiler.compiling")

pytestmark = pytest.mark.filterwarnings("ignore")

MODULES = sorted({*SIGNATURES, *OTHERS, *MISSING})


@pytest.mark.parametrize("module", MODULES)
def test_no_name_of_tracr_is_forgotten(module: str):
    tracr = importlib.import_module(f"tracr.{module}")
    own = {
        name
        for name, value in vars(tracr).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and (module != "compiler" or name == "compile_rasp_to_model")
        and (module != "compiler.lib" or name != "rasp")
        # What a module imports for its own type annotations isn't its own.
        and name not in {"Any", "Callable", "Dict", "Generic", "List", "Mapping", "Optional", "Protocol", "Sequence"}
        and name not in {"Set", "Tuple", "TypeVar", "Union"}
    }
    assert own == {*SIGNATURES.get(module, {}), *OTHERS.get(module, set()), *MISSING.get(module, {})}


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in SIGNATURES.items() for name in names])
def test_the_signatures_are_tracrs(module: str, name: str):
    assert signature(getattr(importlib.import_module(f"tracr.{module}"), name)) == SIGNATURES[module][name]


def run_in_tracr(model: AssembledTransformerModel, ids: list[list[int]]) -> Any:
    """What Tracr's own Haiku module computes with the parameters of a model."""
    config = asdict(model.model_config) | {"activation_function": jax.nn.relu}

    @haiku.without_apply_rng
    @haiku.transform
    def forward(embeddings: Any) -> Any:
        transformer = tracr_model.Transformer(tracr_model.TransformerConfig(**config))
        return transformer(embeddings, np.ones(np.shape(ids)), use_dropout=False)

    embeddings = model.params["token_embed"]["embeddings"][np.array(ids)]
    embeddings = embeddings + model.params["pos_embed"]["embeddings"][: len(ids[0])]
    params = {name: arrays for name, arrays in model.params.items() if name.startswith("transformer/")}
    return forward.apply(params, embeddings)


PROGRAMS: dict[str, tuple[Callable[[], SOp], bool]] = {
    "reverse": (lambda: library.make_reverse(tokens), False),
    "shift_by": (lambda: library.shift_by(1, tokens), False),
    "double_hist": (library.make_double_hist, False),
    "frac_prevs": (lambda: library.make_frac_prevs(tokens == 1), True),
    "sort_freq": (lambda: library.make_sort_freq(5), False),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_tracrs_haiku_model_computes_the_same_from_our_parameters(name: str):
    program, causal = PROGRAMS[name]
    model = compile_rasp_to_model(program(), {1, 2, 3}, 5, causal=causal, compiler_bos="BOS", compiler_pad="PAD")
    for given in (["BOS", 2, 1, 2, 3, 3], ["BOS", 3, 1, "PAD", "PAD", "PAD"], ["BOS", 1]):
        output = model.apply(given)
        tracr = run_in_tracr(model, [model.input_encoder.encode(given)])
        for ours, theirs in (
            (output.residuals, tracr.residuals),
            (output.layer_outputs, tracr.layer_outputs),
            (output.attn_logits, tracr.attn_logits),
            ([output.transformer_output], [tracr.output]),
            ([output.input_embeddings], [tracr.input_embeddings]),
        ):
            assert [array.shape for array in ours] == [array.shape for array in theirs]
            for array, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(array, other, rtol=1e-4, atol=1e-3)


def test_the_attributes_are_those_of_tracrs_model():
    tracr_lib = importlib.import_module("tracr.compiler.lib")
    theirs = tracr_compiling.compile_rasp_to_model(
        tracr_lib.make_hist(), {"a", "b"}, 4, compiler_bos="BOS", compiler_pad="PAD"
    )
    ours = compile_rasp_to_model(library.make_hist(), {"a", "b"}, 4, compiler_bos="BOS", compiler_pad="PAD")
    assert set(ours.params) == set(theirs.params)
    for name, arrays in theirs.params.items():
        assert {key: array.ndim for key, array in arrays.items()} == {
            key: array.ndim for key, array in ours.params[name].items()
        }
    assert set(vars(theirs.model_config)) == set(vars(ours.model_config))
    assert set(theirs.input_encoder.encoding_map) == set(ours.input_encoder.encoding_map)
    given = ["BOS", "a", "b", "a"]
    one, other = ours.apply(given), theirs.apply(given)
    assert one.decoded == other.decoded
    assert set(other.keys()) == set(vars(one))
    assert [array.ndim for array in one.attn_logits] == [array.ndim for array in other.attn_logits]
