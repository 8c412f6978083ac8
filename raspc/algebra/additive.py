"""Additive tables: functions of several one-hot operands that only depend on a sum.

Claim. Let operand j have the values `v`, each of which adds an integer `a_j(v)` to a sum z, such that equal sums have
equal results: `f(x_1, ..., x_n) = g(z)`. Then units `relu(z - t)`, one for each integer t at which g, interpolated
linearly between the sums that occur, changes its slope, and one for the least sum, compute f exactly.

Derivation. A one-hot makes any number for each of its values, so z is linear. The result is a vector, one-hot or a
number. A function that is linear between the sums `s_0 < s_1 < ...` is `g(s_0)` plus its changes of slope at t times
`relu(z - t)`. Between two neighbours with the same result it is constant. Between two with different results it rises
or falls linearly if their distance is a power of two, so that the slope is exact; else it does so in the first unit
of the distance. A change of slope at the largest sum or beyond needs no unit. All are integers and quotients by powers
of two, which float32 adds exactly up to 2**24.

So `x + y` one-hot takes a unit for each sum; a comparison two and its default, however many values there are; `x == y`
three; and of a number as the result only the bends count. Where operands are inexact a step decoder (`algebra.steps`)
reads the sum, with two units for each change of the result.

Where an operand may be undefined all units must be off. Each such operand that is defined adds a gate to every unit, a
power of two that is larger than what it reads otherwise, and the bias takes all gates away.

Which sums will do is searched, greedily. The first operand's values lie in some order, its rows are then shifted, one
for each value of the next operand, to where they fit with most of those that lie already; the two together are then an
operand whose values have places. The results of a sum are those of all values of the operands that are left. The search
needs no proof: whether equal sums have equal results is checked at the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import permutations, product
from math import lcm

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.grid import NEVER, UNDEFINED
from raspc.algebra.lookup import LookupUnits, merged_classes
from raspc.algebra.sparse import SparseMatrix

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Terms = tuple[Integers, ...]
"""For each operand what each of its values adds to the sum, [n_values]."""

OPERAND_LIMIT = 4
"""The most operands of which all orders are tried."""

CANDIDATE_LIMIT = 1 << 12
"""The most shifts of a row that are looked at one by one."""

TRIED_SHIFTS = 64
"""The most shifts of a row whose changes of the result are counted."""

LARGEST_TERM = 1 << 20
"""Larger numbers aren't tried."""

LARGEST_DENOMINATOR = 1000
"""The largest denominator of numbers that are tried."""


def additive_terms(
    table: Integers, numbers: Sequence[Floats | None], most_changes: int | None = None
) -> Iterator[Terms]:
    """Sums on which a table may depend alone, each once, in a fixed order.

    Args:
        table: the code of the result for each combination of values, `UNDEFINED` or `NEVER` where there is none.
        numbers: for each operand its values if they are numbers, [n_values].
        most_changes: sums along which the result changes more often needn't be found.
    """
    seen: set[bytes] = set()
    for terms in _candidates(table, numbers, np.inf if most_changes is None else most_changes):
        terms = _normalised(terms)
        key = b"".join(part.tobytes() for part in terms)
        if key not in seen:
            seen.add(key)
            yield terms


def sums_of(table: Integers, terms: Terms) -> tuple[Integers, Integers] | None:
    """The sums that occur in ascending order and the result of each: nothing if equal sums have different results."""
    sums: Integers = np.zeros(table.shape, dtype=np.int64)
    for axis, part in enumerate(terms):
        sums = sums + part.reshape([-1 if axis == other else 1 for other in range(table.ndim)])
    occurs = table != NEVER
    places, first, which = np.unique(sums[occurs], return_index=True, return_inverse=True)
    codes = table[occurs]
    if not places.size or (codes != codes[first][which.ravel()]).any():
        return None
    return places, codes[first]


