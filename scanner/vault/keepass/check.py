"""What would stop a KeePass database from being written."""

import os
from collections.abc import Iterable

from scanner.gitdb.git import Git, GitError
from scanner.report.escape import visible
from scanner.vault.keepass.file import DatabaseFile
from scanner.vault.keepass.name import fit
from scanner.vault.store import Entry, IntegrityError, Problem, RefusedError, StoreError


def problems(file: DatabaseFile, entries: Iterable[Entry], largest: int) -> list[Problem]:
    """Return the problems with the file, its key and each of the entries; nothing is written."""
    return [*_file_problems(file), *_place_problems(file.path), *_entry_problems(entries, largest)]


def _file_problems(file: DatabaseFile) -> list[Problem]:
    try:
        if file.load() is None:
            made = "does not exist; the first writing makes it"
            return [Problem("address", f"{visible(file.path)} {made}", fatal=False)]
    except IntegrityError as error:
        return [Problem("login", str(error))]
    except RefusedError as error:
        return [Problem("permission", str(error))]
    except StoreError as error:
        return [Problem("address", str(error))]
    return []


def _place_problems(path: str) -> list[Problem]:
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        return [Problem("address", f"there is no folder {visible(folder)}; make it")]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [Problem("permission", f"{visible(folder)} cannot be written")]
    tree = _work_tree(folder)
    if tree is None or _ignored(tree, path):
        return []
    advice = "keep it elsewhere or ignore it; in history, an old password opens it for ever"
    return [Problem("address", f"{visible(path)} is in a repository; {advice}", fatal=False)]


def _work_tree(folder: str) -> str | None:
    while not os.path.lexists(os.path.join(folder, ".git")):
        folder, child = os.path.dirname(folder), folder
        if folder == child:
            return None
    return folder


def _ignored(tree: str, path: str) -> bool:
    """Tell whether the file is there and git neither has it nor would add it."""
    query = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", path)
    try:
        return os.path.exists(path) and not Git(os.path.join(tree, ".git"), tree).run(*query)
    except GitError:
        return False


def _entry_problems(entries: Iterable[Entry], largest: int) -> Iterable[Problem]:
    for entry in entries:
        name = visible(entry.name)
        if fit(entry.name) != entry.name:
            yield Problem("name", f"{name} cannot be the name of an entry; {fit(entry.name)} can")
        if entry.size > largest:
            yield Problem("size", f"{name} has {entry.size} bytes; an entry holds {largest}")
