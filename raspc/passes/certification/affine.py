"""How far units may be off that compute affine maps of numbers, of which there are too many combinations to check.

Where it is known which of the numbers are defined, such a unit is `relu(z)` with an affine z, and stands beside
`relu(-z)` with the opposite output weights: together they pass z on, and its error once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from raspc.passes.certification.arithmetic import Arithmetic, Floats, is_power_of_two
from raspc.passes.certification.preactivations import Preactivations
from raspc.passes.certification.vectors import Vector


def affine_errors(
    inputs: Sequence[Vector],
    w_in: Sequence[Any],
    bias: Floats,
    w_out: Any,
    alone: NDArray[np.bool_],
    arithmetic: Arithmetic,
) -> list[Floats] | None:
    """How far each direction of the results may be off, [n_directions], for each way in which inputs are defined.

    Args:
        inputs: the inputs of the units.
        w_in: sparse, by columns, [size, n_units] for each input.
        bias: [n_units]
        w_out: sparse, [n_units, n_directions].
        alone: which units have one weight, a power of two, [n_units].
        arithmetic: the arithmetic.

    Returns:
        Nothing if an input is no number, a unit is neither surely on or off nor one of a pair, or a number is too
        large.
    """
    if not inputs or not all(vector.subspace.is_numerical for vector in inputs):
        return None
    bound = Preactivations.of_bias(bias, arithmetic)
    for vector, weights in zip(inputs, w_in, strict=True):
        bound = bound.plus(Preactivations.bound_of_input(vector, weights, arithmetic))
    if not (bound.size + bound.carried <= arithmetic.largest).all():
        return None
    eta = (bound.carried + bound.own_error(alone, arithmetic))[0]
    dense = [weights.toarray() for weights in w_in]
    found: list[Floats] = []
    for defined in product(*([True, False] if vector.subspace.values.undefined else [True] for vector in inputs)):
        case = _Case.of(inputs, dense, bias, defined)
        errors = _errors(case, eta, w_out.toarray(), arithmetic)
        if errors is None:
            return None
        found.append(errors)
    return found


@dataclass(frozen=True)
class _Case:
    """The pre-activations where it is known which inputs are defined: `constant + numbers @ slopes`.

    Attributes:
        constant: [n_units]
        slopes: [n_defined, n_units]
        low: the smallest values, [n_units].
        high: the largest values, [n_units].
    """

    constant: Floats
    slopes: Floats
    low: Floats
    high: Floats

    @staticmethod
    def of(inputs: Sequence[Vector], dense: Sequence[Floats], bias: Floats, defined: Sequence[bool]) -> _Case:
        constant, slopes = bias.copy(), np.zeros((0, bias.size))
        low, high = np.zeros(bias.size), np.zeros(bias.size)
        for vector, weights, is_defined in zip(inputs, dense, defined, strict=True):
            if is_defined and len(vector.subspace.values):
                numbers = vector.subspace.values.numbers
                ends = np.outer([numbers[0], numbers[-1]], weights[0])
                low, high = low + ends.min(axis=0), high + ends.max(axis=0)
                slopes = np.vstack([slopes, weights[0]])
                constant = constant + weights[1:].sum(axis=0)
        return _Case(constant, slopes, constant + low, constant + high)


def _errors(case: _Case, eta: Floats, w_out: Floats, arithmetic: Arithmetic) -> Floats | None:
    """How far each direction may be off; nothing if a unit is neither surely on or off nor one of a pair."""
    on, off = case.low > eta, case.high < -eta
    passed = np.where(on, eta, 0.0)[:, None] * np.abs(w_out)
    left = ~(on | off)
    while left.any():
        unit = int(np.argmax(left))
        left[unit] = False
        opposite = (
            left
            & (case.slopes == -case.slopes[:, unit : unit + 1]).all(axis=0)
            & (case.constant == -case.constant[unit])
            & (w_out == -w_out[unit]).all(axis=1)
        )
        if not opposite.any():
            return None
        other = int(np.argmax(opposite))
        left[other] = False
        passed[unit] = max(eta[unit], eta[other]) * np.abs(w_out[unit])
    hidden = np.where(off, 0.0, np.maximum(np.abs(case.low), np.abs(case.high)) + eta)
    if not (hidden @ np.abs(w_out) <= arithmetic.largest).all():
        return None
    writes = (w_out != 0) & ~off[:, None]
    n_writes: Floats = writes.sum(axis=0).astype(np.float64)
    rounds_products: NDArray[np.bool_] = (writes & ~is_power_of_two(w_out)).any(axis=0)
    roundings = np.asarray(np.maximum(n_writes - 1, 0.0) + 2.0 * rounds_products, dtype=np.float64)
    error: Floats = passed.sum(axis=0) + hidden @ arithmetic.weight_error(w_out)
    return error + arithmetic.gamma(roundings) * (hidden @ np.abs(w_out)) + arithmetic.underflow * n_writes
