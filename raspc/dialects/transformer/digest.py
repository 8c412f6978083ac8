"""The digest of a transformer, to which its certificate is bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from xdsl.irdl import IRDLOperation

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import DType
from raspc.dialects.craft.certificate import Certificate
from raspc.dialects.dense import Dense
from raspc.dialects.digest import Digest
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.transformer.layers import Transformer, read_model
from raspc.dialects.transformer.model import ModelOp

Weights = Iterable[tuple[str, Sequence[int], bytes]]
"""Names, shapes and bytes of all weights, in the order of the layers: the name is `layer_0.mlp.w_in`, say."""


@dataclass(frozen=True)
class Judged:
    """What decides the outputs of a transformer beside its weights, and what is assumed; see `ModelInfo`."""

    vocab: Domain
    max_seq_len: int
    causal: bool
    encoding: Encoding
    outputs: Domain
    dtype: DType
    assumptions: tuple[str, ...]
    source: str | None

    def digest(self, weights: Weights, certificate: Certificate) -> str:
        """The digest of the transformer with these weights and of what a certificate says of it."""
        digest = Digest()
        digest.add_facts("transformer", *certificate.claims)
        digest.add_domain(self.vocab)
        digest.add_facts(self.max_seq_len, self.causal, str(self.encoding.value))
        digest.add_domain(self.outputs)
        digest.add_facts(self.dtype.name, list(self.assumptions), self.source)
        for name, shape, data in weights:
            digest.add_facts(name)
            digest.add_array(shape, data)
        return digest.text


def transformer_digest(transformer: Transformer, certificate: Certificate) -> str:
    """The digest of a transformer and of what a certificate says of it.

    It covers the inputs, the outputs, causality, the dtype, the assumptions, the layers and all weights. What the model
    and its directions are called decides nothing and isn't covered.
    """
    model = transformer.model
    judged = Judged(
        vocab=model.vocab.data,
        max_seq_len=model.max_seq_len.data,
        causal=transformer.causal,
        encoding=model.output_encoding.data,
        outputs=model.output_domain.data,
        dtype=model.dtype,
        assumptions=tuple(text.data for text in model.assumptions or ()),
        source=None if model.source is None else model.source.data,
    )
    return judged.digest(_weights(transformer), certificate)


def is_bound(model: ModelOp) -> bool:
    """Whether a model has a certificate that is about it as it is.

    Raises:
        CompileError: the model has a certificate, and isn't one residual stream.
    """
    certificate = model.certificate
    return certificate is not None and certificate.data.digest == transformer_digest(
        read_model(model), certificate.data
    )


def _weights(transformer: Transformer) -> Iterator[tuple[str, Sequence[int], bytes]]:
    ops: list[tuple[str, IRDLOperation]] = [("embed", transformer.embed)]
    for layer in transformer.layers:
        if layer.attention:
            ops.append((f"{layer.path}.attention", layer.attention.op))
        if layer.mlp:
            ops.append((f"{layer.path}.mlp", layer.mlp.op))
    for path, op in (*ops, ("unembed", transformer.unembed)):
        for name in op.get_irdl_definition().properties:
            attr = cast(Dense, op.properties[name])  # the dialect allows no other type
            yield f"{path}.{name}", attr.get_shape(), attr.data.data
