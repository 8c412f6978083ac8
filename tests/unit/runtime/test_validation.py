"""Whether an input has a meaning, as models in every form tell."""

from __future__ import annotations

import json
import re
import warnings
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

import raspc
from raspc import rasp
from raspc.errors import FormatError, InputError, MeaningError, MeaningWarning
from raspc.lowering.metadata import ModelInfo, describe_module
from raspc.rasp import Comparison, library
from raspc.rasp.expressions import SOp, indices, tokens
from raspc.runtime.base import Model
from raspc.runtime.jax_runner import JaxRunner
from raspc.runtime.model import CompiledModel
from raspc.runtime.validation import Validator, Validity
from tests.unit.runtime.toy_models import identity

IS_X = rasp.Select(tokens == "x", rasp.Full(True), Comparison.EQ)
AT_X = rasp.Aggregate(IS_X, library.shift_by(1, tokens), default="none").named("at_x")
"""The token before the x; there must be one x at most."""


def compiled(program: SOp = AT_X, vocab: object = ("a", "b", "x"), max_seq_len: int = 4) -> CompiledModel:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        return raspc.compile(program, vocab, max_seq_len)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def model() -> CompiledModel:
    return compiled()


def has_meaning(program: SOp, xs: object) -> bool:
    try:
        program(xs)  # type: ignore[arg-type]
    except MeaningError:
        return False
    return True


def agree(model: Model, program: SOp) -> set[bool]:
    """Check that a model and the interpreter agree on every input; the answers that they gave."""
    answers: set[bool] = set()
    for n in range(1, model.max_seq_len + 1):
        for xs in product(model.vocab, repeat=n):
            expected = has_meaning(program, xs)
            assert bool(model.validate(xs)) == expected, xs
            answers.add(expected)
    return answers


@pytest.fixture(params=["compiled", "onnx", "mlir", "jax"])
def form(request: pytest.FixtureRequest, model: CompiledModel, tmp_path: Path) -> Model:
    match request.param:
        case "compiled":
            return model
        case "jax":
            return JaxRunner(model.to_jax())
        case suffix:
            path = tmp_path / f"model.{suffix}"
            model.save(path)
            return raspc.load(path)


def test_every_form_of_a_model_agrees_with_the_interpreter(form: Model):
    assert agree(form, AT_X) == {False, True}


def test_every_form_says_what_it_assumes(form: Model):
    (text,) = form.info.assumptions
    assert text.startswith("test_validation.py:")
    assert text.endswith("'at_x': an aggregate over 'a', 'b', 'x' may have no mean, for example on ['a', 'x', 'x']")


def test_the_reason_names_the_expression(form: Model):
    validity = form.validate(["a", "x", "b", "x"])
    assert not validity
    assert validity.reason == "'at_x': it selects the different values 'a', 'b', of which there is no mean"
    assert form.validate(["a", "x", "a", "x"]) == Validity(None)


@pytest.mark.parametrize("xs", [[], ["a"] * 5, ["a", "c"], "abc", 3])
def test_what_no_model_takes_is_an_error(form: Model, xs: object):
    with pytest.raises(InputError):
        form.validate(xs)  # type: ignore[arg-type]


def test_without_assumptions_every_input_has_a_meaning():
    model = compiled(library.make_reverse(tokens))
    assert (model.info.assumptions, model.info.source) == ((), None)
    assert agree(model, library.make_reverse(tokens)) == {True}
    with pytest.raises(InputError):
        model.validate(["c"])


def opaque(x: object) -> object:
    """Has no meaning on 2."""
    return {1: "one", 3: "three", 4: None}[x]  # type: ignore[index]


def opaque_predicate(key: int, query: int) -> bool:
    """Has no meaning on 2 and 1."""
    return {(1, 1): True, (1, 2): False}.get((key, query)) or (query >= key or bool([][key]))


HALF = rasp.Aggregate(rasp.Select(indices, indices, Comparison.LEQ), tokens)
"""A mean of ints, which is an int where all are equal and a float elsewhere."""

