import numpy as np
import pytest

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Opaque
from raspc.algebra.truth import MEANINGLESS, AmbiguousPredicateError, score_rank, truth_table

INTS = Domain((0, 1), mixed=True)


def test_where_a_predicate_raises_it_has_no_truth():
    truth = truth_table(Comparison.LT, Domain.of([1, "a"]), Domain.of([1, "a"]))
    assert truth.holds.tolist() == [[0, MEANINGLESS], [MEANINGLESS, 0]]
    assert truth.raised.tolist() == [[False, True], [True, False]]
    assert (
        truth.problem
        == "it raised TypeError ('<' not supported between instances of 'int' and 'str') for key 1 and query 'a'"
    )
    assert truth.raising == ()


def test_a_predicate_may_raise_on_one_form_of_a_number():
    truth = truth_table(Opaque(lambda key, query: "ab"[key] == query, "f"), INTS, Domain.of(["a"]))
    assert truth.holds.tolist() == [[1], [0]]
    assert truth.raised.tolist() == [[True], [True]]
    assert list(map(repr, truth.raising)) == ["(0.0, 'a')", "(1.0, 'a')"]


def test_comparisons_of_numbers_never_raise():
    truth = truth_table(Comparison.LEQ, INTS, INTS)
    assert truth.holds.tolist() == [[1, 1], [0, 1]]
    assert (truth.raised.any(), truth.problem, truth.raising) == (False, None, ())


def test_arithmetic_may_tell_large_numbers_apart_by_their_types():
    large = Domain((2**60,), mixed=True)
    sums = Domain.of([2**60 + 1])
    predicate = Expression(("k", "q"), "k + 1 == q")
    assert truth_table(predicate, Domain.of([2**60]), sums).holds.tolist() == [[1]]
    assert truth_table(predicate, INTS, Domain.of([1])).holds.tolist() == [[1], [0]]
    with pytest.raises(AmbiguousPredicateError):
        truth_table(predicate, large, sums)
    assert truth_table(Comparison.EQ, large, Domain.of([2.0**60])).holds.tolist() == [[1]]


def test_the_rank_of_scores_counts_distinct_rows_or_columns_however_long_they_are():
    for n in (1, 8, 9, 20):
        assert score_rank(np.eye(n, dtype=np.bool_)) == n
        assert score_rank(np.ones((n, 20), dtype=np.bool_)) == 1
        assert score_rank(np.zeros((n, n), dtype=np.bool_)) == 0
        assert score_rank(np.tri(n, dtype=np.bool_)) == n
