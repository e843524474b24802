"""Where entries are: `vault://MOUNT/PREFIX?OPTIONS` and, for one of them, `…/NAME?OPTIONS#KEY`."""

import re
from typing import NamedTuple, Self
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlunsplit

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault import fitting

KEY = "value"  # of the data at a path, the one that holds the value
OPTIONS = ("namespace", "kv", "auth", "auth_mount", "role")
LONGEST = 200  # of a name: the file backend makes a file name of each part, and 255 is its most


class Place(NamedTuple):
    """A path prefix in one mount. `key` is the key of a path's data that holds the value."""

    mount: str
    prefix: str
    key: str
    options: dict[str, str]
    query: str  # the options as they were given

    @property
    def uri(self) -> str:
        """Return the URI of the base; with its key, if that is another than of all our entries."""
        return _uri(self.mount, self.prefix, self.query, "" if self.key == KEY else self.key)

    @classmethod
    def of_base(cls, parts: SplitResult) -> Self:
        """Return the place that the URI of a store names; raise UsageError if it names none."""
        if parts.fragment:
            raise UsageError(f"leave #{visible(parts.fragment)} out of {visible(parts.geturl())}")
        path = parts.path.removeprefix("/").removesuffix("/")
        return cls._of(parts, _path(path, parts) if path else "", KEY)

    @classmethod
    def of_entry(cls, parts: SplitResult) -> tuple[Self, str]:
        """Return the place of the whole mount, and the path in it of the entry at the URI."""
        place = cls._of(parts, "", unquote(parts.fragment) or KEY)
        return place, _path(parts.path.removeprefix("/"), parts)

    @classmethod
    def _of(cls, parts: SplitResult, prefix: str, key: str) -> Self:
        mount = _path(parts.netloc.replace("%2F", "/").replace("%2f", "/"), parts)
        return cls(mount, prefix, key, _options(parts), parts.query)

    def path(self, name: str) -> str:
        """Return the path of the entry `name` in the mount."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def address(self, name: str) -> str:
        """Return the URI of the entry `name`."""
        return _uri(self.mount, self.path(name), self.query, self.key)


def fit(name: str) -> str:
    """Return `name` with what policies, paths or storage give a meaning replaced by `_`."""
    return fitting.fit(name, _cleaned, LONGEST)


def _cleaned(name: str) -> str:
    parts = [re.sub(r"\.\.+|[^A-Za-z0-9._-]", "_", part) for part in name.split("/")]
    return "/".join("_" if part == "." else part for part in parts)


def _uri(mount: str, path: str, query: str, key: str) -> str:
    return urlunsplit(("vault", quote(mount, safe=""), quote(path), query, quote(key, safe="")))


def _path(quoted: str, parts: SplitResult) -> str:
    names = [unquote(name) for name in quoted.split("/")]
    if any(not name.strip(".") or "/" in name or not name.isprintable() for name in names):
        raise UsageError(
            f"{visible(parts.geturl())} does not name a mount and a path in it: vault://kv/acme"
        )
    return "/".join(names)


def _options(parts: SplitResult) -> dict[str, str]:
    given = parse_qsl(parts.query, keep_blank_values=True)
    options = dict(given)
    wrong = [name for name in options if name not in OPTIONS]
    if wrong or len(given) != len(options):
        raise UsageError(
            f"{visible(parts.geturl())}: ?{visible(parts.query)} is not understood; "
            f"there are, each once: {', '.join(OPTIONS)}"
        )
    if options.get("kv", "1") not in ("1", "2"):
        raise UsageError(f"{visible(parts.geturl())}: kv is 1 or 2, the version of the engine")
    return options
