"""Rewrites that stay in one dialect, a file each."""
