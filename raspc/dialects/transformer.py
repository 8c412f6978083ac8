"""The transformer dialect: a standard decoder-only or encoder-only transformer on tensors.

Token and position embedding, multi-head attention, MLPs, residual adds and an unembedding, without layer
normalisation. Weights are `dense` attributes; the batch and sequence axes are dynamic. The exporters read this dialect
alone.

A BOS token stands before the input inside the model: `transformer.embed` prepends it, `transformer.unembed` drops it,
and callers never see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    Float32Type,
    IntAttr,
    StringAttr,
    TensorType,
    UnitAttr,
    f32,
    i1,
    i64,
)
from xdsl.ir import Attribute, Block, Dialect, Operation, Region, SSAValue
from xdsl.irdl import (
    BaseAttr,
    IRDLOperation,
    VarConstraint,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.traits import HasParent, IsolatedFromAbove, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.dense import WeightsText, to_array
from raspc.dialects.rasp import syntax
from raspc.dialects.rasp.attributes import DomainAttr, Encoding, EncodingAttr, verify_max_seq_len

Dense = DenseIntOrFPElementsAttr[Float32Type]

IDS_TYPE = TensorType(i64, (DYNAMIC_INDEX, DYNAMIC_INDEX))
"""Token ids: [batch, sequence]."""

PADDING_TYPE = TensorType(i1, (DYNAMIC_INDEX, DYNAMIC_INDEX))
"""True where there is a token and false where there is padding: [batch, sequence]."""

MASK_TYPE = TensorType(i1, (DYNAMIC_INDEX, DYNAMIC_INDEX, DYNAMIC_INDEX))
"""True where a query position may attend to a key position: [batch, 1 + sequence, 1 + sequence]."""


def residual_type(d_model: int) -> TensorType[Float32Type]:
    """The type of the residual stream: [batch, 1 + sequence, d_model]; position 0 is the BOS token."""
    return TensorType(f32, (DYNAMIC_INDEX, DYNAMIC_INDEX, d_model))


def check_shape(name: str, weights: Dense, expected: Sequence[int | None]) -> tuple[int, ...]:
    """The shape of a weight, checked against `expected`, in which `None` stands for any size.

    Raises:
        VerifyException: the shapes differ, or the bytes don't fill the shape.
    """
    if not isinstance(weights.type, TensorType):
        raise VerifyException(f"{name} must be of a tensor type, found {weights.type}")
    shape = weights.get_shape()
    agrees = len(shape) == len(expected) and all(e is None or s == e for s, e in zip(shape, expected, strict=True))
    if not agrees:
        wanted = ", ".join("any" if size is None else str(size) for size in expected)
        raise VerifyException(f"{name} must have the shape [{wanted}], found {list(shape)}")
    elements = 1
    for size in shape:
        elements *= size
    if len(weights) != elements:
        raise VerifyException(f"{name} holds {len(weights)} elements, but its shape {list(shape)} has {elements}")
    if not np.isfinite(to_array(weights)).all():
        raise VerifyException(f"{name} has an element that is not a finite number")
    return shape


def width_of(value: SSAValue) -> int:
    """The size of the last axis of a residual-stream value."""
    value_type: Attribute = value.type
    if not isinstance(value_type, TensorType) or value_type != residual_type(value_type.get_shape()[-1:][0]):
        raise VerifyException(f"expected a value of the type tensor<?x?xNxf32>, found {value_type}")
    return value_type.get_shape()[-1]


@irdl_op_definition
class EmbedOp(IRDLOperation):
    """Prepend the BOS token and embed tokens and positions.

    `%x = transformer.embed %ids w_e(dense<…> : tensor<4x9xf32>) w_pos(dense<…> : tensor<6x9xf32>) : tensor<?x?x9xf32>`

    `w_e` is [n_vocab + 1, d_model] with the BOS token's row last; `w_pos` is [max_seq_len + 1, d_model] with the BOS
    position's row first. The result is `w_e[token] + w_pos[position]`.
    """

    name = "transformer.embed"

    ids = operand_def(IDS_TYPE)
    w_e = prop_def(Dense)
    w_pos = prop_def(Dense)
    result = result_def(TensorType)

    traits = traits_def(Pure())

    custom_directives = (WeightsText,)
    assembly_format = (
        "$ids `w_e` custom<WeightsText>($w_e) `w_pos` custom<WeightsText>($w_pos) attr-dict `:` type($result)"
    )

    def __init__(self, ids: SSAValue, w_e: Dense, w_pos: Dense):
        super().__init__(
            operands=[ids],
            properties={"w_e": w_e, "w_pos": w_pos},
            result_types=[residual_type(w_e.get_shape()[-1])],
        )

    def verify_(self) -> None:
        d_model = width_of(self.result)
        check_shape("w_e", self.w_e, [None, d_model])
        check_shape("w_pos", self.w_pos, [None, d_model])


@irdl_op_definition
class AttentionMaskOp(IRDLOperation):
    """Which query may attend to which key: to the BOS token and to every token that is not padding.

    `%m = transformer.attention_mask %padding causal : tensor<?x?x?xi1>`

    With `causal`, only to keys at or before the query.
    """

    name = "transformer.attention_mask"

    padding = operand_def(PADDING_TYPE)
    causal = opt_prop_def(UnitAttr)
    result = result_def(MASK_TYPE)

    traits = traits_def(Pure())

    assembly_format = "$padding (`causal` $causal^)? attr-dict `:` type($result)"

    def __init__(self, padding: SSAValue, *, causal: bool):
        super().__init__(
            operands=[padding],
            properties={"causal": UnitAttr() if causal else None},
            result_types=[MASK_TYPE],
        )


@irdl_op_definition
class AttentionOp(IRDLOperation):
    """Multi-head attention: `sum over heads of softmax(x W_Q (x W_K)^T) x W_V W_O`.

    `%a = transformer.attention %x mask %m w_q(dense<…>) w_k(dense<…>) w_v(dense<…>) w_o(dense<…>) : tensor<?x?x17xf32>`

    `w_q` and `w_k` are [n_heads, d_model, d_head], `w_v` is [n_heads, d_model, d_value] and `w_o` is
    [n_heads, d_value, d_model]. Scores are not scaled by the root of d_head: the weights contain the scale. A masked
    score is minus infinity. The softmax runs over the keys.
    """

    name = "transformer.attention"

    T: ClassVar = VarConstraint("T", BaseAttr(TensorType))

    x = operand_def(T)
    mask = operand_def(MASK_TYPE)
    w_q = prop_def(Dense)
    w_k = prop_def(Dense)
    w_v = prop_def(Dense)
    w_o = prop_def(Dense)
    result = result_def(T)

    traits = traits_def(Pure())

    custom_directives = (WeightsText,)
    assembly_format = (
        "$x `mask` $mask `w_q` custom<WeightsText>($w_q) `w_k` custom<WeightsText>($w_k) "
        "`w_v` custom<WeightsText>($w_v) `w_o` custom<WeightsText>($w_o) attr-dict `:` type($result)"
    )

    def __init__(self, x: SSAValue, mask: SSAValue, w_q: Dense, w_k: Dense, w_v: Dense, w_o: Dense):
        super().__init__(
            operands=[x, mask],
            properties={"w_q": w_q, "w_k": w_k, "w_v": w_v, "w_o": w_o},
            result_types=[x.type],
        )

    @property
    def n_heads(self) -> int:
        """The number of heads."""
        return self.w_q.get_shape()[0]

    @property
    def d_head(self) -> int:
        """The width of a head's queries and keys."""
        return self.w_q.get_shape()[2]

    @property
    def d_value(self) -> int:
        """The width of a head's values."""
        return self.w_v.get_shape()[2]

    def verify_(self) -> None:
        d_model = width_of(self.x)
        n_heads, _, d_head = check_shape("w_q", self.w_q, [None, d_model, None])
        check_shape("w_k", self.w_k, [n_heads, d_model, d_head])
        d_value = check_shape("w_v", self.w_v, [n_heads, d_model, None])[2]
        check_shape("w_o", self.w_o, [n_heads, d_value, d_model])


