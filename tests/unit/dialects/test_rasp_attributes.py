import math
import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.utils.exceptions import ParseError, VerifyException

from raspc.algebra.comparison import Comparison
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import UNREACHABLE, Affine, Function, Opaque, Table
from raspc.algebra.values import MaybeValue, Value, normalise
from raspc.dialects.rasp import DomainAttr, FunctionAttr, SelectorType, SopType, ValueAttr
from raspc.dialects.rasp.attributes import Encoding
from raspc.errors import CompileError
from tests.unit.dialects.texts import (
    FLOATS,
    INTS,
    LISTS,
    MAYBE_VALUES,
    TEXTS,
    domains,
    parse_attribute,
    print_attribute,
    shape,
    there_and_back,
)


class TestValues:
    @given(MAYBE_VALUES)
    def test_round_trip(self, value: MaybeValue):
        attribute = there_and_back(ValueAttr(value))
        assert shape(attribute.data) == shape(value)
        assert attribute == ValueAttr(value)

    @given(TEXTS)
    def test_strings(self, text: str):
        assert there_and_back(ValueAttr(text)).data == text

    @pytest.mark.parametrize("text", ["\ud800", "\udfff a", "\x00\x7f\x80\xa0", "\u2028", '"\\', "// -----", "é", "😀"])
    def test_unusual_strings(self, text: str):
        assert there_and_back(ValueAttr(text)).data == text

    @given(st.floats(allow_nan=False))
    def test_floats_have_their_shortest_text(self, number: float):
        text = print_attribute(ValueAttr(normalise(number)))
        assert len(text) <= len(f"#rasp.value<{number!r}>") + 2

    def test_attributes_of_equal_values_of_different_types_differ(self):
        attributes = [ValueAttr(value) for value in (1, 1.0, True, (1,), (1.0,), "1")]
        assert len(set(attributes)) == len(attributes)
        assert all((a == b) == (a is b) for a, b in product(attributes, repeat=2))

    @pytest.mark.parametrize(
        ("text", "value"),
        [("-inf", -math.inf), ("- 5", -5), ("0x1F", 31), ("-0.0", 0.0), ("(1, 2,)", (1, 2)), ("none", None)],
    )
    def test_other_spellings(self, text: str, value: MaybeValue):
        attribute = parse_attribute(f"#rasp.value<{text}>")
        assert isinstance(attribute, ValueAttr)
        assert shape(attribute.data) == shape(value)

    @pytest.mark.parametrize(
        "text", ["", "nan", "1.0e400", "-true", "(none,)", "(1", "1 2", '"\\FF"', "x", "[1]", "9" * 5000]
    )
    def test_bad_values(self, text: str):
        with pytest.raises(ParseError):
            parse_attribute(f"#rasp.value<{text}>")

    def test_nesting_has_a_limit(self):
        assert parse_attribute(f"#rasp.value<{'(' * 32}{')' * 32}>")
        with pytest.raises(ParseError, match="nested 32 deep"):
            parse_attribute(f"#rasp.value<{'(' * 5000}{')' * 5000}>")


