"""Passes that run after certify keep what a model computes, bit for bit, and bind its certificate anew."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.hints import isa

from raspc.algebra.dtypes import DTYPES, FLOAT32
from raspc.dialects.dense import Dense, to_array
from raspc.dialects.transformer import model_of
from raspc.dialects.transformer.layers import read_model
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.passes.cast_weights import CastWeightsPass
from raspc.passes.certification.arithmetic import arithmetics_of
from raspc.passes.merge_constant import MergeConstantPass
from raspc.passes.pad_uniform import PadUniformPass
from raspc.passes.rebinding import ARGUMENTS, rebind, valid_certificate
from raspc.passes.reuse_directions import ReuseDirectionsPass
from raspc.passes.share_heads import ShareHeadsPass
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from tests.programs.compiled import task_of
from tests.programs.corpus import Program
from tests.programs.inserting import programs_named
from tests.unit.passes.certification.test_binding import certified_craft

PROGRAMS = programs_named("hist reverse sort pair_balance shuffle_dyck2")

SAME_BITS: list[ModulePass] = [
    ShareHeadsPass(),
    ReuseDirectionsPass("width"),
    ReuseDirectionsPass("parameters"),
    MergeConstantPass(),
    PadUniformPass(),
]

CHANGES = {
    "share-heads": {"pair_balance", "shuffle_dyck2"},
    "reuse-directions": {"reverse", "sort", "shuffle_dyck2"},
    "merge-constant": {"hist", "reverse", "sort", "pair_balance", "shuffle_dyck2"},
    "pad-uniform": {"hist", "reverse", "sort", "pair_balance", "shuffle_dyck2"},
}
"""Programs of which each pass has something to change."""


@cache
def assembled(program: Program, dtype: str, size: int | None = None) -> ModuleOp:
    """The certified transformer of a program as the assembly makes it; with other weights after cast-weights."""
    size = program.max_seq_len if size is None else size
    module = build_module(program.build(size), program.vocab, size, causal=program.causal)
    for each in passes_of("O2", dtype=dtype):
        each.apply(Context(), module)
        if isinstance(each, AssembleTransformerPass):
            break
    if dtype != FLOAT32.name:
        CastWeightsPass(dtype).apply(Context(), module)
    return module


def logits(model: CompiledModel, program: Program) -> NDArray[np.float32]:
    """The logits at all tokens of all inputs, or of edges and samples."""
    ids, padding = model.codec.encode_batch([*task_of(program, model.max_seq_len).inputs(120, 20)])
    return model._logits(ids, padding)[padding]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
@pytest.mark.parametrize("applied", SAME_BITS, ids=str)
def test_a_pass_after_certify_keeps_every_bit(program: Program, applied: ModulePass):
    module = assembled(program, FLOAT32.name)
    before = CompiledModel(module)
    changed = module.clone()
    applied.apply(Context(), changed)
    after = CompiledModel(changed)
    assert logits(after, program).tobytes() == logits(before, program).tobytes()
    assert before.certificate is not None
    assert after.certificate is not None
    assert after.certificate.claims == before.certificate.claims
    if program.name in CHANGES[applied.name] and str(applied) != str(ReuseDirectionsPass("parameters")):
        assert after.certificate.digest != before.certificate.digest


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("applied", SAME_BITS, ids=str)
def test_a_pass_after_certify_keeps_every_bit_in_other_dtypes(dtype: str, applied: ModulePass):
    (program,) = programs_named("hist")
    module = assembled(program, dtype, 4)
    before = CompiledModel(module)
    changed = module.clone()
    applied.apply(Context(), changed)
    after = CompiledModel(changed)
    assert after.certificate is not None
    assert logits(after, program).tobytes() == logits(before, program).tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_cast_gives_the_weights_that_the_certificate_has_assumed(dtype: str):
    (program,) = programs_named("reverse")
    module = assembled(program, FLOAT32.name).clone()
    before = [weights.astype(np.float64) for weights in weights_of(module)]
    CastWeightsPass(dtype).apply(Context(), module)
    for arithmetic in arithmetics_of(dtype):
        for old, new in zip(before, weights_of(module), strict=True):
            assert np.array_equal(arithmetic.stored(old), new.astype(np.float64))


def weights_of(module: ModuleOp) -> list[NDArray[np.float32]]:
    transformer = read_model(model_of(module))
    ops = [part.op for layer in transformer.layers for part in (layer.attention, layer.mlp) if part is not None]
    weights = [attr for op in (transformer.embed, *ops, transformer.unembed) for attr in op.properties.values()]
    return [to_array(attr) for attr in weights if isa(attr, Dense)]


def test_every_argument_is_that_of_a_pass_which_is_tested():
    tested = {applied.name for applied in SAME_BITS} | {AssembleTransformerPass.name, CastWeightsPass.name}
    assert set(ARGUMENTS) == tested


# What keeps no certificate


def certified() -> ModuleOp:
    module, _ = certified_craft()
    AssembleTransformerPass().apply(Context(), module)
    return module


def test_a_pass_that_gives_no_reason_keeps_no_certificate():
    model = model_of(certified())
    certificate = valid_certificate(model)
    assert certificate is not None
    with pytest.raises(ValueError, match="the pass 'noise' gives no reason"):
        rebind(model, certificate, "noise")


def test_what_has_no_certificate_gets_none():
    model = model_of(certified())
    for name in ARGUMENTS:
        rebind(model, None, name)
        assert valid_certificate(model) is None
