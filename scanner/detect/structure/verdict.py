"""What a check of a credential's structure answers."""

from enum import IntEnum
from typing import NamedTuple


class Standing(IntEnum):
    """What follows for the finding.

    DISPROVED: the text cannot be such a credential, so nothing is reported. DOUBTFUL: something
    speaks against it, so confidence falls by one level. UNKNOWN: the check cannot tell. PROVED: it
    is one, so confidence is high.
    """

    DISPROVED = 0
    DOUBTFUL = 1
    UNKNOWN = 2
    PROVED = 3


class Verdict(NamedTuple):
    """The answer of a check; `reason` goes to the user."""

    standing: Standing
    reason: str = ""


UNKNOWN = Verdict(Standing.UNKNOWN)


def proved(reason: str) -> Verdict:
    """Return the verdict that the text is a credential."""
    return Verdict(Standing.PROVED, reason)


def told(reason: str) -> Verdict:
    """Return a verdict that leaves confidence as it is and tells the user something."""
    return Verdict(Standing.UNKNOWN, reason)


def doubtful(reason: str) -> Verdict:
    """Return the verdict that something speaks against the text."""
    return Verdict(Standing.DOUBTFUL, reason)


def disproved(reason: str) -> Verdict:
    """Return the verdict that the text is no such credential."""
    return Verdict(Standing.DISPROVED, reason)
