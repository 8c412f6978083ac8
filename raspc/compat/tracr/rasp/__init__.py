"""Tracr's `tracr.rasp`: the language, which is `raspc.rasp`."""
