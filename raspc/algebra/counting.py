"""Counting by attention: from which number a width is read.

A head attends to BOS and to what a selector selects, w keys. Let BOS have the weight of M keys.

- With M = 1 it leaves `1 / (1 + w)` on BOS.
- The keys get `w / (M + w)` together, which times M is `w / (1 + w / M)`: below w by no more than `w**2 / M`. So the
  number is the width but for little, and its relative error is that of the weights: as the part of BOS isn't added to
  it, a large M costs no digits.

M is e**lead, where the lead is what BOS scores more than a selected key.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal
from functools import cache, lru_cache
from math import ceil, log

import numpy as np
from numpy.typing import NDArray

from raspc.algebra.domain import Domain

ATTENUATION = 1 / 16
"""By how much the number for the largest width may be below it."""

DIGITS = 40
"""The decimal digits with which e**lead is computed: more than the 17 of a float."""

LARGEST_LEAD = 64.0
"""The largest lead of BOS: a width of 10**12 needs less."""


def bos_weight(width: float) -> float:
    """What attention leaves on BOS, if it counts for as much as a key."""
    return 1 / (1 + width)


@cache
def weight_of(lead: float) -> float:
    """For how many keys BOS counts that is ahead of them by so much: e**lead, correctly rounded on every platform.

    >>> weight_of(1.0)
    2.718281828459045
    """
    return float(Context(prec=DIGITS).exp(Decimal(lead)))


def attenuated(width: float, lead: float) -> float:
    """The number for a width.

    >>> attenuated(3, 8.0)
    2.9969838...
    """
    return width / (1 + width / weight_of(lead))


@lru_cache(8)
def bos_weights(most: int) -> NDArray[np.float64]:
    """The numbers that `bos_weight` gives for the widths up to one: [most + 1]."""
    return np.array([bos_weight(width) for width in range(most + 1)])


@lru_cache(8)
def attenuated_numbers(most: int, lead: float) -> NDArray[np.float64]:
    """The numbers that `attenuated` gives for the widths up to one: [most + 1]."""
    return np.array([attenuated(width, lead) for width in range(most + 1)])


def numbers_for(widths: Domain, number: Callable[[float], float]) -> Domain:
    """The domain of the number for each of some widths."""
    return Domain.of([number(width) for width in widths.numbers.tolist()])


def lead_for(width: int) -> float:
    """The smallest whole lead with which the number for a width is below it by `ATTENUATION` at most.

    >>> lead_for(5), lead_for(1000)
    (6.0, 17.0)
    """
    return float(max(1, ceil(log(max(width, 1) ** 2 / ATTENUATION))))
