"""What a migration must remember to be resumed and undone: two files in the git directory.

One is the plan; the other holds the run of the ledger that tells how far it came, and for every
file that is changed how to put it back from the store. There is no secret in them.
"""

import json
import os
import re
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from scanner.errors import UsageError
from scanner.remediate import plan as plans
from scanner.remediate.plan import Plan
from scanner.report.escape import visible
from scanner.vault import durable
from scanner.vault.store import IntegrityError

_PLAN, _STATE = ".plan", ".json"
_ID = re.compile(r"[0-9]{8}-[0-9a-f]{8}")


class Piece(NamedTuple):
    """A stretch of a changed file, and what stood there before.

    From `start` to `end` of the new content stood `lead`, the value of the entry with the id
    `entry` as it is, and `trail`; with no entry just `lead`. `exact` is False where the value stood
    there in another form, which cannot be made again from the value.
    """

    start: int
    end: int
    lead: bytes
    entry: str
    trail: bytes
    exact: bool = True


class FileChange(NamedTuple):
    """A change of one file: the names of its content `before` and `after`, and the pieces.

    `after` is empty where the file is removed; `entries` are those that are replaced in it.
    """

    before: str
    after: str
    mode: int
    entries: tuple[str, ...]
    pieces: tuple[Piece, ...]


class Migration(NamedTuple):
    """A plan that was begun. `run` is its run in the ledger, `done` tells that all was done."""

    plan: Plan
    run: str
    done: bool
    undone: bool
    files: dict[str, FileChange]


class Journal:
    """The migrations of one work tree, in a folder of its git directory."""

    def __init__(self, private: str) -> None:
        """Keep them below `private`, which need not be there yet."""
        self._folder = os.path.join(private, "migrations")

    def begin(self, migration: Migration) -> None:
        """Write a migration with its plan; raise RefusedError if it cannot be."""
        durable.make_folder(self._folder, 0o700)
        durable.replace(self._path(migration.plan.id, _PLAN), plans.dumps(migration.plan).encode())
        self.save(migration)

    def save(self, migration: Migration) -> None:
        """Write how far a migration came, whole and durably; raise RefusedError if it cannot be."""
        members = {
            "run": migration.run,
            "done": migration.done,
            "undone": migration.undone,
            "files": {path: _change(change) for path, change in migration.files.items()},
        }
        durable.replace(self._path(migration.plan.id, _STATE), json.dumps(members).encode())

    def load(self, name: str) -> Migration | None:
        """Return the migration of the plan with this id, None if it was not begun."""
        try:
            with open(self._path(name, _STATE), "rb") as file:
                members = json.loads(file.read())
            with open(self._path(name, _PLAN), "rb") as file:
                plan = plans.loads(file.read())
            return Migration(
                plan=plan,
                run=str(members["run"]),
                done=members["done"] is True,
                undone=members["undone"] is True,
                files={path: _read(change) for path, change in members["files"].items()},
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise IntegrityError(f"{visible(self._path(name, _STATE))} is damaged") from None

    def names(self) -> list[str]:
        """Return the ids of all migrations, the oldest first."""
        try:
            found = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        names = [name.removesuffix(_STATE) for name in found if name.endswith(_STATE)]
        kept = [name for name in names if _ID.fullmatch(name)]
        return sorted(kept, key=lambda name: os.stat(self._path(name, _STATE)).st_mtime_ns)

    def _path(self, name: str, ending: str) -> str:
        if not _ID.fullmatch(name):
            raise UsageError(f"{visible(name)} is no id of a plan")
        return os.path.join(self._folder, name + ending)


def _change(change: FileChange) -> dict[str, Any]:
    pieces = [
        piece._asdict()
        | {"lead": b64encode(piece.lead).decode(), "trail": b64encode(piece.trail).decode()}
        for piece in change.pieces
    ]
    return change._asdict() | {"pieces": pieces}


def _read(members: dict[str, Any]) -> FileChange:
    pieces = tuple(
        Piece(
            int(piece["start"]),
            int(piece["end"]),
            b64decode(piece["lead"]),
            str(piece["entry"]),
            b64decode(piece["trail"]),
            piece["exact"] is True,
        )
        for piece in members["pieces"]
    )
    entries = tuple(str(entry) for entry in members["entries"])
    return FileChange(
        str(members["before"]), str(members["after"]), int(members["mode"]), entries, pieces
    )
