"""The product of selects: one select that holds where a combination of selects of different s-ops does.

Let the keys of some selects be functions of the s-ops s_1, ..., s_p and their queries of t_1, ..., t_r. Whether the
selects hold is then a function of a tuple of values of s and a tuple of values of t, and so is any combination of them.
With p = 1 and r = 1 it is a select of s_1 and t_1. Otherwise the tuples are computed by a map first. Values that no
select tells apart are one class, and so are tuples that the combination doesn't; tuples that are never selected are
mapped to undefined.

A tuple is undefined where any part of it is, but the combination may hold all the same. An operand for which that is
possible is filled with a value of its own first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Function, Table, grid_size
from raspc.algebra.grid import NEVER, UNDEFINED
from raspc.algebra.lookup import lookup_units, merged_classes
from raspc.algebra.truth import MEANINGLESS, score_rank
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp import MapOp, SelectOp, SopType
from raspc.passes.filling import filled_with, filler_for
from raspc.passes.names import name_generally
from raspc.passes.selector_legalization.atoms import Atom
from raspc.passes.selector_legalization.sources import Cover, Sources
from raspc.passes.selector_terms import PAIR_LIMIT, predicate_table
from raspc.passes.sop_types import domain_of

TUPLE_LIMIT = 1 << 12
"""The most tuples of classes of keys, or of queries."""

Holds: TypeAlias = "NDArray[np.bool_]"

Join: TypeAlias = Callable[[Sequence[Holds]], Holds]
"""Whether a combination holds, of whether its atoms do."""


class TooManyTuplesError(Exception):
    """A product would be too large; the message says how large, and `limit` how large it may be."""

    def __init__(self, size: str, limit: str):
        super().__init__(size)
        self.limit = limit


@dataclass(frozen=True, eq=False)
class Side:
    """The keys, or the queries, of a product.

    Attributes:
        cover: what they are functions of.
        class_of: for each source the class of each of its codes, the last that of undefined, which is `NEVER` if it
            is always defined: [n_values + 1].
        members: for each source the first code of each class; the number of values stands for undefined.
    """

    cover: Cover
    class_of: tuple[NDArray[np.int64], ...]
    members: tuple[NDArray[np.int64], ...]

    @staticmethod
    def of(operands: Sequence[SSAValue], tables: Sequence[NDArray[np.int8]], sources: Sources) -> Side:
        """The side with these operands.

        Args:
            operands: an s-op for each atom.
            tables: the truth of each atom by the code of its operand, [n_values, n_others].
            sources: what is known of s-ops.
        """
        cover = sources.cover(operands)
        class_of: list[NDArray[np.int64]] = []
        members: list[NDArray[np.int64]] = []
        for number, source in enumerate(cover.sources):
            domain = domain_of(source)
            columns = [np.zeros((len(domain) + 1, 0), dtype=np.int8)]
            for operand, table in zip(operands, tables, strict=True):
                if cover.source_of[operand] == number:  # the row of undefined is the last one, of zeros
                    columns.append(np.pad(table, ((0, 1), (0, 0)))[np.append(cover.codes[operand], UNDEFINED)])
            rows = np.hstack(columns).astype(np.int64)
            first, classes = merged_classes(rows if domain.undefined else rows[:-1], 0)
            class_of.append(classes if domain.undefined else np.append(classes, NEVER))
            members.append(first)
        return Side(cover, tuple(class_of), tuple(members))

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of classes of each source."""
        return tuple(len(members) for members in self.members)

    def codes(self, operand: SSAValue) -> NDArray[np.int64]:
        """The code of an operand for each tuple of classes, `UNDEFINED` where it is undefined: [n_tuples]."""
        number = self.cover.source_of[operand]
        by_class = np.append(self.cover.codes[operand], UNDEFINED)[self.members[number]]
        return by_class[np.indices(self.shape)[number].ravel()]


