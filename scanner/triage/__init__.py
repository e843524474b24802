"""From sightings to findings: one per secret, each with a stable identity."""
