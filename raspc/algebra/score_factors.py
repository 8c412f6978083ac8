"""Score factors: scores of queries and keys as a product of two thin matrices.

Claim. Let each query select some keys. There are matrices of whole numbers and halves, Q [n_queries, rank] and K
[rank, n_keys], such that the scores `Q K` are 1 where a key is selected and at most 0 elsewhere. The rank is small in
three cases. Before that, keys that the same queries select are merged, and queries that select the same keys; what
selects nothing, or is never selected, has zeros for coefficients.

Points, for a predicate that is one to one: rank d + 2. Number the N classes, and let x_i be N points of the grid Z^d,
one for each. The score is `1 - |x_q - x_k|**2 = (1 - |x_q|**2) + 2 x_q . x_k - |x_k|**2`: it is 1 where the points are
the same, and otherwise they are 1 apart at least. With d = 1 that is a parabola; more dimensions make for smaller
numbers, which matters where a dtype is exact for small ones only, or keys and queries are off. Smallest are the corners
of a cube around 0, which are bit strings: d is log2 N, and as their norms are all the same, the rank is d + 1 only.

Polynomials, for few keys of each query: rank D + 1. Number the keys. A query's score is `1 - p(k) / g`, where the
polynomial p vanishes on its keys alone and is positive on all others: the product of the differences from the keys.
For its sign to be the same on both sides of a run of neighbours, a run of odd length has one of its keys twice, unless
it is the first or the last of all. D is the largest degree, 2 for runs of up to two keys, 4 for runs of up to four. As
p is integer-valued, so is `p / g` with the greatest common divisor g of its values, and hence the coefficients in the
basis of the binomials `1, k, k (k - 1) / 2, (k + 1) k (k - 1) / 6, ...` are integers, too: the central differences.

Blocks, for keys that lie within w > 1 neighbours: rank 2 w. Number the keys, and cut them into blocks of b = w - 1.
The keys of a query lie in its block A and the next one. Let T be 1 for the 2 b residues of its keys modulo 2 b and 0
for the others, and u the block of a key. The score is `T[k mod 2 b] - (u - A) (u - A - 1) / 2`: in the two blocks the
second term is 0 and the residue tells the keys apart, everywhere else it is 1 at least.

The same for the transposed matrix, where each key is selected by few queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MAX_BITS = 52
"""No construction is tried whose numbers might need more bits than a float64 has."""

MAX_BLOCK = 1 << 22
"""How many scores are looked at together."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoreFactors:
    """Scores as a product of two matrices of whole numbers and halves.

    Attributes:
        queries: [n_queries, rank]
        keys: [rank, n_keys]
    """

    queries: Floats
    keys: Floats

    @property
    def rank(self) -> int:
        """The number of dimensions that the scores take."""
        return self.queries.shape[1]

    @property
    def scores(self) -> Floats:
        """The scores: [n_queries, n_keys]."""
        return self.queries @ self.keys

    @cached_property
    def reach(self) -> float:
        """The largest absolute value of a partial sum of a score, in whatever order it is added."""
        return largest_partial_sum(self.queries, self.keys)

    def tell(self, selected: Bools) -> bool:
        """Whether the scores are 1 where a key is selected, and at most 0 elsewhere: [n_queries, n_keys]."""
        if self.reach > 2.0**MAX_BITS:
            return False
        for rows in row_blocks(*selected.shape):
            scores = self.queries[rows] @ self.keys
            if not np.where(selected[rows], scores == 1, scores <= 0).all():
                return False
        return True

    @property
    def transposed(self) -> ScoreFactors:
        """The factors with queries and keys exchanged."""
        return ScoreFactors(np.ascontiguousarray(self.keys.T), np.ascontiguousarray(self.queries.T))


