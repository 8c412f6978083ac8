"""What is said of a craft model's sizes is what assemble-transformer makes of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.factorisation import factorised
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects import craft
from raspc.dialects.transformer.layers import read_transformer
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.lowering.assembled_sizes import AssembledSizes, assembled_sizes, inner_width
from raspc.lowering.metadata import ModelConfig
from raspc.passes.fuse_heads import FuseHeadsPass
from raspc.passes.fuse_mlps import FuseMlpsPass
from raspc.pipelines import PIPELINES
from tests.extent import some
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import Task, compile_stages, parse


def sizes_of(module: ModuleOp) -> AssembledSizes:
    (model,) = [op for op in module.ops if isinstance(op, craft.ModelOp)]
    return assembled_sizes(model)


def assembled(module: ModuleOp) -> AssembledSizes:
    AssembleTransformerPass().apply(Context(), module)
    config = ModelConfig.of(read_transformer(module))
    return AssembledSizes(config.d_model, config.n_layers, config.n_heads, config.n_params)


@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
        elements=st.sampled_from([0.0, 0.0, 1.0, -1.0]),
    )
)
def test_the_inner_width_is_that_of_the_factors(matrix: NDArray[np.float64]):
    assert inner_width(SparseMatrix.from_dense(matrix)) == factorised(matrix)[0].shape[1]


def test_a_product_is_as_wide_as_it_stands():
    zeros = MatrixProduct(SparseMatrix.from_dense(np.zeros((2, 5))), SparseMatrix.from_dense(np.zeros((5, 3))))
    assert inner_width(zeros) == 5


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("program", some(CORPUS[::3]), ids=lambda program: program.name)
def test_fused_models_become_what_is_said(program: Program, pipeline: str):
    size = program.max_seq_len
    stages = compile_stages(Task(program.build(size), program.vocab, size, program.causal), pipeline)
    names = [stage.name for stage in stages]
    fused = stages[names.index("fuse-mlps") : names.index("assemble-transformer")]
    assert len(fused) >= 3
    for stage in fused:
        said = sizes_of(stage.module)
        assert said == assembled(stage.module)


MODEL = """
craft.model @model vocab [1, 2] max_seq_len 3 {{
  %t = craft.embed_tokens : "t" [1, 2]
  %none = craft.head layer 0 query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 0 [[], []])
    bos [] score 0.5 temperature 100.0 : "none" []
  %a = craft.head {layer}query(%t) key(%t) qk(2 by 2 identity) value(%t) ov(2 by 2 identity)
    bos [0, 0] score 0.5 temperature 100.0 : "a" [1, 2]
  %b = craft.head {layer}query(%t) key(%t) qk(2 by 2 [[1, 1], [1, 1]]) value(%t) ov(2 by 2 identity)
    bos [0, 0] score 0.5 temperature 100.0 : "b" [1, 2]
  %m = craft.mlp layer 1 (%t) w_in(2 by 3 [[1, 1, 1], [1, 1, 1]]) bias [0, 0, 0] w_out(3 by 2 [[1, 0], [1, 0], [0, 1]])
    : "m" [1, 2]
  %l = craft.linear {linear} (2 by 2 identity) : "l" [1, 2]
  craft.unembed %m
}}
"""


def test_before_the_layers_are_known_only_the_width_is():
    module = parse(MODEL.format(layer="", linear="%t"))
    assert sizes_of(module) == AssembledSizes(d_model=2 + 5 * 2)


def test_the_parameters_are_known_once_layers_are_fused():
    module = parse(MODEL.format(layer="layer 0 ", linear="%t"))
    assert sizes_of(module) == AssembledSizes(d_model=12, n_layers=1, n_heads=2)
    FuseHeadsPass().apply(Context(), module)
    FuseMlpsPass().apply(Context(), module)
    said = sizes_of(module)
    # embeddings of 3 tokens and 4 positions; two heads of widths 3 and 2; three hidden units; three logits
    assert said.n_params == 12 * (3 + 4) + 2 * 2 * 12 * (3 + 2) + (2 * 12 + 1) * 3 + 12 + 13 * 3
    assert said == assembled(module)


def test_a_linear_map_that_is_not_folded_leaves_the_parameters_open():
    linear = '  %l = craft.linear %a (2 by 2 identity) : "l" [1, 2]\n'
    text = MODEL.format(layer="layer 0 ", linear="%a").replace(linear, "").replace("  %m =", f"{linear}  %m =")
    module = parse(text.replace("craft.mlp layer 1 (%t)", "craft.mlp layer 1 (%l)"))
    FuseHeadsPass().apply(Context(), module)
    assert sizes_of(module) == AssembledSizes(d_model=10, n_layers=1, n_heads=2)