@dataclass(frozen=True, eq=False)
class Product:
    """A combination of selects as a select of tuples.

    Attributes:
        keys: the sources of its keys.
        queries: the sources of its queries.
        truth: whether it holds by tuples of classes: 1, 0 or `MEANINGLESS`, [n_key_tuples, n_query_tuples].
        max_seq_len: the length of the longest input.
    """

    keys: Side
    queries: Side
    truth: NDArray[np.int8]
    max_seq_len: int

    @cached_property
    def cost(self) -> int:
        """The dimensions of the head, and the hidden units and the heads' dimensions that the tuples take."""
        sides = self._tuples
        return score_rank(self.truth == 1) + sum(each.cost(self.max_seq_len) for each in sides)

    @cached_property
    def _tuples(self) -> tuple[_Tuples, _Tuples]:
        return _Tuples.of(self.keys, self.truth), _Tuples.of(self.queries, self.truth.T)

    def emit(self, new_ops: list[Operation]) -> SSAValue:
        """The select; the ops that compute it are appended to `new_ops`."""
        keys, queries = self._tuples
        operands = [side.emit(new_ops) for side in (keys, queries)]
        truth = self.truth[np.ix_(keys.rows, queries.rows)]
        select = SelectOp(operands[0], operands[1], predicate_table(keys.labels, queries.labels, truth))
        new_ops.append(select)
        return select.result


@dataclass(frozen=True, eq=False)
class _Tuples:
    """The s-op of the tuples of one side.

    Attributes:
        side: the side.
        filled: for each source whether undefined is filled.
        class_of: the class of each tuple, -1 for one that is never selected, [n_tuples].
        rows: the first tuple of each class, [n_classes]; of a side with one source, of each value.
        labels: the values of the s-op, as many.
    """

    side: Side
    filled: tuple[bool, ...]
    class_of: NDArray[np.int64]
    rows: NDArray[np.int64]
    labels: tuple[Value, ...]

    @staticmethod
    def of(side: Side, truth: NDArray[np.int8]) -> _Tuples:
        """The tuples of a side; `truth` is [n_tuples, n_tuples of the other side]."""
        selected = (truth == 1).any(axis=1)
        if len(side.cover.sources) == 1:
            (source,) = side.cover.sources
            return _Tuples(side, (False,), np.arange(len(truth)), side.class_of[0][:-1], domain_of(source).values)
        classes = np.indices(side.shape).reshape(len(side.shape), -1)
        filled = tuple(
            domain_of(source).undefined and bool(selected[place == class_of[-1]].any())
            for source, class_of, place in zip(side.cover.sources, side.class_of, classes, strict=True)
        )
        first, merged = merged_classes(truth.astype(np.int64), 0)
        kept = np.flatnonzero(selected[first])
        rank = np.full(len(first), -1)
        rank[kept] = np.arange(kept.size)
        rows = first[kept]
        labels = tuple(
            tuple(
                _value(source, int(members[place[row]]))
                for source, members, place in zip(side.cover.sources, side.members, classes, strict=True)
            )
            for row in rows.tolist()
        )
        return _Tuples(side, filled, rank[merged], rows, labels)

    def cost(self, max_seq_len: int) -> int:
        """The hidden units of the map, and the dimensions of the heads that fill."""
        if len(self.side.cover.sources) == 1:
            return 0
        units = lookup_units(self.class_of.reshape(self.side.shape), len(self.labels)).n_units
        fillers = [
            max_seq_len + len(domain_of(source))
            for source, filled in zip(self.side.cover.sources, self.filled, strict=True)
            if filled
        ]
        return units + sum(fillers)

    def emit(self, new_ops: list[Operation]) -> SSAValue:
        """The s-op; the ops that compute it are appended to `new_ops`."""
        sources = self.side.cover.sources
        if len(sources) == 1:
            return sources[0]
        operands = [
            filled_with(source, filler_for(domain_of(source)), new_ops) if filled else source
            for source, filled in zip(sources, self.filled, strict=True)
        ]
        domains = [domain_of(operand) for operand in operands]
        # The class of each value of an operand; a filler has that of undefined, which is the last.
        places = [
            class_of[[domain_of(source).codes.get(value, len(class_of) - 1) for value in domain.values]]
            for source, domain, class_of in zip(sources, domains, self.side.class_of, strict=True)
        ]
        cells = np.ravel_multi_index(np.meshgrid(*places, indexing="ij"), self.side.shape).ravel()
        choices: list[MaybeValue] = [*self.labels, None]  # the last is at -1
        codes: list[int] = self.class_of[cells].tolist()
        results = [choices[code] for code in codes]
        tupled = MapOp(operands, _function(domains, results), SopType(_domain(domains, results)))
        name_generally(tupled.result, "tuple")
        new_ops.append(tupled)
        return tupled.result


