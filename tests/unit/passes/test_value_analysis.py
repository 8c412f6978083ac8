"""What infer-values finds, compared with what the interpreter of the rasp dialect computes on all inputs."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation

from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.algebra.functions import UNREACHABLE
from raspc.algebra.values import MaybeValue, Value
from raspc.dialects.rasp import MapOp, SelectorWidthOp
from raspc.dialects.rasp.ops import SopOp
from raspc.errors import CompileError, MeaningError, MeaningWarning
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.names import name_of
from raspc.passes.value_analysis import ValueAnalysis, facts
from raspc.rasp import Comparison, library
from raspc.rasp.entry import build_module
from raspc.rasp.expressions import SOp, indices, length, tokens
from raspc.runtime.rasp_interpreter import program_of, rasp_functions
from raspc.testing import random_program
from tests.extent import some, starts
from tests.programs.corpus import CORPUS, Program
from tests.programs.guards import GUARDS
from tests.programs.levels import Task, parse

RANDOM_PROGRAMS = 400
CHUNK = 50


def inferred(module: ModuleOp) -> list[Domain]:
    """The domain of every s-op, in order.

    Raises:
        CompileError: the program is refused.
    """
    copy = module.clone()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeaningWarning)
        InferValuesPass().apply(Context(), copy)
    domains = [op.domain for op in sops(copy)]
    assert None not in domains
    return [domain for domain in domains if domain is not None]


def sops(module: ModuleOp) -> list[SopOp]:
    return [op for op in program_of(module).body.block.ops if isinstance(op, SopOp)]


class Recorder(Interpreter.Listener):
    """Keeps what each op computes."""

    values: dict[SopOp, list[MaybeValue]]

    def __init__(self) -> None:
        self.values = {}

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        if isinstance(op, SopOp):
            self.values[op] = results[0]


def computed(module: ModuleOp, inputs: Iterator[list[Value]]) -> Iterator[dict[SopOp, list[MaybeValue]]]:
    """What each op computes on the inputs on which the program has a meaning."""
    program = program_of(module)
    for xs in inputs:
        recorder = Recorder()
        interpreter = Interpreter(module, listeners=(recorder,))
        interpreter.register_implementations(rasp_functions(program, xs))
        try:
            interpreter.run_ssacfg_region(program.body, ())
        except MeaningError:
            continue
        yield recorder.values


def check_domains(task: Task, most_inputs: int) -> bool:
    """Check that each domain contains all values, in a form that it allows; false if the program is refused."""
    module = build_module(task.program, task.vocab, task.max_seq_len, causal=task.causal)
    try:
        domains = inferred(module)
    except CompileError:
        return False
    by_op = dict(zip(sops(module), domains, strict=True))
    for values in computed(module, task.inputs(most_inputs, most_inputs // 2)):
        for op, found in values.items():
            domain = by_op[op]
            for value in found:
                assert value in domain, f"{name_of(op.result)} can be {value!r}, which is not in {domain}"
                if value is not None and not domain.mixed:
                    form = domain.values[domain.code(value)]
                    assert type(form) is type(value), f"{name_of(op.result)} can be {value!r} in the form {form!r}"
    return True


@pytest.mark.parametrize("program", some(CORPUS), ids=lambda program: program.name)
def test_domains_contain_all_values_of_the_corpus(program: Program):
    assert check_domains(Task(program.build(), program.vocab, program.max_seq_len, program.causal), 400)
    assert check_domains(Task(program.build(3), program.vocab, 3, program.causal), 400)


@pytest.mark.parametrize("program", GUARDS, ids=lambda program: program.name)
def test_domains_contain_all_values_where_hardly_anything_is_enumerated(
    program: Program, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(facts, "GRID_LIMIT", 12)
    check_domains(Task(program.build(), program.vocab, program.max_seq_len, program.causal), 130)


# With a low limit the sources of nearly all expressions are too many to be enumerated.
@pytest.mark.parametrize("grid_limit", [facts.GRID_LIMIT, 12])
@pytest.mark.parametrize("start", starts(RANDOM_PROGRAMS, CHUNK))
def test_domains_contain_all_values_of_random_programs(start: int, grid_limit: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(facts, "GRID_LIMIT", grid_limit)
    accepted = 0
    for seed in range(start, start + CHUNK):
        random = random_program(
            seed, size=2 + seed % 12, max_seq_len=(1, 5), causal=None, risk=0.1 if seed % 4 == 0 else 0, trivial=True
        )
        task = Task(random.program, random.vocab, random.max_seq_len, random.causal)
        try:
            accepted += check_domains(task, 130)
        except AssertionError as error:
            error.add_note(f"seed {seed}\n{random.source}")
            raise
    assert accepted > 0.8 * CHUNK


# By hand


def domain_of(program: SOp, vocab: Sequence[Any], max_seq_len: int, *, causal: bool = False) -> Domain:
    """The domain of a program, of which all must be proved: a warning is an error."""
    module = build_module(program, list(vocab), max_seq_len, causal=causal)
    InferValuesPass().apply(Context(), module)
    domain = sops(module)[-1].domain
    assert domain is not None
    return domain


def observed(program: SOp, vocab: Sequence[Any], max_seq_len: int, *, causal: bool = False) -> set[MaybeValue]:
    """All values that a program takes."""
    return {
        value
        for n in range(1, max_seq_len + 1)
        for xs in product(vocab, repeat=n)
        for value in rasp.evaluate(program, xs, causal=causal)
    }


def farey(order: int) -> list[float]:
    return sorted({float(Fraction(p, q)) for q in range(1, order + 1) for p in range(q + 1)})


def opposite() -> SOp:
    return length - indices - 1


def rank(keys: SOp) -> SOp:
    return rasp.SelectorWidth(rasp.Select(keys, keys, Comparison.LT))


def doubled(times: int) -> SOp:
    """A tree of 2 ** times leaves that are one s-op."""
    sop: SOp = tokens
    for _ in range(times):
        sop = (sop + sop) % 7
    return sop


EVERYTHING = rasp.Select(tokens, tokens, Comparison.TRUE)
THIS_AND_PREVIOUS = rasp.Select(indices, indices, lambda key, query: key in (query, query - 1))
OTHER_POSITIONS = rasp.Select(indices, indices, Comparison.NEQ)
SMALLER = rasp.Select(tokens, tokens, Comparison.LEQ)
FILLED_SHIFT = rasp.Aggregate(rasp.Select(indices, indices - 1, Comparison.EQ), tokens, default="-")
UP_TO_HERE = rasp.Select(indices, indices, Comparison.LEQ)
BEFORE = rasp.Select(indices, indices, Comparison.LT)
SAME = rasp.Select(tokens, tokens, Comparison.EQ)


def test_the_opposite_position_is_a_position():
    assert domain_of(opposite(), "ab", 7) == Domain.of(range(7))


def test_a_difference_of_two_functions_of_one_source_is_evaluated_jointly():
    assert domain_of((tokens * tokens) - tokens * 3, [0, 1, 2, 3], 4) == Domain.of([0, -2])


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_means_of_bools_are_farey_fractions(n: int):
    mean = rasp.Aggregate(UP_TO_HERE, tokens == "a")
    assert list(domain_of(mean, ["a", "b"], n).values) == farey(n)
    assert not domain_of(mean, ["a", "b"], n).undefined


def test_a_position_selects_itself_so_that_the_width_is_not_zero():
    assert domain_of(rasp.SelectorWidth(SAME), "abc", 6) == Domain.of(range(1, 7))
    assert domain_of(rasp.SelectorWidth(SAME & UP_TO_HERE), "abc", 6) == Domain.of(range(1, 7))
    assert domain_of(rasp.SelectorWidth(SAME | BEFORE), "abc", 6) == Domain.of(range(1, 7))


def test_a_position_that_does_not_select_itself_selects_fewer_than_all():
    assert domain_of(rasp.SelectorWidth(BEFORE), "abc", 6) == Domain.of(range(6))
    assert domain_of(rasp.SelectorWidth(~SAME), "abc", 6) == Domain.of(range(6))


def test_what_never_holds_has_the_width_zero():
    never = rasp.Select(tokens, tokens, lambda k, q: k + q == "xy")
    assert domain_of(rasp.SelectorWidth(never & SAME), "abc", 6) == Domain.of([0])


def test_the_width_of_everything_is_the_length():
    everything = rasp.SelectorWidth(rasp.Select(tokens, tokens, Comparison.TRUE))
    assert domain_of(everything - indices, "ab", 5) == Domain.of(range(1, 6))


def test_the_length_of_a_causal_program_is_one_more_than_the_index():
    assert domain_of(length - indices, "ab", 5, causal=True) == Domain.of([1])
    assert domain_of(length - indices, "ab", 5) == Domain.of(range(1, 6))


@pytest.mark.parametrize("causal", [False, True])
def test_a_functional_predicate_on_indices_selects_at_most_one(causal: bool):
    for predicate in (lambda k, q: k == q + 1, lambda k, q: q - k == 2, lambda k, q: k + q == 3, Comparison.EQ):
        select = rasp.Select(indices, indices, predicate)
        assert set(domain_of(rasp.Aggregate(select, tokens), "ab", 5, causal=causal).values) <= {"a", "b"}
        assert set(domain_of(rasp.SelectorWidth(select), "ab", 5, causal=causal).values) <= {0, 1}


def test_reverse_is_defined_everywhere():
    assert domain_of(library.make_reverse(tokens), "abc", 8) == Domain.of("abc")


def test_a_shift_is_undefined_somewhere():
    assert domain_of(library.shift_by(1, tokens), "abc", 8) == Domain.of([*"abc", None])


def test_opposite_positions_are_distinct_in_an_input():
    # So at most one is selected, and nothing is averaged. That they are all positions isn't seen: hence undefined.
    flipped = rasp.Aggregate(rasp.Select(opposite(), indices, Comparison.EQ), tokens)
    assert domain_of(flipped, "ab", 4) == Domain.of(["a", "b", None])


def test_ranks_of_distinct_keys_are_a_permutation():
    by_key = library.make_sort(tokens, tokens, max_seq_len=6, min_key=1)
    assert set(domain_of(by_key, [3, 1, 2], 6).values) == {1, 2, 3}


def test_equal_ranks_have_equal_values():
    assert set(domain_of(library.make_sort_unique(tokens, tokens), "cab", 6).values) == set("abc")


def test_ranks_in_a_causal_program_may_be_equal():
    # Each position counts only the smaller keys before it.
    letters = rasp.Map(lambda x: "abc"[x], tokens)
    keys = tokens * 5 + indices
    by_rank = rasp.Aggregate(rasp.Select(rank(keys), indices - 1, Comparison.EQ), letters)
    domain_of(by_rank, [0, 1, 2], 5)  # a warning would be an error
    with pytest.warns(MeaningWarning, match="may have no mean"):
        domain_of(by_rank, [0, 1, 2], 5, causal=True)


def test_a_rank_in_a_causal_program_is_at_most_the_index():
    # So a position with the rank of the query's index that isn't after the query is the query.
    letters = rasp.Map(lambda x: "abc"[x], tokens)
    found = domain_of(library.make_sort(letters, tokens, max_seq_len=5, min_key=1), [0, 1, 2], 5, causal=True)
    assert found == Domain.of([*"abc", None])


def test_what_is_selected_by_value_has_that_value():
    # All selected keys are equal to the query, hence to each other.
    queries = rasp.Map(lambda x: "b", indices)
    select = rasp.Select(tokens, queries, Comparison.EQ)
    assert domain_of(rasp.Aggregate(select, tokens, "-"), "abc", 5) == Domain.of(["-", "b"])
    upper = rasp.Map(lambda x: x.upper(), tokens)
    assert domain_of(rasp.Aggregate(SAME, upper), "abc", 5) == Domain.of("ABC")


def test_a_mean_over_what_a_predicate_can_select_is_of_those_values():
    small = rasp.Select(tokens, tokens, lambda k, q: k < 2)
    assert domain_of(rasp.Aggregate(small, tokens, default=0), [0, 1, 100], 2).values == (0, 0.5, 1)


def test_undefined_values_make_no_mean_undefined_where_there_is_another():
    defined = rasp.Map(lambda x: x if x else None, tokens)
    everything = rasp.Select(indices, indices, Comparison.TRUE)
    domain = domain_of(rasp.Aggregate(everything, defined, default=7), [0, 1, 2], 2)
    assert domain.values == (1, 1.5, 2, 7)
    assert not domain.undefined


def test_means_of_ints_come_in_mixed_forms():
    assert domain_of(rasp.Aggregate(UP_TO_HERE, tokens), [0, 1, 2], 3).mixed
    assert not domain_of(rasp.Aggregate(SAME, tokens), [0, 1, 2], 3).mixed
    assert not domain_of(rasp.Aggregate(UP_TO_HERE, tokens), [0.0, 1.0, 2.5], 3).mixed
    assert domain_of(rasp.Aggregate(BEFORE, tokens, default=1), [0.0, 1.0, 2.5], 3).mixed


def test_a_large_int_comes_as_a_float_only_if_it_is_a_mean_of_others():
    assert not domain_of(rasp.Aggregate(UP_TO_HERE, tokens), [0, 2**60], 3).mixed
    assert domain_of(rasp.Aggregate(UP_TO_HERE, tokens), [0, 2**60, 2**61], 3).mixed


TIGHT: dict[str, tuple[SOp, Sequence[Any], int, bool]] = {
    "opposite": (opposite(), "ab", 4, False),
    "reverse": (library.make_reverse(tokens), "ab", 4, False),
    "hist": (library.make_hist(), "abc", 4, False),
    "shift": (library.shift_by(2, tokens), "ab", 4, False),
    "causal shift": (library.shift_by(2, tokens), "ab", 4, True),
    "fraction": (library.make_frac_prevs(tokens == "a"), "ab", 6, False),
    "causal fraction": (library.make_frac_prevs(tokens == "a"), "ab", 6, True),
    "mean": (rasp.Aggregate(UP_TO_HERE, tokens), [-1, 0, 3], 4, False),
    "mean of the defined": (
        rasp.Aggregate(UP_TO_HERE, rasp.Map(lambda x: x if x > 0 else None, tokens), default=-5), [0, 1, 3], 4, False,
    ),
    "difference of means": (library.make_pair_balance(tokens, "(", ")"), "()x", 4, False),
    "widths": (rasp.SelectorWidth(SAME & BEFORE), "ab", 5, False),
    "causal widths": (rasp.SelectorWidth(~SAME), "ab", 5, True),
    "division": (6 / tokens, [0, 1, 2, 4], 2, False),
    "length by parity": (length % 2 == indices % 2, "a", 5, False),
    # Elementwise, of one source or two
    "two functions of the tokens": (tokens * tokens - 3 * tokens, [0, 1, 2, 3], 3, False),
    "tokens and indices": ((tokens + indices) * (tokens - indices), [0, 1, 5], 4, False),
    "tokens and length": ((tokens + length) % 3 == tokens, [0, 1, 2], 4, False),
    "indices and length": ((length - indices) * (indices + 1), "a", 6, False),
    "a shared tree": (doubled(40), [0, 1, 2], 3, False),
    # Means
    "mean of all": (rasp.Aggregate(EVERYTHING, tokens), [0, 1], 6, False),
    "causal mean of all": (rasp.Aggregate(EVERYTHING, tokens), [0, 1], 6, True),
    "mean of this and the one before": (rasp.Aggregate(THIS_AND_PREVIOUS, tokens), [0, 1, 5], 5, False),
    "a mean less one of squares": (
        rasp.Aggregate(THIS_AND_PREVIOUS, tokens) - rasp.Aggregate(THIS_AND_PREVIOUS, tokens * tokens),
        [0, 1, 3], 4, False,
    ),
    "a mean of squares less one": (
        rasp.Aggregate(THIS_AND_PREVIOUS, tokens * tokens) - rasp.Aggregate(THIS_AND_PREVIOUS, tokens),
        [0, 1, 3], 4, False,
    ),
    "mean of the others": (rasp.Aggregate(OTHER_POSITIONS, tokens, default=-1), [0, 1], 6, False),
    "prefix sum": (rasp.Aggregate(UP_TO_HERE, tokens) * (indices + 1), [0, 1], 6, False),
    "prefix sum by a width": (
        rasp.Aggregate(UP_TO_HERE, tokens) * rasp.SelectorWidth(UP_TO_HERE), [-1, 0, 5], 4, False,
    ),
    "causal prefix sum": (rasp.Aggregate(EVERYTHING, tokens) * length, [0, 1, 3], 4, True),
    "sum of all": (rasp.Aggregate(EVERYTHING, tokens) * length, [0, 1, 3], 4, False),
    "sum of the smaller": (rasp.SelectorWidth(SMALLER) * rasp.Aggregate(SMALLER, tokens), [0, 1, 4], 4, False),
    "sum before its width": (rasp.Aggregate(SMALLER, tokens) * rasp.SelectorWidth(SMALLER), [0, 1, 4], 4, False),
    # Widths
    "width of the same": (rasp.SelectorWidth(SAME), "ab", 6, False),
    "width of the others": (rasp.SelectorWidth(~SAME), "ab", 6, False),
    "width before": (rasp.SelectorWidth(BEFORE), "ab", 6, False),
    "width from here on": (rasp.SelectorWidth(~BEFORE), "ab", 6, False),
    "width before is the index": (rasp.SelectorWidth(BEFORE) - indices, "ab", 6, False),
    "width up to here": (rasp.SelectorWidth(UP_TO_HERE) - indices, "ab", 6, False),
    "width from here on and the index": (rasp.SelectorWidth(~BEFORE) + indices - length, "ab", 6, False),
    "causal width of all": (rasp.SelectorWidth(EVERYTHING) - indices, "ab", 6, True),
    "causal width of the same": (rasp.SelectorWidth(SAME) - indices, "ab", 6, True),
    "width and length": (length - rasp.SelectorWidth(SAME), "ab", 6, False),
    "same and before": (indices - rasp.SelectorWidth(SAME & BEFORE), "ab", 6, False),
    "every other position": (rasp.SelectorWidth(rasp.Select(indices % 2, indices % 2, Comparison.EQ)), "ab", 6, False),
    "width over undefined keys": (
        rasp.SelectorWidth(rasp.Select(library.shift_by(2, tokens), tokens, Comparison.TRUE)), "ab", 5, False,
    ),
    "never": (rasp.SelectorWidth(SAME & ~SAME), "ab", 5, False),
    # What is undefined, and at most one
    "shift at one position": (library.shift_by(1, tokens), "ab", 1, False),
    "shift by the length": (library.shift_by(4, tokens), "ab", 4, False),
    "shift to the left": (library.shift_by(-1, tokens), "ab", 4, False),
    "causal shift to the left": (library.shift_by(-1, tokens), "ab", 4, True),
    "shift of a shift": (library.shift_by(1, library.shift_by(-1, tokens)), "ab", 4, False),
    "what only the first position misses": (
        rasp.SequenceMap(lambda token, i: (token == "-") == (i == 0), FILLED_SHIFT, indices), "ab", 4, False,
    ),
    "two selects that are one": (
        rasp.Aggregate(SMALLER & rasp.Select(tokens, tokens, Comparison.GEQ), tokens), [0, 1, 5], 3, False,
    ),
    "the first position": (
        rasp.Aggregate(rasp.Select(indices, rasp.Full(0), Comparison.EQ), tokens), "ab", 4, False,
    ),
    "the first of a causal program": (
        rasp.Aggregate(rasp.Select(indices, rasp.Full(0), Comparison.EQ), tokens), "ab", 4, True,
    ),
    "the last position": (
        rasp.Aggregate(rasp.Select(indices, length - 1, Comparison.EQ), tokens), "ab", 4, False,
    ),
    "a position before the first": (
        rasp.Aggregate(rasp.Select(indices, rasp.Full(-1), Comparison.EQ), tokens), "ab", 4, False,
    ),
    "the second position": (
        rasp.Aggregate(rasp.Select(indices, rasp.Full(1), Comparison.EQ), tokens), "ab", 4, False,
    ),
    "causal rank": (
        rasp.Aggregate(rasp.Select(rank(tokens), indices, Comparison.EQ), tokens), [5, 7, 9], 4, True,
    ),
}  # fmt: skip


def test_the_table_has_means_in_lowest_terms():
    # Of n equal parts at most 6: the Farey fractions; of prefix sums: the integers.
    assert [*domain_of(TIGHT["mean of all"][0], [0, 1], 6).values] == farey(6)
    assert [*domain_of(TIGHT["causal mean of all"][0], [0, 1], 6, causal=True).values] == farey(6)
    assert domain_of(TIGHT["prefix sum"][0], [0, 1], 6).values == tuple(range(7))


def test_a_width_that_the_index_decides_is_no_source_of_its_own():
    # At max_seq_len 1,000 too: all pairs of positions are examined.
    width = rasp.SelectorWidth(UP_TO_HERE) - indices
    assert domain_of(width, "ab", 1000) == Domain.of([1])
    assert domain_of(width, "ab", 1000, causal=True) == Domain.of([1])
    assert domain_of(rasp.SelectorWidth(BEFORE), "ab", 1000) == Domain.of(range(1000))


@pytest.mark.parametrize("name", TIGHT)
def test_the_domain_is_exactly_what_occurs(name: str):
    program, vocab, max_seq_len, causal = TIGHT[name]
    domain = domain_of(program, vocab, max_seq_len, causal=causal)
    assert set(domain.values) | ({None} if domain.undefined else set()) == observed(
        program, vocab, max_seq_len, causal=causal
    )


def test_a_mean_with_too_many_values_is_refused():
    tokens_7 = [0, 1, 3.14159, 2.71828, 1.41421, 1.73205, 0.57721]
    with pytest.raises(CompileError, match="a mean of up to 12 of 7 numbers has"):
        domain_of(rasp.Aggregate(UP_TO_HERE, tokens), tokens_7, 12)


def numbered_within(key: rasp.SOp, order: rasp.Selector | None) -> rasp.SOp:
    """The how-manieth of all positions with the same key this one is."""
    same = rasp.Select(key, key, Comparison.EQ)
    return rasp.SelectorWidth(same if order is None else same & order)


ORDERS = [rasp.Select(indices, indices, comparison) for comparison in Comparison]
KEYS = [tokens, rasp.Map(lambda token: token == "a", tokens), rasp.Map(lambda index: index // 2, indices)]


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("key", KEYS, ids=["tokens", "is_a", "half"])
def test_what_is_numbered_within_its_equals_is_known_to_be_selected_once(key: rasp.SOp, causal: bool):
    same = rasp.Select(key, key, Comparison.EQ)
    found: list[bool] = []
    for order in [None, *ORDERS]:
        number = numbered_within(key, order)
        neighbour = same & rasp.Select(number, number - 1, Comparison.EQ)
        texts = [list(text) for n in range(1, 5) for text in product("ab", repeat=n)]
        widths = [rasp.evaluate(rasp.SelectorWidth(neighbour), text, causal=causal) for text in texts]
        most = max(width for row in widths for width in row if isinstance(width, int))
        claimed = domain_of(rasp.SelectorWidth(neighbour), "ab", 4, causal=causal).numbers.max()
        assert most <= claimed
        found.append(bool(claimed <= 1))
    by_order = dict(zip([None, *Comparison], found, strict=True))
    if causal:
        assert by_order[None]
        assert by_order[Comparison.LT]
        assert by_order[Comparison.LEQ]
    else:
        assert all(by_order[order] for order in (Comparison.LT, Comparison.LEQ, Comparison.GT, Comparison.GEQ))


def test_a_number_within_equals_of_another_kind_may_be_selected_twice():
    number = numbered_within(tokens, rasp.Select(indices, indices, Comparison.LT))
    alone = rasp.Select(number, number, Comparison.EQ)
    assert domain_of(rasp.SelectorWidth(alone), "ab", 4).numbers.max() > 1
    other = alone & rasp.Select(indices, indices, Comparison.LEQ)
    assert domain_of(rasp.SelectorWidth(other), "ab", 4).numbers.max() > 1


def counted(condition: rasp.SOp, order: Comparison) -> rasp.SOp:
    selected = rasp.Select(condition, rasp.Full(True), Comparison.EQ)
    return rasp.SelectorWidth(rasp.Select(indices, indices, order) & selected)


@pytest.mark.parametrize("causal", [False, True])
def test_two_parts_of_what_is_selected_add_up(causal: bool):
    is_a = tokens == "a"
    for order, offset in ((Comparison.LEQ, 1), (Comparison.LT, 0)):
        both = counted(is_a, order) + counted(~is_a, order)
        assert domain_of(both - indices, "abc", 4, causal=causal) == Domain.of([offset])


def test_parts_that_overlap_or_leave_some_out_do_not_add_up():
    for first, second in ((tokens == "a", tokens == "b"), (tokens != "a", tokens != "b")):
        both = counted(first, Comparison.LEQ) + counted(second, Comparison.LEQ)
        assert len(domain_of(both - indices, "abc", 4)) > 1
    different = counted(tokens == "a", Comparison.LEQ) + counted(tokens != "a", Comparison.LT)
    assert len(domain_of(different - indices, "abc", 4)) > 1


def test_a_width_has_the_bounds_of_a_mean_whose_selector_is_known_better():
    # The selectors differ in the s-op that is compared, which has the values of the tokens.
    number = numbered_within(tokens, BEFORE)
    neighbour = rasp.Select(number, number - 1, Comparison.EQ)
    copy = rasp.Map(lambda token: token, tokens)
    width = rasp.SelectorWidth(rasp.Select(copy, copy, Comparison.EQ) & neighbour)
    mean = rasp.Aggregate(SAME & neighbour, indices, default=-1)
    assert domain_of(width, "ab", 4).values == (0, 1, 2, 3)
    assert domain_of(rasp.Map(lambda x, w: w, mean, width), "ab", 4).values == (0, 1)
    assert domain_of(rasp.Map(lambda w, x: w, width, mean), "ab", 4).values == (0, 1)


def test_the_least_is_no_more_than_the_most_though_no_longer_input_has_a_meaning():
    def only_zero(number: int) -> int:
        if number:
            raise TypeError
        return number

    first = rasp.Map(only_zero, rank(tokens * 5 + indices))
    module = build_module(rasp.SelectorWidth(rasp.Select(first, first, Comparison.EQ)), [0, 1], 4)
    analysis = ValueAnalysis(program_of(module))
    *_, width = sops(module)
    assert isinstance(width, SelectorWidthOp)
    counts = analysis.aggregates.counts.counts(width.selector)
    assert counts.is_exact
    assert counts.values() == [1]


def test_an_index_is_hit_though_the_lengths_are_too_many_to_be_looked_at(monkeypatch: pytest.MonkeyPatch):
    at_most_here = rasp.SequenceMap(min, tokens, indices)
    found = rasp.Aggregate(rasp.Select(indices, at_most_here, Comparison.EQ), tokens)
    monkeypatch.setattr(facts, "GRID_LIMIT", 2 * 5)
    assert domain_of(found, [0, 1], 5) == Domain.of([0, 1])


@pytest.mark.parametrize("stated", ["[0, 1]", "[0, 1, 2]", "0 to 4"])
def test_a_table_is_over_the_domains_that_the_program_states(stated: str):
    module = parse(
        f"""rasp.program @p vocab [0, 1, 2] max_seq_len 2 {{
  %t = rasp.tokens : [0, 1, 2]
  %m = rasp.map(%t) "t -> t" : {stated}
  %x = rasp.map(%m) "m -> m * 2" : ?
  rasp.return %x
}}"""
    )
    *_, once, twice = [op for op in module.walk() if isinstance(op, MapOp)]
    assert once.domain is not None
    table = ValueAnalysis(program_of(module)).table(twice)
    assert table.arguments == (once.domain.values,)
    assert table.results == tuple(2 * value if value < 3 else UNREACHABLE for value in once.domain.numbers.tolist())
