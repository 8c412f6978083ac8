"""The pass fold-known-values: what can have one value only, or only depends on the index, needn't be computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from raspc.algebra.domain import Domain
from raspc.algebra.functions import Affine, Function, Table
from raspc.dialects.rasp import (
    AggregateOp,
    ConstantOp,
    IndicesOp,
    LengthOp,
    MapOp,
    ProgramOp,
    SelectorWidthOp,
    SopType,
    TokensOp,
)
from raspc.passes.infer_values import check_inferred
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.locations import location_of, set_location
from raspc.passes.names import name_generally
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis
from raspc.passes.value_analysis.facts import INDICES


class FoldConstant(RewritePattern):
    """An s-op that has only one value, or none at all, is a constant."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self,
        op: TokensOp | IndicesOp | LengthOp | MapOp | AggregateOp | SelectorWidthOp,
        rewriter: PatternRewriter,
    ) -> None:
        domain = domain_of(op.result)
        if domain.mixed or len(domain) + domain.undefined != 1:
            return
        value = None if domain.undefined else domain.values[0]
        constant = ConstantOp(value, SopType(domain, encoding_of(op.result)))
        set_location(constant, location_of(op))
        rewriter.replace(op, constant)


@dataclass(eq=False)
class FoldWidthOfIndex(RewritePattern):
    """A width that is a function of the index is a map of the indices: %up_to_here has the width `index + 1`."""

    program: ProgramOp

    @cached_property
    def analysis(self) -> ValueAnalysis:
        return analysis_of(self.program, ValueAnalysis)

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: SelectorWidthOp | LengthOp, rewriter: PatternRewriter) -> None:
        joint = self.analysis.facts.joints.get(op.result)
        if joint is None or joint.axes != (INDICES,):
            return
        widths = tuple(joint.domain.values[code] for code in joint.codes.tolist())
        domain = Domain.of(range(self.program.max_seq_len.data))
        indices = IndicesOp(SopType(domain))
        name_generally(indices.result, "indices")
        offset = widths[0]
        assert isinstance(offset, int)
        function: Function = Table((domain.values,), widths)
        if all(width == index + offset for index, width in enumerate(widths)):
            function = Affine((1,), offset)
        index_map = MapOp([indices], function, op.result.type)
        new_ops: list[Operation] = [indices, index_map]
        for new_op in new_ops:
            set_location(new_op, location_of(op))
        rewriter.replace(op, new_ops)


@dataclass(frozen=True)
class FoldKnownValuesPass(ModulePass):
    """Replace s-ops of which infer-values has found that they are constants or depend on the index alone.

    ```mlir
    %so_far = rasp.select %indices, %indices le
    %n_so_far = rasp.selector_width %so_far : 1 to 5
    %nothing = rasp.select %tokens, %tokens false
    %none = rasp.aggregate %nothing, %tokens default 0 : [0]
    ```
    becomes
    ```mlir
    %n_so_far = rasp.map(%indices) affine [1] + 1 : 1 to 5
    %none = rasp.constant 0 : [0]
    ```

    It doesn't fire where the one value may come in several forms (`1`, `1.0`), or where a width depends on the length
    too: another width would have to tell it.
    """

    name = "fold-known-values"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            PatternRewriteWalker(
                GreedyRewritePatternApplier([FoldConstant(), FoldWidthOfIndex(program)])
            ).rewrite_region(program.body)
