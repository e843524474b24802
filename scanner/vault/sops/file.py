"""A SOPS file that is open: its values, and whether the seal over all of them fits.

A SOPS file holds a data key, encrypted for each recipient; every value is encrypted with it by
itself. The seal is the MAC: a digest over all values in order, encrypted and bound to the time
`lastmodified`. The format is that of https://github.com/getsops/sops.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from scanner.report.escape import visible
from scanner.vault.sops import cipher
from scanner.vault.sops.cipher import Plain
from scanner.vault.sops.layout import Layout, Leaf, layout
from scanner.vault.sops.rules import SUFFIX, Rule, encrypted
from scanner.vault.store import IntegrityError, StoreError

METADATA = "sops"
_ONLY_ENCRYPTED = bytes.fromhex("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69")
_SEAL_LINES = r"(?:[ \t]+(?:lastmodified|mac|version):[^\r\n]*\r?\n)+"
_SEAL_CONFLICT = re.compile(
    rf"^<<<<<<<[^\n]*\n({_SEAL_LINES})(?:\|{{7}}[^\n]*\n{_SEAL_LINES})?=======\r?\n{_SEAL_LINES}"
    r">>>>>>>[^\n]*\n",
    re.MULTILINE,
)
_CONFLICT = re.compile(r"^<<<<<<<", re.MULTILINE)

Unwrap = Callable[[Sequence[str]], bytes]


class Entry(NamedTuple):
    """An encrypted value: where it stands, what it is, and the facts beside it."""

    leaf: Leaf
    plain: Plain
    facts: dict[str, str]

    @property
    def nested(self) -> bool:
        """Tell whether it stands below the outermost mapping, where it has no facts."""
        return self.leaf.key < 0 or len(self.leaf.path) > 1


class File(NamedTuple):
    """A SOPS file that is open; `digest` is over all values, `sealed` tells if the MAC fits it."""

    text: str
    layout: Layout
    key: bytes
    encrypted: Rule
    entries: dict[str, Entry]
    digest: str
    sealed: bool


def open_file(text: str, unwrap: Unwrap) -> File:
    """Return the SOPS file `text` with every value decrypted.

    Raises IntegrityError if a value is not what was written, and StoreError for what leakseal
    cannot follow. Whether the MAC fits is for the caller to see.
    """
    if _CONFLICT.search(text):
        raise IntegrityError(
            "git left conflict markers in it; keep the values of both sides and lastmodified and "
            "mac of one, then open it with ?merged=accept"
        )
    found = layout(text)
    settings = _metadata(found)
    wrapped = [value for name, value in settings.items() if re.fullmatch(r"age/\d+/enc", name)]
    if not wrapped or any(name.startswith("key_groups/") for name in settings):
        raise StoreError("no age key by itself opens it; run: sops rotate -i --add-age KEY FILE")
    key = unwrap(wrapped)
    rule = encrypted(settings)
    values = [(leaf, _decrypted(leaf, key, rule)) for leaf in found.leaves if _content(leaf)]
    only = settings.get("mac_only_encrypted") == "True"
    digest = _digest(values, rule, only)
    sealed = _sealed(settings, key, digest)
    return File(text, found, key, rule, _entries(values, rule), digest, sealed)


def merged(text: str) -> str:
    """Return `text` with the seal of one side wherever git could not merge the seals of two."""
    return _SEAL_CONFLICT.sub(r"\1", text)


def seal(digest: str, key: bytes, moment: str) -> str:
    """Return the MAC as it stands in a file that was written at `moment`."""
    return cipher.encrypt(digest.encode(), key, moment)


def _metadata(found: Layout) -> dict[str, str]:
    """Return what stands below `sops:` by name; raise StoreError if this is not a SOPS file."""
    prefix = METADATA + "/"
    values = {x.name.removeprefix(prefix): x.text or "" for x in found.leaves if not _content(x)}
    if not values:
        raise StoreError("it is not a SOPS file; leakseal does not touch it")
    if not values.get("mac") or "lastmodified" not in values:
        raise IntegrityError("it has no MAC, so nobody can tell whether it is whole")
    return values


def _content(leaf: Leaf) -> bool:
    return leaf.path[:1] != (METADATA,)


def _decrypted(leaf: Leaf, key: bytes, rule: Rule) -> Plain | None:
    """Return what a leaf holds, decrypted if it is to be; None for null."""
    if leaf.text is None:
        return None
    if not rule(leaf.path):
        return Plain(leaf.text.encode(), "str", leaf.text.encode())
    if not leaf.string:
        raise IntegrityError(f"{visible(leaf.name)} is not encrypted")
    try:
        return cipher.decrypt(leaf.text, key, cipher.bound(leaf.path))
    except IntegrityError as error:
        raise IntegrityError(f"{visible(leaf.name)} {error}") from None


def _digest(values: Sequence[tuple[Leaf, Plain | None]], rule: Rule, only_encrypted: bool) -> str:
    digest = hashlib.sha512(_ONLY_ENCRYPTED if only_encrypted else b"")
    for leaf, plain in values:
        if plain and (not only_encrypted or rule(leaf.path)):
            digest.update(plain.words)
    return digest.hexdigest().upper()


def _sealed(settings: Mapping[str, str], key: bytes, digest: str) -> bool:
    try:
        mac = cipher.decrypt(settings["mac"], key, settings["lastmodified"])
    except IntegrityError:
        return False
    return hmac.compare_digest(mac.value, digest.encode())


def _entries(values: Sequence[tuple[Leaf, Plain | None]], rule: Rule) -> dict[str, Entry]:
    alone = {leaf.path[0] for leaf, _ in values if len(leaf.path) == 1 and leaf.key >= 0}
    facts: dict[str, dict[str, str]] = {}
    entries: dict[str, Entry] = {}
    for leaf, plain in values:
        owner = leaf.path[0].removesuffix(SUFFIX)
        if plain and len(leaf.path) == 2 and owner != leaf.path[0] and owner in alone:
            facts.setdefault(owner, {})[leaf.path[1]] = plain.value.decode("utf-8", "replace")
        elif plain and plain.kind != "comment" and rule(leaf.path):
            if leaf.name in entries:
                raise IntegrityError(f"two values are called {visible(leaf.name)}")
            entries[leaf.name] = Entry(leaf, plain, facts.setdefault(leaf.name, {}))
    return entries
