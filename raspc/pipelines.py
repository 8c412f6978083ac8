"""The named pipelines: the only list of the compiler's stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from xdsl.passes import ModulePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

from raspc.algebra.dtypes import DTYPES, FLOAT32
from raspc.errors import CompileError
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.lowering.materialize_attention import MaterializeAttentionPass
from raspc.lowering.materialize_mlp import MaterializeMlpPass
from raspc.objectives import LAYERS, OBJECTIVES, PARAMETERS, WIDTH
from raspc.passes.balance_layers import BalanceLayersPass
from raspc.passes.cast_weights import CastWeightsPass
from raspc.passes.certify import CertifyPass
from raspc.passes.count_close_means import CountCloseMeansPass
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
from raspc.passes.merge_constant import MergeConstantPass
from raspc.passes.merge_equal_sops import MergeEqualSopsPass
from raspc.passes.pad_uniform import PadUniformPass
from raspc.passes.prune_directions import PruneDirectionsPass
from raspc.passes.recognize_counts import RecognizeCountsPass
from raspc.passes.reuse_directions import ReuseDirectionsPass
from raspc.passes.schedule_layers import ScheduleLayersPass
from raspc.passes.share_heads import ShareHeadsPass
from raspc.passes.share_units import ShareUnitsPass
from raspc.passes.shrink_attention import ShrinkAttentionPass
from raspc.passes.simplify_selectors import SimplifySelectorsPass


@dataclass(frozen=True)
class Choices:
    """What may be chosen in a pipeline that optimises.

    Attributes:
        uniform: balance layers for a model that is padded to one shape.
        numerical_output: let the model write numbers as numbers; see infer-encodings.
        more_layers: take more layers than necessary if that makes the model smaller; see balance-layers.
        reuse_directions: let directions hold several values one after the other, where that takes fewer `parameters`,
            or wherever it makes the `width` smaller; see reuse-directions.
        merge_constant: do without a direction for the constant one; see merge-constant.
        factor: add up widths rather than compute tuples for heads; see legalize-selectors.
        attenuated: read widths from numbers that nearly are these widths; see lower-widths.
    """

    uniform: bool = False
    numerical_output: bool = False
    more_layers: bool = False
    reuse_directions: str | None = None
    merge_constant: bool = False
    factor: bool = True
    attenuated: bool = True


DEFAULT_CHOICES = Choices()


def _faithful(*, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """Every s-op in its own subspace, one component per s-op."""
    return (InferValuesPass(strict=strict), *_lowering(dtype))


def _clean(*, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """The same after the algebra that needs fewer or simpler s-ops; those that are left are computed as before."""
    return (*_algebra(strict=strict), *_lowering(dtype))


def _small(choices: Choices = DEFAULT_CHOICES, *, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """A small model with few layers, by everything that is cheap to do."""
    return _optimised(choices, "heuristic", strict=strict, dtype=dtype)


def _smallest(choices: Choices = DEFAULT_CHOICES, *, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    """The same with a solver, and directions of the residual stream that hold several values one after the other."""
    return _optimised(
        replace(choices, reuse_directions=choices.reuse_directions or "parameters"), "milp", strict=strict, dtype=dtype
    )


def _optimised(choices: Choices, solver: str, *, strict: bool, dtype: str) -> tuple[ModulePass, ...]:
    return (
        *_algebra(strict=strict),
        LegalizeSelectorsPass(factor=choices.factor),
        LowerWidthsPass(attenuated=choices.attenuated),
        InferEncodingsPass(combine=True, numerical_output=choices.numerical_output),
        FuseMapsPass(dtype=dtype),
        CommonSubexpressionElimination(),
        MaterializeMlpPass(linear=True, lookup="cheapest", dtype=dtype),
        MaterializeAttentionPass(),
        FoldLinearPass(),
        PruneDirectionsPass(),
        ScheduleLayersPass(),
        ShrinkAttentionPass(dtype),
        BalanceLayersPass(
            objective="padded" if choices.uniform else "stored", solver=solver, more_layers=choices.more_layers
        ),
        FuseHeadsPass(),
        FuseMlpsPass(),
        ShareUnitsPass(),
        CertifyPass(dtype),
        AssembleTransformerPass(),
        ShareHeadsPass(),
        *(() if choices.reuse_directions is None else (ReuseDirectionsPass(choices.reuse_directions),)),
    )


def _algebra(*, strict: bool) -> tuple[ModulePass, ...]:
    """From a program to one with known values and fewer or simpler s-ops."""
    return (
        InferValuesPass(strict=strict),
        FoldKnownValuesPass(),
        RecognizeCountsPass(),
        DetectPresencePass(),
        CountCloseMeansPass(),
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


OPTIMISING = ("O2", "O3")
"""The pipelines that leave a choice; they take `Choices` as their argument."""


def _narrow(reuse: str) -> tuple[Choices, ...]:
    """What makes the residual stream narrow. Each of the last two choices can be in the way of the other one."""
    return tuple(
        Choices(numerical_output=numerical_output, reuse_directions=reuse_directions, merge_constant=merge_constant)
        for numerical_output in (False, True)
        for reuse_directions, merge_constant in ((None, True), (reuse, False), (reuse, True))
    )


_CHOICES: Mapping[str, tuple[Choices, ...]] = MappingProxyType(
    {
        LAYERS: (DEFAULT_CHOICES,),
        PARAMETERS: (
            DEFAULT_CHOICES,
            *(
                replace(choices, more_layers=more_layers)
                for more_layers in (False, True)
                for choices in dict.fromkeys((*_narrow("parameters"), *_narrow("width")))
            ),
        ),
        WIDTH: (DEFAULT_CHOICES, *_narrow("width")),
    }
)
"""What is tried for each objective."""


def pipelines_of(
    pipeline: str,
    *,
    objective: str = LAYERS,
    uniform: bool = False,
    strict: bool = False,
    dtype: str = FLOAT32.name,
) -> list[tuple[ModulePass, ...]]:
    """The passes of a named pipeline, in all variants of which an objective wants the best; first the one of `layers`.

    Args:
        pipeline: the name of a pipeline.
        objective: one of `OBJECTIVES`.
        uniform: whether all layers shall have one shape.
        strict: whether to refuse what can't be proved to have a meaning.
        dtype: what the model computes in.

    Raises:
        CompileError: there is no pipeline, objective or dtype of this name, or the pipeline can't have the objective.
    """
    for what, given, known in (
        ("pipeline", pipeline, PIPELINES),
        ("objective", objective, OBJECTIVES),
        ("dtype", dtype, DTYPES),
    ):
        if given not in known:
            raise CompileError(f"there is no {what} {given!r}", expected=f"one of {', '.join(known)}")
    if pipeline not in OPTIMISING:
        if objective != LAYERS:
            raise CompileError(
                f"the pipeline {pipeline} leaves nothing to choose for the objective {objective!r}",
                expected=f"one of the pipelines {', '.join(OPTIMISING)}",
            )
        return [_finished(pipeline, None, uniform=uniform, strict=strict, dtype=dtype)]
    return [
        _finished(pipeline, choices, uniform=uniform, strict=strict, dtype=dtype) for choices in _CHOICES[objective]
    ]


def _finished(
    pipeline: str, choices: Choices | None, *, uniform: bool, strict: bool, dtype: str
) -> tuple[ModulePass, ...]:
    """The passes of a pipeline, with choices if it leaves any, and those that its model goes through at the end."""
    chosen = () if choices is None else (replace(choices, uniform=uniform),)
    passes = [*PIPELINES[pipeline](*chosen, strict=strict, dtype=dtype)]
    if dtype != FLOAT32.name:
        passes.append(CastWeightsPass(dtype))
    if choices is not None and choices.merge_constant:
        passes.append(MergeConstantPass())  # after the cast: its sums must be exact
    if uniform:
        passes.append(PadUniformPass())
    return tuple(passes)


def fallbacks_of(
    pipeline: str, *, uniform: bool = False, strict: bool = False, dtype: str = FLOAT32.name
) -> list[tuple[ModulePass, ...]]:
    """What compiles programs that a pipeline refuses, because what it fuses would be too inexact: in this order.

    A pipeline that optimises refuses nothing that `O1` compiles.
    """
    if pipeline not in OPTIMISING:
        return []
    plain = Choices(attenuated=False)
    simpler = ((pipeline, plain), (pipeline, replace(plain, factor=False)), ("O1", None))
    return [_finished(name, choices, uniform=uniform, strict=strict, dtype=dtype) for name, choices in simpler]


def passes_of(
    pipeline: str, *, uniform: bool = False, strict: bool = False, dtype: str = FLOAT32.name
) -> tuple[ModulePass, ...]:
    """The passes of a named pipeline for its first objective, few layers; see `pipelines_of`.

    Raises:
        CompileError: there is no pipeline or no dtype of this name.
    """
    return pipelines_of(pipeline, uniform=uniform, strict=strict, dtype=dtype)[0]


def pipeline_text(pipeline: str) -> str:
    """The pipeline as `rasp-opt -p` takes it: the names of its passes."""
    return ",".join(str(compiler_pass.spec()) for compiler_pass in passes_of(pipeline))
