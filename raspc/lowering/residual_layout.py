"""Where each subspace lies in the residual stream, and what it holds at the BOS position."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.dialects.craft import HeadOp, SubspaceType
from raspc.dialects.craft.checks import vector_of


@dataclass(frozen=True)
class ResidualLayout:
    """The residual stream of a model.

    The first direction is 1 at the BOS position and 0 elsewhere, the second 0 at BOS and 1 elsewhere.

    Attributes:
        offsets: the first direction of each value.
        labels: the name of each direction, [d_model].
        bos: what each value holds at the BOS position: [size of its subspace]. A head attends to BOS alone there, and
            so holds its `bos` vector; everything else is null.
    """

    offsets: dict[SSAValue, int]
    labels: tuple[str, ...]
    bos: dict[SSAValue, NDArray[np.float64]]

    BOS = 0
    ONE = 1

    @staticmethod
    def of(
        values: Iterable[SSAValue],
        heads: dict[SSAValue, HeadOp],
        one: SSAValue | None,
        reserved: Collection[str] = (),
    ) -> ResidualLayout:
        """Lay out values one after the other.

        Args:
            values: the values, without repetition.
            heads: the head that computes a value, for those that a head computes.
            one: the value that is the constant one, if there is one.
            reserved: names that no direction may have but those of values.
        """
        offsets: dict[SSAValue, int] = {}
        bos: dict[SSAValue, NDArray[np.float64]] = {}
        names = {vector_of(value).label.data for value in values} | set(reserved)
        labels = [_unlike("bos", names), _unlike("one", names) if one is None else vector_of(one).directions[0]]
        for value in values:
            subspace = vector_of(value)
            bos[value] = heads[value].bos_vector if value in heads else np.zeros(subspace.size)
            if value is one:
                offsets[value] = ResidualLayout.ONE
                continue
            offsets[value] = len(labels)
            labels.extend(subspace.directions)
        return ResidualLayout(offsets, tuple(labels), bos)

    @property
    def d_model(self) -> int:
        """The number of directions."""
        return len(self.labels)

    def directions(self, value: SSAValue) -> slice:
        """The directions of a value."""
        assert isinstance(value.type, SubspaceType)
        return slice(self.offsets[value], self.offsets[value] + value.type.size)


def _unlike(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
