"""Hypothesis strategies for programs.

```python
from hypothesis import given
from raspc.testing.strategies import programs

@given(programs(max_size=6))
def test_something(random):
    model = raspc.compile(random.program, random.vocab, random.max_seq_len, causal=random.causal)
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from raspc.algebra.values import Value
from raspc.testing.choices import Choices
from raspc.testing.generator import RandomProgram, Settings

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy
except ImportError as error:
    raise ImportError(
        "raspc.testing.strategies needs hypothesis, which isn't installed\n"
        "  help: pip install hypothesis, or use raspc.testing.random_program, which doesn't need it"
    ) from error

T = TypeVar("T")


class DrawnChoices(Choices):
    """Decisions by hypothesis, which searches for those that make a test fail and then for the simplest of them."""

    def __init__(self, draw: DrawFn):
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        # Hypothesis has its own idea of what is worth trying.
        return self._draw(st.sampled_from([option for option, weight in options if weight > 0]))

    def flag(self, probability: float) -> bool:
        # The larger numbers are the less simple ones.
        return probability > 0 and self._draw(st.integers(0, 99)) >= 100 * (1 - probability)

    def part(self, build: Callable[[], T]) -> T:
        # What is drawn meanwhile belongs together: hypothesis tries parts of it in its place.
        return self._draw(st.builds(build))


@st.composite
def _programs(draw: DrawFn, max_size: int, settings: Settings) -> RandomProgram:
    choices = DrawnChoices(draw)
    return replace(settings, size=choices.integer(0, max_size)).build(choices)


def programs(
    *,
    max_size: int = 8,
    op_mix: Mapping[str, float] | None = None,
    output_type: str | None = None,
    vocab: Sequence[Value] | None = None,
    max_seq_len: int | tuple[int, int] = (1, 5),
    causal: bool | None = None,
    risk: float = 0.1,
    vocab_size: int | tuple[int, int] | None = None,
    extremes: float = 0.0,
    names: float = 0.0,
    dense: bool = False,
) -> SearchStrategy[RandomProgram]:
    """Programs of at most `max_size` operations; the other arguments are those of `raspc.testing.random_program`.

    Unlike there, the output may be the same for all inputs, and of the weights in `op_mix` it matters only which are 0.

    Raises:
        ProgramError: an argument is not what it should be.
    """
    settings = Settings(
        size=max_size,
        op_mix=op_mix or {},
        output_type=output_type,
        vocab=vocab,
        max_seq_len=max_seq_len,
        causal=causal,
        risk=risk,
        vocab_size=vocab_size,
        extremes=extremes,
        names=names,
        dense=dense,
        least_tokens=1,
    )
    return _programs(max_size, settings)
