"""Selects that look at one side alone: at the value of each key, whatever the query, or the other way round."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import Rewriter

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import from_tree, literal
from raspc.algebra.functions import Function, Table, as_affine
from raspc.algebra.grid import NEVER, UNDEFINED
from raspc.algebra.values import Value
from raspc.dialects.rasp import (
    AggregateOp,
    ConstantOp,
    FunctionAttr,
    IndicesOp,
    LengthOp,
    MapOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorWidthOp,
    SopType,
    TokensOp,
    is_foreign,
)
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.kept_analyses import analysis_of
from raspc.passes.locations import location_of, set_location
from raspc.passes.names import name_generally, name_part
from raspc.passes.selector_terms import predicate_table
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis

PARAMETERS = ("k", "q")
"""How predicates call the key and the query."""


@dataclass(frozen=True, eq=False)
class Source:
    """An s-op that decides the value of another one.

    Attributes:
        value: the s-op.
        codes: for each value of its domain the code of the value that it decides, `NEVER` for what doesn't occur.
    """

    value: SSAValue
    codes: NDArray[np.int64]


class Sources:
    """The s-ops of a program that decide others: of `tokens == "a"`, these are the tokens.

    What reads the source doesn't wait for what is computed from it, which may vanish.
    """

    def __init__(self, analysis: ValueAnalysis, block: Block):
        self.analysis = analysis
        self.places: dict[SSAValue, int] = {}
        self.one_hot: set[SSAValue] = set()
        for place, op in enumerate(block.ops):
            if op.results and isinstance(op.results[0].type, SopType):
                self.places[op.results[0]] = place
                if self._is_one_hot(op):
                    self.one_hot.add(op.results[0])

    def _is_one_hot(self, op: Operation) -> bool:
        """Whether an op will certainly be one-hot, so that it can be a key without a cast."""
        match op:
            case TokensOp() | IndicesOp() | LengthOp() | ConstantOp() | SelectorWidthOp():
                return True
            case MapOp():
                may_be_affine = self.one_hot.isdisjoint(op.operands_) and as_affine(op.function.data) is not None
                return encoding_of(op.result) != Encoding.NUMERICAL and not may_be_affine
            case AggregateOp():
                return op not in self.analysis.averages and op.values in self.one_hot
            case _:
                return False

    def of(self, value: SSAValue, *, reader: Operation | None = None) -> Source | None:
        """The first one-hot s-op of which `value` is certainly a function, by maps alone.

        `None` if there is none, or if `value` may be undefined where that isn't. With a `reader` that is about to be
        replaced, a map that this alone reads is taken even if the user made it numerical, and that is forgotten.
        """
        for candidate in self._candidates(value):
            found = self._decided(candidate, value)
            if found is not None:
                return found
        if reader is None or not isinstance(value.owner, MapOp) or any(use.operation != reader for use in value.uses):
            return None
        joint = self.analysis.facts.joints[value]
        one_hot = Rewriter.replace_value_with_new_type(value, SopType(domain_of(value)))
        self.analysis.facts.joints[one_hot] = joint
        return self._decided(one_hot, one_hot)

    def _candidates(self, value: SSAValue) -> list[SSAValue]:
        """What `value` is computed from by maps, and itself, in the order of the program."""
        found: set[SSAValue] = set()
        stack = [value]
        while stack:
            part = stack.pop()
            if part in found or part not in self.places:
                continue
            found.add(part)
            if isinstance(part.owner, MapOp):
                stack.extend(part.owner.operands_)
        return sorted(found & self.one_hot, key=lambda part: self.places[part])

    def _decided(self, source: SSAValue, value: SSAValue) -> Source | None:
        joints = [self.analysis.facts.joints[source], self.analysis.facts.joints[value]]
        sizes = self.analysis.facts.union_axes(*joints)
        if not self.analysis.facts.is_affordable(sizes):
            return None
        points = np.stack(self.analysis.facts.codes_on(sizes, *joints))
        points = points[:, (points != NEVER).all(axis=0) & (points[0] != UNDEFINED)]
        if (points[1] == UNDEFINED).any():
            return None
        pairs = np.unique(points, axis=1)
        if len(np.unique(pairs[0])) < pairs.shape[1]:
            return None
        # A type may have values that don't occur: they aren't in the joint values.
        of_value = domain_of(value).codes
        codes = np.array([of_value.get(each, NEVER) for each in joints[1].domain.values] + [NEVER], dtype=np.int64)
        decided = np.full(len(joints[0].domain) + 1, NEVER)
        decided[pairs[0]] = codes[pairs[1]]
        of_source = joints[0].domain.codes
        return Source(source, decided[[of_source.get(each, -1) for each in domain_of(source).values]])


def key_select(analysis: ValueAnalysis, block: Block, keys: SSAValue, holds: NDArray[np.bool_]) -> SelectOp:
    """The select of the keys with some values, for any query: `rasp.select %tokens, %one "k, q -> k == 'a'"`.

    Args:
        analysis: what is known of the program; of the select too, afterwards.
        block: the program's body, to which the constant one is added if it isn't there.
        keys: the keys.
        holds: whether each of their values is selected, [n_values].
    """
    select = SelectOp(keys, shared_one(analysis, block), _predicate(domain_of(keys).values, holds, of_keys=True))
    analysis.add(select)
    return select


def query_select(analysis: ValueAnalysis, block: Block, queries: SSAValue, holds: NDArray[np.bool_]) -> SelectOp:
    """The select of all keys for the queries with some values; see `key_select`."""
    select = SelectOp(shared_one(analysis, block), queries, _predicate(domain_of(queries).values, holds, of_keys=False))
    analysis.add(select)
    return select


def shared_one(analysis: ValueAnalysis, block: Block) -> SSAValue:
    """The constant 1 at the beginning of a program; it is put there if it isn't yet."""
    first = block.first_op
    if isinstance(first, ConstantOp) and is_one(first.result):
        return first.result
    one = ConstantOp(1, SopType(Domain.of([1])))
    name_generally(one.result, "one")
    assert first is not None
    block.insert_op_before(one, first)
    analysis.add(one)
    return one.result


