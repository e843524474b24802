"""Keeps each value in a parameter of AWS Systems Manager: `ssm://REGION/PATH`.

See docs/stores/aws-parameter-store.md; the limits are those of
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html
and https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import SplitResult

import boto3

from scanner.errors import UsageError
from scanner.model import Secret
from scanner.report.escape import visible
from scanner.vault.aws import tags
from scanner.vault.aws.client import open_client, open_session
from scanner.vault.aws.parameter_text import as_text
from scanner.vault.aws.parameters_api import ParametersApi
from scanner.vault.aws.place import Place, base, entry
from scanner.vault.aws.preflight import already, key_problems, preflight, unfit_size, unwritten
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


class _Tier(NamedTuple):
    name: str  # as AWS calls it
    largest: int


TIERS = {
    "": _Tier("", 4096),
    "standard": _Tier("Standard", 4096),
    "advanced": _Tier("Advanced", 8192),
    "intelligent": _Tier("Intelligent-Tiering", 8192),
}
LONGEST_NAME = 940  # of 1011 with the ARN before it, of which this leaves room for the longest
DEEPEST = 15
_OPTIONS = ("kms", "profile", "tier")
_FORBIDDEN = re.compile(r"[^A-Za-z0-9/_.-]")
_RESERVED = re.compile("aws|ssm", re.IGNORECASE)


def open_store(parts: SplitResult, environ: Mapping[str, str], folder: str) -> "ParameterStore":
    """Return the store on a base such as `ssm:///acme`. Nothing is sent yet.

    Raises UsageError if the URI or the configuration of AWS makes no sense.
    """
    return _opened(base(parts, _OPTIONS), environ)


def open_entry(
    parts: SplitResult, environ: Mapping[str, str], folder: str
) -> "tuple[ParameterStore, str]":
    """Return the store that holds the entry at `parts`, and the name of the entry in it."""
    place, name = entry(parts, _OPTIONS)
    return _opened(place, environ), name


def _opened(place: Place, environ: Mapping[str, str]) -> "ParameterStore":
    path = place.path
    if place.options.tier not in TIERS:
        raise UsageError(f"{visible(place.uri)}: tier is one of standard, advanced, intelligent")
    if _FORBIDDEN.search(path) or "//" in path or _RESERVED.match(path[1:]):
        raise UsageError(
            f"{visible(place.uri)}: a path has letters, digits, _ . - and single slashes, "
            "and does not begin with aws or ssm"
        )
    if path.count("/") >= DEEPEST or len(path) > LONGEST_NAME - SHORTEST:
        raise UsageError(f"{visible(place.uri)}: the path is too long or too deep for AWS")
    return ParameterStore(place, open_session(place, environ), environ)


class ParameterStore:
    """Implements `scanner.vault.store.Store`; a version is the number that AWS counts."""

    def __init__(self, place: Place, session: boto3.Session, environ: Mapping[str, str]) -> None:
        """Keep entries at `place`, as whom `session` is logged in."""
        self.uri = place.uri
        self._place = place
        self._session = session
        self._environ = environ
        tier = TIERS[place.options.tier]
        self.capabilities = Capabilities(
            tier.largest, binary=False, versions=True, check_and_set=False, facts=True
        )
        client = open_client(session, "ssm", environ)
        self._api = ParametersApi(client, open_client(session, "ssm", environ, 1), place, tier.name)

    def fit(self, name: str) -> str:
        """Return `name` with what AWS forbids replaced; what is too deep is flattened."""
        return fit(name, self._cleaned, LONGEST_NAME - len(self._place.path) - 1)

    def address(self, name: str) -> str:
        """Return the URI of one entry."""
        return self._place.below(name).uri

    def preflight(self, entries: Iterable[Entry]) -> list[Problem]:
        """Return what would stop these entries from being written and read back."""
        found = key_problems(self._session, self._environ, self._place)
        found += preflight(entries, self.capabilities.largest, self.fit, self._look)
        return [*found, unwritten("ssm:PutParameter and ssm:AddTagsToResource")]

    def put_new(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], kind: str = ""
    ) -> Put:
        """Create the parameter, encrypted, or tell what is there.

        The same value that is not encrypted is a CONFLICT: it must not be taken for a kept secret.
        """
        text = self._text(name, value)
        standing = self._api.get(name)
        if standing is None:
            tagged = tags.tags(facts, self._place.options.tags)
            try:
                return Put(Outcome.CREATED, self._api.create(name, text, tagged))
            except ConflictError:
                standing = self._api.get(name)
        if standing is None:
            return Put(Outcome.CONFLICT, "")
        same = standing.encrypted and standing.value == value.reveal()
        return Put(Outcome.SAME if same else Outcome.CONFLICT, standing.version)

    def put_version(
        self, name: str, value: Secret, operation: str, facts: Mapping[str, str], expected: str
    ) -> Put:
        """Overwrite version `expected` after a look at what stands; see `ParametersApi.overwrite`.

        Raises ConflictError if somebody wrote between the look and the write: AWS has put this
        value over theirs, which stays in the history.
        """
        text = self._text(name, value)
        standing = self._api.get(name)
        if standing is None:
            return Put(Outcome.CONFLICT, "")
        if standing.value == value.reveal():
            return Put(Outcome.SAME, standing.version)
        if standing.version != expected:
            return Put(Outcome.CONFLICT, standing.version)
        try:
            version = self._api.overwrite(name, text, expected)
        except ConflictError:
            standing = self._api.get(name)
            return Put(Outcome.CONFLICT, standing.version if standing else "")
        if int(version) != int(expected) + 1:
            raise ConflictError(
                f"{self.address(name)}: somebody else wrote version {int(version) - 1} at the same "
                f"time, and version {version} hides it; put back the right one"
            )
        self._api.tag(name, tags.tags(facts, {}))
        return Put(Outcome.CREATED, version)

    def read(self, name: str, version: str = "") -> Held:
        """Return a version by its number or label, or the newest; facts are of the newest."""
        standing = self._api.get(name, version)
        if standing is None:
            what = f"version {visible(version, 64)}" if version else "parameter"
            raise AbsentError(f"{self.address(name)}: there is no such {what}")
        facts = tags.facts(self._api.tags(name))
        return Held(Secret(standing.value), standing.version, facts)

    def names(self) -> list[str]:
        """Return the names of all parameters below the base, sorted."""
        return self._api.names()

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _cleaned(self, name: str) -> str:
        kept = _FORBIDDEN.sub("_", name)
        if not self._place.path and _RESERVED.match(kept):
            kept = f"_{kept}"
        levels = DEEPEST - self._place.path.count("/")
        *above, rest = kept.split("/", levels - 1)
        return "/".join([*above, rest.replace("/", "_")])

    def _text(self, name: str, value: Secret) -> str:
        raw, text = value.reveal(), as_text(value.reveal())
        size, largest = len(text.encode()), self.capabilities.largest
        if not raw or size > largest:
            raise UnfitError(unfit_size(self.address(name), size if raw else 0, largest))
        if self.fit(name) != name:
            raise UnfitError(f"{self.address(name)}: AWS does not allow such a name")
        return text

    def _look(self, name: str) -> list[Problem]:
        standing = self._api.get(name, decrypt=False)
        self._api.tags(name)  # shows whether that is allowed
        if standing is None:
            return []
        if not standing.encrypted:
            where = self.address(name)
            return [Problem("taken", f"{where}: is there and not encrypted; move or delete it")]
        return [already(self.address(name))]
