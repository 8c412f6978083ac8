"""Operations of the craft dialect: linear algebra on named subspaces.

A vector has one row for each position of the input. The BOS position isn't a row: what a head attends to when it
selects nothing is written at the head (`bos`), and every other component is null at BOS. The lowering to the
transformer dialect makes it so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import (
    I64,
    ArrayAttr,
    DenseArrayBase,
    Float64Type,
    IntAttr,
    UnitAttr,
)
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
    var_result_def,
)
from xdsl.traits import HasParent, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.domain import Domain
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft.attributes import MatrixAttr, SubspaceType
from raspc.dialects.craft.certificate import COMPILE_AGAIN, VOID, CertificateAttr, CertificateText
from raspc.dialects.craft.checks import check_count, check_layer, check_matrix, vector_of
from raspc.dialects.craft.digest import is_bound
from raspc.dialects.craft.directives import (
    LayerText,
    MatricesText,
    MatrixText,
    NumbersText,
    ResultsText,
    SubspaceText,
    numbers_attr,
    partial_attr,
)
from raspc.dialects.directives import AllDefined, Defined
from raspc.dialects.header import HEADER_FORMAT, HeaderOp, ProgramHeaderOp
from raspc.dialects.order import verify_order
from raspc.dialects.places import StandsIn
from raspc.dialects.rasp.attributes import Encoding
from raspc.dialects.rasp.program import ProgramOp


@irdl_op_definition
class ModelOp(ProgramHeaderOp):
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

    certificate = opt_prop_def(CertificateAttr)

    custom_directives = (*ProgramHeaderOp.custom_directives, CertificateText)
    assembly_format = f"{HEADER_FORMAT} custom<CertificateText>($certificate) attr-dict-with-keyword $body"

    def verify_(self) -> None:
        from raspc.dialects.craft.layers import verify_layers  # of ops that are defined below

        self.verify_header()
        if self.body.block.args:
            raise VerifyException("a model takes no arguments: its input is embedded by craft.embed_tokens")
        if not isinstance(self.body.block.last_op, UnembedOp):
            raise VerifyException("a model must end in craft.unembed")
        for op in self.body.block.ops:
            if isinstance(op, HeaderOp) or op.dialect_name() != "craft":
                raise VerifyException(f"a model may contain ops of the craft dialect only, found {op.name}")
        verify_order(self.body.block)
        verify_layers(self.body.block)
        self._verify_embeddings()
        labels = [vector_of(result).label.data for op in self.body.block.ops for result in op.results]
        twice = sorted({label for label in labels if labels.count(label) > 1}) if len(set(labels)) < len(labels) else []
        if twice:
            raise VerifyException(f"two subspaces have the name {twice[0]!r}")
        if self.certificate is not None and not is_bound(self):
            raise VerifyException(f"{VOID}; {COMPILE_AGAIN}")

    def _verify_embeddings(self) -> None:
        positions = Domain(tuple(range(self.max_seq_len.data)))
        for op in self.body.block.ops:
            match op:
                case EmbedTokensOp():
                    expected, what = (Encoding.CATEGORICAL, self.vocab.data.values), "one-hot over the vocabulary"
                case EmbedPositionsOp():
                    expected, what = (Encoding.CATEGORICAL, positions.values), "one-hot over 0 to max_seq_len - 1"
                case OneOp():
                    expected, what = (Encoding.NUMERICAL, (1,)), "numerical [1]"
                case _:
                    continue
            if (op.subspace.encoding.data, op.subspace.values.values) != expected or op.subspace.values.undefined:
                raise VerifyException(f"{op.name} must be {what}")
        if sum(isinstance(op, OneOp) for op in self.body.block.ops) > 1:
            raise VerifyException("a model has one craft.one at most")


class EmbeddingOp(IRDLOperation):
    """A subspace that the embedding writes."""

    result = result_def(SubspaceType)

    traits = traits_def(Pure(), StandsIn(ModelOp, ProgramOp))

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

    traits = traits_def(Pure(), StandsIn(ModelOp, ProgramOp))

    custom_directives = (Defined, MatrixText, SubspaceText)
    assembly_format = (
        "custom<Defined>($x, type($x)) custom<MatrixText>($matrix) attr-dict `:` custom<SubspaceText>(type($result))"
    )

    def __init__(self, x: SSAValue | Operation, matrix: SparseMatrix, subspace: SubspaceType):
        super().__init__(operands=[x], properties={"matrix": MatrixAttr(matrix)}, result_types=[subspace])

    def verify_(self) -> None:
        check_matrix("the matrix", self.matrix.data, vector_of(self.x).size, vector_of(self.result).size)


def writer_of(value: SSAValue) -> Operation:
    """What writes a value into the residual stream: the op that computes it, but for linear maps."""
    owner = value.owner
    while isinstance(owner, LinearOp):
        owner = owner.x.owner
    assert isinstance(owner, Operation), "a model has no arguments"
    return owner


@irdl_op_definition
class SumOp(IRDLOperation):
    """A sum of vectors: `%z = craft.sum(%a, %b) : "z" numerical [0, 1, 2]`.

    Like a linear map it is no component of its own and has to be folded into the components that read it. `partial`
    says that at some combinations of the terms, which never occur, the sum is no value of its domain.
    """

    name = "craft.sum"

    terms = var_operand_def(SubspaceType)
    partial = opt_prop_def(UnitAttr)
    result = result_def(SubspaceType)

    traits = traits_def(Pure(), StandsIn(ModelOp, ProgramOp))

    custom_directives = (AllDefined, SubspaceText)
    assembly_format = (
        "custom<AllDefined>($terms, type($terms)) attr-dict `:` custom<SubspaceText>(type($result)) "
        "(`partial` $partial^)?"
    )

    def __init__(self, terms: Sequence[SSAValue | Operation], subspace: SubspaceType, *, partial: bool = False):
        properties = {"partial": UnitAttr()} if partial else {}
        super().__init__(operands=[terms], properties=properties, result_types=[subspace])

    def verify_(self) -> None:
        if not self.terms:
            raise VerifyException("a sum needs at least one term")
        size = vector_of(self.result).size
        for term in self.terms:
            if vector_of(term).size != size:
                raise VerifyException(f"a term has {vector_of(term).size} directions, and the sum {size}")


@irdl_op_definition
class MlpOp(IRDLOperation):
    """A perceptron with one hidden layer: `relu(sum of x_i w_in_i + bias) w_out_j` for each result j.

    ```mlir
    %length = craft.mlp layer 0 (%inv) w_in(1 by 2 [[64, 64]]) bias [-20, -21] w_out(2 by 2 [[-1, 1], [1, -1]])
        : "length" 1 to 2
    ```

    At every combination of what the inputs may be, each result is a value of its domain or null. Of a result that is
    `partial` this is so only at the combinations that occur.
    """

    name = "craft.mlp"

    layer = opt_prop_def(IntAttr)
    inputs = var_operand_def(SubspaceType)
    w_in = prop_def(ArrayAttr[MatrixAttr])
    bias = prop_def(DenseArrayBase[Float64Type])
    w_out = prop_def(ArrayAttr[MatrixAttr])
    partial = opt_prop_def(DenseArrayBase[I64])
    results_ = var_result_def(SubspaceType)

    traits = traits_def(Pure(), StandsIn(ModelOp, ProgramOp))

    custom_directives = (LayerText, AllDefined, MatricesText, NumbersText, ResultsText)
    assembly_format = (
        "custom<LayerText>($layer) custom<AllDefined>($inputs, type($inputs)) `w_in` custom<MatricesText>($w_in) "
        "`bias` custom<NumbersText>($bias) `w_out` custom<MatricesText>($w_out) attr-dict "
        "`:` custom<ResultsText>(type($results_), $partial)"
    )

    def __init__(
        self,
        inputs: Sequence[SSAValue],
        w_in: Sequence[SparseMatrix],
        bias: ArrayLike,
        w_out: Sequence[SparseMatrix],
        subspaces: Sequence[SubspaceType],
        layer: int | None = None,
        *,
        partial: Sequence[int] = (),
    ):
        super().__init__(
            operands=[inputs],
            properties={
                "layer": None if layer is None else IntAttr(layer),
                "partial": partial_attr(partial),
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

    @property
    def partial_results(self) -> tuple[int, ...]:
        """The numbers of the results that are partial."""
        return () if self.partial is None else self.partial.get_values()

    def verify_(self) -> None:
        check_layer(self.layer)
        d_mlp = len(self.bias)
        check_count("w_in", len(self.w_in), len(self.inputs))
        check_count("w_out", len(self.w_out), len(self.results_))
        if not self.results_:
            raise VerifyException("an MLP needs at least one result")
        numbers = self.partial_results
        if self.partial is not None and (list(numbers) != sorted(set(numbers)) or not numbers):
            raise VerifyException(f"the results that are partial are listed once, in order, found {list(numbers)}")
        if numbers and not 0 <= numbers[0] <= numbers[-1] < len(self.results_):
            raise VerifyException(f"there are {len(self.results_)} results, and {list(numbers)} are said to be partial")
        if not np.isfinite(self.bias_vector).all():
            raise VerifyException("the biases must be finite")
        for x, matrix in zip(self.inputs, self.w_in, strict=True):
            check_matrix("w_in", matrix.data, vector_of(x).size, d_mlp)
        for result, matrix in zip(self.results_, self.w_out, strict=True):
            check_matrix("w_out", matrix.data, d_mlp, vector_of(result).size)


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
