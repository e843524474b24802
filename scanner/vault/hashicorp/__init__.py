"""Secrets in HashiCorp Vault or OpenBao: `vault://MOUNT/PATH`."""
