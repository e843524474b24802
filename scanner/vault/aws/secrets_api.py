"""The calls of AWS Secrets Manager that a store needs, on the secrets below one name.

https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html says what each does.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from scanner.vault.aws.client import Client
from scanner.vault.aws.errors import DeclinedError
from scanner.vault.aws.place import Place
from scanner.vault.aws.tags import Tags, stale
from scanner.vault.store import AbsentError, ConflictError, StoreError

CURRENT = "AWSCURRENT"
STAGED = "leakseal-pending"  # not AWSPENDING: that belongs to rotation by a Lambda function
_VERSION_ID = 32  # the least characters of one; a label has fewer
_ABSENT = "ResourceNotFoundException"
_EXISTS = "ResourceExistsException"
_INVALID = "InvalidRequestException"  # what every call says of a secret that waits for deletion
_ELSEWHERE = ("InvalidParameterException", _INVALID)  # the label is not on the version it was said


class Standing(NamedTuple):
    """A version that a secret has."""

    value: bytes
    version: str


class SecretsApi:
    """Errors are those of `scanner.vault.aws.errors`, and StoreError if a secret is deleted."""

    def __init__(self, client: Client, place: Place) -> None:
        """Use `client` for the secrets below `place`."""
        self._client = client
        self._place = place
        self.prefix = f"{place.path[1:]}/" if place.path else ""

    def get(self, name: str, version: str = "") -> Standing | None:
        """Return a version by its id or label, or the current one; None if there is none."""
        if version and len(version) >= _VERSION_ID:
            which = {"VersionId": version}
        else:
            which = {"VersionStage": version or CURRENT}
        try:
            answer = self._call(name, "get_secret_value", "VersionId", **which, **self._id(name))
        except DeclinedError as error:
            if error.code != _ABSENT:
                raise
            return None
        text = answer.get("SecretString")
        if text is None:
            return Standing(answer.get("SecretBinary", b""), answer["VersionId"])
        return Standing(text.encode("utf-8", "surrogatepass"), answer["VersionId"])

    def describe(self, name: str) -> dict[str, Any]:
        """Return what AWS tells of a secret without its values; raise AbsentError."""
        where = self._place.below(name).uri
        try:
            return self._client.call(where, "describe_secret", "Name", **self._id(name))
        except DeclinedError as error:
            if error.code != _ABSENT:
                raise
            raise AbsentError(f"{where}: there is no such secret") from None

    def create(self, name: str, operation: str, content: dict[str, Any], tags: Tags) -> str:
        """Create a secret and return the id of its version; raise ConflictError if it exists."""
        parameters = {"Name": self.prefix + name, "Tags": tags, **content}
        if kms := self._place.options.kms:
            parameters["KmsKeyId"] = kms
        return self._add(name, "create_secret", operation, parameters)

    def stage(self, name: str, operation: str, content: dict[str, Any]) -> str:
        """Add a version that is not the current one, and return its id; readers notice nothing.

        Raises ConflictError if `operation` has added another value before.
        """
        parameters = {"VersionStages": [STAGED], **content, **self._id(name)}
        return self._add(name, "put_secret_value", operation, parameters)

    def promote(self, name: str, version: str, expected: str) -> bool:
        """Make the staged `version` the current one if `expected` is; tell whether it is now."""
        try:
            self._move(name, CURRENT, RemoveFromVersionId=expected, MoveToVersionId=version)
            done = True
        except DeclinedError as error:
            if error.code not in _ELSEWHERE:
                raise
            # It may have been moved by a request whose answer got lost.
            done = current(self.describe(name)) == version
        try:
            self._move(name, STAGED, RemoveFromVersionId=version)
        except DeclinedError as error:
            if error.code not in _ELSEWHERE:  # another writer has the label
                raise
        return done

    def tag(self, name: str, tags: Tags) -> None:
        """Put `tags` in the place of ours that are there."""
        gone = stale(self.describe(name).get("Tags") or [], tags)
        if tags:
            self._call(name, "tag_resource", "", Tags=tags, **self._id(name))
        if gone:
            self._call(name, "untag_resource", "", TagKeys=gone, **self._id(name))

    def names(self) -> list[str]:
        """Return the names of all secrets below the place, sorted."""
        only = [{"Key": "name", "Values": [self.prefix]}] if self.prefix else []
        found = self._client.items(self._place.uri, "list_secrets", "SecretList", Filters=only)
        names = [secret["Name"] for secret in found]
        return sorted(n.removeprefix(self.prefix) for n in names if n.startswith(self.prefix))

    def deletion(self, name: str, description: Mapping[str, Any]) -> str:
        """Return what to say of a secret that waits for deletion, empty if it does not."""
        when = description.get("DeletedDate")
        if not when:
            return ""
        region = f" --region {self._place.region}" if self._place.region else ""
        return (
            f"{self._place.below(name).uri}: AWS deletes this secret on {when:%Y-%m-%d} and keeps "
            "its name till then; wait, or keep it: aws secretsmanager restore-secret"
            f"{region} --secret-id {self.prefix}{name}"
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _add(self, name: str, method: str, operation: str, parameters: dict[str, Any]) -> str:
        try:
            answer = self._call(
                name, method, "VersionId", ClientRequestToken=operation, **parameters
            )
        except DeclinedError as error:
            if error.code != _EXISTS:
                raise
            raise ConflictError(f"{self._place.below(name).uri}: another value is there") from None
        version: str = answer["VersionId"]
        return version

    def _move(self, name: str, label: str, **versions: str) -> None:
        parameters = {"VersionStage": label, **versions, **self._id(name)}
        self._call(name, "update_secret_version_stage", "ARN", **parameters)

    def _id(self, name: str) -> dict[str, str]:
        return {"SecretId": self.prefix + name}

    def _call(self, name: str, method: str, wanted: str, **parameters: Any) -> dict[str, Any]:
        try:
            return self._client.call(self._place.below(name).uri, method, wanted, **parameters)
        except DeclinedError as error:
            if error.code != _INVALID or not (message := self.deletion(name, self.describe(name))):
                raise
            raise StoreError(message) from None


def current(description: Mapping[str, Any]) -> str:
    """Return the id of the current version in what `describe` told, empty if there is none."""
    stages: dict[str, list[str]] = description.get("VersionIdsToStages") or {}
    return next((version for version, labels in stages.items() if CURRENT in labels), "")
