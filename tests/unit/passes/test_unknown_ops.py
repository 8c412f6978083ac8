"""An op that nobody has said anything about is refused by its name, wherever a pass would have to know it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.irdl import IRDLOperation, irdl_op_definition, operand_def, result_def, traits_def
from xdsl.passes import ModulePass
from xdsl.traits import Pure

from raspc.algebra.domain import Domain
from raspc.dialects import craft
from raspc.dialects.craft import SubspaceType
from raspc.dialects.craft.ops import EmbeddingOp
from raspc.dialects.rasp import ProgramOp, ReturnOp, SopType, TokensOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.ops import SopOp
from raspc.errors import CompileError
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.passes.certify import CertifyPass
from raspc.passes.error_bounds import ErrorBounds
from raspc.passes.fuse_mlps import FuseMlpsPass
from raspc.passes.infer_values import InferValuesPass
from raspc.passes.schedule_layers import ScheduleLayersPass

BITS = Domain.of([0, 1])


@irdl_op_definition
class MysteryOp(IRDLOperation):
    """A craft op of a plugin: nobody knows what it writes."""

    name = "craft.mystery"

    x = operand_def(SubspaceType)
    result = result_def(SubspaceType)
    traits = traits_def(Pure())
    assembly_format = "$x attr-dict `:` type($x) `->` type($result)"

    def __init__(self, x: SSAValue):
        super().__init__(operands=[x], result_types=[SubspaceType("mystery", Encoding.CATEGORICAL, BITS)])


@irdl_op_definition
class EmbedWeatherOp(EmbeddingOp):
    """An embedding of a plugin: it looks like those that are known."""

    name = "craft.embed_weather"


@irdl_op_definition
class ReversedOp(SopOp):
    """An s-op of a plugin."""

    name = "rasp.reversed"

    value = operand_def(SopType)
    assembly_format = "$value attr-dict `:` type($value) `->` type($result)"

    def __init__(self, value: SSAValue):
        super().__init__(operands=[value], result_types=[SopType(BITS, Encoding.CATEGORICAL)])


def mystery_model() -> ModuleOp:
    model = craft.ModelOp("m", (0, 1), 2)
    tokens = craft.EmbedTokensOp(SubspaceType("tokens", Encoding.CATEGORICAL, BITS))
    mystery = MysteryOp(tokens.result)
    model.body.block.add_ops([tokens, mystery, craft.UnembedOp(mystery.result)])
    return ModuleOp([model])


def weather_model() -> ModuleOp:
    model = craft.ModelOp("m", (0, 1), 2)
    weather = EmbedWeatherOp(SubspaceType("weather", Encoding.CATEGORICAL, BITS))
    model.body.block.add_ops([weather, craft.UnembedOp(weather.result)])
    return ModuleOp([model])


def reversed_program() -> ModuleOp:
    program = ProgramOp("p", (0, 1), 2)
    tokens = TokensOp(SopType(BITS, Encoding.CATEGORICAL))
    backward = ReversedOp(tokens.result)
    program.body.block.add_ops([tokens, backward, ReturnOp(backward.result)])
    return ModuleOp([program])


@pytest.mark.parametrize("applied", [CertifyPass(), AssembleTransformerPass(), ScheduleLayersPass(), FuseMlpsPass()])
def test_an_unknown_craft_op_is_refused(applied: ModulePass):
    module = mystery_model()
    module.verify()
    with pytest.raises(CompileError, match=r"craft\.mystery is an op that this pass doesn't know"):
        applied.apply(Context(), module)


@pytest.mark.parametrize("applied", [CertifyPass(), AssembleTransformerPass()])
def test_an_unknown_embedding_is_refused(applied: ModulePass):
    module = weather_model()
    module.verify()
    with pytest.raises(CompileError, match=r"craft\.embed_weather is an op that this pass doesn't know"):
        applied.apply(Context(), module)


@pytest.mark.parametrize(
    "analyse",
    [lambda module: InferValuesPass().apply(Context(), module), lambda module: ErrorBounds(next(iter(module.ops)))],
)
def test_an_unknown_sop_is_refused(analyse: Callable[[ModuleOp], object]):
    module = reversed_program()
    module.verify()
    with pytest.raises(CompileError, match=r"rasp\.reversed is an op that doesn't say[^`]*`infer` of ReversedOp"):
        analyse(module)
