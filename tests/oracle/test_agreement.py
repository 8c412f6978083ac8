"""The oracle and the reference interpreter agree, on the corpus and on random programs."""

from __future__ import annotations

import operator

import pytest

from raspc import rasp
from raspc.rasp import Comparison, indices, length, tokens
from tests.fuzz.programs import program_of
from tests.oracle import MeaninglessError, Program, read_expression, read_source
from tests.programs.corpus import CORPUS
from tests.programs.levels import Input, Output, Task
from tests.programs.program import Program as CorpusProgram

PROGRAMS = 150
CHUNK = 50


def meaning(program: Program, given: Input) -> Output | None:
    try:
        return program.run(given)
    except MeaninglessError:
        return None


@pytest.mark.parametrize("program", CORPUS, ids=lambda program: program.name)
def test_on_the_corpus(program: CorpusProgram):
    size = max(len(given) for given, _ in program.examples)
    task = Task(program.build(size), program.vocab, size, program.causal)
    oracle = read_expression(task.program, causal=program.causal)
    for given, output in program.examples:
        assert oracle.run(given) == output
    for given in task.inputs(40, 10):
        assert meaning(oracle, given) == task.evaluate(given)


@pytest.mark.parametrize("start", range(0, PROGRAMS, CHUNK))
def test_on_random_programs(start: int):
    for seed in range(start, start + CHUNK):
        random = program_of(seed)
        task = Task(random.program, random.vocab, random.max_seq_len, random.causal)
        for oracle in (read_source(random.source), read_expression(random.program, causal=random.causal)):
            for given in task.inputs(30, 8, seed):
                assert meaning(oracle, given) == task.evaluate(given), f"seed {seed} on {given}\n{random.source}"


def test_on_all_that_functions_are_read_from():
    maps = [
        rasp.Map(operator.neg, tokens),
        1 - tokens * 2,
        rasp.LinearSequenceMap(tokens, indices, 2, -0.5),
        rasp.Map(lambda x: x + 1, rasp.Map(lambda x: None if x == 1 else x, tokens), simplify=True),
        rasp.Full(2),
    ]
    less = rasp.Select(tokens, indices, Comparison.LT)
    even = rasp.Select(tokens, indices, lambda key, query: (key + query) % 2 == 0)
    selectors = [
        rasp.selector_and(less, even, simplify=True),
        rasp.selector_or(less, even, simplify=True),
        rasp.selector_not(even, simplify=True),
        (less & ~even) | rasp.ConstantSelector([[True, False], [False, True]]),
    ]
    for sop in [*maps, *(rasp.SelectorWidth(selector) for selector in selectors)]:
        for given in ([0, 3], [1, 1], [2, 0]):
            assert read_expression(sop).run(given) == sop(given)


def test_the_length_is_read_from_what_it_is_made_of():
    assert read_expression(length, causal=True).run("abc") == [1, 2, 3]
