"""The pass merge-equal-sops: what has the same values on every input is computed once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from raspc.algebra import semantics
from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Unreachable
from raspc.algebra.grid import Axis, JointValues
from raspc.algebra.values import MaybeValue, Value, exact_form
from raspc.dialects.rasp import (
    AggregateOp,
    DomainAttr,
    MapOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    SopType,
    is_foreign,
)
from raspc.dialects.rasp.ops import CountingOp, SopOp
from raspc.passes.infer_values import check_inferred
from raspc.passes.key_predicates import Knowledge
from raspc.passes.selector_terms import PAIR_LIMIT
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis
from raspc.passes.value_analysis.maps import Evaluation

SelectorOp: TypeAlias = SelectOp | SelectorNotOp | SelectorAndOp | SelectorOrOp

PREDICATES = (Comparison.TRUE, Comparison.FALSE, Comparison.EQ, Comparison.LT, Comparison.GT, *Comparison)
"""Predicates that are better kept than others with the same truth: of a rank or an index more is known by them."""


@dataclass(frozen=True, eq=False)
class PairTruth:
    """The truth of a selector of which all selects have the same keys and the same queries.

    Attributes:
        leaf: one of the selects.
        truth: the truth by key and query code, where both are defined, [n_keys, n_queries].
    """

    leaf: SelectOp
    truth: NDArray[np.int8]


@dataclass(eq=False)
class Group:
    """Ops of which it is known that they compute the same.

    Attributes:
        op: the one that computes it for all.
        number: tells the group from others.
    """

    op: Operation
    number: int


@dataclass(eq=False)
class Merger(Knowledge):
    """Numbers the ops of a program in their order: equal ones have one number, and one of them stays.

    Attributes:
        program: the program that is rewritten.
        groups: the groups by what is the same for all their ops; several keys lead to a group.
        group_of: the group of each value.
        places: where each op stands.
        depths: how many maps, heads and decoders follow upon each other until a value is computed.
        truths: the truth of selectors of one pair of keys and queries.
        merged: whether an op has been replaced.
    """

    groups: dict[Hashable, Group] = field(default_factory=dict[Hashable, Group])
    group_of: dict[SSAValue, Group] = field(default_factory=dict[SSAValue, Group])
    places: dict[Operation, int] = field(default_factory=dict[Operation, int])
    depths: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    truths: dict[SSAValue, PairTruth] = field(default_factory=dict[SSAValue, PairTruth])
    merged: bool = False

    def run(self) -> bool:
        """Merge equal ops of the program; whether there were any.

        Of those that are left more may be known then: of two s-ops that an op reads there may be one.
        """
        for place, op in enumerate(list(self.program.body.block.ops)):
            if op.results:
                self.places[op] = place
                self.depths[op.results[0]] = self._depth(op)
                self._add(op)
        return self.merged

    def _add(self, op: Operation) -> None:
        """Replace an op by an equal one that stands before it, or the other way round, if there is one."""
        keys = self._keys_of(op)
        known = next((group for key in keys if (group := self.groups.get(key)) is not None), None)
        if known is None or not self._merge(known, op):
            known = Group(op, len(self.group_of))
        self.group_of[op.results[0]] = known
        for key in [*keys, self._itself(op.results[0], known.number)]:
            self.groups.setdefault(key, known)

    def _merge(self, group: Group, op: Operation) -> bool:
        """Make one of an op and the ops of a group, unless something would be lost; whether that was done."""
        first = group.op
        if self._rank(first) <= self._rank(op):
            self._replace(op, first)
            return True
        if any(self.places[self._owner(operand)] >= self.places[first] for operand in op.operands):
            return False
        op.detach()
        Rewriter.insert_op(op, InsertPoint.before(first))
        self.places[op] = self.places[first]
        op.results[0].name_hint = first.results[0].name_hint
        op.location = first.location
        self._replace(first, op)
        group.op = op
        return True

    def _replace(self, old: Operation, new: Operation) -> None:
        old.results[0].replace_all_uses_with(new.results[0])
        self.merged = True

    def _rank(self, op: Operation) -> tuple[int, ...]:
        """What is less is better kept.

        Of a value of fewer sources more can be proved; and nothing must wait longer than before.
        """
        depth = self.depths[op.results[0]]
        if isinstance(op, SopOp):
            joint = self.analysis.facts.joints[op.results[0]]
            return (len(joint.axes), joint.codes.size, depth, len(op.operands))
        if isinstance(op, SelectOp):
            predicate = op.predicate.data
            order = PREDICATES.index(predicate) if isinstance(predicate, Comparison) else len(PREDICATES)
            return (0, order)
        return (1,)

    def _depth(self, op: Operation) -> int:
        match op:
            case MapOp() | AggregateOp() | CountingOp():
                steps = 1
            case SelectorWidthOp():
                steps = 2
            case _:
                steps = 0
        return steps + max((self.depths[operand] for operand in op.operands), default=0)

    @staticmethod
    def _owner(value: SSAValue) -> Operation:
        assert isinstance(value.owner, Operation)
        return value.owner

    # What is the same for equal ops

    def _numbers(self, values: Iterable[SSAValue]) -> tuple[int, ...]:
        return tuple(self.group_of[value].number for value in values)

    def _itself(self, value: SSAValue, number: Hashable) -> Hashable:
        """The key of what equals, in every form, the ops of a group, of which `value` is one or may become one."""
        if not isinstance(value.owner, SopOp):
            return ("itself", number)
        one_hot = value in self.sources.one_hot
        return ("itself", number, domain_of(value), self.analysis.domain(value), encoding_of(value), one_hot)

    def _keys_of(self, op: Operation) -> list[Hashable]:
        """What is equal for an op and those that compute the same, and for no others: several keys, any will do."""
        if isinstance(op, SelectorOp):
            return self._keys_of_selector(op)
        assert isinstance(op, SopOp)
        return self._keys_of_sop(op)

    def _as_written(self, op: Operation, numbers: tuple[int, ...]) -> Hashable:
        properties = dict(op.properties)
        if isinstance(op, AggregateOp) and op.default.data not in domain_of(op.result):
            del properties["default"]  # something is always selected
        found = DomainAttr(self.analysis.domain(op.result)) if isinstance(op, SopOp) else None
        others = (frozenset(op.attributes.items()), *op.regions) if is_foreign(op) else None
        return (op.name, numbers, op.result_types, found, frozenset(properties.items()), others)

    def _keys_of_sop(self, op: SopOp) -> list[Hashable]:
        keys = [self._as_written(op, self._numbers(op.operands))]
        joint = self.analysis.facts.joints[op.result]
        if isinstance(op, MapOp) and op.jointly is not None:
            return keys
        about = (op.result.type, DomainAttr(joint.domain), op.result in self.sources.one_hot)
        if not joint.domain.mixed and op.result not in joint.axes:
            axes, codes = self._reduced(joint)
            sources = tuple(self.group_of[axis].number if isinstance(axis, SSAValue) else axis for axis in axes)
            keys.append(("values", about, sources, codes.shape, codes.astype(np.int16).tobytes()))
            if len(axes) == 1 and isinstance(axes[0], SSAValue) and self._is_source(axes[0], codes, joint.domain):  # pyright: ignore[reportUnknownArgumentType]
                keys.append(self._itself(op.result, *sources))
        if isinstance(op, MapOp) and (joint.domain.mixed or op.result in joint.axes):
            results = ResultsByForm.of(self.analysis.maps.evaluation(op), self._numbers(op.operands_))
            keys.append(("forms", about, results.key))
            if results.is_identity:
                keys.append(self._itself(op.result, *results.numbers))
        return keys

    def _reduced(self, joint: JointValues) -> tuple[tuple[Axis, ...], NDArray[np.int64]]:
        """The axes on which values depend, and their codes on these: [size of axis 0, ...].

        An axis on which they don't depend stays if it tells with others what can occur: readers may need to know that.
        """
        axes, codes = list(joint.axes), joint.codes
        for place in reversed(range(len(axes))):
            first = codes.take([0], axis=place)
            if (codes == first).all() and self.analysis.facts.is_free(axes[place]):
                codes = first.squeeze(place)
                del axes[place]
        return tuple(axes), codes

    def _is_source(self, source: SSAValue, codes: NDArray[np.int64], domain: Domain) -> bool:
        """Whether codes of the values of a source are those of the source itself, in the same forms."""
        known = self.analysis.facts.joints[source]
        return np.array_equal(known.codes, codes) and DomainAttr(known.domain) == DomainAttr(domain)

    def _keys_of_selector(self, op: SelectorOp) -> list[Hashable]:
        numbers = self._numbers(op.operands)
        truth = self._truth(op)
        if truth is not None:
            self.truths[op.result] = truth
        if isinstance(op, SelectorAndOp | SelectorOrOp):
            if numbers[0] == numbers[1]:
                return [("itself", numbers[0])]
            numbers = (min(numbers), max(numbers))
        keys = [self._as_written(op, numbers)]
        if truth is not None:
            seen = self.analysis.selectors.seen(truth.leaf, truth.truth)
            key = ("pairs", self._numbers(truth.leaf.operands), seen.tobytes())
            # Of two that aren't selects, nothing says of which more can be proved.
            other = self.groups.get(key)
            if isinstance(op, SelectOp) or other is None or isinstance(other.op, SelectOp):
                keys.append(key)
        return keys

    def _truth(self, op: SelectorOp) -> PairTruth | None:
        if isinstance(op, SelectOp):
            holds = self.analysis.facts.predicates[op]
            return PairTruth(op, holds) if holds.size <= PAIR_LIMIT else None
        parts = [self.truths[operand] for operand in op.operands if operand in self.truths]
        pairs = {self._numbers(part.leaf.operands) for part in parts}
        if len(parts) < len(op.operands) or len(pairs) > 1:
            return None
        first, *others = parts
        match op:
            case SelectorNotOp():
                return PairTruth(first.leaf, semantics.selector_not(first.truth))
            case SelectorAndOp():
                return PairTruth(first.leaf, semantics.selector_and(first.truth, others[0].truth))
            case SelectorOrOp():
                return PairTruth(first.leaf, semantics.selector_or(first.truth, others[0].truth))


def _merge(program: ProgramOp) -> None:
    """Merge the equal ops of a program, and erase what nothing reads."""
    region_dce(program.body)
    merger = Merger(program)
    while merger.run():
        region_dce(program.body)
        merger = Merger(program)
        if _narrow(program, merger.analysis):
            merger = Merger(program)


def _narrow(program: ProgramOp, analysis: ValueAnalysis) -> bool:
    """Take values away from domains that ops can't have any more, now that they read fewer s-ops."""
    narrowed = False
    for op in [op for op in program.body.block.ops if isinstance(op, SopOp)]:
        declared, domain = domain_of(op.result), analysis.domain(op.result)
        if domain != declared and declared.is_superset(domain) and declared.mixed >= domain.mixed:
            Rewriter.replace_value_with_new_type(op.result, SopType(domain, encoding_of(op.result)))
            narrowed = True
    return narrowed


