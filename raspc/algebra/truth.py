"""The truth of a predicate for all keys and queries."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Watched
from raspc.algebra.functions import Function, is_type_agnostic
from raspc.algebra.semantics import described
from raspc.algebra.values import Value, reach_of, shortened
from raspc.errors import BoundError, EffortError

MEANINGLESS = -1
"""The truth of a pair for which the predicate raises an exception."""

_UFUNCS = {
    Comparison.EQ: np.equal,
    Comparison.NEQ: np.not_equal,
    Comparison.LT: np.less,
    Comparison.LEQ: np.less_equal,
    Comparison.GT: np.greater,
    Comparison.GEQ: np.greater_equal,
}

EXACT_INTEGERS = 2.0**53
"""Ints up to this are exact as float64."""


class AmbiguousPredicateError(Exception):
    """A predicate tells equal numbers apart."""

    def __init__(self, key: Value, query: Value):
        super().__init__(f"forms of {key!r} and {query!r} differ")


@dataclass(frozen=True, eq=False)
class Truth:
    """The truth of a predicate for all keys and queries.

    Attributes:
        holds: for each pair 1, 0 or `MEANINGLESS`, [n_keys, n_queries].
        raised: where the predicate raised an exception for some form of the pair, [n_keys, n_queries].
        problem: what it raised first, `None` if it never did.
        raising: the forms on which it raised though it holds or doesn't on equal ones.
        exceeds_text: whether it is an expression that can't be evaluated as a text can; see `expression.Watched`.
    """

    holds: NDArray[np.int8]
    raised: NDArray[np.bool_]
    problem: str | None = None
    raising: tuple[tuple[Value, Value], ...] = ()
    exceeds_text: bool = False


def truth_table(predicate: Function, keys: Domain, queries: Domain) -> Truth:
    """Whether a predicate holds for each pair of a key and a query.

    Comparisons of numbers are made by numpy; other predicates are called for each pair, and for each form of its values
    where these may come in several.

    Raises:
        AmbiguousPredicateError: it gives different answers for equal numbers of different types.
        BoundError, EffortError: it can't be evaluated.

    >>> truth_table(Comparison.LT, Domain.of([1, 2]), Domain.of([1, 2, 3])).holds.tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    shape = (len(keys), len(queries))
    if predicate is Comparison.TRUE or predicate is Comparison.FALSE:
        # One element in memory, for there may be 2**28 pairs.
        holds = np.broadcast_to(np.int8(predicate is Comparison.TRUE), shape)
        return Truth(holds, np.broadcast_to(np.False_, shape))
    raised = np.zeros(shape, dtype=np.bool_)
    if isinstance(predicate, Comparison) and _is_exact(keys) and _is_exact(queries):
        return Truth(_UFUNCS[predicate](keys.numbers[:, None], queries.numbers[None, :]).astype(np.int8), raised)
    agnostic = is_type_agnostic(predicate, max(map(reach_of, (*keys.values, *queries.values)), default=0.0))
    watched = Watched(predicate)
    holds = np.zeros(shape, dtype=np.int8)
    problem: str | None = None
    raising: list[tuple[Value, Value]] = []
    for row, key in enumerate(keys.values):
        for column, query in enumerate(queries.values):
            pairs = [(key, query)] if agnostic else list(product(keys.forms(key), queries.forms(query)))
            found: set[bool] = set()
            failed: list[tuple[Value, Value]] = []
            for pair in pairs:
                try:
                    found.add(bool(watched(*pair)))
                except (BoundError, EffortError):
                    raise
                except Exception as error:  # whatever the user's predicate raises
                    shown = f"key {shortened(pair[0], 80)} and query {shortened(pair[1], 80)}"
                    problem = problem or f"it raised {described(error)} for {shown}"
                    failed.append(pair)
            if len(found) > 1:
                raise AmbiguousPredicateError(key, query)
            raised[row, column] = bool(failed)
            if found:
                raising += failed
            holds[row, column] = found.pop() if found else MEANINGLESS
    return Truth(holds, raised, problem, tuple(raising), watched.exceeded)


def negated(truth: NDArray[np.int8]) -> NDArray[np.int8]:
    """The truth of the complement; what is meaningless stays so."""
    return np.where(truth == MEANINGLESS, MEANINGLESS, 1 - truth).astype(np.int8)


def score_rank(holds: NDArray[np.bool_]) -> int:
    """The dimensions of queries and keys whose products are 1 where a predicate holds and 0 elsewhere.

    They are its distinct rows or its distinct columns, whichever are fewer; rows (columns) of zeros count for nothing.

    >>> score_rank(np.array([[True, False, False], [True, False, False], [False, False, False]]))
    1
    """
    return min(_distinct_rows(holds), _distinct_rows(holds.T))


def _distinct_rows(matrix: NDArray[np.bool_]) -> int:
    rows = np.packbits(matrix, axis=1)
    rows = rows[rows.any(axis=1)]
    return len(np.unique(rows, axis=0)) if rows.size else 0


def _is_exact(domain: Domain) -> bool:
    """Whether comparing the float64 of the values is comparing the values."""
    return domain.is_numeric and bool((np.abs(domain.numbers) < EXACT_INTEGERS).all())
