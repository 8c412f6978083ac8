"""Weights as builtin `dense` attributes, converted from and to numpy arrays without a Python loop."""

from __future__ import annotations

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
    if dtype == BFLOAT16 and array.dtype.itemsize > 4:
        array = rounded(array, dtype)  # the conversion from float64 goes by way of float32, and rounds twice
    with np.errstate(over="ignore"):  # what is too large becomes infinite, which the verifiers find
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
    integer. Here a number has hardly more digits than tell it from all others of its dtype.
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
    """A number, of shape [], with the fewest digits that tell it from all others of its dtype.

    Whole numbers of 16 bits have all their digits up to 2**16: 2048 isn't printed as 2050.
    """
    if number.dtype == FLOAT32.numpy:
        return str(number)
    exact, dtype = float(number), FLOAT16 if number.dtype == FLOAT16.numpy else BFLOAT16
    if exact.is_integer() and abs(exact) <= 2**16:
        return str(exact)
    texts = (f"{exact:.{digits}e}" for digits in range(dtype.precision))
    return str(float(next(text for text in texts if rounded(float(text), dtype) == exact)))


@irdl_custom_directive
class WeightsText(CustomDirective):
    """Weights in parentheses, as MLIR writes a `dense` attribute: `(dense<[1.0, 0.5]> : tensor<2xf32>)`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        with parser.in_parens():
            self.attribute.set(state, parser.parse_attribute())

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isa(attr, Dense)
        with printer.in_parens():
            print_weights(printer, attr)
        state.last_was_punctuation = False
        state.should_emit_space = True
