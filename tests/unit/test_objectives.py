"""Objectives: what they make small, and that the models compute the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

import raspc
from raspc import rasp
from raspc.errors import CompileError, MeaningError
from raspc.objectives import OBJECTIVES, PARAMETERS, WIDTH, Sizes
from raspc.passes.balance_layers import BalanceLayersPass
from raspc.passes.pad_uniform import PadUniformPass
from raspc.pipelines import PIPELINES, passes_of, pipelines_of
from raspc.runtime.model import CompiledModel
from raspc.statistics import PassRecorder
from raspc.testing import RandomProgram
from raspc.testing.strategies import programs
from tests.extent import some
from tests.programs.corpus import CORPUS, Program
from tests.programs.levels import check
from tests.programs.test_corpus import ASSUMED

SOME = [program for program in some(CORPUS[::4]) if program.name not in ASSUMED]


def compiled(program: Program, objective: str, *, uniform: bool = False) -> CompiledModel:
    return raspc.compile(
        program.build(),
        program.vocab,
        program.max_seq_len,
        causal=program.causal,
        pipeline="O2",
        objective=objective,
        uniform=uniform,
    )


def check_sizes(models: dict[str, CompiledModel]) -> None:
    """Each objective's model must cost no more than any other one's that it could have chosen."""
    sizes = {objective: Sizes.of(model.module) for objective, model in models.items()}
    for objective, found in sizes.items():
        assert found.cost(objective) <= sizes["layers"].cost(objective)
        assert found.n_layers >= sizes["layers"].n_layers


@pytest.mark.parametrize("program", SOME, ids=lambda program: program.name)
def test_a_program_of_the_corpus(program: Program):
    models = {objective: compiled(program, objective) for objective in OBJECTIVES}
    inputs, expected = [list(tokens) for tokens, _ in program.examples], [output for _, output in program.examples]
    for objective, model in models.items():
        check(objective, inputs, expected, model.batch(inputs))
        assert model.certificate is not None
    check_sizes(models)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(random=programs(max_size=6))
def test_a_random_program(random: RandomProgram):
    def model(objective: str) -> CompiledModel:
        return raspc.compile(
            random.program,
            random.vocab,
            random.max_seq_len,
            causal=random.causal,
            pipeline="O2",
            objective=objective,
            uniform=objective == WIDTH,
        )

    try:
        models = {"layers": model("layers")}
    except CompileError:
        assume(False)
    models |= {PARAMETERS: model(PARAMETERS)}
    check_sizes(models)
    models |= {WIDTH: model(WIDTH)}
    for length in range(1, random.max_seq_len + 1):
        tokens = [random.vocab[(3 * place + length) % len(random.vocab)] for place in range(length)]
        try:
            expected = rasp.evaluate(random.program, tokens, causal=random.causal)
        except MeaningError:
            continue
        for objective, found in models.items():
            check(objective, [tokens], [expected], [found(tokens)])


def named(name: str) -> Program:
    (program,) = [program for program in CORPUS if program.name == name]
    return program


def test_numbers_are_written_as_numbers_where_that_is_narrower():
    wide, narrow = (compiled(named("length"), objective) for objective in ("layers", "width"))
    assert (wide.config.d_model, narrow.config.d_model) == (8, 4)
    assert not [label for label in narrow.residual_labels if label == "one"]


def test_fewer_parameters_may_take_more_layers():
    few, small = (compiled(named("starts_and_ends_alike"), objective) for objective in ("layers", "parameters"))
    assert few.config.n_layers < small.config.n_layers
    assert few.config.n_params > small.config.n_params


def test_the_recorded_passes_are_those_of_the_model():
    program, recorder = named("length"), PassRecorder()
    model = raspc.compile(
        program.build(), program.vocab, program.max_seq_len, objective="width", pipeline="O2", on_pass=recorder
    )
    assert recorder.records[-1].name == "merge-constant"
    assert recorder.records[-1].after.d_model == model.config.d_model
    assert str(model.module) == str(compiled(program, "width").module)


def test_a_program_that_is_refused_is_refused_for_the_same_reason():
    program = rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE), rasp.tokens)
    errors: list[str] = []
    for objective in OBJECTIVES:
        with pytest.raises(CompileError) as caught:
            raspc.compile(program, ["a", "b"], 3, objective=objective, pipeline="O2")
        errors.append(str(caught.value))
    assert len(set(errors)) == 1


@pytest.mark.parametrize("name", PIPELINES)
def test_uniform_pipelines(name: str):
    passes = passes_of(name, uniform=True, dtype="float16")
    assert passes[-1] == PadUniformPass()
    balancing = [each.objective for each in passes if isinstance(each, BalanceLayersPass)]
    assert balancing == ["padded"] * (name in ("O2", "O3"))
    assert [each.name for each in passes_of(name)] == [each.name for each in passes[:-2]]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_first_pipeline_of_an_objective_is_that_of_few_layers(objective: str):
    assert pipelines_of("O3", objective=objective)[0] == passes_of("O3")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_uniform_model(objective: str):
    program = named("length")
    model = compiled(program, objective, uniform=True)
    assert [model(tokens) for tokens, _ in program.examples] == [output for _, output in program.examples]
    before = str(model.module)
    PadUniformPass().apply(None, model.module)  # type: ignore[arg-type]
    assert str(model.module) == before
