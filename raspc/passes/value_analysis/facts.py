"""What is known of a program so far, and which combinations of its sources can occur."""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.functions import Table, grid_size
from raspc.algebra.grid import NEVER, Axis, JointValues, combinations, on_axes, union_axes
from raspc.algebra.guarded import size
from raspc.algebra.means import TooManyMeansError, mean_tuples
from raspc.algebra.values import Value, can_be_written, count_forms
from raspc.dialects.rasp import ProgramOp, SelectOp
from raspc.errors import CompileError
from raspc.passes.locations import refuse
from raspc.passes.operand_sizes import SMALLER

GRID_LIMIT = 1 << 17
"""The most combinations of sources on which an elementwise expression is evaluated jointly."""

DOMAIN_LIMIT = 1 << 14
"""The most values that a domain may have."""

SIZE_LIMIT = 1 << 21
"""How large all values of a domain may be in all: the characters of strings, the items of tuples."""

FORM_LIMIT = 1 << 12
"""The most equal forms of a value on which a function is evaluated."""

TOKENS: Final = "tokens"
INDICES: Final = "indices"
LENGTH: Final = "length"


@dataclass(frozen=True, eq=False)
class Relation:
    """Which values of a source can occur together with those of others, which are its `axes`.

    Attributes:
        axes: the other sources.
        possible: [size of axis 0, ..., size of the source]
    """

    axes: tuple[Axis, ...]
    possible: NDArray[np.bool_]


class ProgramFacts:
    """What is known of a program's values; filled op by op.

    Attributes:
        max_seq_len: the length of the longest input.
        causal: whether selectors select only keys at or before the query.
        joints: the joint values of each s-op.
        order: the place of each source in the order of axes.
        relations: for each source that is an aggregate or a width, what else decides on its values.
        mean_groups: for each source that is a mean over certainly selected and defined values, the structure of its
            selector, and the values.
        predicates: for each select the truth of its predicate by key and query code, int8 [n_keys, n_queries].
        tables: for each op with an opaque function, the function as a table.
    """

    def __init__(self, program: ProgramOp):
        self.max_seq_len = program.max_seq_len.data
        if self.max_seq_len > DOMAIN_LIMIT:
            raise CompileError(
                f"max_seq_len is {self.max_seq_len}, and so many values have the indices",
                expression=program.sym_name.data,
                expected=f"at most {DOMAIN_LIMIT}",
                help="reduce max_seq_len",
            )
        self.causal = program.causal is not None
        self.vocab = check_domain(program, program.vocab.data)
        self.joints: dict[SSAValue, JointValues] = {}
        self.order: dict[Axis, int] = {TOKENS: 0, INDICES: 1, LENGTH: 2}
        self.relations: dict[Axis, list[Relation]] = {}
        self.mean_groups: dict[Axis, tuple[Hashable, SSAValue]] = {}
        self._means: dict[tuple[Axis, Axis], NDArray[np.bool_] | None] = {}
        self.predicates: dict[SelectOp, NDArray[np.int8]] = {}
        self.tables: dict[Operation, Table] = {}

    def domain(self, value: SSAValue) -> Domain:
        """The domain of an s-op."""
        return self.joints[value].domain

    def tokens(self) -> JointValues:
        """The input."""
        return JointValues.source(TOKENS, self.vocab)

    def indices(self) -> JointValues:
        """The positions."""
        return JointValues.source(INDICES, Domain.of(range(self.max_seq_len)))

    def length(self) -> JointValues:
        """The number of positions; in a causal program, of those up to this one."""
        lengths = Domain.of(range(1, self.max_seq_len + 1))
        if self.causal:
            return JointValues((INDICES,), self.indices().codes, lengths)
        return JointValues.source(LENGTH, lengths)

    def new_source(self, axis: Axis, domain: Domain, relations: Sequence[Relation] = ()) -> JointValues:
        """The joint values of an s-op that is a source of its own."""
        self.order.setdefault(axis, len(self.order))
        self.relations[axis] = list(relations)
        return JointValues.source(axis, domain)

    def is_free(self, axis: Axis) -> bool:
        """Whether each value of a source can occur with all values of all other sources."""
        related = {axis for relations in self.relations.values() for relation in relations for axis in relation.axes}
        return axis not in {INDICES, LENGTH, *self.mean_groups, *related} and not self.relations.get(axis)

    def union_axes(self, *joints: JointValues) -> dict[Axis, int]:
        """The axes of all and their sizes, in the program's order."""
        return union_axes(joints, self.order)

    @staticmethod
    def is_affordable(sizes: dict[Axis, int]) -> bool:
        """Whether a grid with these axes is small enough to be enumerated."""
        return grid_size(list(sizes.values())) <= GRID_LIMIT

    def codes_on(self, sizes: dict[Axis, int], *joints: JointValues) -> list[NDArray[np.int64]]:
        """The codes of s-ops at the points of a grid, `NEVER` where the point can't occur: each [n_points]."""
        never = self.impossible(sizes)
        return [np.where(never, NEVER, on_axes(joint, sizes)).ravel() for joint in joints]

    def impossible(self, sizes: dict[Axis, int]) -> NDArray[np.bool_]:
        """Which combinations of sources never occur at one position: [size of axis 0, ...]."""
        shape = tuple(sizes.values())
        axes = list(sizes)
        never = np.zeros(shape, dtype=np.bool_)

        def mark(marked: tuple[Axis, ...], impossible: NDArray[np.bool_]) -> None:
            places = [axes.index(axis) for axis in marked]
            ordered = np.transpose(impossible, np.argsort(places))
            never[...] |= ordered.reshape([shape[axis] if axis in places else 1 for axis in range(len(shape))])

        if INDICES in sizes and LENGTH in sizes:
            index, length = np.indices((sizes[INDICES], sizes[LENGTH]))
            mark((INDICES, LENGTH), index >= length + 1)
        for source in axes:
            for relation in self.relations.get(source, ()):
                if sizes.keys() >= {*relation.axes}:
                    mark((*relation.axes, source), ~relation.possible)
        grouped = [axis for axis in axes if axis in self.mean_groups]
        for number, first in enumerate(grouped):
            for second in grouped[:number]:
                if self.mean_groups[first][0] == self.mean_groups[second][0]:
                    if (second, first) not in self._means:
                        self._means[second, first] = self._impossible_means(second, first)
                    impossible = self._means[second, first]
                    if impossible is not None:
                        mark((second, first), impossible)
        return never

    def _impossible_means(self, first: Axis, second: Axis) -> NDArray[np.bool_] | None:
        """Which pairs of means over the same positions can't be: [n_values of first, n_values of second]."""
        values = [self.joints[self.mean_groups[axis][1]] for axis in (first, second)]
        sizes = self.union_axes(*values)
        if not self.is_affordable(sizes):
            return None
        pairs, _ = combinations(self.codes_on(sizes, *values))
        tuples = [(values[0].domain.values[a], values[1].domain.values[b]) for a, b in pairs.tolist()]
        try:
            means = mean_tuples(tuples, self.max_seq_len, DOMAIN_LIMIT)
        except TooManyMeansError:
            return None
        assert isinstance(first, SSAValue)
        assert isinstance(second, SSAValue)
        domains = [self.joints[first].domain, self.joints[second].domain]
        impossible = np.ones([len(domain) for domain in domains], dtype=np.bool_)
        for a, b in means:  # a mean that isn't in the domain is excluded for another reason
            if a in domains[0] and b in domains[1]:
                impossible[domains[0].codes[a], domains[1].codes[b]] = False
        return impossible


