"""The pass lower-widths: a width is a function of a number that a head computes."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter, PatternRewriteWalker, RewritePattern, op_type_rewrite_pattern

from raspc.algebra.counting import lead_for
from raspc.dialects.rasp import AttenuatedWidthOp, BosWeightOp, MapOp, ProgramOp, SelectorWidthOp
from raspc.passes.decoding import ATTENUATED_WIDTH, WIDTH
from raspc.passes.infer_values import check_inferred
from raspc.passes.locations import location_of, set_location
from raspc.passes.names import name_part
from raspc.passes.sop_types import domain_of

ATTENUATED_LIMIT = 256
"""The largest width that is read from an attenuated one: its error grows with the number of positions, relatively."""


@dataclass(frozen=True)
class LowerWidth(RewritePattern):
    """A width is a function of what attention leaves on BOS, or of what it gives to the keys where BOS outweighs them.

    Attributes:
        attenuated: whether to take the latter.
    """

    attenuated: bool

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorWidthOp, rewriter: PatternRewriter) -> None:
        widths = domain_of(op.result)
        largest = int(widths.numbers.max(initial=1))
        if self.attenuated and largest <= ATTENUATED_LIMIT:
            lead = lead_for(largest)
            number, function = AttenuatedWidthOp(op.selector, lead, widths), ATTENUATED_WIDTH
            name_part(number.result, op.result, "attenuated", "width")
        else:
            number, function = BosWeightOp(op.selector, widths), WIDTH
            name_part(number.result, op.result, "inverse", "width")
        width = MapOp([number], function, op.result.type)
        for new_op in (number, width):
            set_location(new_op, location_of(op))
        rewriter.replace(op, [number, width])


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
    or with `attenuated=true`
    ```mlir
    %length_attenuated = rasp.attenuated_width %all lead 6.0 : numerical [0.99…, 1.99…, 2.97…, 3.96…, 4.93…]
    %length = rasp.map(%length_attenuated) "x -> round(x)" : 1 to 5
    ```

    So the map can be fused with those that read the width (fuse-maps): `length - indices - 1` is then read from the
    number and the index at once; and of attenuated widths sums and differences too, by few hidden units. Widths that
    can be over 256 aren't attenuated. Without this pass materialize-mlp does as it does by default, one width at a
    time. Values must be inferred, and selectors legal.
    """

    name = "lower-widths"

    attenuated: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(LowerWidth(self.attenuated), apply_recursively=False).rewrite_region(program.body)
