"""Runs of a program on many inputs of one length at once, which check what the program states of its values.

The same as the interpreter computes, in codes: an s-op is an array of the numbers of its values, and each function is
evaluated once for each combination of operands that occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import UnrealizedConversionCastOp
from xdsl.ir import Operation, SSAValue

from raspc.algebra import semantics
from raspc.algebra.values import MaybeValue, Value, exact_form
from raspc.dialects.craft import SubspaceType
from raspc.dialects.craft.attributes import decode_vectors, encode_values
from raspc.dialects.craft.evaluation import Batch
from raspc.dialects.craft.evaluation import evaluate_op as evaluate_craft
from raspc.dialects.interfaces import Evaluated, Run
from raspc.dialects.rasp import (
    AggregateOp,
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
    SopType,
    TokensOp,
)
from raspc.dialects.rasp.checks import holds, shown
from raspc.dialects.rasp.ops import CountingOp, SopOp
from raspc.errors import MeaningError

CHUNK = 1 << 18
"""How many pairs of positions are looked at together, if one input hasn't more."""

Codes = NDArray[np.int64]


class FalseStatementError(Exception):
    """What is stated of an op is false on an input."""

    def __init__(self, op: Operation, problem: str, tokens: Sequence[Value]):
        self.op, self.problem, self.tokens = op, problem, tokens
        super().__init__(problem)


class Values:
    """The values that an s-op has taken so far, in their forms, numbered in the order in which they came."""

    def __init__(self) -> None:
        self.all: list[Value] = []
        self._codes: dict[object, int] = {}

    def code(self, value: MaybeValue) -> int:
        """The number of a value, -1 for undefined."""
        if value is None:
            return -1
        code = self._codes.setdefault(exact_form(value), len(self.all))
        if code == len(self.all):
            self.all.append(value)
        return code

    def at(self, codes: Sequence[int]) -> list[MaybeValue]:
        """The values with some numbers."""
        return [None if code < 0 else self.all[code] for code in codes]


class Runs:
    """Runs of some ops of a program.

    Attributes:
        meaningless: the first op that had no meaning on an input, the input and why.

    Args:
        program: a program, lowered in part or not.
        ops: some of its ops, in order, with all that they are computed from.
        forms: the s-ops of which the forms of numbers are checked, too.
        assumed: whether an input on which a statement is false is one without a meaning.
    """

    def __init__(
        self, program: ProgramOp, ops: Sequence[Operation], forms: Sequence[Operation] = (), *, assumed: bool = False
    ):
        self.assumed = assumed
        self.vocab = program.vocab.data.values
        self.causal = program.causal is not None
        self.ops = ops
        self.forms = set(forms)
        self.meaningless: tuple[Operation, Sequence[Value], str] | None = None
        self.values: dict[SSAValue, Values] = {}
        self.known: dict[Operation, dict[tuple[int, ...], int | str]] = {op: {} for op in ops}

    def run(self, tokens: Codes) -> NDArray[np.bool_]:
        """Run inputs, given by the places of their tokens in the vocabulary, [n_inputs, n]; which have a meaning.

        Raises:
            FalseStatementError: what is stated is false on one of them.
        """
        return _Run(self, tokens).run()

    def values_of(self, value: SSAValue) -> Values:
        """The values that an s-op has taken so far."""
        return self.values.setdefault(value, Values())

    def result(self, op: Operation, row: tuple[int, ...], compute: Callable[[], MaybeValue]) -> int | str:
        """The code of what an op gives for some operands, or why it has no meaning; computed once."""
        known = self.known[op]
        if row not in known:
            try:
                value = compute()
                known[row] = self.values_of(op.results[0]).code(value)
            except MeaningError as error:
                known[row] = str(error)
        return known[row]


