"""An op that raspc knows nothing of goes through all pipelines, and is refused where it leaves something out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp, StringAttr
from xdsl.ir import Dialect
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, result_def, traits_def
from xdsl.passes import ModulePass
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.values import MaybeValue, Value
from raspc.application import run_passes
from raspc.dialects.craft import Craft
from raspc.dialects.interfaces import MissingMethodError, SelectorInterface, SopInterface
from raspc.dialects.rasp import ProgramOp, Rasp, SelectorType, SopType
from raspc.dialects.text import read_module
from raspc.dialects.transformer import Transformer
from raspc.errors import CompileError, MeaningWarning
from raspc.passes.examination import examine_module
from raspc.pipelines import PIPELINES
from raspc.runtime.levels import RunnableOp, run_inputs
from raspc.runtime.model import CompiledModel
from raspc.runtime.onnx_runner import OnnxModel
from raspc.runtime.rasp_interpreter import program_of
from tests.plugin.raspc_shift import Shift, ShiftOp

LENGTH = 4
VOCAB = ("a", "b", "c")
INPUTS: list[list[Value]] = [list(tokens) for n in range(1, LENGTH + 1) for tokens in product(VOCAB, repeat=n)]

Output = list[MaybeValue]


def read(body: str, *dialects: Dialect) -> ModuleOp:
    """A program that reads the tokens and the indices."""
    context = Context()
    for dialect in (Builtin, Rasp, Craft, Transformer, *(dialects or (Shift,))):
        context.load_dialect(dialect)
    inputs = "%tokens = rasp.tokens : ?\n%indices = rasp.indices : ?\n"
    text = f'rasp.program @p vocab ["a", "b", "c"] max_seq_len {LENGTH} {{\n{inputs}{body}\n}}'
    return read_module(context, text, "p.mlir")


def before(values: Sequence[MaybeValue], by: int) -> Output:
    return [values[query - by] if query >= by else None for query in range(len(values))]


BEFORE = "%before = shift.by %tokens at %indices by 1 : ?\n"

PROGRAMS: dict[str, tuple[str, Callable[[list[Value]], Output]]] = {
    "the token before": (f"{BEFORE} rasp.return %before", lambda tokens: before(tokens, 1)),
    "a shift of a shift": (
        f"{BEFORE} %twice = shift.by %before at %indices by 2 : ?\n rasp.return %twice",
        lambda tokens: before(tokens, 3),
    ),
    "a map reads it": (
        f'{BEFORE} %same = rasp.map(%tokens, %before) "x, y -> x == y" : ?\n rasp.return %same',
        lambda tokens: [
            None if other is None else token == other for token, other in zip(tokens, before(tokens, 1), strict=True)
        ],
    ),
    "a selector reads it": (
        f"{BEFORE} %same = rasp.select %tokens, %before eq\n %n = rasp.selector_width %same : ?\n rasp.return %n",
        lambda tokens: [sum(token == other for token in tokens) for other in before(tokens, 1)],
    ),
    "it reads a mean": (
        '%is_a = rasp.map(%tokens) "x -> int(x == \\"a\\")" : ?\n'
        "%past = rasp.select %indices, %indices le\n"
        "%share = rasp.aggregate %past, %is_a : ?\n"
        "%late = shift.by %share at %indices by 1 : ?\n"
        "rasp.return %late",
        lambda tokens: before([tokens[: q + 1].count("a") / (q + 1) for q in range(len(tokens))], 1),
    ),
    "two that differ in an attribute": (
        f"{BEFORE} %far = shift.by %tokens at %indices by 2 : ?\n"
        '%same = rasp.map(%before, %far) "x, y -> x == y" : ?\n rasp.return %same',
        lambda tokens: [
            None if None in pair else pair[0] == pair[1]
            for pair in zip(before(tokens, 1), before(tokens, 2), strict=True)
        ],
    ),
    "two that are equal": (
        f"{BEFORE} %also = shift.by %tokens at %indices by 1 : ?\n"
        '%same = rasp.map(%before, %also) "x, y -> x == y" : ?\n rasp.return %same',
        lambda tokens: [None if other is None else True for other in before(tokens, 1)],
    ),
}


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_of_a_new_op_are_compiled_and_certified(name: str, pipeline: str):
    body, expected = PROGRAMS[name]
    module = read(body)
    module.verify()
    outputs = [expected(tokens) for tokens in INPUTS]

    def check(previous: ModulePass | None, module: ModuleOp, following: ModulePass | None) -> None:
        (op,) = module.ops
        assert isinstance(op, RunnableOp)
        assert run_inputs(op, INPUTS) == outputs, previous and previous.name

    check(None, module, None)
    run_passes(module, PIPELINES[pipeline](strict=False, dtype="float32"), check)
    model = CompiledModel(module)
    assert model.certificate is not None
    onnx_model = OnnxModel(model.to_onnx().SerializeToString())
    assert [onnx_model(tokens) for tokens in INPUTS] == outputs


def test_a_program_of_a_new_op_is_printed_and_read_back():
    module = read(PROGRAMS["a shift of a shift"][0])
    body = "\n".join(line for line in str(module).splitlines() if "shift.by" in line or "return" in line)
    assert "%twice = shift.by %before at %indices by 2 : ?" in body
    assert read(body).is_structurally_equivalent(module)


def test_equal_ops_of_another_dialect_are_computed_once():
    module = read(PROGRAMS["two that are equal"][0])
    passes = PIPELINES["O2"](strict=False, dtype="float32")
    run_passes(module, passes[: [each.name for each in passes].index("merge-equal-sops") + 1])
    assert len([op for op in module.walk() if isinstance(op, ShiftOp)]) <= 1


def test_ops_of_another_dialect_that_differ_in_what_is_attached_to_them_are_not_merged():
    module = read(PROGRAMS["two that are equal"][0])
    first, second = (op for op in module.walk() if isinstance(op, ShiftOp))
    first.attributes["kind"], second.attributes["kind"] = StringAttr("one"), StringAttr("other")
    passes = PIPELINES["O2"](strict=False, dtype="float32")
    run_passes(module, passes[: [each.name for each in passes].index("merge-equal-sops") + 1])
    assert len([op for op in module.walk() if isinstance(op, ShiftOp)]) == 2


def test_a_false_domain_of_a_new_op_is_refuted():
    module = read('%before = shift.by %tokens at %indices by 1 : ["a", "b"] or none\nrasp.return %before')
    with pytest.raises(CompileError, match="'before': it can be 'c', which is not in its domain"):
        examine_module(module)


def test_what_is_assumed_of_a_program_of_a_new_op_is_examined():
    body = (
        f"{BEFORE} %early = rasp.select %indices, %indices le\n"
        "%any = rasp.aggregate %early, %before : ?\n rasp.return %any"
    )
    module = read(body)
    with pytest.warns(MeaningWarning, match="'any': assumed to have a meaning on every input"):
        run_passes(module, PIPELINES["O2"](strict=False, dtype="float32")[:1])
    text = str(module)
    assert "assuming" in text
    context = Context()
    for dialect in (Builtin, Rasp, Shift):
        context.load_dialect(dialect)
    again = read_module(context, text, "p.mlir")
    examine_module(again)  # it reads the program that is assumed to have a meaning
    assert str(again) == text


SELECTED = f"{BEFORE} %same = rasp.select %tokens, %before eq\n %n = rasp.selector_width %same : ?\n rasp.return %n"


@pytest.mark.parametrize("method", ["infer", "choose_encoding", "reads_one_hot", "estimate", "stage", "materialize"])
def test_what_a_new_op_leaves_out_is_named(method: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ShiftOp, method, getattr(SopInterface, method))
    body, _ = PROGRAMS["it reads a mean"]
    with pytest.raises(MissingMethodError, match=rf"shift\.by is an op [^`]*a method `{method}` of ShiftOp"):
        run_passes(read(body), PIPELINES["O2"](strict=False, dtype="float32"))


def test_an_op_that_does_not_say_what_it_computes_is_not_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ShiftOp, "evaluate", SopInterface.evaluate)
    program = program_of(read(SELECTED))
    with pytest.raises(MissingMethodError, match="a method `evaluate` of ShiftOp"):
        run_inputs(program, INPUTS[:1])


@irdl_op_definition
class FirstOp(IRDLOperation, SelectorInterface):
    """A selector that doesn't say how it is made."""

    name = "shift.first"

    value = operand_def(SopType)
    result = result_def(SelectorType())
    traits = traits_def(Pure())
    assembly_format = "$value attr-dict `:` type($value)"


@irdl_op_definition
class StrayOp(IRDLOperation):
    """An op that says nothing of itself."""

    name = "shift.stray"

    assembly_format = "attr-dict"


def test_a_selector_that_does_not_say_how_it_is_made_is_refused():
    body = "%first = shift.first %tokens : !rasp.sop<?>\n%n = rasp.selector_width %first : ?\nrasp.return %n"
    module = read(body, Dialect("shift", [FirstOp]))
    module.verify()
    with pytest.raises(MissingMethodError, match=r"shift\.first is an op [^`]*a method `fold` of FirstOp"):
        run_passes(module, PIPELINES["O0"](strict=False, dtype="float32"))


def test_an_op_that_says_nothing_may_not_stand_in_a_program():
    module = read("shift.stray\nrasp.return %tokens", Dialect("shift", [StrayOp]))
    assert isinstance(next(iter(module.ops)), ProgramOp)
    with pytest.raises(VerifyException, match=r"dialect only, found shift\.stray\n  help: let it be an s-op"):
        module.verify()
