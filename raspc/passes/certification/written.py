"""What a component writes in real numbers, at the combinations of its operands' points; see `ideal`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.sparse import sparse
from raspc.algebra.values import MaybeValue
from raspc.dialects.craft import MlpOp, SubspaceType
from raspc.dialects.craft.checks import vector_of
from raspc.errors import CompileError, SourceLocation
from raspc.passes.certification.arithmetic import Floats
from raspc.passes.certification.vectors import Vector
from raspc.passes.names import name_of

BLOCK = 1 << 21
"""Blocks of combinations are so small that combinations times units are no more than this."""

COMBINATION_LIMIT = 1 << 24
"""The most combinations of different operands at which a result is evaluated; the check of one with more is partial."""

ROUNDING = 2.0**-44
"""How far a sum in float64 may be off, times the absolute values that are added."""

COARSEST = 2.0**-6
"""The largest tolerance, whatever is added."""


@dataclass(frozen=True, eq=False)
class Operand:
    """What a component reads of one vector: the different images of its points.

    Attributes:
        value: the vector.
        images: [n, n_units]
        codes: for each image a point of the vector that has it, [n].
        which: the image of each point, [n_points].
    """

    value: SSAValue
    images: Floats
    codes: NDArray[np.int64]
    which: NDArray[np.int64]

    @staticmethod
    def of(value: SSAValue, weights: Any) -> Operand:
        """What is read by weights: sparse, [size, n_units]."""
        images = sparse.csr_array(Vector.exact(vector_of(value)).points @ weights)
        images.sum_duplicates()
        images.eliminate_zeros()
        which, codes = _distinct_rows(images)
        return Operand(value, np.asarray(images[codes].todense(), dtype=np.float64), codes, which)

    @staticmethod
    def of_all(values: Sequence[SSAValue], weights: Sequence[Any]) -> list[Operand]:
        """What is read of each of several vectors, of which one may stand there twice."""
        added: dict[SSAValue, Any] = {}
        for value, matrix in zip(values, weights, strict=True):
            added[value] = added[value] + matrix if value in added else matrix
        return [Operand.of(value, matrix) for value, matrix in added.items()]

    def named(self, number: int) -> str:
        """The value of an image, in words."""
        return named_point(self.value, int(self.codes[number]))


@dataclass(frozen=True, eq=False)
class Block:
    """What is written at some combinations of images: those of one operand, for each of some of all others.

    Attributes:
        others: the images of each other operand, [n].
        last: the number of the operand of which there are all images.
        n_last: how many these are.
        written: [n * n_last, size of the result]
    """

    others: tuple[NDArray[np.int64], ...]
    last: int
    n_last: int
    written: Floats

    def codes(self, row: int) -> list[int]:
        """The image of each operand in a row of `written`."""
        found = [int(codes[row // self.n_last]) for codes in self.others]
        found.insert(self.last, row % self.n_last)
        return found

    def mark(self, holds: NDArray[np.bool_], marks: Sequence[NDArray[np.bool_]]) -> None:
        """Mark the images of each operand for which something holds in some row: [n * n_last]."""
        if not marks:
            return
        table = holds.reshape(-1, self.n_last)
        marks[self.last][table.any(axis=0)] = True
        rest = [number for number in range(len(marks)) if number != self.last]
        for number, codes in zip(rest, self.others, strict=True):
            marks[number][codes[table.any(axis=1)]] = True


@dataclass(frozen=True, eq=False)
class Written:
    """A result of a component: `sum of images + bias`, or what hidden units with these pre-activations write.

    Attributes:
        result: the vector.
        where: the user's file and line.
        operands: what is read.
        bias: [n_units]
        w_out: sparse, [n_units, size of the result]; without it the sum is the result.
    """

    result: SSAValue
    where: SourceLocation | None
    operands: Sequence[Operand]
    bias: Floats
    w_out: Any | None = None

    @staticmethod
    def of_sum(
        result: SSAValue, where: SourceLocation | None, values: Sequence[SSAValue], matrices: Sequence[Any]
    ) -> Written:
        """A sum of linear maps."""
        operands = Operand.of_all(values, [matrix.tocsc() for matrix in matrices])
        return Written(result, where, operands, np.zeros(vector_of(result).size))

    @staticmethod
    def of_mlp(op: MlpOp, result: SSAValue, where: SourceLocation | None, w_out: Any) -> Written:
        """One result of a perceptron, of the units and the inputs that matter to it."""
        units = np.flatnonzero(np.diff(w_out.indptr))
        weights = [matrix.data.to_scipy().tocsc()[:, units] for matrix in op.w_in]
        read = [number for number, matrix in enumerate(weights) if matrix.nnz]
        operands = Operand.of_all([op.inputs[number] for number in read], [weights[number] for number in read])
        return Written(result, where, operands, op.bias_vector[units], w_out[units])

    @property
    def subspace(self) -> SubspaceType:
        return vector_of(self.result)

    @property
    def n_combinations(self) -> float:
        return float(np.prod([len(operand.images) for operand in self.operands], dtype=np.float64))

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing that it writes, or no combination at which it does."""
        return self.subspace.size == 0 or min((len(operand.images) for operand in self.operands), default=1) == 0

    @property
    def points(self) -> Points:
        """The points that may be written, with a tolerance for what is computed in float64."""
        return Points(self.subspace, self._tolerance())

    def is_value_everywhere(self) -> bool:
        """Whether a point or null is written at all combinations; of too many that isn't known."""
        if self.is_nothing:
            return True
        if self.n_combinations > COMBINATION_LIMIT:
            return False
        points, reached = self.points, np.zeros(len(self.subspace.values) + 1, dtype=np.int64)
        return all(points.found(block.written, reached).all() for block in self._blocks())

    def check(self, *, partial: bool = False) -> bool:
        """Check what is written.

        Args:
            partial: whether it needn't be a value at every combination.

        Returns:
            Whether at some combinations it isn't, or it hasn't been looked at.

        Raises:
            CompileError: it isn't a value.
        """
        if self.is_nothing:
            return False
        points, everywhere = self.points, True
        if self.n_combinations > COMBINATION_LIMIT:
            self._check_ends(points, partial=partial)
            return True
        reached = np.zeros(len(self.subspace.values) + 1, dtype=np.int64)
        has_value = [np.zeros(len(operand.images), dtype=np.bool_) for operand in self.operands]
        for block in self._blocks():
            is_value = points.found(block.written, reached)
            if not is_value.all():
                everywhere = False
                if not partial:
                    worst = int(np.argmin(is_value))
                    codes = block.codes(worst)
                    names = [operand.named(code) for operand, code in zip(self.operands, codes, strict=False)]
                    raise refused(self.result, self.where, names, block.written[worst])
            block.mark(is_value, has_value)
        if not everywhere:
            self._check_operands(has_value)
            self._check_reached(np.cumsum(reached)[:-1] > 0)
        return not everywhere

    def _check_operands(self, has_value: Sequence[NDArray[np.bool_]]) -> None:
        for operand, has in zip(self.operands, has_value, strict=True):
            if not vector_of(operand.value).is_numerical and not has.all():
                raise CompileError(
                    f"where {operand.named(int(np.argmin(has)))} it never writes a value of its domain",
                    expression=name_of(self.result),
                    where=self.where,
                    expected="one of its values, or the null vector",
                )

    def _check_reached(self, reached: NDArray[np.bool_]) -> None:
        if not reached.all():
            missing = self.subspace.values.values[int(np.argmin(reached))]
            raise CompileError(
                f"it writes {missing!r:.80} for no combination of what it reads",
                expression=name_of(self.result),
                where=self.where,
                expected="every value of its domain is written for some combination",
            )

    def _check_ends(self, points: Points, *, partial: bool) -> None:
        """Check no more than that the numbers of the result lie between the ends of what may be written.

        Raises:
            CompileError: they don't, or the result is no number.
        """
        if not partial or not self.subspace.is_numerical:
            raise CompileError(
                f"what it reads has {self.n_combinations:.0f} combinations of values, which are too many to check",
                expression=name_of(self.result),
                where=self.where,
                expected=f"at most {COMBINATION_LIMIT}",
                help="use a smaller vocabulary or max_seq_len",
            )
        ends = [
            replace(operand, images=np.stack([operand.images.min(axis=0), operand.images.max(axis=0)]))
            for operand in self.operands
        ]
        corners = Written(self.result, self.where, ends, self.bias, self.w_out)
        numbers = self.subspace.values.numbers
        found = np.concatenate([block.written[:, 0] for block in corners._blocks()])
        inside = (numbers >= found.min() - points.tolerance) & (numbers <= found.max() + points.tolerance)
        self._check_reached(inside)

    def at(self, points: Mapping[SSAValue, NDArray[np.int64]]) -> Iterator[tuple[int, Floats]]:
        """What is written at some combinations: parts of [n, size of the result], each with its first row.

        Args:
            points: the points of each vector, [n].
        """
        n, rows = min(map(len, points.values()), default=0), max(1, BLOCK // max(self.bias.size, 1))
        for start in range(0, n, rows):
            z = np.repeat(self.bias[None, :], min(rows, n - start), axis=0)
            for operand in self.operands:
                z += operand.images[operand.which[points[operand.value][start : start + rows]]]
            yield start, self._out(z, slice(None))

    def _tolerance(self) -> float:
        """How far the result may be off because it is computed in float64."""
        size = np.abs(self.bias)
        for operand in self.operands:
            size = size + np.abs(operand.images).max(axis=0, initial=0.0)
        added = size if self.w_out is None else abs(self.w_out).T @ size
        return min(ROUNDING * float(added.max(initial=1.0)), COARSEST)

    def _blocks(self) -> Iterator[Block]:
        """What is written at all combinations."""
        operands, n_units = list(self.operands), max(self.bias.size, 1)
        if not operands:
            yield Block((), 0, 1, self._out(self.bias[None, :], slice(None)))
            return
        last = int(np.argmax([len(operand.images) for operand in operands]))
        others = [number for number in range(len(operands)) if number != last]
        counts = [len(operands[number].images) for number in others]
        images, n_last = operands[last].images, len(operands[last].images)
        n_others, rows = int(np.prod(counts, dtype=np.int64)), max(1, BLOCK // (n_last * n_units))
        highest = images.max(axis=0)
        for start in range(0, n_others, rows):
            which = np.unravel_index(np.arange(start, min(start + rows, n_others)), counts) if others else ()
            base = np.repeat(self.bias[None, :], min(rows, n_others - start), axis=0)
            for number, codes in zip(others, which, strict=True):
                base += operands[number].images[codes]
            units = slice(None)
            if rows == 1 and self.w_out is not None:  # most units are off, whatever the last operand is
                units = np.flatnonzero(base[0] + highest > 0)
            z = (base[:, None, units] + images[None, :, units]).reshape(-1, base[:, units].shape[1])
            yield Block(tuple(which), last, n_last, self._out(z, units))

    def _out(self, z: Floats, units: Any) -> Floats:
        return z if self.w_out is None else np.asarray(np.maximum(z, 0.0) @ self.w_out[units], dtype=np.float64)


def _distinct_rows(matrix: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For each row of a sparse array the number of its class of equal rows, and the first row of each class."""
    numbers: dict[tuple[bytes, bytes], int] = {}
    parts = [slice(*ends) for ends in pairwise(matrix.indptr.tolist())]
    keys = [(matrix.indices[part].tobytes(), matrix.data[part].tobytes()) for part in parts]
    which = np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)
    return which, np.unique(which, return_index=True)[1].astype(np.int64)


def named_point(value: SSAValue, code: int) -> str:
    """A point of a vector in words; its code is the number of its values where it is undefined."""
    values = vector_of(value).values.values
    found: MaybeValue = values[code] if code < len(values) else None
    return f"{name_of(value)!r} is {found!r:.80}"


@dataclass(frozen=True, eq=False)
class Points:
    """The points of a subspace, with a tolerance."""

    subspace: SubspaceType
    tolerance: float

    def found(self, written: Floats, reached: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which vectors, [n, size], are points or null: [n].

        In `reached`, [number of values + 1], the ranges of values that they are begin with 1 and end with -1.
        """
        if not self.subspace.is_numerical:
            ones, zeros = np.abs(written - 1) <= self.tolerance, np.abs(written) <= self.tolerance
            n_ones = ones.sum(axis=1)
            is_value = (ones | zeros).all(axis=1) & (n_ones <= 1)
            codes = ones[is_value & (n_ones == 1)].argmax(axis=1)
            np.add.at(reached, codes, 1)
            np.add.at(reached, codes + 1, -1)
            return is_value
        numbers, found = self.subspace.values.numbers, written[:, 0]
        off = self.tolerance + 2.0**-45 * np.abs(found)
        first, end = np.searchsorted(numbers, found - off), np.searchsorted(numbers, found + off, side="right")
        is_number, is_null = first < end, np.abs(found) <= self.tolerance
        if self.subspace.size == 2:
            is_number &= np.abs(written[:, 1] - 1) <= self.tolerance
            is_null &= np.abs(written[:, 1]) <= self.tolerance
        np.add.at(reached, first[is_number], 1)
        np.add.at(reached, end[is_number], -1)
        return is_number | is_null


def refused(
    result: SSAValue, where: SourceLocation | None, names: Sequence[str], written: Floats, *, who: str | None = None
) -> CompileError:
    """The error about a vector that is no value.

    Args:
        result: the vector.
        where: the user's file and line.
        names: the points of what is read, in words.
        written: what it is.
        who: in words, what writes it, if it isn't at a combination of points.
    """
    subspace = vector_of(result)
    who = who or (f"where {' and '.join(names)} it" if names else "it")
    if subspace.is_numerical:
        found = f"{written[0]:g}" + (f", defined {written[1]:g}," if subspace.size == 2 else "")
        numbers = subspace.values.values
        expected = f"one of its {len(numbers)} numbers" if len(numbers) > 8 else " or ".join(map(repr, numbers))
    else:
        parts = [f"{written[code]:g} {subspace.values.values[code]!r:.80}" for code in np.flatnonzero(written)[:4]]
        found = " + ".join(parts) or "nothing"
        expected = "one of its values, once"
    return CompileError(
        f"{who} writes {found} ideally, which is no value of its domain",
        expression=name_of(result),
        where=where,
        expected=f"{expected}, or the null vector",
        help="if these never occur together, say that the result is partial" if len(names) > 1 else None,
    )
