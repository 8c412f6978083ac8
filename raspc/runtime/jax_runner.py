"""Models in JAX, compiled by XLA."""

# Parts of JAX's interface have no complete types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

import jax
import numpy as np
from numpy.typing import NDArray

from raspc.dialects.craft.certificate import Certificate
from raspc.lowering.to_jax import JaxModel, pattern_of
from raspc.runtime.base import Model
from raspc.runtime.codec import PAD_ID
from raspc.runtime.probing import check_weights, probe_scores


@cache
def _check_jax(n_keys: int) -> None:
    """Check once that JAX computes as a certificate assumes, at the one length to which inputs are padded.

    Raises:
        RaspcError: it doesn't.
    """
    scores = probe_scores(n_keys)
    compiled = cast("Callable[..., jax.Array]", jax.jit(pattern_of))
    check_weights("JAX", scores, compiled(scores))


class JaxRunner(Model):
    """A JAX model, jitted.

    Inputs are padded to the maximum length, and batches to a power of two, so that few shapes are compiled.

    Args:
        model: what `to_jax` returns.

    Raises:
        RaspcError: the model is certified, and JAX doesn't compute as its certificate assumes.
    """

    def __init__(self, model: JaxModel):
        super().__init__(model.info)
        self.model = model
        self._apply: Callable[..., jax.Array] = jax.jit(model.apply)
        if self.info.certificate is not None:
            _check_jax(self.max_seq_len + 1)

    def _logits(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.float32]:
        batch, length = ids.shape
        shape = (1 << (batch - 1).bit_length(), self.max_seq_len)
        fill = [(0, after - before) for before, after in zip(ids.shape, shape, strict=True)]
        logits = self._apply(
            self.model.params,
            np.pad(ids, fill, constant_values=PAD_ID).astype(np.int32),
            np.pad(padding, fill),
        )
        return np.asarray(logits)[:batch, :length]

    def _certificate(self) -> Certificate | None:
        return self.model.certificate

    def _rows_at_once(self, length: int) -> int:
        return super()._rows_at_once(self.max_seq_len)
