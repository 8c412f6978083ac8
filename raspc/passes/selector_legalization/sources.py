"""Which s-ops are functions of one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.algebra.grid import NEVER, UNDEFINED
from raspc.dialects.rasp import AggregateOp, CastOp, IndicesOp, MapOp, TokensOp
from raspc.dialects.rasp.attributes import Encoding
from raspc.passes.sop_types import domain_of, encoding_of
from raspc.passes.value_analysis import ValueAnalysis

ANCESTOR_LIMIT = 16
"""The most s-ops that are tried as what others are functions of."""

NOT_SEEN = -3


@dataclass(frozen=True, eq=False)
class Cover:
    """S-ops of which others are functions.

    Attributes:
        sources: these s-ops.
        source_of: for each of the others which source it is a function of.
        codes: for each of the others its code for each code of that source, `UNDEFINED` where it is undefined or can't
            occur: [n_values of the source].
    """

    sources: tuple[SSAValue, ...]
    source_of: dict[SSAValue, int]
    codes: dict[SSAValue, NDArray[np.int64]]


class Sources:
    """The s-ops of a program as functions of one another, as far as joint values tell."""

    def __init__(self, analysis: ValueAnalysis):
        self.analysis = analysis
        self._codes: dict[tuple[SSAValue, SSAValue], NDArray[np.int64] | None] = {}

    def codes(self, source: SSAValue, value: SSAValue) -> NDArray[np.int64] | None:
        """The code of `value` for each code of `source`; `None` if it isn't (known to be) a function of it.

        Where `source` is undefined `value` must be, too.
        """
        if (source, value) not in self._codes:
            self._codes[source, value] = self._find(source, value)
        return self._codes[source, value]

    def _find(self, source: SSAValue, value: SSAValue) -> NDArray[np.int64] | None:
        size = len(domain_of(source))
        if source == value:
            return np.arange(size)
        facts = self.analysis.facts
        joints = [facts.joints[source], facts.joints[value]]
        sizes = facts.union_axes(*joints)
        if not facts.is_affordable(sizes):
            return None
        points = np.stack(facts.codes_on(sizes, *joints))
        of_source, of_value = points[:, (points != NEVER).all(axis=0)]
        if ((of_source == UNDEFINED) & (of_value != UNDEFINED)).any():
            return None
        of_source, of_value = of_source[of_source >= 0], of_value[of_source >= 0]
        table = np.full(len(joints[0].domain), NOT_SEEN)
        table[of_source] = of_value
        if (table[of_source] != of_value).any():
            return None
        # From the codes of the analysis to those of the types.
        source_codes, value_codes = (
            _translated(joint.domain, domain_of(each)) for joint, each in zip(joints, (source, value), strict=True)
        )
        if source_codes is None or value_codes is None:
            return None
        codes = np.full(size, UNDEFINED)
        defined = np.flatnonzero(table >= 0)
        codes[source_codes[defined]] = value_codes[table[defined]]
        return codes

    def cover(self, values: Sequence[SSAValue]) -> Cover:
        """Few s-ops of which `values` are functions: some of them, or what maps compute them from."""
        left = list(dict.fromkeys(values))
        candidates = left if len(left) == 1 else self._candidates(left)
        sources: list[SSAValue] = []
        source_of: dict[SSAValue, int] = {}
        codes: dict[SSAValue, NDArray[np.int64]] = {}
        while left:
            determined = [
                {value: found for value in left if (found := self.codes(candidate, value)) is not None}
                for candidate in candidates
            ]
            # The first of those that determine most, but rather an embedding, which is there for nothing.
            best = max(
                range(len(candidates)),
                key=lambda number: (
                    len(determined[number]),
                    isinstance(candidates[number].owner, TokensOp | IndicesOp),
                ),
            )
            for value, found in determined[best].items():
                source_of[value], codes[value] = len(sources), found
            sources.append(candidates[best])
            left = [value for value in left if value not in codes]
        return Cover(tuple(sources), source_of, codes)

    def _candidates(self, values: list[SSAValue]) -> list[SSAValue]:
        """The values, and what they are computed from position by position, as far as it is one-hot."""
        found = dict.fromkeys(values)
        stack = list(values)
        while stack and len(found) < len(values) + ANCESTOR_LIMIT:
            owner = stack.pop(0).owner
            operands: Sequence[SSAValue] = ()
            if isinstance(owner, MapOp | CastOp):
                operands = owner.operands
            new = [operand for operand in operands if operand not in found]
            stack.extend(new)
            found |= dict.fromkeys(operand for operand in new if not self._is_number(operand))
        return list(found)

    def _is_number(self, value: SSAValue) -> bool:
        """Whether an s-op is a scalar, which would have to be decoded to be a key."""
        averages = isinstance(value.owner, AggregateOp) and value.owner in self.analysis.averages
        return averages or encoding_of(value) == Encoding.NUMERICAL


def _translated(inferred: Domain, declared: Domain) -> NDArray[np.int64] | None:
    """The codes in `declared` of the values of `inferred`; `None` if one isn't there."""
    codes = [declared.codes.get(value) for value in inferred.values]
    return None if None in codes else np.array(codes, dtype=np.int64)
