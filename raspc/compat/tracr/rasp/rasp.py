"""Tracr's `tracr.rasp.rasp`: the language, which is `raspc.rasp`."""

from raspc.rasp import *  # noqa: F403  the same names
from raspc.rasp import __all__ as __all__
