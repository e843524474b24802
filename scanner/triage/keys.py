"""Where the fingerprint key comes from, and the cache that stands in where there is none."""

import json
import os
import secrets
from collections.abc import Mapping

from scanner.errors import UsageError
from scanner.triage.identity import ENVIRONMENT, Identity, keyed, read_key, unkeyed

_LARGEST_CACHE = 64 << 20


def in_git_directory(common_dir: str) -> str:
    """Return where a repository's own key is kept."""
    return os.path.join(common_dir, "leakseal", "key")


def choose(
    environ: Mapping[str, str],
    key_file: str | None,
    common_dir: str | None,
    work_tree: str | None,
    salt: bytes,
) -> Identity:
    """Return the identity to use: LEAKSEAL_KEY, then `key_file`, then the git directory's key.

    Without any, fingerprints are derived with `salt` and cached. Raises UsageError for a bad key.
    """
    found = find(environ, key_file, common_dir, work_tree)
    return keyed(*found) if found else derived(environ, salt)


def find(
    environ: Mapping[str, str], key_file: str | None, common_dir: str | None, work_tree: str | None
) -> tuple[bytes, str] | None:
    """Return the key that `choose` would use and where it came from, or None if there is none."""
    if environ.get(ENVIRONMENT):
        key = environ[ENVIRONMENT].encode("utf-8", "surrogateescape")
        return key.rstrip(b"\r\n"), ENVIRONMENT  # as from a file
    if key_file:
        return read_key(key_file, work_tree), "key file"
    own = in_git_directory(common_dir) if common_dir else ""
    if own and os.path.isfile(own):
        return read_key(own, None), "git directory"
    return None


def derived(environ: Mapping[str, str], salt: bytes) -> Identity:
    """Return the identity that stands in where there is no key."""
    cache = Cache(os.path.join(_cache_directory(environ), "fingerprints.jsonl"))
    return unkeyed(salt, cache.known, cache.remember)


def make(common_dir: str) -> bool:
    """Make a repository's own key; False if there is one. Raises UsageError if it cannot be."""
    target = in_git_directory(common_dir)
    try:
        os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from None
    return True


class Cache:
    """Derived fingerprints by opaque name, one JSON pair a line; works without a file as well."""

    def __init__(self, path: str) -> None:
        """Read what is there; lines that make no sense are passed over."""
        self._path = path
        self.known: dict[str, str] = {}
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                for line in file.read(_LARGEST_CACHE).splitlines():
                    self._take(line)
        except OSError:
            return

    def _take(self, line: str) -> None:
        try:
            name, value = json.loads(line)
        except (ValueError, TypeError):
            return
        if isinstance(name, str) and isinstance(value, str):
            self.known.setdefault(name, value)

    def remember(self, name: str, value: str) -> None:
        """Add a pair, to the file as well if it can be written."""
        self.known[name] = value
        try:
            os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(json.dumps([name, value]).encode() + b"\n")
        except OSError:
            return


def _cache_directory(environ: Mapping[str, str]) -> str:
    base = environ.get("LOCALAPPDATA") if os.name == "nt" else environ.get("XDG_CACHE_HOME")
    if not base or not os.path.isabs(base):
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "leakseal")
