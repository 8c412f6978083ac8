"""The transformer is the craft model: what each subspace holds, at the positions and at BOS, and the weights."""

from __future__ import annotations

import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc import rasp
from raspc.dialects.transformer import MlpOp
from raspc.errors import CompileError
from raspc.lowering.assemble_transformer import AssembleTransformerPass, stacked
from raspc.lowering.weights import weights_of
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import indices, tokens
from raspc.runtime.transformer_interpreter import run_model
from raspc.testing import random_program
from tests.extent import some, starts
from tests.programs.compiled import stages_of, task_of
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import parse
from tests.unit.lowering.running import Lowered, inputs_of


def test_matrices_of_different_shapes_are_padded_with_zeros():
    array = stacked([np.ones((1, 2)), 2 * np.ones((3, 1))])
    assert array.tolist() == [[[1, 1], [0, 0], [0, 0]], [[2, 0], [2, 0], [2, 0]]]


def check_residual_stream(lowered: Lowered, most_inputs: int) -> None:
    """Check what each subspace holds, at BOS and elsewhere, after the last layer.

    At BOS it is exactly its constant; elsewhere it is what the craft interpreter computes in float64.
    """
    layout = lowered.layout
    bos = np.zeros(layout.d_model, dtype=np.float32)
    bos[layout.BOS] = 1
    for value, vector in layout.bos.items():
        bos[layout.directions(value)] = vector
    for sequence in list(lowered.task.inputs(most_inputs, most_inputs // 2)):
        if lowered.task.evaluate(sequence) is None:
            continue
        stream = lowered.residual_stream(sequence)
        # In float32 attention leaks e^-50 (rounded) of what each position holds: zero beside it, and beside a constant.
        leak = np.exp(-49) * len(sequence) * np.abs(stream).max()
        np.testing.assert_allclose(stream[0], bos, rtol=0, atol=max(1e-15, leak))
        assert (stream[1:, layout.BOS] == 0).all()
        assert (stream[1:, layout.ONE] == 1).all()
        for value, vectors in lowered.craft_values(sequence).items():
            scale = max(1.0, float(np.abs(vectors).max(initial=0.0)))
            np.testing.assert_allclose(stream[1:, layout.directions(value)], vectors, rtol=0, atol=1e-4 * scale)


def check_mlps_are_off_at_bos(lowered: Lowered) -> None:
    layout = lowered.layout
    stream = np.zeros(layout.d_model)
    stream[layout.BOS] = 1
    for value, vector in layout.bos.items():
        stream[layout.directions(value)] = vector
    for op in lowered.stages[-1].module.walk():
        if isinstance(op, MlpOp):
            w_in, b_in, _, b_out = weights_of(op).values()
            assert (stream @ w_in + b_in <= 0).all()
            assert not b_out.any()


@pytest.mark.parametrize("program", some(CORPUS), ids=lambda program: program.name)
def test_every_subspace_holds_its_value_and_its_constant_at_bos(program: Program):
    size = program.max_seq_len
    lowered = Lowered(task_of(program, size), stages_of(program, size))
    check_residual_stream(lowered, 20)
    check_mlps_are_off_at_bos(lowered)


@pytest.mark.parametrize("start", starts(120, 20))
def test_every_subspace_of_random_programs_holds_its_value_and_its_constant_at_bos(start: int):
    for seed in range(start, start + 20):
        random = random_program(seed, size=2 + seed % 10, max_seq_len=(1, 4), causal=None, trivial=True)
        try:
            lowered = Lowered.of(random.program, random.vocab, random.max_seq_len, causal=random.causal)
        except CompileError:
            continue
        check_residual_stream(lowered, 12)
        check_mlps_are_off_at_bos(lowered)


@pytest.mark.parametrize("causal", [False, True])
def test_padding_is_never_attended_to(causal: bool):
    everything = rasp.Select(indices, indices, Comparison.TRUE)
    program = rasp.Aggregate(everything, tokens) + library.make_length()
    lowered = Lowered.of(program, [0, 1, 2], 5, causal=causal)
    module = lowered.stages[-1].module
    for sequence in inputs_of([0, 1, 2], 3):
        n = len(sequence)
        ids = np.array([sequence])
        alone = run_model(module, ids, np.ones((1, n), dtype=np.bool_))
        for filler in range(3):
            padded = np.full((1, 5), filler)
            padded[:, :n] = ids
            mask = np.arange(5)[None, :] < n
            np.testing.assert_allclose(run_model(module, padded, mask)[:, :n], alone, atol=1e-6)


def test_the_unembedding_of_a_null_vector_is_undefined():
    lowered = Lowered.of(rasp.Map(lambda x: None if x == "b" else x, tokens), "abc", 2)
    logits = lowered.model.logits(["a", "b"])
    assert logits.tolist() == [[1, 0, 0.5], [0, 0, 0.5]]


def test_a_program_without_components_has_no_layers():
    lowered = Lowered.of(rasp.Map(lambda x: x, rasp.Full("x")), "ab", 3)
    config = Lowered.of(tokens, "ab", 3).model.config
    assert (config.n_layers, config.n_heads, config.d_mlp) == (0, 0, 0)
    assert lowered.model.config.n_heads == 0


CHAIN = """
craft.model @chain vocab [1, 2] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  %swapped = craft.linear %tokens (2 by 2 [[0, 1], [1, 0]]) : "swapped" [1, 2]
  %double = craft.linear %swapped (2 by 2 [[0, 2], [1, 0]]) : "double" [1, 2]
  craft.unembed %double
}
"""


def test_linear_maps_of_an_embedding_are_part_of_it():
    module: ModuleOp = parse(CHAIN)
    AssembleTransformerPass().apply(Context(), module)
    module.verify()
    logits = run_model(module, np.array([[0, 1]]), np.ones((1, 2), dtype=np.bool_))
    assert logits[0, :, :2].tolist() == [[1, 0], [0, 2]]


def test_a_perceptron_with_one_empty_result_writes_the_other():
    module = parse(
        """
craft.model @partly vocab [1, 2] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  %none, %swapped = craft.mlp layer 0 (%tokens) w_in(2 by 2 identity) bias [0, 0]
    w_out(2 by 0 [[], []], 2 by 2 [[0, 1], [1, 0]]) : "none" [] or none, "swapped" [1, 2]
  craft.unembed %swapped
}
"""
    )
    AssembleTransformerPass().apply(Context(), module)
    logits = run_model(module, np.array([[0, 1]]), np.ones((1, 2), dtype=np.bool_))
    assert logits[0].tolist() == [[0, 1, 0.5], [1, 0, 0.5]]


def test_a_linear_map_of_a_component_is_refused():
    module = parse(
        """
craft.model @folded vocab [1, 2] max_seq_len 2 {
  %tokens = craft.embed_tokens : "tokens" [1, 2]
  %m = craft.mlp layer 0 (%tokens) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 2 [[1, 0]]) : "m" [1, 2]
  %l = craft.linear %m (2 by 2 identity) : "l" [1, 2]
  %n = craft.mlp layer 1 (%l) w_in(2 by 1 [[1], [0]]) bias [0] w_out(1 by 2 [[1, 0]]) : "n" [1, 2]
  craft.unembed %n
}
"""
    )
    with pytest.raises(CompileError, match="linear map"):
        AssembleTransformerPass().apply(Context(), module)
