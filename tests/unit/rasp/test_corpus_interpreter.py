from collections import Counter

import pytest

from raspc.rasp import evaluate
from tests.programs.corpus import CORPUS, Program


@pytest.mark.parametrize("program", CORPUS, ids=lambda program: program.name)
def test_interpreter_computes_what_the_corpus_says(program: Program):
    for xs, expected in program.examples:
        assert evaluate(program.build(), xs, causal=program.causal) == expected


@pytest.mark.parametrize("program", CORPUS, ids=lambda program: program.name)
def test_examples_fit_their_program(program: Program):
    assert program.examples
    for xs, expected in program.examples:
        assert 1 <= len(xs) <= program.max_seq_len <= min(program.sizes)
        assert len(expected) == len(xs)
        assert all(x in program.vocab for x in xs)


def test_names_are_unique():
    assert [name for name, count in Counter(program.name for program in CORPUS).items() if count > 1] == []
