"""The rewrites of the pipeline O1 keep every value, and its type where that is known, on programs made for them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

import raspc
from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.algebra.values import exact_form
from raspc.dialects.rasp import ProgramOp, ReturnOp
from raspc.errors import CompileError, MeaningWarning
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.sop_types import domain_of
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import Selector, SOp, indices, length, tokens
from raspc.runtime import rasp_interpreter
from tests.extent import starts
from tests.programs.levels import Task, check, compile_stages, same_output

REWRITES = {"fold-known-values", "recognize-counts", "detect-presence", "simplify-selectors", "merge-equal-sops"}

PROGRAMS = 120

VOCABS = (("a", "b"), (0, 1), (0, 1, 2), (-1, 3), (False, True), ("x", "y", "z"))

PREDICATES: tuple[Callable[[Any, Any], Any], ...] = (
    lambda k, q: k == q,
    lambda k, q: k != q,
    lambda k, q: k < q,
    lambda k, q: k <= q,
    lambda k, q: True,
    lambda k, q: False,
    lambda k, q: k == 1,
    lambda k, q: q == 1,
    lambda k, q: k in (0, 2, "a"),
)

PAIRS = ((False, True), (0, 1), (1, 0), (0, 2), (-1, 1), (3, 5), (0.0, 1.0), (0, 1.5), (True, 2), (0, None))
"""Two values of a map."""

DEFAULTS = (0, 0, False, None, 1, 5, "none")

OF_MEANS: tuple[Callable[..., Any], ...] = (
    lambda m, w: m * w,
    lambda m, w: w * m,
    lambda m, w: m * w == 1,
    lambda m, w: m * w > 0,
    lambda m, w: round(m * w) % 2,
    lambda m, w: 2 * (m * w) + 1,
    lambda m, w: m * (w + 1),
    lambda m, w: float(m * w),
    lambda m, w: m > 0 if w > 1 else m == 1,
    lambda m, w: (m == 1, w > 0),
    lambda m, w: m > 0,
)

OF_COUNTS: tuple[Callable[[Any], Any], ...] = (
    lambda x: x == 0,
    lambda x: x > 0,
    lambda x: x >= 1,
    lambda x: x == 1,
    lambda x: None if x == 0 else "some",
    lambda x: "none" if x == 0 else None,
    lambda x: 1 // x,
    lambda x: min(x, 1),
    lambda x: x,
    lambda x: x > 1,
    lambda x: not x,
)


def random_task(seed: int) -> Task:
    """A program with a mean of two values and a width, or a map of one of them, that are often the same count."""
    random = Random(seed)
    vocab = random.choice(VOCABS)
    strings = isinstance(vocab[0], str)

    def select() -> Selector:
        one = random.choice([tokens, indices, indices, tokens == vocab[-1], rasp.Full(1)])
        other = random.choice([one, one, indices, rasp.Full(1)])
        ordered = strings and (one is tokens) != (other is tokens)
        choices = [0, 1, 4, 5, 6, 7, 8] if ordered else range(len(PREDICATES))
        return rasp.Select(one, other, PREDICATES[random.choice(choices)])

    def selector(depth: int = 2) -> Selector:
        kind = random.randrange(6) if depth else 0
        if kind == 3:
            return selector(depth - 1) & selector(depth - 1)
        if kind == 4:
            return selector(depth - 1) | selector(depth - 1)
        if kind == 5:
            return ~selector(depth - 1)
        return select()

    def two_valued() -> SOp:
        false, true = random.choice(PAIRS)
        wanted = random.choice(vocab)
        source: SOp = random.choice([tokens == wanted, indices % 2 == 1, (tokens == wanted) | (indices == 0)])
        values = rasp.Map(lambda x: true if x else false, source)
        return rasp.numerical(values) if random.random() < 0.3 else values

    chosen = selector()
    mean = rasp.Aggregate(chosen, two_valued(), default=random.choice(DEFAULTS))
    widths: list[SOp] = [rasp.SelectorWidth(chosen), indices + 1, length, rasp.SelectorWidth(selector())]
    width = random.choice([*widths[:3] * 2, *widths])
    if random.random() < 0.2:
        width = 2 * width
    kind = random.randrange(4)
    if kind == 0:
        result: SOp = rasp.Map(random.choice(OF_COUNTS), random.choice([mean, width]))
    elif kind == 1:
        result = rasp.Map(random.choice(OF_COUNTS), rasp.SequenceMap(random.choice(OF_MEANS), mean, width))
    else:
        result = rasp.SequenceMap(random.choice(OF_MEANS), mean, width)
    if random.random() < 0.3:
        present = rasp.Map(random.choice(OF_COUNTS), rasp.SelectorWidth(selector()))
        result = rasp.SequenceMap(lambda x, y: (x, y), result, present)
    return Task(result, vocab, random.choice([1, 2, 3, 4, 7]), random.random() < 0.3)


def rewritten(task: Task) -> tuple[list[tuple[str, ModuleOp]], set[str]]:
    """The program's module after infer-values and after each rewrite, and the rewrites that changed it."""
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        InferValuesPass().apply(Context(), module)
    modules, fired = [("infer-values", module.clone())], set[str]()
    for compiler_pass in passes_of("O1"):
        if compiler_pass.name in REWRITES:
            before = str(module)
            compiler_pass.apply(Context(), module)
            module.verify()
            modules.append((compiler_pass.name, module.clone()))
            fired |= {compiler_pass.name} if str(module) != before else set()
    return modules, fired


def program_of(module: ModuleOp) -> ProgramOp:
    (program,) = module.ops
    assert isinstance(program, ProgramOp)
    return program


