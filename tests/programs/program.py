"""What the corpus says of a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from raspc.rasp.expressions import SOp


@dataclass(frozen=True, eq=False)
class Program:
    """A program, what to compile it for, and what it computes.

    Attributes:
        name: unique in the corpus.
        make: builds the program for a maximum length (few programs depend on it).
        vocab: the tokens.
        max_seq_len: the maximum length that fits the examples.
        examples: inputs and outputs; an output is compared by `==`, `None` is undefined.
        causal: whether the program is to be compiled for causal attention.
        sizes: the maximum lengths to test exhaustively or at random, beyond the examples.
        note: a sentence of what the program shows.
        known_failure: what goes wrong with it in another compiler, for the programs of `known_failures.py`.
    """

    name: str
    make: Callable[[int], SOp]
    vocab: tuple[Any, ...]
    examples: tuple[tuple[Any, list[Any]], ...]
    max_seq_len: int = 5
    causal: bool = False
    sizes: tuple[int, ...] = (5, 10, 20)
    note: str = ""
    known_failure: str = ""

    def build(self, max_seq_len: int | None = None) -> SOp:
        """The program, built afresh."""
        return self.make(self.max_seq_len if max_seq_len is None else max_seq_len)
