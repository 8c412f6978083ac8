"""How XLA compiles in the tests: a model runs once or twice, and to optimise it would take longer than all else."""

from __future__ import annotations

import os
from typing import Any

BY_DEFAULT: dict[str, Any] = {"xla_backend_optimization_level": 3, "xla_cpu_use_fusion_emitters": True}
"""What XLA does where nobody says otherwise, as options of `jax.jit`."""


def compile_quickly() -> None:
    """Let XLA compile without optimisations in this process and those that it starts; call it before JAX is imported.

    A value of XLA_FLAGS in the environment stays as it is.
    """
    os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false")