class _Run:
    """The run of inputs of one length."""

    def __init__(self, runs: Runs, tokens: Codes):
        self.runs = runs
        self.tokens = tokens
        self.n = tokens.shape[1]
        self.alive = np.ones(len(tokens), dtype=np.bool_)
        self.state: dict[SSAValue, Any] = {}
        self.batch = Batch([self.input(number) for number in range(len(tokens))], causal=runs.causal)

    def input(self, number: int) -> list[Value]:
        return [self.runs.vocab[code] for code in self.tokens[number].tolist()]

    def run(self) -> NDArray[np.bool_]:
        for op in self.runs.ops:
            operands = [self.state[operand] for operand in op.operands]
            if op.dialect_name() == "craft":
                self.state.update(zip(op.results, evaluate_craft(op, operands, self.batch), strict=True))
                continue
            self.state[op.results[0]] = found = self._evaluate(op, operands)
            if isinstance(op, SopOp):
                self._check_domain(op, found)
        return self.alive

    def _check_domain(self, op: SopOp, codes: Codes) -> None:
        domain, strict = op.domain, op in self.runs.forms
        if domain is None:
            return
        values = self.runs.values_of(op.result)
        for code in np.unique(codes[self.alive]).tolist():
            (value,) = values.at([code])
            if not (holds(domain, value) if strict else value in domain):
                self._refute(op, f"it can be {shown(value)}, which is not in its domain", (codes == code).any(axis=1))

    def _refute(self, op: Operation, problem: str, where: NDArray[np.bool_]) -> None:
        """Refuse a statement that is false on some inputs, if they have a meaning."""
        found = np.flatnonzero(where & self.alive)
        if self.runs.assumed:
            self._lose(op, problem, where)
        elif found.size:
            raise FalseStatementError(op, problem, self.input(int(found[0])))

    def _lose(self, op: Operation, problem: str, where: NDArray[np.bool_]) -> None:
        """Note that an op has no meaning on some inputs."""
        found = np.flatnonzero(where & self.alive)
        if found.size and self.runs.meaningless is None:
            self.runs.meaningless = (op, self.input(int(found[0])), problem)
        self.alive &= ~where

    def _evaluate(self, op: Operation, operands: Sequence[Any]) -> Any:
        n, values = self.n, self.runs.values_of(op.results[0])
        match op:
            case TokensOp():
                return np.array([values.code(token) for token in self.runs.vocab])[self.tokens]
            case IndicesOp():
                return np.broadcast_to([values.code(index) for index in range(n)], self.tokens.shape)
            case LengthOp():
                lengths = [values.code(index + 1 if self.runs.causal else n) for index in range(n)]
                return np.broadcast_to(lengths, self.tokens.shape)
            case ConstantOp():
                return np.full(self.tokens.shape, values.code(op.value.data))
            case MapOp():
                return self._mapped(op, operands)
            case SelectOp():
                return self._selected(op, *operands)
            case SelectorAndOp():
                return semantics.selector_and(*operands)
            case SelectorOrOp():
                if op.disjoint is not None:
                    both = np.minimum(*map(self._seen, operands)) == semantics.TRUE
                    self._refute(
                        op, "both sides select a position, and it says that they are disjoint", both.any(axis=(1, 2))
                    )
                return semantics.selector_or(*operands)
            case SelectorNotOp():
                return semantics.selector_not(*operands)
            case AggregateOp():
                return self._aggregated(op, *operands)
            case SelectorWidthOp() | CountingOp():
                widths = (self._seen(operands[0]) == semantics.TRUE).sum(axis=2)
                number = op.number_for if isinstance(op, CountingOp) else int
                return np.array([values.code(number(width)) for width in range(n + 1)])[widths]
            case CastOp():
                self.runs.values[op.result] = self.runs.values_of(op.value)
                return operands[0]
            case UnrealizedConversionCastOp():
                return self._converted(op, operands[0])
            case Evaluated():
                return self._computed(op, operands)
            case _:
                raise AssertionError(f"no op of a program that computes something: {op.name}")

    def _computed(self, op: Evaluated, operands: Sequence[Any]) -> Any:
        """What an op of another dialect computes, one input after the other."""
        is_sop, values = isinstance(op, SopOp), self.runs.values_of(op.results[0])
        shape = self.tokens.shape if is_sop else (*self.tokens.shape, self.n)
        found = np.full(shape, -1 if is_sop else semantics.UNKNOWN)
        for number in np.flatnonzero(self.alive).tolist():
            given = [
                self.runs.values_of(value).at(operand[number].tolist())
                if isinstance(value.type, SopType)
                else operand[number]
                for value, operand in zip(op.operands, operands, strict=True)
            ]
            try:
                result = op.evaluate(given, Run(self.input(number), self.runs.causal))
            except MeaningError as error:
                self._lose(op, str(error), np.arange(len(found)) == number)
                continue
            found[number] = [values.code(value) for value in result] if is_sop else result
        return found

    def _seen(self, selector: NDArray[np.int8]) -> NDArray[np.int8]:
        return np.where(np.tri(self.n, dtype=np.bool_), selector, semantics.FALSE) if self.runs.causal else selector

    def _mapped(self, op: MapOp, operands: Sequence[Codes]) -> Codes:
        rows = np.stack(operands, axis=-1).reshape(-1, len(operands))
        distinct, which = _distinct_rows(rows)
        sources = [self.runs.values_of(operand) for operand in op.operands_]

        def result(row: tuple[int, ...]) -> int | str:
            arguments = [source.all[code] for source, code in zip(sources, row, strict=True) if code >= 0]
            return self.runs.result(op, row, lambda: semantics.apply(op.function.data, arguments))

        found = [-1 if min(row) < 0 else result(tuple(row)) for row in distinct.tolist()]
        return self._taken(op, found, which.reshape(self.tokens.shape))

    def _taken(self, op: Operation, found: Sequence[int | str], which: Codes) -> Codes:
        """The codes of results; inputs with one that has no meaning are lost."""
        for number, result in enumerate(found):
            if isinstance(result, str):
                self._lose(op, result, (which == number).reshape(len(which), -1).any(axis=1))
        codes = np.array([-1 if isinstance(result, str) else result for result in found], dtype=np.int64)
        return codes[which]

    def _selected(self, op: SelectOp, keys: Codes, queries: Codes) -> NDArray[np.int8]:
        key_values, query_values = self.runs.values_of(op.keys), self.runs.values_of(op.queries)
        n_keys = len(key_values.all) + 1
        pairs = (queries[:, :, None] + 1) * n_keys + keys[:, None, :] + 1
        distinct, which = np.unique(pairs, return_inverse=True)
        found: list[int | str] = []
        for pair in distinct.tolist():
            query, key = pair // n_keys - 1, pair % n_keys - 1
            if min(query, key) < 0:
                found.append(semantics.UNKNOWN)
                continue
            known = self.runs.known[op]
            if (key, query) not in known:
                keys_of, queries_of = key_values.at([key]), query_values.at([query])
                try:
                    known[key, query] = int(semantics.select(keys_of, queries_of, op.predicate.data)[0, 0])
                except MeaningError as error:
                    known[key, query] = str(error)
            found.append(known[key, query])
        return self._taken(op, found, which.reshape(pairs.shape)).astype(np.int8)

    def _aggregated(self, op: AggregateOp, selector: NDArray[np.int8], codes: Codes) -> Codes:
        selected = self._seen(selector) == semantics.TRUE
        if op.at_most_one is not None:
            several = (selected.sum(axis=2) > 1).any(axis=1)
            self._refute(op, "it selects several positions, and says that it selects one position at most", several)
        rows = np.where(selected, codes[:, None, :], -1).reshape(-1, self.n)
        distinct, which = _distinct_rows(rows)
        source = self.runs.values_of(op.values)

        def result(row: tuple[int, ...]) -> int | str:
            def compute() -> MaybeValue:
                everything = np.ones((1, len(row)), dtype=np.int8)
                return semantics.aggregate(everything, source.at(row), op.default.data)[0] if row else op.default.data

            return self.runs.result(op, row, compute)

        found = [result(tuple(code for code in row if code >= 0)) for row in distinct.tolist()]
        return self._taken(op, found, which.reshape(codes.shape))

    def _converted(self, op: UnrealizedConversionCastOp, operand: Any) -> Any:
        (source,), (target,) = op.operand_types, op.result_types
        if isinstance(target, SubspaceType):
            values = self.runs.values_of(op.operands[0])
            known = [value if value in target.values else None for value in values.all]
            return encode_values(target, [*known, None])[operand]
        assert isinstance(source, SubspaceType)
        values = self.runs.values_of(op.results[0])
        decoded = decode_vectors(source, operand.reshape(-1, source.size))
        return np.array([values.code(value) for value in decoded], dtype=np.int64).reshape(self.tokens.shape)


def _distinct_rows(rows: Codes) -> tuple[Codes, Codes]:
    """The distinct rows, none of which has a number below -1, and for each row which of them it is."""
    base = int(rows.max(initial=-1)) + 2
    if base ** rows.shape[1] >= 1 << 62:
        distinct, which = np.unique(rows, axis=0, return_inverse=True)
        return distinct, which
    keys = (rows + 1) @ base ** np.arange(rows.shape[1], dtype=np.int64)
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return rows[first], which


def all_inputs(n_vocab: int, longest: int) -> Iterator[Codes]:
    """All inputs, by the places of their tokens in the vocabulary: arrays [n_inputs, n] of a size that fits."""
    for n in range(1, longest + 1):
        every = product(range(n_vocab), repeat=n)
        while chunk := list(islice(every, max(1, CHUNK // n**2))):
            yield np.array(chunk, dtype=np.int64)
