"""The pass shrink-attention: tables of scores become products of two thin matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, FloatAttr, ModuleOp, f64
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.score_factors import ScoreFactors, score_factors
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects.craft import HeadOp, MatrixAttr, ModelOp, ProductAttr
from raspc.dialects.craft.attention import PRODUCT_TEMPERATURE
from raspc.dialects.craft.checks import vector_of
from raspc.errors import CompileError
from raspc.passes.certification.analysis import ErrorAnalysis, sources_of
from raspc.passes.certification.arithmetic import Arithmetic, arithmetics_of, is_power_of_two
from raspc.passes.certification.scores import PRODUCT_LIMIT, Scores, scores_of
from raspc.passes.certification.terms import term_of
from raspc.passes.certification.vectors import Vector

LEAST_MARGIN = 0.5
"""The smallest margin of a head's scores that this pass leaves."""


@dataclass(frozen=True)
class ShrinkAttentionPass(ModulePass):
    """Write the scores of heads as products of two thin matrices, where that is as exact in `dtype`.

    ```mlir
    %previous = craft.head layer 0 query(%indices) key(%indices) qk(4 by 4 [[0, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0],
        [0, 0, 1, 0]]) value(%tokens) ov(2 by 2 identity) bos [0, 0] score 0.5 temperature 100.0 : "previous" …
    ```
    becomes
    ```mlir
    %previous = craft.head layer 0 query(%indices) key(%indices) qk(product(…, …)) …
    ```

    A table of zeros and ones costs a head as many dimensions as it has distinct rows, or columns. The constructions of
    `raspc.algebra.score_factors` cost three for a shift, and few for a window: selected keys score 1, and all others 0
    or less. The smallest one is taken that the analysis of certify finds as exact as the table. A head with a product
    has a power of two as its inverse temperature, so that its scores are whole numbers of it.

    Left alone are a term that is part of a clause with several, since a sum with it may have to be 0; a head whose BOS
    doesn't score as much as there are clauses, or half less; a table that no construction makes smaller; and a model
    that can't be analysed, which certify refuses.
    """

    name = "shrink-attention"

    dtype: str = "float32"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        arithmetics = arithmetics_of(self.dtype)
        for model in [child for child in op.ops if isinstance(child, ModelOp)]:
            _shrink(model, arithmetics)


def _shrink(model: ModelOp, arithmetics: Sequence[Arithmetic]) -> None:
    heads = [_Head(op, arithmetics) for op in model.walk() if isinstance(op, HeadOp)]
    heads = [head for head in heads if head.candidates]
    if not heads:
        return
    read = sources_of(value for head in heads for value in (*head.op.queries, *head.op.keys))
    try:
        analyses = [ErrorAnalysis(model, arithmetic, read) for arithmetic in arithmetics]
    except CompileError:
        return
    for head in heads:
        head.shrink(analyses)


class _Head:
    """A head, and the products that its tables may become.

    Attributes:
        op: the head.
        candidates: for the number of each term that may become a product, its factors, of the smallest rank first.
    """

    def __init__(self, op: HeadOp, arithmetics: Sequence[Arithmetic]):
        self.op = op
        self.candidates: dict[int, Iterator[ScoreFactors]] = {}
        limit = min(min(1 / each.u, each.largest / PRODUCT_TEMPERATURE) for each in arithmetics)
        for number in _shrinkable(op):
            form = op.qk.data[number]
            assert isinstance(form, MatrixAttr)
            found = (each for each in score_factors(form.data.to_dense() == 1) if each.reach <= limit)
            first = next(found, None)
            if first is not None:
                self.candidates[number] = chain([first], found)

    def shrink(self, analyses: Sequence[ErrorAnalysis]) -> None:
        """Replace tables where the scores are as exact afterwards."""
        try:
            before = self._scores(analyses)
        except CompileError:
            return  # certify refuses it
        for number, candidates in self.candidates.items():
            for factors in candidates:
                if self._replace(number, factors, before, analyses):
                    break

    def _scores(self, analyses: Sequence[ErrorAnalysis]) -> list[Scores]:
        op = self.op
        return [
            scores_of(
                op,
                [analysis.vectors[query] for query in op.queries],
                [analysis.vectors[key] for key in op.keys],
                analysis.arithmetic,
            )
            for analysis in analyses
        ]

    def _replace(
        self, number: int, factors: ScoreFactors, before: list[Scores], analyses: Sequence[ErrorAnalysis]
    ) -> bool:
        """Replace one table; what is less exact is put back."""
        op, old_qk, old_temperature = self.op, self.op.qk, self.op.temperature
        left, right = SparseMatrix.from_dense(factors.queries), SparseMatrix.from_dense(factors.keys)
        forms = list(old_qk)
        forms[number] = ProductAttr(MatrixProduct(left, right))
        op.qk = ArrayAttr(forms)
        if not is_power_of_two(np.array(old_temperature.value.data)):
            op.temperature = FloatAttr(PRODUCT_TEMPERATURE, f64)
        try:
            after = self._scores(analyses)
        except CompileError:  # they may overflow
            after = []
        kept = bool(after) and all(_is_as_exact(op, *pair) for pair in zip(after, before, strict=True))
        if not kept:
            op.qk, op.temperature = old_qk, old_temperature
        return kept


def _shrinkable(op: HeadOp) -> Iterator[int]:
    """The numbers of the terms that select if they are 1, while 0 may as well be less than 0.

    That is so for a term of zeros and ones that is a clause of its own, if a key is selected where all clauses are 1
    and none can be more: BOS scores as much as there are clauses, or half less.
    """
    terms = list(zip(op.queries, op.keys, op.qk, strict=True))
    sizes = op.clause_sizes
    if len(sizes) - op.bos_score.value.data not in (0, 0.5) or not all(_is_one_at_most(*term) for term in terms):
        return
    for size, end in zip(sizes, accumulate(sizes), strict=True):
        query, key, form = terms[end - 1]
        if size == 1 and isinstance(form, MatrixAttr) and _are_one_hot(query, key):
            rows, columns = form.data.shape
            if rows * columns <= PRODUCT_LIMIT:
                yield end - 1


def _is_one_at_most(query: SSAValue, key: SSAValue, form: MatrixAttr | ProductAttr) -> bool:
    """Whether a term is at most 1; for a table of one-hots, which may become a product: 1, or at most 0."""
    if isinstance(form, MatrixAttr) and _are_one_hot(query, key):
        elements = form.data.elements
        return bool((elements[elements > 0] == 1).all())
    source, target = Vector.exact(vector_of(query)), Vector.exact(vector_of(key))
    if source.n_points * target.n_points > PRODUCT_LIMIT:
        return False
    return term_of(source, target, form.data, 1.0, Arithmetic(FLOAT32, FLOAT32)).largest <= 1


def _are_one_hot(*values: SSAValue) -> bool:
    return not any(vector_of(value).is_numerical for value in values)


def _is_as_exact(op: HeadOp, after: Scores, before: Scores) -> bool:
    """Whether a head with other scores for the same selector is no less exact, and has a margin to spare.

    Scores of keys that are selected together must be equal, or at least as near to each other as before; otherwise only
    matters what leaks.
    """
    alone = op.at_most_one is not None and after.beats_bos
    return (
        after.margin >= LEAST_MARGIN
        and (alone or after.exact or (not before.exact and after.error <= before.error))
        and after.lead - 2 * after.error >= before.lead - 2 * before.error
        and after.lead_at_bos >= before.lead_at_bos
    )
