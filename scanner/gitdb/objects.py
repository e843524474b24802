"""Git objects and what their bytes say: commits, trees and tags, read as far as they make sense."""

import hashlib
from binascii import Error as HexError
from binascii import unhexlify
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

HASHES = {"sha1": 20, "sha256": 32}


class Limits(NamedTuple):
    """How much the reader of a repository takes on, in bytes unless said otherwise.

    `max_object_size` bounds one object; `base_budget` the bases held while a pack's deltas are
    walked; `cache_size` what random access keeps; `max_skipped` is how many `Skipped` of one code
    are listed one by one.
    """

    max_object_size: int = 256 << 20
    base_budget: int = 256 << 20
    cache_size: int = 64 << 20
    max_skipped: int = 100


class GitObject(NamedTuple):
    """An object whose `id` was checked against its bytes; `kind` is blob, tree, commit or tag."""

    id: bytes
    kind: bytes
    data: bytes


class Person(NamedTuple):
    """An author, committer or tagger; `when` is ISO 8601 with its own UTC offset, or empty."""

    name: bytes
    email: bytes
    when: str


class Commit(NamedTuple):
    """What a commit says; `tree` is empty if it names none."""

    tree: bytes
    parents: tuple[bytes, ...]
    author: Person
    committer: Person
    subject: bytes


NOBODY = Person(b"", b"", "")


def object_id(kind: bytes, data: bytes, hash_name: str) -> bytes:
    """Return the id git gives an object; `hash_name` is "sha1" or "sha256"."""
    digest = hashlib.new(hash_name, b"%s %d\0" % (kind, len(data)), usedforsecurity=False)
    digest.update(data)
    return digest.digest()


def commit_links(data: bytes, hash_size: int) -> tuple[bytes, tuple[bytes, ...]]:
    """Return a commit's tree, empty if it names none, and its parents."""
    tree = b""
    parents: list[bytes] = []
    head = data.partition(b"\n\n")[0]
    # All of it stands before the author, in commits that git has made.
    own, author, rest = head.partition(b"\nauthor ")
    if not author or b"\ntree " in rest or b"\nparent " in rest:
        own = head
    for line in own.split(b"\n"):
        if line.startswith(b"tree "):
            tree = tree or _id(line[5:], hash_size)
        elif line.startswith(b"parent "):
            parents.append(_id(line[7:], hash_size))
    return tree, tuple(filter(None, parents))


def parse_commit(data: bytes, hash_size: int) -> Commit:
    """Return what can be read of a commit; what is garbled stays empty."""
    author = committer = NOBODY
    head, _, message = data.partition(b"\n\n")
    for line in head.split(b"\n"):
        name, _, value = line.partition(b" ")
        if name == b"author" and author is NOBODY:
            author = _person(value)
        elif name == b"committer" and committer is NOBODY:
            committer = _person(value)
    return Commit(*commit_links(data, hash_size), author, committer, _subject(message))


def tree_entries(data: bytes, hash_size: int) -> list[tuple[bytes, bytes, bytes]]:
    """Return (mode, name, id) for the entries of a tree, up to the first that makes no sense."""
    entries = []
    position = 0
    find = data.find
    end = len(data) - hash_size
    while position < end:
        space = find(b" ", position, position + 12)
        stop = find(b"\0", space)
        after = stop + 1 + hash_size
        if space < 0 or stop < 0 or stop >= end:
            break
        entries.append((data[position:space], data[space + 1 : stop], data[stop + 1 : after]))
        position = after
    return entries


def _id(text: bytes, hash_size: int) -> bytes:
    try:
        value = unhexlify(text)
    except HexError:
        return b""
    return value if len(value) == hash_size else b""


def _person(value: bytes) -> Person:
    name, _, rest = value.partition(b"<")
    email, _, when = rest.rpartition(b">")
    return Person(name.strip(), email.strip(), _when(when.split()))


def _when(fields: list[bytes]) -> str:
    try:
        seconds = int(fields[0])
        zone = int(fields[1]) if len(fields) > 1 else 0
        minutes = abs(zone) // 100 * 60 + abs(zone) % 100
        offset = timezone(timedelta(minutes=-minutes if zone < 0 else minutes))
        return datetime.fromtimestamp(seconds, offset).isoformat()
    except (IndexError, ValueError, OverflowError, OSError):
        return ""


def _subject(message: bytes) -> bytes:
    """Return the first paragraph as one line, as git does."""
    paragraph = message.lstrip(b"\n").partition(b"\n\n")[0]
    return b" ".join(line.strip() for line in paragraph.split(b"\n")).strip()
