"""How a certificate outlives a pass: bound anew to a model that computes, bit for bit, what the old one did.

A pass that changes a model makes its certificate void. The passes that run after certify are few, and each of them has
an argument why the model still computes the same; `rebind` is the only way to keep the certificate, and knows no other
passes. `tests/unit/passes/test_rebinding.py` compares the models before and after each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from raspc.dialects import craft, transformer
from raspc.dialects.craft import digest as craft_digest
from raspc.dialects.craft.certificate import Certificate, CertificateAttr
from raspc.dialects.transformer import digest as transformer_digest
from raspc.dialects.transformer.layers import read_model
from raspc.errors import CompileError

ARGUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "assemble-transformer": "the weights are those of the craft ops, in the directions of their subspaces",
        "share-heads": "heads with the same scores attend alike, and no column of values is added to another one",
        "reuse-directions": "an erased direction is exactly 0 again, as x - x is, before something else is written",
        "cast-weights": "the arithmetic of the certificate has rounded the same weights to the same dtype",
        "merge-constant": "a sum of two terms of which one is 1 w and the other 1 v becomes 1 (v + w), which is exact",
        "pad-uniform": "what is added are zeros, which change no sum",
    }
)
"""Why the model after a pass computes what it did before."""


def valid_certificate(model: craft.ModelOp | transformer.ModelOp) -> Certificate | None:
    """A model's certificate, if it is about the model as it is."""
    try:
        is_bound = (
            craft_digest.is_bound(model) if isinstance(model, craft.ModelOp) else transformer_digest.is_bound(model)
        )
    except CompileError:  # it isn't one residual stream any more
        return None
    return model.certificate.data if is_bound and model.certificate is not None else None


def rebind(model: transformer.ModelOp, certificate: Certificate | None, by: str) -> None:
    """Bind a certificate to the model that a pass has made of a certified one.

    Args:
        model: the model as the pass leaves it. Without a certificate it has none afterwards.
        certificate: the `valid_certificate` of the model as the pass found it.
        by: the name of the pass, one of `ARGUMENTS`.

    Raises:
        ValueError: it isn't known that the pass keeps what a model computes.
    """
    if by not in ARGUMENTS:
        raise ValueError(f"the pass {by!r} gives no reason why a certificate holds for what it makes of a model")
    if certificate is None:
        model.certificate = None
        return
    digest = transformer_digest.transformer_digest(read_model(model), certificate)
    model.certificate = CertificateAttr(certificate.bound_to(digest))
