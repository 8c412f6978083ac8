"""Which step decoder reads a number: the tables behind `algebra.steps`."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import Operation

from raspc.algebra import semantics
from raspc.algebra.counting import bos_weight, numbers_for
from raspc.algebra.domain import Domain
from raspc.algebra.expression import Expression
from raspc.algebra.functions import Function
from raspc.algebra.grid import UNDEFINED
from raspc.algebra.steps import StepDecoder, step_decoder
from raspc.dialects.rasp import CastOp, MapOp, SelectorWidthOp
from raspc.errors import BoundError, MeaningError
from raspc.passes.locations import refuse
from raspc.passes.sop_types import domain_of

IDENTITY: Function = Expression(("x",), "x", own=True)

WIDTH: Function = Expression(("x",), "round(1 / x) - 1", own=True)
"""The width of which `x` is what attention leaves on BOS."""

ATTENUATED_WIDTH: Function = Expression(("x",), "round(x)", own=True)
"""The width that `x` is but for its attenuation."""

MAX_ELEMENTS = 1 << 26
"""The most elements of the output matrix of a step decoder: as float64 these are 512 MiB."""


def tabulate(
    function: Function, operands: list[Domain], result: Domain, *, never: int = UNDEFINED
) -> NDArray[np.int64]:
    """The code of a function's result for each combination of operand values, `UNDEFINED` where there is none.

    The shape is [size of operand 0, size of operand 1, ...]. A result outside of the domain belongs to a combination
    that infer-values has shown not to occur, and so does one without a meaning, or one that can't be evaluated, for
    which the analysis would have refused the program: their code is `never`.
    """
    codes = np.full([len(domain) for domain in operands], never, dtype=np.int64)
    flat = codes.reshape(-1)
    for cell, arguments in enumerate(product(*(domain.values for domain in operands))):
        try:
            value = semantics.apply(function, arguments)
        except (MeaningError, BoundError):
            continue
        flat[cell] = UNDEFINED if value is None else result.codes.get(value, never)
    return codes


def decoder_of(op: MapOp | CastOp | SelectorWidthOp) -> StepDecoder | None:
    """The decoder by which a map of one number, a cast to one-hot, or a width reads its number.

    `None` if there is no number that it could be.

    Raises:
        CompileError: it tells numbers apart that are equal as float64.
    """
    match op:
        case SelectorWidthOp():
            return _decoder(op, numbers_for(domain_of(op.result), bos_weight), WIDTH)
        case CastOp():
            return _decoder(op, domain_of(op.value), IDENTITY)
        case MapOp():
            return _decoder(op, domain_of(op.operands_[0]), op.function.data)


def _decoder(op: Operation, numbers: Domain, function: Function) -> StepDecoder | None:
    if not len(numbers):
        return None
    result = domain_of(op.results[0])
    classes = tabulate(function, [numbers], result)
    n_elements = 2 * int((classes[1:] != classes[:-1]).sum()) * len(result)
    if n_elements > MAX_ELEMENTS:
        raise refuse(
            op,
            f"reading its {len(result):,} values from a number takes a matrix of {n_elements:,} elements",
            expected=f"at most {MAX_ELEMENTS:,} elements",
            help="reduce max_seq_len"
            + (", or round the values" if any(isinstance(each, float) for each in result.values) else ""),
        )
    if (np.diff(numbers.numbers)[classes[1:] != classes[:-1]] <= 0).any():
        raise refuse(op, "it tells numbers apart that are equal as 64-bit floats")
    return step_decoder(numbers.numbers, classes, len(result), off_at_zero=numbers.undefined)
