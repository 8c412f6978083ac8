"""A model described in words."""

from __future__ import annotations

from dataclasses import fields

from raspc.algebra.labels import parts_of, shown_name
from raspc.dialects.craft.certificate import RUNTIME
from raspc.runtime.base import Model
from raspc.runtime.codec import shorten


def model_facts(model: Model) -> list[tuple[str, str]]:
    """All about a model but its weights, as names and values."""
    outputs = model.info.outputs
    return [
        ("name", model.name),
        ("vocabulary", f"{shorten(model.vocab)} ({_count(len(model.vocab), 'token')})"),
        ("max_seq_len", str(model.max_seq_len)),
        ("causal", "yes" if model.causal else "no"),
        ("output", f"{model.info.encoding.value}: {shorten(outputs.values) or 'no value'}"),
        ("undefined output", "possible" if outputs.undefined else "impossible"),
        ("dtype", str(model.info.dtype)),
        ("certificate", str(model.certificate) if model.certificate else "none"),
        *([("assumed", f"of the runtime: {RUNTIME}")] if model.certificate else []),
        *(("assumption", text) for text in model.info.assumptions),
        *((field.name, f"{getattr(model.config, field.name):,}") for field in fields(model.config)),
        *(
            (f"residual: {shown_name(name)}", _directions(values))
            for name, values in _subspaces(model.residual_labels).items()
        ),
    ]


def _subspaces(labels: tuple[str, ...]) -> dict[str, list[str]]:
    """What the directions of each subspace stand for, in their order; several may have one, one after the other."""
    subspaces: dict[str, list[str]] = {}
    for label in labels:
        for name, value in parts_of(label):
            subspaces.setdefault(name, []).append(value)
    return subspaces


def _directions(values: list[str], most: int = 8) -> str:
    """The directions of one subspace: how many they are and what they stand for."""
    shown = values if len(values) <= most else [*values[: most - 1], "…", values[-1]]
    listed = ", ".join(value for value in shown if value)
    return _count(len(values), "direction") + (f": {listed}" if listed else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
