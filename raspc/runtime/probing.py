"""What a certificate assumes of a runtime, tried out before a certified model runs there.

A head that reads one position gives it the weight exp(0) / (exp(0) + leaks). The bounds of a certificate take that for
1, to the bit: numbers that are read so may be summed up exactly later. IEEE arithmetic has it so, and a runtime with an
exponential or a reciprocal of its own might not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from raspc.errors import RaspcError

LEAD = 64.0
"""How far one score is ahead of all others, which leak nothing that a sum with 1 would notice."""

ROWS = 16
"""So many positions of a row are tried as the one that is read, the first and the last among them."""

Softmax = Callable[[NDArray[Any]], NDArray[Any]]
"""The softmax over the last axis of scores [1, 1, n, n_keys]."""


def probe_scores(n_keys: int, dtype: Any = np.float32) -> NDArray[Any]:
    """Scores of which one in each row is far ahead: [1, 1, n, n_keys]."""
    leaders = np.unique(np.linspace(0, n_keys - 1, ROWS).round().astype(np.int64))
    scores = np.zeros((1, 1, leaders.size, n_keys), dtype=dtype)
    scores[0, 0, np.arange(leaders.size), leaders] = LEAD
    return scores


def check_softmax(runtime: str, softmax: Softmax, n_keys: int, dtype: Any = np.float32) -> None:
    """Check that the softmax of a runtime gives exactly 1 to a score that is far ahead.

    Args:
        runtime: what the runtime is called.
        softmax: its softmax.
        n_keys: how many keys a row has at most; all fewer ones are tried up to `ROWS`, and the most.
        dtype: of what the runtime computes in.

    Raises:
        RaspcError: it gives something else.
    """
    for width in sorted({*range(1, min(n_keys, ROWS) + 1), n_keys}):
        check_weights(runtime, probe_scores(width, dtype), softmax(probe_scores(width, dtype)))


def check_weights(runtime: str, scores: NDArray[Any], weights: ArrayLike) -> None:
    """Check the softmax of `probe_scores`.

    Raises:
        RaspcError: a score that is far ahead has a weight other than 1.
    """
    found = np.asarray(weights)[scores == LEAD].astype(np.float64)
    (wrong,) = np.nonzero(found != 1)
    if wrong.size:
        raise RaspcError(
            f"{runtime} gives the weight {float(found[wrong[0]])!r} to a score that is far ahead of "
            f"{scores.shape[-1] - 1} others\n"
            "  expected: exactly 1, as the model's certificate assumes\n"
            "  help: use another runtime or another device"
        )
