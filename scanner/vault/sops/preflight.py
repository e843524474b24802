"""What stands in the way of writing to a SOPS file, found without writing anything."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping

from scanner.errors import LeaksealError
from scanner.report.escape import visible
from scanner.vault.sops import keys
from scanner.vault.sops.entry import LARGEST, fit
from scanner.vault.sops.file import File
from scanner.vault.store import Entry, IntegrityError, Problem, RefusedError

_EFFECTIVE = os.access in os.supports_effective_ids


def problems(
    path: str,
    environ: Mapping[str, str],
    entries: Iterable[Entry],
    opened: Callable[[], File | None],
) -> list[Problem]:
    """Return what would stop `entries` from being written to the file that `opened` opens."""
    entries = list(entries)
    found = [problem for entry in entries for problem in _unfit(entry)]
    try:
        file = opened()
        found += _of_folder(path)
        found += _unencrypted(file, entries) if file else _of_new_file(path, environ)
    except LeaksealError as error:
        found.append(Problem(_code(error), str(error)))
    return found


def _unfit(entry: Entry) -> Iterator[Problem]:
    if entry.size > LARGEST:
        yield Problem(
            "size", f"{visible(entry.name)} has {entry.size} bytes; a value may have {LARGEST}"
        )
    if fit(entry.name) != entry.name:
        yield Problem("name", f"{visible(entry.name)} cannot be a key of the file")


def _of_folder(path: str) -> Iterator[Problem]:
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        yield Problem("address", f"there is no folder {visible(folder)}; make it first")
    elif not os.access(folder, os.W_OK | os.X_OK, effective_ids=_EFFECTIVE):
        yield Problem("permission", f"you may not write to the folder {visible(folder)}")


def _unencrypted(file: File, entries: Iterable[Entry]) -> Iterator[Problem]:
    for entry in entries:
        if not file.encrypted((entry.name,)):
            yield Problem(
                "encryption", f"the settings of the file leave {visible(entry.name)} unencrypted"
            )


def _of_new_file(path: str, environ: Mapping[str, str]) -> Iterator[Problem]:
    """Yield what to know of a file that does not exist yet, and of the key that opens it."""
    planned = keys.plan(path, environ)
    if planned.key_file:
        yield Problem(
            "encryption",
            f"an age key will be made in {visible(planned.key_file)}; "
            "back it up, as without it nobody can read the secrets",
            fatal=False,
        )
        return
    keys.new_file(path, environ)
    if planned.source:
        listed = ", ".join(visible(recipient, 100) for recipient in planned.recipients)
        yield Problem(
            "encryption",
            f"{visible(path)} will be encrypted for {listed}, as {visible(planned.source)} says",
            fatal=False,
        )


def _code(error: LeaksealError) -> str:
    if isinstance(error, IntegrityError):
        return "encryption"
    return "permission" if isinstance(error, RefusedError) else "address"
