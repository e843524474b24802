"""What is said of files that were taken over; the caller makes it safe to show."""

from collections.abc import Iterable, Iterator

from scanner.foreign.evidence import BY_VALUE, Matched
from scanner.foreign.known import Exclusion, Untaken
from scanner.foreign.taking import Taken
from scanner.report.words import amount

FINGERPRINT = 12  # digits, as reports show them
_NAMED = 20


def lines(taken: Taken) -> Iterator[str]:
    """Yield a heading, and a line for everything that was taken over or not."""
    foreign = taken.foreign
    count = len(foreign.known) + len(foreign.exclusions) + len(foreign.untaken)
    yield f"{foreign.name} ({foreign.tool}): {amount(count, 'entries')}"
    for matched in taken.matched:
        yield f"  {_matched(matched)}"
    for exclusion in foreign.exclusions:
        yield f"  taken      {exclusion.label}: {_said(exclusion)}"
    for said in _untaken(foreign.untaken):
        yield f"  not taken  {said}"
    for note in foreign.notes:
        yield f"  note       {note}"


def totals(taken: Iterable[Taken]) -> Iterator[str]:
    """Yield how much was taken over, and how surely."""
    files = list(taken)
    matched = [each for file in files for each in file.matched]
    found = [each for each in matched if each.findings]
    secrets = {finding.fingerprint for each in found for finding in each.findings}
    allowed = sum(len(file.foreign.exclusions) for file in files)
    left = left_out(files)
    said = f"{amount(len(found), 'entries')} for {amount(len(secrets), 'secrets')}"
    yield f"Taken over: {said}, {amount(allowed, 'paths and commits')}. Not taken: {left}."
    by_place = sum(each.by not in BY_VALUE for each in found)
    if by_place:
        were = "was told by its place" if by_place == 1 else "were told by their place"
        yield f"{by_place} of them {were}, not by the value: have a look."


def left_out(taken: Iterable[Taken]) -> int:
    """Return how much was not taken over."""
    return sum(
        len(file.foreign.untaken) + sum(not each.findings for each in file.matched)
        for file in taken
    )


def _matched(matched: Matched) -> str:
    if not matched.findings:
        return f"not taken  {matched.known.label}: {matched.why}"
    names = ", ".join(f"{f.rule.id} {f.fingerprint[:FINGERPRINT]}" for f in matched.findings)
    note = f"; {matched.known.note}" if matched.known.note else ""
    return f"taken      {matched.known.label}: {names}, {matched.by}{note}"


def _said(exclusion: Exclusion) -> str:
    parts = [*exclusion.paths, *(commit[:FINGERPRINT] for commit in exclusion.commits)]
    return f"allow {', '.join(parts)}"


def _untaken(untaken: Iterable[Untaken]) -> Iterator[str]:
    """Yield what was not taken and why; of much with one reason some is named."""
    by_why: dict[str, list[str]] = {}
    for label, why in untaken:
        by_why.setdefault(why, []).append(label)
    for why, labels in by_why.items():
        yield from (f"{label}: {why}" for label in labels[:_NAMED])
        if len(labels) > _NAMED:
            yield f"{len(labels) - _NAMED} more: {why}"
