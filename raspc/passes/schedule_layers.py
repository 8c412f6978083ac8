"""The pass schedule-layers: give every head and perceptron its layer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import IntAttr, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

from raspc.dialects.craft import AttentionOp, HeadOp, LinearOp, MlpOp, ModelOp, SumOp, UnembedOp
from raspc.dialects.craft.ops import EmbeddingOp
from raspc.dialects.interfaces import EMBEDDED, after_attention, after_mlp
from raspc.passes.locations import refuse_unknown


def _ready(operands: Iterable[SSAValue], written: dict[SSAValue, int]) -> int:
    return max((written[operand] for operand in operands), default=EMBEDDED)


@dataclass(frozen=True)
class ScheduleLayersPass(ModulePass):
    """Assign each component to the first layer in which all that it reads is written.

    Attention comes before the MLP in a layer, so a head reads what earlier layers wrote, and an MLP also what heads of
    its own layer wrote.

    Claim: no schedule has fewer layers. Derivation: by induction over the program, none has a component in an earlier
    stage. All that the component reads is in the same stages there or in later ones, it has to come after these, and
    of the stages for its kind that do, this pass takes the first. So there are as many layers as a longest path of
    the graph takes. Which layers are best among those that are possible is left to balance-layers.

    ```mlir
    %inverse = craft.head query(%one) … : "inverse" …
    %length = craft.mlp (%inverse) … : "length" 1 to 5
    ```
    becomes
    ```mlir
    %inverse = craft.head layer 0 query(%one) … : "inverse" …
    %length = craft.mlp layer 0 (%inverse) … : "length" 1 to 5
    ```

    A component that has a layer already is assigned again. Fused components (see fuse-heads) are left alone.
    """

    name = "schedule-layers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            if not any(isinstance(child, AttentionOp) for child in model.body.block.ops):
                self._schedule(model)

    def _schedule(self, model: ModelOp) -> None:
        # Stage 2l is the attention of layer l and stage 2l + 1 its MLP.
        written: dict[SSAValue, int] = {}
        for op in model.body.block.ops:
            stage = self._stage(op, written)
            if isinstance(op, HeadOp | MlpOp):
                op.layer = IntAttr(stage // 2)
            written |= dict.fromkeys(op.results, stage)

    @staticmethod
    def _stage(op: Operation, written: dict[SSAValue, int]) -> int:
        ready = _ready(op.operands, written)
        match op:
            case HeadOp():
                return after_attention(ready)
            case MlpOp():
                return after_mlp(ready)
            case LinearOp() | SumOp() | UnembedOp():
                return ready
            case EmbeddingOp():
                return EMBEDDED
            case _:
                raise refuse_unknown(op, "it has no place among the layers")
