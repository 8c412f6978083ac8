import pytest

from raspc.algebra.labels import joined, parts_of, quoted_name, value_label, value_labels

NAMES = [
    "reverse",
    "t_1",
    "a:b",
    "",
    '"',
    '"a"',
    "a | b",
    " ",
    "|",
    "é",
    "日本",
    "two\nlines",
    "\ud800",
    "\\",
    "a:",
    ":a",
    "'",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["1", "a:b", '"', "a | b", " |", "", "é"])
def test_a_label_tells_the_name_whatever_the_value_is(name: str, value: str):
    (label,) = value_labels(name, [value])
    ((found, _),) = parts_of(label)
    assert found == name
    assert [part for part, _ in parts_of(joined([label, quoted_name("other"), label]))] == [name, "other", name]


def test_ordinary_labels_are_the_name_and_the_value():
    assert value_labels("tokens", [1, "a", (1, 2), True, 0.5]) == [
        *("tokens:1", "tokens:a", "tokens:(1, 2)", "tokens:True", "tokens:0.5")
    ]
    assert quoted_name("mean of all") == "mean of all"


def test_labels_of_different_names_differ():
    labels = [value_label(name, value) for name in NAMES for value in ("1", "b:1", "b")] + [*map(quoted_name, NAMES)]
    assert len(set(labels)) == len(labels)


def test_values_with_one_text_have_different_labels():
    values = [1, "1", '"1"', True, "True", (1,), "(1,)"]
    assert len(set(value_labels("x", values))) == len(values)
    assert parts_of(value_labels("x", ["1", 1])[1]) == [("x", "1")]


def test_text_that_is_no_label_is_a_name():
    assert parts_of(':"') == [(':"', "")]
    assert parts_of('"open') == [('"open', "")]
