"""How far the results of a perceptron may be off.

A hidden unit `relu(z)` passes an error of its pre-activation z on, or nothing where z is negative by more than the
error. Units that are surely on pass errors on with signs: those of a plateau, `relu(z) - relu(z - 1)`, cancel, which is
how a perceptron makes an inexact vector exact. So, at each combination of points of its inputs, the directions of the
results are off by

- what its inputs are off, times the gradient of the units that are surely on, at most;
- what its inputs are off, through each unit that may be on or off;
- the roundings of each pre-activation that may be on, and of the sums.

Units that read the same inputs are evaluated together at all combinations of the points of these; what units of
different inputs add to a direction is off by the sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Attribute

from raspc.algebra.binary import steps_of
from raspc.algebra.sparse import sparse
from raspc.dialects.craft import MlpOp
from raspc.dialects.craft.checks import vector_of
from raspc.passes.certification.affine import affine_errors
from raspc.passes.certification.arithmetic import Arithmetic, Floats, common_step, is_power_of_two
from raspc.passes.certification.preactivations import Preactivations, column_max, with_elements
from raspc.passes.certification.vectors import Vector
from raspc.passes.locations import refuse

BLOCK = 1 << 21
"""Blocks of points are so small that points times hidden units are no more than this."""

COMBINATION_LIMIT = 1 << 22
"""The most combinations of points at which a perceptron is evaluated."""

Units = NDArray[np.int64]


@dataclass
class Errors:
    """How far the results may be off, together with what their units have to spare.

    Attributes:
        absolute: for each direction of all results, [n_directions].
        total: over the directions of each result, [n_results].
        spare: the smallest part of a pre-activation that its error leaves, of those that are surely on or surely off,
            for each result.
    """

    absolute: Floats
    total: Floats
    spare: Floats


@dataclass(frozen=True, eq=False)
class _Known:
    """What was found for a perceptron, and what it was found from."""

    weights: tuple[Attribute, ...]
    inputs: tuple[Vector, ...]
    found: tuple[list[Vector], Floats]


_KNOWN: WeakKeyDictionary[MlpOp, dict[Arithmetic, _Known]] = WeakKeyDictionary()
"""What was last found for each perceptron: a model is analysed by several passes, and most of it stays as it is."""


def mlp_results(op: MlpOp, inputs: Sequence[Vector], arithmetic: Arithmetic) -> tuple[list[Vector], Floats]:
    """The results of a perceptron, and what their units have to spare.

    Raises:
        CompileError: a number overflows, the perceptron isn't off at the BOS position, or it has too many combinations.
    """
    weights = (op.w_in, op.bias, op.w_out, *op.results_.types)
    known = _KNOWN.setdefault(op, {}).get(arithmetic)
    if known is None or known.weights != weights or not all(map(Vector.is_same, inputs, known.inputs)):
        known = _KNOWN[op][arithmetic] = _Known(weights, tuple(inputs), _results(op, inputs, arithmetic))
    return known.found


def _results(op: MlpOp, inputs: Sequence[Vector], arithmetic: Arithmetic) -> tuple[list[Vector], Floats]:
    bias = op.bias_vector
    w_in = [matrix.data.to_scipy().tocsc() for matrix in op.w_in]
    w_out: Any = sparse.hstack([matrix.data.to_scipy() for matrix in op.w_out], format="csr")
    _check_off_at_bos(op, inputs, w_in, bias, arithmetic)
    sizes = [vector_of(result).size for result in op.results_]
    ends = np.cumsum(sizes)
    slices = [slice(end - size, end) for end, size in zip(ends.tolist(), sizes, strict=True)]
    errors = Errors(np.zeros(int(w_out.shape[1])), np.zeros(len(sizes)), np.ones(len(sizes)))
    for reads, units in _by_inputs(w_in, bias.size):
        part = _Part(
            op,
            [inputs[number] for number in reads],
            [w_in[number][:, units] for number in reads],
            bias[units],
            w_out[units],
            slices,
            arithmetic,
        )
        part.add_to(errors)
    results: list[Vector] = []
    for part_of, total, result in zip(slices, errors.total.tolist(), op.results_, strict=True):
        exact = Vector.exact(vector_of(result))
        absolute = np.asarray(errors.absolute[part_of], dtype=np.float64)
        least = min(total, float(absolute.sum()))
        results.append(replace(exact, absolute=absolute, total=least))
    return results, errors.spare


def _by_inputs(w_in: list[Any], n_units: int) -> Iterator[tuple[list[int], Units]]:
    """The hidden units by the inputs that they read."""
    if not n_units:
        return
    reads = np.stack([np.diff(weights.indptr) > 0 for weights in w_in]) if w_in else np.zeros((0, n_units), dtype=bool)
    patterns, which = np.unique(reads, axis=1, return_inverse=True)
    for number in range(patterns.shape[1]):
        yield np.flatnonzero(patterns[:, number]).tolist(), np.flatnonzero(which.ravel() == number)


def _check_off_at_bos(
    op: MlpOp, inputs: Sequence[Vector], w_in: list[Any], bias: Floats, arithmetic: Arithmetic
) -> None:
    """Check that every unit is off at BOS, where its pre-activation is -1 - |bias| but for errors.

    Raises:
        CompileError: one may be on.
    """
    error, cancelled = np.zeros(bias.size), np.zeros(bias.size)
    for vector, weights in zip(inputs, w_in, strict=True):
        error += abs(weights).T @ vector.held_error
        cancelled += abs(weights).T @ np.abs(vector.held)
    error += arithmetic.gamma(4) * (2 * cancelled + 2 * np.abs(bias) + 1)
    if not (error < 1 + np.abs(bias)).all():
        worst = int(np.argmax(error - np.abs(bias)))
        raise refuse(
            op,
            f"a hidden unit may be on at the BOS position: it may be off by {error[worst]:.1e} in {arithmetic}",
            expected=f"less than {1 + abs(bias[worst]):.1e}",
            help="reduce max_seq_len, or use smaller numbers as defaults",
        )


class _Part:
    """The units of a perceptron that read the same inputs.

    Args:
        op: the perceptron.
        inputs: the inputs that the units read.
        w_in: for each, the weights: sparse, by columns, [size, n_units].
        bias: [n_units]
        w_out: sparse, by rows, [n_units, n_directions].
        slices: the directions of each result.
        arithmetic: the arithmetic.
    """

    def __init__(
        self,
        op: MlpOp,
        inputs: list[Vector],
        w_in: list[Any],
        bias: Floats,
        w_out: Any,
        slices: list[slice],
        arithmetic: Arithmetic,
    ):
        self.op = op
        self.inputs = inputs
        self.w_in = w_in
        self.bias = bias
        self.w_out = w_out
        self.slices = slices
        self.arithmetic = arithmetic
        stacked: Any = sparse.vstack([*w_in, sparse.csc_array((1, bias.size))], format="csc")
        # Units with the same weights, up to the sign, pass the same error on.
        self.signs, self.groups = _grouped(stacked)
        rounds = with_elements(stacked, (~is_power_of_two(stacked.data)).astype(np.float64)).sum(axis=0) > 0
        self.alone: NDArray[np.bool_] = (np.diff(stacked.indptr) <= 1) & ~rounds
        self.exact = self._is_exact()

    def _is_exact(self) -> bool:
        """Whether all is computed without an error, whatever the inputs are."""
        most, step = np.abs(self.bias), common_step(self.bias)
        for vector, weights in zip(self.inputs, self.w_in, strict=True):
            numerical = vector.subspace.is_numerical
            most = most + (abs(weights).T @ vector.reach if numerical else column_max(abs(weights)))
            step = min(step, common_step(weights.data) * min(1.0, common_step(vector.points.data)))
        whole = float(most.max(initial=0.0))
        out_whole = float((abs(self.w_out).T @ most).max(initial=0.0))
        return (
            all(vector.is_exact for vector in self.inputs)
            and max(whole, out_whole) <= self.arithmetic.largest
            and self.arithmetic.adds_exactly(step, whole)
            and self.arithmetic.adds_exactly(step * common_step(self.w_out.data), out_whole)
        )

    def _check_size(self, reached: float, off: float = 0.0) -> None:
        """Check a number that may occur.

        Args:
            reached: how large it may be.
            off: how far what the units read may be off, which is part of it.

        Raises:
            CompileError: it is too large.
        """
        if not reached <= self.arithmetic.largest:
            problem = f"its hidden units and their sums may reach {reached:.1e}, too much for {self.arithmetic}"
            expected = f"numbers up to {self.arithmetic.largest:.1e}"
            if not 2 * off < reached:
                far = f"by {off:.1e}" if np.isfinite(off) else "by any number"
                problem, expected = f"what its hidden units read may be off {far} in {self.arithmetic}", None
            advice = "reduce max_seq_len, or decide on numbers that are fewer, or further apart"
            raise refuse(self.op, problem, expected=expected, help=advice)

    def add_to(self, errors: Errors) -> None:
        """Add the errors of these units to those of all.

        Raises:
            CompileError: there are too many combinations of inputs, or a number overflows.
        """
        if self.exact or not self.w_out.nnz:
            return
        weights = [self.bias, self.w_out.data, *(matrix.data for matrix in self.w_in)]
        self._check_size(max(float(np.abs(array).max(initial=0.0)) for array in weights))
        worst, totals = np.zeros(self.w_out.shape[1]), np.zeros(len(self.slices))
        affine = affine_errors(self.inputs, self.w_in, self.bias, self.w_out, self.alone, self.arithmetic)
        for block, units, strayed in self._blocks() if affine is None else ():
            found, spare = self._errors(block, units, strayed)
            worst, totals = np.maximum(worst, found.max(axis=0, initial=0.0)), np.maximum(totals, self._totals(found))
            errors.spare = np.minimum(errors.spare, spare)
        for found in affine or []:
            worst, totals = np.maximum(worst, found), np.maximum(totals, self._totals(found[None, :]))
        errors.absolute += worst
        errors.total += totals

    def _totals(self, found: Floats) -> Floats:
        """The largest sum over the directions of each result: [n_points, n_directions] to [n_results]."""
        return np.array([found[:, directions].sum(axis=1).max(initial=0.0) for directions in self.slices])

    def _terms(self, number: int, points: slice, units: Units | slice) -> Preactivations:
        return Preactivations.of_input(self.inputs[number], self.w_in[number][:, units], points, self.arithmetic)

    def _blocks(self) -> Iterator[tuple[Preactivations, Units, Floats]]:
        """The pre-activations at all combinations of points, the units that may be on there, and what the others are.

        The last is a bound on what all other units can be together times the absolute values of their output weights:
        [n_directions].

        Raises:
            CompileError: there are too many.
        """
        counts = [vector.n_points for vector in self.inputs]
        combinations = int(np.prod(counts, dtype=np.float64))
        if combinations > COMBINATION_LIMIT:
            raise refuse(
                self.op,
                f"its inputs have {combinations} combinations of values, which are too many to check",
                expected=f"at most {COMBINATION_LIMIT}",
                help="use a smaller vocabulary or max_seq_len",
            )
        if len(counts) > 1 and combinations * self.bias.size > 4 * BLOCK:
            yield from self._blocks_of_few(counts)
            return
        bias, everything = Preactivations.of_bias(self.bias, self.arithmetic), np.arange(self.bias.size)
        nothing = np.zeros(self.w_out.shape[1])
        rows = max(1, BLOCK // max(self.bias.size, 1))
        if len(counts) == 1:
            for start in range(0, combinations, rows):
                yield bias.plus(self._terms(0, slice(start, start + rows), slice(None))), everything, nothing
            return
        tables = [self._terms(number, slice(None), slice(None)) for number in range(len(counts))]
        for start in range(0, combinations, rows):
            block = bias
            which = np.unravel_index(np.arange(start, min(start + rows, combinations)), counts) if counts else ()
            for table, points in zip(tables, which, strict=True):
                block = block.plus(table.at(points, slice(None)))
            yield block, everything, nothing

    def _blocks_of_few(self, counts: list[int]) -> Iterator[tuple[Preactivations, Units, Floats]]:
        """The same for so many units that most are off but for a trace, whatever one of the inputs is."""
        trace = self.arithmetic.u**2 / self.bias.size
        bias = Preactivations.of_bias(self.bias, self.arithmetic)
        last = int(np.argmax(counts))
        others = [number for number in range(len(counts)) if number != last]
        bound = Preactivations.bound_of_input(self.inputs[last], self.w_in[last], self.arithmetic)
        for prefix in product(*(range(counts[number]) for number in others)):
            before = bias
            for number, point in zip(others, prefix, strict=True):
                before = before.plus(self._terms(number, slice(point, point + 1), slice(None)))
            highest = before.plus(bound).highest(self.alone, self.arithmetic)[0]
            units = np.flatnonzero(highest > trace)
            strayed = np.where(highest > trace, 0.0, np.maximum(highest, 0.0)) @ abs(self.w_out)
            yield before.at(slice(None), units).plus(self._terms(last, slice(None), units)), units, strayed

    def _errors(self, block: Preactivations, units: Units, strayed: Floats) -> tuple[Floats, Floats]:
        """How far each direction is off, [n_points, n_directions], and what units have to spare, [n_results].

        Args:
            block: the pre-activations of some units.
            units: their numbers.
            strayed: what all other units write at most, [n_directions].
        """
        w_out = self.w_out[units]
        magnitudes = abs(w_out)
        own = block.own_error(self.alone[units], self.arithmetic)
        eta = own + block.carried
        z, sure = block.z, np.abs(block.z) > eta
        on, unsure = sure & (z > 0), ~sure & ((eta > 0) | (z > 0))
        hidden = np.where(on | unsure, np.maximum(z, 0.0) + eta, 0.0)
        error = self._passed_on(on, block.carried, w_out, units)
        error += np.where(on, own, np.where(unsure, eta, 0.0)) @ magnitudes
        error += hidden @ with_elements(w_out, self.arithmetic.weight_error(w_out.data))
        error += self._adding(block, w_out, hidden, own, strayed) + 2 * strayed
        used = np.divide(eta, np.abs(z), out=np.zeros_like(eta), where=sure & (z != 0))
        spare = [1 - used[:, np.diff(w_out[:, part].indptr) > 0].max(initial=0.0) for part in self.slices]
        return error, np.array(spare)

    def _passed_on(self, on: NDArray[np.bool_], carried: Floats, w_out: Any, units: Units) -> Floats:
        """What units that are surely on pass on of the errors of the inputs: [n_points, n_directions].

        The units of a group share the error of their input weights, with their signs.
        """
        entries = w_out.tocoo()
        groups, signs = self.groups[units], self.signs[units]
        places = np.stack([groups[entries.row], entries.col])
        pairs, first, which = np.unique(places, axis=1, return_index=True, return_inverse=True)
        n_pairs = pairs.shape[1]
        gradient = sparse.csr_array(
            (entries.data * signs[entries.row], (entries.row, which.ravel())), shape=(units.size, n_pairs)
        )
        to_directions = sparse.csr_array(
            (np.ones(n_pairs), (np.arange(n_pairs), pairs[1])), shape=(n_pairs, w_out.shape[1])
        )
        of_pairs = np.broadcast_to(carried, on.shape)[:, entries.row[first]]
        return (np.abs(on.astype(np.float64) @ gradient) * of_pairs) @ to_directions

    def _adding(
        self, block: Preactivations, w_out: Any, hidden: Floats, own: Floats, strayed_elsewhere: Floats
    ) -> Floats:
        """How far the sums of the results are off by their roundings: [n_points, n_directions].

        Args:
            block: the pre-activations.
            w_out: the output weights of their units.
            hidden: bounds on the hidden units, 0 for those that are surely off.
            own: how far the pre-activations are off by themselves.
            strayed_elsewhere: what all other units write at most, [n_directions].
        """
        arithmetic, magnitudes = self.arithmetic, abs(w_out)
        is_large = (block.z > 0) & (hidden > 0)
        strayed = np.where(is_large, 0.0, hidden) @ magnitudes + strayed_elsewhere
        # No partial sum is larger than all that is added or all that is taken away.
        total = np.maximum(hidden @ (magnitudes + w_out), hidden @ (magnitudes - w_out)) / 2 + strayed_elsewhere
        reached = max(float((block.size + block.carried).max(initial=0.0)), float(total.max(initial=0.0)))
        self._check_size(reached, float(block.carried.max(initial=0.0)))
        large = is_large.astype(np.float64)
        n_large = large @ with_elements(w_out, np.ones(int(w_out.nnz)))
        rounds_products = large @ with_elements(w_out, (~is_power_of_two(w_out.data)).astype(np.float64)) > 0
        columns = w_out.tocsc()
        steps = np.where(is_large, np.where(own == block.weighing, block.step, 0.0), np.inf)
        entries = steps[:, columns.indices] * steps_of(arithmetic.stored(columns.data))
        filled = np.concatenate([entries, np.full((len(entries), 1), np.inf)], axis=1)
        smallest = np.where(
            np.diff(columns.indptr) > 0, np.minimum.reduceat(filled, columns.indptr[:-1], axis=1), np.inf
        )
        exact = (total * arithmetic.u <= smallest) & (8 * strayed <= arithmetic.u * smallest)
        roundings = np.maximum(n_large - 1, 0) + 2 * rounds_products
        rounding = arithmetic.gamma(roundings) * total + arithmetic.underflow * n_large
        return np.where(exact, 0.0, rounding) + 2 * strayed


def _grouped(weights: Any) -> tuple[Floats, NDArray[np.int64]]:
    """For each unit a sign and the number of its group: units of a group have the same weights times their signs.

    Args:
        weights: sparse, by columns, [n, n_units].
    """
    random = np.random.default_rng(0).normal(size=int(weights.shape[0]))
    key: Floats = np.asarray(weights.T @ random, dtype=np.float64)
    signs = np.where(key < 0, -1.0, 1.0)
    _, first, which = np.unique(np.abs(key), return_index=True, return_inverse=True)
    groups: NDArray[np.int64] = which.ravel().astype(np.int64)
    signed = weights @ sparse.diags_array(signs, format="csc")
    differs = abs(signed - signed[:, first[groups]]).sum(axis=0) > 0  # the same key by chance
    groups[differs] = first.size + np.arange(int(differs.sum()))
    return signs, groups