@irdl_op_definition
class MlpOp(IRDLOperation):
    """A two-layer perceptron: `relu(x W_in + b_in) W_out + b_out`.

    `%m = transformer.mlp %x w_in(dense<…>) b_in(dense<…>) w_out(dense<…>) b_out(dense<…>) : tensor<?x?x17xf32>`

    `w_in` is [d_model, d_mlp], `b_in` is [d_mlp], `w_out` is [d_mlp, d_model] and `b_out` is [d_model].
    """

    name = "transformer.mlp"

    T: ClassVar = VarConstraint("T", BaseAttr(TensorType))

    x = operand_def(T)
    w_in = prop_def(Dense)
    b_in = prop_def(Dense)
    w_out = prop_def(Dense)
    b_out = prop_def(Dense)
    result = result_def(T)

    traits = traits_def(Pure())

    custom_directives = (WeightsText,)
    assembly_format = (
        "$x `w_in` custom<WeightsText>($w_in) `b_in` custom<WeightsText>($b_in) "
        "`w_out` custom<WeightsText>($w_out) `b_out` custom<WeightsText>($b_out) attr-dict `:` type($result)"
    )

    def __init__(self, x: SSAValue, w_in: Dense, b_in: Dense, w_out: Dense, b_out: Dense):
        super().__init__(
            operands=[x],
            properties={"w_in": w_in, "b_in": b_in, "w_out": w_out, "b_out": b_out},
            result_types=[x.type],
        )

    @property
    def d_mlp(self) -> int:
        """The number of hidden units."""
        return self.b_in.get_shape()[0]

    def verify_(self) -> None:
        d_model = width_of(self.x)
        (d_mlp,) = check_shape("b_in", self.b_in, [None])
        check_shape("w_in", self.w_in, [d_model, d_mlp])
        check_shape("w_out", self.w_out, [d_mlp, d_model])
        check_shape("b_out", self.b_out, [d_model])


