"""`leakseal vault doctor`: says of a store what it can do and what stands in the way of writing."""

import json
import os
import secrets
from contextlib import closing
from typing import NamedTuple
from uuid import uuid4

import click

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault import choose
from scanner.vault.store import (
    Capabilities,
    Entry,
    IntegrityError,
    Outcome,
    Problem,
    RefusedError,
    Store,
    StoreError,
)

_UNREACHED = 3
_KINDS = (
    *("password", "api-key", "ssh-key", "certificate"),
    *("encryption-key", "connection-string"),
)
_REACHED = ("address", "tls", "login", "permission")  # each can be told only if those before are ok
_ALWAYS = ("name", "size")
_STOPS = ("address", "tls", "login", "sealed", "engine", "library")
_ON_DISK = ("kdbx", "sops")
_LONGEST = 1000


class Diagnosis(NamedTuple):
    """What was found out about one store. `checks` maps a code to ok, problem or unknown."""

    uri: str
    capabilities: Capabilities | None
    checks: dict[str, str]
    problems: list[Problem]
    left: str = ""  # the URI of the entry that a write test wrote

    @property
    def fatal(self) -> bool:
        """Tell whether something forbids to write."""
        return any(problem.fatal for problem in self.problems)


@click.group(name="vault")
def command() -> None:
    """Check the stores that secrets go to."""


@command.command(name="doctor")
@click.argument("uris", metavar="URI...", nargs=-1, required=True)
@click.option("--name", default="leakseal-doctor-probe", help="Name of the entry to ask about.")
@click.option("--size", default=64, type=click.IntRange(0, 1 << 30), help="Its bytes.")
@click.option("--kind", default="", type=click.Choice(("", *_KINDS)), help="What its value is.")
@click.option("--write-test", is_flag=True, help="Write a random entry, read it back, leave it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(
    uris: tuple[str, ...], name: str, size: int, kind: str, write_test: bool, as_json: bool
) -> int:
    """Say what stores can do and what would stop an entry from being written.

    Nothing is written without --write-test. Exit code 3 if a store cannot be written to.
    """
    probe = Entry(name, size, kind)
    found = [_diagnosis(uri, probe, write_test, several=bool(uris[1:])) for uri in uris]
    if as_json:
        click.echo(json.dumps([_as_json(diagnosis) for diagnosis in found], indent=2))
    else:
        click.echo("\n\n".join("\n".join(_lines(diagnosis)) for diagnosis in found))
    return _UNREACHED if any(diagnosis.fatal for diagnosis in found) else 0


def _diagnosis(uri: str, probe: Entry, write_test: bool, *, several: bool) -> Diagnosis:
    try:
        store = choose.store(uri, os.environ, os.getcwd())
    except (StoreError, UsageError) as error:
        if isinstance(error, UsageError) and not several:
            raise
        code = "login" if isinstance(error, RefusedError) else "address"
        problems = [Problem(code, str(error))]
        return Diagnosis(uri, None, _checks(uri, problems), problems)
    with closing(store):
        names = [probe.name, f"{probe.name}-{secrets.token_hex(4)}"]
        entries = [probe._replace(name=store.fit(name)) for name in names]
        problems = store.preflight(entries if write_test else entries[:1])
        diagnosis = Diagnosis(store.uri, store.capabilities, _checks(uri, problems), problems)
        if write_test and not diagnosis.fatal:
            return diagnosis._replace(left=_written(store, entries[1]))
        return diagnosis


def _checks(uri: str, problems: list[Problem]) -> dict[str, str]:
    codes = {problem.code for problem in problems}
    stopped = any(problem.fatal and problem.code in _STOPS for problem in problems)
    without = "unknown" if stopped else "ok"
    checks = {code: "problem" if code in codes else without for code in _REACHED}
    checks |= {code: "problem" if code in codes else "ok" for code in _ALWAYS}
    if uri.partition("://")[0] in _ON_DISK:
        del checks["tls"]
    return checks


def _written(store: Store, entry: Entry) -> str:
    """Write random bytes to `entry`, read them back and return where they are."""
    value = Secret(secrets.token_hex(entry.size // 2 + 1)[: entry.size].encode())
    put = store.put_new(entry.name, value, str(uuid4()), {}, entry.kind)
    address = store.address(entry.name)
    if put.outcome is not Outcome.CREATED or store.read(entry.name).value != value:
        raise IntegrityError(f"{visible(address)} does not hold what was written to it")
    return address


def _as_json(found: Diagnosis) -> dict[str, object]:
    capabilities = found.capabilities._asdict() if found.capabilities else None
    problems = [problem._asdict() for problem in found.problems]
    return found._asdict() | {"capabilities": capabilities, "problems": problems}


def _lines(found: Diagnosis) -> list[str]:
    lines = [visible(found.uri, _LONGEST)]
    if found.capabilities:
        lines += [f"  {words}" for words in _words(found.capabilities)]
    lines += [f"{state:8} {code}" for code, state in found.checks.items() if state != "problem"]
    lines += [
        f"{'fatal' if fatal else 'note':8} {code}: {visible(message, _LONGEST)}"
        for code, message, fatal in found.problems
    ]
    if found.left:
        lines.append(f"ok       wrote {visible(found.left, _LONGEST)} and read it back")
        lines.append("         leakseal deletes nothing from a store: remove this entry yourself")
    return lines


def _words(can: Capabilities) -> list[str]:
    return [
        f"a value may have {can.largest} bytes; any bytes are kept"
        + ("" if can.binary else ", in base64 where they are no text"),
        "older versions stay readable" if can.versions else "older versions cannot be read",
        "two writers cannot overwrite each other"
        if can.check_and_set
        else "two writers can overwrite each other: run one at a time",
        "facts are kept beside a value" if can.facts else "facts are not kept",
    ]
