"""Numbers from which widths are read."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from raspc.algebra.counting import ATTENUATION, attenuated, bos_weight, lead_for, weight_of


@given(st.integers(1, 5000))
def test_attenuated_widths_are_nearly_the_widths(longest: int):
    lead = lead_for(longest)
    widths = np.arange(longest + 1)
    numbers = np.array([attenuated(width, lead) for width in widths.tolist()])
    assert ((widths - numbers >= 0) & (widths - numbers <= ATTENUATION)).all()
    assert (np.diff(numbers) > 1 - 2 * ATTENUATION).all()


def test_a_smaller_lead_would_not_do():
    for longest in (1, 5, 40, 1000):
        lead = lead_for(longest)
        assert lead == 1 or longest - attenuated(longest, lead - 1) > ATTENUATION


def test_both_are_what_a_softmax_gives():
    for width in range(6):
        weights = np.exp([0.0] * width + [3.0])
        weights /= weights.sum()
        assert np.isclose(weights[:width].sum() * weight_of(3.0), attenuated(width, 3.0))
        equal = np.ones(width + 1) / (width + 1)
        assert equal[-1] == bos_weight(width)
