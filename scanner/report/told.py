"""What a report tells beside its findings: names and messages, in which other secrets may stand.

A scan of what is staged, say, does not report a token in the branch's name, but its report names
the branch.
"""

from collections.abc import Iterator

from scanner.detect.engine import Engine
from scanner.model import Report, Secret
from scanner.report.escape import as_bytes
from scanner.report.mask import Mask

_LONGEST = 1 << 16  # bytes of one text


def secrets_told(report: Report, engine: Engine) -> tuple[Secret, ...]:
    """Return the secrets that `engine` finds in what `report` tells beside its findings."""
    texts = dict.fromkeys(text[:_LONGEST] for text in _texts(report) if text)
    found = engine.findings(b"\n\n".join(texts)).matches if texts else ()
    return tuple(dict.fromkeys(match.secret for match in found))


def redacted(text: str, engine: Engine) -> str:
    """Return `text` with the secrets that `engine` finds in it redacted, in any of their forms."""
    found = engine.findings(as_bytes(text)).matches
    return Mask(match.secret for match in found).text(text)


def _texts(report: Report) -> Iterator[bytes]:
    yield from map(as_bytes, (report.target, report.origin, report.branch))
    for skipped in report.coverage.skipped:
        yield from map(as_bytes, (skipped.subject, skipped.detail))
    for gone in report.absent:
        yield from map(as_bytes, (gone.rule, gone.path))
    found = (*report.findings, *report.suppressed)
    accepted = [s for finding in found for s in finding.suppressions]
    for suppression in (*accepted, *(gone.suppression for gone in report.absent)):
        yield from map(as_bytes, (suppression.reason, suppression.owner))
    for finding in found:
        yield from map(as_bytes, finding.reasons)
        for place in finding.occurrences:
            yield place.path
            yield from map(as_bytes, place.via)
            for commit in (place.introduced, place.removed):
                if commit is not None:
                    yield from (commit.author, commit.email, commit.subject)
