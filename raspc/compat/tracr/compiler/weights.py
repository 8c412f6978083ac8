"""From a transformer of ours to the parameters and labels of one of Tracr's.

What differs, and how each difference is bridged so that nothing that is computed changes:

- All layers of Tracr's have one size: the pass pad-uniform makes them so.
- Tracr divides scores by the square root of `key_size`, which W_Q makes up for. `key_size` is a power of four, so that
  both are multiplications by a power of two, which round nothing: the certificate of the model holds for these
  parameters.
- Tracr's unembedding has no bias: where an output may be undefined, the logit 1/2 of undefined is a direction of the
  residual stream, which is 1/2 everywhere.
- Tracr's parameters don't know padding: here the padding token has a direction, for which one more dimension of each
  head gives a score of -1e30, whatever the query.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context

from raspc.algebra.labels import parts_of, quoted_name, value_label
from raspc.algebra.values import MaybeValue
from raspc.compat.tracr.transformer.model import MASKED, Floats, Params, TransformerConfig
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.transformer import AttentionOp, MlpOp
from raspc.dialects.transformer.layers import Transformer, read_transformer
from raspc.dialects.transformer.tensors import PARAMETER_LIMIT
from raspc.errors import CompileError
from raspc.lowering.metadata import ModelInfo
from raspc.lowering.residual_layout import ResidualLayout
from raspc.lowering.weights import weights_of
from raspc.passes.names import unlike
from raspc.passes.pad_uniform import PadUniformPass
from raspc.runtime.model import CompiledModel

UNDEFINED_LOGIT = 0.5
"""The logit of undefined, to which those of values compare."""


@dataclass(frozen=True)
class TracrWeights:
    """A transformer as Tracr would have it.

    Attributes:
        params: the parameters.
        config: the sizes.
        residual_labels: the names of the directions of the residual stream.
        output_label: the name of the output in `residual_labels`.
        output_directions: the directions that the output is read from: of a categorical output one for each value, and
            one for undefined if that is possible; of a numerical output that of the number, and if it may be undefined
            that of whether it is defined.
    """

    params: Params
    config: TransformerConfig
    residual_labels: list[str]
    output_label: str
    output_directions: list[int]


def can_be_undefined(info: ModelInfo) -> bool:
    """Whether an output may be undefined: the program says so, or it isn't proved to have a meaning on every input."""
    return info.outputs.undefined or bool(info.assumptions)


def tracr_weights(model: CompiledModel, name: str, bos: str, pad: str) -> TracrWeights:
    """The parameters and labels of a model that the pipeline `O0` made.

    Args:
        model: the model.
        name: the program's name. The directions of a categorical output take it, unless another s-op has it.
        bos: the name of the token before every input.
        pad: the name of the token for padding.

    Raises:
        CompileError: with all layers of one size the model is too large.
    """
    module = model.module.clone()
    PadUniformPass().apply(Context(), module)
    return _Converter(read_transformer(module), model.info, name, bos, pad).convert()


