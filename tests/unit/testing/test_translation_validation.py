from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from xdsl.context import Context
from xdsl.dialects import test
from xdsl.dialects.builtin import ArrayAttr, IntAttr, ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass, PassPipeline

import raspc
from raspc import rasp
from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.functions import Affine
from raspc.algebra.sparse import SparseMatrix
from raspc.algebra.values import MaybeValue
from raspc.application import take_over
from raspc.dialects import craft
from raspc.dialects.craft import MatrixAttr
from raspc.dialects.dense import to_array, to_dense
from raspc.dialects.rasp import FunctionAttr, MapOp, ProgramOp, ReturnOp
from raspc.dialects.transformer import UnembedOp
from raspc.errors import RaspcError, TranslationError
from raspc.pipelines import PIPELINES, passes_of
from raspc.rasp.entry import build_module
from raspc.runtime.model import CompiledModel
from raspc.testing.translation_validation import TranslationValidator
from tests.programs.levels import parse

TWICE = (rasp.tokens * 2).named("twice")

PARTLY = """
rasp.program @partly vocab [1, 2] max_seq_len 2 {
  %t = rasp.tokens : ?
  %all = rasp.select %t, %t true
  %m = rasp.map(%t) "x -> 'a' if x == 1 else 'b'" : ?
  %a = rasp.aggregate %all, %m : ?
  rasp.return %a
}
"""

EVERYWHERE = PARTLY.replace("rasp.aggregate %all, %m", "rasp.map(%m) \"x -> x if x == 'a' else 'b'\"")


@dataclass(frozen=True)
class ChangePass(ModulePass):
    """Do to a module whatever a test does to it."""

    name = "change"

    change: Callable[[ModuleOp], None]

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        self.change(op)


def find(module: ModuleOp, kind: type[Operation]) -> Operation:
    return next(op for op in module.walk() if isinstance(op, kind))


def validate(module: ModuleOp, *passes: ModulePass, validator: TranslationValidator | None = None) -> None:
    PassPipeline(passes, validator or TranslationValidator()).apply(Context(), module)


def triple(module: ModuleOp) -> None:
    """Let the map of `TWICE` multiply by three."""
    op = find(module, MapOp)
    assert isinstance(op, MapOp)
    op.function = FunctionAttr(Affine((3,)))


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_passes_of_a_pipeline_change_nothing(pipeline: str):
    validator = TranslationValidator()
    program = rasp.library.make_sort_unique(rasp.tokens, rasp.tokens)
    raspc.compile(program, [1, 2, 3], 4, pipeline=pipeline, on_pass=validator)
    assert validator.checked == [each.name for each in passes_of(pipeline)]
    assert validator.n_inputs == 120


def test_a_wrong_pass_on_a_program_is_named_with_an_input():
    module = build_module(TWICE, [1, 2], 2)
    with pytest.raises(TranslationError, match=r"the pass change changes what @twice means on \[1\]") as caught:
        validate(module, ChangePass(triple))
    assert (caught.value.expected, caught.value.found) == ("[2]", "[3]")


def test_the_first_wrong_pass_is_named_and_none_after_it():
    module = build_module(TWICE, [1, 2], 2)
    infer, *others = passes_of("O0")
    validator = TranslationValidator()
    with pytest.raises(TranslationError, match="the pass change changes"):
        validate(module, infer, ChangePass(triple), *others, validator=validator)
    assert validator.checked == ["infer-values"]


def test_a_wrong_pass_on_a_craft_model_is_named():
    def swap(module: ModuleOp) -> None:
        op = find(module, craft.MlpOp)
        assert isinstance(op, craft.MlpOp)
        op.w_out = ArrayAttr(
            [MatrixAttr(SparseMatrix.from_scipy(m.data.to_scipy().tocsc()[:, ::-1])) for m in op.w_out]
        )

    program = rasp.SelectorWidth(rasp.Select(rasp.tokens, rasp.tokens, rasp.Comparison.EQ)).named("hist")
    module = build_module(program, [1, 2], 3)
    passes = passes_of("O0")
    at = [each.name for each in passes].index("materialize-attention") + 1
    with pytest.raises(TranslationError, match="the pass change changes what @hist means"):
        validate(module, *passes[:at], ChangePass(swap), *passes[at:])


