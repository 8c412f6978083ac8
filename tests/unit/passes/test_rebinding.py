"""Passes that run after certify keep what a model computes, and bind its certificate anew."""

from __future__ import annotations

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from raspc.dialects.transformer import model_of
from raspc.lowering.assemble_transformer import AssembleTransformerPass
from raspc.passes.rebinding import ARGUMENTS, rebind, valid_certificate
from tests.unit.passes.certification.test_binding import certified_craft


def certified() -> ModuleOp:
    module, _ = certified_craft()
    AssembleTransformerPass().apply(Context(), module)
    return module


def test_a_pass_that_gives_no_reason_keeps_no_certificate():
    model = model_of(certified())
    certificate = valid_certificate(model)
    assert certificate is not None
    with pytest.raises(ValueError, match="the pass 'noise' gives no reason"):
        rebind(model, certificate, "noise")


def test_what_has_no_certificate_gets_none():
    model = model_of(certified())
    for name in ARGUMENTS:
        rebind(model, None, name)
        assert valid_certificate(model) is None
