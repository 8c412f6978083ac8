import pytest

from raspc.algebra.layer_schedule import Component, Head, Objective, Perceptron, ScheduleProblem
from raspc.algebra.schedule_program import Outcome, solved
from raspc.algebra.schedule_search import improved, settled
from tests.unit.algebra.schedules import random_problem, schedules

each_objective = pytest.mark.parametrize("objective", Objective, ids=lambda objective: objective.value)
each_seed = pytest.mark.parametrize("seed", range(25))


def problem_of(*components: Component, objective: Objective, n_layers: int) -> ScheduleProblem:
    return ScheduleProblem(components, n_layers, 10, objective)


@each_seed
def test_as_soon_as_possible_has_the_fewest_layers(seed: int):
    problem = random_problem(seed, 6, Objective.STORED, spare=1)
    fewest = min(max(layers) for layers in schedules(problem)) + 1
    assert max(problem.earliest) + 1 == fewest == problem.n_layers - 1
    with pytest.raises(ValueError, match=f"{fewest} layers are necessary, found {fewest - 1}"):
        ScheduleProblem(problem.components, fewest - 1, 10)


@each_seed
def test_slack_has_all_layers_of_all_schedules_and_no_others(seed: int):
    problem = random_problem(seed, 6, Objective.STORED, spare=seed % 2)
    found = list(schedules(problem))
    assert problem.earliest == tuple(map(min, zip(*found, strict=True)))
    assert problem.latest == tuple(map(max, zip(*found, strict=True)))
    assert problem.is_schedule(problem.earliest)
    assert problem.is_schedule(problem.latest)
    assert set(problem.movable) == {number for number in range(6) if len({layers[number] for layers in found}) > 1}


@each_objective
@each_seed
def test_the_heuristic_is_no_better_than_the_best_schedule_and_the_solver_finds_that(seed: int, objective: Objective):
    problem = random_problem(seed, 4 + seed % 6, objective, spare=seed % 2)
    best = min(map(problem.n_params, schedules(problem)))
    for start in (problem.earliest, problem.latest):
        found = improved(problem, start)
        assert problem.is_schedule(found)
        assert problem.lower_bound <= best <= problem.n_params(found) <= problem.n_params(start)
        assert found == improved(problem, start)
        for known in (start, found):
            solution = solved(problem, known, node_limit=1000, time_limit=60)
            assert problem.is_schedule(solution.layers)
            assert problem.n_params(solution.layers) == solution.bound == best
            assert solution.outcome is Outcome.PROVED
            assert (solution.layers == known) == (problem.n_params(known) == best)


@each_objective
def test_the_heuristic_finds_nearly_all_best_schedules(objective: Objective):
    problems = [random_problem(seed, 7, objective) for seed in range(100)]
    best = [min(map(problem.n_params, schedules(problem))) for problem in problems]
    found = [problem.n_params(improved(problem, problem.earliest)) for problem in problems]
    soon = [problem.n_params(problem.earliest) for problem in problems]
    assert sum(map(int.__eq__, found, best)) >= 98
    assert sum(map(int.__eq__, soon, best)) <= 70


def test_parameters_are_those_of_the_matrices_and_the_biases():
    heads = Head((), 3, 2), Head((), 1, 4)
    stored = problem_of(*heads, Perceptron((), 4), Perceptron((2,), 5), objective=Objective.STORED, n_layers=2)
    queries_and_keys, values_and_outputs = 2 * 10 * 2 * 3, 2 * 10 * 2 * 4  # of two heads
    first, second = (units * 10 + units + units * 10 + 10 for units in (4, 5))
    assert stored.n_params((0, 0, 0, 1)) == queries_and_keys + values_and_outputs + first + second
    padded = problem_of(*heads, Perceptron((), 4), Perceptron((2,), 5), objective=Objective.PADDED, n_layers=2)
    one = 2 * (4 * 10 * 4) + (5 * 10 + 5 + 5 * 10 + 10)  # two heads of width 4, and 5 units
    assert padded.n_params((0, 0, 0, 1)) == 2 * one


def test_padded_layers_are_balanced():
    chain = [Perceptron((), 1), Perceptron((0,), 1), Perceptron((1,), 1)]
    units = [Perceptron((), 4)] * 3
    heads = [Head((), 3, 2)] * 3
    problem = problem_of(*chain, *units, *heads, objective=Objective.PADDED, n_layers=3)
    assert problem.n_params(problem.earliest) == 3 * (10 * (4 * 3 * 3 + 2 * 13 + 1) + 13)
    found = improved(problem, problem.earliest)
    assert problem.n_params(found) == 3 * (10 * (4 * 1 * 3 + 2 * 5 + 1) + 5) == problem.lower_bound
    assert sorted(found[3:6]) == sorted(found[6:]) == [0, 1, 2]


