"""That values are computed before they are used, which xDSL's own verifier doesn't check."""

from __future__ import annotations

from collections.abc import Collection

from xdsl.ir import Block, SSAValue
from xdsl.utils.exceptions import VerifyException


def verify_order(block: Block, known: Collection[SSAValue] = ()) -> None:
    """Check that each op of a block uses only values that are computed before it.

    Args:
        block: the ops, which may have regions.
        known: what is computed before the block.

    Raises:
        VerifyException: one doesn't.
    """
    computed = {*known, *block.args}
    for op in block.ops:
        for operand in op.operands:
            if operand not in computed:
                name = f"%{operand.name_hint}" if operand.name_hint else "a value"
                raise VerifyException(f"{op.name} uses {name} before it is computed")
        for region in op.regions:
            for inner in region.blocks:
                verify_order(inner, computed)
        computed.update(op.results)
