"""The craft dialect: the program as linear algebra on named subspaces."""

from xdsl.ir import Dialect

from raspc.dialects.craft.attention import AttentionOp, HeadOp, YieldOp
from raspc.dialects.craft.attributes import MatrixAttr, ProductAttr, SubspaceType
from raspc.dialects.craft.certificate import CertificateAttr
from raspc.dialects.craft.ops import (
    EmbedPositionsOp,
    EmbedTokensOp,
    LinearOp,
    MlpOp,
    ModelOp,
    OneOp,
    SumOp,
    UnembedOp,
)

Craft = Dialect(
    "craft",
    [
        ModelOp,
        EmbedTokensOp,
        EmbedPositionsOp,
        OneOp,
        LinearOp,
        SumOp,
        HeadOp,
        AttentionOp,
        YieldOp,
        MlpOp,
        UnembedOp,
    ],
    [CertificateAttr, MatrixAttr, ProductAttr, SubspaceType],
)
