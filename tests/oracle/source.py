"""Programs as Python text: run as it stands, with the oracle's language in the place of `raspc.rasp`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from tests.oracle.evaluation import Program
from tests.oracle.language import (
    COMPARISONS,
    Aggregate,
    Full,
    Given,
    GivenSelector,
    Indices,
    Map,
    Select,
    Selector,
    Sop,
    Tokens,
    Width,
)

IMPORT = "from raspc import rasp"
"""The line that a program begins with; the oracle's language takes its place."""

_INDICES = Indices()


def read_source(source: str, name: str = "program") -> Program:
    """The program that Python text binds to a name.

    Only text that raspc.testing or a test wrote may come here: it is run as Python.
    """
    lines = source.splitlines()
    if IMPORT not in lines:
        raise ValueError(f"expected the line {IMPORT!r}")
    lines[lines.index(IMPORT)] = ""
    scope: dict[str, Any] = {"rasp": LANGUAGE}
    exec("\n".join(lines), scope)
    return Program(scope[name], causal=scope.get("causal", False))


def _named(name: str) -> Callable[[Sop], Sop]:
    def same(sop: Sop) -> Sop:
        return sop

    same.__name__ = name
    return same


def _map(f: Callable[..., Any], *sops: Sop) -> Map:
    return Map(f, sops)


def _linear(fst: Sop, snd: Sop, p: float, q: float) -> Map:
    return Map(lambda x, y: p * x + q * y, (fst, snd))


def _aggregate(selector: Selector, sop: Sop, default: object = None) -> Aggregate:
    return Aggregate(selector, sop, default)


def _constant_sop(value: Sequence[object], check_length: bool = True) -> Given:
    return Given(tuple(value), check_length)


def _constant_selector(value: Sequence[Sequence[bool]], check_length: bool = True) -> GivenSelector:
    return GivenSelector(tuple(tuple(row) for row in value), check_length)


LANGUAGE = SimpleNamespace(
    tokens=Tokens(),
    indices=_INDICES,
    length=Width(Select(_INDICES, _INDICES, COMPARISONS["TRUE"])),
    Map=_map,
    SequenceMap=_map,
    LinearSequenceMap=_linear,
    Full=Full,
    ConstantSOp=_constant_sop,
    Aggregate=_aggregate,
    SelectorWidth=Width,
    Select=Select,
    ConstantSelector=_constant_selector,
    SelectorAnd=lambda fst, snd: fst & snd,
    SelectorOr=lambda fst, snd: fst | snd,
    SelectorNot=lambda inner: ~inner,
    Comparison=SimpleNamespace(**COMPARISONS),
    numerical=_named("numerical"),
    categorical=_named("categorical"),
)
"""What a program's text finds under the name `rasp`."""
