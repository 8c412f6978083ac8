"""Weights as builtin `dense` attributes, converted from and to numpy arrays without a Python loop."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import (
    BFloat16Type,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    TensorType,
    bf16,
    f16,
    f32,
)
from xdsl.ir import Attribute
from xdsl.irdl import IRDLOperation, MessageConstraint
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    ParsingState,
    PrintingState,
    irdl_custom_directive,
)
from xdsl.parser import Parser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from raspc.algebra.dtypes import BFLOAT16, DTYPES, FLOAT16, FLOAT32, DType, rounded

ElementType: TypeAlias = Float32Type | Float16Type | BFloat16Type
Dense: TypeAlias = DenseIntOrFPElementsAttr[ElementType]

DENSE = MessageConstraint(Dense, f"weights must be a dense tensor of {', '.join(d.mlir for d in DTYPES.values())}")
"""What weights are, with a message that says so."""

MAX_LISTED = 64
"""Weights of up to this many elements are printed as numbers, others as bytes in hexadecimal."""

_ELEMENT_TYPES: dict[DType, ElementType] = {FLOAT32: f32, FLOAT16: f16, BFLOAT16: bf16}
_STRING = re.compile(r'"[^"]*"')
_HEXADECIMAL = re.compile(r"\b0x[0-9A-Fa-f]+")


def element_type(dtype: DType) -> ElementType:
    """The MLIR type of a dtype: `f16` for float16."""
    return _ELEMENT_TYPES[dtype]


def dtype_of(element: Attribute) -> DType:
    """The dtype of an MLIR type.

    Raises:
        VerifyException: it is none of f32, f16 and bf16.
    """
    for dtype, found in _ELEMENT_TYPES.items():
        if found == element:
            return dtype
    raise VerifyException(f"expected one of the types {', '.join(d.mlir for d in DTYPES.values())}, found {element}")


def to_dense(array: NDArray[Any], dtype: DType = FLOAT32) -> Dense:
    """A `dense` attribute with the elements of `array`, rounded to a dtype, in row-major order."""
    if dtype == BFLOAT16:
        array = rounded(array, dtype)  # numpy's conversion from float64 rounds twice
    data = np.ascontiguousarray(array, dtype=dtype.numpy.newbyteorder("<"))
    return DenseIntOrFPElementsAttr(TensorType(element_type(dtype), data.shape), BytesAttr(data.tobytes()))


def to_array(attr: Dense) -> NDArray[Any]:
    """The elements of a `dense` attribute as a read-only array of its shape and dtype.

    Raises:
        VerifyException: the attribute's bytes don't fill its shape, or it is of another type.
    """
    dtype = dtype_of(attr.get_element_type()).numpy
    shape = attr.get_shape()
    data = attr.data.data
    if len(data) != dtype.itemsize * int(np.prod(shape, dtype=np.int64)):
        raise VerifyException(f"a dense attribute of shape {list(shape)} holds {len(data)} bytes")
    return np.frombuffer(data, dtype.newbyteorder("<")).reshape(shape)


def print_weights(printer: Printer, attr: Dense) -> None:
    """Print a `dense` attribute so that it reads back to the same bits.

    xDSL prints some numbers of eight digits and more as the hexadecimal of their bits, which its parser takes for an
    integer. Here a number has the fewest digits that tell it from all others of its dtype.
    """
    array = to_array(attr)
    printer.print_string("dense<")
    if 0 < array.size <= MAX_LISTED:
        _print_nested(printer, array)
    elif array.size:
        printer.print_string(f'"0x{attr.data.data.hex().upper()}"')
    printer.print_string("> : ")
    printer.print_attribute(attr.type)


def _print_nested(printer: Printer, array: NDArray[Any]) -> None:
    if array.ndim == 0:
        mantissa, _, exponent = _shortest(array).partition("e")
        text = mantissa if "." in mantissa else f"{mantissa}.0"
        printer.print_string(f"{text}e{exponent}" if exponent else text)
    else:
        with printer.in_square_brackets():
            printer.print_list(list(array), lambda part: _print_nested(printer, part))


def _shortest(number: NDArray[Any]) -> str:
    """A number, of shape [], with the fewest digits that tell it from all others of its dtype."""
    if number.dtype != BFLOAT16.numpy:
        return str(number)
    exact = float(number)
    texts = (f"{exact:.{digits}e}" for digits in range(BFLOAT16.precision))
    return str(float(next(text for text in texts if rounded(float(text), BFLOAT16) == exact)))


@irdl_custom_directive
class WeightsText(CustomDirective):
    """Weights in parentheses, as MLIR writes a `dense` attribute: `(dense<[1.0, 0.5]> : tensor<2xf32>)`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        with parser.in_parens():
            start = parser.pos
            try:
                self.attribute.set(state, parser.parse_attribute())
            except OverflowError:  # a decimal number for f32 or f16; for bf16 it becomes infinite, and doesn't verify
                parser.raise_error("a weight is too large for its type", start, parser.pos)
            _check_literals(parser, start)

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isa(attr, Dense)
        with printer.in_parens():
            print_weights(printer, attr)
        state.last_was_punctuation = False
        state.should_emit_space = True


def _check_literals(parser: Parser, start: int) -> None:
    """Refuse what xDSL reads as something else than MLIR does.

    In MLIR a hexadecimal number stands for the bits of a float, which xDSL takes for an integer; and a string of bytes
    starts with 0x, where xDSL leaves out any two characters.
    """
    text = parser.lexer.input.slice(start, parser.pos) or ""
    strings = _STRING.findall(text)
    if not all(string.startswith('"0x') for string in strings):
        parser.raise_error("the bytes of weights must start with 0x", start, parser.pos)
    literal, _, _ = _STRING.sub("", text).rpartition(":")
    if _HEXADECIMAL.search(literal):
        parser.raise_error(
            "a weight can't be written as the hexadecimal of its bits; write a decimal number", start, parser.pos
        )
