"""What a component writes ideally is a value of its domain, or it isn't certified."""

from __future__ import annotations

from dataclasses import replace

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.dialects import craft
from raspc.dialects.craft.certificate import CertificateAttr
from raspc.dialects.craft.digest import bind, is_bound
from raspc.errors import CompileError
from raspc.passes.certification import written
from raspc.passes.certification.ideal import check_ideal
from raspc.passes.certify import CertifyPass, certificate_of
from tests.programs.levels import parse

TOKENS = '%tokens = craft.embed_tokens : "tokens" [0, 1]'
PLACES = '%places = craft.embed_positions : "places" [0, 1]'


def model(*ops: str, output: str = "%p") -> craft.ModelOp:
    """A model of tokens and positions 0 and 1."""
    lines = [TOKENS, PLACES, *ops, f"craft.unembed {output}"]
    module = parse("craft.model @m vocab [0, 1] max_seq_len 2 {\n" + "\n".join(lines) + "\n}")
    module.verify()
    (found,) = module.ops
    assert isinstance(found, craft.ModelOp)
    return found


def mlp(read: str, w_in: str, bias: str, w_out: str, domain: str, name: str = "p", layer: int = 0) -> str:
    return f'%{name} = craft.mlp layer {layer} ({read}) w_in({w_in}) bias [{bias}] w_out({w_out}) : "{name}" {domain}'


SELECTED = "score 0.5 temperature 100.0"


def head(value: str, ov: str, bos: str, domain: str, more: str = SELECTED) -> str:
    return (
        "%p = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) "
        f'value({value}) ov({ov}) bos [{bos}] {more} : "p" {domain}'
    )


NUMBERS = (
    "%x = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[0], [1]]) "
    'bos [0] score 0.5 temperature 100.0 : "x" numerical [0, 1]',
    "%y = craft.head layer 0 query(%tokens) key(%places) qk(2 by 2 identity) value(%tokens) ov(2 by 1 [[0], [1]]) "
    'bos [0] score 0.5 temperature 100.0 at_most_one : "y" numerical [0, 1]',
)
SUM = "1 by 1 identity, 1 by 1 identity"
BOTH = "2 by 4 [[1, 1, 0, 0], [0, 0, 1, 1]], 2 by 4 [[1, 0, 1, 0], [0, 1, 0, 1]]"
OF_BOTH = [
    mlp("%tokens", "2 by 2 identity", "0, 0", "2 by 2 identity", '["a", "b"]', "q"),
    mlp("%places", "2 by 2 identity", "0, 0", "2 by 2 identity", '["a", "b"]', "r"),
]
ONE_WRONG = (BOTH, "-1, -1, -1, -1", "4 by 2 [[1, 0], [0, 1], [0, 0.4], [1, 0]]")
NEVER_NO = (BOTH, "-1, -1, -1, -1", "4 by 2 [[0, 1], [0, 0], [0.4, 0], [0, 1]]")