@dataclass(frozen=True, eq=False)
class ResultsByForm:
    """What a map gives for every form of its operands that can occur, whatever their order.

    Attributes:
        numbers: the numbers of its distinct operands, in ascending order.
        key: equal for maps that give equal results of equal types for all forms.
        is_identity: whether the result is always the only operand, in its form.
    """

    numbers: tuple[int, ...]
    key: Hashable
    is_identity: bool

    @staticmethod
    def of(evaluation: Evaluation, numbers: tuple[int, ...]) -> ResultsByForm:
        """The results of a map.

        Args:
            evaluation: the results by the operands as they stand.
            numbers: the number of each operand; an operand that stands twice has one number.
        """
        distinct, first, inverse = np.unique(np.array(numbers), return_index=True, return_inverse=True)
        places: list[int] = first.tolist()
        again: list[int] = first[inverse.ravel()].tolist()

        def occurs(choice: tuple[Value, ...]) -> bool:
            return all(
                exact_form(value) == exact_form(choice[place]) for value, place in zip(choice, again, strict=True)
            )

        def key_of(choice: tuple[Value, ...]) -> Hashable:
            return tuple(exact_form(choice[place]) for place in places)

        combinations = evaluation.combinations
        rows = np.flatnonzero((combinations == combinations[:, again]).all(axis=1))
        read = combinations[rows][:, places]  # [n_combinations, n_distinct]
        order = np.lexsort(read.T[::-1])
        ordered: list[int] = rows[order].tolist()
        results = [_form(evaluation.results[row]) for row in ordered]
        raising = frozenset(key_of(choice) for choice in evaluation.raising if occurs(choice))
        forms = {key_of(choice): exact_form(result) for choice, result in evaluation.other_forms if occurs(choice)}
        # The results by the place of their first appearance.
        found: dict[object, int] = {}
        codes = np.array([found.setdefault(result, len(found)) for result in results], dtype=np.int32)
        known = tuple(distinct.tolist())
        key = (known, read[order].tobytes(), codes.tobytes(), tuple(found), raising, frozenset(forms.items()))
        identity = False
        if len(known) == 1 and not raising:
            domain = evaluation.domains[0]
            operands: list[MaybeValue] = [
                None if code < 0 else domain.values[code] for code in read[order][:, 0].tolist()
            ]
            others = [form for value in operands if value is not None for form in domain.forms(value)[1:]]
            identity = results == [_form(value) for value in operands] and forms == {
                (exact_form(form),): exact_form(form) for form in others
            }
        return ResultsByForm(known, key, identity)


