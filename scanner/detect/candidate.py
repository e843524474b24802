"""What a method of detection hands to the judgement that follows it."""

from typing import NamedTuple

from scanner.model import Confidence


class Candidate(NamedTuple):
    """A possible credential: `data[start:end]` holds it, `secret` is the value itself.

    `confidence` is None where the rule's own stands.
    """

    start: int
    end: int
    secret: bytes
    confidence: Confidence | None = None
    reasons: tuple[str, ...] = ()


class Verdict(NamedTuple):
    """What a structure check says: `ok` is None if it cannot tell; `reason` goes to the user."""

    ok: bool | None
    reason: str
