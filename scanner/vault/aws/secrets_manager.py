"""Keeps each value in a secret of AWS Secrets Manager: `aws-sm://REGION/NAME`.

See docs/stores/aws-secrets-manager.md; the limits are those of
https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import SplitResult

import boto3

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault.aws import tags
from scanner.vault.aws.client import open_client, open_session
from scanner.vault.aws.place import Place, base, entry
from scanner.vault.aws.preflight import already, key_problems, preflight, unfit_size, unwritten
from scanner.vault.aws.secrets_api import SecretsApi, current
from scanner.vault.fitting import SHORTEST, fit
from scanner.vault.store import (
    AbsentError,
    Capabilities,
    ConflictError,
    Entry,
    Held,
    Outcome,
    Problem,
    Put,
    UnfitError,
)

LARGEST = 65_536
LONGEST_NAME = 512
_OPTIONS = ("kms", "profile")
_FORBIDDEN = re.compile(r"[^A-Za-z0-9/_+=.@-]")
_LIKE_ARN = re.compile(r"-[^/]{6}\Z")  # AWS ends its ARNs so, and takes such a name for part of one
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")


def open_store(
    parts: SplitResult, environ: Mapping[str, str], folder: str
) -> "SecretsManagerStore":
    """Return the store on a base such as `aws-sm://eu-west-1/acme`. Nothing is sent yet.

    Raises UsageError if the URI or the configuration of AWS makes no sense.
    """
    return _opened(base(parts, _OPTIONS), environ)


def open_entry(
    parts: SplitResult, environ: Mapping[str, str], folder: str
) -> "tuple[SecretsManagerStore, str]":
    """Return the store that holds the entry at `parts`, and the name of the entry in it."""
    place, name = entry(parts, _OPTIONS)
    return _opened(place, environ), name


def _opened(place: Place, environ: Mapping[str, str]) -> "SecretsManagerStore":
    if _FORBIDDEN.search(place.path) or len(place.path) > LONGEST_NAME - SHORTEST:
        raise UsageError(
            f"{visible(place.uri)}: a name has letters, digits and /_+=.@-, "
            f"{LONGEST_NAME} with the entry's"
        )
    return SecretsManagerStore(place, open_session(place, environ), environ)


class SecretsManagerStore:
    """Implements `scanner.vault.store.Store`; a version is the UUID of the operation that made it.

    AWS never lets a version get another value, which makes every write one that can be repeated.
    """

    capabilities = Capabilities(LARGEST, binary=True, versions=True, check_and_set=True, facts=True)

    def __init__(self, place: Place, session: boto3.Session, environ: Mapping[str, str]) -> None:
        """Keep entries at `place`, as whom `session` is logged in."""
        self.uri = place.uri
        self._place = place
        self._session = session
        self._environ = environ
        self._api = SecretsApi(open_client(session, "secretsmanager", environ), place)

    def fit(self, name: str) -> str:
        """Return `name` with what AWS forbids or advises against replaced."""
        return fit(name, self._cleaned, LONGEST_NAME - len(self._api.prefix))

    def address(self, name: str) -> str:
        """Return the URI of one entry."""
        return self._place.below(name).uri

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what would stop these entries from being written and read back."""
        found = key_problems(self._session, self._environ, self._place)
        found += preflight(entries, LARGEST, self.fit, self._look)
        return [*found, unwritten("secretsmanager:CreateSecret and secretsmanager:TagResource")]

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the secret, or tell what is there."""
        content = self._content(name, value)
        standing = self._api.get(name)
        if standing is None:
            tagged = tags.tags(facts, self._place.options.tags)
            try:
                return Put(Outcome.CREATED, self._api.create(name, operation, content, tagged))
            except ConflictError:
                standing = self._api.get(name)
        if standing is None:
            return Put(Outcome.CONFLICT, "")  # no value in it, which may be somebody's plan
        same = standing.value == value.reveal()
        return Put(Outcome.SAME if same else Outcome.CONFLICT, standing.version)

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Stage `value` and make it the current one if `expected` is, which AWS itself checks."""
        self._content(name, value)  # says first what can never be kept
        standing = self._api.get(name)
        if standing is None:
            return Put(Outcome.CONFLICT, "")
        if standing.value == value.reveal():
            if standing.version == operation:  # done before, perhaps without the facts
                self._api.tag(name, tags.tags(facts, {}))
            return Put(Outcome.SAME, standing.version)
        if standing.version != expected:
            return Put(Outcome.CONFLICT, standing.version)
        try:
            version = self.stage(name, value, operation)
        except ConflictError:
            return Put(Outcome.CONFLICT, standing.version)
        if not self.promote(name, version, expected):
            return Put(Outcome.CONFLICT, current(self._api.describe(name)))
        self._api.tag(name, tags.tags(facts, {}))
        return Put(Outcome.CREATED, version)

    def stage(self, name: str, value: Secret, operation: str) -> str:
        """Add a version that is not the current one, and return its id; readers notice nothing.

        Raises ConflictError if `operation` has added another value before.
        """
        return self._api.stage(name, operation, self._content(name, value))

    def promote(self, name: str, version: str, expected: str) -> bool:
        """Make a staged version the current one if `expected` is; tell whether it is now."""
        return self._api.promote(name, version, expected)

    def read(self, name: str, version: str = "") -> Held:
        """Return a version by its id or label, or the current one; facts are of the newest."""
        standing = self._api.get(name, version)
        if standing is None:
            what = f"version {visible(version, 64)}" if version else "secret with a value"
            raise AbsentError(f"{self.address(name)}: there is no such {what}")
        facts = tags.facts(self._api.describe(name).get("Tags") or [])
        return Held(Secret(standing.value), standing.version, facts)

    def names(self) -> list[str]:
        """Return the names of all secrets below the base, sorted."""
        return self._api.names()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _cleaned(self, name: str) -> str:
        kept = _FORBIDDEN.sub("_", name)
        return f"{kept}_" if _LIKE_ARN.search(self._api.prefix + kept) else kept

    def _content(self, name: str, value: Secret) -> dict[str, Any]:
        raw = value.reveal()
        if not 0 < len(raw) <= LARGEST:
            raise UnfitError(unfit_size(self.address(name), len(raw), LARGEST))
        if self.fit(name) != name:
            raise UnfitError(f"{self.address(name)}: AWS does not allow such a name")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            return {"SecretBinary": raw}
        return {"SecretBinary": raw} if _NO_TEXT.search(text) else {"SecretString": text}

    def _look(self, name: str) -> list[Problem]:
        where = self.address(name)
        try:
            description = self._api.describe(name)
        except AbsentError:
            self._api.get(name)  # absent too, or reading values is not allowed
            return []
        if message := self._api.deletion(name, description):
            return [Problem("taken", message)]
        if not current(description):
            return [Problem("taken", f"{where}: this secret has no value yet; delete it first")]
        return [already(where)]
