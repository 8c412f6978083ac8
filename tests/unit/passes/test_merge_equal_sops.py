"""The pass merge-equal-sops: what it merges, and programs in which a careless comparison would be wrong."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

import raspc
from raspc import rasp
from raspc.algebra.values import exact_form
from raspc.dialects.rasp import ProgramOp
from raspc.errors import CompileError, MeaningWarning
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.merge_equal_sops import MergeEqualSopsPass
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import Selector, SOp, indices, length, tokens
from raspc.runtime import rasp_interpreter
from tests.extent import starts
from tests.programs.levels import Task, same_output

ALL = rasp.Select(indices, indices, rasp.Comparison.TRUE)


def tupled(*sops: SOp) -> SOp:
    """All values at each position."""
    return rasp.Map(lambda *values: values, *sops)


def shown(*sops: SOp) -> SOp:
    """The values as text, which tells `1` from `True` and from `1.0`, and shows what is undefined elsewhere."""
    return tupled(*(rasp.Map(str, sop) for sop in sops))


def merged(task: Task) -> tuple[ModuleOp, ModuleOp]:
    """A program with its values inferred, and what the pass makes of it."""
    before = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        InferValuesPass().apply(Context(), before)
    after = before.clone()
    MergeEqualSopsPass().apply(Context(), after)
    after.verify()
    return before, after


def count(module: ModuleOp, name: str) -> int:
    """How many ops of this name a program has."""
    (program,) = module.ops
    assert isinstance(program, ProgramOp)
    return sum(op.name == f"rasp.{name}" for op in program.body.block.ops)


def check(task: Task, op: str, n: int, *, compiled: bool = True) -> None:
    """Check how many ops of a kind are left, and that the values, their types and the model's outputs are the same."""
    _, after = merged(task)
    assert count(after, op) == n, str(after)
    inputs = list(task.inputs(400, 60))
    outputs = [task.evaluate(xs) for xs in inputs]
    assert any(output is not None for output in outputs)
    for xs, output in zip(inputs, outputs, strict=True):
        if output is not None:
            found = rasp_interpreter.run_program(after, xs)
            assert [exact_form(value) for value in found] == [exact_form(value) for value in output], (xs, str(after))
    if not compiled:
        return
    for pipeline in ("O1", "O2"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MeaningWarning)
            model = raspc.compile(task.program, task.vocab, task.max_seq_len, causal=task.causal, pipeline=pipeline)
        for xs, output in zip(inputs, outputs, strict=True):
            if output is None:
                assert not model.validate(xs)
            else:
                assert model.validate(xs)
                assert same_output(output, model(xs)), (pipeline, xs, output, model(xs))


def pair(fst: Callable[..., Any], snd: Callable[..., Any], *operands: SOp) -> SOp:
    """Two maps of the same operands."""
    return tupled(rasp.Map(fst, *operands), rasp.Map(snd, *operands))


# What is merged


