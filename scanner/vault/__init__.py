"""Stores that keep secrets, behind one small interface: `scanner.vault.store`."""
