"""How much the tests try: `make test` a part of the random programs and of the corpus, `make thorough` all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("RASPC_THOROUGH", "0") != "0"
"""Whether everything is tried."""

SHARE = 6
"""Otherwise one in so many is."""


def starts(count: int, chunk: int) -> range:
    """Where the chunks of so many seeds start: all of them, or the first of every few."""
    return range(0, count if THOROUGH else max(count // SHARE, chunk), chunk)


def number(count: int) -> int:
    """So many, or a share of them."""
    return count if THOROUGH else -(-count // SHARE)


def some(items: Sequence[T]) -> Sequence[T]:
    """All items, or a share of them from all over."""
    return items if THOROUGH else items[::SHARE]
