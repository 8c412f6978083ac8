"""What selectors can select: which predicates hold, which positions have equal keys, which values meet."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra import semantics
from raspc.algebra.comparison import Comparison
from raspc.algebra.functions import Opaque, describe
from raspc.algebra.grid import NEVER, UNDEFINED, Axis, JointValues, on_axes
from raspc.algebra.truth import AmbiguousPredicateError, negated, truth_table
from raspc.algebra.values import Value, is_finite_number
from raspc.dialects.rasp import (
    CastOp,
    IndicesOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
)
from raspc.dialects.rasp.attributes import MAX_SEQ_LEN_LIMIT
from raspc.passes.locations import refuse
from raspc.passes.selector_terms import predicate_table
from raspc.passes.value_analysis.facts import (
    DOMAIN_LIMIT,
    INDICES,
    LENGTH,
    TOKENS,
    Assumption,
    ProgramFacts,
)

PAIR_LIMIT = DOMAIN_LIMIT * 64
"""The most pairs of a key and a query for which a predicate is evaluated."""


@dataclass(frozen=True, eq=False)
class SelectionFacts:
    """What an aggregate's selector can pick among its values.

    Attributes:
        value_sets: sets of value codes; what one query selects always lies within one of them, [n_sets, n_values].
        single: whether the selected values of one query are always equal.
    """

    value_sets: NDArray[np.bool_]
    single: bool


class SelectorAnalysis:
    """The selectors of one program.

    Attributes:
        predicates: for each select the truth of its predicate by key and query code, int8 [n_keys, n_queries].
    """

    def __init__(self, facts: ProgramFacts):
        self.facts = facts
        self.predicates: dict[SelectOp, NDArray[np.int8]] = {}
        self._distinct: dict[SSAValue, bool] = {}

    def truth(self, op: SelectOp) -> NDArray[np.int8]:
        """The truth of a select's predicate: [n_keys, n_queries]."""
        predicate = op.predicate.data
        keys, queries = self.facts.joints[op.keys], self.facts.joints[op.queries]
        n_pairs = len(keys.domain) * len(queries.domain)
        if n_pairs > PAIR_LIMIT and predicate not in (Comparison.TRUE, Comparison.FALSE):
            raise refuse(
                op,
                f"its keys and queries have {n_pairs} combinations of values",
                expected=f"at most {PAIR_LIMIT} combinations",
                help="use a smaller vocabulary or max_seq_len, or round the values",
            )
        try:
            truth, problem = truth_table(predicate, keys.domain, queries.domain)
        except AmbiguousPredicateError as error:
            raise refuse(
                op,
                f"{describe(predicate)} tells equal numbers apart: {error}",
                expected="a predicate that gives the same for 1, 1.0 and True, of which an aggregate gives any",
            ) from error
        if problem is not None and self._meet(keys, queries):
            raise refuse(
                op,
                f"{describe(predicate)} has no meaning: {problem}",
                expected="a predicate that holds or doesn't for every key and query",
            )
        if problem is not None:
            self.facts.assumptions.append(Assumption(op, problem))
        if isinstance(predicate, Opaque):
            self.facts.tables[op] = predicate_table(keys.domain, queries.domain, truth)
        return truth

    def _meet(self, keys: JointValues, queries: JointValues) -> bool:
        """Whether every key certainly meets every query in some input."""
        return {*keys.axes, *queries.axes} <= {TOKENS, INDICES} and self.facts.max_seq_len > 1

    def atoms(self, selector: SSAValue) -> list[tuple[SelectOp, NDArray[np.int8]]]:
        """Selects that all hold where `selector` does, each with its truth by key and query code."""
        match selector.owner:
            case SelectOp() as op:
                return [(op, self.predicates[op])]
            case SelectorAndOp() as op:
                return [*self.atoms(op.lhs), *self.atoms(op.rhs)]
            case SelectorNotOp() as op:
                inner = op.selector.owner
                if isinstance(inner, SelectOp):
                    return [(inner, negated(self.predicates[inner]))]
                return self.atoms(inner.selector) if isinstance(inner, SelectorNotOp) else []
            case _:
                return []

    def _diagonal(self, selector: SSAValue, sizes: dict[Axis, int]) -> NDArray[np.int8]:
        """The truth of a selector for a position as key and query of itself, on a grid: [size of axis 0, ...]."""
        match selector.owner:
            case SelectOp() as op:
                keys, queries = (
                    on_axes(self.facts.joints[op.keys], sizes),
                    on_axes(self.facts.joints[op.queries], sizes),
                )
                table = np.pad(self.predicates[op], 1, constant_values=semantics.UNKNOWN)[1:, 1:]
                return table[np.maximum(keys, -1), np.maximum(queries, -1)]
            case SelectorAndOp() as op:
                return semantics.selector_and(self._diagonal(op.lhs, sizes), self._diagonal(op.rhs, sizes))
            case SelectorOrOp() as op:
                return semantics.selector_or(self._diagonal(op.lhs, sizes), self._diagonal(op.rhs, sizes))
            case SelectorNotOp() as op:
                return semantics.selector_not(self._diagonal(op.selector, sizes))
            case _:
                raise AssertionError(f"not a selector: {selector}")

    def _leaves(self, selector: SSAValue) -> list[SelectOp]:
        match selector.owner:
            case SelectOp() as op:
                return [op]
            case SelectorAndOp() | SelectorOrOp() | SelectorNotOp() as op:
                return [leaf for operand in op.operands for leaf in self._leaves(operand)]
            case _:
                raise AssertionError(f"not a selector: {selector}")

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
        joints = [self.facts.joints[value] for leaf in self._leaves(selector) for value in (leaf.keys, leaf.queries)]
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
        bound = INDICES if self.facts.causal or LENGTH not in queries.axes else LENGTH
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
            index = np.indices(joint.codes.shape)[joint.axes.index(INDICES)]
            defined = joint.codes >= 0
            pairs = np.unique(np.stack([joint.codes[defined], index[defined]]), axis=1)
            return len(np.unique(pairs[0])) == pairs.shape[1]
        ranked = self._ranked(value)
        if ranked is not None:  # the ranks of distinct keys are a permutation
            return self.is_distinct(ranked)
        owner = value.owner
        return isinstance(owner, CastOp) and self.is_distinct(owner.value)

    def _ranked(self, value: SSAValue) -> SSAValue | None:
        """The s-op of which `value` is the rank: how many positions hold less (or more) than this one."""
        match value.owner:
            case SelectorWidthOp(selector=SSAValue(owner=SelectOp() as select)) if (
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
        """Whether a query certainly selects no more than one position."""
        return any(_is_functional(truth) and self.is_distinct(op.keys) for op, truth in self.atoms(selector))

    # Aggregates and widths

    def selection(self, selector: SSAValue, values: SSAValue) -> SelectionFacts:
        """Which values one query can select together."""
        joint = self.facts.joints[values]
        n_values = len(joint.domain)
        best = np.ones((1, n_values), dtype=np.bool_)
        for op, truth in self.atoms(selector):
            keys = self.facts.joints[op.keys]
            sizes = self.facts.union_axes(keys, joint)
            together = np.ones((len(keys.domain), n_values), dtype=np.bool_)
            if self.facts.is_affordable(sizes):
                codes = self.facts.codes_on(sizes, keys, joint)
                both = (codes[0] >= 0) & (codes[1] >= 0)
                together[:] = False
                together[codes[0][both], codes[1][both]] = True
            rows = np.unique((truth.T == 1) @ together, axis=0)
            if rows.sum(axis=1).max(initial=0) < best.sum(axis=1).max(initial=0):
                best = rows
        single = (
            bool((best.sum(axis=1) <= 1).all())
            or self.selects_at_most_one(selector)
            or any(_is_functional(truth) and self.determines(op.keys, values) for op, truth in self.atoms(selector))
        )
        return SelectionFacts(best, single)

    def structure(self, selector: SSAValue) -> Hashable:
        """What is equal for selectors of the same structure over the same joint values."""
        owner = selector.owner
        if isinstance(owner, SelectOp):
            joints = [self.facts.joints[value] for value in owner.operands]
            operands = tuple((joint.axes, joint.codes.tobytes(), joint.domain) for joint in joints)
            return (operands, owner.predicate.data)
        assert isinstance(owner, Operation)
        return (owner.name, tuple(self.structure(operand) for operand in owner.operands))


def _as_index(value: Value) -> int:
    """The index that a value equals; -1 if it equals none that an input can have."""
    return int(value) if is_finite_number(value) and 0 <= value < MAX_SEQ_LEN_LIMIT and value == int(value) else -1


def _is_functional(truth: NDArray[np.int8]) -> bool:
    """Whether each query selects one key value at most; `truth` is [n_keys, n_queries]."""
    return bool(((truth == semantics.TRUE).sum(axis=0) <= 1).all())
