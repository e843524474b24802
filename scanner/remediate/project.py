"""The repository that is being cleaned, its key, and where what must not be committed is kept."""

import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import NamedTuple

from scanner.errors import UsageError
from scanner.gitdb.repository import Repository
from scanner.remediate.ledger.ledger import FOLDER
from scanner.triage import keys
from scanner.triage.identity import keyed

_MAC_PREFIX = "hmac-sha256:"


class ProjectKey:
    """Names secrets and file contents so that nobody without the key can test a guess."""

    __slots__ = ("_fingerprint_of", "_key", "id")

    def __init__(self, key: bytes, source: str) -> None:
        """Take the `key` that came from `source`; raise UsageError if it is too short."""
        self._fingerprint_of = keyed(key, source).fingerprint
        self._key = key
        self.id = self._mac(b"key id", b"")[:8]

    def fingerprint(self, family: str, secret: bytes) -> str:
        """Return the 40 digits that reports made with this key give the secret."""
        return self._fingerprint_of(family, secret)

    def value(self, value: bytes) -> str:
        """Return a name for a value to be stored, `hmac-sha256:` and 64 digits."""
        return _MAC_PREFIX + self._mac(b"value", value)

    def content(self, content: bytes) -> str:
        """Return a name for what a file holds, `hmac-sha256:` and 64 digits."""
        return _MAC_PREFIX + self._mac(b"content", content)

    def operation(self, value: str, uri: str) -> str:
        """Return the UUID that names the write of a value, by its name, to an entry."""
        raw = bytearray.fromhex(self._mac(b"operation", f"{value}\0{uri}".encode())[:32])
        raw[6] = raw[6] & 0x0F | 0x80  # RFC 9562, section 5.8: a UUID of our own making
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def _mac(self, purpose: bytes, data: bytes) -> str:
        return hmac.new(self._key, purpose + b"\0" + data, hashlib.sha256).hexdigest()


class Project(NamedTuple):
    """A repository with a work tree. `private` is a folder in its git directory.

    `made_key` tells that it had no key until it was opened.
    """

    top: str
    name: str
    repository: Repository
    private: str
    key: ProjectKey
    made_key: bool

    @property
    def ledger(self) -> str:
        """Return the folder of the remediation ledger, which is committed with the code."""
        return os.path.join(self.top, FOLDER)


def project(path: str, environ: Mapping[str, str]) -> Project:
    """Return the project that holds `path`; a repository without a key is given one.

    Raises UsageError if `path` is in no repository that has a work tree.
    """
    repository = Repository.discover(path)
    if repository is None or repository.work_tree is None:
        raise UsageError(f"{path} is in no git repository with files; name one with -C")
    top = repository.work_tree
    found = keys.find(environ, None, repository.common_dir, top)
    made = found is None
    if found is None:
        keys.make(repository.common_dir)
        found = keys.find(environ, None, repository.common_dir, top)
    if found is None:
        raise UsageError("the key that was made for this repository cannot be found; try again")
    private = os.path.join(repository.git_dir, "leakseal")
    return Project(top, _name(repository), repository, private, ProjectKey(*found), made)


def _name(repository: Repository) -> str:
    origin = repository.origin().rstrip("/").removesuffix(".git")
    name = origin.replace(":", "/").rpartition("/")[2]
    return name or os.path.basename(repository.work_tree or "") or "repository"
