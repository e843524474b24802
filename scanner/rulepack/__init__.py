"""Rules as data: read from YAML, checked, compiled into a module that loads at once."""
