"""The layers of a transformer model: the one place that says how its ops make up a standard transformer.

Passes, traces, ONNX names and JAX parameters all take their structure from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.transformer import (
    AddOp,
    AttentionMaskOp,
    AttentionOp,
    EmbedOp,
    MlpOp,
    ModelOp,
    ReturnOp,
    UnembedOp,
    model_of,
)
from raspc.errors import CompileError

SublayerOp = TypeVar("SublayerOp", AttentionOp, MlpOp, covariant=True)


@dataclass(frozen=True)
class Sublayer(Generic[SublayerOp]):
    """An attention or an MLP with the residual add after it.

    Attributes:
        op: reads the residual stream.
        add: adds the op's result to the residual stream.
    """

    op: SublayerOp
    add: AddOp


@dataclass(frozen=True)
class Layer:
    """Attention followed by an MLP; either may be missing.

    Attributes:
        index: counted from 0.
    """

    index: int
    attention: Sublayer[AttentionOp] | None
    mlp: Sublayer[MlpOp] | None

    @property
    def title(self) -> str:
        """The layer as a person reads it: `layer 0`."""
        return f"layer {self.index}"

    @property
    def path(self) -> str:
        """The first part of the names of the layer's weights: `layer_0`."""
        return f"layer_{self.index}"


@dataclass(frozen=True)
class Transformer:
    """A model whose ops are one residual stream: embedding, layers, unembedding.

    Attributes:
        causal: whether a position may attend to itself and earlier positions only.
    """

    model: ModelOp
    embed: EmbedOp
    causal: bool
    layers: tuple[Layer, ...]
    unembed: UnembedOp


def read_transformer(module: ModuleOp) -> Transformer:
    """The structure of a module's one model.

    Raises:
        CompileError: the module has no model or more than one, or the model is of another structure; see `read_model`.
    """
    try:
        model = model_of(module)
    except VerifyException as error:
        raise CompileError(str(error), help="run the pipeline that ends in the transformer dialect") from error
    return read_model(model)


def read_model(model: ModelOp) -> Transformer:
    """The structure of a model.

    Every op that the logits depend on must be a part of one residual stream. A new layer starts at an attention, and
    at an MLP that follows an MLP.

    Raises:
        CompileError: the model is of another structure.
    """
    ids, padding = model.body.block.args
    end = model.body.block.last_op
    assert isinstance(end, ReturnOp)
    unembed = end.logits.owner
    if not isinstance(unembed, UnembedOp):
        raise _not_standard(model, end, "return the logits of a transformer.unembed")
    sublayers: list[Sublayer[AttentionOp] | Sublayer[MlpOp]] = []
    stream = unembed.x
    while not isinstance(embed := stream.owner, EmbedOp):
        sublayer, stream = _read_sublayer(model, stream)
        sublayers.append(sublayer)
    if embed.ids is not ids:
        raise _not_standard(model, embed, "embed the model's token ids")
    sublayers.reverse()
    return Transformer(model, embed, _causality(model, sublayers, padding), _group(sublayers), unembed)


def _read_sublayer(model: ModelOp, stream: SSAValue) -> tuple[Sublayer[AttentionOp] | Sublayer[MlpOp], SSAValue]:
    """The sublayer whose add computes `stream`, and the residual stream before it."""
    add = stream.owner
    if not isinstance(add, AddOp):
        raise _not_standard(model, model if not isinstance(add, Operation) else add, "add to the residual stream")
    for before, update in ((add.lhs, add.rhs), (add.rhs, add.lhs)):
        match update.owner:
            case AttentionOp() as attention if attention.x is before:
                return Sublayer(attention, add), before
            case MlpOp() as mlp if mlp.x is before:
                return Sublayer(mlp, add), before
            case _:
                pass
    raise _not_standard(model, add, "add what an attention or an MLP computes from the other operand")


def _causality(model: ModelOp, sublayers: list[Sublayer[AttentionOp] | Sublayer[MlpOp]], padding: SSAValue) -> bool:
    """Whether the model is causal; without any attention, what its mask says, if it has one."""
    masks: list[AttentionMaskOp] = []
    for sublayer in sublayers:
        if isinstance(sublayer.op, AttentionOp):
            mask = sublayer.op.mask.owner
            if not isinstance(mask, AttentionMaskOp) or mask.padding is not padding:
                raise _not_standard(model, sublayer.op, "use the transformer.attention_mask of the model's padding")
            masks.append(mask)
    if not masks:
        masks = [op for op in model.body.block.ops if isinstance(op, AttentionMaskOp)]
    found = {mask.causal is not None for mask in masks}
    if len(found) > 1:
        raise _not_standard(model, masks[0], "be causal in all attentions or in none")
    return found == {True}


def _group(sublayers: list[Sublayer[AttentionOp] | Sublayer[MlpOp]]) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    attention: Sublayer[AttentionOp] | None = None
    for sublayer in sublayers:
        if isinstance(sublayer.op, AttentionOp):
            if attention is not None:
                layers.append(Layer(len(layers), attention, None))
            attention = Sublayer(sublayer.op, sublayer.add)
        else:
            layers.append(Layer(len(layers), attention, Sublayer(sublayer.op, sublayer.add)))
            attention = None
    if attention is not None:
        layers.append(Layer(len(layers), attention, None))
    return tuple(layers)


def _not_standard(model: ModelOp, op: Operation, expected: str) -> CompileError:
    return CompileError(
        f"the model is not one residual stream of attentions and MLPs: found {op.name}",
        expression=f"@{model.sym_name.data}",
        expected=f"every op must embed, unembed, or {expected}" if op is model else f"{op.name} must {expected}",
    )