class TestDomains:
    @given(domains())
    def test_round_trip(self, domain: Domain):
        again = there_and_back(DomainAttr(domain)).data
        assert again == domain
        assert shape(again.values) == shape(domain.values)

    @given(LISTS, st.randoms())
    def test_values_may_stand_in_any_order(self, values: list[Value], random):
        domain = Domain.of(normalise(value) for value in values)
        shuffled = [print_attribute(ValueAttr(value)).removeprefix("#rasp.value<")[:-1] for value in domain.values]
        random.shuffle(shuffled)
        attribute = parse_attribute(f"#rasp.domain<[{', '.join(shuffled)}]>")
        assert isinstance(attribute, DomainAttr)
        assert shape(attribute.data.values) == shape(domain.values)

    @given(st.lists(st.integers(), unique=True, min_size=65, max_size=80))
    def test_many_ints_are_short(self, values: list[int]):
        text = print_attribute(DomainAttr(Domain.of(values)))
        fits = all(-(2**63) <= value < 2**63 for value in values)
        assert text.startswith(f"#rasp.domain<{'i64' if fits else '['}") or " to " in text

    def test_a_range_of_a_million_is_short(self):
        attribute = DomainAttr(Domain(tuple(range(-(10**6), 10**6))))
        assert print_attribute(attribute) == "#rasp.domain<-1000000 to 999999>"
        assert there_and_back(attribute) == attribute

    @pytest.mark.parametrize(
        "text",
        ["[1, 1]", "[1, true]", "[(1,), (1.0,)]", "4 to 0", "0 to 99999999999", "[1] or", "[none]", "[1", "i64 [1]"],
    )
    def test_bad_domains(self, text: str):
        with pytest.raises(ParseError):
            parse_attribute(f"#rasp.domain<{text}>")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    arguments = tuple(draw(domains()).values for _ in range(draw(st.integers(1, 2))))
    arguments = tuple(values[:12] for values in arguments)
    cells = math.prod(len(values) for values in arguments)
    result = st.sampled_from([UNREACHABLE, None, True, 1, 1.0, "a", (1, "a"), -7]) | MAYBE_VALUES
    return Table(arguments, tuple(draw(st.lists(result, min_size=cells, max_size=cells))))


NUMBERS = (INTS | FLOATS.filter(math.isfinite)).map(normalise)

AFFINE = st.builds(lambda cs, c: Affine(tuple(cs), c), st.lists(NUMBERS, min_size=1, max_size=3), NUMBERS)

BODIES = (
    *("x", "x + 1", "(x + 1) * 2", "-x ** 2", "x if y else None", "x == y or not x", "(x, (y,), ())", "x[1:]"),
    *("x.upper() + 'é\"\\n'", "min(x, y, 3.5e-07)", "x < y < 3 and x not in (1, 2)", "~x & 7 | y << 2", "'%s' % x"),
)


class TestFunctions:
    def round_trip(self, function: Function) -> None:
        assert there_and_back(FunctionAttr(function)).data == function

    @pytest.mark.parametrize("comparison", list(Comparison))
    def test_comparisons(self, comparison: Comparison):
        self.round_trip(comparison)
        assert print_attribute(FunctionAttr(comparison)) == f"#rasp.function<{comparison.mnemonic}>"

    @pytest.mark.parametrize("body", BODIES)
    def test_expressions(self, body: str):
        self.round_trip(Expression(("x", "y"), body))

    @given(TEXTS)
    def test_expressions_with_strings(self, text: str):
        self.round_trip(Expression(("x",), repr(text)))

    @given(AFFINE)
    def test_affine_combinations(self, affine: Affine):
        again = there_and_back(FunctionAttr(affine)).data
        assert isinstance(again, Affine)
        assert shape(again.coefficients) == shape(affine.coefficients)
        assert again.constant == affine.constant

    @given(tables())
    def test_tables(self, table: Table):
        again = there_and_back(FunctionAttr(table)).data
        assert isinstance(again, Table)
        assert shape(again.arguments) == shape(table.arguments)
        assert shape(again.results) == shape(table.results)

    def test_a_table_that_raises_on_one_form_of_a_number(self):
        table = Table(((0, 1),), ("a", "b"), ((0.0,), (1.0,), (True,)))
        assert print_attribute(FunctionAttr(table)) == (
            '#rasp.function<table ([0, 1]) -> ["a", "b"] raising [(0.0,), (1.0,), (true,)]>'
        )
        again = there_and_back(FunctionAttr(table)).data
        assert isinstance(again, Table)
        assert repr(again) == repr(table)

    def test_a_table_with_results_of_several_types(self):
        table = Table(((1, 2),), (2, 4), forms=(((1.0,), 2.0), ((2.0,), 4.0)))
        assert print_attribute(FunctionAttr(table)) == (
            "#rasp.function<table ([1, 2]) -> [2, 4] forms [((1.0,), 2.0), ((2.0,), 4.0)]>"
        )
        again = there_and_back(FunctionAttr(table)).data
        assert isinstance(again, Table)
        assert repr(again) == repr(table)
        assert [repr(again(x)) for x in (1, 1.0, True)] == ["2", "2.0", "2"]

    def test_large_table(self):
        arguments = (tuple(range(300)), tuple(f"key {key}" for key in range(200)))
        results = tuple(
            None if cell % 7 == 0 else UNREACHABLE if cell % 5 == 0 else cell % 11 for cell in range(60_000)
        )
        self.round_trip(Table(arguments, results))

    def test_a_python_function_has_no_text(self):
        with pytest.raises(CompileError, match="run the pass infer-values first"):
            print_attribute(FunctionAttr(Opaque(len, "len")))

    @pytest.mark.parametrize(
        "text",
        [
            *("", "equals", '"x"', '"x -> "', '"x, x -> x"', '"x -> y"', '"x -> eval(x)"', '"x -> None"', '"é -> 1"'),
            *("affine", "affine [x]", "affine [true]", "affine [inf]", "affine [1] + 1.0e400"),
            *(
                "table ([1]) -> []",
                "table ([1, 1]) -> [1, 2]",
                "table [1] -> [1]",
                'table ([1]) -> [1] at "0x01000000"',
                "table ([1]) -> [1] raising",
                "table ([1]) -> [1] raising [1.0]",
                "table ([1]) -> [1] raising [(1.0, 2.0)]",
                "table ([1]) -> [1] forms",
                "table ([1]) -> [1] forms [(1.0, 1.0)]",
                "table ([1]) -> [1] forms [((1.0,), 2.0)]",
                "table ([1]) -> [1] forms [((1.0, 1), 1.0)]",
                "table ([1]) -> [1] forms [((2.0,), 1.0)]",
            ),
        ],
    )
    def test_bad_functions(self, text: str):
        with pytest.raises(ParseError):
            parse_attribute(f"#rasp.function<{text}>")


