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
from dataclasses import dataclass, field, fields
from itertools import product
from typing import Any

import numpy as np

from raspc.algebra.dtypes import rounded
from raspc.algebra.sparse import sparse
from raspc.dialects.craft import MlpOp
from raspc.dialects.craft.checks import vector_of
from raspc.passes.certification.arithmetic import Arithmetic, Floats, common_step, is_power_of_two, steps_of
from raspc.passes.certification.vectors import Vector
from raspc.passes.locations import refuse

BLOCK = 1 << 21
"""Blocks of points are so small that points times hidden units are no more than this."""

COMBINATION_LIMIT = 1 << 22
"""The most combinations of points at which a perceptron is evaluated."""


@dataclass
class Errors:
    """How far the directions of all results may be off, together with what their units have to spare.

    Attributes:
        absolute: [n_directions]
        total: over the directions of each result, [n_results].
        spare: the smallest part of a pre-activation that its error leaves, of those that are surely on or surely off,
            for each result.
    """

    absolute: Floats
    total: Floats
    spare: Floats


def mlp_results(op: MlpOp, inputs: Sequence[Vector], arithmetic: Arithmetic) -> tuple[list[Vector], Floats]:
    """The results of a perceptron, and what their units have to spare.

    Raises:
        CompileError: a number overflows, the perceptron isn't off at the BOS position, or it has too many combinations.
    """
    bias = op.bias_vector
    w_in = [matrix.data.to_scipy().tocsc() for matrix in op.w_in]
    w_out: Any = sparse.hstack([matrix.data.to_scipy() for matrix in op.w_out], format="csr")
    _check_off_at_bos(op, inputs, w_in, bias, arithmetic)
    sizes = [vector_of(result).size for result in op.results_]
    ends = np.cumsum(sizes)
    bounds = np.stack([ends - sizes, ends], axis=1)
    errors = Errors(np.zeros(w_out.shape[1]), np.zeros(len(sizes)), np.ones(len(sizes)))
    for reads, units in _by_inputs(w_in, bias.size):
        part = _Part(
            op,
            [inputs[number] for number in reads],
            [w_in[number][:, units] for number in reads],
            bias[units],
            w_out[units],
            bounds,
            arithmetic,
        )
        part.add_to(errors)
    results: list[Vector] = []
    for (start, end), total, result in zip(bounds.tolist(), errors.total.tolist(), op.results_, strict=True):
        exact = Vector.exact(vector_of(result))
        absolute = errors.absolute[start:end]
        results.append(
            Vector(exact.subspace, absolute, exact.relative, min(total, float(absolute.sum())), exact.held, exact.held)
        )
    return results, errors.spare


def _by_inputs(w_in: list[Any], n_units: int) -> Iterator[tuple[list[int], Any]]:
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
            f"a hidden unit may be on at the BOS position: it may be off by {error[worst]:.1e} in {arithmetic.dtype}",
            expected=f"less than {1 + abs(bias[worst]):.1e}",
            help="reduce max_seq_len, or use smaller numbers as defaults",
        )


@dataclass
class _Block:
    """The pre-activations of some units at some points; arrays of shape [n_points, n_units] or [1, n_units].

    Attributes:
        z: the pre-activations.
        size: the sums of the absolute values of their terms.
        carried: how far they are off because the inputs are, but for what is faint.
        faint: how far they are off because zeros of one-hots are, whose ones are exact.
        strayed: the part of both which comes from terms that are zero at the point.
        weighing: how far they are off because weights are rounded.
        n_terms: how many terms aren't zero.
        step: a power of two of which all terms are multiples; 0 if there is none.
    """

    z: Floats
    size: Floats
    carried: Floats
    faint: Floats
    strayed: Floats
    weighing: Floats
    n_terms: Floats
    step: Floats

    def plus(self, other: _Block) -> _Block:
        return _Block(
            self.z + other.z,
            self.size + other.size,
            self.carried + other.carried,
            self.faint + other.faint,
            self.strayed + other.strayed,
            self.weighing + other.weighing,
            self.n_terms + other.n_terms,
            np.minimum(self.step, other.step),
        )

    def at(self, points: Any, units: Any) -> _Block:
        return _Block(
            *(
                array[points if len(array) > 1 else slice(None)][:, units]
                for array in (getattr(self, part.name) for part in fields(self))
            )
        )


