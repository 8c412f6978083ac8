"""Weights as builtin `dense` attributes, converted from and to numpy arrays without a Python loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import BytesAttr, DenseIntOrFPElementsAttr, Float32Type, TensorType, f32
from xdsl.irdl import IRDLOperation
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

MAX_LISTED = 64
"""Weights of up to this many elements are printed as numbers, others as bytes in hexadecimal."""


def to_dense(array: NDArray[Any]) -> DenseIntOrFPElementsAttr[Float32Type]:
    """A float32 `dense` attribute with the elements of `array`, in row-major order."""
    data = np.ascontiguousarray(array, dtype="<f4")
    return DenseIntOrFPElementsAttr(TensorType(f32, data.shape), BytesAttr(data.tobytes()))


def to_array(attr: DenseIntOrFPElementsAttr[Float32Type]) -> NDArray[np.float32]:
    """The elements of a float32 `dense` attribute as a read-only array of its shape.

    Raises:
        VerifyException: the attribute's bytes don't fill its shape.
    """
    data = np.frombuffer(attr.data.data, dtype="<f4")
    shape = attr.get_shape()
    if data.size != int(np.prod(shape, dtype=np.int64)):
        raise VerifyException(f"a dense attribute of shape {list(shape)} holds {data.size} elements")
    return data.reshape(shape)


def print_weights(printer: Printer, attr: DenseIntOrFPElementsAttr[Float32Type]) -> None:
    """Print a `dense` attribute so that it reads back to the same bits.

    xDSL prints some numbers of eight digits and more as the hexadecimal of their bits, which its parser takes for an
    integer. Here a number has the fewest digits that tell it from all other float32.
    """
    array = to_array(attr)
    printer.print_string("dense<")
    if 0 < array.size <= MAX_LISTED:
        _print_nested(printer, array)
    elif array.size:
        printer.print_string(f'"0x{attr.data.data.hex().upper()}"')
    printer.print_string("> : ")
    printer.print_attribute(attr.type)


def _print_nested(printer: Printer, array: NDArray[np.float32]) -> None:
    if array.ndim == 0:
        mantissa, _, exponent = str(array).partition("e")
        text = mantissa if "." in mantissa else f"{mantissa}.0"
        printer.print_string(f"{text}e{exponent}" if exponent else text)
    else:
        with printer.in_square_brackets():
            printer.print_list(list(array), lambda part: _print_nested(printer, part))


@irdl_custom_directive
class WeightsText(CustomDirective):
    """Weights in parentheses, as MLIR writes a `dense` attribute: `(dense<[1.0, 0.5]> : tensor<2xf32>)`."""

    attribute: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        with parser.in_parens():
            self.attribute.set(state, parser.parse_attribute())

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        attr = self.attribute.get(op)
        assert isa(attr, DenseIntOrFPElementsAttr[Float32Type])
        with printer.in_parens():
            print_weights(printer, attr)
        state.last_was_punctuation = False
        state.should_emit_space = True
