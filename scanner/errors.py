"""Every error that ends a run, with its exit code.

LeaksealError            4  something in leakseal itself went wrong
├── UsageError           2  an option, a path or a configuration cannot be used
│   └── RuleError        2  a rule pack is malformed or unsafe
└── IncompleteError      3  the scan could not read what it was asked to read

Clean is 0 and leaks found is 1; those are results, not errors.
"""

CLEAN = 0
LEAKS = 1
USAGE = 2
INCOMPLETE = 3
INTERNAL = 4


class LeaksealError(Exception):
    """Root of all errors; `exit_code` is what the process ends with."""

    exit_code = INTERNAL


class UsageError(LeaksealError):
    """An option, a path or a configuration cannot be used."""

    exit_code = USAGE


class RuleError(UsageError):
    """A rule pack is malformed, or one of its patterns is unsafe."""


class IncompleteError(LeaksealError):
    """The scan could not read what it was asked to read."""

    exit_code = INCOMPLETE
