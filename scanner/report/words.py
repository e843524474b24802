"""Words for places, commits and counts that the formats share; all of it safe to show."""

import re

from scanner.model import CommitInfo, Finding, Occurrence, Suppression
from scanner.report.escape import visible

SHORT_ID = 8
_LINK = re.compile(r"https?://[\w.~:/?#@!$&*+,;=%-]+", re.ASCII)
_REDACTED = re.compile(r"…\[[0-9]+ characters\]".encode())  # as Secret.redacted has it
_PLACES = {
    "file": "{path}",
    "path": "the file name {path}",
    "commit": "commit {id}",
    "tag": "tag {id}",
    "ref": "the name of {path}",
    "note": "the note {path}",
    "object": "object {id}, which no commit places",
    "git": "{path}",
    "stdin": "standard input",
}

ACCEPTED_BY = {
    "baseline": "in the baseline",
    "inline": "allowed by a comment",
    "allow": "allowed by the settings",
}


def place(occurrence: Occurrence) -> str:
    """Return where the occurrence stands, such as `conf/app.env:3:9 (in zip:a.txt, base64)`.

    Where a path was redacted, the object leads there.
    """
    pattern = _PLACES.get(occurrence.place, occurrence.place + " {path}")
    if occurrence.place == "object" and occurrence.path:
        pattern = "object {id}, which {path} names"
    words = pattern.format(
        path=visible(occurrence.path), id=visible(occurrence.object_id[:SHORT_ID])
    )
    if occurrence.line and occurrence.place not in ("path", "ref"):
        words += f":{occurrence.line}:{occurrence.column}"
    if occurrence.object_id and _REDACTED.search(occurrence.path):
        words += f" in object {visible(occurrence.object_id[:SHORT_ID])}"
    if occurrence.via:
        words += f" (in {', '.join(visible(step) for step in occurrence.via)})"
    return words


def commits(occurrence: Occurrence) -> list[str]:
    """Return what is known of the commits that brought the secret and took it away."""
    return [
        f"{verb} by {_commit(commit)}"
        for verb, commit in (("introduced", occurrence.introduced), ("removed", occurrence.removed))
        if commit
    ]


def _commit(commit: CommitInfo) -> str:
    author = f" by {visible(commit.author)}" if commit.author else ""
    return f"{visible(commit.id[:SHORT_ID])} on {visible(commit.when[:10])}{author}"


def amount(number: int, things: str) -> str:
    """Return a count with its noun, `1 place` or `1,234 places`; `things` is the plural."""
    if number == 1:
        things = things[:-3] + "y" if things.endswith("ies") else things.removesuffix("s")
    return f"{number:,} {things}"


def secret_text(finding: Finding, show_secrets: bool) -> str:
    """Return the secret redacted or, when asked for, itself with control characters escaped."""
    if not show_secrets:
        return finding.secret.redacted()
    value = finding.secret.reveal()
    return visible(value, longest=len(value))


def because(known: Suppression) -> str:
    """Return why something does not count as a leak, who says so and for how long."""
    words = f"{ACCEPTED_BY[known.kind]}: {visible(known.reason) or 'no reason given'}"
    more = [
        f"{word} {visible(value)}"
        for word, value in (
            ("owner", known.owner),
            ("since", known.added),
            ("until", known.expires),
        )
        if value
    ]
    return f"{words} ({', '.join(more)})" if more else words


def link(advice: str) -> str:
    """Return `advice` if it is nothing but a link that no format has to escape, else nothing."""
    return advice if _LINK.fullmatch(advice) else ""
