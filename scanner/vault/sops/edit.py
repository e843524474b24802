"""Changes to the text of a SOPS file; what is not changed stays byte for byte.

An entry is a line of the outermost mapping, its facts are a mapping below it:

    shop/app/DB_PASSWORD: ENC[AES256_GCM,…,type:str]
    shop/app/DB_PASSWORD_unencrypted:
        rule: postgres-dsn

Entries are in order, so that git can merge two branches that added some.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from scanner.report.escape import visible
from scanner.vault.sops import cipher
from scanner.vault.sops.file import METADATA, File, Unwrap, open_file, seal
from scanner.vault.sops.layout import Leaf
from scanner.vault.sops.rules import SUFFIX
from scanner.vault.sops.scalars import quoted
from scanner.vault.store import StoreError

_VERSION = "3.13.3"  # of SOPS, whose format this is
_INDENT = "    "
_UNSEALED = "unsealed"  # until `reseal` puts time and MAC there


class _Change(NamedTuple):
    """`text` is to stand from `start` to `end`."""

    start: int
    end: int
    text: str


def create(wrapped: Mapping[str, str], settings: Mapping[str, str], unwrap: Unwrap) -> File:
    """Return a SOPS file without entries; `wrapped` is the data key by recipient."""
    lines = [f"{METADATA}:", f"{_INDENT}age:"]
    for recipient, armored in wrapped.items():
        lines += [f"{_INDENT * 2}- enc: |", *(_INDENT * 3 + x for x in armored.splitlines())]
        lines.append(f"{_INDENT * 2}  recipient: {quoted(recipient)}")
    lines += [f"{_INDENT}lastmodified: {_UNSEALED}", f"{_INDENT}mac: {_UNSEALED}"]
    for name, value in (settings or {"unencrypted_suffix": SUFFIX}).items():
        flag = name == "mac_only_encrypted"
        lines.append(f"{_INDENT}{name}: {value.lower() if flag else quoted(value)}")
    return reseal("\n".join([*lines, f"{_INDENT}version: {_VERSION}", ""]), unwrap)


class New(NamedTuple):
    """A value for an entry, with its facts."""

    name: str
    value: bytes
    facts: Mapping[str, str]


def put(file: File, entries: Iterable[New], unwrap: Unwrap) -> File:
    """Return the file with the values in their entries, each of which may be there or not.

    The facts of an entry are replaced; a nested one gets none. Raises StoreError for what cannot be
    written there.
    """
    by_place: dict[tuple[int, int], str] = {}
    for new in sorted(entries):
        for start, end, text in _entry_changes(file, new):
            by_place[start, end] = by_place.get((start, end), "") + text
    changes = [_Change(start, end, text) for (start, end), text in by_place.items()]
    return reseal(_changed(file.text, changes), unwrap)


def reseal(text: str, unwrap: Unwrap) -> File:
    """Return the file `text` with a MAC that fits its values, every one of which must decrypt."""
    file = open_file(text, unwrap)
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = {"lastmodified": quoted(moment), "mac": seal(file.digest, file.key, moment)}
    leaves = {leaf.name: leaf for leaf in file.layout.leaves}
    changes = [_change(leaves[f"{METADATA}/{name}"], word) for name, word in words.items()]
    sealed = _changed(text, changes)
    if len(sealed) != len(text):  # what follows stands elsewhere
        return open_file(sealed, unwrap)
    return file._replace(text=sealed, sealed=True)


def _entry_changes(file: File, new: New) -> list[_Change]:
    """Return what puts a value and its facts in place."""
    name, entry = new.name, file.entries.get(new.name)
    path = entry.leaf.path if entry else (name,)
    if not file.encrypted(path):
        raise StoreError(f"its settings leave {visible(name)} unencrypted")
    value = cipher.encrypt(new.value, file.key, cipher.bound(path)) or '""'
    if entry and entry.nested:
        return [_change(entry.leaf, value)]
    starts = file.layout.keys.values()
    if file.layout.flow or any(start and file.text[start - 1] != "\n" for start in starts):
        raise StoreError("its keys are not each at the start of a line; rewrite it with sops edit")
    beside = _facts_span(file, name)
    lines = _facts_lines(file, name, new.facts)
    if entry is None:
        start, end = beside or [_place(file, name)] * 2
        return [_Change(start, end, _joined(file, [f"{quoted(name)}: {value}", *lines], start))]
    start, end = beside or [_line_end(file.text, entry.leaf.end)] * 2
    return [_change(entry.leaf, value), _Change(start, end, _joined(file, lines, start))]


def _facts_lines(file: File, name: str, facts: Mapping[str, str]) -> list[str]:
    owner = name + SUFFIX
    lines = [f"{quoted(owner)}:"] if facts else []
    for fact, text in sorted(facts.items()):
        path = owner, fact
        bound = cipher.bound(path)
        secret = cipher.encrypt(text.encode(), file.key, bound) if file.encrypted(path) else ""
        lines.append(f"{_INDENT}{quoted(fact)}: {secret or quoted(text)}")
    return lines


def _facts_span(file: File, name: str) -> tuple[int, int] | None:
    """Return from where to where the facts of an entry stand, None if there are none."""
    owner = name + SUFFIX
    if owner not in file.layout.keys:
        return None
    ends = [leaf.end for leaf in file.layout.leaves if leaf.path[0] == owner]
    if not ends:
        raise StoreError(f"{visible(owner)} is empty; remove it with sops edit")
    return file.layout.keys[owner], _line_end(file.text, ends[-1])


def _place(file: File, name: str) -> int:
    """Return where the line of an entry belongs: before the next name, before comments on that."""
    later = (
        start
        for key, start in file.layout.keys.items()
        if key == METADATA or (key.removesuffix(SUFFIX), key) > (name, name)
    )
    start = next(later, len(file.text))
    while start and file.text[(above := file.text.rfind("\n", 0, start - 1) + 1)] == "#":
        start = above
    return start


def _line_end(text: str, position: int) -> int:
    """Return where the line after `position` begins."""
    if text[position - 1 : position] == "\n":
        return position
    return text.find("\n", position) + 1 or len(text)


def _joined(file: File, lines: list[str], start: int) -> str:
    end = "\r\n" if "\r\n" in file.text else "\n"
    broken = end if lines and start and file.text[start - 1] != "\n" else ""
    return broken + "".join(line + end for line in lines)


def _change(leaf: Leaf, text: str) -> _Change:
    if not leaf.inline:
        raise StoreError(f"{visible(leaf.name)} is not on one line; rewrite it with sops edit")
    return _Change(leaf.start, leaf.end, text)


def _changed(text: str, changes: list[_Change]) -> str:
    for start, end, piece in sorted(changes, reverse=True):
        text = text[:start] + piece + text[end:]
    return text
