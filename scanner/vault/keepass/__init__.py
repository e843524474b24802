"""Secrets in a KeePass database: `kdbx://FILE`."""
