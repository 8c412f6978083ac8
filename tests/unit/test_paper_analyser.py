from __future__ import annotations

import pytest

from benchmarks.paper_analyser import PaperCount, paper_count
from raspc.dialects.rasp import ProgramOp
from tests.docs.paper_programs import PAPER, PaperProgram, counted
from tests.programs.corpus import CORPUS
from tests.programs.levels import parse


def heads_of(body: str, *, bos: bool = True) -> tuple[int, ...]:
    module = parse(f"rasp.program @program vocab [1, 2] max_seq_len 3 {{\n{SELECTS}\n{body}\n}}")
    program = next(op for op in module.walk() if isinstance(op, ProgramOp))
    return paper_count(program, bos=bos).heads


SELECTS = """
%t = rasp.tokens : ?
%i = rasp.indices : ?
%zero = rasp.constant 0 : ?
%same = rasp.select %t, %t eq
%all = rasp.select %t, %t true
%first = rasp.select %i, %zero eq
"""


@pytest.mark.parametrize("paper", PAPER, ids=lambda paper: paper.name)
def test_the_figures_of_the_paper_are_reproduced(paper: PaperProgram):
    count = paper.count()
    assert (count.n_layers, count.n_heads) == (paper.n_layers, paper.n_heads)


@pytest.mark.parametrize(
    ("name", "with_bos", "without"),
    [
        ("hist", (1,), (2,)),
        ("reverse", (1, 1), (1, 1)),
        ("double_histogram_with_bos", (2, 1), (3, 1)),
        ("sort_stable", (1, 1), (2, 1)),
        ("dyck2_ptf", (2, 1, 1, 1), (4, 2, 1, 2)),
        ("upper", (), ()),
    ],
)
def test_a_width_takes_a_second_head_without_bos(name: str, with_bos: tuple[int, ...], without: tuple[int, ...]):
    program = next(program for program in CORPUS if program.name == name)
    assert counted(program, bos=True) == PaperCount(with_bos)
    assert counted(program, bos=False) == PaperCount(without)


def test_what_is_elementwise_is_free():
    assert heads_of("%m = rasp.map(%t, %i) affine [1, 1] : ?\nrasp.return %m") == ()
    assert PaperCount(()).n_heads == 0


def test_aggregates_of_a_layer_share_a_head_if_their_selectors_are_written_alike():
    both = "%again = rasp.select %t, %t eq\n%a = rasp.aggregate %same, %i : ?\n%b = rasp.aggregate %again, %t : ?\n"
    assert heads_of(f"{both}%m = rasp.map(%a, %b) affine [1, 1] : ?\nrasp.return %m") == (1,)
    assert heads_of(f"{both.replace('eq', 'ne')}%m = rasp.map(%a, %b) affine [1, 1] : ?\nrasp.return %m") == (2,)


def test_an_aggregate_stands_after_its_selector_and_its_values():
    values = "%a = rasp.aggregate %same, %i : ?\n"
    assert heads_of(f"{values}%b = rasp.aggregate %same, %a : ?\nrasp.return %b") == (1, 1)
    assert heads_of(f"{values}%s = rasp.select %i, %a eq\n%b = rasp.aggregate %s, %t : ?\nrasp.return %b") == (1, 1)


def test_what_the_output_does_not_need_is_not_counted():
    assert heads_of("%a = rasp.aggregate %same, %i : ?\nrasp.return %t") == ()


def test_a_width_shares_the_head_of_the_mean_that_the_paper_takes_for_it():
    width = "%w = rasp.selector_width %same : ?\n%s = rasp.selector_or %same, %first\n%a = rasp.aggregate %s, %i : ?\n"
    combined = f"{width}%m = rasp.map(%a, %w) affine [1, 1] : ?\nrasp.return %m"
    assert heads_of(combined) == (1,)
    assert heads_of(combined, bos=False) == (2,)


def test_the_length_takes_one_head_in_any_form():
    body = "%l = rasp.length : ?\nrasp.return %l"
    assert heads_of(body, bos=False) == (1,)
    assert heads_of("%l = rasp.selector_width %all : ?\nrasp.return %l", bos=False) == (1,)
