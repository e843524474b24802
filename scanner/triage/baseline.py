"""The baseline: what is accepted, one line for each secret. docs/baseline.md describes the file.

Branches merge it line by line, with git's `merge=union`: of two changes that touch, all lines of
both sides stay, so a line that one side took out may come back. Therefore an entry is not taken
out; a line that says so takes its place, and each line of a secret carries a revision: the highest
counts. Whatever order lines are in and however often they come, they mean the same.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from scanner.errors import UsageError
from scanner.triage import own_file
from scanner.triage.identity import Identity, salt_of

NAME = ".leakseal.baseline"
LARGEST = 64 << 20  # bytes
_VERSION = 1
_HEADER = ("baseline", "key")
_FINGERPRINT = re.compile(r"[0-9a-f]{40}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_KEY = re.compile(r"(hmac:[0-9a-f]{16}|root:([0-9a-f]{40}|[0-9a-f]{64})?)")
_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
_MOST_REVISIONS = 1 << 31
_REMOVALS_KEPT = timedelta(days=365)


class Entry(NamedTuple):
    """One accepted secret; `rule` and `path` tell people which, `fingerprint` decides.

    `added` and `expires` are ISO 8601 dates; what is not known is empty. `revision` grows with
    each change of the entry.
    """

    fingerprint: str
    rule: str
    path: str
    reason: str
    owner: str
    added: str
    expires: str
    revision: int = 0


class Removed(NamedTuple):
    """A secret that is no longer accepted since the date `removed`."""

    fingerprint: str
    removed: str
    revision: int


class Baseline(NamedTuple):
    """What is accepted, and what no longer is, each by fingerprint.

    `key` is that of the `Identity` the fingerprints were made with.
    """

    key: str
    entries: tuple[Entry, ...]
    removed: tuple[Removed, ...] = ()


def read(path: str) -> Baseline:
    """Return the baseline in the file `path`; raise UsageError if it is damaged or unreadable."""
    return parsed(path, own_file.named(path, LARGEST))


def read_own(path: str) -> Baseline | None:
    """Return the same; None if `path` is no regular file that belongs to whoever runs this."""
    content = own_file.own(path, LARGEST)
    return None if content is None else parsed(path, content)


def parsed(path: str, content: bytes) -> Baseline:
    """Return the baseline that `content` of the file `path` is; raise UsageError if it is none."""
    header, *lines = content.split(b"\n")
    try:
        key = _key(_fields(header, _HEADER))
    except ValueError as error:
        raise UsageError(f"{path}:1: {error}") from None
    found: list[Entry | Removed] = []
    for number, line in enumerate(lines, 2):
        try:
            each = _line(line.strip(), key)
        except ValueError as error:
            raise UsageError(f"{path}:{number}: {error}") from None
        if each is not None:
            found.append(each)
    return settled(key, found)


def text(baseline: Baseline) -> str:
    """Return the file's text: the header, then one line a secret, sorted by fingerprint."""
    lines: list[Entry | Removed] = [*baseline.entries, *baseline.removed]
    lines.sort(key=lambda each: each.fingerprint)
    head = _json({"baseline": _VERSION, "key": baseline.key})
    return "".join(line + "\n" for line in (head, *map(_written, lines)))


def check(path: str, baseline: Baseline, identity: Identity) -> None:
    """Raise UsageError if `identity` makes other fingerprints than those in the file `path`."""
    if identity.key == baseline.key:
        return
    if salt_of(baseline.key) is not None:
        raise UsageError(
            f"{path} was made without a key, but there is one now ({identity.source}): scan without"
            " the key, or remove the file and run: leakseal baseline create"
        )
    if salt_of(identity.key) is not None:
        raise UsageError(
            f"{path} was made with a key that is not here: set LEAKSEAL_KEY (hooks know no"
            " other way), give --key-file, or scan with --no-baseline"
        )
    raise UsageError(
        f"{path} was made with another key than this one ({identity.source}): use that key, or scan"
        " with --no-baseline"
    )


def with_entries(baseline: Baseline, entries: Iterable[Entry]) -> Baseline:
    """Return `baseline` with `entries` that it does not have yet, those once removed included."""
    known = {entry.fingerprint for entry in baseline.entries}
    before = {each.fingerprint: each.revision for each in baseline.removed}
    new = {
        entry.fingerprint: entry._replace(revision=after(before.get(entry.fingerprint, -1)))
        for entry in entries
        if entry.fingerprint not in known
    }
    return settled(baseline.key, (*baseline.entries, *baseline.removed, *new.values()))


