"""The named pipelines: the only list of the compiler's stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from xdsl.passes import ModulePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

from raspc.algebra.dtypes import DTYPES, FLOAT32
from raspc.errors import CompileError
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.lowering.materialize_attention import MaterializeAttentionPass
from raspc.lowering.materialize_mlp import MaterializeMlpPass
from raspc.passes.balance_layers import BalanceLayersPass
from raspc.passes.cast_weights import CastWeightsPass
from raspc.passes.certify import CertifyPass
from raspc.passes.detect_presence import DetectPresencePass
from raspc.passes.fold_known_values import FoldKnownValuesPass
from raspc.passes.fold_linear import FoldLinearPass
from raspc.passes.fuse_heads import FuseHeadsPass
from raspc.passes.fuse_maps import FuseMapsPass
from raspc.passes.fuse_mlps import FuseMlpsPass
from raspc.passes.infer_encodings import InferEncodingsPass
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.legalize_selectors import LegalizeSelectorsPass
from raspc.passes.lower_widths import LowerWidthsPass
from raspc.passes.merge_equal_sops import MergeEqualSopsPass
from raspc.passes.prune_directions import PruneDirectionsPass
from raspc.passes.recognize_counts import RecognizeCountsPass
from raspc.passes.reuse_directions import ReuseDirectionsPass
from raspc.passes.schedule_layers import ScheduleLayersPass
from raspc.passes.share_heads import ShareHeadsPass
from raspc.passes.share_units import ShareUnitsPass
from raspc.passes.shrink_attention import ShrinkAttentionPass
from raspc.passes.simplify_selectors import SimplifySelectorsPass


def _faithful(*, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """Every s-op in its own subspace, one component per s-op."""
    return (InferValuesPass(strict=strict), *_lowering(dtype))


def _clean(*, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """The same after the algebra that needs fewer or simpler s-ops; those that are left are computed as before."""
    return (*_algebra(strict=strict), *_lowering(dtype))


def _small(*, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """A small model with few layers, by everything that is cheap to do."""
    return _optimised(BalanceLayersPass(), strict=strict, dtype=dtype)


def _smallest(*, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """The same with a solver, and directions of the residual stream that hold several values one after the other."""
    return (*_optimised(BalanceLayersPass(solver="milp"), strict=strict, dtype=dtype), ReuseDirectionsPass())


def _optimised(balancing: ModulePass, *, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    return (
        *_algebra(strict=strict),
        LegalizeSelectorsPass(factor=True),
        LowerWidthsPass(),
        InferEncodingsPass(combine=True),
        FuseMapsPass(dtype=dtype),
        CommonSubexpressionElimination(),
        MaterializeMlpPass(linear=True, lookup="cheapest", dtype=dtype),
        MaterializeAttentionPass(),
        FoldLinearPass(),
        PruneDirectionsPass(),
        ScheduleLayersPass(),
        ShrinkAttentionPass(dtype),
        balancing,
        FuseHeadsPass(),
        FuseMlpsPass(),
        ShareUnitsPass(),
        CertifyPass(dtype),
        AssembleTransformerPass(),
        ShareHeadsPass(),
    )


def _algebra(*, strict: bool) -> tuple[ModulePass, ...]:
    """From a program to one with known values and fewer or simpler s-ops."""
    return (
        InferValuesPass(strict=strict),
        FoldKnownValuesPass(),
        RecognizeCountsPass(),
        DetectPresencePass(),
        SimplifySelectorsPass(),
        MergeEqualSopsPass(),
    )


def _lowering(dtype: str) -> tuple[ModulePass, ...]:
    """From a program with known values to a transformer."""
    return (
        LegalizeSelectorsPass(),
        InferEncodingsPass(),
        MaterializeMlpPass(),
        MaterializeAttentionPass(),
        ScheduleLayersPass(),
        FuseHeadsPass(),
        FuseMlpsPass(),
        ShrinkAttentionPass(dtype),
        CertifyPass(dtype),
        AssembleTransformerPass(),
    )


PIPELINES: Mapping[str, Callable[..., tuple[ModulePass, ...]]] = MappingProxyType(
    {"O0": _faithful, "O1": _clean, "O2": _small, "O3": _smallest}
)
"""Each pipeline leads from the rasp to the transformer dialect."""

DEFAULT_PIPELINE = "O2"
"""The pipeline of a compilation that names none."""


def passes_of(pipeline: str, *, strict: bool = False, dtype: str = "float32") -> tuple[ModulePass, ...]:
    """The passes of a named pipeline, and the cast to a dtype if that isn't float32.

    Raises:
        CompileError: there is no pipeline or no dtype of this name.
    """
    if pipeline not in PIPELINES:
        raise CompileError(f"there is no pipeline {pipeline!r}", expected=f"one of {', '.join(PIPELINES)}")
    if dtype not in DTYPES:
        raise CompileError(f"there is no dtype {dtype!r}", expected=f"one of {', '.join(DTYPES)}")
    passes = PIPELINES[pipeline](strict=strict, dtype=dtype)
    return passes if dtype == FLOAT32.name else (*passes, CastWeightsPass(dtype))


def pipeline_text(pipeline: str) -> str:
    """The pipeline as `rasp-opt -p` takes it: the names of its passes."""
    return ",".join(str(compiler_pass.spec()) for compiler_pass in passes_of(pipeline))
