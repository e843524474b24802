"""Results of earlier audits, kept for the next one; see docs/cache.md."""
