"""Names of entries and URIs of KeePass databases: `kdbx://FILE#group/title`."""

import hashlib
import os
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote

from scanner.errors import UsageError
from scanner.report.escape import as_bytes, visible

_LONGEST = 512
_DEEPEST = 64  # libxml2 reads no more than 256 elements inside each other
_REPLACED = "/{"  # the first divides groups, the second begins a placeholder in KeePassXC


class Place(NamedTuple):
    """Where a URI points: a file by its absolute path, and what stands after `#`."""

    file: str
    inside: str
    uri: str  # of the file


def place(parts: SplitResult, folder: str) -> Place:
    """Return where a `kdbx://` URI points; a file it names is relative to `folder`.

    Raises UsageError if it names no file or has a query.
    """
    file = unquote(parts.netloc + parts.path)
    if parts.query or not file or file.endswith("/") or "\0" in file:
        raise UsageError(f"{visible(parts.geturl())} is not like kdbx://secrets.kdbx")
    inside = unquote(parts.fragment)
    if inside and fit(inside) != inside:
        raise UsageError(f"{visible(inside)} cannot be a group or an entry; try {fit(inside)}")
    path = os.path.normpath(os.path.join(os.path.abspath(folder), file))
    return Place(path, inside, f"kdbx://{parts.netloc}{parts.path}")


def fragment(name: str) -> str:
    """Return the part of a URI that names a group or an entry."""
    return f"#{quote(name, safe='/')}" if name else ""


def fit(name: str) -> str:
    """Return `name` as groups and a title; see `Store.fit`."""
    segments = (_segment(segment) for segment in name.split("/", _DEEPEST - 1))
    fitted = "/".join(segment for segment in segments if segment)[:_LONGEST].rstrip(" /")
    if fitted == name:
        return name
    digest = hashlib.sha256(as_bytes(name)).hexdigest()[:10]
    return f"{fitted[: _LONGEST - len(digest) - 1]}-{digest}"


def _segment(text: str) -> str:
    kept = (c if c.isprintable() and c not in _REPLACED else "_" for c in text)
    return "".join(kept).strip(" ")
