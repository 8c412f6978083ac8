"""Attributes and types of the craft dialect: matrices and subspaces."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Data, ParametrizedAttribute, TypeAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException

from raspc.algebra import labels
from raspc.algebra.domain import Domain
from raspc.algebra.sparse import MatrixProduct, SparseMatrix
from raspc.algebra.values import MaybeValue
from raspc.dialects.rasp import syntax
from raspc.dialects.rasp.attributes import DomainAttr, Encoding, EncodingAttr, parse_sop_type

MAX_DENSE_ELEMENTS = 64
"""Matrices of up to this many elements are printed row by row."""

MAX_MATRIX_SIDE = 1 << 20
"""Matrices with more rows or columns than this are refused by the parser."""

MAX_EMPTY_CELLS = 1 << 26
"""How many cells a matrix may have, whatever its elements: as a dense one of float64 these are 512 MiB."""

MAX_CELLS_PER_ELEMENT = 1 << 14
"""And how many more for each element: a row or a column of the largest domain has one at least."""


def print_matrix(printer: Printer, matrix: SparseMatrix) -> None:
    """Print a matrix: as `identity`, row by row if it is small, or as packed coordinates.

    ```
    matrix ::= rows `x` columns (`identity` | `[` row (`,` row)* `]` | `at` bytes bytes bytes)
    ```

    The packed form has the rows and the columns of the elements as 32-bit integers and the elements as 64-bit floats.
    """
    rows, columns = matrix.shape
    printer.print_string(f"{rows} by {columns} ")
    if matrix.is_identity and rows > 1:
        printer.print_string("identity")
    elif rows * columns <= MAX_DENSE_ELEMENTS:
        print_nested(printer, matrix.to_dense())
    else:
        printer.print_string("at ")
        syntax.print_hex(printer, matrix.rows.astype("<i4").tobytes())
        printer.print_string(" ")
        syntax.print_hex(printer, matrix.columns.astype("<i4").tobytes())
        printer.print_string(" ")
        syntax.print_hex(printer, matrix.elements.astype("<f8").tobytes())


def print_nested(printer: Printer, array: NDArray[np.float64]) -> None:
    """Print an array of one or two axes as nested lists; whole numbers are printed without a fraction."""
    printer.print_string("[")
    if array.ndim == 1:
        numbers = [int(x) if math.isfinite(x) and x == int(x) and abs(x) < 2**53 else x for x in array.tolist()]
        printer.print_list(numbers, lambda number: syntax.print_value(printer, number))
    else:
        printer.print_list(list(array), lambda row: print_nested(printer, row))
    printer.print_string("]")


def parse_numbers(parser: AttrParser) -> list[float]:
    """Parse a list of numbers in square brackets."""
    numbers = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: syntax.parse_number(parser))
    return [float(number) for number in numbers]


def parse_matrix(parser: AttrParser) -> SparseMatrix:
    """Parse what `print_matrix` prints."""
    position = parser.pos
    rows = parser.parse_integer(allow_boolean=False, allow_negative=False)
    parser.parse_keyword("by")
    columns = parser.parse_integer(allow_boolean=False, allow_negative=False)
    if max(rows, columns) > MAX_MATRIX_SIDE:
        parser.raise_error(f"a matrix may have {MAX_MATRIX_SIDE} rows and columns at most", position, parser.pos)
    try:
        if parser.parse_optional_keyword("identity"):
            if rows != columns:
                parser.raise_error("an identity matrix is square", position, parser.pos)
            syntax.claim(parser, rows)
            return SparseMatrix.identity(rows)
        if parser.parse_optional_keyword("at"):
            row_codes = np.frombuffer(syntax.parse_hex(parser, 4), dtype="<i4")
            column_codes = np.frombuffer(syntax.parse_hex(parser, 4), dtype="<i4")
            elements = np.frombuffer(syntax.parse_hex(parser, 8), dtype="<f8")
            if rows * columns > MAX_EMPTY_CELLS + MAX_CELLS_PER_ELEMENT * elements.size:
                parser.raise_error(
                    f"a matrix of {rows} by {columns} has {elements.size} elements only", position, parser.pos
                )
            return SparseMatrix.from_triples((rows, columns), row_codes, column_codes, elements)
        table = parser.parse_comma_separated_list(parser.Delimiter.SQUARE, lambda: parse_numbers(parser))
        if len(table) != rows or any(len(row) != columns for row in table):
            parser.raise_error(f"expected {rows} rows of {columns} numbers", position, parser.pos)
        return SparseMatrix.from_dense(np.array(table, dtype=np.float64).reshape(rows, columns))
    except ValueError as error:
        parser.raise_error(str(error), position, parser.pos)


@irdl_attr_definition
class MatrixAttr(Data[SparseMatrix]):
    """A matrix: `#craft.matrix<2 by 2 identity>`, `#craft.matrix<1 by 2 [[1, -1]]>`."""

    name = "craft.matrix"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> SparseMatrix:
        with parser.in_angle_brackets():
            return parse_matrix(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_matrix(printer, self.data)


def print_product(printer: Printer, product: MatrixProduct) -> None:
    """Print a product of two matrices: `5 by 3 …, 3 by 5 …`."""
    print_matrix(printer, product.left)
    printer.print_string(", ")
    print_matrix(printer, product.right)


def parse_product(parser: AttrParser) -> MatrixProduct:
    """Parse what `print_product` prints."""
    position = parser.pos
    left = parse_matrix(parser)
    parser.parse_punctuation(",")
    right = parse_matrix(parser)
    try:
        return MatrixProduct(left, right)
    except ValueError as error:
        parser.raise_error(str(error), position, parser.pos)


@irdl_attr_definition
class ProductAttr(Data[MatrixProduct]):
    """A matrix as a product of two: `#craft.product<2 by 1 [[1], [2]], 1 by 2 [[1, -1]]>`."""

    name = "craft.product"

    @classmethod
    def parse_parameter(cls, parser: AttrParser) -> MatrixProduct:
        with parser.in_angle_brackets():
            return parse_product(parser)

    def print_parameter(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_product(printer, self.data)


def bilinear_attr(form: SparseMatrix | MatrixProduct) -> MatrixAttr | ProductAttr:
    """A bilinear form as an attribute: a matrix, or a product of two."""
    return ProductAttr(form) if isinstance(form, MatrixProduct) else MatrixAttr(form)


@irdl_attr_definition
class SubspaceType(ParametrizedAttribute, TypeAttribute):
    """A vector in a subspace of its own: `!craft.vec<"reverse" categorical [1, 2, 3]>`.

    A categorical subspace has a direction for each value of its domain; *undefined* is the null vector. A numerical
    subspace has one direction for the number and, if it may be undefined, a second that is 1 where it is defined.
    """

    name = "craft.vec"

    label: StringAttr
    encoding: EncodingAttr
    domain: DomainAttr

    def __init__(self, label: str, encoding: Encoding, domain: Domain):
        super().__init__(StringAttr(label), EncodingAttr(encoding), DomainAttr(domain))

    @property
    def is_numerical(self) -> bool:
        """Whether the subspace holds one number rather than a one-hot vector."""
        return self.encoding.data == Encoding.NUMERICAL

    @property
    def values(self) -> Domain:
        """The domain of the values that a vector stands for."""
        return self.domain.data

    @property
    def size(self) -> int:
        """The number of directions."""
        return 1 + self.values.undefined if self.is_numerical else len(self.values)

    @property
    def directions(self) -> list[str]:
        """The labels of the directions, all different: `reverse:1`, `mean`, `mean:defined`."""
        name = self.label.data
        if self.is_numerical:
            return [labels.quoted_name(name), labels.value_label(name, "defined")][: self.size]
        return labels.value_labels(name, self.values.values)

    def verify(self) -> None:
        if self.encoding.data == Encoding.UNKNOWN:
            raise VerifyException("a subspace is categorical or numerical")
        if self.is_numerical and not self.values.is_numeric:
            raise VerifyException(f"the values of the numerical subspace {self.label.data!r} must be finite numbers")

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> list[StringAttr | EncodingAttr | DomainAttr]:  # type: ignore[override]
        with parser.in_angle_brackets():
            parsed = parse_subspace(parser)
        return [parsed.label, parsed.encoding, parsed.domain]

    def print_parameters(self, printer: Printer) -> None:
        with printer.in_angle_brackets():
            print_subspace(printer, self)


def print_subspace(printer: Printer, subspace: SubspaceType) -> None:
    """Print a subspace as it stands after an op's colon: `"length" 1 to 5`; categorical goes without saying."""
    syntax.print_text(printer, subspace.label.data)
    printer.print_string(" numerical " if subspace.is_numerical else " ")
    syntax.print_domain(printer, subspace.values)


