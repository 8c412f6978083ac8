"""Attention in the craft dialect: heads, and the heads of a layer together."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from xdsl.dialects.builtin import (
    I64,
    ArrayAttr,
    DenseArrayBase,
    Float64Type,
    FloatAttr,
    IntAttr,
    UnitAttr,
)
from xdsl.ir import Operation, Region, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    irdl_op_definition,
    lazy_traits_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    var_operand_def,
    var_result_def,
)
from xdsl.traits import HasParent, IsTerminator, Pure
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects.craft.attributes import MatrixAttr, ProductAttr, SubspaceType, bilinear_attr
from raspc.dialects.craft.checks import check_count, check_layer, check_matrix, vector_of
from raspc.dialects.craft.directives import (
    BilinearsText,
    ClausesText,
    LayerText,
    LeadText,
    MatricesText,
    NumbersText,
    SubspacesText,
    SubspaceText,
    clauses_attr,
    numbers_attr,
)
from raspc.dialects.directives import AllDefined, FloatText
from raspc.dialects.places import StandsIn

INVERSE_TEMPERATURE = 100.0
"""The factor on a head's scores. A selected key leads everything else by at least 1/2, so leakage is about e^-50."""

PRODUCT_TEMPERATURE = 128.0
"""The same for heads with scores that are products: a power of two, so that all numbers are rounded as without it."""


COUNTING_TEMPERATURE = 32.0
"""The inverse temperature of a head that counts, if its scores are exact: whole numbers of which few digits are needed.

What isn't selected is behind by 1, and about e^-32 leaks."""

LEAK = 1 / 64
"""How many keys may seem to be selected by a head that counts and selects none, if its scores are inexact."""


def lowest_counting_temperature(n_keys: int) -> float:
    """The least power of two that will do as the inverse temperature of a head that counts, whose scores are inexact.

    A selected key is ahead of any other one by 1, less twice the error of a score, of which 1/8 is the most: no more
    than `LEAK` leaks. The lower the temperature, the less do the weights of selected keys differ.

    >>> lowest_counting_temperature(5), lowest_counting_temperature(100)
    (8.0, 16.0)
    """
    return 2.0 ** math.ceil(math.log2(math.log(n_keys / LEAK) * 4 / 3))


def _places() -> tuple[type[Operation], type[Operation]]:
    """What holds components: a model, and a program that is lowered in part."""
    from raspc.dialects.craft.ops import ModelOp
    from raspc.dialects.rasp.program import ProgramOp

    return ModelOp, ProgramOp


