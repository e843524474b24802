"""What `leakseal import` would write: entries of the baseline and of the settings."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from scanner.adopt.edit import Edit, content
from scanner.adopt.project_files import merged_by_line
from scanner.adopt.yaml_list import appended
from scanner.errors import UsageError
from scanner.foreign import settings_entries
from scanner.foreign.known import Foreign, Known
from scanner.foreign.taking import Taken
from scanner.remediate.worktree import WorkTree
from scanner.report.escape import as_text
from scanner.report.mask import Mask
from scanner.triage import baseline, settings_file
from scanner.triage.baseline import Baseline, Entry
from scanner.triage.identity import Identity, salt_of


class Said(NamedTuple):
    """What every entry says: the user's words, or those of the file; `mask` hides secrets."""

    mask: Mask
    reason: str
    owner: str
    expires: str

    def of_known(self, known: Known, foreign: Foreign) -> str:
        """Return why a credential is accepted."""
        note = f", {known.note}" if known.note else ""
        return self.mask.text(self.reason or foreign.reason() + note)

    def of_exclusion(self, own: str, foreign: Foreign) -> str:
        """Return why something is left out, for which the file has words of its `own` or none."""
        theirs = f"{own} ({foreign.reason()})" if own else foreign.reason()
        return self.mask.text(self.reason or theirs)


def proposed(
    tree: WorkTree,
    results: Iterable[Taken],
    said: Said,
    identity: Callable[[bytes | None], Identity],
) -> list[Edit]:
    """Return the changes that take `results` over; none if all of it is there already.

    `identity` returns how fingerprints are made here: without a key, with the salt it is given, or
    with the repository's own for None. Raises UsageError for a baseline or settings that
    cannot be added to.
    """
    results = list(results)
    entries = _entries(results, said)
    of_baseline = _of_baseline(tree, entries, identity) if entries else None
    attributes = merged_by_line(tree) if of_baseline and of_baseline.old is None else []
    edits = (of_baseline, *attributes, _of_settings(tree, results, said))
    return [edit for edit in edits if edit is not None]


def _entries(results: Iterable[Taken], said: Said) -> list[Entry]:
    today = datetime.now(UTC).date().isoformat()
    entries: dict[str, Entry] = {}
    for foreign, matched in results:
        for known, findings in ((each.known, each.findings) for each in matched):
            for finding in findings:
                entry = Entry(
                    fingerprint=finding.fingerprint,
                    rule=finding.rule.id,
                    path=said.mask.name(as_text(finding.occurrences[0].path)),
                    reason=said.of_known(known, foreign),
                    owner=said.mask.text(said.owner),
                    added=known.added or today,
                    expires=said.expires,
                )
                entries.setdefault(finding.fingerprint, entry)
    return list(entries.values())


def _of_baseline(
    tree: WorkTree, entries: list[Entry], identity: Callable[[bytes | None], Identity]
) -> Edit | None:
    old = content(tree, baseline.NAME)
    if old is None:
        before = Baseline(identity(None).key, ())
    else:
        before = baseline.parsed(baseline.NAME, old)
        baseline.check(baseline.NAME, before, identity(salt_of(before.key)))
    after = baseline.with_entries(before, entries)
    return None if after == before else Edit(baseline.NAME, old, baseline.text(after).encode())


def _of_settings(tree: WorkTree, results: Iterable[Taken], said: Said) -> Edit | None:
    wanted = [
        (exclusion, said.of_exclusion(exclusion.reason, foreign))
        for foreign, _ in results
        for exclusion in foreign.exclusions
    ]
    old = content(tree, settings_file.NAME)
    text = "" if old is None else _decoded(old)
    given = {"owner": said.mask.text(said.owner), "expires": said.expires}
    extra = {name: value for name, value in given.items() if value}
    entries = settings_entries.missing(text, wanted, extra) if wanted else []
    if not entries:
        return None
    changed = text or "version: 1\n\n"
    for entry in entries:
        after = appended(changed, "allow", settings_entries.lines(entry))
        if after is None:
            raise UsageError(
                f"{settings_file.NAME} cannot be added to: write allow as a list with a dash on a"
                " line of its own for each entry"
            )
        changed = after
    return Edit(settings_file.NAME, old, changed.encode())


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{settings_file.NAME} is not UTF-8") from None