def additive_units(
    table: Integers, terms: Terms, n_results: int, *, undefinable: tuple[bool, ...]
) -> LookupUnits | None:
    """The units of a table that depends on a sum of exact one-hot operands.

    Args:
        table: the code of the result for each combination of values, `UNDEFINED` or `NEVER` where there is none.
        terms: the sum.
        n_results: the number of results, each of which is one direction.
        undefinable: which operands may be undefined.

    Returns:
        Nothing if equal sums have different results.

    >>> import numpy as np
    >>> less = np.triu(np.ones((9, 9), dtype=np.int64), 1)  # x < y
    >>> units = additive_units(less, (-np.arange(9), np.arange(9)), 2, undefinable=(False, False))
    >>> units.n_units, units.biases.tolist(), units.outputs.to_dense().tolist()
    (3, [0.0, -1.0, 1.0], [[-1.0, 1.0], [1.0, -1.0], [1.0, 0.0]])
    """
    found = sums_of(table, terms)
    if found is None:
        return None
    sums, codes = found
    if codes[0] != UNDEFINED and codes[-1] == UNDEFINED:  # from above there is nothing to begin with
        terms, sums, codes = tuple(-part for part in terms), -sums[::-1], codes[::-1]
    bends, outputs = _bends(sums, codes, n_results)
    reach = float(sum(np.abs(part).max(initial=0) for part in terms) + np.abs(bends).max(initial=0))
    n_gates = sum(undefinable)
    gate = np.exp2(np.ceil(np.log2(reach + 1))) if n_gates else 0.0
    weights = tuple(
        np.hstack([np.repeat(part[:, None] + gate * gated, bends.size, axis=1), np.full((part.size, 1), float(gated))])
        for part, gated in zip(terms, undefinable, strict=True)
    )
    biases = np.append(0.0 - bends - gate * n_gates, 1.0 - n_gates)
    base = np.arange(n_results) == codes[0]
    return LookupUnits(weights, biases, SparseMatrix.from_dense(np.vstack([outputs, base])))


def _bends(sums: Integers, codes: Integers, n_results: int) -> tuple[Floats, Floats]:
    """Where the interpolated results change their slope, [n], and by how much, [n, n_results]."""
    below = np.flatnonzero(codes[1:] != codes[:-1])
    gaps = (sums[below + 1] - sums[below]).astype(np.float64)
    widths = np.where(np.frexp(gaps)[0] == 0.5, gaps, 1.0)
    changes = _one_hots(codes[below + 1], n_results) - _one_hots(codes[below], n_results)
    slopes = changes / widths[:, None]
    places, which = np.unique(np.concatenate([sums[below], sums[below] + widths]), return_inverse=True)
    bends = np.zeros((places.size, n_results))
    np.add.at(bends, which.ravel(), np.concatenate([slopes, -slopes]))
    needed = (places < sums[-1]) & bends.any(axis=1)
    return places[needed].astype(np.float64), bends[needed]


def _one_hots(codes: Integers, n_results: int) -> Floats:
    return (codes[:, None] == np.arange(n_results)).astype(np.float64)


