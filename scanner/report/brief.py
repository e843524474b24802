"""The few lines a blocked commit gets: where each leak stands, what it is, what to do."""

from collections.abc import Iterator, Sequence

from scanner.model import Match, Occurrence, Skipped
from scanner.report.escape import as_bytes, visible

_ADVICE = (
    "Take them out of the files and stage again: read them from the environment or a secret store.",
    "What was ever pushed must be revoked, not just deleted; the links above say how.",
    "To commit all the same, if you are certain: git commit --no-verify",
)


def blocked(seen: Sequence[tuple[Match, Occurrence]], gaps: Sequence[Skipped]) -> Iterator[str]:
    """Yield the lines to print for staged leaks and for what was not read; none for neither."""
    secrets = {match.secret.reveal(): match.secret.redacted().encode() for match, _ in seen}

    def masked(text: bytes) -> bytes:
        for value, redacted in secrets.items():
            text = text.replace(value, redacted)
        return text

    for match, where in seen:
        path = masked(where.path)
        via = f" ({visible(' > '.join(match.via))})" if match.via else ""
        what = f"{match.rule.name}: {visible(match.secret.redacted())}"
        place = "in the file's name" if where.place == "path" else f"{where.line}:{where.column}"
        yield f"{visible(path)}:{place}{via}: {what}"
        said = f"has the form of: {match.rule.name}"  # as the line above does
        why = "; ".join(visible(masked(as_bytes(r))) for r in match.reasons if r != said)
        level = f"{match.confidence.name.lower()} confidence"
        yield f"    {match.rule.id}; {level}{': ' if why else ''}{why}"
        yield f"    {match.rule.remediation}"
        if match.rule.rotation:
            yield f"    {visible(match.rule.rotation)}"
    for gap in gaps:
        yield f"not read: {visible(gap.subject)}: {visible(gap.detail)}"
    if seen:
        count = len(secrets)
        yield ""
        yield f"leakseal: {count} secret{'s' if count > 1 else ''} staged; commit blocked."
        yield from _ADVICE
    elif gaps:
        yield "leakseal: some staged content could not be searched; commit blocked."
        yield "To commit all the same, if you are certain: git commit --no-verify"
