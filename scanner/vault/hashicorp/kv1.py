"""Version 1 of the KV secrets engine: one value, the last writer wins, nothing kept beside it.

https://openbao.org/api-docs/secret/kv/kv-v1/. The name of a version is made here: a hash of the
data, keyed by random bytes that are stored beside it, so that it tells nothing of the value.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from scanner.report.escape import visible
from scanner.vault.hashicorp.answer import field
from scanner.vault.hashicorp.data import LARGEST
from scanner.vault.hashicorp.kv import NOTHING, Standing, listed, nonsense
from scanner.vault.store import AbsentError, Capabilities, Problem

SALT = "salt"


class KvV1:
    """A mount of version 1; see `scanner.vault.hashicorp.kv.Engine`."""

    capabilities = Capabilities(
        LARGEST, binary=False, versions=False, check_and_set=False, facts=False
    )

    def __init__(self, client: Any, mount: str) -> None:
        """Use `client`, an hvac.Client, for the engine at `mount`."""
        self._kv = client.secrets.kv.v1
        self._mount = mount
        self._salt = secrets.token_hex(16)  # for what others wrote: good for this run

    def areas(self) -> tuple[str, ...]:
        """Return what policies put before a path."""
        return (f"{self._mount}/",)

    def warnings(self) -> list[Problem]:
        """Say what this version cannot do."""
        message = (
            f"{self._mount} is version 1 of the KV engine: it has no facts, no older versions, and"
            " lets two writers overwrite each other; `vault kv enable-versioning` changes that"
        )
        return [Problem("engine", message, fatal=False)]

    def standing(self, path: str) -> Standing:
        """Return what stands at `path`."""
        try:
            return self.read(path, "")
        except AbsentError:
            return NOTHING

    def read(self, path: str, version: str) -> Standing:
        """Return what is at `path` if it is `version`, or whatever it is if that is empty."""
        answer = self._kv.read_secret(path, mount_point=self._mount)
        data = field(answer, dict, "data")
        if data is None:
            raise nonsense(self._mount, path)
        found = self._version(data)
        if version not in ("", found):
            raise AbsentError(f"{self._mount}/{visible(path)} holds another version by now")
        return Standing(found, data)

    def next_version(self, standing: Standing) -> str:
        """Return nothing: there are no labels to tell it in."""
        return ""

    def write(
        self, path: str, data: Mapping[str, Any], labels: Mapping[str, str], over: Standing
    ) -> str:
        """Put `data` there, whatever stands by then: this version has no way to ask for less."""
        salted = {**data, SALT: secrets.token_hex(16)}
        self._kv.create_or_update_secret(path, salted, method="POST", mount_point=self._mount)
        return self._version(salted)

    def relabel(self, path: str, labels: Mapping[str, str], over: Standing) -> None:
        """Do nothing: there are no labels."""

    def listed(self, folder: str) -> list[str]:
        """Return the names right below `folder`."""
        return listed(self._kv, self._mount, folder)

    def _version(self, data: Mapping[str, Any]) -> str:
        salt = data.get(SALT)
        key = salt if isinstance(salt, str) and salt else self._salt
        content = json.dumps({**data, SALT: None}, sort_keys=True)
        return hmac.new(key.encode(), content.encode(), "sha256").hexdigest()[:32]