@irdl_op_definition
class AddOp(IRDLOperation):
    """A residual add: `%y = transformer.add %x, %a : tensor<?x?x17xf32>`."""

    name = "transformer.add"

    T: ClassVar = VarConstraint("T", BaseAttr(TensorType))

    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(T)

    traits = traits_def(Pure())

    assembly_format = "$lhs `,` $rhs attr-dict `:` type($result)"

    def __init__(self, lhs: SSAValue, rhs: SSAValue):
        super().__init__(operands=[lhs, rhs], result_types=[lhs.type])

    def verify_(self) -> None:
        width_of(self.result)


@irdl_op_definition
class UnembedOp(IRDLOperation):
    """The logits `x W_U + b_U` of every position but the BOS token's.

    `%logits = transformer.unembed %x w_u(dense<…>) b_u(dense<…>) : tensor<?x?x17xf32> -> tensor<?x?x4xf32>`

    `w_u` is [d_model, n_outputs] and `b_u` is [n_outputs]. The result is [batch, sequence, n_outputs]. For a
    categorical output there is a logit for each value and a last one for *undefined*; the largest is the answer. For a
    numerical output there are two columns, the number and how much it is defined (1 or 0).
    """

    name = "transformer.unembed"

    x = operand_def(TensorType)
    w_u = prop_def(Dense)
    b_u = prop_def(Dense)
    result = result_def(TensorType)

    traits = traits_def(Pure())

    custom_directives = (WeightsText,)
    assembly_format = (
        "$x `w_u` custom<WeightsText>($w_u) `b_u` custom<WeightsText>($b_u) attr-dict `:` type($x) `->` type($result)"
    )

    def __init__(self, x: SSAValue, w_u: Dense, b_u: Dense):
        super().__init__(
            operands=[x],
            properties={"w_u": w_u, "b_u": b_u},
            result_types=[residual_type(w_u.get_shape()[-1])],
        )

    def verify_(self) -> None:
        (n_outputs,) = check_shape("b_u", self.b_u, [None])
        check_shape("w_u", self.w_u, [width_of(self.x), n_outputs])
        if width_of(self.result) != n_outputs:
            raise VerifyException(f"the logits must have {n_outputs} columns, found {width_of(self.result)}")


@irdl_op_definition
class ReturnOp(IRDLOperation):
    """The end of a model: `transformer.return %logits : tensor<?x?x4xf32>`."""

    name = "transformer.return"

    logits = operand_def(TensorType)

    traits = lazy_traits_def(lambda: (IsTerminator(), HasParent(ModelOp)))

    assembly_format = "$logits attr-dict `:` type($logits)"

    def __init__(self, logits: SSAValue):
        super().__init__(operands=[logits])


