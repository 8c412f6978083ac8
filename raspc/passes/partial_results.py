"""Results that are no values at some combinations of what they read, and the proof that these never occur.

A result of a perceptron is ideally a value of its domain, or null, at every combination of what it reads; certify
refuses any other one. But a sum of two widths that are at most n together takes n + 1 values, and twice as many at
combinations that never occur; and a decoder may write anything between two sums that occur. Such a result is marked as
partial. Before that it is evaluated at all combinations that may occur, as far as value inference knows, and has to be
a value at each of them.

Sums of linear maps are evaluated and marked in the same way, before fold-linear lets perceptrons read their terms. A
perceptron that reads a partial sum through its terms may be partial, and is evaluated again. One that reads the terms
of other sums writes at each combination what it writes at the sum, which is a value; but if the combinations have
become too many to look at all of them, it is marked, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.functions import Unreachable
from raspc.algebra.grid import UNDEFINED
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import MlpOp, SumOp
from raspc.dialects.craft.checks import vector_of
from raspc.dialects.craft.directives import partial_attr
from raspc.dialects.rasp import MapOp
from raspc.passes.certification.written import COMBINATION_LIMIT, Written, named_point, refused
from raspc.passes.locations import location_of, locations_of
from raspc.passes.sop_types import domain_of
from raspc.passes.value_analysis.maps import Evaluation


def mark_mlp(mlp: MlpOp, op: MapOp, evaluation: Evaluation) -> None:
    """Mark the result of a perceptron if it is no value at some combination of what it reads.

    Args:
        mlp: the perceptron, which reads the operands of the map in order.
        op: the map that it computes.
        evaluation: the map's values at the combinations that may occur.

    Raises:
        CompileError: it is no value at one of these.
    """
    ((written,), operands) = _results(mlp), list(mlp.inputs)
    if len(written.operands) > 1 and _is_partial(written, operands, op, evaluation):
        mlp.partial = partial_attr([0])


def mark_sum(
    total: SumOp, operands: Sequence[SSAValue], matrices: Sequence[SparseMatrix], op: MapOp, evaluation: Evaluation
) -> None:
    """Mark a sum of linear maps in the same way.

    Args:
        total: the sum.
        operands: the vectors of the map's operands, and then the constant one if there is a constant.
        matrices: the linear map of each.
        op: the map that it computes.
        evaluation: the map's values at the combinations that may occur.

    Raises:
        CompileError: it is no value at one of these.
    """
    written = Written.of_sum(total.result, location_of(op), operands, [matrix.to_scipy() for matrix in matrices])
    if _is_partial(written, operands, op, evaluation):
        total.partial = UnitAttr()


def settle_partial(mlp: MlpOp) -> None:
    """Keep marks only at results that are no values somewhere, and mark those with too many combinations."""
    may_be_many = prod(len(vector_of(x).values) + 1 for x in mlp.inputs) > COMBINATION_LIMIT
    if not may_be_many and mlp.partial is None:
        return
    partial: list[int] = []
    for number, written in enumerate(_results(mlp)):
        if number in mlp.partial_results:
            is_partial = not written.is_value_everywhere()
        else:
            is_partial = len(written.operands) > 1 and written.n_combinations > COMBINATION_LIMIT
        if is_partial:
            partial.append(number)
    mlp.partial = partial_attr(partial)


def _results(mlp: MlpOp) -> list[Written]:
    results = zip(mlp.results_, locations_of(mlp), mlp.w_out, strict=True)
    return [Written.of_mlp(mlp, result, where, w_out.data.to_scipy().tocsr()) for result, where, w_out in results]


def _is_partial(written: Written, operands: Sequence[SSAValue], op: MapOp, evaluation: Evaluation) -> bool:
    if written.is_value_everywhere():
        return False
    occurring = _occurring(operands[: len(op.operands_)], op, evaluation)
    n = len(next(iter(occurring.values())))
    occurring |= {value: np.zeros(n, dtype=np.int64) for value in operands[len(op.operands_) :]}
    points, reached = written.points, np.zeros(len(written.subspace.values) + 1, dtype=np.int64)
    for start, vectors in written.at(occurring):
        is_value = points.found(vectors, reached)
        if not is_value.all():
            worst = int(np.argmin(is_value))
            names = [named_point(value, int(occurring[value][start + worst])) for value in operands]
            raise refused(written.result, location_of(op), names, vectors[worst])
    return True


def _occurring(operands: Sequence[SSAValue], op: MapOp, evaluation: Evaluation) -> dict[SSAValue, np.ndarray]:
    """The points of each operand at the combinations that may occur: each [n].

    A combination with a value that isn't in its inferred domain, of an operand or of the result, doesn't occur.
    """
    results = domain_of(op.result).codes
    occurs = np.array(
        [
            not isinstance(result, Unreachable) and (result is None or result in results)
            for result in evaluation.results
        ],
        dtype=np.bool_,
    )
    columns: list[np.ndarray] = []
    for value, domain, codes in zip(operands, evaluation.domains, evaluation.combinations.T, strict=True):
        points = _points_of(vector_of(value).values, domain)[codes]
        occurs &= points >= 0
        columns.append(points)
    return {value: points[occurs] for value, points in zip(operands, columns, strict=True)}


def _points_of(inferred: Domain, domain: Domain) -> np.ndarray:
    """The point of an inferred domain for each code of another one and, last, for undefined; -1 if it has none."""
    assert UNDEFINED == -1, "the code of undefined is the last index"
    points = [inferred.codes.get(value, -1) for value in domain.values]
    return np.array([*points, len(inferred) if inferred.undefined else -1], dtype=np.int64)
