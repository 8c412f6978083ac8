"""Operations of the transformer dialect: what the blocks of a transformer compute."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import (
    TensorType,
    UnitAttr,
)
from xdsl.ir import SSAValue
from xdsl.irdl import (
    BaseAttr,
    IRDLOperation,
    VarConstraint,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
)
from xdsl.traits import OpTrait, Pure
from xdsl.utils.exceptions import VerifyException

from raspc.dialects.dense import DENSE, Dense, WeightsText, dtype_of
from raspc.dialects.places import StandsIn
from raspc.dialects.transformer.tensors import (
    IDS_TYPE,
    MASK_TYPE,
    PADDING_TYPE,
    check_shape,
    dtype_of_value,
    residual_type,
    width_of,
)


def _in_a_model() -> tuple[OpTrait, ...]:
    from raspc.dialects.transformer.model import ModelOp

    return Pure(), StandsIn(ModelOp)


@irdl_op_definition
class EmbedOp(IRDLOperation):
    """Prepend the BOS token and embed tokens and positions.

    `%x = transformer.embed %ids w_e(dense<…> : tensor<4x9xf32>) w_pos(dense<…> : tensor<6x9xf32>) : tensor<?x?x9xf32>`

    `w_e` is [n_vocab + 1, d_model] with the BOS token's row last; `w_pos` is [max_seq_len + 1, d_model] with the BOS
    position's row first. The result is `w_e[token] + w_pos[position]`.
    """

    name = "transformer.embed"

    ids = operand_def(IDS_TYPE)
    w_e = prop_def(DENSE)
    w_pos = prop_def(DENSE)
    result = result_def(TensorType)

    traits = lazy_traits_def(_in_a_model)

    custom_directives = (WeightsText,)
    assembly_format = (
        "$ids `w_e` custom<WeightsText>($w_e) `w_pos` custom<WeightsText>($w_pos) attr-dict `:` type($result)"
    )

    def __init__(self, ids: SSAValue, w_e: Dense, w_pos: Dense):
        super().__init__(
            operands=[ids],
            properties={"w_e": w_e, "w_pos": w_pos},
            result_types=[residual_type(w_e.get_shape()[-1], dtype_of(w_e.get_element_type()))],
        )

    def verify_(self) -> None:
        d_model, dtype = width_of(self.result), dtype_of_value(self.result)
        check_shape("w_e", self.w_e, [None, d_model], dtype)
        check_shape("w_pos", self.w_pos, [None, d_model], dtype)


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

    traits = lazy_traits_def(_in_a_model)

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
    w_q = prop_def(DENSE)
    w_k = prop_def(DENSE)
    w_v = prop_def(DENSE)
    w_o = prop_def(DENSE)
    result = result_def(T)

    traits = lazy_traits_def(_in_a_model)

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
        d_model, dtype = width_of(self.x), dtype_of_value(self.x)
        n_heads, _, d_head = check_shape("w_q", self.w_q, [None, d_model, None], dtype)
        check_shape("w_k", self.w_k, [n_heads, d_model, d_head], dtype)
        d_value = check_shape("w_v", self.w_v, [n_heads, d_model, None], dtype)[2]
        check_shape("w_o", self.w_o, [n_heads, d_value, d_model], dtype)


@irdl_op_definition
class MlpOp(IRDLOperation):
    """A two-layer perceptron: `relu(x W_in + b_in) W_out + b_out`.

    `%m = transformer.mlp %x w_in(dense<…>) b_in(dense<…>) w_out(dense<…>) b_out(dense<…>) : tensor<?x?x17xf32>`

    `w_in` is [d_model, d_mlp], `b_in` is [d_mlp], `w_out` is [d_mlp, d_model] and `b_out` is [d_model].
    """

    name = "transformer.mlp"

    T: ClassVar = VarConstraint("T", BaseAttr(TensorType))

    x = operand_def(T)
    w_in = prop_def(DENSE)
    b_in = prop_def(DENSE)
    w_out = prop_def(DENSE)
    b_out = prop_def(DENSE)
    result = result_def(T)

    traits = lazy_traits_def(_in_a_model)

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
        d_model, dtype = width_of(self.x), dtype_of_value(self.x)
        (d_mlp,) = check_shape("b_in", self.b_in, [None], dtype)
        check_shape("w_in", self.w_in, [d_model, d_mlp], dtype)
        check_shape("w_out", self.w_out, [d_mlp, d_model], dtype)
        check_shape("b_out", self.b_out, [d_model], dtype)


@irdl_op_definition
class AddOp(IRDLOperation):
    """A residual add: `%y = transformer.add %x, %a : tensor<?x?x17xf32>`."""

    name = "transformer.add"

    T: ClassVar = VarConstraint("T", BaseAttr(TensorType))

    lhs = operand_def(T)
    rhs = operand_def(T)
    result = result_def(T)

    traits = lazy_traits_def(_in_a_model)

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
    w_u = prop_def(DENSE)
    b_u = prop_def(DENSE)
    result = result_def(TensorType)

    traits = lazy_traits_def(_in_a_model)

    custom_directives = (WeightsText,)
    assembly_format = (
        "$x `w_u` custom<WeightsText>($w_u) `b_u` custom<WeightsText>($b_u) attr-dict `:` type($x) `->` type($result)"
    )

    def __init__(self, x: SSAValue, w_u: Dense, b_u: Dense):
        super().__init__(
            operands=[x],
            properties={"w_u": w_u, "b_u": b_u},
            result_types=[residual_type(w_u.get_shape()[-1], dtype_of(w_u.get_element_type()))],
        )

    def verify_(self) -> None:
        dtype = dtype_of_value(self.x)
        (n_outputs,) = check_shape("b_u", self.b_u, [None], dtype)
        check_shape("w_u", self.w_u, [width_of(self.x), n_outputs], dtype)
        if width_of(self.result) != n_outputs:
            raise VerifyException(f"the logits must have {n_outputs} columns, found {width_of(self.result)}")
        if dtype_of_value(self.result) != dtype:
            raise VerifyException(f"the logits must be of {dtype.mlir}, found {dtype_of_value(self.result).mlir}")