def returned_domain(module: ModuleOp) -> Domain:
    terminator = program_of(module).body.block.last_op
    assert isinstance(terminator, ReturnOp)
    return domain_of(terminator.value)


def compare(seed: int, *, lowered: bool = True) -> set[str]:
    """Compare a program with what each rewrite makes of it; the names of those that did something."""
    task = random_task(seed)
    try:
        modules, fired = rewritten(task)
    except CompileError:
        return {"refused"}
    any_form = returned_domain(modules[0][1]).mixed
    inputs = [(xs, output) for xs in task.inputs(60, 20) if (output := task.evaluate(xs)) is not None]
    for name, module in modules:
        for xs, output in inputs:
            found = rasp_interpreter.run_program(module, xs)
            what = f"seed {seed}, {name}: on {xs} expected {output}, found {found}\n{module}"
            assert found == output or (name == "infer-values" and same_output(output, found)), what
            if not any_form:
                assert [exact_form(value) for value in found] == [exact_form(value) for value in output], what
        assert program_of(module).assumptions == program_of(modules[0][1]).assumptions
    if lowered:
        try:
            compile_stages(task, "O0")
        except CompileError:
            return fired | {"refused"}
        some = inputs[:: max(1, len(inputs) // 12)]
        wanted = [output for _, output in some]
        for stage in compile_stages(task, "O1"):  # it refuses no more
            check(f"seed {seed}, {stage.name}", [xs for xs, _ in some], wanted, stage.run([xs for xs, _ in some]))
    return fired


@pytest.mark.parametrize("start", starts(PROGRAMS, 20))
def test_rewrites_keep_every_value_and_its_type(start: int):
    fired = Counter(name for seed in range(start, start + 20) for name in compare(seed))
    assert fired["refused"] < 8, fired
    assert fired["simplify-selectors"] > 3, fired


def test_all_rewrites_fire_on_these_programs():
    fired = Counter(name for seed in range(60) for name in compare(seed, lowered=False))
    assert fired.keys() >= REWRITES, fired


def test_a_product_that_rounds_keeps_the_roundings():
    up_to_here = rasp.Select(indices, indices, lambda k, q: k <= q)
    mean = rasp.Aggregate(up_to_here, tokens == "a")
    task = Task(rasp.SequenceMap(lambda m, n: m * n, mean, indices + 1), ("a", "b"), 24)
    modules, fired = rewritten(task)
    assert "recognize-counts" in fired
    assert "rasp.aggregate" not in str(modules[-1][1])
    inputs = [["a"] * 15 + ["b"] * 9, ["b"] * 9 + ["a"] * 15, *([*"ab"] * n for n in range(1, 13))]
    expected = [task.evaluate(xs) for xs in inputs]
    assert any(output is not None and 14.999999999999998 in output for output in expected)
    assert [rasp_interpreter.run_program(modules[-1][1], xs) for xs in inputs] == expected


def test_a_rounded_product_is_a_count():
    up_to_here = rasp.Select(indices, indices, lambda k, q: k <= q)
    mean = rasp.Aggregate(up_to_here, tokens == "a")
    task = Task(rasp.SequenceMap(lambda m, n: round(m * n), mean, indices + 1), ("a", "b"), 24)
    (program,) = rewritten(task)[0][-1][1].ops
    assert isinstance(program, ProgramOp)
    assert [op.name for op in program.body.block.ops if op.name in ("rasp.aggregate", "rasp.map")] == []


@pytest.mark.parametrize(("other", "alone"), [(0, 1), (1, 0), (2, 5), (0.25, 0.75), (-1, 1), (0.1, 0.7)])
@pytest.mark.parametrize("causal", [False, True])
def test_a_mean_with_one_other_value_is_a_function_of_a_width(other: float, alone: float, causal: bool):
    # The first position is always selected, and holds the other value: as the RASP paper counts with a BOS token.
    first = rasp.Select(rasp.indices, rasp.Map(lambda _: 0, rasp.tokens), rasp.Comparison.EQ)
    same = rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)
    values = rasp.numerical(rasp.Map(lambda index: alone if index == 0 else other, rasp.indices))
    program = rasp.Map(lambda mean: round(mean, 3) > (other + alone) / 2, rasp.Aggregate(same | first, values))
    model = raspc.compile(program, ["a", "b"], 5, causal=causal)
    assert model.config.n_layers == 1
    for size in range(1, 6):
        for xs in product("ab", repeat=size):
            assert model(list(xs)) == rasp.evaluate(program, list(xs), causal=causal)


def test_a_select_by_a_side_that_a_source_leaves_undefined():
    # The one value of the queries is decided by a map that is undefined for most of its own values.
    ones = rasp.Select(tokens, rasp.Full(1), rasp.Comparison.EQ)
    mean = rasp.Aggregate(ones, length)
    half = rasp.Select(indices, length, lambda k, q: 2 * k == q)
    found = rasp.Aggregate(rasp.SelectorAnd(half, ones), mean, (1, "a"))
    reversed_ = rasp.Map(lambda x: x[::-1], rasp.Map(lambda x, y, z: x if z else y, found, mean, found))
    text = rasp.Map(lambda x: "a" if x == 0 else "1", reversed_)
    program = rasp.SelectorWidth(rasp.Select(indices, text, lambda k, q: k != q))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        model = raspc.compile(program, [-1.5, 0.5, 1], 3, pipeline="O1")
    assert model([-1.5, 0.5]) == rasp.evaluate(program, [-1.5, 0.5])