def is_one(value: SSAValue) -> bool:
    """Whether an s-op is the constant 1."""
    return isinstance(value.owner, ConstantOp) and type(value.owner.value.data) is int and value.owner.value.data == 1


def _predicate(values: tuple[Value, ...], holds: NDArray[np.bool_], *, of_keys: bool) -> Function:
    """A predicate on one side, the other side being 1: an expression where that is short, otherwise a table."""
    if holds.all() or not holds.any():
        return Comparison.TRUE if holds.all() else Comparison.FALSE
    parameter = PARAMETERS[0 if of_keys else 1]
    for wanted, operator in ((True, ast.Eq()), (False, ast.NotEq())):
        (places,) = np.nonzero(holds == wanted)
        constant = literal(values[places[0]]) if places.size == 1 else None
        if constant is not None:
            tree = ast.Compare(ast.Name(parameter, ast.Load()), [operator], [constant])
            expression = from_tree(PARAMETERS, tree)
            if expression is not None:
                return expression
    truth = holds.astype(np.int8)
    if of_keys:
        return predicate_table(values, (1,), truth[:, None])
    return predicate_table((1,), values, truth[None, :])


def name_ops(new_ops: list[Operation], op: Operation) -> None:
    """Name the ops from which one s-op is computed as its parts, and give them its location."""
    parts: dict[type[Operation], str] = {
        ConstantOp: "value",
        SelectOp: "counted",
        SelectorAndOp: "selected",
        SelectorWidthOp: "count",
    }
    for new_op in new_ops:
        name_part(new_op.results[0], op.results[0], parts.get(type(new_op), "number"))
        set_location(new_op, location_of(op))


def forms_may_change(value: SSAValue) -> bool:
    """Whether nothing that is computed from a value could tell its equal forms apart.

    infer-values has checked that functions give the same for all forms that may come. But there are tables that have no
    meaning on some of the forms, and of an op that isn't of the rasp dialect nothing is known.
    """
    seen: set[Operation] = set()
    stack = [value]
    while stack:
        for use in stack.pop().uses:
            reader = use.operation
            if reader in seen:
                continue
            seen.add(reader)
            if is_foreign(reader):
                return False
            stack.extend(reader.results)
            match reader:
                case MapOp(function=FunctionAttr(data=Table(raising=raising))):
                    pass
                case SelectOp(predicate=FunctionAttr(data=Table(raising=raising))):
                    pass
                case _:
                    continue
            if raising:
                return False
    return True


@dataclass(eq=False)
class Knowledge:
    """What is known of a program, found out when it is first asked for."""

    program: ProgramOp

    @cached_property
    def analysis(self) -> ValueAnalysis:
        """What is known of its values."""
        return analysis_of(self.program, ValueAnalysis)

    @cached_property
    def sources(self) -> Sources:
        """Which s-ops decide others."""
        return Sources(self.analysis, self.program.body.block)
