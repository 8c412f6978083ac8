"""Tracr's `tracr.transformer`: encoders, and a transformer that is nothing but its parameters and its sizes."""