def without(baseline: Baseline, fingerprints: Iterable[str], today: date) -> Baseline:
    """Return `baseline` with these entries removed; removals of long ago are forgotten.

    A branch that was left a year ago could bring such an entry back.
    """
    gone = set(fingerprints)
    removed = [
        Removed(entry.fingerprint, today.isoformat(), after(entry.revision))
        for entry in baseline.entries
        if entry.fingerprint in gone
    ]
    oldest = (today - _REMOVALS_KEPT).isoformat()
    kept = [each for each in baseline.removed if each.removed >= oldest]
    entries = [entry for entry in baseline.entries if entry.fingerprint not in gone]
    return settled(baseline.key, (*entries, *kept, *removed))


def after(revision: int) -> int:
    """Return the revision of a change to what has `revision`; the last there is has none above."""
    return min(revision + 1, _MOST_REVISIONS - 1)


def expired(expires: str, today: date) -> bool:
    """Tell whether something that is accepted until the date `expires`, if any, no longer is."""
    return bool(expires) and expires < today.isoformat()


def is_date(value: str) -> bool:
    """Tell whether `value` is a date such as 2026-01-31."""
    try:
        return bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def settled(key: str, found: Iterable[Entry | Removed]) -> Baseline:
    """Return the baseline that `found` makes: of each fingerprint, the last word."""
    last: dict[str, Entry | Removed] = {}
    for each in sorted(found, key=_rank):
        first = last.setdefault(each.fingerprint, each)
        if (
            isinstance(first, Entry)
            and isinstance(each, Entry)
            and first.revision == each.revision
            and "" < each.added < (first.added or "9")
        ):
            last[each.fingerprint] = first._replace(added=each.added)
    ordered = [last[name] for name in sorted(last)]
    return Baseline(
        key,
        tuple(each for each in ordered if isinstance(each, Entry)),
        tuple(each for each in ordered if isinstance(each, Removed)),
    )


def _rank(each: Entry | Removed) -> tuple[Any, ...]:
    """Return a key by which the last word comes first; a removal wins over a change.

    Of entries that branches made apart, the one that ends first counts, then one with a reason.
    """
    if isinstance(each, Removed):
        return -each.revision, False, each.removed
    terms = each.expires or "9", not each.reason, not each.owner
    return -each.revision, True, *terms, *map(str, each[1:])


def _line(line: bytes, key: str) -> Entry | Removed | None:
    if line.startswith(_CONFLICT):
        raise ValueError(
            "a merge left this conflict marker; take the markers out and keep the lines between"
        )
    if not line:
        return None
    fields = _fields(line, (*_HEADER, *Entry._fields, "removed"))
    if "baseline" in fields:  # both sides of a merge had one
        if _key(fields) != key:
            raise ValueError("two baselines of different keys were merged; keep one side's lines")
        return None
    if not _FINGERPRINT.fullmatch(_text(fields, "fingerprint")):
        raise ValueError("fingerprint must be 40 hexadecimal digits")
    for name in ("added", "expires", "removed"):
        if _text(fields, name) and not is_date(_text(fields, name)):
            raise ValueError(f"{name} must be a date such as 2026-01-31")
    revision = fields.get("revision", 0)
    if type(revision) is not int or not 0 <= revision < _MOST_REVISIONS:
        raise ValueError("revision must be a number")
    if "removed" in fields:
        return Removed(_text(fields, "fingerprint"), _text(fields, "removed"), revision)
    texts = {name: _text(fields, name) for name in Entry._fields if name != "revision"}
    return Entry(**texts, revision=revision)


def _fields(line: bytes, known: Iterable[str]) -> dict[str, Any]:
    try:
        fields = json.loads(line, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise ValueError("this is no line of a baseline")
    for name in fields:
        if name not in known:
            raise ValueError(f"unknown field {name}; a newer leakseal may know it")
    return fields


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of an object; raise ValueError if one stands there twice."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field stands there twice")
    return fields


def _key(fields: Mapping[str, Any]) -> str:
    version, key = fields.get("baseline"), fields.get("key")
    if type(version) is not int:
        raise ValueError('a baseline begins with {"baseline": 1, …}')
    if version != _VERSION:
        raise ValueError(f"version {version} is not known here; a newer leakseal may know it")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ValueError("the header does not tell which key made the fingerprints")
    return key


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    return value


def _written(each: Entry | Removed) -> str:
    fields = each._asdict()
    if isinstance(each, Entry) and not each.revision:
        del fields["revision"]
    return _json(fields)


def _json(fields: Mapping[str, Any]) -> str:
    """Return JSON on one line; letters as they are, what cannot be seen escaped."""
    written = json.dumps(fields, ensure_ascii=False)
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in written)
