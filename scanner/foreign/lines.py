"""What stands on given lines of a content, and which secrets begin there."""

from collections.abc import Iterable

from scanner.model import Finding


def standing(
    content: bytes, first: int, last: int, candidates: Iterable[Finding]
) -> tuple[Finding, ...]:
    """Return those `candidates` whose secret begins on the lines `first` to `last`, from 1."""
    start, end = _span(content, first, last)
    return tuple(
        finding
        for finding in candidates
        for secret in (finding.secret.reveal(),)
        if content.find(secret, start, min(end + len(secret), len(content))) in range(start, end)
    )


def on_lines(content: bytes, first: int, last: int) -> bytes:
    """Return what stands on the lines `first` to `last`, from 1."""
    start, end = _span(content, first, last)
    return content[start:end].rstrip(b"\r\n")


def _span(content: bytes, first: int, last: int) -> tuple[int, int]:
    """Return where the lines begin and end; nothing if the content has fewer."""
    start = at = 0
    for number in range(1, last + 1):
        if number == first:
            start = at
        found = content.find(b"\n", at)
        if found < 0:
            return (start, len(content)) if number >= first else (len(content), len(content))
        at = found + 1
    return start, at