REFUSED = {
    "a class of another weight": (
        [mlp("%tokens", "2 by 2 identity", "0, 0", "2 by 2 [[0, 0.4], [1, 0]]", '["no", "yes"]')],
        "'p': where 'tokens' is 0 it writes 0.4 'yes' ideally, which is no value of its domain\n"
        "  expected: one of its values, once, or the null vector",
    ),
    "two classes": (
        [mlp("%tokens", "2 by 2 identity", "0, 0", "2 by 2 [[1, 1], [1, 0]]", '["no", "yes"]')],
        "where 'tokens' is 0 it writes 1 'no' + 1 'yes'",
    ),
    "a class too much at one combination": (
        [mlp("%tokens, %places", BOTH, "-1, -1, -1, -1", "4 by 2 [[1, 0], [0, 1], [0, 1], [1, 0.5]]", '["no", "yes"]')],
        "where 'tokens' is 1 and 'places' is 1 it writes 1 'no' + 0.5 'yes'",
    ),
    "a bias": (
        [mlp("", "", "0.5", "1 by 2 [[1, 0]]", '["no", "yes"]')],
        "'p': it writes 0.5 'no'",
    ),
    "another number": (
        [mlp("%tokens", "2 by 1 [[0], [0.4]]", "0", "1 by 1 identity", "numerical [0, 1]")],
        "where 'tokens' is 1 it writes 0.4 ideally, which is no value of its domain\n"
        "  expected: 0 or 1, or the null vector",
    ),
    "a number that is defined in part": (
        [mlp("%tokens", "2 by 2 identity", "0, 0", "2 by 2 [[1, 0.4], [0, 1]]", "numerical [0, 1] or none")],
        "where 'tokens' is 0 it writes 1, defined 0.4, ideally",
    ),
    "a sum that never reaches a value": (
        [*NUMBERS, mlp("%x, %y", SUM, "0", "1 by 1 [[0.4]]", "numerical [0, 1, 2] partial")],
        "'p': it writes 1 for no combination of what it reads",
    ),
    "a wrong cell of two operands": (
        [*OF_BOTH, mlp("%q, %r", *ONE_WRONG, '["no", "yes"]', layer=1)],
        "'p': where 'q' is 'b' and 'r' is 'a' it writes 0.4 'yes' ideally, which is no value of its domain\n"
        "  expected: one of its values, once, or the null vector\n"
        "  help: if these never occur together, say that the result is partial",
    ),
    "a wrong cell beside a result that is partial": (
        [
            *OF_BOTH,
            f"%o, %p = craft.mlp layer 1 (%q, %r) w_in({BOTH}) bias [-1, -1, -1, -1] "
            "w_out(4 by 2 [[1, 0], [0, 1], [0, 0.4], [1, 0]], 4 by 2 [[1, 0], [0, 1], [0, 0.4], [1, 0]]) "
            ': "o" ["no", "yes"] partial, "p" ["no", "yes"]',
        ],
        "'p': where 'q' is 'b' and 'r' is 'a' it writes 0.4 'yes'",
    ),
    "a number at combinations that may occur": (
        [*NUMBERS, mlp("%x, %y", SUM, "0", "1 by 1 identity", "numerical [0, 1]")],
        "'p': where 'x' is 1 and 'y' is 1 it writes 2 ideally",
    ),
    "an operand with which there is no value": (
        [
            *OF_BOTH,
            mlp(
                "%q, %r",
                BOTH,
                "-1, -1, -1, -1",
                "4 by 2 [[1, 0], [0, 1], [0.4, 0], [0, 0.4]]",
                '["no", "yes"] partial',
                layer=1,
            ),
        ],
        "'p': where 'q' is 'b' it never writes a value of its domain",
    ),
    "a class that is written at no combination, beside the null vector": (
        [*OF_BOTH, mlp("%q, %r", *NEVER_NO, '["no", "yes"] partial', layer=1)],
        "'p': it writes 'no' for no combination of what it reads",
    ),
    "a map of an embedding": (
        ['%p = craft.linear %tokens (2 by 2 [[1, 0], [0.4, 0.6]]) : "p" ["a", "b"]'],
        "'p': where 'tokens' is 1 it writes 0.4 'a' + 0.6 'b'",
    ),
    "values of a head": (
        [head("%tokens", "2 by 2 [[1, 0], [0, 0.4]]", "0, 0", '["a", "b"]')],
        "'p': where 'tokens' is 1 it writes 0.4 'b'",
    ),
    "BOS of a head": (
        [head("%tokens", "2 by 2 identity", "0.4, 0", '["a", "b"]')],
        "'p': at BOS it writes 0.4 'a'",
    ),
    "a mean of numbers": (
        [head("%tokens", "2 by 1 [[0], [0.4]]", "0", "numerical [0, 0.5, 1]")],
        "'p': 0.5 is a number of its domain, and no mean of what it reads\n  expected: means of numbers from 0 to 0.4",
    ),
    "a width's number": (
        [head("", "", "0.9", "numerical [0.3333333333333333, 0.5]", "score 1.0 temperature 100.0")],
        "'p': 0.3333333333333333 is a number of its domain, and no mean of what it reads",
    ),
    "a number of the one position that is read": (
        [
            head(
                "%tokens",
                "2 by 1 [[0], [0.4]]",
                "1",
                "numerical [0, 1, 0.5]",
                "score 0.5 temperature 100.0 at_most_one",
            )
        ],
        "'p': 0.5 is a number of its domain",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_value_is_refused(case: str):
    ops, message = REFUSED[case]
    with pytest.raises(CompileError) as caught:
        check_ideal(model(*ops))
    assert message in str(caught.value)


ACCEPTED = {
    "a swap of two classes, which is another function": [
        mlp("%tokens", "2 by 2 identity", "0, 0", "2 by 2 [[0, 1], [1, 0]]", '["no", "yes"]')
    ],
    "nothing, which is undefined": [
        mlp("%tokens", "2 by 2 identity", "0, 0", "2 by 2 [[1, 0], [0, 0]]", '["no", "yes"]')
    ],
    "a class that is always the same": [mlp("", "", "1", "1 by 2 [[1, 0]]", '["no", "yes"]')],
    "a sum with combinations that don't occur": [
        *NUMBERS,
        mlp("%x, %y", SUM, "0", "1 by 1 identity", "numerical [0, 1] partial"),
    ],
    "a sum with all combinations": [*NUMBERS, mlp("%x, %y", SUM, "0", "1 by 1 identity", "numerical [0, 1, 2]")],
    "twice the same operand, whose combinations are its values": [
        *NUMBERS,
        mlp("%x, %x", SUM, "0", "1 by 1 identity", "numerical [0, 2]"),
    ],
    "a wrong cell that is said never to occur": [*OF_BOTH, mlp("%q, %r", *ONE_WRONG, '["no", "yes"] partial', layer=1)],
    "a width": [head("", "", "1", "numerical [0.3333333333333333, 0.5]", "score 1.0 temperature 100.0")],
    "a mean": [head("%tokens", "2 by 1 [[0], [1]]", "0", "numerical [0, 0.5, 1]")],
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_what_may_be_a_value_is_accepted(case: str):
    assert check_ideal(model(*ACCEPTED[case])) == any("partial" in op for op in ACCEPTED[case])


def test_a_mark_that_is_not_needed_does_not_count():
    assert check_ideal(model(*NUMBERS, mlp("%x, %y", SUM, "0", "1 by 1 identity", "numerical [0, 1, 2] partial"))) == 0


def test_the_certificate_says_how_many_results_are_partial():
    found = model(*NUMBERS, mlp("%x, %y", SUM, "0", "1 by 1 identity", "numerical [0, 1] partial"))
    certificate = certificate_of(found, "float32")
    assert certificate.partial == 1
    assert str(certificate).endswith(
        "; one result isn't checked at combinations that value inference proved impossible, or that are too many"
    )
    bind(found, certificate)
    text = str(found.parent_op())
    assert 'scope "rounding" partial 1 sha256' in text
    assert found.certificate is not None
    (again,) = parse(text).ops
    assert isinstance(again, craft.ModelOp)
    assert again.certificate == found.certificate
    found.certificate = CertificateAttr(replace(found.certificate.data, partial=0))
    assert not is_bound(found)


def test_the_blocks_don_t_matter(monkeypatch: pytest.MonkeyPatch):
    ops, message = REFUSED["a class too much at one combination"]
    for size in (1, 2, 8, 64):
        monkeypatch.setattr(written, "BLOCK", size)
        with pytest.raises(CompileError) as caught:
            check_ideal(model(*ops))
        assert message in str(caught.value)


def test_of_too_many_combinations_the_ends_are_looked_at(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(written, "COMBINATION_LIMIT", 3)
    total = mlp("%x, %y", SUM, "0", "1 by 1 identity", "numerical [0, 1, 2] partial")
    assert check_ideal(model(*NUMBERS, total)) == 1
    with pytest.raises(CompileError, match="it writes 1 for no combination"):
        check_ideal(model(*NUMBERS, mlp("%x, %y", SUM, "0", "1 by 1 [[0.4]]", "numerical [0, 1, 2] partial")))
    with pytest.raises(CompileError, match="has 4 combinations of values, which are too many to check"):
        check_ideal(model(*NUMBERS, total.removesuffix(" partial")))
    with pytest.raises(CompileError, match="has 4 combinations of values, which are too many to check"):
        check_ideal(model(*ACCEPTED_OF_BOTH))


ACCEPTED_OF_BOTH = [
    mlp("%tokens, %places", BOTH, "-1, -1, -1, -1", "4 by 2 [[1, 0], [0, 1], [0, 1], [1, 0]]", '["no", "yes"]')
]


def test_certify_refuses_what_is_no_value():
    found = model(*REFUSED["a class of another weight"][0])
    module = found.parent_op()
    assert isinstance(module, ModuleOp)
    with pytest.raises(CompileError, match=r"it writes 0\.4 'yes' ideally"):
        CertifyPass().apply(Context(), module)
