"""What stands in the way of writing to Vault: asked of the server, which is not changed by it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scanner.report.escape import visible
from scanner.vault.hashicorp.answer import VaultError, field
from scanner.vault.hashicorp.connection import Connection
from scanner.vault.hashicorp.data import LARGEST
from scanner.vault.hashicorp.kv import Engine
from scanner.vault.hashicorp.place import Place, fit
from scanner.vault.store import Entry, Problem

NEEDED = ("create", "update", "read")  # on every path; `update` also for what create-only would do
SOON = 300  # seconds, for a token to end in
AT_ONCE = 200  # paths in one request


def problems(
    connection: Connection, place: Place, engine: Callable[[], Engine], entries: Iterable[Entry]
) -> list[Problem]:
    """Return what is wrong with the settings, the entries and, as far as it gets, the server."""
    wanted = list(entries)
    found = [*connection.settings.problems, *_entries(wanted)]
    if any(problem.fatal for problem in connection.settings.problems):
        return found
    try:
        client = connection.client
        found += _token(connection.token)
        found += engine().warnings()
        found += _permissions(client, engine(), place, wanted)
    except VaultError as error:
        found.append(Problem(error.problem, str(error)))
    return found


def _entries(entries: list[Entry]) -> Iterator[Problem]:
    for name, size, _ in entries:
        if size > LARGEST:
            message = f"{visible(name)} has {size} bytes, and Vault takes {LARGEST}"
            yield Problem("size", message)
        if fit(name) != name:
            yield Problem("name", f"{visible(name)} cannot be a path in Vault; {fit(name)} can")


def _token(answer: Any) -> Iterator[Problem]:
    seconds, uses = field(answer, int, "data", "ttl"), field(answer, int, "data", "num_uses")
    if seconds and seconds < SOON:
        yield Problem("login", f"the token ends in {seconds} s; take a fresh one", fatal=False)
    if uses:
        yield Problem("login", f"the token is good for {uses} requests only", fatal=False)


def _permissions(
    client: Any, engine: Engine, place: Place, entries: list[Entry]
) -> Iterator[Problem]:
    for area in engine.areas():
        paths = [area + place.path(entry.name) for entry in entries]
        lacking: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for path, capabilities in _capabilities(client, list(dict.fromkeys(paths))):
            if missing := tuple(one for one in NEEDED if one not in capabilities):
                lacking[missing].append(path)
        for missing, where in lacking.items():
            others = f" and {len(where) - 1} more" if where[1:] else ""
            grant = ", ".join(f'"{one}"' for one in NEEDED)
            yield Problem(
                "permission",
                f"the token lacks {', '.join(missing)} on {visible(where[0])}{others}; its policy "
                f'needs: path "{area}{place.path("*")}" {{ capabilities = [{grant}] }}',
            )


def _capabilities(client: Any, paths: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for start in range(0, len(paths), AT_ONCE):
        some = paths[start : start + AT_ONCE]
        answer = client.sys.get_capabilities(some)
        for path in some:
            given = field(answer, list, "data", path) or []
            yield path, NEEDED if "root" in given else tuple(given)
