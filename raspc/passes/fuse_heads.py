"""The pass fuse-heads: the heads of a layer become one multi-head attention."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from raspc.dialects.craft import AttentionOp, HeadOp, ModelOp, YieldOp
from raspc.dialects.craft.checks import vector_of
from raspc.passes.layer_order import layer_of, sort_by_stage


@dataclass(frozen=True)
class FuseHeadsPass(ModulePass):
    """Gather the heads of each layer in one `craft.attention`, and put the ops into the order of the layers.

    ```mlir
    %a = craft.head layer 0 query(…) … : "a" [1, 2]
    %b = craft.head layer 0 query(…) … : "b" [1, 2]
    ```
    becomes
    ```mlir
    %a, %b = craft.attention layer 0 {
      %a_1 = craft.head query(…) … : "a" [1, 2]
      %b_1 = craft.head query(…) … : "b" [1, 2]
      craft.yield (%a_1, %b_1)
    } : "a" [1, 2], "b" [1, 2]
    ```

    Layers must be assigned. Heads that are fused already are left alone.
    """

    name = "fuse-heads"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            block = model.body.block
            sort_by_stage(block)
            heads = [child for child in block.ops if isinstance(child, HeadOp)]
            for layer, group in groupby(heads, key=layer_of):
                self._fuse(layer, list(group))

    @staticmethod
    def _fuse(layer: int, heads: list[HeadOp]) -> None:
        block = Block()
        attention = AttentionOp(layer, Region(block), [vector_of(head.result) for head in heads])
        Rewriter.insert_op(attention, InsertPoint.before(heads[0]))
        for head, result in zip(heads, attention.results_, strict=True):
            result.name_hint = head.result.name_hint
            head.result.replace_all_uses_with(result)
            head.detach()
            head.layer = None
            block.add_op(head)
        block.add_op(YieldOp([head.result for head in heads]))
