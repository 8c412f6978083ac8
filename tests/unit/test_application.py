"""Pipelines are tried one after the other, and what all of them refuse is refused for the first reason."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass

import raspc
from raspc import rasp
from raspc.application import run_best, run_first, run_passes
from raspc.errors import CompileError, MeaningWarning
from raspc.pipelines import passes_of
from raspc.rasp.entry import build_module
from tests.programs.corpus import CORPUS

RUNS: list[str] = []


@dataclass(frozen=True)
class Step(ModulePass):
    """A pass that leaves its label in a module, or refuses it."""

    name = "step"

    label: str
    refuses: bool = field(default=False)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        RUNS.append(self.label)
        warnings.warn(self.label, MeaningWarning, stacklevel=1)
        if self.refuses:
            raise CompileError(f"{self.label} refuses")
        op.attributes["label"] = StringAttr(self.label)


@pytest.fixture(autouse=True)
def _no_runs() -> None:  # pyright: ignore[reportUnusedFunction]
    RUNS.clear()


def label_of(module: ModuleOp) -> str:
    label = module.attributes["label"]
    assert isinstance(label, StringAttr)
    return label.data


def test_the_first_that_does_not_refuse_is_taken():
    module = ModuleOp([])
    with pytest.warns(MeaningWarning) as said:
        found = run_first(module, [(Step("a", refuses=True),), (Step("b"),), (Step("c"),)])
    assert label_of(found) == "b"
    assert not module.attributes
    assert [str(each.message) for each in said] == ["a"]


@pytest.mark.filterwarnings("ignore")
def test_what_begins_with_what_was_refused_is_not_tried():
    pipelines = [
        (Step("a"), Step("b", refuses=True), Step("c")),
        (Step("a"), Step("b", refuses=True), Step("d")),
        (Step("a"), Step("b"), Step("e")),
    ]
    assert label_of(run_first(ModuleOp([]), pipelines)) == "e"
    assert RUNS == ["a", "b", "a", "b", "e"]


@pytest.mark.filterwarnings("ignore")
def test_if_all_refuse_the_first_reason_counts():
    with pytest.raises(CompileError, match="a refuses"):
        run_first(ModuleOp([]), [(Step("a", refuses=True),), (Step("b", refuses=True),)])
    with pytest.raises(CompileError, match="another one"):
        run_first(ModuleOp([]), [(Step("a", refuses=True),)], otherwise=CompileError("another one"))
    with pytest.raises(CompileError, match="a refuses"):
        run_best(ModuleOp([]), [(Step("a", refuses=True),)], [(Step("b", refuses=True),)], "layers")
    several = [(Step("a", refuses=True),), (Step("b", refuses=True),)]
    with pytest.raises(CompileError, match="a refuses"):
        run_best(ModuleOp([]), several, [(Step("c", refuses=True),)], "layers")


@pytest.mark.filterwarnings("ignore")
def test_fallbacks_are_tried_if_all_variants_refuse():
    several = [(Step("a", refuses=True),), (Step("b", refuses=True),)]
    module = ModuleOp([])
    run_best(module, several, [(Step("c", refuses=True),), (Step("d"),)], "layers")
    assert RUNS == ["a", "b", "c", "d"]


def test_a_certain_refusal_is_found_once():
    program = rasp.Aggregate(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.TRUE), rasp.tokens)
    with pytest.raises(raspc.CompileError) as first:
        raspc.compile(program, ["a", "b"], 3, pipeline="O1", strict=True)
    n_runs: list[str] = []
    with pytest.raises(raspc.CompileError) as found:
        raspc.compile(program, ["a", "b"], 3, pipeline="O2", strict=True, on_pass=lambda *_: n_runs.append(""))
    assert str(first.value) == str(found.value)
    assert len(n_runs) == 1


def test_what_one_pipeline_refuses_is_compiled_with_simpler_passes():
    (program,) = (each for each in CORPUS if each.name == "numerical_operands")
    module = build_module(program.build(5), program.vocab, 5)
    with pytest.raises(CompileError):
        run_passes(module, passes_of("O2", dtype="bfloat16"))
    model = raspc.compile(program.build(5), program.vocab, 5, pipeline="O2", dtype="bfloat16")
    assert model.certificate is not None
    assert model.certificate.dtype == "bfloat16"
