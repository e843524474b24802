"""age keys where SOPS keeps them, and what is encrypted for them.

The places are those of SOPS (https://getsops.io/docs/#encrypting-using-age), except that no program
is run: SOPS_AGE_KEY_CMD and age plugins are passed over.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pyrage

from scanner.errors import UsageError
from scanner.report.escape import visible
from scanner.vault import durable
from scanner.vault.store import StoreError

_LARGEST = 1 << 20
_PASSED_OVER = ("#", "AGE-PLUGIN-", "AGE-SECRET-KEY-PQ-")


class Keys(NamedTuple):
    """The user's identities; `recipient` is the public half of the first that is age's own."""

    identities: tuple[Any, ...]
    recipient: str


def key_files(environ: Mapping[str, str]) -> list[str]:
    """Return the files that SOPS reads age keys from; the first is where one is made."""
    named = environ.get("SOPS_AGE_KEY_FILE")
    return [*([os.path.abspath(named)] if named else []), _usual_file(environ)]


def _usual_file(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME") or os.path.expanduser("~")
    folder = environ.get("XDG_CONFIG_HOME")
    if sys.platform == "win32":
        folder = environ.get("APPDATA")
    elif sys.platform == "darwin" and not folder:
        folder = os.path.join(home, "Library", "Application Support")
    return os.path.join(folder or os.path.join(home, ".config"), "sops", "age", "keys.txt")


def keys(environ: Mapping[str, str]) -> Keys:
    """Return the user's keys; there may be none.

    Raises UsageError for a line that is no key, RefusedError for a file that cannot be read.
    """
    own = [_identity(*line) for line in _lines(environ)]
    ssh = list(_ssh_identities(environ))
    return Keys((*own, *ssh), str(own[0].to_public()) if own else "")


def _lines(environ: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Yield where each line with a key stands, its number, and the line."""
    texts = {"SOPS_AGE_KEY": "\n".join(environ.get("SOPS_AGE_KEY", "").split())}
    for path in key_files(environ):
        texts[path] = (durable.read(path, _LARGEST, follow=True) or b"").decode("ascii", "replace")
    for place, text in texts.items():
        for number, line in enumerate(map(str.strip, text.splitlines()), 1):
            if line and not line.startswith(_PASSED_OVER):
                yield place, number, line


def _identity(place: str, number: int, line: str) -> Any:
    try:
        return pyrage.x25519.Identity.from_str(line)
    except pyrage.IdentityError:
        raise UsageError(f"line {number} of {visible(place)} is not an age key") from None


def _ssh_identities(environ: Mapping[str, str]) -> Iterator[Any]:
    """Yield the SSH keys that are not protected by a passphrase."""
    home = environ.get("HOME") or os.path.expanduser("~")
    paths = [os.path.join(home, ".ssh", name) for name in ("id_ed25519", "id_rsa")]
    for path in (environ.get("SOPS_AGE_SSH_PRIVATE_KEY_FILE"), *paths):
        with suppress(StoreError, pyrage.IdentityError):
            content = durable.read(path, _LARGEST, follow=True) if path else None
            if content:
                yield pyrage.ssh.Identity.from_buffer(content)


def make(path: str) -> None:
    """Make a key in the file at `path`, readable by the user alone, unless there is a file.

    Raises RefusedError.
    """
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, 0o700, exist_ok=True)
    except OSError as error:
        raise durable.refusal(folder, "made", error) from None
    identity = pyrage.x25519.Identity.generate()
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    content = f"# created: {moment}\n# public key: {identity.to_public()}\n{identity}\n"
    with durable.locked(path):
        if durable.read(path, _LARGEST, follow=True) is None:
            durable.replace(path, content.encode())


def wrap(content: bytes, recipient: str) -> str:
    """Return `content` encrypted for an age or SSH recipient, armored; raise UsageError."""
    try:
        kind = pyrage.ssh if recipient.startswith("ssh-") else pyrage.x25519
        parsed = kind.Recipient.from_str(recipient)
        armored: bytes = pyrage.encrypt(content, [parsed], armored=True)
    except (pyrage.RecipientError, pyrage.EncryptError):
        raise UsageError(
            f"{visible(recipient)} is not a recipient that leakseal can encrypt for"
        ) from None
    return armored.decode("ascii")


def unwrap(wrapped: Sequence[str], identities: Sequence[Any]) -> bytes | None:
    """Return what the first of `wrapped` holds that one of the identities opens."""
    for armored in wrapped if identities else ():
        with suppress(pyrage.DecryptError):
            content: bytes = pyrage.decrypt(armored.encode(), list(identities))
            return content
    return None
