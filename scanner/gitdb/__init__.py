"""Reads git repositories: where they are, their refs, and every object they hold."""
