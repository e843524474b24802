"""Moves leaked secrets into a store, replaces them in code and keeps the record of it."""
