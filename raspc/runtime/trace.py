"""All that a model computes on one input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.labels import SEPARATOR, parts_of, shown_name
from raspc.algebra.values import MaybeValue

NOTICEABLE = 1e-3
"""The representation of a trace names the subspaces that change by more than this."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The residual stream at one point of the model.

    Attributes:
        name: after what: `embed`, `layer 0 attention`, `layer 0 mlp`, ...
        labels: the names of the directions, d_model of them.
        values: [1 + n, d_model]; position 0 is the BOS token.
    """

    name: str
    labels: tuple[str, ...]
    values: NDArray[np.float32]

    def __getitem__(self, label: str) -> NDArray[np.float32]:
        """One direction at all positions, [1 + n]; raises a KeyError if there is no such label."""
        if label not in self.labels:
            raise KeyError(label)
        return self.values[:, self.labels.index(label)]

    def __repr__(self) -> str:
        return f"<Stage {self.name!r}: {list(self.values.shape)}>"


@dataclass(frozen=True, eq=False)
class Trace:
    """All that a model computes on one input.

    Attributes:
        name: the program's name.
        tokens: the input behind the string `BOS`, as the model sees it.
        residual_stream: the stages in the order of computation.
        attention: for each layer how much each query attends to each key, [n_heads, 1 + n, 1 + n]; `None` where a
            layer has no attention.
        logits: [n, n_outputs].
        outputs: the decoded logits.
    """

    name: str
    tokens: tuple[object, ...]
    residual_stream: tuple[Stage, ...]
    attention: tuple[NDArray[np.float32] | None, ...]
    logits: NDArray[np.float32]
    outputs: tuple[MaybeValue, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the directions of the residual stream."""
        return self.residual_stream[0].labels

    def stage(self, name: str) -> Stage:
        """The stage of a name.

        Raises:
            KeyError: there is none.
        """
        for stage in self.residual_stream:
            if stage.name == name:
                return stage
        raise KeyError(f"{name!r}; the stages are {', '.join(stage.name for stage in self.residual_stream)}")

    def __repr__(self) -> str:
        width = max(len(stage.name) for stage in self.residual_stream)
        lines = [f"Trace of @{self.name} on {list(self.tokens[1:])!r} -> {list(self.outputs)!r}"]
        before = np.zeros_like(self.residual_stream[0].values)
        for stage in self.residual_stream:
            lines.append(f"  {stage.name:<{width}}  writes {_written(stage, before) or 'nothing'}")
            before = stage.values
        return "\n".join(lines)


def _written(stage: Stage, before: NDArray[np.float32]) -> str:
    changed = np.abs(stage.values - before).max(axis=0) > NOTICEABLE  # [d_model]
    written = [label for label, some in zip(stage.labels, changed, strict=True) if some]
    return ", ".join(
        dict.fromkeys(SEPARATOR.join(shown_name(name) for name, _ in parts_of(label)) for label in written)
    )
