"""Version 2 of the KV secrets engine: versions, check-and-set, custom metadata.

https://openbao.org/api-docs/secret/kv/kv-v2/
"""

from collections.abc import Mapping
from typing import Any

from hvac.utils import format_url

from scanner.report.escape import visible
from scanner.vault.hashicorp.answer import (
    DeletedError,
    DeniedError,
    NotFoundError,
    field,
)
from scanner.vault.hashicorp.data import LARGEST
from scanner.vault.hashicorp.kv import NOTHING, Standing, listed, nonsense
from scanner.vault.store import AbsentError, Capabilities, Problem


class KvV2:
    """A mount of version 2; see `scanner.vault.hashicorp.kv.Engine`."""

    capabilities = Capabilities(
        LARGEST, binary=False, versions=True, check_and_set=True, facts=True
    )

    def __init__(self, client: Any, mount: str) -> None:
        """Use `client`, an hvac.Client, for the engine at `mount`."""
        self._client = client
        self._kv = client.secrets.kv.v2
        self._mount = mount

    def areas(self) -> tuple[str, ...]:
        """Return what policies put before a path."""
        return f"{self._mount}/data/", f"{self._mount}/metadata/"

    def warnings(self) -> list[Problem]:
        """Say what the mount does to versions, if its configuration may be read."""
        try:
            answer = self._kv.read_configuration(mount_point=self._mount)
        except (DeniedError, NotFoundError):
            return []
        most = field(answer, int, "data", "max_versions") or 10  # the engine's own default
        after = field(answer, str, "data", "delete_version_after") or "0s"
        said = []
        if most < 3:
            said.append(
                f"{self._mount} keeps {most} version(s): older values go when new ones come"
            )
        if after != "0s":
            said.append(f"{self._mount} deletes every version after {visible(after)}")
        return [Problem("engine", message, fatal=False) for message in said]

    def standing(self, path: str) -> Standing:
        """Return what stands at `path`; raise DeletedError if its newest version was deleted."""
        try:
            answer = self._kv.read_secret_metadata(path, mount_point=self._mount)
        except AbsentError:
            return NOTHING
        version = field(answer, int, "data", "current_version")
        revision = field(answer, int, "data", "current_metadata_version")  # OpenBao's alone
        if version is None:
            raise nonsense(self._mount, path)
        if version:
            return self.read(path, str(version))._replace(revision=revision)
        return Standing("", {}, _labels(answer, "data"), revision)

    def read(self, path: str, version: str) -> Standing:
        """Return `version` of what is at `path`, or the newest."""
        if version and not (version.isdecimal() and len(version) < 10 and int(version)):
            raise AbsentError(f"{self._mount}/{visible(path)} has no version {visible(version)}")
        try:
            answer = self._kv.read_secret_version(
                path, int(version or 0), mount_point=self._mount, raise_on_deleted_version=True
            )
        except NotFoundError as error:
            raise self._gone(path, version, error) from None
        data = field(answer, dict, "data", "data")
        found = field(answer, int, "data", "metadata", "version")
        if data is None or found is None or int(version or found) != found:
            raise nonsense(self._mount, path)
        return Standing(str(found), data, _labels(answer, "data", "metadata"))

    def next_version(self, standing: Standing) -> str:
        """Return the version that will follow."""
        return str(int(standing.version or 0) + 1)

    def write(
        self, path: str, data: Mapping[str, Any], labels: Mapping[str, str], over: Standing
    ) -> str:
        """Put labels, then data over what stands, so that an interrupted write leaves its name."""
        self.relabel(path, labels, over)
        answer = self._kv.create_or_update_secret(
            path, dict(data), cas=int(over.version or 0), mount_point=self._mount
        )
        version = field(answer, int, "data", "version")
        if version is None:
            raise nonsense(self._mount, path)
        return str(version)

    def relabel(self, path: str, labels: Mapping[str, str], over: Standing) -> None:
        """Replace the custom metadata; hvac's own call for that also resets a deletion time."""
        url = format_url("/v1/{mount}/metadata/{path}", mount=self._mount, path=path)
        wanted: dict[str, Any] = {"custom_metadata": dict(labels)}
        if over.revision is not None or over is NOTHING:
            wanted["metadata_cas"] = over.revision or 0  # Vault takes no notice of it
        self._client.adapter.post(url, json=wanted)

    def listed(self, folder: str) -> list[str]:
        """Return the names right below `folder`."""
        return listed(self._kv, self._mount, folder)

    def _gone(self, path: str, version: str, error: NotFoundError) -> Exception:
        where = f"{self._mount}/{visible(path)}"
        deleted = field(error.answer, int, "data", "metadata", "version")
        if deleted is None:
            return AbsentError(f"{where} has no version {version}" if version else str(error))
        if field(error.answer, bool, "data", "metadata", "destroyed"):
            return DeletedError(
                f"version {deleted} of {where} was destroyed; if nobody needs the others either, "
                f"remove all: vault kv metadata delete -mount={self._mount} {visible(path)}"
            )
        return DeletedError(
            f"version {deleted} of {where} was deleted; bring it back: "
            f"vault kv undelete -mount={self._mount} -versions={deleted} {visible(path)}"
        )


def _labels(answer: Any, *names: str) -> dict[str, str]:
    found = field(answer, dict, *names, "custom_metadata") or {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
