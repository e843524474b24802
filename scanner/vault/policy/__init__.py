"""Policies that grant the least rights on entries, for each store."""
