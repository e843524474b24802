"""What the two versions of the KV secrets engine have in common."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from scanner.report.escape import visible
from scanner.vault.hashicorp.answer import UnreachableError, field
from scanner.vault.store import AbsentError, Capabilities, Problem


class Standing(NamedTuple):
    """What stands at a path; `version` is empty, and there is no data, where nothing does.

    `labels` are its custom metadata and `revision` is their own version, None where none is kept.
    """

    version: str
    data: Mapping[str, Any]
    labels: Mapping[str, str] = {}
    revision: int | None = None


NOTHING = Standing("", {})


class Engine(Protocol):
    """A mount of the KV secrets engine. Paths are relative to it."""

    capabilities: Capabilities

    def areas(self) -> tuple[str, ...]:
        """Return what comes before the path of an entry where policies name it."""
        ...

    def warnings(self) -> list[Problem]:
        """Return what is worth knowing of the mount."""
        ...

    def standing(self, path: str) -> Standing:
        """Return what stands at `path` with all that is needed to replace it."""
        ...

    def read(self, path: str, version: str) -> Standing:
        """Return `version`, or the newest one if that is empty; raise AbsentError."""
        ...

    def next_version(self, standing: Standing) -> str:
        """Return the version that will follow; empty if that cannot be told."""
        ...

    def write(
        self, path: str, data: Mapping[str, Any], labels: Mapping[str, str], over: Standing
    ) -> str:
        """Put `data` and `labels` over what stands; return the version that then stands.

        Raises MismatchError if something else stands by then, and leaves the data of it alone.
        """
        ...

    def relabel(self, path: str, labels: Mapping[str, str], over: Standing) -> None:
        """Give what stands other labels, unless it has others already; MismatchError."""
        ...

    def listed(self, folder: str) -> list[str]:
        """Return the names right below `folder`, those of folders with a slash at the end."""
        ...


def listed(engine: Any, mount: str, folder: str) -> list[str]:
    """Return the names right below `folder`; `engine` is hvac's for the version of the mount."""
    try:
        answer = engine.list_secrets(folder, mount_point=mount)
    except AbsentError:
        return []
    keys = field(answer, list, "data", "keys")
    if keys is None:
        raise nonsense(mount, folder)
    return [name for name in keys if isinstance(name, str)]


def nonsense(mount: str, path: str) -> UnreachableError:
    """Return the error for an answer that lacks what a KV engine says."""
    where = f"{visible(mount)}/{visible(path)}"
    return UnreachableError(f"{where}: the answer is not that of a KV engine; check VAULT_ADDR")
