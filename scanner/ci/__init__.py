"""Which commits a continuous integration job is about, from what its platform says of it."""
