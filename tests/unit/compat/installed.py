"""Packages that only the tests of `make compat` have, imported in spite of their warnings."""

from __future__ import annotations

import importlib.util
import warnings
from typing import Any

import pytest


def optional(module: str) -> Any:
    """A module, or a skip of the whole test file where its package isn't installed."""
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        pytest.skip(f"{module} isn't installed: see `make compat`", allow_module_level=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(module)
