"""Operations of the craft dialect: linear algebra on named subspaces.

A vector has one row for each position of the input. The BOS position isn't a row: what a head attends to when it
selects nothing is written at the head (`bos`), and every other component is null at BOS. The lowering to the
transformer dialect makes it so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    Float64Type,
    FloatAttr,
    IntAttr,
    StringAttr,
    SymbolNameConstraint,
    UnitAttr,
)
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.traits import HasParent, IsolatedFromAbove, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.algebra.values import Value
from raspc.dialects.craft.attributes import MatrixAttr, SubspaceType
from raspc.dialects.craft.directives import (
    LayerText,
    MatricesText,
    MatrixText,
    NumbersText,
    SubspacesText,
    SubspaceText,
    numbers_attr,
)
from raspc.dialects.directives import AllDefined, Defined, DomainText, FloatText, IntText
from raspc.dialects.rasp.attributes import DomainAttr, verify_max_seq_len

INVERSE_TEMPERATURE = 100.0
"""The factor on a head's scores. A selected key leads everything else by at least 1/2, so leakage is about e^-50."""


def vector_of(value: SSAValue) -> SubspaceType:
    """The subspace that a value lies in."""
    assert isinstance(value.type, SubspaceType)
    return value.type


def _check_matrix(name: str, matrix: SparseMatrix, rows: int, columns: int) -> None:
    if matrix.shape != (rows, columns):
        raise VerifyException(f"{name} must be {rows} by {columns}, found {matrix.shape[0]} by {matrix.shape[1]}")


def _check_count(name: str, found: int, expected: int) -> None:
    if found != expected:
        raise VerifyException(f"{name} must have one matrix for each vector: expected {expected}, found {found}")


@irdl_op_definition
class ModelOp(IRDLOperation):
    """A transformer in terms of subspaces.

    ```mlir
    craft.model @reverse vocab [1, 2, 3] max_seq_len 5 {
      %tokens = craft.embed_tokens : "tokens" [1, 2, 3]
      …
      craft.unembed %reverse
    }
    ```
    """

    name = "craft.model"

    sym_name = prop_def(SymbolNameConstraint())
    vocab = prop_def(DomainAttr)
    max_seq_len = prop_def(IntAttr)
    causal = opt_prop_def(UnitAttr)
    body = region_def("single_block")

    traits = traits_def(IsolatedFromAbove())

    custom_directives = (DomainText, IntText)
    assembly_format = (
        "$sym_name `vocab` custom<DomainText>($vocab) `max_seq_len` custom<IntText>($max_seq_len) "
        "(`causal` $causal^)? attr-dict-with-keyword $body"
    )

    def __init__(
        self, name: str, vocab: Sequence[Value], max_seq_len: int, *, causal: bool = False, body: Region | None = None
    ):
        super().__init__(
            properties={
                "sym_name": StringAttr(name),
                "vocab": DomainAttr(Domain.of(vocab)),
                "max_seq_len": IntAttr(max_seq_len),
                "causal": UnitAttr() if causal else None,
            },
            regions=[Region(Block()) if body is None else body],
        )

    def verify_(self) -> None:
        if not self.vocab.data.values or self.vocab.data.undefined:
            raise VerifyException("a vocabulary needs at least one value, and undefined is not a token")
        verify_max_seq_len(self.max_seq_len.data)
        if self.body.block.args:
            raise VerifyException("a model takes no arguments: its input is embedded by craft.embed_tokens")
        if not isinstance(self.body.block.last_op, UnembedOp):
            raise VerifyException("a model must end in craft.unembed")
        for op in self.body.block.ops:
            if op.dialect_name() != "craft":
                raise VerifyException(f"a model may contain ops of the craft dialect only, found {op.name}")
        labels = [vector_of(result).label.data for op in self.body.block.ops for result in op.results]
        twice = sorted({label for label in labels if labels.count(label) > 1}) if len(set(labels)) < len(labels) else []
        if twice:
            raise VerifyException(f"two subspaces have the name {twice[0]!r}")