class TestTypes:
    @given(st.none() | domains(), st.sampled_from(Encoding))
    def test_round_trip(self, domain: Domain | None, encoding: Encoding):
        if encoding == Encoding.NUMERICAL and domain is not None and not domain.is_numeric:
            with pytest.raises(VerifyException, match="must be finite numbers"):
                SopType(domain, encoding)
            return
        sop_type = SopType(domain, encoding)
        again = there_and_back(sop_type)
        assert again == sop_type
        assert again.known_domain == domain

    def test_selector(self):
        assert there_and_back(SelectorType()) == SelectorType()
        assert print_attribute(SelectorType()) == "!rasp.selector"


def test_large_domains_print_and_parse_quickly():
    start = time.perf_counter()
    attribute = DomainAttr(Domain(tuple(value / 3 for value in range(100_000))))
    assert there_and_back(attribute) == attribute
    print(f"100,000 floats: {time.perf_counter() - start:.2f} s")


class TestEquality:
    """Ops with equal attributes are merged: equal values of other types must not count as equal there."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (Affine((1,)), Affine((1.0,))),
            (Affine((2,), 1), Affine((2,), True)),
            (Table(((0, 1),), (0, 1)), Table(((0, 1),), (False, True))),
            (Table(((0, 1),), ((0,), None)), Table(((0, 1),), ((0.0,), None))),
            (Table(((0, 1),), (0, 1)), Table(((0, 1.0),), (0, 1))),
            (Table(((0, 1),), (0, UNREACHABLE)), Table(((0, 1),), (0, None))),
            (Table(((0, 1),), (0, 1)), Table(((0, 1),), (0, 1), ((True,),))),
            (Expression.parse("x -> 1"), Expression.parse("x -> True")),
        ],
    )
    def test_functions_with_values_of_other_types_differ(self, one: Function, other: Function):
        assert FunctionAttr(one) == FunctionAttr(one)
        assert hash(FunctionAttr(one)) == hash(FunctionAttr(one))
        assert FunctionAttr(one) != FunctionAttr(other)

    def test_domains_with_values_of_other_types_differ(self):
        assert DomainAttr(Domain.of([0, 1])) == DomainAttr(Domain.of([1, 0]))
        for values in ([False, True], [0.0, 1.0], [0, 1, None], [0, 1, 1.0]):
            assert DomainAttr(Domain.of([0, 1])) != DomainAttr(Domain.of(values))
        assert SopType(Domain.of([0, 1])) != SopType(Domain.of([False, True]))