def row_blocks(n_rows: int, n_columns: int) -> list[slice]:
    """Slices of the rows of a large matrix, each of a bounded number of elements."""
    n = max(1, MAX_BLOCK // max(n_columns, 1))
    return [slice(start, start + n) for start in range(0, n_rows, n)]


def largest_partial_sum(queries: Floats, keys: Floats) -> float:
    """The largest absolute value of a sum of some products of one element of `queries @ keys`.

    It is the sum of the positive ones or of the negative ones.

    >>> largest_partial_sum(np.array([[2.0, -1.0]]), np.array([[3.0], [4.0]]))
    6.0
    """
    signed = np.hstack([np.maximum(queries, 0), np.maximum(-queries, 0)])
    right, left = np.maximum(keys, 0), np.maximum(-keys, 0)
    sums = [
        (signed[rows] @ np.vstack(halves)).max(initial=0.0)
        for rows in row_blocks(queries.shape[0], keys.shape[1])
        for halves in ((right, left), (left, right))
    ]
    return float(max(sums, default=0.0))


def score_factors(selected: Bools) -> Iterator[ScoreFactors]:
    """The score factors of a smaller rank than the distinct rows, and the distinct columns, of `selected`.

    Those of the smallest rank come first.

    Args:
        selected: which keys each query selects, [n_queries, n_keys].

    >>> previous = np.eye(5, k=-1) == 1  # the key before the query
    >>> factors = next(score_factors(previous))
    >>> factors.rank
    3
    >>> factors.scores.tolist()[2]
    [0.0, 1.0, 0.0, -3.0, 0.0]
    """
    query_of, kept_queries = _classes(selected)
    key_of, kept_keys = _classes(selected.T)
    core = selected[np.ix_(kept_queries, kept_keys)]  # [n_query_classes, n_key_classes]
    for factors in _of_classes(core, min(core.shape)) if core.size else ():
        if factors.tell(core):
            yield ScoreFactors(_copied(factors.queries, query_of), _copied(factors.keys.T, key_of).T)


def _of_classes(core: Bools, below: int) -> Iterator[ScoreFactors]:
    """Score factors for distinct rows and columns, none of them zeros, of a rank less than `below`."""
    if (core.sum(axis=0) == 1).all() and (core.sum(axis=1) == 1).all():
        yield from _points(core, below)
        return
    found = [
        *_polynomials(core, below),
        *_blocks(core, below),
        *(factors.transposed for factors in _polynomials(core.T, below)),
        *(factors.transposed for factors in _blocks(core.T, below)),
    ]
    yield from sorted(found, key=lambda factors: factors.rank)


def _classes(rows: Bools) -> tuple[Ints, Ints]:
    """The class of each row, equal rows being of one class and rows of zeros of none, -1; and a row of each class.

    Classes are numbered in the order of their first rows.
    """
    _, first, inverse = np.unique(np.packbits(rows, axis=1), axis=0, return_index=True, return_inverse=True)
    kept = np.sort(first[rows[first].any(axis=1)])
    number = np.full(rows.shape[0], -1)
    number[kept] = np.arange(kept.size)
    return number[first[inverse.ravel()]], kept


def _copied(rows: Floats, classes: Ints) -> Floats:
    """The row of each class, zeros for none: [len(classes), n]."""
    return np.vstack([rows, np.zeros((1, rows.shape[1]))])[classes]


def _points(core: Bools, below: int) -> Iterator[ScoreFactors]:
    """One to one: squared distances in grids of more and more dimensions, and at last in a cube."""
    n = core.shape[0]
    place = core.argmax(axis=1)
    for d in range(1, below - 1):
        side = _side(n, d)
        digits = _digits(n, side, d)
        if side <= 2:
            signs = 2 * digits - 1
            queries = np.hstack([np.full((n, 1), 1 - d / 2), signs])
            yield ScoreFactors(queries[place], np.hstack([np.ones((n, 1)), signs / 2]).T)
            return
        if d + 2 < below:
            points = digits - side // 2
            square = np.square(points).sum(axis=1, keepdims=True)  # [n, 1]
            queries = np.hstack([1 - square, 2 * points, -np.ones((n, 1))])
            yield ScoreFactors(queries[place], np.hstack([np.ones((n, 1)), points, square]).T)


def _digits(n: int, side: int, d: int) -> Floats:
    """The first n numbers in base `side`, d digits of each: [n, d]."""
    places = np.power(side, np.arange(d, dtype=np.int64))
    digits: Ints = np.arange(n, dtype=np.int64)[:, None] // places[None, :] % side
    return digits.astype(np.float64)


def _side(n: int, d: int) -> int:
    """The smallest side of a grid of d dimensions with n points."""
    side = int(n ** (1 / d))
    return next(each for each in range(max(side - 1, 1), side + 3) if each**d >= n)


def _polynomials(core: Bools, below: int) -> Iterator[ScoreFactors]:
    """Few keys for each query: a polynomial that vanishes on them alone."""
    n_queries, n_keys = core.shape
    times = _multiplicities(core)
    degree = int(times.sum(axis=1).max(initial=0))
    if degree + 1 >= below or degree * np.log2(n_keys) > MAX_BITS:
        return
    ordinals = np.arange(n_keys, dtype=np.int64) - n_keys // 2
    values = _products(times, ordinals, np.arange(degree + 1, dtype=np.int64) - degree // 2)
    values[core.all(axis=1)] = 0
    differences: Ints = values // np.maximum(np.gcd.reduce(values, axis=1), 1)[:, None]
    coefficients, basis = np.zeros((n_queries, degree + 1)), np.ones((degree + 1, n_keys))
    binomial = np.ones(n_keys, dtype=np.int64)
    for order in range(degree + 1):
        coefficients[:, order] = -differences[:, degree // 2 - order // 2]
        basis[order] = binomial
        if order < degree:
            differences = np.diff(differences, axis=1)
            node = (order + 1) // 2 if order % 2 else -(order // 2)  # 0, 1, -1, 2, -2, ...
            binomial = binomial * (ordinals - node) // (order + 1)
    coefficients[:, 0] += 1
    yield ScoreFactors(coefficients, basis)


def _multiplicities(core: Bools) -> Ints:
    """How often each key is a root of each query's polynomial: [n_queries, n_keys]."""
    times = core.astype(np.int64)
    beside = np.pad(core, ((0, 0), (1, 1)))
    query, first = np.nonzero(core & ~beside[:, :-2])
    _, last = np.nonzero(core & ~beside[:, 2:])
    odd = ((last - first) % 2 == 0) & (first > 0) & (last < core.shape[1] - 1)
    times[query[odd], (first + last)[odd] // 2] += 1
    times[core.all(axis=1)] = 0
    return times


def _products(times: Ints, ordinals: Ints, nodes: Ints) -> Ints:
    """The values at the nodes of the polynomials with these roots, as positive elsewhere: [n_queries, n_nodes].

    Args:
        times: how often each key is a root, [n_queries, n_keys].
        ordinals: the roots, [n_keys].
        nodes: [n_nodes]
    """
    query, key = np.nonzero(times)
    several = np.repeat(np.arange(query.size), times[query, key])
    query, root = query[several], ordinals[key[several]]  # [n_factors], one query after the other
    number = np.arange(query.size) - np.searchsorted(query, query)  # of the factors of a query
    values = np.ones((times.shape[0], nodes.size), dtype=np.int64)
    for each in range(int(number.max(initial=-1)) + 1):
        values[query[number == each]] *= nodes[None, :] - root[number == each][:, None]
    outside: Ints = (times == 0).argmax(axis=1)
    above: Ints = np.asarray(times * (np.arange(ordinals.size) > outside[:, None])).sum(axis=1)
    return values * np.where(above % 2, -1, 1)[:, None]


def _blocks(core: Bools, below: int) -> Iterator[ScoreFactors]:
    """Keys near each other: which of two blocks, and which residue."""
    n_queries, n_keys = core.shape
    first: Ints = core.argmax(axis=1)
    last: Ints = n_keys - 1 - core[:, ::-1].argmax(axis=1)
    width = int((last - first).max(initial=0)) + 1
    if width < 2 or 2 * width >= below:
        return
    size, keys = width - 1, np.arange(n_keys, dtype=np.int64)
    residues = np.arange(2 * size, dtype=np.int64)
    low = first // size * size  # the first key of the block A
    key: Ints = low[:, None] + (residues[None, :] - low[:, None]) % (2 * size)  # with each residue, [n_queries, 2 size]
    told = (key < n_keys) & core[np.arange(n_queries)[:, None], np.minimum(key, n_keys - 1)]
    centre = n_keys // size // 2
    u, a = keys // size - centre, first // size - centre
    same: Bools = keys % (2 * size) == residues[:, None]  # [2 size, n_keys]
    yield ScoreFactors(
        np.hstack([told - (a * (a + 1) // 2)[:, None], a[:, None], np.full((n_queries, 1), -1)]).astype(np.float64),
        np.vstack([same, u, u * (u - 1) // 2]).astype(np.float64),
    )