def test_padded_layers_are_packed_where_no_move_makes_them_more_even():
    units = [Perceptron((), size) for size in (5, 5, 3, 3)]
    problem = problem_of(*units, objective=Objective.PADDED, n_layers=2)
    found = improved(problem, problem.earliest)
    assert problem.sizes(found).d_mlp == [8, 8]


def test_stored_heads_of_one_shape_are_together():
    narrow, wide = Head((), 2, 1), Head((), 9, 1)
    problem = problem_of(narrow, wide, wide, Head((0,), 9, 1), objective=Objective.STORED, n_layers=2)
    assert problem.n_params(problem.earliest) == 20 * (3 * 10 + 10)
    found = improved(problem, problem.earliest)
    assert found == (0, 1, 1, 1)
    assert problem.n_params(found) == 20 * (3 + 3 * 10) == problem.lower_bound


def test_stored_perceptrons_are_in_few_layers():
    chain = Head((), 2, 1), Head((0,), 2, 1)
    problem = problem_of(*chain, Perceptron((), 3), Perceptron((1,), 3), objective=Objective.STORED, n_layers=2)
    assert improved(problem, problem.earliest) == (0, 1, 1, 1)
    assert problem.n_params((0, 1, 0, 1)) - problem.n_params((0, 1, 1, 1)) == 10


def test_what_brings_nothing_stays():
    problem = problem_of(
        Perceptron((), 1), Perceptron((0,), 1), Perceptron((), 1), objective=Objective.STORED, n_layers=2
    )
    for start in schedules(problem):
        assert improved(problem, start) == solved(problem, start, node_limit=1, time_limit=60).layers == start
    assert settled(problem, (0, 1, 1)) == (0, 1, 0)


def test_a_head_that_writes_nothing_counts_for_nothing():
    problem = problem_of(Head((), 5, 0), Perceptron((), 0), objective=Objective.STORED, n_layers=1)
    assert problem.n_params((0, 0)) == problem.lower_bound == 0
    padded = problem_of(Head((), 5, 0), objective=Objective.PADDED, n_layers=1)
    assert padded.n_params((0,)) == padded.lower_bound == 10 * (4 + 2 + 1) + 1


def test_an_order_that_reads_what_comes_later_is_refused():
    with pytest.raises(ValueError, match="a component must come after all that it reads"):
        ScheduleProblem((Perceptron((0,), 1),), 1, 10)


def numbers_to_pack() -> ScheduleProblem:
    sizes = [2850, 3273, 3022, 2539, 2615, 2080, 2150, 2033, 2350, 3626, 3288, 3827]
    chain = [Perceptron((12 + number,) if number >= 0 else (), 1) for number in range(-1, 3)]
    return problem_of(*(Perceptron((), size) for size in sizes), *chain, objective=Objective.PADDED, n_layers=4)


def test_the_limit_on_nodes_leaves_a_schedule_and_a_bound():
    problem = numbers_to_pack()
    found = [solved(problem, problem.earliest, node_limit=1, time_limit=600) for _ in range(2)]
    assert found[0] == found[1]
    assert (found[0].outcome, found[0].n_nodes) == (Outcome.NODE_LIMIT, 1)
    assert problem.is_schedule(found[0].layers)
    assert (
        problem.lower_bound <= found[0].bound < problem.n_params(found[0].layers) < problem.n_params(problem.earliest)
    )


def test_a_search_that_time_ends_has_found_nothing():
    problem = numbers_to_pack()
    found = solved(problem, problem.earliest, node_limit=1000, time_limit=1e-6)
    assert (found.layers, found.outcome) == (problem.earliest, Outcome.TIME_LIMIT)
    assert problem.lower_bound <= found.bound < problem.n_params(problem.earliest)


def test_a_schedule_as_small_as_the_bound_is_proved_without_a_search():
    problem = problem_of(Perceptron((), 4), objective=Objective.STORED, n_layers=1000)  # too large for the solver
    found = solved(problem, (7,), node_limit=1, time_limit=60)
    assert (found.layers, found.bound, found.outcome) == ((7,), problem.n_params((7,)), Outcome.PROVED)


def test_a_large_program_is_left_to_the_heuristic():
    problem = random_problem(0, 200, Objective.STORED)
    found = solved(problem, problem.latest, node_limit=1, time_limit=60)
    assert (found.layers, found.outcome, found.n_nodes) == (problem.latest, Outcome.TOO_LARGE, 0)


@each_objective
def test_effort_is_bounded(objective: Objective):
    problem = random_problem(1, 1500, objective, spare=20)
    found = improved(problem, problem.earliest)
    assert problem.is_schedule(found)
    assert problem.n_params(found) <= problem.n_params(problem.earliest)
