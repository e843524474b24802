"""What a plan does to files, as fixes that a SARIF report offers with each finding."""

from collections.abc import Iterable

from scanner.model import Secret
from scanner.remediate.found import Held
from scanner.remediate.plan import Entry, Plan
from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Refusal
from scanner.report.escape import as_bytes
from scanner.report.mask import Mask
from scanner.report.sarif_fixes import ChangedFile, Fix, Replacement


def fixes(plan: Plan, found: Iterable[Held]) -> dict[str, Fix]:
    """Return, by the finding's fingerprint in the report, what replaces its secret everywhere.

    Each fix stands alone. There is none where not every place can be replaced, where a whole file
    or another secret goes away with it, or where a secret would stand in the fix.
    """
    by_file: dict[bytes, dict[tuple[int, int], Held]] = {}
    secrets: dict[Secret, None] = {}
    for held in found:
        by_file.setdefault(held.path, {})[held.literal.start, held.literal.end] = held
        secrets |= dict.fromkeys((held.literal.value, *(secret for _, _, secret in held.secrets)))
    mask = Mask(secrets)
    made = {entry: _fix(entry, by_file, mask) for entry in plan.entries}
    return {name: fix for entry, fix in made.items() if fix for name in entry.findings}


def _fix(entry: Entry, by_file: dict[bytes, dict[tuple[int, int], Held]], mask: Mask) -> Fix | None:
    spans: dict[bytes, list[tuple[int, int]]] = {}
    for place in entry.places:
        path, span = as_bytes(place.path), (place.start, place.end)
        if place.action != "replace" or span not in by_file.get(path, ()):
            return None
        spans.setdefault(path, []).append(span)
    files = []
    for path, wanted in spans.items():
        file = _changed(by_file[path], wanted, entry.variable)
        if file is None:
            return None
        files.append(file)
    words = f"Read {entry.variable} instead. First store its value, as {entry.uri}:"
    texts = [text for file in files for text in (file.path, *(r.text for r in file.replacements))]
    if any(mask.clean(text) != text for text in (as_bytes(words), *texts)):
        return None
    return Fix(f"{words} leakseal migrate apply does both.", tuple(files))


def _changed(
    found: dict[tuple[int, int], Held], spans: list[tuple[int, int]], variable: str
) -> ChangedFile | None:
    """Return the change of one file that replaces what was `found` at `spans`, and nothing else."""
    first = found[spans[0]]
    assert first.language is not None  # it is to be replaced
    wanted = [Wanted(found[span].literal, variable) for span in spans]
    others = found.keys() - set(spans)
    changed = change(first.content, first.language, wanted, (*first.others, *others))
    if any(isinstance(rewrite, Refusal) for rewrite in changed.rewrites):
        return None
    edits = tuple(Replacement(*edit) for edit in changed.edits)
    return ChangedFile(first.path, first.content, edits)