def _terms(vector: Vector, weights: Any, points: slice, arithmetic: Arithmetic) -> _Block:
    """What one input adds to the pre-activations, at some of its points."""
    at: Any = vector.points[points]
    magnitudes = abs(weights)
    counts = np.diff(weights.indptr)
    z, size = (at @ weights).toarray(), (abs(at) @ magnitudes).toarray()
    n_terms = ((at != 0).astype(np.float64) @ _with(weights, np.ones_like(weights.data))).toarray()
    off = _with(weights, arithmetic.weight_error(weights.data))
    weight_steps = _with(weights, steps_of(rounded(weights.data, arithmetic.dtype)))
    nothing = np.zeros((1, weights.shape[1]))
    if vector.subspace.is_numerical:
        errors = vector.absolute + vector.relative * np.abs(at.toarray())
        carried, faint, strayed = errors @ magnitudes.toarray(), nothing, nothing
        weighing = (abs(at) @ off).toarray() + errors @ off.toarray()
        steps = np.full(z.shape, np.inf)
        for of_points, of_weights in zip(vector.steps(points, arithmetic).T, weight_steps.toarray(), strict=True):
            with np.errstate(invalid="ignore"):
                products = of_points[:, None] * of_weights[None, :]
            steps = np.minimum(steps, np.where(of_weights == 0, np.inf, products))
    else:
        error = vector.error_through(weights)[None, :]
        exact_ones = vector.has_exact_ones(arithmetic)
        carried, faint = (nothing, error) if exact_ones else (error, nothing)
        strayed = np.where(counts > 1, error, 0.0)
        steps = np.where(counts > 0, _column_min(weight_steps) if exact_ones else 0.0, np.inf)[None, :]
        weighing = (abs(at) @ off).toarray() + vector.error_through(off)[None, :]
    return _Block(z, size, carried, faint, strayed, weighing, n_terms, steps)


def _with(weights: Any, data: Floats) -> Any:
    """A sparse matrix with the same places as another one and other elements."""
    changed = weights.copy()
    changed.data = data
    return changed