def total_size(values: Iterable[Value]) -> int:
    """How large values are in all; numbers count for nothing."""
    return sum(size(value) for value in values if isinstance(value, str | tuple))


def refuse_size(op: Operation) -> CompileError:
    """The error about values that are too large in all."""
    return refuse(
        op,
        "its values are too large in all",
        expected=f"at most {SIZE_LIMIT} characters of strings and items of tuples",
        help="use shorter strings and tuples, or fewer values",
    )


def check_domain(op: Operation, domain: Domain) -> Domain:
    """The domain of `op`, unless it is too large, or has a value with too many forms or without a text.

    Raises:
        CompileError: it is, or has.
    """
    if len(domain) > DOMAIN_LIMIT:
        raise refuse(
            op,
            f"the domain has {len(domain)} values",
            expected=f"at most {DOMAIN_LIMIT} values",
            help=SMALLER + (", or round the values" if any(isinstance(each, float) for each in domain.values) else ""),
        )
    if total_size(domain.values) > SIZE_LIMIT:
        raise refuse_size(op)
    if domain.mixed and any(count_forms(value) > FORM_LIMIT for value in domain.values):
        raise refuse(
            op,
            "the domain has a tuple of too many numbers that may each be an int, a float or a bool",
            expected=f"at most {FORM_LIMIT} forms of a tuple",
        )
    if not all(can_be_written(value) for value in domain.values):
        raise refuse(
            op,
            "the domain has a number that is too long to be written",
            expected=f"at most {sys.int_info.default_max_str_digits} digits",
        )
    return domain