def test_a_wrong_pass_on_a_transformer_is_named():
    def negate(module: ModuleOp) -> None:
        op = find(module, UnembedOp)
        assert isinstance(op, UnembedOp)
        op.w_u = to_dense(-to_array(op.w_u), FLOAT32)

    module = build_module(TWICE, [1, 2], 2)
    with pytest.raises(TranslationError, match="the pass change changes what @twice means"):
        validate(module, *passes_of("O0"), ChangePass(negate))


def test_the_translation_to_the_ir_is_checked_with_a_reference():
    def wrong(tokens: object) -> list[MaybeValue]:
        return [0]

    with pytest.raises(TranslationError, match="the translation to the rasp dialect changes what @twice means"):
        validate(build_module(TWICE, [1, 2], 2), validator=TranslationValidator(reference=wrong))
    validate(build_module(TWICE, [1, 2], 2), validator=TranslationValidator(reference=TWICE))


def test_an_input_without_a_meaning_may_get_one_and_not_the_other_way_round():
    def become(text: str) -> ChangePass:
        return ChangePass(lambda module: take_over(module, parse(text)))

    validate(parse(PARTLY), become(EVERYWHERE))
    with pytest.raises(TranslationError, match=r"on \[1, 2\]") as caught:
        validate(parse(EVERYWHERE), become(PARTLY))
    assert caught.value.found == "no meaning"


def test_a_pass_that_loses_a_program_is_named():
    def drop(module: ModuleOp) -> None:
        module.body.block.erase_op(find(module, ProgramOp))

    with pytest.raises(TranslationError, match="the pass change changes which programs there are"):
        validate(build_module(TWICE, [1, 2], 2), ChangePass(drop))


def test_a_pass_that_changes_the_inputs_is_named():
    def lengthen(module: ModuleOp) -> None:
        op = find(module, ProgramOp)
        assert isinstance(op, ProgramOp)
        op.max_seq_len = IntAttr(3)

    with pytest.raises(TranslationError, match="changes the inputs of @twice"):
        validate(build_module(TWICE, [1, 2], 2), ChangePass(lengthen))


def test_each_program_of_a_module_is_checked():
    module, other = build_module(rasp.tokens, [1, 2], 2), build_module(TWICE, [0, 1], 1)
    module.body.block.add_op(other.body.block.detach_op(find(other, ProgramOp)))
    with pytest.raises(TranslationError, match=r"@twice means on \[1\]"):
        validate(module, ChangePass(triple))


def test_a_module_without_a_program_is_refused():
    with pytest.raises(RaspcError, match="there is nothing to run"):
        validate(ModuleOp([]), *passes_of("O0"))


def test_an_op_without_an_interpreter_is_refused_and_not_skipped():
    def add_unknown(module: ModuleOp) -> None:
        find(module, ProgramOp).regions[0].block.insert_op_before(test.TestPureOp(), find(module, ReturnOp))

    with pytest.raises(RaspcError, match=r"@twice can't be run after the pass change: .*test\.pureop"):
        validate(build_module(TWICE, [1, 2], 2), ChangePass(add_unknown))


def test_a_pass_on_a_program_may_not_even_change_a_rounding():
    def shift(by: float) -> ChangePass:
        def change(module: ModuleOp) -> None:
            op = find(module, MapOp)
            assert isinstance(op, MapOp)
            op.function = FunctionAttr(Affine((1,), by))

        return ChangePass(change)

    start = rasp.Map(lambda x: x + 0.25, rasp.tokens).named("start")
    validate(build_module(start, [1.0], 1), shift(0.25))
    with pytest.raises(TranslationError):
        validate(build_module(start, [1.0], 1), shift(0.25 + 2**-52))


def test_a_model_may_answer_with_a_number_that_counts_as_the_same():
    either = rasp.numerical(rasp.Map(lambda x: 0.2 if x else 1 - 0.8, rasp.tokens)).named("either")
    module = build_module(either, [0, 1], 1)
    validate(module, *passes_of("O0"))
    assert CompiledModel(module)([0]) == [0.2]
    assert either([0]) == [1 - 0.8] != [0.2]