@dataclass
class _Part:
    """The units of a perceptron that read the same inputs.

    Attributes:
        op: the perceptron.
        inputs: the inputs that the units read.
        w_in: for each, the weights: sparse [size, n_units].
        bias: [n_units]
        w_out: sparse [n_units, n_directions].
        bounds: where each result's directions begin and end: [n_results, 2].
        arithmetic: the arithmetic.
        groups: for each unit the number of the group of units with the same weights, up to the sign.
        signs: for each unit, its sign in the group.
        single: which units have one weight, a power of two: the product is exact, and one rounding is left.
        exact: whether all is computed without an error.
    """

    op: MlpOp
    inputs: list[Vector]
    w_in: list[Any]
    bias: Floats
    w_out: Any
    bounds: Any
    arithmetic: Arithmetic
    groups: Any = field(init=False)
    signs: Floats = field(init=False)
    single: Any = field(init=False)
    exact: bool = field(init=False)

    def __post_init__(self) -> None:
        stacked: Any = sparse.vstack([*self.w_in, sparse.csc_array((1, self.bias.size))], format="csc")
        self.signs, self.groups = _grouped(stacked)
        rounds = stacked.copy()
        rounds.data = (~is_power_of_two(stacked.data)).astype(np.float64)
        self.single = (np.diff(stacked.indptr) <= 1) & (rounds.sum(axis=0) == 0)
        most = np.abs(self.bias).copy()
        step = common_step(self.bias)
        for vector, weights in zip(self.inputs, self.w_in, strict=True):
            reach = vector.reach
            most += (
                abs(weights).T @ reach
                if vector.subspace.is_numerical
                else abs(weights).max(axis=0).toarray().ravel() * bool(reach.size)
            )
            step = min(step, common_step(weights.data) * min(1.0, common_step(vector.points.data)))
        inputs_exact = all(vector.is_exact for vector in self.inputs)
        whole = float(most.max(initial=0.0))
        out_step = step * common_step(self.w_out.data)
        out_whole = float((abs(self.w_out).T @ most).max(initial=0.0))
        adds = self.arithmetic.adds_exactly
        self.exact = inputs_exact and adds(step, whole) and adds(out_step, out_whole)
        if max(whole, out_whole, float(np.abs(self.w_out.data).max(initial=0.0))) > self.arithmetic.largest:
            raise refuse(
                self.op,
                f"its hidden units and their sums may reach {max(whole, out_whole):.1e}, which is too much for "
                f"{self.arithmetic.dtype}",
                help="reduce max_seq_len, or use smaller or rounder numbers",
            )

    def add_to(self, errors: Errors) -> None:
        """Add the errors of these units to those of all."""
        if self.exact or not self.w_out.nnz:
            return
        worst, totals, spare = np.zeros(self.w_out.shape[1]), np.zeros(len(self.bounds)), np.ones(len(self.bounds))
        affine = self._affine_errors()
        if affine is not None:
            worst, totals = affine
        for block, units in self._blocks() if affine is None else ():
            found, ratio = self._errors(block, units)  # [n_points, n_directions], [n_points, n_results]
            worst = np.maximum(worst, found.max(axis=0, initial=0.0))
            for number, (start, end) in enumerate(self.bounds.tolist()):
                totals[number] = max(totals[number], float(found[:, start:end].sum(axis=1).max(initial=0.0)))
            spare = np.minimum(spare, 1 - ratio)
        errors.absolute += worst
        errors.total += totals
        errors.spare = np.minimum(errors.spare, spare)

    def _biases(self) -> _Block:
        row = self.bias[None, :]
        zeros = np.zeros_like(row)
        weighing = self.arithmetic.weight_error(row)
        steps = steps_of(rounded(row, self.arithmetic.dtype))
        return _Block(row, np.abs(row), zeros, zeros, zeros, weighing, (row != 0).astype(np.float64), steps)

    def _blocks(self) -> Iterator[tuple[_Block, Any]]:
        """The pre-activations at all combinations of points, and the units that may be on there.

        Raises:
            CompileError: there are too many.
        """
        everything = np.arange(self.bias.size)
        if not self.inputs:
            yield self._biases(), everything
            return
        counts = [vector.n_points for vector in self.inputs]
        combinations = int(np.prod(counts, dtype=np.float64))
        if combinations > COMBINATION_LIMIT:
            raise refuse(
                self.op,
                f"its inputs have {combinations} combinations of values, which are too many to check",
                expected=f"at most {COMBINATION_LIMIT}",
                help="use a smaller vocabulary or max_seq_len",
            )
        rows = max(1, BLOCK // max(self.bias.size, 1))
        if len(counts) == 1 or combinations * self.bias.size <= 8 * BLOCK:
            tables = [
                _terms(vector, weights, slice(None), self.arithmetic) if len(counts) > 1 else None
                for vector, weights in zip(self.inputs, self.w_in, strict=True)
            ]
            for start in range(0, combinations, rows):
                if len(counts) == 1:
                    terms = _terms(self.inputs[0], self.w_in[0], slice(start, start + rows), self.arithmetic)
                    yield self._biases().plus(terms), everything
                    continue
                block = self._biases()
                which = np.unravel_index(np.arange(start, min(start + rows, combinations)), counts)
                for table, points in zip(tables, which, strict=True):
                    assert table is not None
                    block = block.plus(table.at(points, everything))
                yield block, everything
            return
        # So many units that most are off whatever the last input is.
        last = int(np.argmax(counts))
        others = [number for number in range(len(counts)) if number != last]
        best = self._largest(self.inputs[last], self.w_in[last])
        for prefix in product(*(range(counts[number]) for number in others)):
            before = self._biases()
            for number, point in zip(others, prefix, strict=True):
                at = slice(point, point + 1)
                before = before.plus(_terms(self.inputs[number], self.w_in[number], at, self.arithmetic))
            highest = before.plus(best)
            units = np.flatnonzero((highest.z + sum(self._off(highest, everything)) > 0)[0])
            terms = _terms(self.inputs[last], self.w_in[last][:, units], slice(None), self.arithmetic)
            yield before.at(np.zeros(1, dtype=np.int64), units).plus(terms), units

    def _largest(self, vector: Vector, weights: Any) -> _Block:
        """A bound on what an input adds, whatever its point: [1, n_units]."""
        magnitudes = abs(weights)
        if vector.subspace.is_numerical:
            size = high = magnitudes.T @ vector.reach
            n_terms = np.diff(weights.indptr).astype(np.float64)
        else:
            size, high = _column_max(magnitudes), np.maximum(_column_max(weights), 0.0)
            n_terms = np.minimum(np.diff(weights.indptr), 1).astype(np.float64)
        carried = vector.error_through(weights)
        weighing = 2 * self.arithmetic.u * (size + carried)
        zeros = np.zeros_like(size)
        return _Block(*(array[None, :] for array in (high, size, carried, zeros, carried, weighing, n_terms, zeros)))

    def _affine_errors(self) -> tuple[Floats, Floats] | None:
        """The errors of units that compute affine maps of numbers, which have too many combinations of points.

        Where it is known which inputs are defined, such a unit is `relu(z)`, and stands beside `relu(-z)` with the
        opposite output weights: together they pass z on, with its error.

        Returns:
            How far each direction may be off, [n_directions], and all of a result, [n_results]; nothing if a unit isn't
            surely on or off, or one of such a pair.
        """
        if not self.inputs or not all(vector.subspace.is_numerical for vector in self.inputs):
            return None
        worst, totals = np.zeros(self.w_out.shape[1]), np.zeros(len(self.bounds))
        cases = [[True, False] if vector.subspace.values.undefined else [True] for vector in self.inputs]
        for defined in product(*cases):
            found = self._affine_case(defined)
            if found is None:
                return None
            worst = np.maximum(worst, found)
            sums = [float(found[start:end].sum()) for start, end in self.bounds.tolist()]
            totals = np.maximum(totals, sums)
        return worst, totals

    def _affine_case(self, defined: Sequence[bool]) -> Floats | None:
        """The errors where it is known which of the inputs are defined."""
        middle, spread = self.bias.copy(), np.zeros(self.bias.size)
        block = self._biases()
        slopes: list[Floats] = []
        for vector, weights, is_defined in zip(self.inputs, self.w_in, defined, strict=True):
            block = block.plus(self._largest(vector, weights))
            dense = weights.toarray()
            if is_defined and len(vector.subspace.values):
                numbers = vector.subspace.values.numbers
                middle += dense[0] * (numbers[0] + numbers[-1]) / 2 + dense[1:].sum(axis=0)
                spread += np.abs(dense[0]) * (numbers[-1] - numbers[0]) / 2
                slopes.append(dense[0])
        eta = sum(self._off(block, np.arange(self.bias.size)))[0]
        on, off = middle - spread > eta, middle + spread < -eta
        constant = self._constant(defined)
        steepness = np.array(slopes).reshape(len(slopes), self.bias.size)
        w_out = self.w_out.toarray()
        taken = on | off
        passed = np.where(on, eta, 0.0)[:, None] * np.abs(w_out)
        for unit in np.flatnonzero(~taken).tolist():
            if taken[unit]:
                continue
            opposite = (
                ~taken
                & (steepness == -steepness[:, unit : unit + 1]).all(axis=0)
                & (constant == -constant[unit])
                & (w_out == -w_out[unit]).all(axis=1)
            )
            opposite[unit] = False
            if not opposite.any():
                return None
            other = int(np.argmax(opposite))
            taken[[unit, other]] = True
            passed[unit] = max(eta[unit], eta[other]) * np.abs(w_out[unit])
        hidden = np.where(off, 0.0, np.abs(middle) + spread + eta)
        arithmetic = self.arithmetic
        writes = (w_out != 0) & ~off[:, None]
        inexact = (writes & ~is_power_of_two(w_out)).any(axis=0)
        roundings = np.maximum(writes.sum(axis=0) - 1, 0) + inexact
        error = passed.sum(axis=0) + hidden @ arithmetic.weight_error(w_out)
        return (
            error + arithmetic.gamma(roundings) * (hidden @ np.abs(w_out)) + arithmetic.underflow * writes.sum(axis=0)
        )

    def _constant(self, defined: Sequence[bool]) -> Floats:
        """What the bias and the directions *defined* add to the pre-activations."""
        constant = self.bias.copy()
        for weights, is_defined in zip(self.w_in, defined, strict=True):
            if is_defined:
                constant += weights.toarray()[1:].sum(axis=0)
        return constant

    def _off(self, block: _Block, units: Any) -> tuple[Floats, Floats]:
        """How far the pre-activations are off because the inputs are, and by themselves: by weights and roundings.

        Where large terms add up exactly, faint ones don't change a sum that isn't zero.
        """
        arithmetic, alone = self.arithmetic, self.single[units]
        size = block.size + block.carried + block.faint
        one = np.abs(block.z) + block.carried + block.faint + block.weighing
        unchanged = (block.faint == 0) | ((8 * block.faint <= arithmetic.u * block.step) & (block.carried == 0))
        exact = (np.where(alone, one, size) * arithmetic.u <= block.step) & unchanged
        several = arithmetic.gamma(block.n_terms + 1) * size + 2 * block.strayed + arithmetic.underflow
        rounding = np.where(alone & (block.faint == 0), arithmetic.u * one, several)
        own = block.weighing + np.where(exact, np.where(block.z == 0, 2 * block.faint, 0.0), rounding)
        return block.carried + np.where(exact, 0.0, block.faint), own

    def _errors(self, block: _Block, units: Any) -> tuple[Floats, Floats]:
        """How far each direction is off at each point, and the largest part of a pre-activation that is error."""
        arithmetic = self.arithmetic
        w_out = self.w_out[units]
        magnitudes = abs(w_out)
        through, own = self._off(block, units)
        eta = own + through
        z, sure = block.z, np.abs(block.z) > eta
        on = sure & (z > 0)
        unsure = ~sure & ((eta > 0) | (z > 0))
        hidden = np.maximum(z, 0.0) + eta * (on | unsure)
        hidden = hidden * (on | unsure)
        # What surely active units carry on from the inputs, with the signs of their groups.
        entries = w_out.tocoo()
        pairs, which = np.unique(np.stack([self.groups[units][entries.row], entries.col]), axis=1, return_inverse=True)
        n_pairs = pairs.shape[1]
        gradient = sparse.csr_array(
            (entries.data * self.signs[units][entries.row], (entries.row, which.ravel())), shape=(units.size, n_pairs)
        )
        net = np.abs(on.astype(np.float64) @ gradient)  # [n_points, n_pairs]
        representative = np.zeros(self.groups.max(initial=0) + 1, dtype=np.int64)
        representative[self.groups[units]] = np.arange(units.size)
        carried = np.broadcast_to(through, z.shape)[:, representative[pairs[0]]]
        to_direction = sparse.csr_array(
            (np.ones(n_pairs), (np.arange(n_pairs), pairs[1])), shape=(n_pairs, w_out.shape[1])
        )
        error = (net * carried) @ to_direction
        error += np.where(on, own, 0.0) @ magnitudes + np.where(unsure, eta, 0.0) @ magnitudes
        error += hidden @ _with(w_out, arithmetic.weight_error(w_out.data)) + self._adding(block, w_out, hidden, own)
        ratio = np.where(sure & (z != 0), eta / np.maximum(np.abs(z), 1e-300), 0.0)
        ratios = np.zeros(len(self.bounds))
        for number, (start, end) in enumerate(self.bounds.tolist()):
            writes = np.diff(w_out[:, start:end].indptr) > 0
            ratios[number] = ratio[:, writes].max(initial=0.0)
        return error, ratios

    def _adding(self, block: _Block, w_out: Any, hidden: Floats, own: Floats) -> Floats:
        """How far the sums of the results are off by their roundings: [n_points, n_directions].

        Args:
            block: the pre-activations.
            w_out: the output weights of their units.
            hidden: bounds on the hidden units, 0 for those that are surely off.
            own: how far the pre-activations are off by themselves.
        """
        arithmetic, magnitudes = self.arithmetic, abs(w_out)
        is_on = block.z > 0
        strayed = np.where(is_on, 0.0, hidden) @ magnitudes
        # No partial sum is larger than all that is added or all that is taken away.
        total = np.maximum(hidden @ (magnitudes + w_out), hidden @ (magnitudes - w_out)) / 2
        active = (is_on & (hidden > 0)).astype(np.float64)
        n_active = active @ _with(w_out, np.ones_like(w_out.data))
        rounds_product = active @ _with(w_out, (~is_power_of_two(w_out.data)).astype(np.float64)) > 0
        columns = w_out.tocsc()
        steps = np.where(active > 0, np.where(own == block.weighing, block.step, 0.0), np.inf)
        with np.errstate(invalid="ignore"):
            entries = steps[:, columns.indices] * steps_of(rounded(columns.data, arithmetic.dtype))
        filled = np.concatenate([entries, np.full((len(entries), 1), np.inf)], axis=1)
        smallest = np.minimum.reduceat(filled, columns.indptr[:-1], axis=1)
        smallest = np.where(np.diff(columns.indptr) > 0, smallest, np.inf)
        roundings = np.maximum(n_active - 1, 0) + rounds_product
        exact = (total * arithmetic.u <= smallest) & (8 * strayed <= arithmetic.u * smallest)
        inexact = arithmetic.gamma(roundings) * total + arithmetic.underflow * n_active
        return np.where(exact, 0.0, inexact) + 2 * strayed


def _column_min(weights: Any) -> Floats:
    """The smallest element of each column that is there; infinite where there is none."""
    filled = np.append(weights.data, np.inf)
    smallest = np.minimum.reduceat(filled, weights.indptr[:-1]) if weights.shape[1] else np.zeros(0)
    return np.where(np.diff(weights.indptr) > 0, smallest, np.inf)


def _column_max(weights: Any) -> Floats:
    return weights.max(axis=0).toarray().ravel() if min(weights.shape) else np.zeros(weights.shape[1])


def _grouped(weights: Any) -> tuple[Floats, Any]:
    """For each unit a sign and the number of its group: units of a group have the same weights times their signs.

    Args:
        weights: sparse, by columns, [n, n_units].
    """
    key = weights.T @ np.random.default_rng(0).normal(size=weights.shape[0])
    signs = np.where(key < 0, -1.0, 1.0)
    _, first, groups = np.unique(np.abs(key), return_index=True, return_inverse=True)
    representative = first[groups.ravel()]
    signed = weights @ sparse.diags_array(signs, format="csc")
    differs = abs(signed - signed[:, representative]).sum(axis=0) > 0  # the same key by chance
    groups = groups.ravel().astype(np.int64)
    groups[differs] = first.size + np.arange(int(differs.sum()))
    return signs, groups
