"""The order of a model's ops by layer, which the fusing passes establish."""

from __future__ import annotations

from xdsl.ir import Block, Operation

from raspc.dialects.craft import AttentionOp, HeadOp, LinearOp, MlpOp, SumOp, UnembedOp
from raspc.dialects.craft.ops import EmbeddingOp
from raspc.passes.locations import refuse, refuse_unknown
from raspc.passes.names import name_of


def layer_of(op: HeadOp | AttentionOp | MlpOp) -> int:
    """The layer of a component.

    Raises:
        CompileError: it isn't scheduled.
    """
    if op.layer is None:
        raise refuse(op, f"{op.name} has no layer", help="run the pass schedule-layers first")
    return op.layer.data


def stage_of(op: Operation) -> int:
    """Where an op stands: the embedding at -1, the attention of layer l at 2l, its MLP at 2l + 1; the output last."""
    match op:
        case HeadOp() | AttentionOp():
            return 2 * layer_of(op)
        case MlpOp():
            return 2 * layer_of(op) + 1
        case LinearOp():
            owner = op.x.owner
            assert isinstance(owner, Operation)
            return stage_of(owner)
        case UnembedOp():
            return 1 << 62
        case EmbeddingOp() | SumOp():  # a sum is refused where it isn't folded
            return -1
        case _:
            raise refuse_unknown(op, "it has no place among the layers")


def sort_by_stage(block: Block) -> None:
    """Put the ops of a model into the order of their layers; ops of the same stage keep their order.

    Raises:
        CompileError: a component isn't scheduled, or before what it reads.
    """
    for op in block.ops:
        check_schedule(op)
    ops = sorted(block.ops, key=stage_of)
    for op in ops:
        op.detach()
    block.add_ops(ops)


def check_schedule(op: Operation) -> None:
    """Check that what a component reads is written in an earlier stage.

    Raises:
        CompileError: it isn't, or a component isn't scheduled.
    """
    if not isinstance(op, HeadOp | AttentionOp | MlpOp):
        return
    read = op.operands if not isinstance(op, AttentionOp) else [x for head in op.heads for x in head.operands]
    for value in read:
        owner = value.owner
        if isinstance(owner, Operation) and stage_of(owner) >= stage_of(op):
            raise refuse(
                op,
                f"it is in layer {layer_of(op)} and reads {name_of(value)!r}, which isn't written yet there",
                help="run the pass schedule-layers",
            )