class EmbeddingOp(IRDLOperation):
    """A subspace that the embedding writes."""

    result = result_def(SubspaceType)

    traits = traits_def(Pure())

    custom_directives = (SubspaceText,)
    assembly_format = "attr-dict `:` custom<SubspaceText>(type($result))"

    def __init__(self, subspace: SubspaceType):
        super().__init__(result_types=[subspace])

    @property
    def subspace(self) -> SubspaceType:
        """The subspace of the result."""
        return vector_of(self.result)


@irdl_op_definition
class EmbedTokensOp(EmbeddingOp):
    """The token of each position as a one-hot vector: `%tokens = craft.embed_tokens : "tokens" [1, 2, 3]`."""

    name = "craft.embed_tokens"


@irdl_op_definition
class EmbedPositionsOp(EmbeddingOp):
    """The position, counted from 0, as a one-hot vector: `%indices = craft.embed_positions : "indices" 0 to 4`."""

    name = "craft.embed_positions"


@irdl_op_definition
class OneOp(EmbeddingOp):
    """The constant 1 at every position: `%one = craft.one : "one" numerical [1]`."""

    name = "craft.one"


@irdl_op_definition
class LinearOp(IRDLOperation):
    """A linear map: `%five = craft.linear %one (1 by 1 identity) : "five" [5]`.

    It is no component of its own: over an embedding it is part of the embedding, and otherwise it has to be folded into
    the components that read it.
    """

    name = "craft.linear"

    x = operand_def(SubspaceType)
    matrix = prop_def(MatrixAttr)
    result = result_def(SubspaceType)

    traits = traits_def(Pure())

    custom_directives = (Defined, MatrixText, SubspaceText)
    assembly_format = (
        "custom<Defined>($x, type($x)) custom<MatrixText>($matrix) attr-dict `:` custom<SubspaceText>(type($result))"
    )

    def __init__(self, x: SSAValue | Operation, matrix: SparseMatrix, subspace: SubspaceType):
        super().__init__(operands=[x], properties={"matrix": MatrixAttr(matrix)}, result_types=[subspace])

    def verify_(self) -> None:
        _check_matrix("the matrix", self.matrix.data, vector_of(self.x).size, vector_of(self.result).size)


