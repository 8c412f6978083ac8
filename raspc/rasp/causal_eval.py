"""Evaluation in which no position looks at later ones, as in a causal transformer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

from raspc.algebra.values import MaybeValue
from raspc.rasp import interpreter
from raspc.rasp.expressions import Selector, SOp


@overload
def evaluate(expr: SOp, xs: Sequence[Any]) -> list[MaybeValue]: ...
@overload
def evaluate(expr: Selector, xs: Sequence[Any]) -> list[list[bool]]: ...
def evaluate(expr: SOp | Selector, xs: Sequence[Any]) -> list[MaybeValue] | list[list[bool]]:
    """What an expression computes for the input `xs` if selectors only select keys up to the query."""
    return interpreter.evaluate(expr, xs, causal=True)
