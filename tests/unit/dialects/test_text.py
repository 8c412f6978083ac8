"""What a text may stand for, and how malformed text is refused."""

from __future__ import annotations

import pytest
from xdsl.utils.exceptions import ParseError

from raspc.dialects.text import MAX_ALIASED, MAX_IMPLIED, read_module
from raspc.errors import FormatError
from tests.unit.dialects.texts import context


def read(text: str) -> str:
    return str(read_module(context(), text, "test.mlir"))


def attribute(text: str) -> str:
    return f"builtin.module attributes {{a = {text}}} {{\n}}\n"


def test_what_is_written_out_has_no_limit():
    numbers = ", ".join(["1.0"] * 5000)
    assert read(attribute(f"dense<[{numbers}]> : tensor<5000xf32>"))


@pytest.mark.parametrize(
    "text",
    [
        "dense<0.0> : tensor<99999999x99999999xf32>",
        'dense<"0x00000000"> : tensor<100000x100000xf32>',
        "dense<1> : vector<100000x100000xi8>",
        f"dense<0.0> : tensor<{'2x' * 100}f32>",
        "#rasp.domain<0 to 16777215>",
        "!rasp.sop<categorical 0 to 16777215>",
        '!craft.vec<"a" 0 to 16777215>',
    ],
)
def test_a_short_text_does_not_fill_the_memory(text: str):
    with pytest.raises(ParseError, match="numbers are too many for what isn't written out"):
        read(attribute(text))


@pytest.mark.parametrize(
    "text", ["#rasp.domain<0 to 99999>", "#craft.matrix<100000 by 100000 identity>", "dense<0.0> : tensor<100000xf32>"]
)
def test_many_of_what_is_allowed_once_are_too_many(text: str):
    assert read(attribute(text))
    with pytest.raises(ParseError, match="100000 numbers are too many"):
        read(attribute(f"[{', '.join([text] * (2 + MAX_IMPLIED // 100_000))}]"))


def test_aliases_of_aliases_are_not_expanded():
    aliases = ["#a0 = [1, 2]", *(f"#a{i} = [#a{i - 1}, #a{i - 1}]" for i in range(1, 60))]
    with pytest.raises(FormatError, match=f"the module has more than {MAX_ALIASED}[0-9]* attributes|more than"):
        read("\n".join(aliases) + "\n" + attribute("#a59"))
    assert read("\n".join(aliases[:5]) + "\n" + attribute("#a4"))


def test_types_of_types_are_not_expanded():
    aliases = ["!a0 = tuple<i1, i2>", *(f"!a{i} = tuple<!a{i - 1}, !a{i - 1}>" for i in range(1, 60))]
    with pytest.raises(FormatError, match="attributes, counting what aliases stand for"):
        read("\n".join(aliases) + "\n" + attribute("!a59"))


def test_a_number_of_too_many_digits():
    for number in ("9" * 5000, "-" + "9" * 5000):
        with pytest.raises(FormatError, match="line 1: a number has more than 4300 digits"):
            read(attribute(number))
    assert read(attribute(f'"{"9" * 5000}"'))  # a string
    with pytest.raises(ParseError, match="not registered"):
        read(f'"foo.x{"9" * 5000}"() : () -> ()')


@pytest.mark.parametrize("opening", ["[", "{a = ", "tuple<"])
def test_deep_nesting(opening: str):
    with pytest.raises(FormatError, match="line 1: the module is nested too deeply"):
        read(attribute(opening * 5000))


def test_a_string_that_is_not_closed():
    with pytest.raises(FormatError, match="line 2: a string literal is not closed"):
        read('// "\n"' + "a" * 100_000 + "\n")
