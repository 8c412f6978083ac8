"""What components write ideally: a point of the result's domain, or the null vector.

The error bounds say how far a vector may be from what it is ideally. They prove something only if that is a value: a
class whose weight is 0.4 is off by nothing, and stands for nothing. So every component is evaluated in real numbers (in
float64, with a tolerance for its roundings) at the combinations of its operands' points.

- A component has to write a point or null at every combination.
- Of several operands not all combinations occur: of two widths whose sum is at most n, say. What is written at the
  others means nothing, and may be no value; but the craft dialect doesn't know which they are. A result of a perceptron
  of which this is so is *partial*, and says so. The passes that make it partial have proved that it is a value at the
  combinations that occur (see `raspc.passes.partial_results`). Here no more is checked of it than that every value of
  the result's domain is written at some combination, and that at every value of a one-hot operand some combination
  gives a value. Of a number with too many combinations no more is checked than its ends. How many such results there
  are is part of the certificate.
- A head's numbers are means. If what it reads is one number v, a result is `(w v + B exp(lead)) / (w + exp(lead))` of w
  selected keys and BOS with B, or v or B alone; every number of the domain has to be one of these. Otherwise every
  number of the domain has to lie between the smallest and the largest that are read; and if at most one key is
  selected, it has to be one that is read.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.dialects import craft
from raspc.dialects.craft.checks import vector_of
from raspc.errors import CompileError
from raspc.passes.certification.arithmetic import Floats
from raspc.passes.certification.written import ROUNDING, Points, Written, refused
from raspc.passes.locations import location_of, locations_of, refuse_unknown
from raspc.passes.names import name_of


def check_ideal(model: craft.ModelOp) -> int:
    """Check that every component writes values ideally, as far as the module's docstring says.

    Returns:
        How many results of perceptrons are no values, or aren't looked at, at some combination of what they read.

    Raises:
        CompileError: one writes something else, or has too many combinations.
    """
    n_keys, n_partial = model.max_seq_len.data, 0
    for op in model.body.block.ops:
        match op:
            case craft.LinearOp():
                Written.of_sum(op.result, location_of(op), [op.x], [op.matrix.data.to_scipy()]).check()
            case craft.MlpOp():
                outputs = zip(op.results_, locations_of(op), op.w_out, strict=True)
                for number, (result, where, matrix) in enumerate(outputs):
                    written = Written.of_mlp(op, result, where, matrix.data.to_scipy().tocsr())
                    n_partial += written.check(partial=number in op.partial_results)
            case craft.HeadOp():
                _check_head(op, op.result, n_keys)
            case craft.AttentionOp():
                for head, result in zip(op.heads, op.results_, strict=True):
                    _check_head(head, result, n_keys)
            case craft.EmbedTokensOp() | craft.EmbedPositionsOp() | craft.OneOp() | craft.UnembedOp():
                pass
            case _:
                raise refuse_unknown(op, "nobody knows what it writes")
    return n_partial


def _check_head(head: craft.HeadOp, result: SSAValue, n_keys: int) -> None:
    """Check what a head reads, at keys and at BOS.

    Raises:
        CompileError: it isn't a value, or some number of its domain is no mean of what it reads.
    """
    subspace, where = vector_of(result), location_of(head)
    if subspace.size == 0:
        return
    written = Written.of_sum(result, where, head.values, [ov.data.to_scipy() for ov in head.ov])
    points, bos = Points(subspace, ROUNDING), head.bos_vector
    if not subspace.is_numerical:
        written.check()
        if not points.found(bos[None, :], np.zeros(subspace.size + 1, dtype=np.int64)).all():
            raise refused(result, where, [], bos, who="at BOS it")
        return
    read = _images(written)
    if subspace.size == 2:
        for vector, whence in [*((row, "it") for row in read), (bos, "at BOS it")]:
            if vector[1] not in (0, 1) or (vector[1] == 0 and vector[0] != 0):
                raise refused(result, where, [], vector, who=whence)
        read = read[read[:, 1] == 1]
        sources = np.append(read[:, 0], bos[0] if bos[1] else [])
    else:
        sources = np.append(read[:, 0], bos[0])
    _check_numbers(head, result, np.unique(read[:, 0]), sources, n_keys)


def _images(written: Written) -> Floats:
    """What a head can read at a key: [n, size]. Of several values, the corners of what their sum can be."""
    corners = [
        operand.images
        if len(written.operands) == 1
        else np.stack([operand.images.min(axis=0), operand.images.max(axis=0)])
        for operand in written.operands
        if len(operand.images)
    ]
    found = [np.sum(rows, axis=0) for rows in product(*corners)] if corners else []
    return np.array(found, dtype=np.float64).reshape(len(found), written.bias.size)


def _check_numbers(head: craft.HeadOp, result: SSAValue, read: Floats, sources: Floats, n_keys: int) -> None:
    """Check that the numbers of a head's domain are means of what it reads.

    Raises:
        CompileError: one isn't.
    """
    numbers = vector_of(result).values.numbers
    largest = max(float(np.abs(numbers).max(initial=0.0)), float(np.abs(sources).max(initial=0.0)))
    off = 2.0**-40 * max(largest, np.finfo(np.float64).tiny)
    if read.size <= 1:
        value, bos, lead = float(read.sum()), float(head.bos_vector[0]), np.exp(head.bos_lead)
        widths = np.arange(n_keys + 1)
        sources = np.concatenate([sources, (widths * value + bos * lead) / (widths + lead)])
        is_mean = _is_near(numbers, sources, off)
    elif head.at_most_one is not None and len(head.values) == 1:
        is_mean = _is_near(numbers, sources, off)
    else:
        is_mean = (numbers >= sources.min(initial=np.inf) - off) & (numbers <= sources.max(initial=-np.inf) + off)
    if not is_mean.all():
        missing = vector_of(result).values.values[int(np.argmin(is_mean))]
        raise CompileError(
            f"{missing!r:.80} is a number of its domain, and no mean of what it reads",
            expression=name_of(result),
            where=location_of(head),
            expected=f"means of numbers from {sources.min(initial=np.inf):g} to {sources.max(initial=-np.inf):g}",
        )


def _is_near(numbers: Floats, sources: Floats, off: float) -> NDArray[np.bool_]:
    """Which numbers are one of the sources, but for rounding."""
    ordered = np.sort(sources)
    found: NDArray[np.bool_] = np.searchsorted(ordered, numbers - off) < np.searchsorted(
        ordered, numbers + off, side="right"
    )
    return found
