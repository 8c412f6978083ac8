"""What every runnable model offers, whatever runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.craft.certificate import Certificate
from raspc.lowering.metadata import ModelConfig, ModelInfo
from raspc.runtime.codec import Codec
from raspc.runtime.validation import Validator, Validity

MAX_ACTIVATIONS = 1 << 24
"""Batches are split so that no intermediate of a run holds many more numbers than this."""


def without_padding(logits: NDArray[np.float32], padding: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Logits that are zero at padding, where they mean nothing and may be no numbers: [batch, n, n_outputs].

    Args:
        logits: the logits.
        padding: true where there is a token, [batch, n].
    """
    return np.where(padding[..., None], logits, np.float32(0))


class Model(ABC):
    """A function from a sequence of tokens to a sequence of values, computed by a transformer.

    It computes what its program does: `model(tokens)` is `program(tokens, causal=model.causal)`. A model that was
    compiled with `causal=True` says so in its representation; `program(tokens)` looks at later positions, too.
    """

    def __init__(self, info: ModelInfo):
        self.info = info
        self.codec = Codec(info)

    def __call__(self, tokens: Sequence[object]) -> list[MaybeValue]:
        """The program's outputs, one for each token; undefined is `None`.

        Raises:
            InputError: the sequence is empty or too long, or a token is not in the vocabulary.
        """
        return self.batch([tokens])[0]

    def batch(self, sequences: Sequence[Sequence[object]]) -> list[list[MaybeValue]]:
        """The outputs of each sequence; the sequences may have different lengths.

        Raises:
            InputError: one of the sequences is empty or too long, or has a token that is not in the vocabulary.
        """
        outputs: list[list[MaybeValue]] = []
        ids, padding = self.codec.encode_batch(sequences)
        rows = self._rows_at_once(ids.shape[1])
        for start in range(0, len(sequences), rows):
            some = slice(start, start + rows)
            lengths = padding[some].sum(axis=1)
            width = int(lengths.max())
            found = self._output_ids(ids[some, :width], padding[some, :width])
            outputs += [self.codec.values(row[:length]) for row, length in zip(found, lengths, strict=True)]
        return outputs

    def validate(self, tokens: Sequence[object]) -> Validity:
        """Whether the program has a meaning on one input: on another one the model's outputs mean nothing.

        Without assumptions (`info.assumptions`) every input has a meaning. With assumptions the program itself is run,
        which is much slower than the model; so calling a model doesn't validate its input.

        >>> from raspc import compile, rasp
        >>> model = compile(rasp.library.make_reverse(rasp.tokens), vocab=["a", "b"], max_seq_len=5)
        >>> model.validate(["a", "b"])
        Validity(reason=None)

        Raises:
            InputError: the sequence is empty or too long, or a token is not in the vocabulary.
            FormatError: the model comes from a file whose program is damaged.
        """
        ids = self.codec.encode(tokens)
        return self._validator.validate([self.vocab[code] for code in ids[0].tolist()])

    @cached_property
    def _validator(self) -> Validator:
        return Validator(self.info)

    def logits(self, tokens: Sequence[object]) -> NDArray[np.float32]:
        """The logits of one sequence, [n, n_outputs]; `transformer.unembed` tells what they mean.

        Raises:
            InputError: the sequence is empty or too long, or a token is not in the vocabulary.
        """
        ids = self.codec.encode(tokens)
        return self._logits(ids, np.ones(ids.shape, dtype=np.bool_))[0]

    @abstractmethod
    def _logits(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The logits of a batch that is padded on the right: [batch, n] to [batch, n, n_outputs]."""

    def _output_ids(self, ids: NDArray[np.int64], padding: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The positions of the outputs in the list of output values: [batch, n] to [batch, n]."""
        return self.codec.output_ids(without_padding(self._logits(ids, padding), padding))

    def _rows_at_once(self, length: int) -> int:
        """How many sequences of a length run in one batch."""
        config = self.config
        widest = max(config.d_mlp, max(config.n_heads, 1) * max(config.d_model, length + 1), len(self.outputs))
        return max(1, MAX_ACTIVATIONS // ((length + 1) * widest))

    @property
    def name(self) -> str:
        """The program's name."""
        return self.info.name

    @property
    def vocab(self) -> tuple[Value, ...]:
        """The tokens, in the order of their ids."""
        return self.info.vocab.values

    @property
    def max_seq_len(self) -> int:
        """The most tokens that the model takes."""
        return self.info.max_seq_len

    @property
    def causal(self) -> bool:
        """Whether a position attends to itself and earlier positions only."""
        return self.info.causal

    @property
    def outputs(self) -> tuple[MaybeValue, ...]:
        """The values that an output can have; the last one is `None` if an output can be undefined."""
        undefined: tuple[MaybeValue, ...] = (None,) if self.info.outputs.undefined else ()
        return cast("tuple[MaybeValue, ...]", self.info.outputs.values) + undefined

    @property
    def config(self) -> ModelConfig:
        """The model's sizes."""
        return self.info.config

    @property
    def certificate(self) -> Certificate | None:
        """The proof that the model is exact in its dtype, with what it assumes.

        It is about the model as it was made. `None` if the model wasn't certified, or has been changed since.
        """
        certificate = self._certificate()
        return certificate and replace(certificate, assumptions=self.info.assumptions)

    def _certificate(self) -> Certificate | None:
        """The certificate, if it is about the model as it is now."""
        return self.info.certificate

    @property
    def residual_labels(self) -> tuple[str, ...]:
        """The names of the directions of the residual stream, d_model of them."""
        return self.info.residual_labels

    def __repr__(self) -> str:
        config = self.config
        return (
            f"<{type(self).__name__} @{self.name}: {'causal, ' if self.causal else ''}{len(self.vocab)} tokens, "
            f"max_seq_len {self.max_seq_len}, "
            f"{config.n_layers} layers, d_model {config.d_model}, {config.n_params} parameters>"
        )
