"""The error bounds of all vectors of a craft model, and the margin of every decision that it takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.ir import Operation, SSAValue

from raspc.algebra.twins import TWIN_DISTANCE, gaps, without_twins
from raspc.dialects import craft
from raspc.dialects.craft.checks import vector_of
from raspc.errors import CompileError, SourceLocation
from raspc.passes.certification.arithmetic import Arithmetic, Floats
from raspc.passes.certification.heads import head_result
from raspc.passes.certification.mlps import mlp_results
from raspc.passes.certification.vectors import Vector
from raspc.passes.locations import location_of, locations_of, refuse, refuse_sum, refuse_unknown
from raspc.passes.names import name_of

DECIDE = "decide on fewer or rounder numbers"
"""What helps where a decision may be wrong."""


@dataclass(frozen=True)
class Margin:
    """How much room the errors of one decision leave.

    Attributes:
        part: the part of what the decision could stand that errors don't take up: 1 where there are none, 0 where they
            could make it wrong.
        name: the name of the value that is decided on.
        where: the user's file and line, where they are known.
        problem: what would go wrong, for a message.
        help: what its user can do, beside a shorter `max_seq_len`.
    """

    part: float
    name: str
    where: SourceLocation | None
    problem: str
    help: str


class ErrorAnalysis:
    """The error bounds of one model, or of a part of it.

    Args:
        model: the model.
        arithmetic: the arithmetic that computes it.
        part: the ops to analyse, with all that they read; by default all of the model.

    Attributes:
        vectors: what is known of each vector.
        margins: the margins of the decisions, in the order of the model.

    Raises:
        CompileError: a number may overflow, or an op can't be analysed.
    """

    @np.errstate(over="ignore", invalid="ignore")  # bounds without a bound: `_size` and `check` take none of them
    def __init__(self, model: craft.ModelOp, arithmetic: Arithmetic, part: Collection[Operation] | None = None):
        self.arithmetic = arithmetic
        self.max_seq_len = model.max_seq_len.data
        self.vectors: dict[SSAValue, Vector] = {}
        self.margins: list[Margin] = []
        for op in model.body.block.ops:
            if part is not None and op not in part:
                continue
            try:
                self._analyse(op)
            except CompileError:
                self.check()  # where a decision may be wrong already, bounds grow behind it, and that is the reason
                raise

    def _analyse(self, op: Operation) -> None:
        match op:
            case craft.LinearOp():
                self.vectors[op.result] = self._embedded(op)
            case craft.SumOp():
                raise refuse_sum(op)
            case craft.HeadOp():
                self._head(op, op.result)
            case craft.AttentionOp():
                for head, result in zip(op.heads, op.results_, strict=True):
                    self._head(head, result)
            case craft.MlpOp():
                self._mlp(op)
            case craft.UnembedOp():
                self._output(op)
            case craft.EmbedTokensOp() | craft.EmbedPositionsOp() | craft.OneOp():
                self.vectors[op.result] = Vector.exact(vector_of(op.result))
            case _:
                raise refuse_unknown(op, "no error bounds are known of it, so that nothing can be certified")

    @property
    def smallest(self) -> Margin:
        """The smallest margin, the first of equal ones."""
        return min(self.margins, key=lambda margin: margin.part)

    def check(self) -> None:
        """Check that every decision is right.

        Raises:
            CompileError: one may be wrong; the first one, since later ones suffer from it.
        """
        for margin in self.margins:
            if not margin.part > 0:
                raise CompileError(
                    f"{margin.problem} in {self.arithmetic}",
                    expression=margin.name,
                    where=margin.where,
                    help=f"{'reduce max_seq_len, or ' if self.max_seq_len > 1 else ''}{margin.help}",
                )

    def _add(self, part: float, value: SSAValue, where: SourceLocation | None, problem: str, help: str) -> None:
        self.margins.append(Margin(part, name_of(value), where, problem, help))

    def _embedded(self, op: craft.LinearOp) -> Vector:
        """A linear map of an embedding is part of the embedding: its numbers are rounded once."""
        matrix, x = op.matrix.data.to_scipy(), op.x
        while isinstance(x.owner, craft.LinearOp):
            matrix, x = x.owner.matrix.data.to_scipy() @ matrix, x.owner.x
        exact = Vector.exact(vector_of(op.result))
        off = self.arithmetic.weight_error(matrix.toarray())
        if isinstance(x.owner, craft.EmbedTokensOp | craft.EmbedPositionsOp | craft.OneOp):
            absolute = off.max(axis=0, initial=0.0)
        else:
            absolute = self._output_error(self.vectors[x], matrix, off)
        if np.abs(matrix.data).max(initial=0.0) > self.arithmetic.largest:
            raise refuse(
                op,
                f"its numbers are too large for {self.arithmetic}",
                expected=f"numbers up to {self.arithmetic.largest:.1e}",
                help="use smaller numbers",
            )
        return Vector(exact.subspace, absolute, exact.relative, float(absolute.sum()), exact.held, exact.held)

    def _output_error(self, vector: Vector, matrix: Any, off: Floats) -> Floats:
        """How far each direction of a linear map of a component may be off, which is part of the unembedding."""
        magnitudes = abs(matrix)
        rounding = self.arithmetic.gamma(matrix.shape[0] + 1) * (magnitudes.T @ (vector.reach + vector.absolute))
        weighing = off.T @ (vector.reach + vector.absolute)
        return vector.error_through(matrix) + rounding + weighing + self.arithmetic.underflow

    def _head(self, op: craft.HeadOp, result: SSAValue) -> None:
        vector, scores = head_result(
            op,
            [self.vectors[value] for value in op.queries],
            [self.vectors[value] for value in op.keys],
            [self.vectors[value] for value in op.values],
            self.max_seq_len,
            self.arithmetic,
        )
        self.vectors[result] = vector
        where = location_of(op)
        self._add(
            scores.margin,
            result,
            where,
            f"a score may be off by {scores.error:.1e}, of a lead of {scores.lead:g},",
            "select by keys and queries of fewer or rounder numbers",
        )
        self._classes(result, where, 1.0)
        self._size(vector, op)

    def _mlp(self, op: craft.MlpOp) -> None:
        vectors, spare = mlp_results(op, [self.vectors[value] for value in op.inputs], self.arithmetic)
        places = locations_of(op)
        for result, vector, place, part in zip(op.results_, vectors, places, spare.tolist(), strict=True):
            self.vectors[result] = vector
            self._classes(result, place, part)
            if vector.subspace.is_numerical:
                self._add(part, result, place, "a hidden unit may be on or off", DECIDE)
            self._size(vector, op)

    def _classes(self, value: SSAValue, where: SourceLocation | None, spare: float) -> None:
        """The margin of a one-hot vector: a direction that is off by 1/2 can't be told from one that isn't."""
        vector = self.vectors[value]
        if not vector.subspace.is_numerical:
            off = float((vector.absolute + vector.relative).max(initial=0.0))
            self._add(min(1 - 2 * off, spare), value, where, f"a class may be off by {off:.1e}", DECIDE)

    def _size(self, vector: Vector, op: Operation) -> None:
        largest = float(vector.reach.max(initial=0.0))
        if not largest <= self.arithmetic.largest:
            raise refuse(
                op,
                f"its numbers may reach {largest:.1e}, which is too much for {self.arithmetic}",
                expected=f"numbers up to {self.arithmetic.largest:.1e}",
                help="use smaller numbers",
            )
        off = float((vector.absolute + vector.relative * vector.reach).max(initial=0.0))
        if not largest + off <= self.arithmetic.largest:
            raise refuse(
                op,
                f"its numbers reach {largest:.1e}, and may be off by {off:.1e} in {self.arithmetic}",
                help=f"reduce max_seq_len, or {DECIDE}",
            )

    def _output(self, op: craft.UnembedOp) -> None:
        """The margin of the decoding: classes by the largest logit, numbers by the nearest one."""
        vector = self.vectors[op.x]
        owner = op.x.owner
        assert isinstance(owner, Operation)
        where = location_of_value(op.x)
        if not vector.subspace.is_numerical:
            self._classes(op.x, where, 1.0)
            return
        if vector.subspace.size == 2:
            off = float(vector.absolute[1] + vector.relative[1])
            self._add(1 - 2 * off, op.x, where, f"whether the output is defined may be off by {off:.1e}", DECIDE)
        values = without_twins(list(vector.subspace.values.values))
        numbers = np.array(values, dtype=np.float64)
        if numbers.size < 2:
            self._add(1.0, op.x, where, "the output has one value", DECIDE)
            return
        # The answer may be a twin of the value, and its number is rounded to the format once more.
        off = vector.absolute[0] + (vector.relative[0] + 2.0**-23 + 2 * TWIN_DISTANCE) * np.abs(numbers)
        ratio = 2 * (np.maximum(off[1:], off[:-1]) + self.arithmetic.underflow) / gaps(numbers)
        worst = int(np.argmax(ratio))
        low, high = values[worst], values[worst + 1]
        self._add(
            1 - float(ratio[worst]),
            op.x,
            where,
            f"the output can be {low!r} or {high!r}, and may be off by {max(off[worst], off[worst + 1]):.1e}",
            "round the output with a map",
        )


def sources_of(values: Iterable[SSAValue]) -> set[Operation]:
    """The ops of a model that compute `values`, with all that they read."""
    found: set[Operation] = set()
    left = [value.owner for value in values]
    while left:
        op = left.pop()
        if isinstance(op, Operation) and op not in found:
            found.add(op)
            readers = op.heads if isinstance(op, craft.AttentionOp) else [op]
            left += [operand.owner for reader in readers for operand in reader.operands]
    return found


def location_of_value(value: SSAValue) -> SourceLocation | None:
    """The user's file and line of a value."""
    owner = value.owner
    assert isinstance(owner, Operation)
    if isinstance(owner, craft.AttentionOp):
        return location_of(owner.heads[owner.results.index(value)])
    return locations_of(owner)[owner.results.index(value)]
