"""The craft dialect: the program as linear algebra on named subspaces."""

from xdsl.ir import Dialect

from raspc.dialects.craft.attributes import MatrixAttr, SubspaceType
from raspc.dialects.craft.ops import (
    AttentionOp,
    EmbedPositionsOp,
    EmbedTokensOp,
    HeadOp,
    LinearOp,
    MlpOp,
    ModelOp,
    OneOp,
    UnembedOp,
    YieldOp,
)

Craft = Dialect(
    "craft",
    [
        ModelOp,
        EmbedTokensOp,
        EmbedPositionsOp,
        OneOp,
        LinearOp,
        HeadOp,
        AttentionOp,
        YieldOp,
        MlpOp,
        UnembedOp,
    ],
    [MatrixAttr, SubspaceType],
)
