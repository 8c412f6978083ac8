"""What is needed, besides the weights, to run a model and to read its outputs; exported files contain it as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from math import prod
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from raspc._version import __version__
from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import FLOAT32, DType, dtype_named, rounded
from raspc.algebra.values import MaybeValue, Value, from_json, to_json
from raspc.dialects.craft.certificate import COMPILE_AGAIN, OUTDATED, Certificate
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.transformer.digest import Judged, transformer_digest
from raspc.dialects.transformer.layers import Transformer, read_transformer
from raspc.errors import CompileError, FormatError
from raspc.lowering.weights import shapes_of

FORMAT_VERSION = 1
"""The version of the JSON form; it goes up when a reader of the older form couldn't use the newer one."""

T = TypeVar("T")


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of a model.

    Attributes:
        n_layers: layers, each an attention followed by an MLP, of which one may be missing.
        n_heads: the most heads of a layer.
        d_model: the width of the residual stream.
        d_head: the largest width of a head's queries and keys.
        d_value: the largest width of a head's values.
        d_mlp: the most hidden units of an MLP.
        n_params: the elements of all weights together.
    """

    n_layers: int
    n_heads: int
    d_model: int
    d_head: int
    d_value: int
    d_mlp: int
    n_params: int

    @staticmethod
    def of(transformer: Transformer) -> ModelConfig:
        """The sizes of a transformer."""
        attentions = [layer.attention.op for layer in transformer.layers if layer.attention]
        mlps = [layer.mlp.op for layer in transformer.layers if layer.mlp]
        return ModelConfig(
            n_layers=len(transformer.layers),
            n_heads=max((op.n_heads for op in attentions), default=0),
            d_model=transformer.embed.w_e.get_shape()[-1],
            d_head=max((op.d_head for op in attentions), default=0),
            d_value=max((op.d_value for op in attentions), default=0),
            d_mlp=max((op.d_mlp for op in mlps), default=0),
            n_params=sum(
                prod(shape)
                for op in (transformer.embed, *attentions, *mlps, transformer.unembed)
                for shape in shapes_of(op).values()
            ),
        )


@dataclass(frozen=True)
class ModelInfo:
    """All facts about a model but its weights.

    Attributes:
        name: the program's name.
        vocab: the tokens; a token's id is its position.
        max_seq_len: the most tokens that the model takes.
        causal: whether a position may attend to itself and earlier positions only.
        encoding: how logits encode the outputs; see `transformer.unembed`.
        outputs: the values that an output can have. Which of its equal forms a number takes is not recorded:
            `mixed` is always false.
        residual_labels: the names of the directions of the residual stream.
        config: the sizes.
        dtype: the dtype of the weights. The model computes in it, or in a more precise one.
        certificate: the proof that the model is exact, if it has one: it holds for the weights that it was made for.
        assumptions: where it couldn't be proved that the program has a meaning on every input, one sentence for each
            expression.
        source: the text of the `rasp.program` that decides whether an input has a meaning; it is there if there are
            assumptions.
    """

    name: str
    vocab: Domain
    max_seq_len: int
    causal: bool
    encoding: Encoding
    outputs: Domain
    residual_labels: tuple[str, ...]
    config: ModelConfig
    dtype: DType = FLOAT32
    certificate: Certificate | None = None
    assumptions: tuple[str, ...] = ()
    source: str | None = None

    def __post_init__(self) -> None:
        if self.encoding == Encoding.NUMERICAL:
            _check_distinct(self.outputs, self.dtype)

    @property
    def judged(self) -> Judged:
        """What a certificate is about beside the weights."""
        return Judged(
            self.vocab,
            self.max_seq_len,
            self.causal,
            self.encoding,
            self.outputs,
            self.dtype,
            self.assumptions,
            self.source,
        )

    @property
    def n_outputs(self) -> int:
        """The number of logits at each position."""
        return 2 if self.encoding == Encoding.NUMERICAL else len(self.outputs) + 1

    @property
    def output_numbers(self) -> NDArray[np.float32]:
        """The values of a numerical output, strictly ascending. Shape: [len(outputs)]."""
        return self.outputs.numbers.astype(np.float32)

    def to_json(self) -> str:
        """The information as JSON text, in ASCII, from which `from_json` gives back an equal one."""
        return json.dumps(
            {
                "format_version": FORMAT_VERSION,
                "raspc_version": __version__,
                "name": self.name,
                "vocab": [to_json(value) for value in self.vocab.values],
                "max_seq_len": self.max_seq_len,
                "causal": self.causal,
                "output_encoding": str(self.encoding.value),
                "output_values": [to_json(value) for value in self.outputs.values],
                "output_undefined": self.outputs.undefined,
                "residual_labels": list(self.residual_labels),
                "config": asdict(self.config),
                "dtype": self.dtype.name,
                "certificate": _certificate_record(self.certificate),
                **({"assumptions": list(self.assumptions), "source": self.source} if self.assumptions else {}),
            }
        )

    @staticmethod
    def from_json(text: str) -> ModelInfo:
        """The information in what `to_json` returns.

        Raises:
            FormatError: the text is anything else.
        """
        try:
            data: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"the metadata is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise FormatError("the metadata must be a JSON object")
        record = _Record(cast("dict[str, Any]", data))
        if (version := record.get("format_version", int)) != FORMAT_VERSION:
            raise FormatError(f"the metadata has format version {version}; this raspc reads version {FORMAT_VERSION}")
        encoding = record.get("output_encoding", str)
        if encoding not in (Encoding.CATEGORICAL, Encoding.NUMERICAL):
            raise FormatError(f"output_encoding must be categorical or numerical, found {encoding!r:.80}")
        vocab, outputs = record.domain("vocab", False), record.domain("output_values", "output_undefined")
        if not vocab.values:
            raise FormatError("the vocabulary is empty")
        if encoding == Encoding.NUMERICAL and not outputs.is_numeric:
            raise FormatError("the values of a numerical output must be finite numbers")
        config = _Record(cast("dict[str, Any]", record.get("config", dict)))
        assumptions = tuple(record.strings("assumptions")) if "assumptions" in record.data else ()
        source = record.get("source", str) if assumptions else None
        try:
            return ModelInfo(
                name=record.get("name", str),
                vocab=vocab,
                max_seq_len=record.count("max_seq_len", 1),
                causal=record.get("causal", bool),
                encoding=Encoding(encoding),
                outputs=outputs,
                residual_labels=tuple(record.strings("residual_labels")),
                config=ModelConfig(*(config.count(field.name, 0) for field in fields(ModelConfig))),
                dtype=record.dtype("dtype"),
                certificate=record.certificate("certificate"),
                assumptions=assumptions,
                source=source,
            )
        except CompileError as error:
            raise FormatError(str(error)) from error


def _certificate_record(certificate: Certificate | None) -> dict[str, object] | None:
    """A certificate as a JSON object; the assumptions stand beside it."""
    if certificate is None:
        return None
    return {
        "dtype": certificate.dtype,
        "margin": certificate.margin,
        "at": certificate.at,
        "scope": certificate.scope,
        **({"partial": certificate.partial} if certificate.partial else {}),
        "sha256": certificate.digest,
    }


@dataclass(frozen=True)
class _Record:
    """A JSON object whose items are read with a check of their types."""

    data: dict[str, Any]

    def get(self, key: str, kind: type[T]) -> T:
        value = self.data.get(key)
        if type(value) is not kind:
            raise FormatError(f"the metadata's {key} must be of type {kind.__name__}, found {value!r:.80}")
        return value

    def count(self, key: str, least: int) -> int:
        number = self.get(key, int)
        if number < least:
            raise FormatError(f"the metadata's {key} must be at least {least}, found {number}")
        return number

    def dtype(self, key: str) -> DType:
        """The dtype of a name; that of a file without the key, which is of an earlier version, is float32."""
        if key not in self.data:
            return FLOAT32
        try:
            return dtype_named(self.get(key, str))
        except ValueError as error:
            raise FormatError(f"the metadata's {key}: {error}") from error

    def certificate(self, key: str) -> Certificate | None:
        """A certificate, not compared with the model yet; a model that wasn't certified has none."""
        if self.data.get(key) is None:
            return None
        record = _Record(cast("dict[str, Any]", self.get(key, dict)))
        if "scope" not in record.data or "sha256" not in record.data:
            raise FormatError(f"{OUTDATED}\n  help: {COMPILE_AGAIN}")
        certificate = Certificate(
            record.get("dtype", str),
            record.get("margin", float),
            record.get("at", str),
            scope=record.get("scope", str),
            partial=record.count("partial", 1) if "partial" in record.data else 0,
            digest=record.get("sha256", str),
        )
        if certificate.problem is not None:
            raise FormatError(f"the metadata's {key} is invalid: {certificate.problem}")
        return certificate

    def strings(self, key: str) -> list[str]:
        items = cast("list[Any]", self.get(key, list))
        for item in items:
            if type(item) is not str:
                raise FormatError(f"the metadata's {key} must be a list of strings, found {item!r:.80}")
        return items

    def domain(self, key: str, undefined: str | bool) -> Domain:
        try:
            values: list[MaybeValue] = [from_json(item) for item in cast("list[Any]", self.get(key, list))]
            if None in values:
                raise ValueError("undefined is not a value")
        except (ValueError, RecursionError) as error:
            raise FormatError(f"the metadata's {key}: {error}") from error
        defined = cast("list[Value]", values)
        if Domain.of(defined).values != tuple(defined):
            raise FormatError(f"the metadata's {key} must be distinct values in order")
        return Domain(tuple(defined), self.get(undefined, bool) if isinstance(undefined, str) else undefined)


