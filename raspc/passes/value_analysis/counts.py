"""How many positions a selector can select, by the index of the query and the length of the input.

Claim. Let `least` and `most` be what `CountAnalysis.counts` gives at an index and a length. Then a query with this
index in an input of this length selects no fewer than `least` and no more than `most` positions.

Derivation. For each pair of a query index and a key index the truth of a select is one of those that its predicate has
for the values that can stand at these indices; `and`, `or` and `not` of truths that can occur are what can occur of
them. A pair of which only *true* can occur counts for `least`, one of which *true* can occur for `most`. What a
position selects of itself is known better, since its key and query come from the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra import semantics
from raspc.algebra.grid import NEVER, Axis, on_axes
from raspc.dialects.rasp import SelectOp
from raspc.passes.selector_terms import fold
from raspc.passes.value_analysis.facts import INDICES, LENGTH, ProgramFacts
from raspc.passes.value_analysis.selectors import SelectorAnalysis

PAIR_LIMIT = 1 << 21
"""The most pairs of a query and a key position for which truths are enumerated."""

PRODUCT_LIMIT = 1 << 30
"""The most multiplications to find which truths a select can have at all pairs of positions."""


TRUTHS = (semantics.TRUE, semantics.FALSE, semantics.UNKNOWN)


@dataclass(frozen=True, eq=False)
class Counts:
    """The least and the most positions that a query selects.

    Attributes:
        axes: what they depend on: the index, the length, both or neither.
        least: [size of axis 0, ...]
        most: [size of axis 0, ...]
        occurs: which combinations can occur: [size of axis 0, ...].
    """

    axes: tuple[Axis, ...]
    least: NDArray[np.int64]
    most: NDArray[np.int64]
    occurs: NDArray[np.bool_]

    @property
    def is_exact(self) -> bool:
        """Whether the count is a function of the index and the length."""
        return bool((self.least == self.most)[self.occurs].all())

    @property
    def lowest(self) -> int:
        """The least that any query selects."""
        return int(self.least[self.occurs].min())

    @property
    def highest(self) -> int:
        """The most that any query selects."""
        return int(self.most[self.occurs].max())

    def values(self) -> list[int]:
        """All counts that can occur, in ascending order."""
        steps = np.zeros(self.highest + 2, dtype=np.int64)
        np.add.at(steps, self.least[self.occurs], 1)
        np.add.at(steps, self.most[self.occurs] + 1, -1)
        return np.flatnonzero(np.cumsum(steps) > 0).tolist()


@dataclass(frozen=True, eq=False)
class _Truths:
    """Which truths a selector can have for each query and key position: bool arrays [n_queries, n_keys]."""

    true: NDArray[np.bool_]
    false: NDArray[np.bool_]
    unknown: NDArray[np.bool_]

    @staticmethod
    def constant(truth: int, n: int) -> _Truths:
        """The same truth at all of n by n positions."""
        return _Truths(*(np.full((n, n), truth == each, dtype=np.bool_) for each in TRUTHS))

    def __invert__(self) -> _Truths:
        return _Truths(self.false, self.true, self.unknown)

    def __and__(self, other: _Truths) -> _Truths:
        unknown = (self.unknown & (other.unknown | other.true)) | (other.unknown & self.true)
        return _Truths(self.true & other.true, self.false | other.false, unknown)

    @property
    def certain(self) -> NDArray[np.bool_]:
        """Where the selector certainly selects."""
        return self.true & ~self.false & ~self.unknown


class _TooManyError(Exception):
    """There are too many pairs of positions or values."""


class CountAnalysis:
    """The counts of the selectors of one program."""

    def __init__(self, facts: ProgramFacts, selectors: SelectorAnalysis):
        self.facts = facts
        self.selectors = selectors
        self._counts: dict[SSAValue, Counts] = {}
        self._placed: dict[SSAValue, NDArray[np.float32]] = {}

    def counts(self, selector: SSAValue) -> Counts:
        """How many positions a selector selects."""
        if selector not in self._counts:
            self._counts[selector] = self._find(selector)
        return self._counts[selector]

    def _find(self, selector: SSAValue) -> Counts:
        n = self.facts.max_seq_len
        itself, never = self.selectors.selects_itself(selector), self.selectors.never_selects_itself(selector)
        truths = self._truths(selector) if n * n <= PAIR_LIMIT else None
        if any(not (truth == semantics.TRUE).any() for _, truth in self.selectors.atoms(selector)):
            return Counts((), np.zeros((), dtype=np.int64), np.zeros((), dtype=np.int64), np.ones((), dtype=np.bool_))
        if truths is not None:
            least, most = truths.certain, truths.true.copy()
            if itself or never:
                np.fill_diagonal(least, itself)
                np.fill_diagonal(most, itself)
            counts = self._by_position(least, most)
        else:
            there = np.arange(1, n + 1)
            least = there if self._selects_all(selector) else np.full(n, int(itself))
            axis = INDICES if self.facts.causal else LENGTH
            counts = Counts((axis,), least, there - int(never), np.ones(n, dtype=np.bool_))
        if self.selectors.selects_at_most_one(selector):
            return Counts(counts.axes, np.minimum(counts.least, 1), np.minimum(counts.most, 1), counts.occurs)
        return counts

    def _selects_all(self, selector: SSAValue) -> bool:
        select = selector.owner
        return isinstance(select, SelectOp) and self._constant_truth(select) == semantics.TRUE

    def _constant_truth(self, op: SelectOp) -> int | None:
        """The truth of a select that has the same one for all keys and queries."""
        truth = self.facts.predicates[op]
        undefined = any(self.facts.domain(operand).undefined for operand in op.operands)
        return int(truth.flat[0]) if truth.size and not undefined and (truth == truth.flat[0]).all() else None

    def _by_position(self, certain: NDArray[np.bool_], possible: NDArray[np.bool_]) -> Counts:
        """Count the keys of each query: both are [n_queries, n_keys]."""
        n = len(certain)
        everywhere = np.ones(n, dtype=np.bool_)
        # [index of the query, length - 1]
        low, high = (np.cumsum(keys, axis=1, dtype=np.int64) for keys in (certain, possible))
        if self.facts.causal:
            return Counts((INDICES,), low.diagonal(), high.diagonal(), everywhere)
        if not np.triu(possible, 1).any():  # no key after the query: the length doesn't matter
            return Counts((INDICES,), low[:, -1], high[:, -1], everywhere)
        occurs = np.triu(np.ones((n, n), dtype=np.bool_))
        if all((counts == counts[0])[occurs].all() for counts in (low, high)):
            return Counts((LENGTH,), low[0], high[0], everywhere)
        if self.facts.is_affordable({INDICES: n, LENGTH: n}):
            return Counts((INDICES, LENGTH), low, high, occurs)
        lowest, highest = low[occurs].min(), high[occurs].max()
        return Counts((), np.array(lowest), np.array(highest), np.ones((), dtype=np.bool_))

    def _truths(self, selector: SSAValue) -> _Truths | None:
        """Which truths a selector can have at each pair of positions; `None` if that is too much to find out."""
        try:
            return fold(selector, self)
        except _TooManyError:
            return None

    # The algebra of what can be true

    def select(self, op: SelectOp) -> _Truths:
        """Which truths a select can have at each pair of positions."""
        truths = self._truths_of_select(op)
        if truths is None:
            raise _TooManyError
        return truths

    def both(self, lhs: _Truths, rhs: _Truths) -> _Truths:
        """Those of a conjunction."""
        return lhs & rhs

    def either(self, lhs: _Truths, rhs: _Truths) -> _Truths:
        """Those of a disjunction."""
        return ~(~lhs & ~rhs)

    def complement(self, selector: _Truths) -> _Truths:
        """Those of a complement."""
        return ~selector

    def _truths_of_select(self, op: SelectOp) -> _Truths | None:
        n = self.facts.max_seq_len
        constant = self._constant_truth(op)
        if constant is not None:
            return _Truths.constant(constant, n)
        truth = self.selectors.by_code(op)
        if n * max(truth.shape) > PAIR_LIMIT:
            return None
        keys, queries = self._at_positions(op.keys), self._at_positions(op.queries)
        if (keys.sum(axis=1) == 1).all() and (queries.sum(axis=1) == 1).all():  # both are functions of the index
            by_position = truth[np.ix_(keys.argmax(axis=1), queries.argmax(axis=1))].T
            return _Truths(*(by_position == each for each in TRUTHS))
        if n * truth.shape[0] * (truth.shape[1] + n) > PRODUCT_LIMIT:
            return None
        return _Truths(*((queries @ (truth == each).T.astype(np.float32) @ keys.T) > 0 for each in TRUTHS))

    def _at_positions(self, value: SSAValue) -> NDArray[np.float32]:
        """Which values can stand at each index, last undefined: 0 or 1, [n_positions, n_values + 1]."""
        if value not in self._placed:
            self._placed[value] = self._find_at_positions(value)
        return self._placed[value]

    def _find_at_positions(self, value: SSAValue) -> NDArray[np.float32]:
        joint = self.facts.joints[value]
        n = self.facts.max_seq_len
        found = np.zeros((n, len(joint.domain) + 1), dtype=np.float32)
        sizes = self.facts.union_axes(joint, self.facts.indices())
        if not self.facts.is_affordable(sizes):
            found[:, np.unique(joint.codes[joint.codes != NEVER])] = 1.0
            return found
        codes = np.where(self.facts.impossible(sizes), NEVER, on_axes(joint, sizes))
        by_index = np.moveaxis(codes, list(sizes).index(INDICES), 0).reshape(n, -1)
        index, point = np.nonzero(by_index != NEVER)
        found[index, by_index[index, point]] = 1.0  # the code of undefined is -1: the last column
        return found
