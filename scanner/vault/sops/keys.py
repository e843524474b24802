"""Which age keys open a SOPS file, and whom one that does not exist yet is encrypted for."""

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from scanner.report.escape import visible
from scanner.vault.sops import age, edit
from scanner.vault.sops.config import creation, repository
from scanner.vault.sops.file import File
from scanner.vault.store import IntegrityError, RefusedError

_KEY_SIZE = 32


class Plan(NamedTuple):
    """How a file is made: `source` is the `.sops.yaml` that says so, empty for the user's own key.

    `key_file` is where the user's key has to be made first; empty if there is one.
    """

    recipients: tuple[str, ...]
    settings: dict[str, str]
    source: str
    key_file: str


def unwrap(wrapped: Sequence[str], environ: Mapping[str, str]) -> bytes:
    """Return the data key that one of the user's age keys opens.

    Raises RefusedError if none does, UsageError for a key that cannot be read.
    """
    key = age.unwrap(wrapped, age.keys(environ).identities)
    if key is None:
        places = ", ".join(map(visible, age.key_files(environ)))
        raise RefusedError(f"none of your age keys opens it; looked in SOPS_AGE_KEY, {places}")
    if len(key) != _KEY_SIZE:
        raise IntegrityError(f"its data key does not have {_KEY_SIZE} bytes")
    return key


def plan(path: str, environ: Mapping[str, str]) -> Plan:
    """Return how the file at `path` is to be made.

    Raises StoreError for a `.sops.yaml` that leakseal cannot follow, RefusedError if the user's key
    would be made in the repository or where a file without a key is.
    """
    rule = creation(path)
    settings = rule.settings if rule else {}
    if rule and rule.recipients:
        return Plan(rule.recipients, settings, rule.source, "")
    own = age.keys(environ).recipient
    if own:
        return Plan((own,), settings, "", "")
    place = age.key_files(environ)[0]
    if os.path.lexists(place):
        raise RefusedError(f"{visible(place)} holds no age key; add one with age-keygen")
    top = repository(path)
    if top and os.path.realpath(place).startswith(os.path.realpath(top) + os.sep):
        raise RefusedError(
            f"your age key would be made in the repository, as {visible(place)}; "
            "set SOPS_AGE_KEY_FILE to a file outside of it"
        )
    return Plan((), settings, "", place)


def new_file(path: str, environ: Mapping[str, str]) -> File:
    """Return a SOPS file without entries as `plan` says, nothing written but the key it may need.

    Raises what `plan` and `unwrap` raise: a file that the user could not read is not made.
    """
    planned = plan(path, environ)
    if planned.key_file:
        age.make(planned.key_file)
    recipients = planned.recipients or (age.keys(environ).recipient,)
    key = os.urandom(_KEY_SIZE)
    wrapped = {recipient: age.wrap(key, recipient) for recipient in recipients}
    return edit.create(wrapped, planned.settings, lambda found: unwrap(found, environ))