TABLES = {
    "a map": (rasp.Map(opaque, library.make_hist()), ("a", "b")),
    "a predicate": (rasp.SelectorWidth(rasp.Select(library.make_hist(), library.make_hist(), opaque_predicate)), "ab"),
    "an int and not its float": (rasp.Map(lambda x: "abc"[x] if x != 0.5 else "-", HALF), (0, 1, 2)),
    "a bound method": (rasp.Map("abcdef".__getitem__, rasp.Map(lambda x: x, HALF)), (0, 2)),
    "a predicate of an int and not its float": (
        rasp.SelectorWidth(rasp.Select(HALF, HALF, lambda key, query: "ab" * key == "ab" * query)), (0, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_functions_that_raise_are_told_by_their_tables(name: str):
    program, vocab = TABLES[name]
    model = compiled(program, list(vocab), 4)
    assert model.info.assumptions
    assert agree(model, program) == {False, True}
    for xs in product(model.vocab, repeat=3):
        if has_meaning(program, xs):
            assert model(xs) == program(xs)


# Files that somebody else wrote


def damaged(model: CompiledModel, source: str) -> Validator:
    return Validator(replace(model.info, source=source))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "Could not parse"),
        ("builtin.module {}", "expected one rasp.program in the module, found 0"),
        ("rasp.program", "line 1, column"),
        ('rasp.program @p vocab ["a', "string literal is not closed"),
        ("builtin.module {", "line 1, column"),
        ('rasp.program @p vocab ["a"] max_seq_len 0 { %t = rasp.tokens : ? rasp.return %t }', "max_seq_len must be"),
        ('rasp.program @p vocab ["a"] max_seq_len 4 { %t = rasp.tokens : ? rasp.return %t }', "for other inputs"),
        (
            'rasp.program @p vocab ["a", "b", "x"] max_seq_len 9 { %t = rasp.tokens : ? rasp.return %t }',
            "for other inputs",
        ),
        (
            'rasp.program @p vocab ["a", "b", "x"] max_seq_len 4 { %o = craft.one : "one" numerical [1] '
            "%t = rasp.tokens : ? rasp.return %t }",
            "it contains craft.one",
        ),
    ],
)
def test_a_damaged_program_is_an_error(model: CompiledModel, source: str, message: str):
    with pytest.raises(FormatError, match=message):
        damaged(model, source)


def test_a_damaged_program_in_a_file_is_an_error_when_it_is_needed(model: CompiledModel, tmp_path: Path):
    path = tmp_path / "model.mlir"
    model.save(path)
    text = path.read_text().replace("rasp.aggregate", "rasp.nothing")
    path.write_text(text)
    with pytest.raises(FormatError, match="the certificate is void"):
        raspc.load(path)
    path.write_text(re.sub(r'certified .*? sha256 "[0-9a-f]*" ', "", text))
    loaded = raspc.load(path)
    assert loaded(["a", "x"]) == ["a", "a"]
    with pytest.raises(FormatError, match="the program that the model makes assumptions of can't be read"):
        loaded.validate(["a", "x"])


def test_metadata_of_older_files_has_no_assumptions():
    info = describe_module(identity())
    assert not json.loads(info.to_json()).keys() & {"assumptions", "source"}
    assert ModelInfo.from_json(info.to_json()).assumptions == ()


@pytest.mark.parametrize("change", [{"source": None}, {"source": 3}, {"assumptions": [1]}, {"assumptions": "text"}])
def test_metadata_with_damaged_assumptions_is_an_error(model: CompiledModel, change: dict[str, object]):
    data = json.loads(model.info.to_json())
    assert ModelInfo.from_json(json.dumps(data)) == model.info
    with pytest.raises(FormatError, match="the metadata's"):
        ModelInfo.from_json(json.dumps(data | change))


def test_the_type_of_a_number_that_a_function_passes_on_counts():
    # 1 & 1 has a meaning and 1.0 & 1 hasn't; where the mean is 1.0, the smaller one of it and True is 1.0.
    mean = rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.NEQ), rasp.indices, 0)
    smaller = rasp.Map(lambda x, y: min(x, y), mean, rasp.Map(lambda n, i: n > i + 1, rasp.length, rasp.indices))
    with pytest.warns(MeaningWarning):
        model = raspc.compile(rasp.Map(lambda x: x & 1, smaller), ["a", "b"], 3)
    assert model.validate(["a", "a", "a"])
    validity = model.validate(["a", "b", "a"])
    assert validity.reason is not None
    assert "unsupported operand type" in validity.reason
