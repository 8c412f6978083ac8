from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.functions import Opaque
from raspc.algebra.truth import MEANINGLESS, truth_table

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
