"""What a method of detection hands to the judgement that follows it."""

from typing import NamedTuple

from scanner.model import Confidence


class Candidate(NamedTuple):
    """A possible credential: `data[start:end]` holds it, `secret` is the value itself.

    `confidence` is None where the rule's own stands. `around` holds the byte before the secret and
    that behind it, where it matters whether the secret is written in quotes.
    """

    start: int
    end: int
    secret: bytes
    confidence: Confidence | None = None
    reasons: tuple[str, ...] = ()
    around: tuple[bytes, bytes] = (b"", b"")
