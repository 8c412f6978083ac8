"""From tokens to ids, and from logits to values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import InputError, RaspcError
from raspc.lowering.metadata import ModelInfo

PAD_ID = 0
"""The id that stands at padding; no position attends to it."""

DEFINED_THRESHOLD = np.float32(0.5)
"""A numerical output is defined from here on."""


@dataclass(frozen=True)
class Codec:
    """Encodes the inputs and decodes the outputs of a model.

    Attributes:
        info: the vocabulary, the maximum length and how outputs are encoded.
    """

    info: ModelInfo

    def encode(self, tokens: Sequence[object]) -> NDArray[np.int64]:
        """The ids of one sequence of tokens: the tokens' positions in the vocabulary. Shape: [1, n].

        Raises:
            InputError: the sequence is empty or too long, or a token is not in the vocabulary.
        """
        return np.array([self._ids(tokens)], dtype=np.int64)

    def encode_batch(self, sequences: Sequence[Sequence[object]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The ids of sequences, padded on the right to the longest, and where they are tokens. Shapes: [batch, n].

        Raises:
            InputError: one of the sequences can't be encoded; see `encode`.
        """
        rows = [self._ids(tokens) for tokens in sequences]
        lengths = [len(row) for row in rows]
        padding: NDArray[np.bool_] = np.arange(max(lengths, default=0)) < np.array(lengths, dtype=np.int64)[:, None]
        ids = np.full(padding.shape, PAD_ID, dtype=np.int64)
        ids[padding] = [code for row in rows for code in row]
        return ids, padding

    def output_ids(self, logits: NDArray[np.float32]) -> NDArray[np.int64]:
        """The positions of the outputs in the list of output values; undefined is one past the last.

        A categorical output is the largest logit, the first of equal ones. A numerical output is the nearest value, in
        float32, and undefined where the column *defined* is below one half. Shapes: [..., n_outputs] to [...].

        Raises:
            RaspcError: a logit is NaN or infinite.
        """
        self.check_logits(logits)
        if self.info.encoding == Encoding.CATEGORICAL:
            return logits.argmax(axis=-1)
        number, defined = logits[..., 0], logits[..., 1]
        return np.where(defined >= DEFINED_THRESHOLD, self._nearest(number), len(self.info.outputs))

    def check_logits(self, logits: NDArray[np.float32]) -> None:
        """Check that logits can be decoded.

        Raises:
            RaspcError: a logit is NaN or infinite, or there are not n_outputs at each position.
        """
        if logits.shape[-1] != self.info.n_outputs:
            raise RaspcError(f"expected {self.info.n_outputs} logits at each position, found {logits.shape[-1]}")
        if not np.isfinite(logits).all():
            damage = "its weights are damaged"
            if self.info.dtype != FLOAT32:
                damage += f", or it has numbers too large for {self.info.dtype}"
            raise RaspcError(f"the model computed a logit that is NaN or infinite: {damage}")

    def values(self, output_ids: NDArray[np.int64]) -> list[MaybeValue]:
        """The values at positions of the list of output values, `None` for one past the last. Shape: [n]."""
        table: list[MaybeValue] = [*self.info.outputs.values, None]
        return [table[code] for code in output_ids.tolist()]

    def decode(self, logits: NDArray[np.float32]) -> list[MaybeValue]:
        """The outputs of one sequence; undefined is `None`. Shape of the logits: [n, n_outputs].

        Raises:
            RaspcError: a logit is NaN or infinite.
        """
        return self.values(self.output_ids(logits))

    def _nearest(self, number: NDArray[np.float32]) -> NDArray[np.int64]:
        """The position of the nearest output value, the lower of two that are equally near."""
        values = self.info.output_numbers
        if not len(values):
            return np.zeros(number.shape, dtype=np.int64)
        after = np.searchsorted(values, number).clip(1, max(len(values) - 1, 1))
        before = after - 1
        after = after.clip(max=len(values) - 1)
        return np.where(np.abs(number - values[after]) < np.abs(number - values[before]), after, before)

    def _ids(self, tokens: object) -> list[int]:
        if not isinstance(tokens, Sequence) and not (isinstance(tokens, np.ndarray) and tokens.ndim):
            raise InputError(f"the input must be a sequence of tokens, found {tokens!r:.80}")
        sequence = cast("Sequence[object]", tokens)
        length, longest = len(sequence), self.info.max_seq_len
        if length == 0:
            raise InputError(f"the input is empty; the model takes 1 to {longest} tokens")
        if length > longest:
            raise InputError(f"the input has {length} tokens; the model takes {longest} at most")
        return [self._id(token, position) for position, token in enumerate(sequence)]

    def _id(self, token: Any, position: int) -> int:
        try:
            code = self.info.vocab.codes.get(token)
        except TypeError as error:
            raise InputError(f"{token!r:.80}, the token at position {position}, is not a RASP value") from error
        if code is None:
            known = shorten(self.info.vocab.values)
            raise InputError(f"{token!r:.80}, the token at position {position}, is not in the vocabulary: {known}")
        return code


def shorten(values: Sequence[Value], most: int = 20) -> str:
    """A list of values as text; of more than `most`, the first ones and the last, and of each its first characters.

    >>> shorten(range(5)), shorten(range(100), most=4)
    ('0, 1, 2, 3, 4', '0, 1, 2, … (100 values), 99')
    """
    if len(values) <= most:
        return ", ".join(f"{value!r:.80}" for value in values)
    first = ", ".join(f"{value!r:.80}" for value in values[: most - 1])
    return f"{first}, … ({len(values)} values), {values[-1]!r:.80}"
