"""The remediation ledger: written, verified, signed and exported."""
