"""Where others can install the leakseal that runs here from: a repository and a revision."""

import json
import os
import re
from importlib import metadata
from typing import NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import url2pathname

from scanner import __version__
from scanner.errors import UsageError
from scanner.gitdb.git import GitError
from scanner.gitdb.repository import Repository
from scanner.report.escape import visible

RELEASE = f"v{__version__}"
_SAFE = re.compile(r"[A-Za-z0-9/][A-Za-z0-9@:/._~+%-]*")  # nothing a shell or YAML would act upon
_SCP = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!//).+")


class Source(NamedTuple):
    """A repository of leakseal, by its URL, and one of its revisions.

    `released` is whether the revision is this version's tag.
    """

    url: str
    revision: str

    @property
    def released(self) -> bool:
        """Whether the revision is the tag of this version."""
        return self.revision == RELEASE

    @property
    def is_local(self) -> bool:
        """Whether only this machine has the repository."""
        return self.url.startswith("file:")

    @property
    def requirement(self) -> str:
        """What pip takes."""
        url = self.url
        if _SCP.fullmatch(url) and "://" not in url:
            host, _, path = url.partition(":")
            url = f"ssh://{host}/{path.lstrip('/')}"
        return f"git+{url}@{self.revision}"


def source(url: str | None, revision: str | None) -> Source:
    """Return the source with what the user named; what is left out is that of the installation.

    Raises UsageError if it is not known, or can stand in no file.
    """
    found = _installed() if url is None or revision is None else None
    if url is None and found is None:
        raise UsageError(
            "it is not known where others get leakseal from; name its repository: --source URL"
        )
    named = _clean(url if url is not None else found.url if found else "")
    chosen = revision or (found.revision if found else RELEASE)
    for text in (named, chosen):
        if not _SAFE.fullmatch(text):
            raise UsageError(f"{visible(text)} cannot be written into a hook's or a job's file")
    return Source(named, chosen)


def _installed() -> Source | None:
    """Return what pip noted of the installation (direct_url.json, PEP 610), None if nothing."""
    try:
        noted = metadata.distribution("leakseal").read_text("direct_url.json")
        fields = json.loads(noted) if noted else {}
    except (metadata.PackageNotFoundError, ValueError):
        return None
    url, vcs = fields.get("url", ""), fields.get("vcs_info", {})
    if vcs.get("vcs") == "git":
        asked = vcs.get("requested_revision")
        return Source(url, asked if asked == RELEASE else vcs.get("commit_id", RELEASE))
    parts = urlsplit(url)
    folder = url2pathname(parts.path) if parts.scheme == "file" else ""
    return _clone(folder) if os.path.isdir(folder) else None


def _clone(folder: str) -> Source | None:
    """Return the source that a clone of leakseal's repository is, or leads to."""
    repository = Repository.discover(folder)
    head = repository.head() if repository else None
    if repository is None or head is None or repository.work_tree != os.path.realpath(folder):
        return None
    tag = f"refs/tags/{RELEASE}".encode()
    tagged = any(ref.name == tag and ref.peeled == head for ref in repository.refs())
    try:
        origin = repository.git.run("config", "--get", "remote.origin.url").decode().strip()
    except (GitError, UnicodeDecodeError):
        origin = ""
    return Source(origin or folder, RELEASE if tagged else head.hex())


def _clean(url: str) -> str:
    """Return a URL without password, and without a user's name where that is one of a person."""
    if os.path.isabs(url):
        return "file://" + quote(url.replace(os.sep, "/"))
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0] + "@" if parts.scheme == "ssh" else ""
    return urlunsplit((parts.scheme, name + host, parts.path, "", ""))