def _normalised(terms: Terms) -> Terms:
    """The same sum without a common divisor, and with 0 as the least number of each operand."""
    terms = tuple(part - part.min(initial=part[0] if part.size else 0) for part in terms)
    divisor = int(np.gcd.reduce(np.concatenate(terms))) if terms else 1
    return tuple(part // max(divisor, 1) for part in terms)


def _candidates(table: Integers, numbers: Sequence[Floats | None], most: float) -> Iterator[Terms]:
    scaled = _scaled(numbers)
    if scaled is not None:
        for signs in product((1, -1), repeat=table.ndim - 1):
            yield tuple(sign * part for sign, part in zip((1, *signs), scaled, strict=True))
    if table.ndim > OPERAND_LIMIT:
        return
    for order in permutations(range(table.ndim)):
        turned = table.transpose(order)
        for places in _first_places(turned, None if scaled is None else scaled[order[0]]):
            terms = aligned_terms(turned, places, most)
            if terms is not None:
                yield tuple(terms[order.index(axis)] for axis in range(table.ndim))


def _scaled(numbers: Sequence[Floats | None]) -> Terms | None:
    """The numbers of all operands as integers, with one factor for all."""
    known = [values for values in numbers if values is not None]
    found = as_integers(known, LARGEST_DENOMINATOR) if len(known) == len(numbers) else None
    return None if found is None else found[0]


def as_integers(numbers: Sequence[Floats], largest_denominator: int) -> tuple[Terms, int] | None:
    """Numbers times one factor that makes all of them integers, and the factor.

    Args:
        numbers: for each operand its values, [n_values].
        largest_denominator: they are taken for fractions with denominators of at most this.

    Returns:
        Nothing if an integer is too large.
    """
    if any((np.abs(values) > LARGEST_TERM).any() for values in numbers):
        return None
    fractions = [
        [Fraction(value).limit_denominator(largest_denominator) for value in part.tolist()] for part in numbers
    ]
    denominator = lcm(*(fraction.denominator for part in fractions for fraction in part))
    integers = [[int(fraction * denominator) for fraction in part] for part in fractions]
    if max((abs(number) for part in integers for number in part), default=0) > LARGEST_TERM:
        return None
    return tuple(np.array(part, dtype=np.int64) for part in integers), denominator


def _first_places(table: Integers, numbers: Integers | None) -> Iterator[Integers]:
    """Places for the values of the first operand: in the order of the domain, of its rows, and as numbers."""
    _, classes = merged_classes(table, 0)
    yield classes
    rows = table.reshape(len(table), -1)
    yield np.unique(rows, axis=0, return_inverse=True)[1].ravel().astype(np.int64)
    if numbers is not None:
        yield numbers


def aligned_terms(
    table: Integers, places: Integers, most: float = np.inf, *, between: bool = False
) -> list[Integers] | None:
    """What each value of each operand may add to a sum, if the first one's add `places`.

    Args:
        table: the code of the result for each combination of values, `UNDEFINED` or `NEVER` where there is none.
        places: [n_values of operand 0]
        most: how often the result may change along the sums.
        between: whether the rows of an operand may also lie between places that are 2 apart.

    Returns:
        Nothing if that can't be found. What is found may still give equal sums different results; see `sums_of`.
    """
    if table.ndim == 1:
        return [places]
    first, second = table.shape[:2]
    kinds = table.reshape(first * second, -1)
    _, classes = np.unique(kinds, axis=0, return_inverse=True)
    classes = np.where((kinds == NEVER).all(axis=1), NEVER, classes.ravel()).reshape(first, second)
    shifts = _shifts(places, classes, most if table.ndim == 2 else np.inf, between=between)
    if shifts is None:
        return None
    sums = (places[:, None] + shifts[None, :]).ravel()
    occurs = classes.ravel() != NEVER
    joint, where = np.unique(sums[occurs], return_index=True)
    if not joint.size:
        return None
    rows = table.reshape(first * second, *table.shape[2:])[occurs][where]
    rest = aligned_terms(rows, joint, most, between=between)
    return None if rest is None else [places, shifts, *rest[1:]]


def _shifts(places: Integers, classes: Integers, most: float, *, between: bool) -> Integers | None:
    """How far the row of each value of the second operand is shifted: [n_second].

    Args:
        places: where the values of the first operand lie, [n_first].
        classes: the class of each combination, [n_first, n_second].
        most: how often the class may change along the sums.
        between: whether a row may also lie between places.
    """
    tape, known = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    shifts = np.zeros(classes.shape[1], dtype=np.int64)
    for number, row in enumerate(classes.T):
        occurs = row != NEVER
        own, first = np.unique(places[occurs], return_index=True)
        kinds = row[occurs][first]
        if (kinds[np.searchsorted(own, places[occurs])] != row[occurs]).any():
            return None
        if not own.size:
            continue
        shift = _best_shift(tape, known, own, kinds, between=between) if tape.size else 0
        shifts[number] = shift
        tape, where = np.unique(np.concatenate([tape, own + shift]), return_index=True)
        known = np.concatenate([known, kinds])[where]
        if tape[-1] - tape[0] > LARGEST_TERM or np.count_nonzero(np.diff(known)) > most:
            return None
    return shifts


def _best_shift(tape: Integers, known: Integers, own: Integers, kinds: Integers, *, between: bool) -> int:
    """The shift at which a row fits with the tape and changes its class least often."""
    if tape.size * own.size <= CANDIDATE_LIMIT:
        shifts = np.subtract.outer(tape, own).ravel()
    else:
        shifts = np.concatenate([tape - own[0], tape - own[-1]])
    if between:
        shifts = np.concatenate([shifts, shifts + 1, shifts - 1])
    apart = [tape[-1] + 1 - own[0], tape[0] - 1 - own[-1]]
    shifts = np.unique(np.append(shifts, apart))
    moved = shifts[:, None] + own[None, :]
    nearest = np.minimum(np.searchsorted(tape, moved), tape.size - 1)
    meets = tape[nearest] == moved
    fits = (~meets | (known[nearest] == kinds)).all(axis=1)
    shifts, moved, shared = shifts[fits], moved[fits], meets[fits].sum(axis=1)
    tried = np.lexsort((shifts, np.abs(shifts), -shared))[:TRIED_SHIFTS]
    shifts, moved = shifts[tried], moved[tried]
    joint = np.hstack([np.broadcast_to(tape, (shifts.size, tape.size)), moved])
    order = np.argsort(joint, axis=1, kind="stable")
    along = np.hstack([np.broadcast_to(known, (shifts.size, known.size)), np.broadcast_to(kinds, moved.shape)])
    along = np.take_along_axis(along, order, axis=1)
    changes = (along[:, 1:] != along[:, :-1]).sum(axis=1)
    spans = joint.max(axis=1) - joint.min(axis=1)
    return int(shifts[np.lexsort((shifts, np.abs(shifts), spans, changes))[0]])