@irdl_op_definition
class ModelOp(IRDLOperation):
    """A transformer with what is needed to read its inputs and outputs.

    ```mlir
    transformer.model @reverse(%ids, %padding) vocab [1, 2, 3] max_seq_len 5 output categorical [1, 2, 3]
        residual ["one", "bos", "tokens:1", "tokens:2", …] {
      …
      transformer.return %logits : tensor<?x?x4xf32>
    }
    ```

    The region's arguments are the token ids (positions in `vocab`) and which of them are tokens rather than padding.
    `residual` names the directions of the residual stream; `output` tells how logits decode (see
    `transformer.unembed`): a numerical output is the nearest value of the domain.
    """

    name = "transformer.model"

    sym_name = prop_def(StringAttr)
    vocab = prop_def(DomainAttr)
    max_seq_len = prop_def(IntAttr)
    output_encoding = prop_def(EncodingAttr)
    output_domain = prop_def(DomainAttr)
    residual = prop_def(ArrayAttr[StringAttr])
    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove())

    KEYWORDS: ClassVar = ("vocab", "max_seq_len", "output", "residual")

    def __init__(
        self,
        name: str,
        vocab: DomainAttr,
        max_seq_len: int,
        output_encoding: Encoding,
        output_domain: DomainAttr,
        residual: Sequence[str],
        body: Region | None = None,
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "vocab": vocab,
                "max_seq_len": IntAttr(max_seq_len),
                "output_encoding": EncodingAttr(output_encoding),
                "output_domain": output_domain,
                "residual": ArrayAttr([StringAttr(label) for label in residual]),
            },
            regions=[Region(Block(arg_types=[IDS_TYPE, PADDING_TYPE])) if body is None else body],
        )

    @property
    def residual_labels(self) -> list[str]:
        """The name of each direction of the residual stream."""
        return [label.data for label in self.residual]

    def verify_(self) -> None:
        block = self.body.block
        if tuple(arg.type for arg in block.args) != (IDS_TYPE, PADDING_TYPE):
            raise VerifyException(f"a model takes token ids and padding: {IDS_TYPE}, {PADDING_TYPE}")
        if not self.vocab.data.values or self.vocab.data.undefined:
            raise VerifyException("a vocabulary needs at least one value, and undefined is not a token")
        verify_max_seq_len(self.max_seq_len.data)
        if self.output_encoding.data == Encoding.UNKNOWN:
            raise VerifyException("a model's output is categorical or numerical")
        if not isinstance(block.last_op, ReturnOp):
            raise VerifyException("a model must end in transformer.return")
        n_outputs = 2 if self.output_encoding.data == Encoding.NUMERICAL else len(self.output_domain.data) + 1
        if width_of(block.last_op.logits) != n_outputs:
            raise VerifyException(
                f"a {self.output_encoding.data} output with {len(self.output_domain.data)} values needs {n_outputs} "
                f"logits, found {width_of(block.last_op.logits)}"
            )
        if self.output_encoding.data == Encoding.NUMERICAL and not self.output_domain.data.is_numeric:
            raise VerifyException("the values of a numerical output must be finite numbers")
        for op in block.ops:
            if isinstance(op, EmbedOp):
                self._verify_embedding(op)

    def _verify_embedding(self, op: EmbedOp) -> None:
        d_model = width_of(op.result)
        check_shape("w_e", op.w_e, [len(self.vocab.data) + 1, d_model])
        check_shape("w_pos", op.w_pos, [self.max_seq_len.data + 1, d_model])
        if len(self.residual) != d_model:
            raise VerifyException(f"residual must name {d_model} directions, found {len(self.residual)}")

    @classmethod
    def parse(cls, parser: Parser) -> ModelOp:
        name = parser.parse_symbol_name()
        with parser.in_parens():
            ids = parser.parse_argument(expect_type=False).resolve(IDS_TYPE)
            parser.parse_punctuation(",")
            padding = parser.parse_argument(expect_type=False).resolve(PADDING_TYPE)
        parser.parse_keyword("vocab")
        vocab = DomainAttr(syntax.parse_domain(parser))
        parser.parse_keyword("max_seq_len")
        max_seq_len = parser.parse_integer(allow_boolean=False)
        parser.parse_keyword("output")
        encoding = Encoding(parser.parse_keyword_in((Encoding.CATEGORICAL, Encoding.NUMERICAL)))
        output = DomainAttr(syntax.parse_domain(parser))
        parser.parse_keyword("residual")
        residual = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: syntax.parse_text(parser))
        attributes = parser.parse_optional_attr_dict_with_keyword()
        body = parser.parse_region((ids, padding))
        op = cls(name.data, vocab, max_seq_len, encoding, output, residual, body)
        if attributes is not None:
            op.attributes |= attributes.data
        return op

    def print(self, printer: Printer) -> None:
        printer.print_string(" ")
        printer.print_symbol_name(self.sym_name.data)
        with printer.in_parens():
            printer.print_list(self.body.block.args, printer.print_ssa_value)
        printer.print_string(" vocab ")
        syntax.print_domain(printer, self.vocab.data)
        printer.print_string(f" max_seq_len {self.max_seq_len.data} output {self.output_encoding.data} ")
        syntax.print_domain(printer, self.output_domain.data)
        printer.print_string(" residual ")
        with printer.in_square_brackets():
            printer.print_list(self.residual_labels, lambda label: syntax.print_text(printer, label))
        printer.print_op_attributes(self.attributes, print_keyword=True)
        printer.print_string(" ")
        printer.print_region(self.body, print_entry_block_args=False, print_empty_block=False)


def model_of(module: Operation) -> ModelOp:
    """The one transformer model of a module.

    Raises:
        VerifyException: there is none, or more than one.
    """
    models = [op for op in module.walk() if isinstance(op, ModelOp)]
    if len(models) != 1:
        raise VerifyException(f"expected one transformer.model in the module, found {len(models)}")
    return models[0]


OPERATIONS: list[type[Operation]] = [
    ModelOp,
    EmbedOp,
    AttentionMaskOp,
    AttentionOp,
    MlpOp,
    AddOp,
    UnembedOp,
    ReturnOp,
]
ATTRIBUTES: list[type[Attribute]] = []

Transformer = Dialect("transformer", OPERATIONS, ATTRIBUTES)