def describe(transformer: Transformer) -> ModelInfo:
    """The facts about a transformer but its weights.

    Raises:
        CompileError: two values of a numerical output are the same number in the model's dtype, so that no decoder
            could tell them apart.
    """
    model = transformer.model
    return ModelInfo(
        name=model.sym_name.data,
        vocab=_plain(model.vocab.data),
        max_seq_len=model.max_seq_len.data,
        causal=transformer.causal,
        encoding=model.output_encoding.data,
        outputs=_plain(model.output_domain.data),
        residual_labels=tuple(model.residual_labels),
        config=ModelConfig.of(transformer),
        dtype=model.dtype,
        certificate=_certificate_for(transformer),
        assumptions=tuple(text.data for text in model.assumptions or ()),
        source=None if model.source is None else model.source.data,
    )


def _certificate_for(transformer: Transformer) -> Certificate | None:
    """A transformer's certificate, if it is about the transformer as it is, and about its dtype."""
    model = transformer.model
    if model.certificate is None or model.certificate.data.dtype != model.dtype.name:
        return None
    certificate = model.certificate.data
    return certificate if certificate.digest == transformer_digest(transformer, certificate) else None


def describe_module(module: ModuleOp) -> ModelInfo:
    """`describe` the one model of a module."""
    return describe(read_transformer(module))


def _plain(domain: Domain) -> Domain:
    return Domain(domain.values, domain.undefined)


def _check_distinct(domain: Domain, dtype: DType) -> None:
    numbers = rounded(domain.numbers, dtype)
    if not np.isfinite(numbers).all():
        value = domain.values[int(np.argmin(np.isfinite(numbers)))]
        raise CompileError(f"the output value {value} is outside the range of {dtype}")
    (same,) = np.nonzero(np.diff(numbers) <= 0)
    if same.size:
        first, second = domain.values[same[0]], domain.values[same[0] + 1]
        raise CompileError(
            f"the output values {first} and {second} are the same number in {dtype}",
            help="use a categorical output",
        )