def _form(result: MaybeValue | Unreachable) -> object:
    return result if isinstance(result, Unreachable) else exact_form(result)


@dataclass(frozen=True)
class MergeEqualSopsPass(ModulePass):
    """Replace s-ops and selectors by others that have the same values on every input, however they are written.

    ```mlir
    %a = rasp.map(%indices, %n) "i, n -> n - i" : 0 to 4
    %b = rasp.map(%n, %indices) affine [1, -1] : 0 to 4
    %c = rasp.select %indices, %a "k, q -> k == q"
    %d = rasp.select %indices, %b eq
    ```
    becomes
    ```mlir
    %a = rasp.map(%indices, %n) "i, n -> n - i" : 0 to 4
    %c = rasp.select %indices, %a eq
    ```

    S-ops are compared by their values for all combinations of their sources that can occur, undefined among them, as
    infer-values finds them; where a number may come in several forms (`1`, `1.0`), maps of the same operands are, by
    the results for all forms. Selectors are compared by the truth of their predicates for the same keys and queries.
    Every comparison is one look-up; there is no limit but those of infer-values. What nothing reads is erased.

    It doesn't fire where types differ: in a form (`true` and `1`), in the encoding that the user asked for, or in what
    infer-encodings will choose. Nor where the op that stays would need what comes later, or would itself be ready
    later or have more sources.
    """

    name = "merge-equal-sops"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for program in [child for child in op.ops if isinstance(child, ProgramOp)]:
            check_inferred(program)
            _merge(program)
