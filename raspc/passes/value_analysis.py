"""What can be known of the values of a RASP program without running it.

The analysis walks the program once, in order. For each s-op it gives a domain, which contains every value that the s-op
takes on any input, and where it is affordable the joint values over the s-op's sources (see `algebra.grid`): the
tokens, the indices, the length, and every aggregate and width. Relations between sources that always hold are used:
an index is less than the length; aggregates over the same selector average the same positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation, SSAValue

from raspc.algebra import semantics
from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import (
    UNREACHABLE,
    Function,
    Opaque,
    Table,
    Unreachable,
    describe,
    grid_size,
    is_type_agnostic,
)
from raspc.algebra.grid import NEVER, UNDEFINED, Axis, JointValues, combinations, on_axes, union_axes
from raspc.algebra.means import TooManyMeansError, mean_tuples, mean_values
from raspc.algebra.values import MaybeValue, Value, is_number
from raspc.dialects.rasp import (
    AggregateOp,
    BosWeightOp,
    CastOp,
    ConstantOp,
    IndicesOp,
    LengthOp,
    MapOp,
    ProgramOp,
    SelectOp,
    SelectorAndOp,
    SelectorNotOp,
    SelectorOrOp,
    SelectorWidthOp,
    TokensOp,
)
from raspc.errors import MeaningError
from raspc.passes.locations import refuse

GRID_LIMIT = 1 << 17
"""The most combinations of sources on which an elementwise expression is evaluated jointly."""

DOMAIN_LIMIT = 1 << 14
"""The most values that a domain may have."""

TOKENS: Final = "tokens"
INDICES: Final = "indices"
LENGTH: Final = "length"


@dataclass(frozen=True)
class Assumption:
    """A property of the inputs that the model relies on because it couldn't be proved: `op` has a meaning on them."""

    op: Operation
    reason: str


@dataclass(frozen=True, eq=False)
class SelectionFacts:
    """What an aggregate's selector can pick among its values.

    Attributes:
        value_sets: sets of value codes; what one query selects always lies within one of them, [n_sets, n_values].
        single: whether the selected values of one query are always equal.
    """

    value_sets: NDArray[np.bool_]
    single: bool


