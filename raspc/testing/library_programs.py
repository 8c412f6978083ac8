"""The programs of `raspc.rasp.library` as parts of generated programs, applied to any s-ops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from raspc.algebra.values import Value
from raspc.rasp import SOp, library
from raspc.testing.functions import ANY, BOOL, INT, NUMBER, STRING, Kind
from raspc.testing.nodes import Node


@dataclass(frozen=True)
class Given:
    """What a program of the library is made from.

    Attributes:
        nodes: the s-ops that it is applied to.
        tokens: the tokens.
        constants: two values, of those that occur.
        number: an int from 1 to 3.
        longest: the length of the longest input.
    """

    nodes: Sequence[Node]
    tokens: Node
    constants: tuple[Value, Value]
    number: int
    longest: int

    @property
    def sops(self) -> list[SOp]:
        """The s-ops."""
        return [node.sop for node in self.nodes]

    @property
    def first(self) -> Node:
        """The first of the s-ops, or the tokens."""
        return self.nodes[0] if self.nodes else self.tokens


@dataclass(frozen=True)
class LibraryProgram:
    """A program of the library.

    Attributes:
        operands: the kinds of the s-ops that it is applied to.
        result: the kind of its values; `None` for that of the first operand, or of the tokens.
        build: makes it.
        most: a bound on the number of its values.
        longest: the longest inputs for which it is no trouble for the compiler.
    """

    operands: tuple[Kind, ...]
    result: Kind | None
    build: Callable[[Given], SOp]
    most: Callable[[Given], int]
    longest: int = 64

    def applied(self, given: Given) -> Node:
        """The program on these s-ops."""
        return Node(self.build(given), self.result or given.first.kind, self.most(given))


def _counts(given: Given) -> int:
    return given.longest + 1


def _moved(given: Given) -> int:
    return given.first.most + 1


def _fractions(given: Given) -> int:
    return (given.longest + 1) * (given.longest + 2) // 2


def _pairs_of_fractions(given: Given) -> int:
    return _fractions(given) ** 2


def _at_most(number: int) -> Callable[[Given], int]:
    return lambda given: number


LIBRARY: tuple[LibraryProgram, ...] = (
    LibraryProgram((), INT, lambda _: library.make_length(), _counts),
    LibraryProgram((), INT, lambda _: library.make_hist(), _counts),
    LibraryProgram((), INT, lambda _: library.make_double_hist(), _counts, longest=24),
    LibraryProgram((), BOOL, lambda _: library.make_is_first(), _at_most(2)),
    LibraryProgram((ANY,), INT, lambda given: library.make_count(given.sops[0], given.constants[0]), _counts),
    LibraryProgram((), INT, lambda given: library.make_count_less_freq(given.number), _counts),
    LibraryProgram((BOOL,), NUMBER, lambda given: library.make_frac_prevs(given.sops[0]), _fractions),
    LibraryProgram((BOOL,), INT, lambda given: library.num_prevs(given.sops[0]), _counts),
    LibraryProgram((ANY,), None, lambda given: library.make_reverse(given.sops[0]), _moved),
    LibraryProgram((), BOOL, lambda _: library.make_is_palindrome(), _at_most(2)),
    LibraryProgram((ANY,), None, lambda given: library.shift_by(given.number - 2, given.sops[0]), _moved),
    LibraryProgram((ANY,), BOOL, lambda given: library.detect_pattern(given.sops[0], given.constants), _at_most(2)),
    LibraryProgram(
        (ANY, INT),
        None,
        lambda given: library.make_sort(*given.sops, max_seq_len=given.longest, min_key=1),
        _moved,
        longest=12,
    ),
    LibraryProgram((ANY, NUMBER), None, lambda given: library.make_sort_stable(*given.sops), _moved, longest=16),
    LibraryProgram((), None, lambda given: library.make_sort_freq(given.longest), _moved, longest=8),
    LibraryProgram((), None, lambda given: library.make_most_freq(given.longest), _moved, longest=8),
    LibraryProgram(
        (ANY,),
        NUMBER,
        lambda given: library.make_pair_balance(given.sops[0], *given.constants),
        _pairs_of_fractions,
        longest=10,
    ),
    LibraryProgram(
        (), BOOL, lambda given: library.make_shuffle_dyck([given.constants]), _at_most(2), longest=16
    ),
    LibraryProgram((), STRING, lambda given: library.make_dyck1_ptf(*given.constants), _at_most(3), longest=16),
    LibraryProgram(
        (INT, INT), INT, lambda given: library.make_nary_sequencemap(max, *given.sops), lambda given: given.first.most
    ),
)  # fmt: skip
"""The programs that are used. Not `make_sort_unique`: the keys of a generated program are seldom distinct."""
