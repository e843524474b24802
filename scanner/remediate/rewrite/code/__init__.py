"""Rewrites in programming languages."""
