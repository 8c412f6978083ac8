"""That no component reads what is written in its own stage or a later one."""

from __future__ import annotations

from xdsl.dialects.builtin import IntAttr
from xdsl.ir import Block, Operation, SSAValue

from raspc.dialects.craft.attention import AttentionOp, HeadOp
from raspc.dialects.craft.ops import MlpOp
from raspc.dialects.interfaces import EMBEDDED
from raspc.dialects.places import InvalidPartError


def verify_layers(block: Block) -> None:
    """Check that layers ascend along the flow of data.

    The attention of layer l is stage 2 l and its MLP is stage 2 l + 1: what a component reads must be written in an
    earlier stage. A component without a layer, to which schedule-layers will give one, is taken to write as early as
    what it reads.

    Args:
        block: the ops of a model, each after what it reads.

    Raises:
        InvalidPartError: a component reads what isn't written yet.
    """
    written: dict[SSAValue, int] = {}
    for op in block.ops:
        read = [value for head in op.heads for value in head.operands] if isinstance(op, AttentionOp) else op.operands
        stage = max((written[value] for value in read), default=EMBEDDED)
        if isinstance(op, HeadOp | AttentionOp | MlpOp) and op.layer is not None:
            last, stage = stage, _stage(op, op.layer)
            if stage <= last:
                value = next(value for value in read if written[value] == last)
                raise InvalidPartError(op, _too_early(op, op.layer, value, last))
        written |= dict.fromkeys(op.results, stage)


def _stage(op: Operation, layer: IntAttr) -> int:
    return 2 * layer.data + isinstance(op, MlpOp)


def _too_early(op: Operation, layer: IntAttr, value: SSAValue, stage: int) -> str:
    name, read = op.results[0].name_hint or op.name, value.name_hint or "a value"
    writer = f"the {'MLP' if stage % 2 else 'attention'} of layer {stage // 2}"
    return (
        f"{name!r}: it is in layer {layer.data} and reads {read!r}, which isn't written yet there, but by {writer}\n"
        "  help: run the pass schedule-layers, or write layers that ascend, with attention before the MLP in each"
    )
