"""ONNX → transformer: an exported file read back, and the check that it is one.

An ONNX file can hold anything: loops, functions, tensors in other files, shapes that fill the memory. Of a file that
raspc exported only the weights are of interest; the graph around them follows from the metadata. So the model is made
again from the weights, exported again, and compared: a graph that differs in anything isn't run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.dtypes import BFLOAT16, FLOAT16, FLOAT32
from raspc.dialects.craft.certificate import CertificateAttr
from raspc.dialects.dense import Dense, to_dense
from raspc.dialects.rasp.attributes import DomainAttr
from raspc.dialects.transformer import (
    AddOp,
    AttentionMaskOp,
    AttentionOp,
    EmbedOp,
    MlpOp,
    ModelOp,
    ReturnOp,
    UnembedOp,
)
from raspc.errors import CompileError, FormatError
from raspc.lowering.metadata import ModelInfo, describe_module
from raspc.lowering.to_onnx import to_onnx
from raspc.lowering.weights import WeightedOp

_DATA_TYPES = {FLOAT32: TensorProto.FLOAT, FLOAT16: TensorProto.FLOAT16, BFLOAT16: TensorProto.BFLOAT16}

_UNCHECKED = ("producer_name", "producer_version", "domain", "model_version", "doc_string", "metadata_props")
"""Fields of a model that don't say what it computes."""


def from_onnx(model: onnx.ModelProto, info: ModelInfo) -> ModuleOp:
    """The module that was exported as `model`, verified.

    Args:
        model: read from a file; its fields that don't say what it computes are cleared.
        info: its metadata.

    Raises:
        FormatError: raspc doesn't export such a graph for such metadata.
    """
    module = _Reader(model, info).read()
    try:
        module.verify()
        found = describe_module(module)
        again = to_onnx(module)
    except (VerifyException, CompileError) as error:
        raise FormatError(f"the model is invalid: {error}") from error
    if found != info:
        raise FormatError("the sizes in the metadata are not those of the weights")
    for proto in (model, again):
        for name in _UNCHECKED:
            proto.ClearField(name)
    if model != again:
        raise FormatError(
            "the graph is not the one that this version of raspc exports for these weights\n"
            "  help: export the model again; only unchanged exports can be loaded"
        )
    return module


class _Reader:
    """Makes a model from the initializers of a graph, which are named as `raspc.lowering.to_onnx` names them."""

    def __init__(self, model: onnx.ModelProto, info: ModelInfo):
        self._info = info
        # A name that isn't UTF-8 comes as bytes, and is none of ours.
        named: list[tuple[object, TensorProto]] = [(tensor.name, tensor) for tensor in model.graph.initializer]
        self._tensors = {name: tensor for name, tensor in named if isinstance(name, str)}
        if any(tensor.data_location == TensorProto.EXTERNAL for tensor in model.graph.initializer):
            raise FormatError("the model has weights in other files; raspc writes all of them into one")

    def read(self) -> ModuleOp:
        """The module, not verified."""
        info = self._info
        vocab, outputs = DomainAttr(info.vocab), DomainAttr(info.outputs)
        model = ModelOp(info.name, vocab, info.max_seq_len, info.encoding, outputs, info.residual_labels)
        model.assume(info.assumptions, info.source or "")
        model.certificate = None if info.certificate is None else CertificateAttr(info.certificate)
        ids, padding = model.body.block.args
        embed = EmbedOp(ids, *self._weights("embed", EmbedOp))
        ops: list[Operation] = [embed]
        mask = AttentionMaskOp(padding, causal=info.causal)
        if info.causal or any(name.endswith(".attention.w_q") for name in self._tensors):
            ops.insert(0, mask)
        x: SSAValue = embed.result
        for number in range(info.config.n_layers):
            attention, mlp = f"layer_{number}.attention", f"layer_{number}.mlp"
            found: list[AttentionOp | MlpOp] = []
            if f"{attention}.w_q" in self._tensors:
                found.append(AttentionOp(x, mask.result, *self._weights(attention, AttentionOp)))
                ops += [found[-1], AddOp(x, found[-1].result)]
                x = ops[-1].results[0]
            if f"{mlp}.w_in" in self._tensors:
                found.append(MlpOp(x, *self._weights(mlp, MlpOp)))
                ops += [found[-1], AddOp(x, found[-1].result)]
                x = ops[-1].results[0]
            if not found:
                raise FormatError(f"there are no weights for layer {number}")
        unembed = UnembedOp(x, *self._weights("unembed", UnembedOp))
        model.body.block.add_ops([*ops, unembed, ReturnOp(unembed.result)])
        return ModuleOp([model])

    def _weights(self, path: str, kind: type[WeightedOp]) -> Sequence[Dense]:
        """The weights of an op, in the order in which the dialect defines them."""
        return [self._weight(f"{path}.{name}") for name in kind.get_irdl_definition().properties]

    def _weight(self, name: str) -> Dense:
        dtype = self._info.dtype
        tensor = self._tensors.get(name)
        if tensor is None:
            raise FormatError(
                f"there are no weights {name}\n"
                "  help: export the model again; only unchanged exports can be loaded, and only they are certified"
            )
        shape = tuple(tensor.dims)
        if tensor.data_type != _DATA_TYPES[dtype]:
            raise FormatError(f"the weights {name} are not of the dtype {dtype}")
        if not shape or min(shape) < 0 or math.prod(shape) * dtype.numpy.itemsize != len(tensor.raw_data):
            raise FormatError(f"the weights {name} have {len(tensor.raw_data)} bytes and the shape {list(shape)}")
        return to_dense(np.frombuffer(tensor.raw_data, dtype.numpy.newbyteorder("<")).reshape(shape), dtype)
