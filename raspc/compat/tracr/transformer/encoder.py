"""Tracr's `tracr.transformer.encoder`: from tokens to the ids that a model reads, from its outputs to values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from raspc.algebra.values import MaybeValue
from raspc.errors import InputError
from raspc.runtime.codec import Codec, shorten


class Encoder(ABC):
    """Encodes a list of values into a list of numbers, and decodes one."""

    @abstractmethod
    def encode(self, inputs: Sequence[Any]) -> list[Any]:
        """The numbers for values."""

    @abstractmethod
    def decode(self, encodings: Sequence[Any]) -> list[Any]:
        """The values for numbers."""

    @property
    def bos_token(self) -> str | None:
        """The token that stands first in every input; `None` if there is none."""
        return None

    @property
    def pad_token(self) -> str | None:
        """The token for padding; `None` if there is none."""
        return None

    @property
    def bos_encoding(self) -> int | None:
        """The number for `bos_token`."""
        return None

    @property
    def pad_encoding(self) -> int | None:
        """The number for `pad_token`."""
        return None


class NumericalEncoder(Encoder):
    """The encoder of a numerical output: a number stands for the value nearest to it, NaN for undefined.

    Args:
        codec: decodes the model's logits.
    """

    def __init__(self, codec: Codec):
        self._codec = codec

    def encode(self, inputs: Sequence[MaybeValue]) -> list[Any]:
        """The values themselves, and NaN for `None`."""
        return [float("nan") if value is None else value for value in inputs]

    def decode(self, encodings: Sequence[float]) -> list[MaybeValue]:
        """The values for numbers.

        >>> from raspc.compat.tracr import compile_rasp_to_model
        >>> from raspc.rasp import library, tokens
        >>> model = compile_rasp_to_model(library.make_frac_prevs(tokens == "a"), {"a", "b"}, 3)
        >>> model.output_encoder.decode([0.33333334, float("nan")])
        [0.3333333333333333, None]
        """
        numbers = np.array(encodings, dtype=np.float32)
        undefined = np.isnan(numbers)
        # [len(encodings), 2]: the number, and whether there is one
        return self._codec.decode(np.stack([np.where(undefined, 0, numbers), ~undefined], axis=-1).astype(np.float32))


class CategoricalEncoder(Encoder):
    """An encoder of finitely many values, each with a number of its own.

    Args:
        values: the values, in the order of their numbers.
        bos_token: the token that must stand first, and nowhere else; `None` if there is none.
        pad_token: the token that may stand at the end, as often as there is room; `None` if there is none.
        max_seq_len: the most values of an input, BOS and padding included; `None` if there is no limit.

    Attributes:
        encoding_map: the number of each value.
        enforce_bos: whether there is a BOS token.
    """

    def __init__(
        self,
        values: Sequence[MaybeValue],
        *,
        bos_token: str | None = None,
        pad_token: str | None = None,
        max_seq_len: int | None = None,
    ):
        self.encoding_map: dict[MaybeValue, int] = {value: code for code, value in enumerate(values)}
        self._values = tuple(values)
        self.enforce_bos = bos_token is not None
        self._bos_token = bos_token
        self._pad_token = pad_token
        self._max_seq_len = max_seq_len

    def encode(self, inputs: Sequence[Any]) -> list[int]:
        """The numbers of values.

        Raises:
            InputError: a value has no number; there are too many; BOS doesn't stand first or not first alone; or
                something else than padding stands after padding. It is a ValueError.
        """
        if self._bos_token is not None:
            if not len(inputs) or not self._is_bos(inputs[0]):
                found = f"{inputs[0]!r:.80}" if len(inputs) else "no token"
                raise InputError(f"the first token must be the BOS token {self._bos_token!r}, found {found}")
            if any(map(self._is_bos, inputs[1:])):
                raise InputError(f"the BOS token {self._bos_token!r} may only stand first")
        if self._max_seq_len is not None and len(inputs) > self._max_seq_len:
            raise InputError(
                f"the input has {len(inputs)} tokens with {self._bos_token!r}; the model takes {self._max_seq_len}"
            )
        codes = [self._code(value, position) for position, value in enumerate(inputs)]
        tokens_end = codes.index(self.pad_encoding) if self.pad_encoding in codes else len(codes)
        if any(code != self.pad_encoding for code in codes[tokens_end:]):
            raise InputError(f"after the padding {self._pad_token!r} at position {tokens_end} nothing else may stand")
        return codes

    def decode(self, encodings: Sequence[int]) -> list[MaybeValue]:
        """The values of numbers.

        Raises:
            InputError: a number stands for no value. It is a ValueError.
        """
        for code in encodings:
            if not 0 <= code < len(self._values):
                raise InputError(f"{code!r} encodes no value: expected 0 to {len(self._values) - 1}")
        return [self._values[code] for code in encodings]

    def _is_bos(self, token: object) -> bool:
        return isinstance(token, str) and token == self._bos_token

    def _code(self, value: Any, position: int) -> int:
        try:
            return self.encoding_map[value]
        except TypeError as error:
            raise InputError(f"{value!r:.80} at position {position} is not a RASP value") from error
        except KeyError:
            known = shorten([value for value in self._values if value is not None])
            raise InputError(f"{value!r:.80} at position {position} is none of the values {known}") from None

    @property
    def vocab_size(self) -> int:
        """The number of values."""
        return len(self._values)

    @property
    def bos_token(self) -> str | None:
        return self._bos_token

    @property
    def pad_token(self) -> str | None:
        return self._pad_token

    @property
    def bos_encoding(self) -> int | None:
        return None if self._bos_token is None else self.encoding_map[self._bos_token]

    @property
    def pad_encoding(self) -> int | None:
        return None if self._pad_token is None else self.encoding_map[self._pad_token]