@irdl_op_definition
class HeadOp(IRDLOperation):
    """An attention head.

    ```mlir
    %reverse = craft.head layer 1 query(%opp) key(%indices) qk(5 by 5 identity) value(%tokens) ov(3 by 3 identity)
        bos [0, 0, 0] score 0.5 temperature 100.0 : "reverse" [1, 2, 3] or none
    ```

    The score of a query for a key is the sum of the bilinear terms `query_i qk_i key_i`; for BOS it is `score`. With
    `lead 6.0` BOS gets that much in addition, once all scores are multiplied by the inverse temperature. Each
    `qk_i` is a matrix, or a product of two, `product(5 by 3 […], 3 by 5 […])`, which are weights as they stand. The
    attention is the softmax of the scores times the inverse temperature. The result is the weighted mean of the
    positions' `sum of value_j ov_j`, with `bos` as BOS's own.

    `at_most_one` records a proof that no query selects more than one position; selected keys score more than BOS.
    `clauses [1, 2]` records a proof about the terms: of the first term alone, and of the next two together, never more
    than one isn't zero. Without it, any of the terms may be.
    """

    name = "craft.head"

    layer = opt_prop_def(IntAttr)
    queries = var_operand_def(SubspaceType)
    keys = var_operand_def(SubspaceType)
    values = var_operand_def(SubspaceType)
    qk = prop_def(ArrayAttr[MatrixAttr | ProductAttr])
    ov = prop_def(ArrayAttr[MatrixAttr])
    bos_value = prop_def(DenseArrayBase[Float64Type])
    bos_score = prop_def(FloatAttr[Float64Type])
    lead = opt_prop_def(FloatAttr[Float64Type])
    temperature = prop_def(FloatAttr[Float64Type])
    at_most_one = opt_prop_def(UnitAttr)
    clauses = opt_prop_def(DenseArrayBase[I64])
    result = result_def(SubspaceType)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    traits = lazy_traits_def(lambda: (Pure(), StandsIn(AttentionOp, *_places())))

    custom_directives = (
        *(LayerText, AllDefined, BilinearsText, MatricesText),
        *(NumbersText, FloatText, LeadText, ClausesText, SubspaceText),
    )
    assembly_format = (
        "custom<LayerText>($layer) `query` custom<AllDefined>($queries, type($queries)) "
        "`key` custom<AllDefined>($keys, type($keys)) `qk` custom<BilinearsText>($qk) "
        "`value` custom<AllDefined>($values, type($values)) `ov` custom<MatricesText>($ov) "
        "`bos` custom<NumbersText>($bos_value) `score` custom<FloatText>($bos_score) "
        "custom<LeadText>($lead) `temperature` custom<FloatText>($temperature) (`at_most_one` $at_most_one^)? "
        "custom<ClausesText>($clauses) attr-dict "
        "`:` custom<SubspaceText>(type($result))"
    )

    def __init__(
        self,
        queries: Sequence[SSAValue],
        keys: Sequence[SSAValue],
        qk: Sequence[SparseMatrix | MatrixProduct],
        values: Sequence[SSAValue],
        ov: Sequence[SparseMatrix],
        bos_value: ArrayLike,
        bos_score: float,
        subspace: SubspaceType,
        temperature: float = INVERSE_TEMPERATURE,
        layer: int | None = None,
        *,
        lead: float = 0.0,
        at_most_one: bool = False,
        clauses: Sequence[int] | None = None,
    ):
        super().__init__(
            operands=[queries, keys, values],
            properties={
                "layer": None if layer is None else IntAttr(layer),
                "qk": ArrayAttr([bilinear_attr(form) for form in qk]),
                "ov": ArrayAttr([MatrixAttr(matrix) for matrix in ov]),
                "bos_value": numbers_attr(bos_value),
                "bos_score": FloatAttr(bos_score, 64),
                "lead": FloatAttr(lead, 64) if lead else None,
                "temperature": FloatAttr(temperature, 64),
                "at_most_one": UnitAttr() if at_most_one else None,
                "clauses": clauses_attr(clauses),
            },
            result_types=[subspace],
        )

    @property
    def bos_vector(self) -> NDArray[np.float64]:
        """What the head reads at BOS: [size of the result]."""
        return np.array(self.bos_value.get_values(), dtype=np.float64)

    @property
    def bos_lead(self) -> float:
        """What BOS scores more than `bos_score`, once scores are multiplied by the inverse temperature."""
        return 0.0 if self.lead is None else self.lead.value.data

    @property
    def clause_sizes(self) -> list[int]:
        """How many terms each clause has."""
        return [1] * len(self.qk) if self.clauses is None else [int(size) for size in self.clauses.get_values()]

    def verify_(self) -> None:
        check_layer(self.layer)
        if len(self.queries) != len(self.keys):
            raise VerifyException(f"found {len(self.queries)} queries and {len(self.keys)} keys: they come in pairs")
        check_count("qk", len(self.qk), len(self.queries))
        check_count("ov", len(self.ov), len(self.values))
        for query, key, matrix in zip(self.queries, self.keys, self.qk, strict=True):
            check_matrix("a qk matrix", matrix.data, vector_of(query).size, vector_of(key).size)
        if sum(self.clause_sizes) != len(self.qk) or min(self.clause_sizes, default=1) < 1:
            raise VerifyException(f"clauses of {self.clause_sizes} terms don't make {len(self.qk)} terms")
        size = vector_of(self.result).size
        for value, matrix in zip(self.values, self.ov, strict=True):
            check_matrix("an ov matrix", matrix.data, vector_of(value).size, size)
        if len(self.bos_vector) != size:
            raise VerifyException(f"bos must have {size} elements, found {len(self.bos_vector)}")
        if not (math.isfinite(self.temperature.value.data) and self.temperature.value.data > 0):
            raise VerifyException("the inverse temperature must be positive and finite")
        if not 0 <= self.bos_lead < math.inf:
            raise VerifyException("the lead of BOS must be finite, and not negative")
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

    traits = lazy_traits_def(lambda: (Pure(), StandsIn(*_places()[:1])))

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
        check_layer(self.layer)
        terminator = self.body.block.last_op
        if not isinstance(terminator, YieldOp):
            raise VerifyException("it must end in craft.yield")
        if not self.heads:
            raise VerifyException("it needs at least one head")
        if any(head.layer is not None for head in self.heads):
            raise VerifyException("its heads are in its layer and must have none of their own")
        if any(operand.owner in self.heads for head in self.heads for operand in head.operands):
            raise VerifyException("the heads of one layer can't read each other")
        if len(self.heads) + 1 != len(list(self.body.block.ops)):
            raise VerifyException("it may contain heads only")
        if [head.result for head in self.heads] != list(terminator.heads):
            raise VerifyException("craft.yield must name every head of the layer once, in order")
        if tuple(terminator.heads.types) != tuple(self.results_.types):
            raise VerifyException("its results must be those of its heads")
