"""Checks that the ops of the craft dialect share."""

from __future__ import annotations

from xdsl.dialects.builtin import IntAttr
from xdsl.ir import SSAValue
from xdsl.utils.exceptions import VerifyException

from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.dialects.craft.attributes import SubspaceType


def vector_of(value: SSAValue) -> SubspaceType:
    """The subspace that a value lies in."""
    assert isinstance(value.type, SubspaceType)
    return value.type


def check_matrix(name: str, matrix: SparseMatrix | MatrixProduct, rows: int, columns: int) -> None:
    """Check the shape of a matrix.

    Raises:
        VerifyException: it is another one.
    """
    if matrix.shape != (rows, columns):
        raise VerifyException(f"{name} must be {rows} by {columns}, found {matrix.shape[0]} by {matrix.shape[1]}")


def check_count(name: str, found: int, expected: int) -> None:
    """Check how many matrices there are.

    Raises:
        VerifyException: there are more or fewer.
    """
    if found != expected:
        raise VerifyException(f"{name} must have one matrix for each vector: expected {expected}, found {found}")


def check_layer(layer: IntAttr | None) -> None:
    """Check the number of a layer.

    Raises:
        VerifyException: it is negative.
    """
    if layer is not None and layer.data < 0:
        raise VerifyException(f"layers are counted from 0, found {layer.data}")
