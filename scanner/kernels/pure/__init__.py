"""The inner loops in plain Python: what runs without a compiler, and what the others must equal."""
