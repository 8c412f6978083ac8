"""What the type of an s-op says."""

from __future__ import annotations

from xdsl.ir import SSAValue

from raspc.algebra.domain import Domain
from raspc.dialects.rasp import SopType
from raspc.dialects.rasp.attributes import Encoding


def encoding_of(value: SSAValue) -> Encoding:
    """The encoding of an s-op, as far as it is chosen."""
    assert isinstance(value.type, SopType)
    return value.type.encoding.data


def domain_of(value: SSAValue) -> Domain:
    """The domain of an s-op, which must be known."""
    assert isinstance(value.type, SopType)
    domain = value.type.known_domain
    assert domain is not None
    return domain
