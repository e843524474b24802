"""The calls of Parameter Store that a store needs, on the parameters below one path.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/Welcome.html says what each does.
"""

from time import sleep
from typing import Any, NamedTuple

from scanner.vault.aws.client import Client
from scanner.vault.aws.errors import DeclinedError, UnavailableError
from scanner.vault.aws.parameter_text import as_bytes
from scanner.vault.aws.place import Place
from scanner.vault.aws.tags import Tags, stale
from scanner.vault.store import ConflictError

OVERWRITES = 3
_ABSENT = ("ParameterNotFound", "ParameterVersionNotFound", "InvalidResourceId")
_ENCRYPTED = "SecureString"


class Standing(NamedTuple):
    """A version that a parameter has."""

    value: bytes
    version: str
    encrypted: bool


class ParametersApi:
    """Errors are those of `scanner.vault.aws.errors`."""

    def __init__(self, client: Client, once: Client, place: Place, tier: str) -> None:
        """Use `client` for the parameters below `place`, and `once` for what must not be repeated.

        `tier` is as AWS calls it; empty leaves it to AWS.
        """
        self._client = client
        self._once = once
        self._place = place
        self._kept = {"Type": _ENCRYPTED}
        if place.options.kms:
            self._kept["KeyId"] = place.options.kms
        if tier:
            self._kept["Tier"] = tier

    def get(self, name: str, version: str = "", decrypt: bool = True) -> Standing | None:
        """Return a version by its number or label, or the newest; None if there is none."""
        full = f"{self._full(name)}:{version}" if version else self._full(name)
        where = self._place.below(name).uri
        try:
            answer = self._client.call(
                where, "get_parameter", "Parameter", Name=full, WithDecryption=decrypt
            )["Parameter"]
        except DeclinedError as error:
            if error.code not in _ABSENT:
                raise
            return None
        encrypted = answer["Type"] == _ENCRYPTED
        return Standing(as_bytes(answer["Value"]), str(answer["Version"]), encrypted)

    def create(self, name: str, text: str, tags: Tags) -> str:
        """Create a parameter and return its version; raise ConflictError if it exists."""
        try:
            return self._put(self._client, name, text, Overwrite=False, Tags=tags)
        except DeclinedError as error:
            if error.code != "ParameterAlreadyExists":
                raise
            raise ConflictError(f"{self._place.below(name).uri}: another value is there") from None

    def overwrite(self, name: str, text: str, expected: str) -> str:
        """Put `text` over version `expected` and return the version that it has.

        AWS cannot be told to check the version, nor that a request is one sent before. So before it
        is sent again, what stands is looked at. Raises ConflictError if that is another version.
        """
        for attempt in range(OVERWRITES):
            try:
                return self._put(self._once, name, text, Overwrite=True)
            except UnavailableError:
                if attempt == OVERWRITES - 1:
                    raise
            sleep(1 << attempt)
            standing = self.get(name)
            if standing and standing.value == as_bytes(text):
                return standing.version
            if standing is None or standing.version != expected:
                break
        raise ConflictError(f"{self._place.below(name).uri}: another value was written meanwhile")

    def tags(self, name: str) -> list[dict[str, str]]:
        """Return the tags of a parameter; none if it does not exist."""
        where = self._place.below(name).uri
        try:
            answer = self._client.call(
                where, "list_tags_for_resource", "TagList", **self._resource(name)
            )
        except DeclinedError as error:
            if error.code not in _ABSENT:
                raise
            return []
        found: list[dict[str, str]] = answer["TagList"]
        return found

    def tag(self, name: str, tags: Tags) -> None:
        """Put `tags` in the place of ours that are there."""
        where = self._place.below(name).uri
        gone = stale(self.tags(name), tags)
        if tags:
            self._client.call(where, "add_tags_to_resource", "", Tags=tags, **self._resource(name))
        if gone:
            self._client.call(
                where, "remove_tags_from_resource", "", TagKeys=gone, **self._resource(name)
            )

    def names(self) -> list[str]:
        """Return the names of all parameters below the place, sorted; values are not fetched."""
        only = [{"Key": "Path", "Option": "Recursive", "Values": [self._place.path or "/"]}]
        found = self._client.items(
            self._place.uri, "describe_parameters", "Parameters", ParameterFilters=only
        )
        return sorted(parameter["Name"].removeprefix(self._full("")) for parameter in found)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
        self._once.close()

    def _put(self, client: Client, name: str, text: str, **parameters: Any) -> str:
        where = self._place.below(name).uri
        parameters |= {"Name": self._full(name), "Value": text, **self._kept}
        return str(client.call(where, "put_parameter", "Version", **parameters)["Version"])

    def _full(self, name: str) -> str:
        return f"{self._place.path}/{name}"

    def _resource(self, name: str) -> dict[str, str]:
        return {"ResourceType": "Parameter", "ResourceId": self._full(name)}
