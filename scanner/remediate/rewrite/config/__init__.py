"""Rewrites in configuration formats."""
