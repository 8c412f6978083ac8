"""A transformer computed in any dtype, one rounding for each addition and multiplication.

Runtimes add in wider formats and in blocks, and so come out better than this. It is the least that a certificate
allows:
every product and every partial sum is rounded to the dtype, in an order of the caller's choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from raspc.algebra.dtypes import DType, rounded
from raspc.algebra.values import MaybeValue
from raspc.dialects.transformer.layers import read_transformer
from raspc.errors import RaspcError
from raspc.lowering.metadata import describe
from raspc.lowering.weights import WeightedOp, weights_of
from raspc.runtime.codec import Codec

Floats = NDArray[np.float64]


class Emulation:
    """One model in one dtype.

    Args:
        module: a module at the level of the transformer dialect, with weights in float32 or float64.
        dtype: what everything is rounded to.
        seed: decides on the order of all sums; `None` is from first to last.
    """

    def __init__(self, module: ModuleOp, dtype: DType, seed: int | None = None):
        self.transformer = read_transformer(module)
        self.codec = Codec(describe(self.transformer))
        self.dtype = dtype
        self.random = None if seed is None else np.random.default_rng(seed)
        self._rounded: dict[WeightedOp, dict[str, Floats]] = {}

    def batch(self, inputs: Sequence[Sequence[Any]]) -> list[list[MaybeValue] | None]:
        """The outputs for inputs of one length, `None` where a logit is NaN or infinite, as a number has overflowed."""
        with np.errstate(over="ignore", invalid="ignore"):
            return [self._decoded(logits.astype(np.float32)) for logits in self.logits(inputs)]

    def _decoded(self, logits: NDArray[np.float32]) -> list[MaybeValue] | None:
        try:
            return self.codec.decode(logits)
        except RaspcError:
            return None

    def logits(self, inputs: Sequence[Sequence[Any]]) -> Floats:
        """The logits for inputs of one length n: [batch, n, n_outputs]."""
        embed = self._weights(self.transformer.embed)
        ids = np.concatenate([self.codec.encode(tokens) for tokens in inputs])
        ids = np.pad(ids, [(0, 0), (1, 0)], constant_values=len(embed["w_e"]) - 1)  # BOS before each
        x = self._round(embed["w_e"][ids] + embed["w_pos"][: ids.shape[1]])  # [batch, 1 + n, d_model]
        for layer in self.transformer.layers:
            if layer.attention:
                x = self._round(x + self._attention(self._weights(layer.attention.op), x))
            if layer.mlp:
                weights = self._weights(layer.mlp.op)
                hidden = np.maximum(self._round(self._matmul(x, weights["w_in"]) + weights["b_in"]), 0)
                out = self._round(self._matmul(hidden, weights["w_out"]) + weights["b_out"])
                x = self._round(x + out)
        unembed = self._weights(self.transformer.unembed)
        return self._round(self._matmul(x[:, 1:], unembed["w_u"]) + unembed["b_u"])

    def _attention(self, weights: dict[str, Floats], x: Floats) -> Floats:
        update = np.zeros_like(x)
        for w_q, w_k, w_v, w_o in zip(*weights.values(), strict=True):
            scores = self._matmul(self._matmul(x, w_q), self._matmul(x, w_k).swapaxes(-1, -2))
            if self.transformer.causal:
                scores[:, ~np.tri(x.shape[1], dtype=np.bool_)] = -np.inf
            exponentials = self._round(np.exp(self._round(scores - scores.max(axis=-1, keepdims=True))))
            pattern = self._round(exponentials / self._sum(exponentials)[..., None])
            update = self._round(update + self._matmul(self._matmul(pattern, self._matmul(x, w_v)), w_o))
        return update

    def _weights(self, op: WeightedOp) -> dict[str, Floats]:
        if op not in self._rounded:
            self._rounded[op] = {name: self._round(array) for name, array in weights_of(op).items()}
        return self._rounded[op]

    def _round(self, array: NDArray[Any]) -> Floats:
        return rounded(array, self.dtype)

    def _sum(self, rows: Floats) -> Floats:
        total = np.zeros(rows.shape[:-1])
        for column in _order(rows.shape[-1], self.random):
            total = self._round(total + rows[..., column])
        return total

    def _matmul(self, a: Floats, b: Floats) -> Floats:
        return matmul(a, b, self.dtype, self.random)


def matmul(a: Floats, b: Floats, dtype: DType, random: np.random.Generator | None) -> Floats:
    """A product of matrices with every product and every partial sum rounded, in an order at random if there is one.

    Args:
        a: [..., n, k], where the dimensions before are those of a batch.
        b: [k, m] or [..., k, m].
        dtype: what is rounded to.
        random: decides on the order.

    Returns:
        [..., n, m].
    """
    total = np.zeros((*a.shape[:-1], b.shape[-1]))
    if b.ndim == 2 and np.isfinite(a).all() and np.isfinite(b).all():
        # Most weights are zero: only sums to which something is added are rounded again.
        factors, sums = a.reshape(-1, a.shape[-1]), total.reshape(-1, b.shape[-1])
        for k in _order(a.shape[-1], random):
            rows, columns = np.flatnonzero(factors[:, k]), np.flatnonzero(b[k])
            if rows.size and columns.size:
                cells = np.ix_(rows, columns)
                products = rounded(np.outer(factors[rows, k], b[k, columns]), dtype)
                sums[cells] = rounded(sums[cells] + products, dtype)
        return total
    for k in _order(a.shape[-1], random):
        column, row = a[..., :, k, None], b[..., None, k, :]
        if column.any() and row.any():
            total = rounded(total + rounded(column * row, dtype), dtype)
    return total


def _order(n: int, random: np.random.Generator | None) -> list[int]:
    return (np.arange(n) if random is None else random.permutation(n)).tolist()
