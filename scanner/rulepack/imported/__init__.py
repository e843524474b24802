"""Rule files of other tools, read as rules of this one; docs/import.md says what is understood."""
