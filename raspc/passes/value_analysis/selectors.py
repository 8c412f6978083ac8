"""What selectors can select: which predicates hold, which positions have equal keys, which values meet."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra import semantics
from raspc.algebra.comparison import Comparison
from raspc.algebra.functions import Opaque, grid_size
from raspc.algebra.grid import NEVER, UNDEFINED, Axis, JointValues, on_axes
from raspc.algebra.sparse import sparse
from raspc.algebra.truth import Truth, negated
from raspc.algebra.values import Value, is_finite_number
from raspc.dialects.rasp import (
    CastOp,
    IndicesOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    is_foreign,
)
from raspc.dialects.rasp.attributes import MAX_SEQ_LEN_LIMIT
from raspc.dialects.rasp.ops import CountingOp
from raspc.passes.selector_terms import conjuncts_of, evaluate, fold, leaves_of, parts_of, predicate_table
from raspc.passes.value_analysis.facts import (
    INDICES,
    LENGTH,
    TOKENS,
    ProgramFacts,
)
from raspc.passes.value_analysis.meaning import CONSTRUCTED, MeaningAnalysis, Point, points_of

STATE_LIMIT = 1 << 10
"""The most states of a position for which it is decided whether a selector orders them."""


Atom: TypeAlias = tuple[SelectOp, NDArray[np.int8]]
"""A select and the truth of its predicate, or of the complement, by key and query code: [n_keys, n_queries]."""


@dataclass(frozen=True, eq=False)
class SelectionFacts:
    """What an aggregate's selector can pick among its values.

    Attributes:
        value_sets: sets of value codes; what one query selects always lies within one of them, [n_sets, n_values].
        single: whether the selected values of one query are always equal.
    """

    value_sets: NDArray[np.bool_]
    single: bool


@dataclass(frozen=True)
class _TruthAlgebra:
    """The truth of selectors, of that of selects."""

    truth_of: Callable[[SelectOp], NDArray[np.int8]]

    def select(self, op: SelectOp) -> NDArray[np.int8]:
        return self.truth_of(op)

    def both(self, lhs: NDArray[np.int8], rhs: NDArray[np.int8]) -> NDArray[np.int8]:
        return semantics.selector_and(lhs, rhs)

    def either(self, lhs: NDArray[np.int8], rhs: NDArray[np.int8]) -> NDArray[np.int8]:
        return semantics.selector_or(lhs, rhs)

    def complement(self, selector: NDArray[np.int8]) -> NDArray[np.int8]:
        return semantics.selector_not(selector)


class SelectorAnalysis:
    """The selectors of one program."""

    def __init__(self, facts: ProgramFacts, meaning: MeaningAnalysis):
        self.facts = facts
        self.meaning = meaning
        self._atoms: dict[tuple[SSAValue, bool], list[Atom]] = {}
        self._own: dict[tuple[SSAValue, SSAValue | None], NDArray[np.int8] | None] = {}
        self._padded: dict[SelectOp, NDArray[np.int8]] = {}
        self._distinct: dict[SSAValue, bool] = {}
        self._structures: dict[SSAValue, int] = {}
        self._numbers: dict[Hashable, int] = {}

    def truth(self, op: SelectOp) -> NDArray[np.int8]:
        """The truth of a select's predicate: [n_keys, n_queries]."""
        predicate = op.predicate.data
        keys, queries = self.facts.joints[op.keys], self.facts.joints[op.queries]
        truth = evaluate(op, keys.domain, queries.domain)
        if truth.problem is not None:
            self._check_meaning(op, truth, truth.problem)
        if isinstance(predicate, Opaque) or truth.exceeds_text:
            self.facts.tables[op] = predicate_table(
                keys.domain.values, queries.domain.values, truth.holds, truth.raising
            )
        return truth.holds

    def _check_meaning(self, op: SelectOp, truth: Truth, problem: str) -> None:
        """Deal with pairs of keys and queries for which a predicate has no meaning."""
        keys, queries = self.facts.joints[op.keys], self.facts.joints[op.queries]
        raised = truth.raised
        if self.facts.max_seq_len == 1:  # the only position is key and query of itself
            sizes = self.facts.union_axes(keys, queries)
            if self.facts.is_affordable(sizes):
                codes = np.stack(self.facts.codes_on(sizes, keys, queries))
                met = np.zeros_like(raised)
                met[tuple(codes[:, (codes >= 0).all(axis=0)])] = True
                raised = raised & met
        pairs = np.argwhere(raised)[:CONSTRUCTED].tolist()
        if not pairs:
            return
        points: list[Sequence[Point]] = []
        if {*keys.axes, *queries.axes} <= {TOKENS, INDICES, LENGTH}:
            for key, query in pairs:
                points += product(points_of(keys, key, 2), points_of(queries, query, 2))
        self.meaning.unproved(op, problem, points=points)

    def atoms(self, selector: SSAValue, *, holds: bool = True) -> list[Atom]:
        """Selects that all hold where `selector` does, or with `holds` false where it doesn't.

        Each comes with its truth by key and query code, the complement of a select's that must not hold. Selects of the
        same keys and queries are one. In a causal program an atom is false for keys that only stand after the query.
        """
        if (selector, holds) not in self._atoms:
            for part in parts_of(selector):
                for each in (True, False):
                    if (part, each) not in self._atoms:
                        self._atoms[part, each] = self._find_atoms(part, holds=each)
        return self._atoms[selector, holds]

    def _find_atoms(self, selector: SSAValue, *, holds: bool) -> list[Atom]:
        match selector.owner:
            case SelectOp() as op:
                truth = self.facts.predicates[op]
                return [(op, self.seen(op, truth if holds else negated(truth)))]
            case SelectorNotOp() as op:
                return self._atoms[op.selector, not holds]
            case (SelectorAndOp() | SelectorOrOp()) as op if holds == isinstance(op, SelectorAndOp):
                joined: dict[tuple[SSAValue, SSAValue], Atom] = {}
                for select, truth in [*self._atoms[op.lhs, holds], *self._atoms[op.rhs, holds]]:
                    operands = (select.keys, select.queries)
                    known = joined.get(operands)
                    joined[operands] = (select, truth if known is None else semantics.selector_and(known[1], truth))
                return [*joined.values()]
            case _:
                return []

    def seen(self, op: SelectOp, truth: NDArray[np.int8]) -> NDArray[np.int8]:
        """The truth of a select without what a causal program hides."""
        if not self.facts.causal:
            return truth
        first, _ = self._places(self.facts.joints[op.keys])
        _, last = self._places(self.facts.joints[op.queries])
        return np.where(first[:, None] <= last[None, :], truth, semantics.FALSE).astype(np.int8)

    def _places(self, joint: JointValues) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first and the last position at which each value may stand: [n_values] each."""
        n_values, longest = len(joint.domain), self.facts.max_seq_len
        if INDICES not in joint.axes:
            return np.zeros(n_values, dtype=np.int64), np.full(n_values, longest - 1, dtype=np.int64)
        index = np.indices(joint.codes.shape)[joint.axes.index(INDICES)]
        occurs = joint.codes >= 0
        first, last = np.full(n_values, longest), np.full(n_values, -1)
        np.minimum.at(first, joint.codes[occurs], index[occurs])
        np.maximum.at(last, joint.codes[occurs], index[occurs])
        return first, last

    def _diagonal(self, selector: SSAValue, sizes: dict[Axis, int]) -> NDArray[np.int8]:
        """The truth of a selector for a position as key and query of itself, on a grid: [size of axis 0, ...]."""

        def truth_of(op: SelectOp) -> NDArray[np.int8]:
            keys, queries = (on_axes(self.facts.joints[operand], sizes) for operand in (op.keys, op.queries))
            return self.by_code(op)[np.maximum(keys, -1), np.maximum(queries, -1)]

        return fold(selector, _TruthAlgebra(truth_of))

    def by_code(self, op: SelectOp) -> NDArray[np.int8]:
        """The truth of a select by key and query code, unknown for the code of undefined: [n_keys + 1, n_queries + 1].

        That code is -1, and so the last row or column.
        """
        if op not in self._padded:
            self._padded[op] = np.pad(self.facts.predicates[op], (0, 1), constant_values=semantics.UNKNOWN)
        return self._padded[op]

    def selects_itself(self, selector: SSAValue, values: SSAValue | None = None) -> bool:
        """Whether every position certainly selects itself, and has a value there."""
        truths = self._own_truths(selector, values)
        return truths is not None and bool((truths == semantics.TRUE).all())

    def never_selects_itself(self, selector: SSAValue) -> bool:
        """Whether certainly no position selects itself."""
        truths = self._own_truths(selector)
        return truths is not None and bool((truths != semantics.TRUE).all())

    def _own_truths(self, selector: SSAValue, values: SSAValue | None = None) -> NDArray[np.int8] | None:
        """The truth of a selector for positions as keys of themselves, for what can occur.

        It is false where `values` is undefined. `None` if there are too many combinations.
        """
        if (selector, values) not in self._own:
            self._own[selector, values] = self._find_own_truths(selector, values)
        return self._own[selector, values]

    def _find_own_truths(self, selector: SSAValue, values: SSAValue | None) -> NDArray[np.int8] | None:
        joints = [self.facts.joints[value] for leaf in leaves_of(selector) for value in leaf.operands]
        joints += [] if values is None else [self.facts.joints[values]]
        sizes = self.facts.union_axes(*joints)
        if not self.facts.is_affordable(sizes):
            return None
        occurs = ~self.facts.impossible(sizes)
        for joint in joints:
            occurs &= on_axes(joint, sizes) != NEVER
        truth = self._diagonal(selector, sizes)
        if values is not None:
            truth = np.where(on_axes(self.facts.joints[values], sizes) == UNDEFINED, semantics.FALSE, truth)
        return truth[occurs]

    def hits_an_index(self, selector: SSAValue) -> bool:
        """Whether every query certainly equals the index of some position that it may attend to."""
        match selector.owner:
            case SelectOp() as op if op.predicate.data is Comparison.EQ and isinstance(op.keys.owner, IndicesOp):
                queries = self.facts.joints[op.queries]
            case _:
                return False
        bound = LENGTH if LENGTH in queries.axes else INDICES
        sizes = self.facts.union_axes(queries, self.facts.indices() if bound == INDICES else self.facts.length())
        if not self.facts.is_affordable(sizes):
            return False
        codes = on_axes(queries, sizes)
        occurs = ~self.facts.impossible(sizes) & (codes != NEVER)
        targets = [_as_index(value) for value in queries.domain.values]
        target = np.array([*targets, -1])[np.maximum(codes, -1)]
        # The number of positions that are certainly there, of which the target must be one: the length, or up to here.
        axis = list(sizes).index(bound)
        there = np.arange(1, sizes[bound] + 1).reshape([-1 if a == axis else 1 for a in range(len(sizes))])
        return bool(((target >= 0) & (target < there))[occurs].all())

    def is_distinct(self, value: SSAValue) -> bool:
        """Whether no two positions of an input have the same defined value."""
        if value not in self._distinct:
            self._distinct[value] = self._find_distinct(value)
        return self._distinct[value]

    def _find_distinct(self, value: SSAValue) -> bool:
        joint = self.facts.joints[value]
        if INDICES in joint.axes:
            points = np.indices(joint.codes.shape)
            index = points[joint.axes.index(INDICES)]
            codes = joint.codes
            if LENGTH in joint.axes:  # all positions of an input have one length
                codes = codes * self.facts.max_seq_len + points[joint.axes.index(LENGTH)]
            defined = joint.codes >= 0
            pairs = np.unique(np.stack([codes[defined], index[defined]]), axis=1)
            return len(np.unique(pairs[0])) == pairs.shape[1]
        ranked = self._ranked(value)
        if ranked is not None and self.is_distinct(ranked):  # the ranks of distinct keys are a permutation
            return True
        match self._told_from(value).owner:
            case SelectorWidthOp() | CountingOp() as op:
                return self._orders(op.selector)
            case CastOp() as op:
                return self.is_distinct(op.value)
            case _:
                return False

    def _told_from(self, value: SSAValue) -> SSAValue:
        """The source of which `value` tells all values apart, such as what a width is read from, or `value` itself."""
        joint = self.facts.joints[value]
        if len(joint.axes) == 1 and isinstance(joint.axes[0], SSAValue):
            codes = joint.codes[joint.codes != NEVER]
            if np.unique(codes).size == codes.size:
                axis: SSAValue = joint.axes[0]  # pyright: ignore[reportUnknownVariableType]
                return axis
        return value

    def _orders(self, selector: SSAValue) -> bool:
        """Whether a selector certainly is a strict total order of the positions, so that its widths are a permutation.

        Let the score of a state (what the sources are at a position) be the number of states that it selects as keys.
        If a key is selected just where its score is below the query's, and states at different indices have different
        scores, then the positions of every input are in the order of their scores.
        """
        leaves = leaves_of(selector)
        joints = [self.facts.joints[value] for leaf in leaves for value in (leaf.keys, leaf.queries)]
        sizes = self.facts.union_axes(*joints)
        n_states = grid_size(list(sizes.values()))
        if self.facts.causal or INDICES not in sizes or LENGTH in sizes or n_states > STATE_LIMIT:
            return False
        occurs = ~self.facts.impossible(sizes)
        for joint in joints:
            occurs &= on_axes(joint, sizes) != NEVER
        states = np.flatnonzero(occurs)
        holds = self._matrix(selector, sizes, states) == semantics.TRUE  # [n_queries, n_keys]
        scores = holds.sum(axis=1)
        index = np.indices(tuple(sizes.values()))[list(sizes).index(INDICES)].ravel()[states]
        pairs = np.unique(np.stack([scores, index]), axis=1)
        ordered = bool((holds == (scores[None, :] < scores[:, None])).all())
        return ordered and len(np.unique(pairs[0])) == pairs.shape[1]

    def _matrix(self, selector: SSAValue, sizes: dict[Axis, int], states: NDArray[np.int64]) -> NDArray[np.int8]:
        """The truth of a selector for states of positions, as queries and as keys: [n_queries, n_keys]."""

        def truth_of(op: SelectOp) -> NDArray[np.int8]:
            keys, queries = (
                on_axes(self.facts.joints[operand], sizes).ravel()[states] for operand in (op.keys, op.queries)
            )
            return self.by_code(op)[np.ix_(keys, queries)].T

        return fold(selector, _TruthAlgebra(truth_of))

    def _ranked(self, value: SSAValue) -> SSAValue | None:
        """The s-op of which `value` is the rank: how many positions hold less (or more) than this one."""
        match self._told_from(value).owner:
            case (
                SelectorWidthOp(selector=SSAValue(owner=SelectOp() as select))
                | CountingOp(selector=SSAValue(owner=SelectOp() as select))
            ) if (
                not self.facts.causal
                and select.keys == select.queries
                and select.predicate.data in (Comparison.LT, Comparison.GT)
                and not self.facts.domain(select.keys).undefined
            ):
                return select.keys
            case _:
                return None

    def determines(self, key: SSAValue, value: SSAValue) -> bool:
        """Whether positions of one input with equal keys certainly have equal values.

        So it is where the value is a function of the key, or where the key is a rank of what determines the value: only
        equals have equal ranks.
        """
        joints = [self.facts.joints[key], self.facts.joints[value]]
        sizes = self.facts.union_axes(*joints)
        if self.facts.is_affordable(sizes):
            codes = np.stack(self.facts.codes_on(sizes, *joints))
            pairs = np.unique(codes[:, (codes >= 0).all(axis=0)], axis=1)
            if len(np.unique(pairs[0])) == pairs.shape[1]:
                return True
        ranked = self._ranked(key)
        return ranked is not None and self.determines(ranked, value)

    def selects_at_most_one(self, selector: SSAValue) -> bool:
        """Whether a query certainly selects no more than one position.

        So it is where what it selects is equal in something that differs at all positions, or in a number and in that
        within which positions are numbered.
        """
        equal = {op.keys for op, truth in self.atoms(selector) if _is_functional(truth)}
        return any(self.is_distinct(keys) or self._is_number_within(keys, equal) for keys in equal)

    def _is_number_within(self, value: SSAValue, equal: set[SSAValue]) -> bool:
        """Whether no two positions have the same `value` that are equal, and defined, in each of `equal`.

        Claim. Let a selector be that some s-ops have equal keys and queries, and that keys are before the query, or not
        after it, in an order of all positions. Of two positions at which these s-ops are equal, the later one selects
        all that the earlier one selects and one more: the earlier one, or itself. So their widths are different.
        """
        match self._told_from(value).owner:
            case SelectorWidthOp() | CountingOp() as op:
                selects = conjuncts_of(op.selector)
            case _:
                return False
        alike = {select.keys for select in selects if _compares_itself(select, Comparison.EQ)}
        orders = [select for select in selects if not _compares_itself(select, Comparison.EQ)]
        is_ordered = self.facts.causal or bool(orders)
        return bool(alike) and alike <= equal and is_ordered and len(orders) <= 1 and all(map(self._is_order, orders))

    def _is_order(self, select: SelectOp) -> bool:
        """Whether a select is that keys are before the query, or not after it, in an order of all positions.

        In a causal program, where later keys aren't seen, it has to be the order of the positions.
        """
        if self.facts.causal:
            below = (Comparison.LT, Comparison.LEQ)
            return isinstance(select.keys.owner, IndicesOp) and _compares_itself(select, *below)
        is_order = _compares_itself(select, Comparison.LT, Comparison.LEQ, Comparison.GT, Comparison.GEQ)
        return is_order and self.is_distinct(select.keys) and not self.facts.domain(select.keys).undefined

    # Aggregates and widths

    def selection(self, selector: SSAValue, values: SSAValue) -> SelectionFacts:
        """Which values one query can select together."""
        joint = self.facts.joints[values]
        n_values = len(joint.domain)
        best = np.ones((1, n_values), dtype=np.bool_)
        for op, truth in self.atoms(selector):
            selected = _distinct_queries(truth)
            keys = self.facts.joints[op.keys]
            sizes = self.facts.union_axes(keys, joint)
            if self.facts.is_affordable(sizes):
                codes = np.stack(self.facts.codes_on(sizes, keys, joint))
                pairs = np.unique(codes[:, (codes >= 0).all(axis=0)], axis=1)
                ones = np.ones(pairs.shape[1], dtype=np.float32)
                together = sparse.csr_array((ones, (pairs[0], pairs[1])), shape=(len(keys.domain), n_values))
                rows = np.unique(selected.astype(np.float32) @ together > 0, axis=0)
            else:
                rows = np.repeat(np.unique(selected.any(axis=1))[:, None], n_values, axis=1)
            if rows.sum(axis=1).max(initial=0) < best.sum(axis=1).max(initial=0):
                best = rows
        single = (
            bool((best.sum(axis=1) <= 1).all())
            or self.selects_at_most_one(selector)
            or any(_is_functional(truth) and self.determines(op.keys, values) for op, truth in self.atoms(selector))
        )
        return SelectionFacts(best, single)

    def structure(self, selector: SSAValue) -> int:
        """A number that is the same for selectors of the same structure over the same joint values."""
        for part in parts_of(selector):
            if part not in self._structures:
                structure = self._find_structure(part)
                self._structures[part] = self._numbers.setdefault(structure, len(self._numbers))
        return self._structures[selector]

    def _find_structure(self, selector: SSAValue) -> Hashable:
        owner = selector.owner
        if isinstance(owner, SelectOp):
            joints = [self.facts.joints[value] for value in owner.operands]
            operands = tuple((joint.axes, joint.codes.tobytes(), joint.domain) for joint in joints)
            return (operands, owner.predicate.data)
        assert isinstance(owner, Operation)
        if is_foreign(owner):  # nobody knows what it depends on
            return selector
        return (owner.name, tuple(self._structures[operand] for operand in owner.operands))


def _as_index(value: Value) -> int:
    """The index that a value equals; -1 if it equals none that an input can have."""
    return int(value) if is_finite_number(value) and 0 <= value < MAX_SEQ_LEN_LIMIT and value == int(value) else -1


def _distinct_queries(truth: NDArray[np.int8]) -> NDArray[np.bool_]:
    """The different sets of keys that queries select: [n, n_keys]; `truth` is [n_keys, n_queries]."""
    if truth.size and truth.strides == (0, 0):  # the same for all pairs
        return truth[:, :1].T == semantics.TRUE
    return np.unique(truth.T == semantics.TRUE, axis=0)


def _is_functional(truth: NDArray[np.int8]) -> bool:
    """Whether each query selects one key value at most; `truth` is [n_keys, n_queries]."""
    return bool(((truth == semantics.TRUE).sum(axis=0) <= 1).all())


def _compares_itself(select: SelectOp, *comparisons: Comparison) -> bool:
    """Whether a select compares one s-op at the key with the same at the query, in one of some ways."""
    return select.keys == select.queries and select.predicate.data in comparisons
