"""The report as one page for people who would rather look than read."""
