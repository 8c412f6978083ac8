"""Digests of what a certificate is about: the sha256 of all that decides a model's outputs, and of what is said of it.

A digest is no signature: whoever changes a model can compute a new one. It shows that a model, or what its certificate
says, isn't what the pass certify has judged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from raspc.algebra.domain import Domain
from raspc.algebra.values import to_json


class Digest:
    """A digest in the making: of parts in their order, each with its length, so that none runs into the next."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """Add bytes."""
        self._hash.update(len(data).to_bytes(8, "little"))
        self._hash.update(data)

    def add_facts(self, *facts: Any) -> None:
        """Add strings, numbers, truth values, `None` and lists of these: by their JSON, which has one form for each."""
        self.add(json.dumps(facts).encode())

    def add_domain(self, domain: Domain) -> None:
        """Add the values of a domain, and whether undefined is one of them."""
        self.add_facts([to_json(value) for value in domain.values], domain.undefined)

    def add_array(self, shape: Sequence[int], data: bytes) -> None:
        """Add an array by its shape and its bytes."""
        self.add_facts(list(shape))
        self.add(data)

    @property
    def text(self) -> str:
        """The digest in hexadecimal, 64 digits."""
        return self._hash.hexdigest()
