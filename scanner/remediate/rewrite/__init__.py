"""Replaces a secret in a file by a reference to where it now comes from."""
