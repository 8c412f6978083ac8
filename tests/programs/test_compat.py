"""Every program of the corpus with Tracr's interface: what `apply` returns, and what a reader makes of `.params`."""

from __future__ import annotations

import warnings
from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from raspc.compat.tracr import compile_rasp_to_model
from raspc.compat.tracr.compiler.assemble import AssembledTransformerModel
from raspc.errors import MeaningWarning
from tests.extent import some
from tests.programs.compiled import KEPT, questions
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import check
from tests.unit.compat.forward import forward, read_output

BOS, PAD = "<bos>", "<pad>"

INPUTS = 12
"""So many inputs of each program go through the forward of `.params`."""

each_program = pytest.mark.parametrize("program", some(CORPUS), ids=lambda program: program.name)


@lru_cache(KEPT)
def compiled(program: Program) -> AssembledTransformerModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        return compile_rasp_to_model(
            program.build(),
            program.vocab,
            program.max_seq_len,
            causal=program.causal,
            compiler_bos=BOS,
            compiler_pad=PAD,
        )


def padded(program: Program, tokens: list[Any]) -> list[Any]:
    """An input between BOS and as much padding as there is room for."""
    return [BOS, *tokens, *[PAD] * (program.max_seq_len - len(tokens))]


def labels_tell_values(model: AssembledTransformerModel) -> bool:
    """Whether all output values have different texts, so that labels can tell them apart."""
    values = getattr(model.output_encoder, "encoding_map", {})
    return max(Counter(map(str, values)).values(), default=1) == 1


@each_program
def test_apply_computes_the_program_with_and_without_padding(program: Program):
    model = compiled(program)
    inputs, expected = questions(program, program.max_seq_len)
    inputs, expected = inputs[:100], expected[:100]
    for length in (None, program.max_seq_len):
        found = []
        for tokens in inputs:
            given = [BOS, *tokens] if length is None else padded(program, tokens)
            output = model.apply(given)
            assert output.decoded[0] == BOS
            assert output.decoded[1 + len(tokens) :] == given[1 + len(tokens) :]
            found.append(output.decoded[1 : 1 + len(tokens)])
        check("apply", inputs, expected, found)


@each_program
def test_whoever_reads_params_computes_the_same(program: Program):
    model = compiled(program)
    inputs, expected = questions(program, program.max_seq_len)
    found = []
    for tokens in inputs[:INPUTS]:
        given = padded(program, tokens)
        output, reference = (
            model.apply(given),
            forward(model.params, model.model_config, model.input_encoder.encode(given)),
        )
        for name, values in reference.items():
            np.testing.assert_allclose(getattr(output, name), values, rtol=1e-4, atol=2e-3, err_msg=name)
        if labels_tell_values(model):
            found.append(read_output(model, reference["transformer_output"][0])[1 : 1 + len(tokens)])
    if labels_tell_values(model):
        check("params", inputs[:INPUTS], expected[:INPUTS], found)


@each_program
def test_the_residual_stream_is_that_of_the_model_itself(program: Program):
    # Its stages by name; the labels are the same but for BOS, and for what Tracr's shapes need in addition.
    model = compiled(program)
    tokens = list(program.examples[0][0])
    trace, output = model.compiled.trace(tokens), model.apply([BOS, *tokens])
    d_model = len(trace.labels)
    np.testing.assert_array_equal(output.input_embeddings[0, :, :d_model], trace.stage("embed").values)
    for stage in trace.residual_stream[1:]:
        _, layer, kind = stage.name.split()
        residual = output.residuals[2 * int(layer) + ("attention", "mlp").index(kind)]
        np.testing.assert_allclose(residual[0, :, :d_model], stage.values, rtol=1e-5, atol=1e-4)
    assert len(set(model.residual_labels)) == len(model.residual_labels) == output.transformer_output.shape[-1]
