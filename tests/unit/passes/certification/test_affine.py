"""Affine maps of numbers are off by no more than is said."""

from __future__ import annotations

import numpy as np

from raspc.algebra.domain import Domain
from raspc.algebra.dtypes import FLOAT32
from raspc.algebra.sparse import SparseMatrix
from raspc.dialects.craft import SubspaceType
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.certification.affine import affine_errors
from raspc.passes.certification.arithmetic import Arithmetic
from raspc.passes.certification.vectors import Vector

EXACT = Arithmetic(FLOAT32, FLOAT32)


def test_each_unit_that_is_on_adds_a_rounding():
    """2**24 and 200 ones, added from first to last in float32, are still 2**24."""
    n_ones, large = 200, 2.0**24
    number = SubspaceType("x", Encoding.NUMERICAL, Domain.of([large / 2, large]))
    w_in = np.append(1.0, np.full(n_ones, 1 / large))[None, :]
    w_out = np.ones((n_ones + 1, 1))
    total = np.float32(0)
    for hidden in (large * w_in[0]).astype(np.float32):
        total += hidden
    found = affine_errors(
        [Vector.exact(number)],
        [SparseMatrix.from_dense(w_in).to_scipy().tocsc()],
        np.zeros(n_ones + 1),
        SparseMatrix.from_dense(w_out).to_scipy().tocsr(),
        np.ones(n_ones + 1, dtype=np.bool_),
        EXACT,
    )
    assert found is not None
    (error,) = found
    assert error[0] >= large + n_ones - total == n_ones
