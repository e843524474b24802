"""Finds the object directories a repository reads from: its own and its alternates'."""

import os
import re

from scanner.gitdb.damage import SkipLog
from scanner.gitdb.files import read_regular

_DEPTH = 5
_ENTRIES = 1000
_FILE_SIZE = 1 << 20
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_LOOSE = re.compile(r"[0-9a-f]{2}")
_LEFTOVERS = ("incoming-", "tmp_objdir-")


def object_directories(first: str, skipped: SkipLog) -> list[str]:
    """Return `first` and the object directories it borrows from, each once.

    Alternates are followed five deep, as git does. The directories of unfinished pushes count as
    well. What an alternates file names and is no object directory goes to `skipped`.
    """
    found: dict[str, None] = {os.path.realpath(first): None}
    level = [first]
    for _ in range(_DEPTH + 1):
        borrowed: list[str] = []
        for directory in level:
            for path in _leftovers(directory) + _alternates(directory, skipped):
                real = os.path.realpath(path)
                if real in found or len(found) > _ENTRIES:
                    continue
                if is_object_directory(real):
                    found[real] = None
                    borrowed.append(real)
                else:
                    skipped.add("unreadable-alternate", path, "is not an object directory")
        level = borrowed
    for directory in level:
        if _alternates(directory, skipped):
            skipped.add("unreadable-alternate", directory, "alternates nest too deeply")
    return list(found)


def _alternates(directory: str, skipped: SkipLog) -> list[str]:
    path = os.path.join(directory, "info", "alternates")
    if not os.path.lexists(path):
        return []
    try:
        content = read_regular(path, _FILE_SIZE)
    except OSError:
        skipped.add("unreadable-alternate", path, "cannot be read")
        return []
    paths = []
    for line in content.split(b"\n"):
        name = _unquote(line) if line.startswith(b'"') else line
        if not name or line.startswith(b"#"):
            continue
        text = os.fsdecode(name)
        # On Windows, even to look at such a path would send the user's credentials to its host.
        if "\0" in text or (os.name == "nt" and text.startswith(("\\\\", "//"))):
            skipped.add("unreadable-alternate", text.replace("\0", "?"), "is not looked at")
        else:
            paths.append(os.path.join(directory, text))
    return paths


def _leftovers(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return [os.path.join(directory, name) for name in names if name.startswith(_LEFTOVERS)]


def is_object_directory(path: str) -> bool:
    """Tell whether a directory holds anything by which git's object directories are known."""
    try:
        names = os.listdir(path)
    except OSError:
        return False
    return any(
        (name in ("pack", "info") or _LOOSE.fullmatch(name))
        and os.path.isdir(os.path.join(path, name))
        for name in names
    )


def _unquote(line: bytes) -> bytes:
    def character(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 255]) if len(code) == 3 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(character, line.strip().strip(b'"'))
