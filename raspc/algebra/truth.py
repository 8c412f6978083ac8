"""The truth of a predicate for all keys and queries."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Function, is_type_agnostic
from raspc.algebra.values import Value

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


def truth_table(predicate: Function, keys: Domain, queries: Domain) -> tuple[NDArray[np.int8], str | None]:
    """Whether a predicate holds for each pair of a key and a query.

    Comparisons of numbers are made by numpy; other predicates are called for each pair, and for each form of its values
    where these may come in several.

    Returns:
        The truth of each pair, 1, 0 or `MEANINGLESS`, [n_keys, n_queries]; and what the predicate raised, if it did for
        some form of some pair.

    Raises:
        AmbiguousPredicateError: it gives different answers for equal numbers of different types.

    >>> truth_table(Comparison.LT, Domain.of([1, 2]), Domain.of([1, 2, 3]))[0].tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    shape = (len(keys), len(queries))
    if predicate is Comparison.TRUE or predicate is Comparison.FALSE:
        return np.full(shape, predicate is Comparison.TRUE, dtype=np.int8), None
    if isinstance(predicate, Comparison) and _is_exact(keys) and _is_exact(queries):
        return _UFUNCS[predicate](keys.numbers[:, None], queries.numbers[None, :]).astype(np.int8), None
    agnostic = is_type_agnostic(predicate)
    truth = np.zeros(shape, dtype=np.int8)
    problem: str | None = None
    for row, key in enumerate(keys.values):
        for column, query in enumerate(queries.values):
            pairs = [(key, query)] if agnostic else list(product(keys.forms(key), queries.forms(query)))
            found: set[bool] = set()
            for pair in pairs:
                try:
                    found.add(bool(predicate(*pair)))
                except Exception as error:  # whatever the user's predicate raises
                    shown = f"key {pair[0]!r} and query {pair[1]!r}"
                    problem = problem or f"it raised {type(error).__name__} ({error}) for {shown}"
            if len(found) > 1:
                raise AmbiguousPredicateError(key, query)
            truth[row, column] = found.pop() if found else MEANINGLESS
    return truth, problem


def negated(truth: NDArray[np.int8]) -> NDArray[np.int8]:
    """The truth of the complement; what is meaningless stays so."""
    return np.where(truth == MEANINGLESS, MEANINGLESS, 1 - truth).astype(np.int8)


def _is_exact(domain: Domain) -> bool:
    """Whether comparing the float64 of the values is comparing the values."""
    return domain.is_numeric and bool((np.abs(domain.numbers) < EXACT_INTEGERS).all())
