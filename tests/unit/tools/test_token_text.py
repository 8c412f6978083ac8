import pytest

from raspc.algebra.domain import Domain
from raspc.errors import InputError
from raspc.tools.token_text import parse_tokens, parse_vocab

VOCAB = Domain.of([0, 1, 2.5, -3, "a", "1", "b c", (1, "x"), (2,), (1, (2, "y"))])


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("0", 0),
        ("0.0", 0),
        ("False", 0),
        ("1", 1),
        ("'1'", "1"),
        ("2.5", 2.5),
        ("-3", -3),
        ("a", "a"),
        ("'a'", "a"),
        ("b c", "b c"),
        ("(1, 'x')", (1, "x")),
        ("(1,'x')", (1, "x")),
        ("(1,x)", (1, "x")),
        ("(1, x)", (1, "x")),
        ("(2,)", (2,)),
        ("(1,(2,y))", (1, (2, "y"))),
    ],
)
def test_tokens(text: str, token: object):
    assert list(map(repr, parse_tokens([text], VOCAB))) == [repr(token)]


@pytest.mark.parametrize("text", ["2", "A", "", "None", "__import__('os')", "(1,", '"', "('1')"])
def test_texts_that_are_no_tokens(text: str):
    with pytest.raises(
        InputError, match=r"the token at position 1, is not in the vocabulary: -3, 0, 1, 2\.5, '1', 'a'"
    ):
        parse_tokens(["a", text], VOCAB)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("1,2,3", [1, 2, 3]),
        ("1, 2.5, True", [1, 2.5, True]),
        ("a,b", ["a", "b"]),
        (" a , b", ["a", "b"]),
        ("a,1", ["a", 1]),
        ("'a','1'", ["a", "1"]),
        ("'a,b','c'", ["a,b", "c"]),
        ("(1, 'a'), (2, 'b')", [(1, "a"), (2, "b")]),
        ("(,),{,}", ["(", ")", "{", "}"]),
        ("[],{}", ["[]", "{}"]),
        ("-1,+2", [-1, 2]),
        ("os.system('x')", ["os.system('x')"]),
        ("None,1", ["None", 1]),
        ("<,>", ["<", ">"]),
    ],
)
def test_vocabularies(text: str, tokens: list):
    assert list(map(repr, parse_vocab(text))) == list(map(repr, tokens))


@pytest.mark.parametrize("text", ["", "a,,b", "a,", ","])
def test_a_vocabulary_with_an_empty_part(text: str):
    with pytest.raises(InputError, match="has an empty part"):
        parse_vocab(text)


def test_a_tuple_of_very_many_forms_is_written_as_it_is():
    long = (0, 1) * 30
    assert parse_tokens([repr(long)], Domain.of([long])) == [long]
    with pytest.raises(InputError, match="not in the vocabulary"):
        parse_tokens([repr((False, *long[1:]))], Domain.of([long]))
