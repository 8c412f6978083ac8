"""Analyses of programs, which are kept as long as the program is as it was.

Passes that change nothing, as most do with most programs, leave the next one what they have found out. Nobody has to
say what a pass preserves: a program is compared with what it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from xdsl.ir import Attribute, Operation, SSAValue

from raspc.dialects.rasp import ProgramOp

A = TypeVar("A")

LATEST = 6
"""So many analyses are kept: a pass may analyse a few variants of a program in turn."""


@dataclass(frozen=True)
class _State:
    """An op as it was: what it is, what it reads and all that is stated of it. Attributes never change."""

    op: Operation
    operands: tuple[SSAValue, ...]
    types: tuple[Attribute, ...]
    stated: tuple[dict[str, Attribute], dict[str, Attribute]]

    @staticmethod
    def of(op: Operation) -> _State:
        return _State(op, tuple(op.operands), tuple(op.result_types), (dict(op.properties), dict(op.attributes)))

    def holds(self, op: Operation) -> bool:
        """Whether the op is as it was, the same objects in all places."""
        operands, types = op.operands, op.result_types
        return (
            self.op is op
            and len(self.operands) == len(operands)
            and len(self.types) == len(types)
            and all(before is now for before, now in zip(self.operands, operands, strict=True))
            and all(before is now for before, now in zip(self.types, types, strict=True))
            and all(map(_are_same, self.stated, (op.properties, op.attributes)))
        )


def _are_same(before: dict[str, Attribute], now: dict[str, Attribute]) -> bool:
    return before.keys() == now.keys() and all(value is now[name] for name, value in before.items())


@dataclass(frozen=True)
class _Kept:
    """An analysis, what it is of, and what the program was then."""

    kind: tuple[Callable[..., Any], dict[str, object]]
    states: tuple[_State, ...]
    analysis: Any

    def is_of(self, kind: tuple[Callable[..., Any], dict[str, object]], program: ProgramOp) -> bool:
        ops = [program, *program.body.block.ops]
        return (
            self.kind == kind
            and len(self.states) == len(ops)
            and all(state.holds(op) for state, op in zip(self.states, ops, strict=True))
        )


_KEPT: deque[_Kept] = deque(maxlen=LATEST)


def analysis_of(program: ProgramOp, kind: Callable[..., A], **options: object) -> A:
    """The analysis of a program, built anew only if the program has changed since it was built.

    Who adds to an analysis what a rewrite adds to the program may do so: the program has changed then.

    Args:
        program: the program.
        kind: the class of the analysis, which is called with the program and the options.
        options: options of the analysis.

    Raises:
        CompileError: as the class raises it.
    """
    for kept in _KEPT:
        if kept.is_of((kind, options), program):
            return cast(A, kept.analysis)
    states = tuple(map(_State.of, [program, *program.body.block.ops]))
    analysis = kind(program, **options)
    _KEPT.append(_Kept((kind, options), states, analysis))
    return analysis
