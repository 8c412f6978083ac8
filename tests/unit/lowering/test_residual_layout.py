import numpy as np
from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import EmbedTokensOp, HeadOp, OneOp, SubspaceType
from raspc.dialects.rasp.attributes import Encoding
from raspc.lowering.residual_layout import ResidualLayout


def subspace(label: str, *values: object, encoding: Encoding = Encoding.CATEGORICAL) -> SubspaceType:
    return SubspaceType(label, encoding, Domain.of(values))  # type: ignore[arg-type]


ONE = OneOp(subspace("one", 1, encoding=Encoding.NUMERICAL)).result
TOKENS = EmbedTokensOp(subspace("tokens", "a", "b", "c")).result
HEAD = HeadOp(
    [ONE], [ONE], [SparseMatrix.identity(1)], [TOKENS], [SparseMatrix.from_dense(np.eye(3, 4))], [0, 0, 0, 1], 0.5,
    subspace("copy", "a", "b", "c", "none"),
)  # fmt: skip
MEAN = HeadOp([], [], [], [], [], [3.5, 1], 1.0, subspace("mean", 1, 3.5, None, encoding=Encoding.NUMERICAL))


def layout_of(*values: SSAValue, one: SSAValue | None = ONE) -> ResidualLayout:
    heads: dict[SSAValue, HeadOp] = {op.result: op for op in (HEAD, MEAN)}
    return ResidualLayout.of(values, {value: heads[value] for value in values if value in heads}, one)


def test_every_value_has_directions_of_its_own():
    values = [TOKENS, ONE, HEAD.result, MEAN.result]
    layout = layout_of(*values)
    assert layout.d_model == 1 + 3 + 1 + 4 + 2
    taken = [direction for value in values for direction in range(layout.d_model)[layout.directions(value)]]
    assert sorted(taken) == list(range(1, layout.d_model))  # direction 0 is that of BOS
    assert layout.offsets[ONE] == ResidualLayout.ONE


def test_labels_are_those_of_the_directions():
    layout = layout_of(TOKENS, ONE, MEAN.result)
    assert layout.labels == ("bos", "one", "tokens:a", "tokens:b", "tokens:c", "mean", "mean:defined")
    assert layout_of(TOKENS, one=None).labels == ("bos", "one", "tokens:a", "tokens:b", "tokens:c")


def test_a_subspace_may_be_called_like_the_special_directions():
    bos = EmbedTokensOp(subspace("bos", "x")).result
    one = EmbedTokensOp(subspace("one", "x")).result
    labels = layout_of(bos, one, one=None).labels
    assert labels == ("bos_", "one_", "bos:x", "one:x")
    assert len(set(labels)) == len(labels)


def test_at_bos_heads_hold_what_they_read_there_and_all_else_is_null():
    layout = layout_of(TOKENS, ONE, HEAD.result, MEAN.result)
    assert {value: vector.tolist() for value, vector in layout.bos.items()} == {
        TOKENS: [0, 0, 0],
        ONE: [0],
        HEAD.result: [0, 0, 0, 1],
        MEAN.result: [3.5, 1],
    }
