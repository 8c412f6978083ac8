"""Tracr's `tracr.rasp.causal_eval`: evaluation in which no position looks at later ones."""

from raspc.rasp.causal_eval import evaluate

__all__ = ["evaluate"]