def parse_subspace(parser: AttrParser) -> SubspaceType:
    """Parse what `print_subspace` prints."""
    label = syntax.parse_text(parser, " (the name of a subspace)")
    position = parser.pos
    sop = parse_sop_type(parser)
    if sop.known_domain is None:
        parser.raise_error("a subspace needs its domain", position, position + 1)
    encoding = Encoding.CATEGORICAL if sop.encoding.data == Encoding.UNKNOWN else sop.encoding.data
    return SubspaceType(label, encoding, sop.known_domain)


def encode_values(subspace: SubspaceType, values: list[MaybeValue]) -> NDArray[np.float64]:
    """The vectors of values: [len(values), subspace.size].

    Raises:
        KeyError: a value isn't in the domain.
    """
    codes = np.array([subspace.values.code(value) for value in values], dtype=np.int64)
    if subspace.is_numerical:
        padded = np.append(subspace.values.numbers, 0.0)  # code -1, undefined, is the number 0
        columns = [padded[codes], (codes >= 0).astype(np.float64)]
        return np.stack(columns[: subspace.size], axis=1)
    padded = np.vstack([np.eye(subspace.size), np.zeros((1, subspace.size))])
    return padded[codes]


def decode_vectors(subspace: SubspaceType, vectors: NDArray[np.float64]) -> list[MaybeValue]:
    """The values that vectors stand for: the nearest one, or `None` for undefined."""
    if len(subspace.values) == 0:
        return [None] * len(vectors)
    if subspace.is_numerical:
        distance = np.abs(vectors[:, :1] - subspace.values.numbers[None, :])
        codes = distance.argmin(axis=1)
        defined = vectors[:, 1] > 0.5 if subspace.size == 2 else np.ones(len(vectors), dtype=np.bool_)
    else:
        codes = vectors.argmax(axis=1)
        defined = vectors.max(axis=1) > 0.5
    return [
        subspace.values.values[code] if is_defined else None
        for code, is_defined in zip(codes.tolist(), defined.tolist(), strict=True)
    ]
