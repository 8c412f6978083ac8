from pathlib import Path
from typing import Any

import pytest

from raspc import rasp
from raspc.errors import MeaningError
from raspc.rasp import Comparison
from raspc.rasp.entry import build_module
from raspc.testing import OP_MIX, RandomProgram, random_program
from raspc.testing.source import assignments
from raspc.tools.program_file import load_program


def executed(random: RandomProgram) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(random.source, namespace)
    return namespace


@pytest.mark.parametrize("seed", range(30))
def test_the_source_is_the_program(seed: int):
    random = random_program(seed, size=10, op_mix=dict.fromkeys(OP_MIX, 1.0), causal=None)
    namespace = executed(random)
    assert tuple(namespace["vocab"]) == random.vocab
    assert namespace["max_seq_len"] == random.max_seq_len
    assert namespace.get("causal", False) == random.causal
    tokens = (list(random.vocab) * random.max_seq_len)[: random.max_seq_len]
    try:
        expected = rasp.evaluate(random.program, tokens, causal=random.causal)
    except MeaningError:
        with pytest.raises(MeaningError):
            rasp.evaluate(namespace["program"], tokens, causal=random.causal)
    else:
        assert rasp.evaluate(namespace["program"], tokens, causal=random.causal) == expected
    ops = [
        [op.name for op in build_module(program, random.vocab, random.max_seq_len).walk()]
        for program in (random.program, namespace["program"])
    ]
    assert ops[0] == ops[1]


def test_the_source_is_a_program_file(tmp_path: Path):
    random = random_program(3, causal=True)
    path = tmp_path / "random_3.py"
    path.write_text(random.source)
    loaded = load_program(path)
    assert (set(loaded.vocab), loaded.max_seq_len, loaded.causal) == (set(random.vocab), random.max_seq_len, True)


def test_an_expression_that_is_used_twice_is_written_once():
    hist = rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, Comparison.EQ))
    assert assignments(hist * hist) == [
        "s1 = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)",
        "s2 = rasp.SelectorWidth(s1)",
        "program = rasp.Map(lambda x: x * x, s2)",
    ]


def test_a_program_without_operations_is_written():
    assert assignments(rasp.tokens, "output") == ["output = rasp.tokens"]
    assert assignments(rasp.length) == ["program = rasp.length"]


def test_encodings_defaults_and_constants_are_written():
    mean = rasp.numerical(rasp.Aggregate(rasp.ConstantSelector([[True]]), rasp.Full(0.5), default=-1))
    assert assignments(rasp.categorical(rasp.LinearSequenceMap(mean, rasp.indices, 2, -1))) == [
        "s1 = rasp.ConstantSelector(((True,),), check_length=True)",
        "s2 = rasp.Full(0.5)",
        "s3 = rasp.numerical(rasp.Aggregate(s1, s2, -1))",
        "program = rasp.categorical(rasp.LinearSequenceMap(s3, rasp.indices, 2, -1))",
    ]


def test_annotated_inputs_are_written():
    assert assignments(rasp.numerical(rasp.tokens)) == ["program = rasp.numerical(rasp.tokens)"]
    assert assignments(rasp.categorical(rasp.length)) == [
        "s1 = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.TRUE).named('all')",
        "program = rasp.categorical(rasp.SelectorWidth(s1).named('length'))",
    ]


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_every_random_program_can_be_written(start: int):
    for seed in range(start, start + 100):
        random = random_program(seed, size=1 + seed % 14, risk=0.15, causal=None, max_seq_len=(1, 6), trivial=True)
        assert executed(random)["max_seq_len"] == random.max_seq_len


def test_the_representation_of_a_random_program_is_its_source():
    random = random_program(5)
    assert random.source in repr(random)
