# The operators are tested in the spellings that ruff would change.
# ruff: noqa: RUF005, SIM300
import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from raspc import rasp
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Affine, Opaque
from raspc.errors import ProgramError, SourceLocation
from raspc.rasp import Comparison, indices, length, library, tokens


def text(sop: rasp.SOp) -> str:
    """The expression of a map."""
    assert isinstance(sop, rasp.Map)
    return str(sop.function)


class TestOperators:
    @pytest.mark.parametrize(
        ("sop", "expected"),
        [
            (tokens + 1, "x -> x + 1"),
            (1 + tokens, "x -> 1 + x"),
            (5 - tokens, "x -> 5 - x"),
            (tokens - -5, "x -> x - -5"),
            (-1 * tokens, "x -> -1 * x"),
            ((-1) ** tokens, "x -> (-1) ** x"),
            (tokens**2, "x -> x ** 2"),
            (tokens / 2, "x -> x / 2"),
            (2 / tokens, "x -> 2 / x"),
            (tokens // 2, "x -> x // 2"),
            (2 // tokens, "x -> 2 // x"),
            (tokens % 2, "x -> x % 2"),
            (2 % tokens, "x -> 2 % x"),
            (-tokens, "x -> -x"),
            (+tokens, "x -> +x"),
            (abs(tokens), "x -> abs(x)"),
            (tokens == "a", "x -> x == 'a'"),
            (tokens != "it's", 'x -> x != "it\'s"'),
            (tokens < 2, "x -> x < 2"),
            (2 < tokens, "x -> x > 2"),
            (tokens >= 2, "x -> x >= 2"),
            (2 >= tokens, "x -> x <= 2"),
            (2 == tokens, "x -> x == 2"),
            (tokens & 1, "x -> x and 1"),
            (1 & tokens, "x -> 1 and x"),
            (tokens | 0, "x -> x or 0"),
            (5 | tokens, "x -> 5 or x"),
            (~tokens, "x -> not x"),
            (tokens + (1, ("a",)), "x -> x + (1, ('a',))"),
            ("a" + tokens, "x -> 'a' + x"),
            ((1,) + tokens, "x -> (1,) + x"),
            (tokens < math.inf, "x -> x < 1e309"),
            (
                tokens + np.int64(2),  # type: ignore
                "x -> x + 2",
            ),
            (
                np.int64(2) - tokens,  # type: ignore
                "x -> 2 - x",
            ),
            (np.float64(0.5) < tokens, "x -> x > 0.5"),
            (tokens + indices, "x, y -> x + y"),
            (tokens & indices, "x, y -> x and y"),
            (tokens <= indices, "x, y -> x <= y"),
            (tokens * tokens, "x -> x * x"),
            (tokens == "{}", "x -> x == '{}'"),
        ],
    )
    def test_are_expressions(self, sop: rasp.SOp, expected: str):
        assert text(sop) == expected

    def test_operands_keep_their_order(self):
        difference = indices - tokens
        assert isinstance(difference, rasp.SequenceMap)
        assert difference.inners == (difference.fst, difference.snd)
        assert difference.fst is indices
        assert difference.snd is tokens
        assert type(tokens - tokens) is rasp.Map

    @pytest.mark.parametrize(
        "constant", [None, [1], {1}, math.nan, object(), rasp.Select(tokens, tokens, Comparison.EQ)]
    )
    def test_other_constants_are_refused(self, constant: Any):
        for operation in (lambda: tokens + constant, lambda: constant == tokens, lambda: tokens & constant):
            with pytest.raises(ProgramError, match="can't combine"):
                operation()

    @pytest.mark.parametrize(
        "constant",
        [10**5000, "\0" * 3000, "a" * 20_000, (("a" * 4000,),) * 3],
        ids=lambda constant: type(constant).__name__,
    )
    def test_large_constants(self, constant: Any):
        swapped: Any = (constant, 1) == tokens
        assert (tokens == constant)([constant, 1]) == [True, False]
        assert swapped([constant, (constant, 1)]) == [False, True]

    def test_selectors(self):
        fst, snd = rasp.Select(tokens, tokens, Comparison.EQ), rasp.Select(indices, indices, Comparison.LT)
        conjunction, disjunction, negation = fst & snd, fst | snd, ~fst
        assert isinstance(conjunction, rasp.SelectorAnd)
        assert isinstance(disjunction, rasp.SelectorOr)
        assert isinstance(negation, rasp.SelectorNot)
        assert conjunction.children == disjunction.children == (fst, snd)
        assert negation.children == (fst,)
        assert type(rasp.selector_and(fst, snd)) is rasp.SelectorAnd
        assert type(rasp.selector_or(fst, snd)) is rasp.SelectorOr
        assert type(rasp.selector_not(fst)) is rasp.SelectorNot
        with pytest.raises(ProgramError, match="SelectorAnd: expected a selector, found <TokensType 'tokens'>"):
            fst & tokens  # type: ignore

    def test_no_truth(self):
        for expr in (tokens == 1, rasp.Select(tokens, tokens, Comparison.EQ)):
            with pytest.raises(ProgramError, match="neither true nor false"):
                bool(expr)
        with pytest.raises(TypeError):
            assert 0 < tokens < 3

    def test_are_found_by_identity(self):
        sops = [tokens, indices, length, tokens + 1]
        assert [sops.index(sop) for sop in sops[:1]] == [0]
        assert len(set(sops)) == 4
        assert {sop: i for i, sop in enumerate(sops)}[length] == 2


class TestExpressions:
    def test_map(self):
        f = lambda x: x + 1  # noqa: E731
        sop = rasp.Map(f, tokens)
        assert sop.f is f
        assert sop.function == Expression.parse("x -> x + 1")
        assert sop.inner is tokens
        assert sop.children == sop.inners == (tokens,)
        assert isinstance(rasp.Map(lambda x: x.upper(), tokens).function, Opaque)

    def test_maps_of_many_operands(self):
        sop = rasp.SequenceMap(lambda a, b, c: a + b * c, tokens, indices, length)
        assert sop.children == (tokens, indices, length)
        assert sop([5, 6]) == [5, 8]

    def test_linear_sequence_map(self):
        sop = rasp.LinearSequenceMap(tokens, indices, 2, np.float64(-0.5))
        assert (sop.fst_fac, sop.snd_fac) == (2, -0.5)
        assert sop.function == Affine((2, -0.5))
        assert sop([1, 2]) == [2, 3.5]
        for factor in ("a", math.inf, math.nan, None):
            with pytest.raises(TypeError):
                rasp.LinearSequenceMap(tokens, indices, 1, factor)  # type: ignore

    def test_select(self):
        assert rasp.Select(tokens, indices, lambda k, q: q > k).function is Comparison.LT
        assert rasp.Select(tokens, indices, lambda k, q: q > k + 1).function == Expression.parse("k, q -> q > k + 1")
        select = rasp.Select(tokens, indices, Comparison.EQ)
        assert select.keys is tokens
        assert select.queries is indices
        assert select.predicate is Comparison.EQ

    def test_constants_are_normalised(self):
        assert type(rasp.Full(np.int64(3)).fill) is int  # type: ignore
        selector = rasp.Select(tokens, tokens, Comparison.EQ)
        default = rasp.Aggregate(selector, tokens, default=(np.float32(0.5),)).default  # type: ignore
        assert default == (0.5,)
        assert isinstance(default, tuple)
        assert type(default[0]) is float
        assert rasp.ConstantSOp([1, None, "a"]).value == (1, None, "a")

    @pytest.mark.parametrize(
        ("build", "message"),
        [
            (lambda: rasp.Map(lambda x: x, 1), "Map: expected an s-op, found 1 of type int; use Full"),  # type: ignore
            (lambda: rasp.Map(tokens, tokens), "Map: expected a function"),  # type: ignore
            (lambda: rasp.Map(1, tokens), "expected a function, found 1"),  # type: ignore
            (lambda: rasp.Map(lambda x, y: x, tokens), "can't be called with 1 argument"),
            (lambda: rasp.SequenceMap(lambda x: x, tokens, indices), "can't be called with 2 arguments"),
            (lambda: rasp.Select(tokens, "a", Comparison.EQ), "Select: expected an s-op, found 'a' of type str"),  # type: ignore
            (lambda: rasp.Select(tokens, tokens, tokens), "Select: expected a predicate"),  # type: ignore
            (lambda: rasp.Select(tokens, tokens, lambda k: k), "can't be called with 2"),  # type: ignore
            (lambda: rasp.Aggregate(tokens, tokens), "Aggregate: expected a selector, found <TokensType"),  # type: ignore
            (lambda: rasp.SelectorWidth(tokens), "SelectorWidth: expected a selector"),  # type: ignore
            (lambda: rasp.Aggregate(length.selector, tokens, [1]), "Aggregate: expected a value: \\[1\\]"),  # type: ignore
            (lambda: rasp.Full(math.nan), "Full: expected a value: NaN"),
            (lambda: rasp.ConstantSOp([[1]]), "ConstantSOp: expected a value"),  # type: ignore
            (lambda: rasp.ConstantSelector([[True], [False]]), "ConstantSelector: expected a square matrix"),
            (lambda: tokens.named(""), "expected a non-empty string as a name"),
            (lambda: rasp.annotate(tokens, encoding="numerical"), "expected an Encoding, found 'numerical'"),
        ],
    )
    def test_wrong_arguments(self, build: Callable[[], object], message: str):
        with pytest.raises(ProgramError, match=message):
            build()

    def test_messages_say_where(self):
        with pytest.raises(ProgramError, match=r"^\S*test_expressions\.py:\d+: Map: expected an s-op"):
            rasp.Map(lambda x: x, "tokens")  # type: ignore


class TestAnnotations:
    def test_are_added_to_copies(self):
        sop = tokens + 1
        named = sop.named("plus_one")
        assert (sop.name, named.name) == ("map", "plus_one")
        assert named is not sop
        assert named.children == (tokens,)
        assert type(named) is type(sop)
        assert tokens.name == "tokens"
        both = rasp.annotate(named, encoding=rasp.Encoding.NUMERICAL, remark=3)
        assert dict(both.annotations) == {"name": "plus_one", "encoding": rasp.Encoding.NUMERICAL, "remark": 3}
        with pytest.raises(TypeError):
            both.annotations["name"] = "x"  # type: ignore

    def test_encodings(self):
        assert rasp.get_encoding(tokens) is None
        assert not rasp.is_numerical(tokens)
        assert not rasp.is_categorical(tokens)
        assert rasp.is_numerical(rasp.numerical(tokens))
        assert rasp.is_categorical(rasp.categorical(rasp.numerical(tokens)))

    @pytest.mark.parametrize(
        ("expr", "name"),
        [
            (tokens, "tokens"),
            (indices, "indices"),
            (length, "length"),
            (rasp.Map(abs, tokens), "map"),
            (tokens + indices, "sequence_map"),
            (rasp.LinearSequenceMap(tokens, indices, 1, 1), "linear_sequence_map"),
            (rasp.Full(1), "full"),
            (rasp.ConstantSOp([1]), "constant_sop"),
            (rasp.SelectorWidth(length.selector), "selector_width"),
            (rasp.Aggregate(length.selector, tokens), "aggregate"),
            (rasp.Select(tokens, tokens, Comparison.EQ), "select"),
            (rasp.ConstantSelector([[True]]), "constant_selector"),
            (length.selector & length.selector, "selector_and"),
            (length.selector | length.selector, "selector_or"),
            (~length.selector, "selector_not"),
        ],
    )
    def test_default_names(self, expr: rasp.RASPExpr, name: str):
        assert expr.name == name
        assert expr.label.rsplit("_", 1)[0] == name
        assert name in repr(expr)

    def test_labels_are_unique(self):
        exprs = [tokens, tokens.named("tokens"), *(tokens + 1 for _ in range(3))]
        assert all(a.label != b.label for a, b in itertools.combinations(exprs, 2))


class TestWhere:
    def here(self, line: int) -> SourceLocation:
        return SourceLocation(__file__, line)

    def test_is_the_users_line(self):
        sop = tokens + 1
        line = (lambda: None).__code__.co_firstlineno - 1
        assert sop.where == self.here(line)
        assert sop.named("x").where == self.here(line)

    def test_of_library_programs_is_the_call(self):
        program = library.make_sort_freq(5)
        line = (lambda: None).__code__.co_firstlineno - 1
        seen: list[rasp.RASPExpr] = [program]
        while seen:
            expr = seen.pop()
            assert expr.where in (None, self.here(line))
            seen.extend(expr.children)
        assert program.where == self.here(line)

    def test_primitives_have_none(self):
        assert [expr.where for expr in (tokens, indices, length, length.selector)] == [None] * 4