@irdl_op_definition
class HeadOp(IRDLOperation):
    """An attention head.

    ```mlir
    %reverse = craft.head layer 1 query(%opp) key(%indices) qk(5 by 5 identity) value(%tokens) ov(3 by 3 identity)
        bos [0, 0, 0] score 0.5 temperature 100.0 : "reverse" [1, 2, 3] or none
    ```

    The score of a query for a key is the sum of the bilinear terms `query_i qk_i key_i`; for BOS it is `score`. The
    weights are the softmax of the scores times the inverse temperature. The result is the weighted mean of the
    positions' `sum of value_j ov_j`, with `bos` as BOS's own.
    """

    name = "craft.head"

    layer = opt_prop_def(IntAttr)
    queries = var_operand_def(SubspaceType)
    keys = var_operand_def(SubspaceType)
    values = var_operand_def(SubspaceType)
    qk = prop_def(ArrayAttr[MatrixAttr])
    ov = prop_def(ArrayAttr[MatrixAttr])
    bos_value = prop_def(DenseArrayBase[Float64Type])
    bos_score = prop_def(FloatAttr[Float64Type])
    temperature = prop_def(FloatAttr[Float64Type])
    result = result_def(SubspaceType)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = traits_def(Pure())

    custom_directives = (LayerText, AllDefined, MatricesText, NumbersText, FloatText, SubspaceText)
    assembly_format = (
        "custom<LayerText>($layer) `query` custom<AllDefined>($queries, type($queries)) "
        "`key` custom<AllDefined>($keys, type($keys)) `qk` custom<MatricesText>($qk) "
        "`value` custom<AllDefined>($values, type($values)) `ov` custom<MatricesText>($ov) "
        "`bos` custom<NumbersText>($bos_value) `score` custom<FloatText>($bos_score) "
        "`temperature` custom<FloatText>($temperature) attr-dict "
        "`:` custom<SubspaceText>(type($result))"
    )

    def __init__(
        self,
        queries: Sequence[SSAValue],
        keys: Sequence[SSAValue],
        qk: Sequence[SparseMatrix],
        values: Sequence[SSAValue],
        ov: Sequence[SparseMatrix],
        bos_value: ArrayLike,
        bos_score: float,
        subspace: SubspaceType,
        temperature: float = INVERSE_TEMPERATURE,
        layer: int | None = None,
    ):
        super().__init__(
            operands=[queries, keys, values],
            properties={
                "layer": None if layer is None else IntAttr(layer),
                "qk": ArrayAttr([MatrixAttr(matrix) for matrix in qk]),
                "ov": ArrayAttr([MatrixAttr(matrix) for matrix in ov]),
                "bos_value": numbers_attr(bos_value),
                "bos_score": FloatAttr(bos_score, 64),
                "temperature": FloatAttr(temperature, 64),
            },
            result_types=[subspace],
        )

    @property
    def bos_vector(self) -> NDArray[np.float64]:
        """What the head reads at BOS: [size of the result]."""
        return np.array(self.bos_value.get_values(), dtype=np.float64)

    def verify_(self) -> None:
        if len(self.queries) != len(self.keys):
            raise VerifyException(f"found {len(self.queries)} queries and {len(self.keys)} keys: they come in pairs")
        _check_count("qk", len(self.qk), len(self.queries))
        _check_count("ov", len(self.ov), len(self.values))
        for query, key, matrix in zip(self.queries, self.keys, self.qk, strict=True):
            _check_matrix("a qk matrix", matrix.data, vector_of(query).size, vector_of(key).size)
        size = vector_of(self.result).size
        for value, matrix in zip(self.values, self.ov, strict=True):
            _check_matrix("an ov matrix", matrix.data, vector_of(value).size, size)
        if len(self.bos_vector) != size:
            raise VerifyException(f"bos must have {size} elements, found {len(self.bos_vector)}")
        if not (math.isfinite(self.temperature.value.data) and self.temperature.value.data > 0):
            raise VerifyException("the inverse temperature must be positive and finite")
        if not (math.isfinite(self.bos_score.value.data) and np.isfinite(self.bos_vector).all()):
            raise VerifyException("what a head reads at BOS and its score must be finite")


@irdl_op_definition
class YieldOp(IRDLOperation):
    """The results of the heads of one layer: `craft.yield %a, %b`."""

    name = "craft.yield"

    heads = var_operand_def(SubspaceType)

    traits = lazy_traits_def(lambda: (IsTerminator(), HasParent(AttentionOp)))

    custom_directives = (AllDefined,)
    assembly_format = "custom<AllDefined>($heads, type($heads)) attr-dict"

    def __init__(self, heads: Sequence[SSAValue]):
        super().__init__(operands=[heads])


@irdl_op_definition
class AttentionOp(IRDLOperation):
    """The heads of one layer as one multi-head attention.

    ```mlir
    %a, %b = craft.attention layer 0 {
      %a_1 = craft.head query(…) … : "a" [1, 2]
      %b_1 = craft.head query(…) … : "b" numerical [0, 0.5, 1]
      craft.yield (%a_1, %b_1)
    } : "a" [1, 2], "b" numerical [0, 0.5, 1]
    ```
    """

    name = "craft.attention"

    layer = prop_def(IntAttr)
    body = region_def("single_block")
    results_ = var_result_def(SubspaceType)

    traits = traits_def(Pure())

    custom_directives = (LayerText, SubspacesText)
    assembly_format = (
        "custom<LayerText>($layer) attr-dict-with-keyword $body `:` custom<SubspacesText>(type($results_))"
    )

    def __init__(self, layer: int, body: Region, subspaces: Sequence[SubspaceType]):
        super().__init__(properties={"layer": IntAttr(layer)}, regions=[body], result_types=[subspaces])

    @property
    def heads(self) -> list[HeadOp]:
        """The heads, in order."""
        return [op for op in self.body.block.ops if isinstance(op, HeadOp)]

    def verify_(self) -> None:
        terminator = self.body.block.last_op
        if not isinstance(terminator, YieldOp):
            raise VerifyException("craft.attention must end in craft.yield")
        if not self.heads:
            raise VerifyException("craft.attention needs at least one head")
        if any(head.layer is not None for head in self.heads):
            raise VerifyException("a head in craft.attention has the layer of the attention and none of its own")
        if len(self.heads) + 1 != len(list(self.body.block.ops)):
            raise VerifyException("craft.attention may contain heads only")
        if [head.result for head in self.heads] != list(terminator.heads):
            raise VerifyException("craft.yield must name every head of the layer once, in order")
        if tuple(terminator.heads.types) != tuple(self.results_.types):
            raise VerifyException("the results of craft.attention must be those of its heads")


