"""Tracr's `tracr.compiler`: the compiler, and the model that it returns."""

from raspc.compat.tracr.compiler.compiling import compile_rasp_to_model

__all__ = ["compile_rasp_to_model"]
