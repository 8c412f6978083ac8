"""What a message says of s-ops that have too many values together."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.dialects.rasp import AggregateOp
from raspc.passes.names import name_of

SMALLER = "use a smaller vocabulary or max_seq_len"
"""What helps against most of what is too large."""


def listed(operands: Sequence[SSAValue], domains: Sequence[Domain]) -> str:
    """S-ops with the numbers of their values: `'opens' (491 values) and 'closes' (491 values)`."""
    *parts, last = [
        f"{name_of(value)!r} ({len(domain)} values)" for value, domain in zip(operands, domains, strict=True)
    ]
    return f"{', '.join(parts)} and {last}" if parts else last


def fewer_values(operands: Sequence[SSAValue], domains: Sequence[Domain]) -> str:
    """What helps where s-ops have too many values together."""
    if len(operands) > 2:
        return f"{SMALLER}, or split the function into steps of fewer operands"
    widest, domain = max(zip(operands, domains, strict=True), key=lambda pair: len(pair[1]))
    name = name_of(widest)
    if isinstance(widest.owner, AggregateOp) and any(isinstance(value, float) for value in domain.values):
        return f"{SMALLER}; {name!r} is a mean: round it first, or count with SelectorWidth, which has fewer values"
    return f"{SMALLER}, or map {name!r} to fewer values first"
