"""Programs in text that are small to write and large to compile, or that contradict themselves."""

from __future__ import annotations

import warnings

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import VerifyException

from raspc import rasp
from raspc.errors import CompileError, MeaningWarning
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from raspc.runtime.rasp_interpreter import run_program
from tests.programs.levels import Task, all_inputs, compile_stages, parse


def program(body: str, result: str, vocab: str = '["a", "b"]', max_seq_len: int = 3) -> ModuleOp:
    return parse(
        f"rasp.program @p vocab {vocab} max_seq_len {max_seq_len} {{\n"
        f"  %tokens = rasp.tokens : ?\n  %indices = rasp.indices : ?\n{body}\n  rasp.return {result}\n}}\n"
    )


def compile_from(module: ModuleOp, first: int = 0) -> CompiledModel:
    """Run the passes of the pipeline from one on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        for compiler_pass in passes_of("O0")[first:]:
            compiler_pass.apply(Context(), module)
    return CompiledModel(module)


def doubled(op: str, depth: int = 60) -> str:
    """A select combined with itself over and over: a tree of 2**depth leaves, and a graph of depth ops."""
    lines = ["  %s0 = rasp.select %tokens, %tokens eq"]
    for number in range(depth):
        lines.append(f"  %s{number + 1} = rasp.selector_{op} %s{number}, %s{number}")
    return "\n".join(lines)


@pytest.mark.parametrize("op", ["and", "or"])
@pytest.mark.parametrize("negated", [False, True])
def test_selectors_that_share_parts_are_walked_once(op: str, negated: bool):
    last = "  %last = rasp.selector_not %s60\n" if negated else "  %last = rasp.selector_and %s60, %s60\n"
    body = f"{doubled(op)}\n{last}  %width = rasp.selector_width %last : ?\n"
    model = compile_from(program(body, "%width"))
    plain = program(
        f"  %s = rasp.select %tokens, %tokens {'ne' if negated else 'eq'}\n  %width = rasp.selector_width %s : ?",
        "%width",
    )
    for tokens in all_inputs(("a", "b"), 3):
        assert model(tokens) == run_program(plain, tokens)


def test_a_mean_over_selectors_that_share_parts():
    body = f"{doubled('or')}\n  %mean = rasp.aggregate %s60, %indices : ?\n  %same = rasp.aggregate %s60, %tokens : ?\n"
    body += '  %both = rasp.map(%mean, %mean) "x, y -> x + y" : ?'
    model = compile_from(program(body, "%both"))
    assert model(["a", "b", "a"]) == [2, 2, 2]


def test_a_disjunction_of_different_operands_evaluates_predicates_once_per_pair():
    rising = rasp.Select(rasp.tokens, rasp.indices, lambda key, query: key < query)
    beside = rasp.Select(rasp.indices, rasp.tokens, lambda key, query: key + 1 == query)
    sop = rasp.SelectorWidth(rising | beside)
    module = build_module(sop, (1, 2, 3), 4)
    model = compile_from(module)
    for tokens in all_inputs((1, 2, 3), 4):
        assert model(tokens) == rasp.evaluate(sop, tokens)


def test_a_disjunction_of_too_many_pairs_is_refused():
    body = (
        "  %s = rasp.select %tokens, %indices eq\n  %t = rasp.select %indices, %tokens eq\n"
        "  %o = rasp.selector_or %s, %t\n  %c = rasp.constant 1 : ?\n  %w = rasp.aggregate %o, %c : ?"
    )
    with pytest.raises(CompileError, match="whose values make 1679616 pairs of tuples"):
        compile_from(program(body, "%w", vocab="0 to 35", max_seq_len=36))


def test_a_predicate_that_tells_equal_numbers_apart_is_refused_by_later_passes_too():
    module = program("", "%tokens")
    module = parse(
        "rasp.program @p vocab [1, 2] mixed max_seq_len 2 {\n  %t = rasp.tokens : [1, 2] mixed\n"
        '  %s = rasp.select %t, %t "k, q -> str(k) == str(q)"\n  %n = rasp.selector_not %s\n'
        "  %w = rasp.selector_width %n : 0 to 2\n  rasp.return %w\n}\n"
    )
    with pytest.raises(CompileError, match="tells equal numbers apart"):
        compile_from(module, first=1)


STALE = """rasp.program @p vocab {vocab} max_seq_len {length} {{
  %tokens = rasp.tokens : {tokens}
  %indices = rasp.indices : {indices}
  %one = rasp.constant 1 : {one}
  %all = rasp.select %one, %one true
  %width = rasp.selector_width %all : {width}
  %sum = rasp.map(%indices, %one) "i, o -> i + o" : 1 to 5
  rasp.return %width
}}
"""
RIGHT = {"vocab": "[1, 2]", "length": 3, "tokens": "[1, 2]", "indices": "0 to 2", "one": "[1]", "width": "1 to 3"}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"vocab": "[1, 2, 3]"}, "'tokens': it can be 3, which is not in its domain"),
        ({"length": 4}, "'indices': it can be 3, which is not in its domain"),
        ({"one": "[2]"}, "'one': it can be 1, which is not in its domain"),
        ({"one": "[]"}, "its domain is empty"),
        ({"width": "-1 to 3"}, "'width': its domain has -1, which is not the number of positions"),
        ({"width": "1 to 4"}, "'width': its domain has 4, which is not the number of positions"),
        ({"width": '[1, 2, "a"]'}, "'width': its domain has 'a', which is not the number of positions"),
        ({"width": "[0.5, 1]"}, "'width': its domain has 0.5, which is not the number of positions"),
        ({"indices": "0 to 20000"}, "'indices': its domain is 0 to 20000\n  expected: [0, 1, 2], the positions"),
        ({"indices": "?"}, "'indices': its domain isn't known"),
    ],
)
def test_domains_that_later_passes_cannot_trust(wrong: dict[str, object], message: str):
    assert compile_from(parse(STALE.format(**RIGHT)), first=1)([1, 2]) == [2, 2]
    for first in (1, 2, 3):
        with pytest.raises((CompileError, VerifyException)) as caught:
            compile_from(parse(STALE.format(**RIGHT | wrong)), first=first)
        assert message in str(caught.value)


def test_a_program_that_is_lowered_in_part_is_refused():
    module = program('  %m = rasp.map(%indices) "i -> i * 2" : ?', "%m")
    for compiler_pass in passes_of("O0")[:4]:
        compiler_pass.apply(Context(), module)
    with pytest.raises(CompileError, match="it is lowered already"):
        passes_of("O0")[0].apply(Context(), module)


def test_numbers_that_are_too_long_to_be_written_are_refused():
    lines, name = [], "%indices"
    for number in range(30):
        lines.append(f'  %d{number} = rasp.map({name}, {name}) "x, y -> (x + 2) * (y + 2)" : ?')
        name = f"%d{number}"
    with pytest.raises(CompileError, match="a number that is too long to be written\n  expected: at most 4300 digits"):
        compile_from(program("\n".join(lines), name))
    with pytest.raises(CompileError, match="a number that is too long to be written"):
        compile_from(build_module(rasp.tokens, (10**5000,), 2))
    with pytest.raises(CompileError, match="a number that is too long to be written"):
        compile_from(build_module(rasp.Map(lambda x: 10**5000 + x, rasp.tokens), (1,), 2))


def test_a_step_decoder_that_would_fill_the_memory_is_refused():
    same = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)
    with pytest.raises(CompileError, match=r"takes a matrix of 134,\d+,\d+ elements"):
        compile_from(build_module(rasp.SelectorWidth(same), (1, 2), 8192))


def test_weights_beyond_float32_are_refused_without_a_warning():
    module = parse(
        'craft.model @m vocab ["a"] max_seq_len 1 {\n  %one = craft.one : "one" numerical [1]\n'
        '  %m = craft.mlp layer 0 (%one) w_in(1 by 1 [[1.0e300]]) bias [0] w_out(1 by 1 [[1]]) : "m" numerical [0.5]\n'
        "  craft.unembed %m\n}\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        passes_of("O0")[-1].apply(Context(), module)
    with pytest.raises(VerifyException, match="w_in has an element that is not a finite number"):
        module.verify()


def test_tuples_of_too_many_forms_are_refused():
    vocab = f"[({', '.join('01' * 30)})]"
    assert compile_from(program("", "%tokens", vocab=vocab))([(0, 1) * 30]) == [(0, 1) * 30]
    mixed = program('  %m = rasp.map(%tokens) "x -> x[0]" : ?', "%m", vocab=f"{vocab} mixed")
    with pytest.raises(CompileError, match="a tuple of too many numbers"):
        compile_from(mixed)


def test_a_mean_whose_domain_has_other_values_is_refused():
    text = (
        "rasp.program @p vocab [1, 2] max_seq_len 2 {\n  %t = rasp.tokens : [1, 2]\n"
        "  %s = rasp.select %t, %t true\n"
        '  %m = rasp.aggregate %s, %t default "b" : [1, 1.5, 2, "a"]\n  rasp.return %m\n}\n'
    )
    with pytest.raises(CompileError, match="it is a mean, and its domain has values that are no numbers"):
        compile_from(parse(text), first=1)


@pytest.mark.parametrize("stage", [0, 5, -1])
def test_a_program_within_a_program_is_invalid(stage: int):
    module = compile_stages(Task(rasp.tokens, ("a",), 2), "O0")[stage].module.clone()
    (outer,) = module.ops
    outer.regions[0].block.insert_ops_before([outer.clone()], next(iter(outer.regions[0].block.ops)))
    with pytest.raises(VerifyException, match=f"dialect only, found {outer.name}"):
        module.verify()