@pytest.mark.parametrize(
    ("fst", "snd"),
    [
        (lambda x: x + 1, lambda x: 1 + x),
        (lambda x: x * 2, lambda x: x + x),
        (lambda x: {0: "a", 1: "b", 2: "a"}[x], lambda x: "b" if x == 1 else "a"),
        (lambda x: 1 // x, lambda x: None if x == 0 else 1 if x == 1 else 0),
    ],
)
def test_functions_with_the_same_values_are_merged(fst: Callable[..., Any], snd: Callable[..., Any]):
    check(Task(pair(fst, snd, tokens), (0, 1, 2), 2), "map", 2)


def test_operands_may_stand_in_any_order_and_twice():
    program = tupled(
        rasp.Map(lambda x, y: x - y, tokens, indices),
        rasp.Map(lambda y, x: -y + x, indices, tokens),
        rasp.Map(lambda x, y, z: (x + z) / 2 - y if x == z else "never", tokens, indices, tokens),
        rasp.Map(lambda x, y: int(x) - y, tokens, indices),
    )
    check(Task(program, (0, 1, 2), 3), "map", 3)  # one gives floats


def test_an_identity_is_its_operand():
    mean = rasp.Aggregate(ALL, tokens)
    check(Task(rasp.Map(lambda x: x, mean), (0, 1, 2), 3), "map", 0)
    check(Task(rasp.Map(lambda x: x if x < 9 else 0, mean), (0, 1, 2), 3), "map", 1)  # it is one-hot, the mean isn't
    check(Task(rasp.Map(lambda x: x, tokens), ("a", "b"), 3), "map", 0)


def test_operands_with_too_many_sources_are_compared_by_their_own_values():
    def parity(shift: int) -> SOp:
        source = rasp.Aggregate(rasp.Select(indices, indices - shift, rasp.Comparison.EQ), tokens, 0)
        return rasp.Map(lambda x: x % 2, source)

    a, b, c, d = (parity(shift) for shift in range(1, 5))
    ab, cd = a + b, c + d
    program = tupled(rasp.Map(lambda x, y: x * y, ab, cd), rasp.Map(lambda y, x: y * x, cd, ab))
    before, after = merged(Task(program, tuple(range(40)), 6))
    assert count(after, "map") == count(before, "map") - 1, str(after)


def test_selects_are_compared_by_the_pairs_for_which_they_hold():
    selectors = [
        rasp.Select(tokens, indices, lambda k, q: k <= q),
        rasp.Select(tokens, indices, lambda k, q: k < q + 1),
        ~rasp.Select(tokens, indices, lambda k, q: k - q > 0),
        rasp.Select(tokens, indices, lambda k, q: k < q) | rasp.Select(tokens, indices, lambda k, q: k == q),
    ]
    program = tupled(*(rasp.SelectorWidth(selector) for selector in selectors))
    check(Task(program, (0, 1, 2), 3), "selector_width", 1)


# What isn't


def test_equal_values_of_other_types_are_told_apart():
    program = shown(
        rasp.Map(lambda x: x == 1, tokens), rasp.Map(lambda x: x * 1.0, tokens), rasp.Map(lambda x: x * 1, tokens)
    )
    check(Task(program, (0, 1), 2), "map", 6)  # the last is the tokens


def test_what_is_undefined_elsewhere_is_told_apart():
    program = tupled(
        rasp.Map(lambda x: x is None, rasp.Map(lambda x: 1, tokens)),
        tokens,
        rasp.Aggregate(ALL, rasp.Map(lambda x: 1 // x, tokens), "none"),
        rasp.Aggregate(ALL, rasp.Map(lambda x: 1, tokens), "none"),
    )
    check(Task(program, (0, 1), 3), "aggregate", 2)


def test_an_operand_that_only_decides_whether_the_result_is_defined_counts():
    inverse = rasp.Map(lambda x: 2 // x, tokens)
    ignoring = rasp.Map(lambda i, x: i, indices, inverse)
    program = tupled(rasp.Aggregate(ALL, ignoring), rasp.Aggregate(ALL, indices))
    check(Task(program, (0, 1), 3), "aggregate", 2)


def test_a_select_with_undefined_keys_isnt_one_without():
    inverse = rasp.Map(lambda x: 1 // x, tokens)
    fst = rasp.SelectorWidth(rasp.Select(inverse, indices, lambda k, q: k <= q))
    snd = rasp.SelectorWidth(rasp.Select(rasp.Map(lambda x: 1, tokens), indices, lambda k, q: k <= q))
    not_fst = rasp.SelectorWidth(~rasp.Select(inverse, indices, lambda k, q: k <= q))
    not_snd = rasp.SelectorWidth(rasp.Select(inverse, indices, lambda k, q: k > q))
    check(Task(tupled(fst, snd, not_fst, not_snd), (0, 1), 3), "selector_width", 3)


def test_keys_and_queries_arent_swapped():
    fst = rasp.SelectorWidth(rasp.Select(tokens, indices, rasp.Comparison.LT))
    snd = rasp.SelectorWidth(rasp.Select(indices, tokens, rasp.Comparison.LT))
    check(Task(tupled(fst, snd), (0, 1), 3), "selector_width", 2)


@pytest.mark.parametrize("causal", [False, True])
def test_what_a_causal_program_hides_doesnt_count(causal: bool):
    selectors = [
        rasp.Select(indices, indices, comparison) for comparison in (rasp.Comparison.LEQ, rasp.Comparison.TRUE)
    ]
    program = tupled(*(rasp.Aggregate(selector, tokens) for selector in selectors))
    check(Task(program, (0, 1), 3, causal), "aggregate", 1 if causal else 2)
    negated = tupled(*(rasp.Aggregate(~selector, tokens) for selector in selectors))
    check(Task(negated, (0, 1), 3, causal), "aggregate", 1 if causal else 2)


def test_sums_of_floats_round():
    a, b, c = tokens, rasp.Map(lambda i: (0.1, 0.2, 0.3)[i], indices), rasp.Map(lambda i: (0.3, 0.7, 0.6)[i], indices)
    left = rasp.Map(lambda x, y, z: (x + y) + z, a, b, c)
    right = rasp.Map(lambda x, y, z: x + (y + z), a, b, c)
    _, after = merged(Task(tupled(left, right), (0.1, 0.2, 0.7), 3))
    assert count(after, "map") == 5, str(after)


def test_maps_of_a_mean_are_compared_in_all_forms_of_a_number():
    mean = rasp.Aggregate(ALL, tokens)  # 1, True or 1.0
    one, other = rasp.Map(lambda m: m, mean), rasp.Map(lambda m: m + 0, mean)
    _, after = merged(Task(tupled(one, other), (0, 2), 2))
    assert count(after, "map") == 2, str(after)  # True + 0 is 1


def test_encodings_that_were_asked_for_stay():
    fst, snd = rasp.Map(lambda x: x + 1, tokens), rasp.numerical(rasp.Map(lambda x: 1 + x, tokens))
    check(Task(tupled(rasp.Aggregate(ALL, fst), rasp.Aggregate(ALL, snd)), (0, 1, 2), 3), "map", 3)


def test_a_default_counts_where_nothing_may_be_selected():
    itself, later = (
        rasp.Select(indices, indices, comparison) for comparison in (rasp.Comparison.EQ, rasp.Comparison.GT)
    )
    program = tupled(*(rasp.Aggregate(selector, tokens, default) for selector in (itself, later) for default in (0, 1)))
    check(Task(program, (2, 3), 3), "aggregate", 3)


# What is known of a program


def test_a_proof_isnt_lost_with_the_select_that_it_is_about():
    """A select by an equal index is known to select always; one of the same pairs, written otherwise, isn't."""
    opposite = length - indices - 1
    fst = rasp.Aggregate(rasp.Select(indices, opposite, lambda k, q: abs(k - q) < 1), tokens, "none")
    snd = rasp.Aggregate(rasp.Select(indices, opposite, rasp.Comparison.EQ), tokens, "none")
    task = Task(tupled(fst, snd), ("a", "b"), 4)
    check(task, "select", 2)
    check(task, "aggregate", 1)
    selects = [line for line in str(merged(task)[1]).splitlines() if "= rasp.select " in line]
    assert [line.rpartition(" ")[2] for line in selects] == ["true", "eq"]


def test_an_axis_that_tells_what_can_occur_isnt_dropped():
    """The length as a map of length and index, read beside a mean whose values both bound together."""
    mean = rasp.Aggregate(rasp.Select(tokens, indices, rasp.Comparison.LEQ), tokens, 1)
    same_length = rasp.Map(lambda n: n if n < 9 else 0, length)
    with_index = rasp.Map(lambda n, i: n if i < 9 else 0, length, indices)
    task = Task(tupled(tupled(same_length, mean), with_index, indices), (0.0, 1.0), 3)
    _, after = merged(task)
    again = after.clone()
    InferValuesPass().apply(Context(), again)  # refuses domains that are too small
    assert str(again) == str(after)


def test_warnings_and_assumptions_stay():
    mean = rasp.Aggregate(ALL, tokens)
    letters = [
        rasp.Map(lambda m: "abc"[m], mean),
        rasp.Map(lambda m: "abcd"[m], mean),
        rasp.Map(lambda m: "abc"[int(m)], mean),
    ]
    task = Task(tupled(*letters), (0, 1, 2), 3)
    found: list[list[str]] = []
    for pipeline in ("O0", "O1", "O2"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = raspc.compile(task.program, task.vocab, task.max_seq_len, pipeline=pipeline)
        found.append([str(warning.message) for warning in caught if warning.category is MeaningWarning])
        assert not model.validate([0, 1])
        assert model.validate([1, 1])
        assert same_output([("b", "b", "b")] * 2, model([1, 1]))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2
    check(task, "map", 3)


def test_names_and_lines_are_those_of_the_first():
    half = rasp.Map(lambda x: x / 2, tokens).named("half")
    chain = rasp.Map(lambda x: x * 4, half).named("chain")
    double = rasp.Map(lambda x: x * 2.0, tokens).named("double")
    before, after = merged(Task(tupled(half, chain, double), (1, 2), 2))
    assert '%chain = rasp.map(%tokens) "x -> x * 2.0"' in str(after)
    (line,) = {str(op.location) for op in before.walk() if op.results and op.results[0].name_hint == "chain"}
    assert line in {str(op.location) for op in after.walk() if op.results and op.results[0].name_hint == "chain"}


# Random programs

UNARY: tuple[Callable[[Any], Any], ...] = (
    lambda x: x,
    lambda x: 0 + x,
    lambda x: x * 2,
    lambda x: x + x,
    lambda x: x == 1,
    lambda x: x > 0,
    lambda x: float(x),
    lambda x: x if x else None,
    lambda x: 1 // x,
    lambda x: str(x),
    lambda x: (x, x),
    lambda x: 1 if x == 1 else x,
)

BINARY: tuple[Callable[[Any, Any], Any], ...] = (
    lambda x, y: x + y,
    lambda x, y: y + x,
    lambda x, y: x,
    lambda x, y: max(x, y),
    lambda x, y: x if x > y else y,
    lambda x, y: x == y,
    lambda x, y: x / y,
)

PREDICATES: tuple[Callable[[Any, Any], Any], ...] = (
    lambda k, q: k == q,
    lambda k, q: k - q == 0,
    lambda k, q: k <= q,
    lambda k, q: not k > q,
    lambda k, q: k < q,
    lambda k, q: k != q,
    lambda k, q: k + q > -9,
)

VOCABS = ((0, 1), (0, 1, 2), (1, 2), (False, True), (0.0, 1.0), (-1, 1), (0, 0.5, 1))


def random_task(seed: int) -> Task:
    """A program of few sources with many functions of them, of which some are equal."""
    random = Random(seed)
    sops: list[SOp] = [tokens, indices, tokens, indices]
    selectors: list[Selector] = [rasp.Select(tokens, indices, random.choice(PREDICATES))]
    for _ in range(random.randint(4, 9)):
        pool = [*sops[-5:], *sops[:2]]
        fst, snd = random.choice(pool), random.choice(pool)
        kind = random.randrange(10)
        if kind < 3:
            sops.append(rasp.Map(random.choice(UNARY), fst))
        elif kind < 5:
            sops.append(rasp.Map(random.choice(BINARY), fst, snd))
        elif kind < 7:
            selectors += [rasp.Select(fst, snd, random.choice(PREDICATES)) for _ in range(2)]
            other = random.choice(selectors)
            selectors.append(random.choice([~other, selectors[-1] & other, selectors[-1] | other]))
        elif kind < 9:
            default = random.choice([None, 0, 0, 1, True])
            sops += [rasp.Aggregate(random.choice(selectors[-4:]), fst, default) for _ in range(2)]
        else:
            sops.append(rasp.SelectorWidth(random.choice(selectors[-4:])))
    chosen = random.sample(sops, 4)
    return Task(tupled(*chosen), random.choice(VOCABS), random.choice([1, 2, 3, 3]), random.random() < 0.3)


@pytest.mark.parametrize("start", starts(80, 20))
def test_random_programs_keep_every_value_and_its_type(start: int):
    shorter = 0
    for seed in range(start, start + 20):
        task = random_task(seed)
        try:
            before, after = merged(task)
        except CompileError:
            continue
        shorter += str(after).count("\n") < str(before).count("\n")
        for xs in task.inputs(100, 20):
            output = task.evaluate(xs)
            if output is not None:
                found = rasp_interpreter.run_program(after, xs)
                what = f"seed {seed}: on {xs} expected {output}, found {found}\n{before}\n{after}"
                assert [exact_form(value) for value in found] == [exact_form(value) for value in output], what
    assert shorter > 3
