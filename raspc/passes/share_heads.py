"""The pass share-heads: heads that attend alike attend once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from raspc.algebra.merging import Merging
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.dense import dtype_of, to_array, to_dense
from raspc.dialects.transformer import AttentionOp, ModelOp
from raspc.passes.rebinding import rebind, valid_certificate

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShareHeadsPass(ModulePass):
    """Let heads of an attention with the same scores be one head, whose values are those of all of them.

    ```mlir
    %a = transformer.attention %x mask %mask w_q(dense<…> : tensor<2x9x5xf32>) w_k(dense<…> : tensor<2x9x5xf32>)
        w_v(dense<…> : tensor<2x9x3xf32>) w_o(dense<…> : tensor<2x3x9xf32>) : tensor<?x?x9xf32>
    ```
    becomes, if the two heads differ in `w_v` and `w_o` alone,
    ```mlir
    %a = transformer.attention %x mask %mask w_q(dense<…> : tensor<1x9x5xf32>) w_k(dense<…> : tensor<1x9x5xf32>)
        w_v(dense<…> : tensor<1x9x6xf32>) w_o(dense<…> : tensor<1x6x9xf32>) : tensor<?x?x9xf32>
    ```

    Scores are the same if `w_q` and `w_k` have the same pairs of columns, in whatever order. A column of `w_v` that
    both heads have is needed once. The heads of an attention have one width, so a wide head makes all others wide: what
    heads with the same scores read is spread over as many heads as take the fewest parameters. There are never more
    heads or more parameters than before. Every value stays what it is, and a certificate stays valid.

    Left alone are attentions in which no two heads have the same scores, or in which nothing would be saved.
    """

    name = "share-heads"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            certificate = valid_certificate(model)
            for child in model.body.block.ops:
                if isinstance(child, AttentionOp):
                    _share(child)
            rebind(model, certificate, self.name)


@dataclass(frozen=True)
class _Shared:
    """Heads with the same scores.

    Attributes:
        w_q: [d_model, d_head]
        w_k: [d_model, d_head]
        w_v: what they read, [d_model, width].
        w_o: what they write, [width, d_model].
    """

    w_q: Floats
    w_k: Floats
    w_v: Floats
    w_o: Floats

    @property
    def width(self) -> int:
        """How much they read."""
        return self.w_v.shape[1]

    @staticmethod
    def of(w_q: Floats, w_k: Floats, w_v: Sequence[Floats], w_o: Sequence[Floats]) -> _Shared:
        """Heads with the same queries and keys, their values and outputs: `w_v` [d_model, n], `w_o` [n, d_model]."""
        read, written = np.hstack(w_v), np.vstack(w_o)
        used = read.any(axis=0) & written.any(axis=1)
        read, written = read[:, used], written[used]
        merging = Merging.of_rows(SparseMatrix.from_dense(read.T))
        writes = merging.add_rows(SparseMatrix.from_dense(written != 0)).to_dense()
        if writes.max(initial=0.0) <= 1:  # otherwise numbers would be added up, and rounded
            read, written = read[:, merging.kept], merging.add_rows(SparseMatrix.from_dense(written)).to_dense()
        return _Shared(w_q, w_k, read, written)


def _share(op: AttentionOp) -> None:
    w_q, w_k, w_v, w_o = (to_array(weights).astype(np.float64) for weights in (op.w_q, op.w_k, op.w_v, op.w_o))
    alike: dict[bytes, list[int]] = {}
    for head in range(op.n_heads):
        alike.setdefault(_scores(w_q[head], w_k[head]), []).append(head)
    if len(alike) == op.n_heads:
        return
    groups = [_Shared.of(w_q[heads[0]], w_k[heads[0]], list(w_v[heads]), list(w_o[heads])) for heads in alike.values()]
    n_heads, width = _fewest(groups, op)
    if (n_heads, width) == (op.n_heads, op.d_value):
        return
    pieces = [(group, start) for group in groups for start in range(0, max(group.width, 1), width)]
    dtype = dtype_of(op.w_q.get_element_type())
    op.w_q = to_dense(np.stack([group.w_q for group, _ in pieces]), dtype)
    op.w_k = to_dense(np.stack([group.w_k for group, _ in pieces]), dtype)
    op.w_v = to_dense(np.stack([_wide(group.w_v[:, at : at + width].T, width).T for group, at in pieces]), dtype)
    op.w_o = to_dense(np.stack([_wide(group.w_o[at : at + width], width) for group, at in pieces]), dtype)


def _scores(w_q: Floats, w_k: Floats) -> bytes:
    """What the scores of a head depend on: the pairs of columns of its two matrices, in an order of their own."""
    pairs = np.vstack([w_q, w_k]) + 0.0  # no zero is negative
    return pairs[:, np.lexsort(pairs)].tobytes()


def _fewest(groups: Sequence[_Shared], op: AttentionOp) -> tuple[int, int]:
    """How many heads of which width take the fewest parameters, and of those the fewest heads."""
    widths = np.arange(1, max(1, *(group.width for group in groups)) + 1)
    n_heads = sum(np.maximum(-(-group.width // widths), 1) for group in groups)
    options = [(op.n_heads * (op.d_head + op.d_value), op.n_heads, op.d_value)]
    for count, width in zip(np.broadcast_to(n_heads, widths.shape).tolist(), widths.tolist(), strict=True):
        if count <= op.n_heads:
            options.append((count * (op.d_head + width), count, width))
    _, count, width = min(options)
    return count, width


def _wide(rows: Floats, height: int) -> Floats:
    """The rows with zeros below them: [height, n]."""
    return np.pad(rows, ((0, height - rows.shape[0]), (0, 0)))
