"""What raspc adds to xDSL: its dialects, passes and targets, found by the entry point `xdsl.universe`.

Everything is imported when it is asked for, so that xDSL's own tools stay as fast as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.ir import Dialect
from xdsl.passes import ModulePass
from xdsl.universe import Universe
from xdsl.utils.target import Target


def _rasp() -> Dialect:
    from raspc.dialects.rasp import Rasp

    return Rasp


def _craft() -> Dialect:
    from raspc.dialects.craft import Craft

    return Craft


def _transformer() -> Dialect:
    from raspc.dialects.transformer import Transformer

    return Transformer


def _infer_values() -> type[ModulePass]:
    from raspc.passes.infer_values import InferValuesPass

    return InferValuesPass


def _fold_known_values() -> type[ModulePass]:
    from raspc.passes.fold_known_values import FoldKnownValuesPass

    return FoldKnownValuesPass


def _recognize_counts() -> type[ModulePass]:
    from raspc.passes.recognize_counts import RecognizeCountsPass

    return RecognizeCountsPass


def _detect_presence() -> type[ModulePass]:
    from raspc.passes.detect_presence import DetectPresencePass

    return DetectPresencePass


def _count_close_means() -> type[ModulePass]:
    from raspc.passes.count_close_means import CountCloseMeansPass

    return CountCloseMeansPass


def _simplify_selectors() -> type[ModulePass]:
    from raspc.passes.simplify_selectors import SimplifySelectorsPass

    return SimplifySelectorsPass


def _merge_equal_sops() -> type[ModulePass]:
    from raspc.passes.merge_equal_sops import MergeEqualSopsPass

    return MergeEqualSopsPass


def _legalize_selectors() -> type[ModulePass]:
    from raspc.passes.legalize_selectors import LegalizeSelectorsPass

    return LegalizeSelectorsPass


def _lower_widths() -> type[ModulePass]:
    from raspc.passes.lower_widths import LowerWidthsPass

    return LowerWidthsPass


def _infer_encodings() -> type[ModulePass]:
    from raspc.passes.infer_encodings import InferEncodingsPass

    return InferEncodingsPass


def _fuse_maps() -> type[ModulePass]:
    from raspc.passes.fuse_maps import FuseMapsPass

    return FuseMapsPass


def _materialize_mlp() -> type[ModulePass]:
    from raspc.lowering.materialize_mlp import MaterializeMlpPass

    return MaterializeMlpPass


def _materialize_attention() -> type[ModulePass]:
    from raspc.lowering.materialize_attention import MaterializeAttentionPass

    return MaterializeAttentionPass


def _fold_linear() -> type[ModulePass]:
    from raspc.passes.fold_linear import FoldLinearPass

    return FoldLinearPass


def _prune_directions() -> type[ModulePass]:
    from raspc.passes.prune_directions import PruneDirectionsPass

    return PruneDirectionsPass


def _schedule_layers() -> type[ModulePass]:
    from raspc.passes.schedule_layers import ScheduleLayersPass

    return ScheduleLayersPass


def _balance_layers() -> type[ModulePass]:
    from raspc.passes.balance_layers import BalanceLayersPass

    return BalanceLayersPass


def _fuse_heads() -> type[ModulePass]:
    from raspc.passes.fuse_heads import FuseHeadsPass

    return FuseHeadsPass


def _fuse_mlps() -> type[ModulePass]:
    from raspc.passes.fuse_mlps import FuseMlpsPass

    return FuseMlpsPass


def _share_units() -> type[ModulePass]:
    from raspc.passes.share_units import ShareUnitsPass

    return ShareUnitsPass


def _shrink_attention() -> type[ModulePass]:
    from raspc.passes.shrink_attention import ShrinkAttentionPass

    return ShrinkAttentionPass


def _certify() -> type[ModulePass]:
    from raspc.passes.certify import CertifyPass

    return CertifyPass


def _assemble_transformer() -> type[ModulePass]:
    from raspc.lowering.assemble_transformer import AssembleTransformerPass

    return AssembleTransformerPass


def _reuse_directions() -> type[ModulePass]:
    from raspc.passes.reuse_directions import ReuseDirectionsPass

    return ReuseDirectionsPass


def _merge_constant() -> type[ModulePass]:
    from raspc.passes.merge_constant import MergeConstantPass

    return MergeConstantPass


def _share_heads() -> type[ModulePass]:
    from raspc.passes.share_heads import ShareHeadsPass

    return ShareHeadsPass


def _cast_weights() -> type[ModulePass]:
    from raspc.passes.cast_weights import CastWeightsPass

    return CastWeightsPass


def _pad_uniform() -> type[ModulePass]:
    from raspc.passes.pad_uniform import PadUniformPass

    return PadUniformPass


def _onnx_text() -> type[Target]:
    from raspc.lowering.onnx_target import OnnxTextTarget

    return OnnxTextTarget


DIALECTS: dict[str, Callable[[], Dialect]] = {"rasp": _rasp, "craft": _craft, "transformer": _transformer}

PASSES: dict[str, Callable[[], type[ModulePass]]] = {
    "infer-values": _infer_values,
    "fold-known-values": _fold_known_values,
    "recognize-counts": _recognize_counts,
    "detect-presence": _detect_presence,
    "count-close-means": _count_close_means,
    "simplify-selectors": _simplify_selectors,
    "merge-equal-sops": _merge_equal_sops,
    "legalize-selectors": _legalize_selectors,
    "lower-widths": _lower_widths,
    "infer-encodings": _infer_encodings,
    "fuse-maps": _fuse_maps,
    "materialize-mlp": _materialize_mlp,
    "materialize-attention": _materialize_attention,
    "fold-linear": _fold_linear,
    "prune-directions": _prune_directions,
    "schedule-layers": _schedule_layers,
    "balance-layers": _balance_layers,
    "fuse-heads": _fuse_heads,
    "fuse-mlps": _fuse_mlps,
    "share-units": _share_units,
    "shrink-attention": _shrink_attention,
    "certify": _certify,
    "assemble-transformer": _assemble_transformer,
    "reuse-directions": _reuse_directions,
    "share-heads": _share_heads,
    "cast-weights": _cast_weights,
    "merge-constant": _merge_constant,
    "pad-uniform": _pad_uniform,
}

TARGETS: dict[str, Callable[[], type[Target]]] = {"onnx-text": _onnx_text}

RASPC_UNIVERSE = Universe(all_dialects=DIALECTS, all_passes=PASSES, all_targets=TARGETS)