class _Converter:
    """Converts one transformer, whose layers are of one size."""

    def __init__(self, transformer: Transformer, info: ModelInfo, name: str, bos: str, pad: str):
        self.transformer, self.info, self.name, self.bos, self.pad = transformer, info, name, bos, pad
        attentions = [layer.attention.op for layer in transformer.layers if layer.attention]
        mlps = [layer.mlp.op for layer in transformer.layers if layer.mlp]
        assert len(attentions) == len(mlps) == len(transformer.layers) > 0, "pad-uniform makes it so"
        self.attentions, self.mlps = attentions, mlps
        self.has_undefined = info.encoding == Encoding.CATEGORICAL and can_be_undefined(info)
        self.d_model = info.config.d_model + self.has_undefined + 1
        self.config = TransformerConfig(
            num_heads=attentions[0].n_heads,
            num_layers=len(attentions),
            key_size=_power_of_four(attentions[0].d_head + 1),
            mlp_hidden_size=mlps[0].d_mlp,
            causal=transformer.causal,
        )

    def convert(self) -> TracrWeights:
        self._check_size()
        params = {"token_embed": {"embeddings": self._tokens()}, "pos_embed": {"embeddings": self._positions()}}
        for layer, (attention, mlp) in enumerate(zip(self.attentions, self.mlps, strict=True)):
            params |= self._attention(f"transformer/layer_{layer}/attn", attention)
            params |= self._mlp(f"transformer/layer_{layer}/mlp", mlp)
        label, directions, named = self._outputs()
        return TracrWeights(params, self.config, self._labels(named), label, directions)

    def _check_size(self) -> None:
        config = self.config
        projections = config.num_heads * config.key_size
        n_params = config.num_layers * self.d_model * (4 * projections + 2 * config.mlp_hidden_size)
        if n_params > PARAMETER_LIMIT:
            raise CompileError(
                f"as Tracr has it, with one size of all layers and heads of width {config.key_size}, the model has "
                f"more than {PARAMETER_LIMIT} parameters",
                expression=self.info.name,
                expected="a model that fits into 1 GiB",
                help="use a smaller vocabulary or max_seq_len, or raspc.compile, whose layers have their own sizes",
            )

    # Directions: those of our model, then that of undefined if there is one, then that of padding.

    def _tokens(self) -> Floats:
        """The embeddings of the vocabulary, of BOS and of padding: [n_vocab + 2, d_model]."""
        w_e = weights_of(self.transformer.embed)["w_e"]
        embeddings = np.zeros((len(w_e) + 1, self.d_model), dtype=np.float32)
        embeddings[:-1, : w_e.shape[1]] = w_e
        embeddings[-1, -1] = 1
        if self.has_undefined:
            embeddings[:, w_e.shape[1]] = UNDEFINED_LOGIT
        return embeddings

    def _positions(self) -> Floats:
        return self._reading(weights_of(self.transformer.embed)["w_pos"].T).T

    def _attention(self, name: str, op: AttentionOp) -> Params:
        config = self.config
        heads, width = config.num_heads, config.key_size
        weights = weights_of(op)  # [n_heads, d_model, d_head], but w_o [n_heads, d_head, d_model]
        d_old, d_head = weights["w_q"].shape[1:]
        root = np.float32(np.sqrt(width))
        inward = np.zeros((3, self.d_model, heads, width), dtype=np.float32)  # queries, keys and values
        for number, key in enumerate(("w_q", "w_k", "w_v")):
            inward[number, :d_old, :, :d_head] = weights[key].swapaxes(0, 1)
        inward[0] *= root
        inward[1, -1, :, -1] = MASKED * root  # the padding token's key, in the dimension in which every query is 1
        query_bias = np.zeros((heads, width), dtype=np.float32)
        query_bias[:, -1] = 1
        outward = np.zeros((heads, width, self.d_model), dtype=np.float32)
        outward[:, :d_head, :d_old] = weights["w_o"]
        query, key, value = inward.reshape(3, self.d_model, heads * width)
        nothing = np.zeros(heads * width, dtype=np.float32)
        return {
            f"{name}/query": {"w": query, "b": query_bias.ravel()},
            f"{name}/key": {"w": key, "b": nothing},
            f"{name}/value": {"w": value, "b": nothing.copy()},
            f"{name}/linear": {
                "w": outward.reshape(heads * width, self.d_model),
                "b": np.zeros(self.d_model, dtype=np.float32),
            },
        }

    def _mlp(self, name: str, op: MlpOp) -> Params:
        weights = weights_of(op)
        return {
            f"{name}/linear_1": {"w": self._reading(weights["w_in"]), "b": weights["b_in"].copy()},
            f"{name}/linear_2": {
                "w": self._reading(weights["w_out"].T).T,
                "b": self._reading(weights["b_out"][:, None])[:, 0],
            },
        }

    def _reading(self, weights: NDArray[np.float32]) -> Floats:
        """Weights [d_model of our model, n] with zeros for the other directions: [d_model, n]."""
        return np.pad(weights, ((0, self.d_model - len(weights)), (0, 0)))

    def _outputs(self) -> tuple[str, list[int], dict[int, str]]:
        """The output's label, its directions, and the names of those that have a value."""
        info = self.info
        w_u = weights_of(self.transformer.unembed)["w_u"]  # [d_model, n_outputs]
        if info.encoding == Encoding.NUMERICAL:
            (read,) = np.nonzero(w_u.any(axis=1))
            directions = [int(direction) for direction in read]
            return info.residual_labels[directions[0]], directions, {}
        w_u = w_u[:, :-1]
        assert np.array_equal(w_u != 0, w_u == 1), "O0 reads each value from a direction of its own"
        assert (w_u.sum(axis=0) == 1).all()
        directions = [int(direction) for direction in w_u.argmax(axis=0)]
        label = self.name
        others = {
            name
            for number, each in enumerate(info.residual_labels)
            if number not in directions
            for name, _ in parts_of(each)
        }
        if directions and label in others:
            ((label, _),) = parts_of(info.residual_labels[directions[0]])
        values: list[MaybeValue] = list(info.outputs.values)
        if self.has_undefined:
            directions.append(info.config.d_model)
            values.append(None)
        named = dict(zip(directions, _labels_of(label, values), strict=True))
        return quoted_name(label), directions, named

    def _labels(self, outputs: dict[int, str]) -> list[str]:
        """The names of all directions, all different, those of the output's values as given."""
        tokens = self._name_of_tokens()
        names = [*self.info.residual_labels, *([""] if self.has_undefined else []), value_label(tokens, self.pad)]
        names[ResidualLayout.BOS] = value_label(tokens, self.bos)
        taken = set(outputs.values())
        for direction, name in enumerate(names):
            if direction in outputs:
                names[direction] = outputs[direction]
                continue
            while name in taken:
                name += "_"
            taken.add(name)
            names[direction] = name
        return names

    def _name_of_tokens(self) -> str:
        """The name of the embedded tokens: `tokens`, unless an s-op of the user's has that."""
        w_e = weights_of(self.transformer.embed)["w_e"][:-1]
        embedded = [label for label, column in zip(self.info.residual_labels, w_e.T, strict=True) if column.any()]
        names = dict.fromkeys(name for label in embedded for name, _ in parts_of(label))
        others = {name for label in self.info.residual_labels if label not in embedded for name, _ in parts_of(label)}
        found = [name for name in names if re.fullmatch(r"tokens(_[0-9]+)?", name)]
        return found[0] if found else unlike("tokens", others)


def _labels_of(label: str, values: Sequence[MaybeValue]) -> list[str]:
    """The names of the directions of values: `hist:1`.

    Where several values have one text, as 1 and "1" have, the names say the types as well: whoever looks for the text
    then finds nothing, rather than one of them.
    """
    texts = Counter(str(value) for value in values)
    return [
        value_label(label, str(value) if texts[str(value)] == 1 else f"{value!r} ({type(value).__name__})")
        for value in values
    ]


def _power_of_four(least: int) -> int:
    """The smallest power of four that is at least `least`.

    >>> [_power_of_four(size) for size in (1, 2, 4, 5, 17)]
    [1, 4, 4, 16, 64]
    """
    power = 1
    while power < least:
        power *= 4
    return power
