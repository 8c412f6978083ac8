"""Inputs for checking a model: all of them where they are few, otherwise the edges and a sample."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

MAX_UNIFORM = 64
"""At most this many tokens are tried in inputs of full length that consist of one token."""


def count_inputs(n_vocab: int, max_seq_len: int) -> int:
    """How many sequences of 1 to `max_seq_len` tokens there are.

    >>> count_inputs(3, 2)
    12
    """
    return sum(n_vocab**length for length in range(1, max_seq_len + 1))


def all_inputs(vocab: Sequence[T], max_seq_len: int) -> Iterator[list[T]]:
    """All sequences of 1 to `max_seq_len` tokens, the shortest first."""
    for length in range(1, max_seq_len + 1):
        for tokens in itertools.product(vocab, repeat=length):
            yield list(tokens)


def edge_inputs(vocab: Sequence[T], max_seq_len: int) -> Iterator[list[T]]:
    """Inputs on which programs tend to differ: every token alone, and at full length equal, ordered, alternating."""
    for token in vocab:
        yield [token]
    if max_seq_len == 1:
        return
    for index in np.unique(np.linspace(0, len(vocab) - 1, MAX_UNIFORM).astype(int)).tolist():
        yield [vocab[index]] * max_seq_len
    ends = [vocab[0], vocab[-1]]
    for cycle in (list(vocab), list(vocab)[::-1], ends, ends[::-1]):
        yield list(itertools.islice(itertools.cycle(cycle), max_seq_len))


def sampled_inputs(vocab: Sequence[T], max_seq_len: int, samples: int, seed: int) -> Iterator[list[T]]:
    """Random inputs of all lengths; every other one uses a few tokens only, so that tokens often repeat."""
    random = np.random.default_rng(seed)
    for sample in range(samples):
        length = int(random.integers(1, max_seq_len + 1))
        few = random.choice(len(vocab), size=min(len(vocab), 3), replace=False) if sample % 2 else np.arange(len(vocab))
        yield [vocab[index] for index in random.choice(few, size=length).tolist()]
