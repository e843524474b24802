"""Finds credentials that leaked into git, blocks new ones, and says exactly what it has read."""

__version__ = "0.1.0"
