"""What is done between the passes of a compilation: one callback that stands for several."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass, PassPipelineCallbackType


def in_turn(callbacks: Sequence[PassPipelineCallbackType]) -> PassPipelineCallbackType | None:
    """A callback for xDSL's `PassPipeline` that calls others in their order; `None` if there are none."""
    if not callbacks:
        return None

    def call(previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        for callback in callbacks:
            callback(previous, module, following)

    return call
