import subprocess
import sys

import pytest

import raspc
from raspc import rasp
from raspc.errors import CompileError, MeaningError, MeaningWarning, ProgramError
from raspc.testing import RandomProgram, random_program
from tests.extent import number
from tests.programs.levels import same_output

SEEDS = range(40)


def test_the_same_seed_gives_the_same_program():
    for seed in SEEDS:
        assert random_program(seed).source == random_program(seed).source
    assert len({random_program(seed).source for seed in SEEDS}) == len(SEEDS)


def test_the_program_does_not_depend_on_the_process():
    code = "from raspc.testing import random_program\nfor s in range(40): print(random_program(s, causal=None).source)"
    texts = [
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert texts[0] == "".join(random_program(seed, causal=None).source + "\n" for seed in SEEDS)


@pytest.mark.parametrize(
    ("output_type", "types"),
    [
        ("bool", (bool,)),
        ("int", (int,)),
        ("number", (bool, int, float)),
        ("string", (str,)),
        ("tuple", (tuple,)),
    ],
)
def test_outputs_are_of_the_type_that_is_asked_for(output_type: str, types: tuple[type, ...]):
    for seed in SEEDS:
        random = random_program(seed, output_type=output_type)
        try:
            output = random.program(list(random.vocab)[: random.max_seq_len])
        except MeaningError:
            continue
        assert all(value is None or type(value) in types for value in output)


def test_vocabulary_length_and_causality_are_those_that_are_asked_for():
    for seed in SEEDS:
        random = random_program(seed, vocab=[3, 1, 2], max_seq_len=(2, 3), causal=True)
        assert random.vocab == (1, 2, 3)
        assert random.max_seq_len in (2, 3)
        assert random.causal
        assert random_program(seed, max_seq_len=7).max_seq_len == 7
        assert not random_program(seed).causal


def test_unless_trivial_is_allowed_the_output_depends_on_the_tokens():
    def depends(random: RandomProgram) -> bool:
        length = random.max_seq_len
        inputs = [[token] * length for token in random.vocab]
        inputs += [[random.vocab[(i * k) % len(random.vocab)] for i in range(length)] for k in range(1, 6)]
        inputs += [[random.vocab[(i // k) % len(random.vocab)] for i in range(length)] for k in range(2, 5)]
        return len({str(rasp.evaluate(random.program, tokens)) for tokens in inputs}) > 1

    found = [depends(random_program(seed)) for seed in SEEDS]
    assert sum(found) > 0.8 * len(found)
    trivial = [depends(random_program(seed, trivial=True)) for seed in SEEDS]
    assert sum(trivial) < sum(found)


def test_few_programs_are_refused_or_lack_a_meaning():
    refused = meaningless = 0
    for seed in range(number(160)):
        random = random_program(seed)
        tokens = (list(random.vocab) * random.max_seq_len)[: random.max_seq_len]
        try:
            expected = random.program(tokens)
        except MeaningError:
            meaningless += 1
            continue
        try:
            model = raspc.compile(random.program, random.vocab, random.max_seq_len)
        except CompileError:
            refused += 1
            continue
        except MeaningWarning:  # an error here, but a warning to others
            continue
        assert same_output(expected, model(tokens))
    assert refused <= 3
    assert meaningless <= 3


def test_a_vocabulary_has_the_size_that_is_asked_for():
    assert {len(random_program(seed, vocab_size=40, trivial=True).vocab) for seed in range(12)} == {40}
    sizes = {len(random_program(seed, vocab_size=(2, 9), trivial=True).vocab) for seed in range(40)}
    assert sizes == set(range(2, 10))


def test_names_extremes_and_a_dense_size_are_those_that_are_asked_for():
    plain = [random_program(seed, size=20, trivial=True) for seed in range(20)]
    named = [random_program(seed, size=20, names=1.0, trivial=True) for seed in range(20)]
    extreme = [random_program(seed, size=20, extremes=1.0, trivial=True) for seed in range(20)]
    dense = [random_program(seed, size=20, dense=True, trivial=True) for seed in range(20)]
    assert not any(".named(" in random.source for random in plain)
    assert all(".named(" in random.source for random in named if random.source.count("\n") > 8)
    assert any("9007199254740993" in random.source or "0.30000000000000004" in random.source for random in extreme)
    assert sum(random.source.count("\n") for random in dense) > 1.25 * sum(
        random.source.count("\n") for random in plain
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"output_type": "integer"}, "no output type 'integer': expected one of"),
        ({"size": -1}, "a size of at least 0, found -1"),
        ({"risk": 2}, "a risk from 0 to 1"),
        ({"max_seq_len": 0}, "a maximum length of at least 1"),
        ({"max_seq_len": (3, 2)}, "a maximum length of at least 1, or a range"),
        ({"vocab": []}, "vocabulary is empty"),
        ({"vocab": ["a", None]}, "contains None"),
        ({"op_mix": {"maps": 1}}, "no operation 'maps'"),
        ({"extremes": -0.5}, "extremes from 0 to 1"),
        ({"names": 2}, "names from 0 to 1"),
        ({"vocab_size": 0}, "at least 1 token"),
        ({"vocab_size": (3, 2)}, "at least 1 token, or a range"),
        ({"vocab_size": 2, "vocab": ["a"]}, "can't have a size"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, object], message: str):
    with pytest.raises(ProgramError, match=message):
        random_program(0, **arguments)  # type: ignore[arg-type]
