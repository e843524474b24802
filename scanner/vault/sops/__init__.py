"""Secrets in a SOPS file with age keys: `sops://FILE`."""