def _value(source: SSAValue, code: int) -> Value:
    """The value of a code; for that of undefined the value that stands for it."""
    values = domain_of(source).values
    return values[code] if code < len(values) else filler_for(domain_of(source))


def _is_plain(domains: Sequence[Domain], results: Sequence[MaybeValue]) -> bool:
    """Whether the tuples are those of the operands' values."""
    return all(
        result == values
        for result, values in zip(results, product(*(domain.values for domain in domains)), strict=True)
    )


def _function(domains: Sequence[Domain], results: Sequence[MaybeValue]) -> Function:
    if not _is_plain(domains, results):
        return Table(tuple(domain.values for domain in domains), tuple(results))
    parameters = tuple(f"x{number}" for number in range(len(domains)))
    return Expression(parameters, f"({', '.join(parameters)})", own=True)


def _domain(domains: Sequence[Domain], results: Sequence[MaybeValue]) -> Domain:
    undefined = [None] if any(domain.undefined for domain in domains) else []
    mixed = _is_plain(domains, results) and any(domain.mixed for domain in domains)
    return Domain.of([*results, *undefined], mixed=mixed)


def combined(atoms: Sequence[Atom], join: Join, sources: Sources) -> Atom | Product:
    """One select for a combination of selects.

    Args:
        atoms: the selects.
        join: whether the combination holds.
        sources: what is known of s-ops.

    Returns:
        An atom where no tuples are needed.

    Raises:
        TooManyTuplesError: there would be too many tuples.
    """
    keys = Side.of([atom.keys for atom in atoms], [atom.truth for atom in atoms], sources)
    queries = Side.of([atom.queries for atom in atoms], [atom.truth.T for atom in atoms], sources)
    n_keys, n_queries = grid_size(keys.shape), grid_size(queries.shape)
    for n_tuples in (n_keys, n_queries):
        if n_tuples > TUPLE_LIMIT:
            raise TooManyTuplesError(f"whose values make {n_tuples} tuples", f"at most {TUPLE_LIMIT} tuples")
    if n_keys * n_queries > PAIR_LIMIT:
        raise TooManyTuplesError(
            f"whose values make {n_keys * n_queries} pairs of tuples", f"at most {PAIR_LIMIT} pairs"
        )
    holds: list[Holds] = []
    meaningless = np.zeros((n_keys, n_queries), dtype=np.bool_)
    for atom in atoms:
        table = np.pad(atom.truth, (0, 1))  # the last row and column are for undefined
        truth = table[np.ix_(keys.codes(atom.keys), queries.codes(atom.queries))]
        holds.append(truth == 1)
        meaningless |= truth == MEANINGLESS
    joined = np.where(meaningless, MEANINGLESS, join(holds)).astype(np.int8)
    if len(keys.cover.sources) == len(queries.cover.sources) == 1:
        by_value = joined[np.ix_(keys.class_of[0][:-1], queries.class_of[0][:-1])]
        return Atom(keys.cover.sources[0], queries.cover.sources[0], by_value)
    return Product(keys, queries, joined, sources.analysis.facts.max_seq_len)
