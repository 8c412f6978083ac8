"""Heads that attend alike: models compute the same with one of them, and are smaller."""

from __future__ import annotations

import json

import numpy as np
import pytest
from xdsl.context import Context

from raspc.dialects.dense import to_array, to_dense
from raspc.dialects.transformer import AddOp, AttentionMaskOp, AttentionOp, EmbedOp, ModelOp, UnembedOp
from raspc.passes.share_heads import ShareHeadsPass
from tests.programs.inserting import check_inserted, programs_named
from tests.programs.levels import parse
from tests.programs.program import Program

PROGRAMS = programs_named(
    "reverse hist double_hist most_freq pair_balance shuffle_dyck2 is_palindrome induction_head add_binary "
    "three_in_a_row two_widths_of_one_layer mean_of_widths"
)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_computes_the_same(program: Program):
    before, after = check_inserted(program, ShareHeadsPass(), "assemble-transformer")
    assert after.config.n_heads <= before.config.n_heads
    assert after.config.n_params <= before.config.n_params
    assert before.certificate is not None
    assert after.certificate is not None
    assert after.certificate.claims == before.certificate.claims


def test_two_means_over_the_same_positions_take_one_head():
    (program,) = programs_named("pair_balance")
    before, after = check_inserted(program, ShareHeadsPass(), "assemble-transformer")
    assert (before.config.n_heads, after.config.n_heads) == (2, 1)
    assert after.config.n_params < before.config.n_params


def attention(*heads: tuple[float, list[int]], d_head: int = 1) -> AttentionOp:
    """An attention after the pass.

    Args:
        heads: for each head a number for its scores, and which of the first four directions it copies.
        d_head: how wide the scores are.
    """
    d_model, d_value = 20, max(len(copied) for _, copied in heads)
    w_q, w_k = np.zeros((2, len(heads), d_model, d_head))
    w_v, w_o = np.zeros((len(heads), d_model, d_value)), np.zeros((len(heads), d_value, d_model))
    for number, (score, copied) in enumerate(heads):
        w_q[number, 0], w_k[number, 1] = score, 1.0
        w_v[number, copied, range(len(copied))] = 1.0
        w_o[number, range(len(copied)), [4 * number + 4 + direction for direction in copied]] = 1.0
    module = parse(MODEL)
    (model,) = module.ops
    assert isinstance(model, ModelOp)
    embed, unembed = (op for op in model.body.block.ops if isinstance(op, EmbedOp | UnembedOp))
    mask = AttentionMaskOp(model.body.block.args[1], causal=False)
    op = AttentionOp(embed.result, mask.result, *map(to_dense, (w_q, w_k, w_v, w_o)))
    add = AddOp(embed.result, op.result)
    model.body.block.insert_ops_before([mask, op, add], unembed)
    unembed.operands[0] = add.result
    module.verify()
    before = written(op)
    ShareHeadsPass().apply(Context(), module)
    module.verify()
    assert written(op) == before
    return op


def written(op: AttentionOp) -> set[tuple[float, int, int]]:
    """What is read and written with which score: its number and the two directions."""
    w_q, w_v, w_o = (to_array(weights) for weights in (op.w_q, op.w_v, op.w_o))
    found: set[tuple[float, int, int]] = set()
    for head in range(op.n_heads):
        for source, target in np.argwhere(w_v[head] @ w_o[head]):
            found.add((float(w_q[head, 0, 0]), int(source), int(target)))
    return found


MODEL = f"""
transformer.model @model(%ids, %padding) vocab [1] max_seq_len 1 output categorical [] residual
  {json.dumps([*"abcdefghijklmnopqrst"])} {{
  %x = transformer.embed %ids w_e(dense<0.0> : tensor<2x20xf32>)
    w_pos(dense<0.0> : tensor<2x20xf32>) : tensor<?x?x20xf32>
  %logits = transformer.unembed %x w_u(dense<0.0> : tensor<20x1xf32>) b_u(dense<0.5> : tensor<1xf32>)
    : tensor<?x?x20xf32> -> tensor<?x?x1xf32>
  transformer.return %logits : tensor<?x?x1xf32>
}}
"""


@pytest.mark.parametrize(
    ("heads", "d_head", "n_heads", "d_value"),
    [
        ([(1.0, [0]), (1.0, [1])], 1, 1, 2),
        ([(1.0, [0]), (2.0, [1]), (1.0, [1])], 3, 2, 2),
        ([(1.0, [0]), (2.0, [1]), (3.0, [2])], 3, 3, 1),  # no two alike
        ([(1.0, [0, 1]), (1.0, [2, 3]), (2.0, [0, 1])], 1, 3, 2),  # a head of width 4 would make the other one as wide
        ([(1.0, [0, 1]), (1.0, [2, 3]), (2.0, [0, 1])], 4, 2, 4),  # which pays off if scores are wide
        ([(1.0, [0, 1]), (1.0, [1, 0]), (2.0, [0, 1])], 1, 2, 2),  # nothing need be read twice
        ([(1.0, [0, 1, 2]), (1.0, [3]), (2.0, [0]), (2.0, [1])], 1, 3, 2),  # four columns in two heads, and two in one
    ],
)
def test_the_fewest_parameters(heads: list[tuple[float, list[int]]], d_head: int, n_heads: int, d_value: int):
    op = attention(*heads, d_head=d_head)
    assert (op.n_heads, op.d_value) == (n_heads, d_value)
