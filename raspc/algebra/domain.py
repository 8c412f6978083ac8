"""Domains: the finite set of values that an s-op can take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.values import MaybeValue, Value, exact_form, forms, is_finite_number, sorted_distinct


@dataclass(frozen=True)
class Domain:
    """A finite set of values, in order, and whether *undefined* is possible too.

    Attributes:
        values: distinct values in the order of `values.sort_key`. The position of a value is its *code*; the code of
            undefined is -1.
        undefined: whether a position may hold no value.
        mixed: whether a number of the set may stand in any of its equal forms: a mean of ints is a float where the
            ints differ, and the int itself where they are equal, so that `1` can come as `1.0`. A function of a mixed
            domain is evaluated on every form.

    >>> Domain.of([3, 1, 2])
    Domain(values=(1, 2, 3), undefined=False, mixed=False)
    >>> Domain.of([1, None, 1.0])
    Domain(values=(1,), undefined=True, mixed=True)
    """

    values: tuple[Value, ...]
    undefined: bool = False
    mixed: bool = False

    @staticmethod
    def of(values: Iterable[MaybeValue], *, mixed: bool = False) -> Domain:
        """The domain that holds exactly `values`; a `None` among them makes it possibly undefined."""
        seen: dict[object, Value] = {}
        undefined = False
        for value in values:
            if value is None:
                undefined = True
            else:
                seen[exact_form(value)] = value
        distinct = sorted_distinct(seen.values())
        return Domain(distinct, undefined, mixed or len(distinct) < len(seen))

    @cached_property
    def codes(self) -> dict[Value, int]:
        """The code of each value: its position in `values`."""
        return {value: code for code, value in enumerate(self.values)}

    def __len__(self) -> int:
        return len(self.values)

    def __contains__(self, value: object) -> bool:
        return self.undefined if value is None else value in self.codes

    def code(self, value: MaybeValue) -> int:
        """The code of a value, -1 for undefined.

        Raises:
            KeyError: the value isn't in the domain.
        """
        if value is None:
            return -1
        return self.codes[value]

    def union(self, other: Domain) -> Domain:
        """The smallest domain that contains both."""
        both = Domain.of([*self.values, *other.values], mixed=self.mixed or other.mixed)
        return Domain(both.values, self.undefined or other.undefined, both.mixed)

    def is_superset(self, other: Domain) -> bool:
        """Whether every value of `other`, undefined among them, is in this domain."""
        return (self.undefined or not other.undefined) and all(value in self.codes for value in other.values)

    @cached_property
    def is_numeric(self) -> bool:
        """Whether all values are finite numbers, so that they have a mean."""
        return all(is_finite_number(value) for value in self.values)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The values as float64, in order; `is_numeric` must hold. Shape: [len(self)]."""
        return np.array(self.values, dtype=np.float64)

    def forms(self, value: Value) -> tuple[Value, ...]:
        """The forms in which `value` may occur: only itself unless the domain is mixed."""
        return forms(value) if self.mixed else (value,)

    @cached_property
    def int_range(self) -> tuple[int, int] | None:
        """The first and last value if the values are plain ints without a gap, else `None`."""
        if not self.values or any(type(value) is not int for value in self.values):
            return None
        first, last = self.values[0], self.values[-1]
        assert isinstance(first, int)
        assert isinstance(last, int)
        return (first, last) if last - first + 1 == len(self.values) else None
