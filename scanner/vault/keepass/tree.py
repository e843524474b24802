"""Groups and entries of a KeePass database, found by the names that lead to them.

pykeepass makes XPath from names, which those with quotes break, so it is not asked for them here.
Elements are lxml's.
"""

import struct
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from scanner.report.escape import visible
from scanner.vault.store import IntegrityError, StoreError

_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_TIMES = ("CreationTime", "LastModificationTime", "LastAccessTime", "ExpiryTime", "LocationChanged")


def find(database: Any, path: Sequence[str]) -> Any:
    """Return the entry at `path`, its groups and its title; None if there is none.

    Raises StoreError if there are several, as KeePass allows.
    """
    groups = [_root(database)]
    for name in path[:-1]:
        groups = [found for group in groups for found in _groups(database, group, name)]
    query = "Entry[String[Key='Title']/Value=$title]"  # the name is no part of the query
    found = [entry for group in groups for entry in group.xpath(query, title=path[-1])]
    if len(found) > 1:
        raise StoreError(f"{len(found)} entries are called {visible('/'.join(path))}; rename one")
    return found[0] if found else None


def create(database: Any, path: Sequence[str]) -> Any:
    """Return an entry that was added at `path`, with the groups that were missing."""
    group = _root(database)
    for name in path[:-1]:
        there = _groups(database, group, name)
        group = there[0] if there else _group(group, name)
    entry = _identified(group, "Entry")
    set_field(entry, "Title", path[-1])
    return entry


def paths(database: Any, base: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the path below the group `base` of every entry there, but not of what was deleted."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(_root(database), ())]
    while waiting:
        group, path = waiting.pop()
        depth = min(len(path), len(base))
        if path[:depth] != tuple(base[:depth]):
            continue
        waiting += [(g, (*path, g.findtext("Name") or "")) for g in _groups(database, group)]
        if len(path) >= len(base):
            yield from ((*path[len(base) :], _title(entry)) for entry in group.findall("Entry"))


def add(parent: Any, tag: str, text: str | None = None) -> Any:
    """Return an element that was added to `parent`."""
    child = parent.makeelement(tag)
    child.text = text
    parent.append(child)
    return child


def fields(entry: Any) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every field, such as Title and Password."""
    for field in entry.findall("String"):
        yield field.findtext("Key") or "", field.findtext("Value") or ""


def set_field(entry: Any, name: str, text: str, *, protected: bool = False) -> None:
    """Set one field; a protected one is encrypted once more inside the file."""
    remove_field(entry, name)
    field = add(entry, "String")
    add(field, "Key", name)
    content = add(field, "Value", text or None)  # XML does not tell empty from absent
    if protected:
        content.set("Protected", "True")


def remove_field(entry: Any, name: str) -> None:
    """Remove the field if there is one."""
    for field in entry.findall("String"):
        if field.findtext("Key") == name:
            entry.remove(field)


def modified(entry: Any) -> datetime:
    """Return when the entry was changed last; raise IntegrityError if it does not say."""
    text = entry.findtext("Times/LastModificationTime") or ""
    try:
        if text.endswith("Z"):  # as KDBX 3 has it; some programs keep that
            return datetime.fromisoformat(text)
        return _EPOCH + timedelta(seconds=struct.unpack("<Q", b64decode(text))[0])
    except (ValueError, OverflowError, struct.error):
        raise IntegrityError("an entry of the KeePass database has no valid time") from None


def set_modified(entry: Any, when: datetime) -> None:
    """Set when the entry was changed last."""
    entry.find("Times/LastModificationTime").text = _moment(when)


def _root(database: Any) -> Any:
    return database.tree.find("Root/Group")


def _groups(database: Any, parent: Any, name: str = "") -> list[Any]:
    """Return the groups in a group, or those of this name, without the one for what was deleted."""
    query = "Group[UUID!=$deleted and ($name='' or Name=$name)]"
    deleted = database.tree.findtext("Meta/RecycleBinUUID") or ""
    found: list[Any] = parent.xpath(query, deleted=deleted, name=name)
    return found


def _title(entry: Any) -> str:
    return next((text for name, text in fields(entry) if name == "Title"), "")


def _group(parent: Any, name: str) -> Any:
    group = _identified(parent, "Group")
    add(group, "Name", name)
    return group


def _identified(parent: Any, tag: str) -> Any:
    element = add(parent, tag)
    add(element, "UUID", b64encode(uuid4().bytes).decode())
    times = add(element, "Times")
    for name in _TIMES:
        add(times, name, _moment(datetime.now(UTC)))
    add(times, "Expires", "False")
    return element


def _moment(when: datetime) -> str:
    """Return a time as KDBX 4 has it: seconds since the year 1 in eight bytes, in base64."""
    return b64encode(struct.pack("<Q", int((when - _EPOCH).total_seconds()))).decode()
