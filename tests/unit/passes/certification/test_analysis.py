"""The margins of the decisions that a model takes."""

from __future__ import annotations

import numpy as np
import pytest

from raspc.algebra.dtypes import FLOAT32
from raspc.dialects import craft
from raspc.errors import CompileError
from raspc.passes.certification.analysis import ErrorAnalysis
from raspc.passes.certification.arithmetic import Arithmetic
from tests.programs.levels import parse

NUMBER_OR_NONE = """
craft.model @m vocab [0, 1] max_seq_len 2 {{
  %tokens = craft.embed_tokens : "tokens" [0, 1]
  %x = craft.head layer 0 query(%tokens) key(%tokens) qk(2 by 2 [[0, 1], [1, 0]]) value(%tokens)
    ov(2 by 2 [[-8, 1], [8, 1]]) bos [0, 0] score 0.5 temperature {temperature} at_most_one
    : "x" numerical [-8, 8] or none
  craft.unembed %x
}}
"""


def analysis_of(text: str) -> ErrorAnalysis:
    (model,) = parse(text).ops
    assert isinstance(model, craft.ModelOp)
    return ErrorAnalysis(model, Arithmetic(FLOAT32, FLOAT32))


def test_whether_the_output_is_defined_is_decided():
    """What leaks is more of 1/2, from where an output counts as defined, than of 8, half the gap of the numbers."""
    found = analysis_of(NUMBER_OR_NONE.format(temperature=5.0))
    _, defined, number = found.margins
    leak = 3 * 3 * np.exp(-5.0 / 2)
    assert defined.part == pytest.approx(1 - 2 * leak)
    assert number.part == pytest.approx(1 - leak)
    with pytest.raises(CompileError, match=r"whether the output is defined may be off by 7\.4e-01 in float32"):
        found.check()
    analysis_of(NUMBER_OR_NONE.format(temperature=7.0)).check()
