import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from raspc.algebra.steps import StepDecoder, step_decoder

UNIT_ROUNDOFF = 2.0**-24

WITHIN = 0.249
"""How much of a gap the scalar is off by; a quarter is the limit, and rounding the scalar needs the rest."""


def decoded(
    decoder: StepDecoder, x: NDArray[np.float32], order: NDArray[np.int64] | None = None
) -> NDArray[np.float32]:
    """What the units write for scalars, in float32, added up one after the other in some order: [n, n_classes]."""
    slopes, biases = decoder.slopes.astype(np.float32), decoder.biases.astype(np.float32)
    hidden = np.maximum(x[:, None] * slopes + biases, np.float32(0))
    written = np.tile(decoder.base.astype(np.float32), (len(x), 1))
    for unit in np.arange(slopes.size) if order is None else order:
        written += hidden[:, unit, None] * decoder.outputs[unit].astype(np.float32)
    return written


def expected(classes: NDArray[np.int64], n_classes: int) -> NDArray[np.float32]:
    """One-hot, null for the class -1: [n, n_classes]."""
    return (classes[:, None] == np.arange(n_classes)).astype(np.float32)


def neighbourhood(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each number may be off: a part of the smaller gap beside it, [n]."""
    gaps = np.diff(numbers)
    padded = np.concatenate([gaps[:1], gaps, gaps[-1:]]) if gaps.size else np.ones(2)
    return WITHIN * np.minimum(padded[1:], padded[:-1])


@st.composite
def tables(draw: st.DrawFn) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """Numbers of very different sizes and gaps, with classes."""
    scale = draw(st.sampled_from([1e-3, 1 / 3, 1.0, 1000.0]))
    numbers = sorted(draw(st.sets(st.integers(-200, 200), min_size=1, max_size=12)))
    n_classes = draw(st.integers(1, 4))
    classes = draw(st.lists(st.integers(-1, n_classes - 1), min_size=len(numbers), max_size=len(numbers)))
    return np.array(numbers) * scale, np.array(classes), n_classes


@given(tables(), st.integers(0, 2**32), st.booleans())
def test_the_decoder_is_right_within_its_tolerance_in_any_order(
    table: tuple[NDArray[np.float64], NDArray[np.int64], int], seed: int, off_at_zero: bool
):
    numbers, classes, n_classes = table
    decoder = step_decoder(numbers, classes, n_classes, off_at_zero=off_at_zero)
    bound = decoder.rounding(UNIT_ROUNDOFF)
    rng = np.random.default_rng(seed)
    for offset in (0.0, 1.0, -1.0, *rng.uniform(-1, 1, size=5)):
        x = (numbers + offset * neighbourhood(numbers)).astype(np.float32)
        found = decoded(decoder, x, rng.permutation(decoder.slopes.size))
        assert (np.abs(found - expected(classes, n_classes)) <= bound).all()


@pytest.mark.parametrize("longest", [1, 2, 10, 300, 1000])
def test_widths_are_read_from_the_weight_on_bos(longest: int):
    widths = np.arange(longest, -1, -1)  # ascending weights 1 / (1 + width)
    weights = 1 / (1 + widths)
    decoder = step_decoder(weights, widths, longest + 1)
    found = decoded(decoder, weights.astype(np.float32))
    bound = decoder.rounding(UNIT_ROUNDOFF)
    assert bound.max() < 1 / 16
    assert (np.abs(found - expected(widths, longest + 1)) <= bound).all()


def test_one_class_needs_no_units():
    decoder = step_decoder(np.array([1.0, 2.0]), np.array([3, 3]), 4)
    assert decoder.slopes.size == decoder.biases.size == decoder.tolerances.size == 0
    assert decoder.base.tolist() == [0, 0, 0, 1]
    assert decoder.rounding(UNIT_ROUNDOFF).tolist() == [0, 0, 0, 0]


def test_what_has_no_class_is_null():
    decoder = step_decoder(np.array([-1.0, 0.0, 1.0]), np.array([-1, 0, -1]), 1)
    assert decoded(decoder, np.array([-1, 0, 1], dtype=np.float32)).tolist() == [[0], [1], [0]]


@given(tables())
def test_there_are_two_units_for_each_change_of_class(table: tuple[NDArray[np.float64], NDArray[np.int64], int]):
    numbers, classes, n_classes = table
    decoder = step_decoder(numbers, classes, n_classes)
    changes = int((classes[1:] != classes[:-1]).sum())
    assert decoder.slopes.shape == decoder.biases.shape == (2 * changes,)
    assert decoder.outputs.shape == (2 * changes, n_classes)
    assert decoder.tolerances.shape == (changes,)
    # The ramp, 1 / slope wide, is no wider than a quarter of the gap.
    assert (1 / np.abs(decoder.slopes[::2]) <= decoder.tolerances * (1 + 1e-12)).all()


def test_steps_are_off_at_zero():
    # Steps are counted from zero outwards, so that a null scalar switches on nothing.
    decoder = step_decoder(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 1, 1, 0]), 2, off_at_zero=True)
    assert (np.maximum(decoder.biases, 0) == 0).all()
    assert decoder.base.tolist() == [0, 1]
