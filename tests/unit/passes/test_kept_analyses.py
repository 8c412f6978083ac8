"""An analysis is kept as long as its program is as it was, and no longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.dialects.builtin import IntAttr, StringAttr
from xdsl.rewriter import Rewriter

import raspc
from raspc import rasp
from raspc.algebra.domain import Domain
from raspc.dialects.rasp import (
    AggregateOp,
    IndicesOp,
    ProgramOp,
    ReturnOp,
    SelectOp,
    SelectorWidthOp,
    SopType,
    ValueAttr,
)
from raspc.passes.kept_analyses import LATEST, analysis_of
from raspc.passes.value_analysis import ValueAnalysis
from raspc.rasp import Comparison, library
from raspc.rasp.entry import build_module
from raspc.runtime.rasp_interpreter import program_of


def program() -> ProgramOp:
    return program_of(build_module(library.make_reverse(rasp.tokens), ["a", "b"], 3))


def first(program: ProgramOp, kind: type) -> object:
    return next(op for op in program.body.block.ops if isinstance(op, kind))


def change_a_property(program: ProgramOp) -> None:
    op = first(program, AggregateOp)
    assert isinstance(op, AggregateOp)
    op.default = ValueAttr("a")


def add_an_attribute(program: ProgramOp) -> None:
    op = first(program, AggregateOp)
    assert isinstance(op, AggregateOp)
    op.attributes["note"] = StringAttr("changed")


def change_a_type(program: ProgramOp) -> None:
    op = first(program, AggregateOp)
    assert isinstance(op, AggregateOp)
    Rewriter.replace_value_with_new_type(op.result, SopType(Domain.of(["a", "b"])))


def change_an_operand(program: ProgramOp) -> None:
    op, indices = first(program, AggregateOp), first(program, IndicesOp)
    assert isinstance(op, AggregateOp)
    assert isinstance(indices, IndicesOp)
    op.operands[1] = indices.result


def add_an_op(program: ProgramOp) -> None:
    select, end = first(program, SelectOp), first(program, ReturnOp)
    assert isinstance(select, SelectOp)
    assert isinstance(end, ReturnOp)
    program.body.block.insert_op_before(SelectorWidthOp(select.result), end)


def change_the_program(program: ProgramOp) -> None:
    program.max_seq_len = IntAttr(4)


CHANGES = [change_a_property, add_an_attribute, change_a_type, change_an_operand, add_an_op, change_the_program]


def test_an_analysis_of_what_has_not_changed_is_the_same_one():
    one, other = program(), program()
    analysis = analysis_of(one, ValueAnalysis)
    assert analysis_of(one, ValueAnalysis) is analysis
    assert analysis_of(other, ValueAnalysis) is not analysis
    assert analysis_of(one.clone(), ValueAnalysis) is not analysis
    assert analysis_of(one, ValueAnalysis) is analysis
    assert analysis_of(one, ValueAnalysis, search=True) is not analysis


@pytest.mark.parametrize("change", CHANGES)
def test_an_analysis_of_what_has_changed_is_another_one(change: Callable[[ProgramOp], None]):
    changed = program()
    analysis = analysis_of(changed, ValueAnalysis)
    change(changed)
    assert analysis_of(changed, ValueAnalysis) is not analysis


def test_an_analysis_sees_the_change():
    changed = program()
    (end,) = (op for op in changed.body.block.ops if isinstance(op, ReturnOp))
    assert not analysis_of(changed, ValueAnalysis).domain(end.value).undefined
    select = first(changed, SelectOp)
    assert isinstance(select, SelectOp)
    select.predicate = type(select.predicate)(Comparison.GT)
    assert analysis_of(changed, ValueAnalysis).domain(end.value).undefined


def test_few_analyses_are_kept():
    one = program()
    analysis = analysis_of(one, ValueAnalysis)
    for _ in range(LATEST):
        analysis_of(program(), ValueAnalysis)
    assert analysis_of(one, ValueAnalysis) is not analysis


def test_a_compilation_analyses_a_program_again_only_where_it_has_changed(monkeypatch: pytest.MonkeyPatch):
    built = 0
    init = ValueAnalysis.__init__

    def counted(self: ValueAnalysis, program: ProgramOp, **options: bool) -> None:
        nonlocal built
        built += 1
        init(self, program, **options)

    monkeypatch.setattr(ValueAnalysis, "__init__", counted)
    raspc.compile(library.make_reverse(rasp.tokens), ["a", "b"], 3, pipeline="O1")
    assert built <= 3
