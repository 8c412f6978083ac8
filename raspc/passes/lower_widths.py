"""The pass lower-widths: widths are read from what attention leaves on BOS."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern, op_type_rewrite_pattern

from raspc.dialects.rasp import BosWeightOp, MapOp, ProgramOp, SelectorWidthOp
from raspc.passes.decoding import WIDTH
from raspc.passes.infer_values import check_inferred
from raspc.passes.locations import location_of, set_location
from raspc.passes.sop_types import domain_of


class LowerWidth(RewritePattern):
    """A width is a function of the weight that a head which always attends to BOS leaves there, 1 / (1 + width)."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorWidthOp, rewriter: PatternRewriter) -> None:
        weight = BosWeightOp(op.selector, domain_of(op.result))
        weight.result.name_hint = f"{op.result.name_hint or 'width'}_inverse"
        width = MapOp([weight], WIDTH, op.result.type)
        for new_op in (weight, width):
            set_location(new_op, location_of(op))
        rewriter.replace(op, [weight, width])


@dataclass(frozen=True)
class LowerWidthsPass(ModulePass):
    """Write each width as a function of the number that a head computes for it.

    ```mlir
    %length = rasp.selector_width %all : 1 to 5
    ```
    becomes
    ```mlir
    %length_inverse = rasp.bos_weight %all : numerical [0.16666666666666666, 0.2, 0.25, 0.3333333333333333, 0.5]
    %length = rasp.map(%length_inverse) "x -> round(1 / x) - 1" : 1 to 5
    ```

    So the map can be fused with those that read the width (fuse-maps): `length - indices - 1` is then read from the
    number and the index at once. Without this pass materialize-mlp does the same, one width at a time. Values must be
    inferred, and selectors legal.
    """

    name = "lower-widths"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(LowerWidth(), apply_recursively=False).rewrite_region(program.body)