@irdl_op_definition
class MlpOp(IRDLOperation):
    """A perceptron with one hidden layer: `relu(sum of x_i w_in_i + bias) w_out_j` for each result j.

    ```mlir
    %length = craft.mlp layer 0 (%inv) w_in(1 by 2 [[64, 64]]) bias [-20, -21] w_out(2 by 2 [[-1, 1], [1, -1]])
        : "length" 1 to 2
    ```
    """

    name = "craft.mlp"

    layer = opt_prop_def(IntAttr)
    inputs = var_operand_def(SubspaceType)
    w_in = prop_def(ArrayAttr[MatrixAttr])
    bias = prop_def(DenseArrayBase[Float64Type])
    w_out = prop_def(ArrayAttr[MatrixAttr])
    results_ = var_result_def(SubspaceType)

    traits = traits_def(Pure())

    custom_directives = (LayerText, AllDefined, MatricesText, NumbersText, SubspacesText)
    assembly_format = (
        "custom<LayerText>($layer) custom<AllDefined>($inputs, type($inputs)) `w_in` custom<MatricesText>($w_in) "
        "`bias` custom<NumbersText>($bias) `w_out` custom<MatricesText>($w_out) attr-dict "
        "`:` custom<SubspacesText>(type($results_))"
    )

    def __init__(
        self,
        inputs: Sequence[SSAValue],
        w_in: Sequence[SparseMatrix],
        bias: ArrayLike,
        w_out: Sequence[SparseMatrix],
        subspaces: Sequence[SubspaceType],
        layer: int | None = None,
    ):
        super().__init__(
            operands=[inputs],
            properties={
                "layer": None if layer is None else IntAttr(layer),
                "w_in": ArrayAttr([MatrixAttr(matrix) for matrix in w_in]),
                "bias": numbers_attr(bias),
                "w_out": ArrayAttr([MatrixAttr(matrix) for matrix in w_out]),
            },
            result_types=[subspaces],
        )

    @property
    def bias_vector(self) -> NDArray[np.float64]:
        """The bias of each hidden unit: [d_mlp]."""
        return np.array(self.bias.get_values(), dtype=np.float64)

    def verify_(self) -> None:
        d_mlp = len(self.bias)
        _check_count("w_in", len(self.w_in), len(self.inputs))
        _check_count("w_out", len(self.w_out), len(self.results_))
        if not self.results_:
            raise VerifyException("an MLP needs at least one result")
        if not np.isfinite(self.bias_vector).all():
            raise VerifyException("the biases must be finite")
        for x, matrix in zip(self.inputs, self.w_in, strict=True):
            _check_matrix("w_in", matrix.data, vector_of(x).size, d_mlp)
        for result, matrix in zip(self.results_, self.w_out, strict=True):
            _check_matrix("w_out", matrix.data, d_mlp, vector_of(result).size)


@irdl_op_definition
class UnembedOp(IRDLOperation):
    """The model's output: `craft.unembed %reverse`."""

    name = "craft.unembed"

    x = operand_def(SubspaceType)

    traits = lazy_traits_def(lambda: (IsTerminator(), HasParent(ModelOp)))

    custom_directives = (Defined,)
    assembly_format = "custom<Defined>($x, type($x)) attr-dict"

    def __init__(self, x: SSAValue | Operation):
        super().__init__(operands=[x])
