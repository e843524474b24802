"""What lies in a git directory besides objects: refs, reflogs, text files, nested repositories.

Everything is read straight from the files, so that it works where git refuses to. Symbolic links
inside a git directory are not followed, except by `HEAD`, which old repositories have as one.
"""

import os
import stat
from binascii import Error as HexError
from binascii import unhexlify
from collections.abc import Iterator

from scanner.gitdb.files import read_regular

_REF_SIZE = 4096
_LIST_SIZE = 256 << 20
_HOPS = 5
_NOT_TEXT = frozenset(["objects", "modules", "lfs", "index", "index.lock"])


def read_id(text: bytes, hash_size: int) -> bytes:
    """Return the id that `text` begins with in hexadecimal, or nothing if there is none."""
    try:
        name = unhexlify(text[: 2 * hash_size])
    except (HexError, ValueError):
        return b""
    return name if len(name) == hash_size else b""


def files_below(directory: str) -> Iterator[str]:
    """Yield the paths of all regular files below a directory, in a stable order."""
    waiting = [directory]
    while waiting:
        folders = []
        for entry in _entries(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield entry.path
        waiting += reversed(folders)


def blocking_files(directory: str) -> Iterator[str]:
    """Yield what git would wait on for ever if it opened it: FIFOs and devices, links to them."""
    waiting = [directory]
    while waiting:
        for entry in _entries(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif not entry.is_file(follow_symlinks=False) and _blocks(entry):
                yield entry.path


def metadata_files(directory: str) -> Iterator[str]:
    """Yield the files of a git directory that may hold text: all but objects and indexes."""
    for name in _names(directory):
        path = os.path.join(directory, name)
        if name in _NOT_TEXT or name.startswith("sharedindex.") or os.path.islink(path):
            continue
        if name == "worktrees":
            for worktree in _names(path):
                yield from metadata_files(os.path.join(path, worktree))
        elif os.path.isfile(path):
            yield path
        elif os.path.isdir(path):
            yield from files_below(path)


def nested_git_dirs(directory: str) -> Iterator[str]:
    """Yield the submodules' git directories below a git directory, and those below them."""
    waiting = [os.path.join(directory, "modules")]
    waiting += [os.path.join(path, "modules") for path in worktree_dirs(directory)]
    while waiting:
        path = waiting.pop()
        for name in _names(path):
            inner = os.path.join(path, name)
            if os.path.islink(inner) or not os.path.isdir(inner):
                continue
            if os.path.isfile(os.path.join(inner, "HEAD")) and os.path.isdir(
                os.path.join(inner, "objects")
            ):
                yield inner
                waiting.append(os.path.join(inner, "modules"))
            else:
                # A submodule's name may contain slashes.
                waiting.append(inner)


def worktree_dirs(directory: str) -> list[str]:
    """Return the administrative directories of the linked worktrees."""
    parent = os.path.join(directory, "worktrees")
    paths = [os.path.join(parent, name) for name in _names(parent)]
    return [path for path in paths if os.path.isdir(path) and not os.path.islink(path)]


def stored_refs(directory: str, hash_size: int) -> dict[bytes, tuple[bytes, bytes]]:
    """Return (id, peeled id) by ref name, from packed-refs and the files below refs/.

    The id is empty for a ref that holds none; the peeled id is empty if it is not known.
    """
    found: dict[bytes, tuple[bytes, bytes]] = {}
    last = b""
    for line in _read(os.path.join(directory, "packed-refs"), _LIST_SIZE).split(b"\n"):
        if line.startswith(b"^") and last:
            found[last] = found[last][0], read_id(line[1:], hash_size)
        elif line and not line.startswith(b"#"):
            last = line[2 * hash_size + 1 :].rstrip(b"\r")
            found[last] = read_id(line, hash_size), b""
    for path in files_below(os.path.join(directory, "refs")):
        name = os.fsencode(os.path.relpath(path, directory)).replace(os.sep.encode(), b"/")
        if not name.endswith(b".lock"):
            found[name] = resolve(directory, name, hash_size, found), b""
    return found


def resolve(
    directory: str, name: bytes, hash_size: int, packed: dict[bytes, tuple[bytes, bytes]]
) -> bytes:
    """Return the id a ref stands for, through symbolic refs; empty if it stands for none."""
    for _ in range(_HOPS):
        content = read_ref(directory, name)
        if not content:
            return packed.get(name, (b"", b""))[0]
        if not content.startswith(b"ref:"):
            return read_id(content, hash_size)
        name = content[4:].strip()
    return b""


def read_ref(directory: str, name: bytes) -> bytes:
    """Return what the file of a ref holds; empty if there is none inside the directory."""
    if b".." in name.split(b"/") or b"\0" in name or name.startswith(b"/"):
        return b""
    path = os.path.join(directory, os.fsdecode(name))
    if os.path.islink(path):
        try:
            return b"ref: " + os.fsencode(os.readlink(path))
        except OSError:
            return b""
    return _read(path, _REF_SIZE).strip()


def logged_ids(path: str, hash_size: int) -> Iterator[bytes]:
    """Yield every id a reflog file names, the old and the new one of each line."""
    for line in _read(path, _LIST_SIZE).split(b"\n"):
        for start in (0, 2 * hash_size + 1):
            name = read_id(line[start:], hash_size)
            if any(name):
                yield name


def listed_ids(path: str, hash_size: int) -> set[bytes]:
    """Return the ids in a file that holds one a line."""
    lines = _read(path, _LIST_SIZE).split(b"\n")
    return {name for name in (read_id(line, hash_size) for line in lines) if name}


def _blocks(entry: os.DirEntry[str]) -> bool:
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def _read(path: str, limit: int) -> bytes:
    try:
        return read_regular(path, limit)
    except (OSError, ValueError):
        return b""


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
