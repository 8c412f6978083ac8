import io
from pathlib import Path

import pytest

import raspc
from raspc.errors import CompileError
from raspc.objectives import OBJECTIVES, Sizes
from raspc.pipelines import OPTIMISING, fallbacks_of, pipelines_of
from raspc.tools.explore import Configuration, Exploration, Outcome, candidates, explore, front_table
from raspc.tools.program_file import ProgramFile, load_program
from raspc.tools.tables import print_table

PROGRAM = """
from raspc import rasp
vocab = ["a", "b", "c"]
max_seq_len = 4
everything = rasp.Select(rasp.indices, rasp.indices, rasp.Comparison.TRUE)
share = rasp.Aggregate(everything, rasp.numerical(rasp.Map(lambda t: 1 if t == "a" else 0, rasp.tokens)))
program = share * rasp.length
"""


@pytest.fixture
def program(tmp_path: Path) -> ProgramFile:
    (tmp_path / "counting.py").write_text(PROGRAM)
    return load_program(tmp_path / "counting.py")


def outcome(name: str, *costs: int) -> Outcome:
    n_layers, n_params, d_model = costs
    return Outcome(name, Sizes(n_layers, n_params, d_model), 2 * n_params)


def test_every_pipeline_is_tried_with_every_objective_that_it_can_have():
    configurations = candidates(strict=True, dtype="float16")
    assert [each.name for each in configurations] == ["-O0", "-O1"] + [
        f"-{name}{option}" for name in ("O2", "O3") for option in ("", " --objective parameters", " --objective width")
    ]
    for each in configurations:
        pipeline = each.name.split()[0].removeprefix("-")
        expected = [
            pipelines_of(pipeline, objective=each.objective, uniform=uniform, strict=True, dtype="float16")
            for uniform in (False, True)
        ]
        assert [list(each.variants), list(each.uniform)] == expected
        fallbacks = [fallbacks_of(pipeline, uniform=uniform, strict=True, dtype="float16") for uniform in (False, True)]
        assert [list(each.fallbacks), list(each.uniform_fallbacks)] == fallbacks


def test_the_front_has_what_no_other_one_beats():
    few_layers, few_params, narrow = outcome("a", 1, 9, 9), outcome("b", 9, 1, 9), outcome("c", 9, 9, 1)
    worse, equal = outcome("d", 2, 9, 9), outcome("e", 1, 9, 9)
    found = Exploration((worse, few_layers, few_params, equal, narrow), ())
    assert found.front == [few_layers, few_params, narrow]
    assert Exploration((few_layers, narrow, outcome("f", 1, 1, 2)), ()).front == [narrow, outcome("f", 1, 1, 2)]


def test_outcomes_are_the_sizes_of_the_models(program: ProgramFile):
    configurations = candidates(strict=False, dtype="float32")
    found = explore(program, configurations)
    assert found.refused == ()
    for configuration, outcome in zip(configurations, found.outcomes, strict=True):
        for uniform in (False, True):
            model = raspc.compile(
                program.program,
                program.vocab,
                program.max_seq_len,
                pipeline=configuration.name[1:3],
                objective=configuration.objective,
                uniform=uniform,
            )
            if uniform:
                assert outcome.n_params_padded == model.config.n_params
            else:
                assert outcome.sizes == Sizes.of(model.module)
    faithful, clean = found.outcomes[:2]
    assert clean.is_as_good_as(faithful)
    assert not faithful.is_as_good_as(clean)


def test_what_is_refused_is_kept_with_its_reason(program: ProgramFile):
    (whole,) = [each for each in candidates(strict=False, dtype="float32") if each.name == "-O0"]
    half = (whole.variants[0][3:],)
    broken = Configuration("broken", "layers", half, (), half, ())
    found = explore(program, [broken, whole])
    assert [name for name, _ in found.refused] == ["broken"]
    assert isinstance(found.refused[0][1], CompileError)
    assert [each.configuration for each in found.front] == ["-O0"]


def test_what_all_variants_refuse_is_compiled_with_fallbacks(program: ProgramFile):
    (whole,) = [each for each in candidates(strict=False, dtype="float32") if each.name == "-O1"]
    half = (whole.variants[0][3:],)
    found = explore(program, [Configuration("simpler", "layers", half, whole.variants, half, whole.uniform), whole])
    simpler, direct = found.outcomes
    assert (simpler.sizes, simpler.n_params_padded) == (direct.sizes, direct.n_params_padded)


def test_a_model_that_cannot_be_padded_is_kept(program: ProgramFile, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("raspc.passes.pad_uniform.PARAMETER_LIMIT", 20)
    outcomes = explore(program, candidates(strict=False, dtype="float32")).outcomes
    assert [each.n_params_padded for each in outcomes] == [None] * (2 + len(OPTIMISING) * len(OBJECTIVES))


def test_the_smallest_of_each_column_is_marked():
    file = io.StringIO()
    rows = [outcome("-O0", 1, 9000, 20), outcome("-O1", 2, 8000, 30), Outcome("-O2", Sizes(3, 8000, 10), None)]
    print_table(front_table(rows), file)
    assert file.getvalue().splitlines() == [
        "configuration  n_layers  n_params  d_model   padded",
        "-O0                  *1     9,000       20   18,000",
        "-O1                   2    *8,000       30  *16,000",
        "-O2                   3    *8,000      *10  refused",
    ]