class ValueAnalysis:
    """The facts of one program; see the module's documentation.

    Attributes:
        joints: the joint values of each s-op.
        predicates: for each select the truth of its predicate by key and query code, int8 [n_keys, n_queries].
        tables: for each op with an opaque function, the function as a table.
        assumptions: what couldn't be proved.

    Raises:
        CompileError: a domain is too large, or an expression certainly has no meaning.
    """

    def __init__(self, program: ProgramOp):
        self.max_seq_len = program.max_seq_len.data
        self.causal = program.causal is not None
        self.vocab = program.vocab.data
        self.joints: dict[SSAValue, JointValues] = {}
        self.predicates: dict[SelectOp, NDArray[np.int8]] = {}
        self.tables: dict[Operation, Table] = {}
        self.assumptions: list[Assumption] = []
        self.averages: set[AggregateOp] = set()
        self._combinations: dict[MapOp, tuple[NDArray[np.int64], list[MaybeValue | Unreachable]]] = {}
        self._order: dict[Axis, int] = {TOKENS: 0, INDICES: 1, LENGTH: 2}
        self._mean_groups: dict[Axis, tuple[str, SSAValue]] = {}
        self._distinct: dict[SSAValue, bool] = {}
        for op in program.body.block.ops:
            self._visit(op)

    def domain(self, value: SSAValue) -> Domain:
        """The domain of an s-op."""
        return self.joints[value].domain

    def table(self, op: MapOp) -> Table:
        """The function of a map as a table over its operands' domains; what doesn't occur is unreachable."""
        return _as_table([self.domain(operand) for operand in op.operands_], *self._combinations[op])

    def _visit(self, op: Operation) -> None:
        match op:
            case TokensOp():
                self.joints[op.result] = JointValues.source(TOKENS, self.vocab)
            case IndicesOp():
                self.joints[op.result] = JointValues.source(INDICES, Domain.of(range(self.max_seq_len)))
            case LengthOp():
                self.joints[op.result] = self._length()
            case ConstantOp():
                self.joints[op.result] = JointValues.constant(Domain.of([op.value.data]))
            case MapOp():
                self.joints[op.result] = self._map(op)
            case SelectOp():
                self.predicates[op] = self._predicate(op)
            case AggregateOp():
                self.joints[op.result] = self._aggregate(op)
            case SelectorWidthOp():
                self.joints[op.result] = self._width(op)
            case BosWeightOp():
                domain = op.domain
                assert domain is not None
                self.joints[op.result] = self._leaf(op.result, domain)
            case CastOp():
                self.joints[op.result] = self.joints[op.value]
            case _:
                pass

    def _leaf(self, axis: Axis, domain: Domain) -> JointValues:
        self._order.setdefault(axis, len(self._order))
        return JointValues.source(axis, domain)

    def _length(self) -> JointValues:
        """The number of positions; in a causal program, of those up to this one."""
        if self.causal:
            indices = JointValues.source(INDICES, Domain.of(range(self.max_seq_len)))
            return JointValues(indices.axes, indices.codes, Domain.of(range(1, self.max_seq_len + 1)))
        return JointValues.source(LENGTH, Domain.of(range(1, self.max_seq_len + 1)))

    # Maps

    def _map(self, op: MapOp) -> JointValues:
        function = op.function.data
        operands = [self.joints[operand] for operand in op.operands_]
        sizes = union_axes(operands, self._order)
        joint = grid_size(list(sizes.values())) <= GRID_LIMIT
        if joint:
            never = self._impossible(sizes)
            points = [np.where(never, NEVER, on_axes(operand, sizes)).ravel() for operand in operands]
            certain = sizes.keys() <= {TOKENS, INDICES}
        else:
            cells = grid_size([len(operand.domain) for operand in operands])
            if cells > GRID_LIMIT:
                raise refuse(
                    op,
                    f"the function's operands have {cells} combinations of values",
                    expected=f"at most {GRID_LIMIT} combinations",
                    help="use a smaller vocabulary or max_seq_len, or split the function into steps of fewer operands",
                )
            full = [Domain(operand.domain.values, operand.domain.undefined) for operand in operands]
            grids = np.meshgrid(*(JointValues.source(0, domain).codes for domain in full), indexing="ij")
            points = [grid.ravel() for grid in grids]
            certain = False
        distinct, which = combinations(points)
        results = self._evaluate(op, function, [operand.domain for operand in operands], distinct, certain)
        domain = self._checked(op, self._result_domain(results))
        codes = np.array(
            [NEVER if isinstance(result, Unreachable) else domain.code(result) for result in results] + [NEVER],
            dtype=np.int64,
        )
        self._combinations[op] = (distinct, results)
        if isinstance(function, Opaque):
            self.tables[op] = self.table(op)
        if joint:
            return JointValues(
                tuple(sizes), codes[np.where(which < 0, -1, which)].reshape(list(sizes.values())), domain
            )
        return self._leaf(op.result, domain)

    def _evaluate(
        self, op: MapOp, function: Function, domains: Sequence[Domain], distinct: NDArray[np.int64], certain: bool
    ) -> list[MaybeValue | Unreachable]:
        """The result of the function for each combination of operand codes."""
        agnostic = is_type_agnostic(function)
        results: list[MaybeValue | Unreachable] = []
        problem: str | None = None
        for row in distinct.tolist():
            if UNDEFINED in row:
                results.append(None)
                continue
            arguments = tuple(domain.values[code] for domain, code in zip(domains, row, strict=True))
            choices = [arguments]
            if not agnostic:
                choices = list(product(*(d.forms(value) for d, value in zip(domains, arguments, strict=True))))
            found: list[MaybeValue] = []
            for choice in choices:
                try:
                    found.append(semantics.apply(function, choice))
                except MeaningError as error:
                    problem = problem or str(error)
                    if certain:
                        raise refuse(
                            op,
                            f"{describe(function)} has no meaning: {error}",
                            expected="a function that gives a value for every value of its operands",
                            help="return None, or raise an ArithmeticError or a ValueError, to mean undefined",
                        ) from error
            if any(other != found[0] for other in found[1:]):
                shown = ", ".join(repr(value) for value in found)
                raise refuse(
                    op,
                    f"{describe(function)} tells equal numbers apart: on {arguments!r} and its equals it gives {shown}",
                    expected="a function that gives the same for 1, 1.0 and True, of which an aggregate gives any",
                    help="convert the argument, with int() or float(), before its type matters",
                )
            results.append(found[0] if found else UNREACHABLE)
        if problem is not None:
            self.assumptions.append(Assumption(op, problem))
            if all(isinstance(result, Unreachable) for result in results):
                raise refuse(op, f"{describe(function)} never has a meaning: {problem}")
        return results

    @staticmethod
    def _result_domain(results: list[MaybeValue | Unreachable]) -> Domain:
        return Domain.of(result for result in results if not isinstance(result, Unreachable))

    def _checked(self, op: Operation, domain: Domain) -> Domain:
        if len(domain) > DOMAIN_LIMIT:
            raise refuse(
                op,
                f"the domain has {len(domain)} values",
                expected=f"at most {DOMAIN_LIMIT} values",
                help="use a smaller vocabulary or max_seq_len, or round the values",
            )
        return domain

    def _impossible(self, sizes: dict[Axis, int]) -> NDArray[np.bool_]:
        """Which combinations of sources never occur at one position: [size of axis 0, ...]."""
        shape = tuple(sizes.values())
        axes = list(sizes)
        never = np.zeros(shape, dtype=np.bool_)

        def mark(first: Axis, second: Axis, impossible: NDArray[np.bool_]) -> None:
            a, b = axes.index(first), axes.index(second)
            pair = impossible if a < b else impossible.T
            never[...] |= pair.reshape([shape[axis] if axis in (a, b) else 1 for axis in range(len(shape))])

        if INDICES in sizes and LENGTH in sizes:
            index, length = np.indices((sizes[INDICES], sizes[LENGTH]))
            mark(INDICES, LENGTH, index >= length + 1)
        grouped = [axis for axis in axes if axis in self._mean_groups]
        for number, first in enumerate(grouped):
            for second in grouped[:number]:
                if self._mean_groups[first][0] == self._mean_groups[second][0]:
                    impossible = self._impossible_means(second, first)
                    if impossible is not None:
                        mark(second, first, impossible)
        return never

    def _impossible_means(self, first: Axis, second: Axis) -> NDArray[np.bool_] | None:
        """Which pairs of means over the same positions can't be: [n_values of first, n_values of second]."""
        values = [self.joints[self._mean_groups[axis][1]] for axis in (first, second)]
        sizes = union_axes(values, self._order)
        if grid_size(list(sizes.values())) > GRID_LIMIT:
            return None
        never = self._impossible(sizes)
        pairs, _ = combinations([np.where(never, NEVER, on_axes(value, sizes)).ravel() for value in values])
        tuples = [(values[0].domain.values[a], values[1].domain.values[b]) for a, b in pairs.tolist()]
        try:
            means = mean_tuples(tuples, self.max_seq_len, DOMAIN_LIMIT)
        except TooManyMeansError:
            return None
        assert isinstance(first, SSAValue)
        assert isinstance(second, SSAValue)
        domains = [self.joints[first].domain, self.joints[second].domain]
        impossible = np.ones([len(domain) for domain in domains], dtype=np.bool_)
        for a, b in means:
            impossible[domains[0].codes[a], domains[1].codes[b]] = False
        return impossible

    # Selectors

    def _predicate(self, op: SelectOp) -> NDArray[np.int8]:
        """The truth of a select's predicate: [n_keys, n_queries]."""
        predicate = op.predicate.data
        keys, queries = self.joints[op.keys], self.joints[op.queries]
        cells = len(keys.domain) * len(queries.domain)
        if cells > DOMAIN_LIMIT * 64:
            raise refuse(
                op,
                f"the keys and queries have {cells} combinations of values",
                expected=f"at most {DOMAIN_LIMIT * 64}",
                help="use a smaller vocabulary or max_seq_len, or round the values",
            )
        agnostic = is_type_agnostic(predicate)
        certain = {*keys.axes, *queries.axes} <= {TOKENS, INDICES} and self.max_seq_len > 1
        truth = np.zeros((len(keys.domain), len(queries.domain)), dtype=np.int8)
        problem: str | None = None
        failed: list[tuple[int, int]] = []
        for row, key in enumerate(keys.domain.values):
            for column, query in enumerate(queries.domain.values):
                pairs: list[tuple[Value, Value]] = [(key, query)]
                if not agnostic:
                    pairs = list(product(keys.domain.forms(key), queries.domain.forms(query)))
                found: set[bool] = set()
                for pair in pairs:
                    try:
                        found.add(bool(predicate(*pair)))
                    except Exception as error:
                        problem = (
                            problem
                            or f"it raised {type(error).__name__} ({error}) for key {pair[0]!r} and query {pair[1]!r}"
                        )
                        if certain:
                            raise refuse(
                                op,
                                f"{describe(predicate)} has no meaning: {problem}",
                                expected="a predicate that holds or doesn't for every key and query",
                            ) from error
                if len(found) > 1:
                    raise refuse(
                        op,
                        f"{describe(predicate)} tells equal numbers apart: forms of {key!r} and {query!r} differ",
                        expected="a predicate that gives the same for 1, 1.0 and True, of which an aggregate gives any",
                    )
                if found:
                    truth[row, column] = found.pop()
                else:
                    failed.append((row, column))
        if problem is not None:
            self.assumptions.append(Assumption(op, problem))
        if isinstance(predicate, Opaque):
            results: list[MaybeValue | Unreachable] = [bool(x) for x in truth.ravel().tolist()]
            for row, column in failed:
                results[row * truth.shape[1] + column] = UNREACHABLE
            self.tables[op] = Table((keys.domain.values, queries.domain.values), tuple(results))
        return truth

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
                    return [(inner, (1 - self.predicates[inner]).astype(np.int8))]
                return self.atoms(inner.selector) if isinstance(inner, SelectorNotOp) else []
            case _:
                return []

    def _diagonal(self, selector: SSAValue, sizes: dict[Axis, int]) -> NDArray[np.int8]:
        """The truth of a selector for a position as key and query of itself, on a grid: [size of axis 0, ...]."""
        match selector.owner:
            case SelectOp() as op:
                keys, queries = on_axes(self.joints[op.keys], sizes), on_axes(self.joints[op.queries], sizes)
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
        joints = [self.joints[value] for leaf in self._leaves(selector) for value in (leaf.keys, leaf.queries)]
        joints += [] if values is None else [self.joints[values]]
        sizes = union_axes(joints, self._order)
        if grid_size(list(sizes.values())) > GRID_LIMIT:
            return None
        occurs = ~self._impossible(sizes)
        for joint in joints:
            occurs &= on_axes(joint, sizes) != NEVER
        truth = self._diagonal(selector, sizes)
        if values is not None:
            truth = np.where(on_axes(self.joints[values], sizes) == UNDEFINED, semantics.FALSE, truth)
        return truth[occurs]

    def _hits_an_index(self, selector: SSAValue) -> bool:
        """Whether every query certainly equals the index of some position that it may attend to."""
        match selector.owner:
            case SelectOp() as op if op.predicate.data is Comparison.EQ and isinstance(op.keys.owner, IndicesOp):
                queries = self.joints[op.queries]
            case _:
                return False
        bound = INDICES if self.causal or LENGTH not in queries.axes else LENGTH
        sizes = union_axes([queries, JointValues.source(bound, self._bound_domain(bound))], self._order)
        if grid_size(list(sizes.values())) > GRID_LIMIT:
            return False
        codes = on_axes(queries, sizes)
        occurs = ~self._impossible(sizes) & (codes != NEVER)
        targets = [value if is_number(value) and value == int(value) else -1 for value in queries.domain.values]  # type: ignore[arg-type]
        target = np.array([*(int(value) for value in targets), -1])[np.maximum(codes, -1)]  # type: ignore[arg-type]
        # The number of positions that are certainly there, of which the target must be one: the length, or up to here.
        axis = list(sizes).index(bound)
        there = np.arange(1, sizes[bound] + 1).reshape([-1 if a == axis else 1 for a in range(len(sizes))])
        return bool(((target >= 0) & (target < there))[occurs].all())

    def _bound_domain(self, bound: Axis) -> Domain:
        first = 0 if bound == INDICES else 1
        return Domain.of(range(first, first + self.max_seq_len))

    def is_distinct(self, value: SSAValue) -> bool:
        """Whether no two positions of an input have the same defined value."""
        if value not in self._distinct:
            self._distinct[value] = self._find_distinct(value)
        return self._distinct[value]

    def _find_distinct(self, value: SSAValue) -> bool:
        joint = self.joints[value]
        if INDICES in joint.axes:
            index = np.indices(joint.codes.shape)[joint.axes.index(INDICES)]
            defined = joint.codes >= 0
            pairs = np.unique(np.stack([joint.codes[defined], index[defined]]), axis=1)
            return len(np.unique(pairs[0])) == pairs.shape[1]
        match value.owner:
            case SelectorWidthOp(selector=SSAValue(owner=SelectOp() as select)):
                # The number of smaller (or larger) keys among distinct keys is the rank: a permutation.
                return (
                    not self.causal
                    and select.keys == select.queries
                    and select.predicate.data in (Comparison.LT, Comparison.GT)
                    and not self.domain(select.keys).undefined
                    and self.is_distinct(select.keys)
                )
            case CastOp() as op:
                return self.is_distinct(op.value)
            case _:
                return False

    def selects_at_most_one(self, selector: SSAValue) -> bool:
        """Whether a query certainly selects no more than one position."""
        return any(
            bool((truth.sum(axis=0) <= 1).all()) and self.is_distinct(op.keys) for op, truth in self.atoms(selector)
        )

    # Aggregates and widths

    def selection(self, selector: SSAValue, values: SSAValue) -> SelectionFacts:
        """Which values one query can select together."""
        joint = self.joints[values]
        n_values = len(joint.domain)
        best = np.ones((1, n_values), dtype=np.bool_)
        for op, truth in self.atoms(selector):
            keys = self.joints[op.keys]
            sizes = union_axes([keys, joint], self._order)
            together = np.ones((len(keys.domain), n_values), dtype=np.bool_)
            if grid_size(list(sizes.values())) <= GRID_LIMIT:
                never = self._impossible(sizes)
                codes = [np.where(never, NEVER, on_axes(value, sizes)).ravel() for value in (keys, joint)]
                both = (codes[0] >= 0) & (codes[1] >= 0)
                together[:] = False
                together[codes[0][both], codes[1][both]] = True
            rows = np.unique((truth.T == 1) @ together, axis=0)
            if rows.sum(axis=1).max(initial=0) < best.sum(axis=1).max(initial=0):
                best = rows
        single = self.selects_at_most_one(selector) or bool((best.sum(axis=1) <= 1).all())
        return SelectionFacts(best, single)

    def _aggregate(self, op: AggregateOp) -> JointValues:
        domain = self.domain(op.values)
        facts = self.selection(op.selector, op.values)
        empty = not (
            self.selects_itself(op.selector, op.values) or (self._hits_an_index(op.selector) and not domain.undefined)
        )
        reachable = [domain.values[code] for code in np.flatnonzero(facts.value_sets.any(axis=0)).tolist()]
        if facts.single or self.max_seq_len == 1:
            found: list[MaybeValue] = [*reachable]
            mixed = domain.mixed
        else:
            found = self._means(op, domain, facts)
            mixed = domain.mixed or len(found) > 1
            self.averages.add(op)
        default = [op.default.data] if empty else []
        result = self._checked(op, Domain.of([*found, *default], mixed=mixed))
        if op in self.averages and not empty and not domain.undefined and result.is_numeric:
            self._mean_groups[op.result] = (self._selector_key(op.selector), op.values)
        return self._leaf(op.result, result)

    def _means(self, op: AggregateOp, domain: Domain, facts: SelectionFacts) -> list[MaybeValue]:
        """What an aggregate over several different values can come to."""
        found: dict[Value, Value] = {}
        for row in facts.value_sets:
            values = [domain.values[code] for code in np.flatnonzero(row).tolist()]
            numbers = [value for value in values if is_number(value) and abs(value) != float("inf")]  # type: ignore[arg-type]
            if len(numbers) < len(values) and len(values) > 1:
                shown = ", ".join(repr(value) for value in values[:4])
                self.assumptions.append(
                    Assumption(op, f"an aggregate over {shown}{', …' if len(values) > 4 else ''} may have no mean")
                )
            for value in values:
                found.setdefault(value, value)
            if len(numbers) < 2:
                continue
            try:
                means = mean_values(numbers, self.max_seq_len, DOMAIN_LIMIT)
            except TooManyMeansError as error:
                raise refuse(
                    op,
                    f"a mean of up to {self.max_seq_len} of {len(numbers)} numbers has more than {error.found} values",
                    expected=f"at most {DOMAIN_LIMIT} values",
                    help="average fewer or rounder numbers (a common denominator helps), or reduce max_seq_len",
                ) from error
            for mean in means:
                found.setdefault(mean, mean)
        return [*found.values()]

    def _selector_key(self, selector: SSAValue) -> str:
        """A text that is equal for selectors of the same structure."""
        owner = selector.owner
        if isinstance(owner, SelectOp):
            predicate: Any = owner.predicate.data
            operands = [
                repr(self.joints[value].axes) + self.joints[value].codes.tobytes().hex() for value in owner.operands
            ]
            return f"select({operands}, {predicate!r})"
        assert isinstance(owner, Operation)
        return f"{owner.name}({', '.join(self._selector_key(operand) for operand in owner.operands)})"

    def _width(self, op: SelectorWidthOp) -> JointValues:
        match op.selector.owner:
            case SelectOp() as select if bool((self.predicates[select] == 1).all()) and not (
                self.domain(select.keys).undefined or self.domain(select.queries).undefined
            ):
                return self._length()
            case _:
                pass
        low = 1 if self.selects_itself(op.selector) else 0
        never = any(not truth.any() for _, truth in self.atoms(op.selector))
        most = self.max_seq_len - self.never_selects_itself(op.selector)
        high = 0 if never else min(1, most) if self.selects_at_most_one(op.selector) else most
        return self._leaf(op.result, Domain.of(range(low, max(low, high) + 1)))


def _as_table(
    domains: Sequence[Domain], distinct: NDArray[np.int64], results: Sequence[MaybeValue | Unreachable]
) -> Table:
    """A function as a table over the domains of its operands; combinations that don't occur are unreachable."""
    shape = [len(domain) for domain in domains]
    cells: list[MaybeValue | Unreachable] = [UNREACHABLE] * reduce(lambda a, b: a * b, shape, 1)
    for row, result in zip(distinct.tolist(), results, strict=True):
        if UNDEFINED not in row:
            cells[int(np.ravel_multi_index(row, shape))] = result  # pyright: ignore[reportUnknownArgumentType]
    return Table(tuple(domain.values for domain in domains), tuple(cells))
