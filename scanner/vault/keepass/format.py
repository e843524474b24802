"""KDBX 4: from the bytes of a file to a database and back, through pykeepass.

Format: https://keepass.info/help/kb/kdbx.html. pykeepass would save a file without fsync, under a
fixed temporary name and readable by all, so it only turns bytes into bytes here.
"""

import io
import struct
import zlib
from typing import Any, NamedTuple
from uuid import uuid4

from argon2.exceptions import Argon2Error
from construct import ConstructError
from lxml import etree
from pykeepass import PyKeePass
from pykeepass.exceptions import CredentialsError, HeaderChecksumError, PayloadChecksumError
from pykeepass.kdbx_parsing import kdf_uuids
from pykeepass.pykeepass import BLANK_DATABASE_LOCATION, BLANK_DATABASE_PASSWORD

from scanner.report.escape import visible
from scanner.vault.keepass.key import Key
from scanner.vault.keepass.protected import spoilt
from scanner.vault.store import IntegrityError, StoreError

# Nothing vouches for the header before the key is derived as it says: 1 GiB and about a minute.
_MOST_MEMORY = 1 << 30
_MOST_WORK = 64 << 30  # bytes times passes
_MOST_LANES = 64
_MOST_ROUNDS = 10_000_000  # of AES
_ARGON2ID = {"I": 3, "M": 64 << 20, "P": 4}  # RFC 9106, section 4, second recommended option
# pykeepass lets through whatever a damaged file causes in it and in what it is made of.
_DAMAGE = (
    *(ConstructError, Argon2Error, CredentialsError, HeaderChecksumError, PayloadChecksumError),
    *(SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(AssertionError, OSError, struct.error, zlib.error),
)


class _Derived(NamedTuple):
    parameters: dict[str, Any]  # of the derivation, as the header has them
    key: bytes


class Codec:
    """Decrypts and encrypts the file at `path`; it is only named in messages.

    Deriving the key takes most of the time. As long as the file keeps its salt, the derived key
    serves every reading and writing; each writing has a seed and an IV of its own nevertheless.
    """

    def __init__(self, key: Key, path: str) -> None:
        """Use `key` for everything."""
        self._key = key
        self._name = visible(path)
        self._derived: _Derived | None = None

    def empty(self) -> Any:
        """Return an empty database with Argon2id and a history without limit."""
        database = PyKeePass(BLANK_DATABASE_LOCATION, BLANK_DATABASE_PASSWORD)
        parameters = _derivation(database)
        parameters["$UUID"].value = kdf_uuids["argon2id"]
        for name, number in _ARGON2ID.items():
            parameters[name].value = number
        database.password, database.keyfile = self._parts()
        database.database_name = "leakseal"
        database.root_group.uuid = uuid4()  # else that of every database made by pykeepass
        database.tree.find("Meta/HistoryMaxItems").text = "-1"
        return database

    def encrypted(self, database: Any) -> tuple[bytes, Any]:
        """Return the content of a file with `database`, and what decrypting that gives.

        Raises IntegrityError if the two databases are not the same.
        """
        stream = io.BytesIO()
        database.save(stream, transformed_key=self._derived_for(database))
        try:
            again = self._open(stream.getvalue())
            same = etree.tostring(again.tree) == etree.tostring(database.tree)
        except _DAMAGE:
            same = False
        if not same or again.binaries != database.binaries:
            raise IntegrityError(f"{self._name} would not hold what was put into it; not written")
        return stream.getvalue(), again

    def decrypted(self, raw: bytes) -> Any:
        """Return the database in `raw`.

        Raises IntegrityError for a wrong key or damage, StoreError for what cannot be handled.
        """
        try:
            database = self._open(raw)
            losing = spoilt(raw, database)
        except _DAMAGE:
            raise IntegrityError(
                f"{self._name} cannot be opened: wrong password or key file, or damage"
            ) from None
        if losing:
            raise StoreError(
                f"{self._name} has a password with control characters, or one that is not text, "
                "which writing would spoil; change it in KeePassXC"
            )
        return database

    def _open(self, raw: bytes) -> Any:
        closed = PyKeePass(io.BytesIO(raw), transformed_key=bytes(32), decrypt=False)
        if reason := _refused(closed):
            raise StoreError(f"{self._name} {reason}; change that in KeePassXC")
        password, file = self._parts()
        known = self._derived_for(closed)
        database = PyKeePass(io.BytesIO(raw), password, file, transformed_key=known)
        self._derived = _Derived(_values(database), database.transformed_key)
        return database

    def _derived_for(self, database: Any) -> bytes | None:
        known = self._derived
        return known.key if known and known.parameters == _values(database) else None

    def _parts(self) -> tuple[str | None, io.BytesIO | None]:
        password, file = self._key
        return (
            password.reveal().decode() if password else None,
            io.BytesIO(file.reveal()) if file else None,
        )


def _derivation(database: Any) -> Any:
    return database.kdbx.header.value.dynamic_header.kdf_parameters.data.dict


def _values(database: Any) -> dict[str, Any]:
    return {name: item.value for name, item in _derivation(database).items()}


def _refused(database: Any) -> str:
    """Return what in the header forbids to derive the key; empty if nothing does."""
    if database.version < (4, 0):
        return "is in an older format than KDBX 4"
    values = _values(database)
    if values["$UUID"] == kdf_uuids["aeskdf"]:
        return "" if values["R"] <= _MOST_ROUNDS else "asks for too many rounds of AES-KDF"
    if values["$UUID"] not in (kdf_uuids["argon2"], kdf_uuids["argon2id"]):
        return "has a key derivation that is not known"
    memory, passes, lanes = (values[name] for name in ("M", "I", "P"))
    if memory > _MOST_MEMORY or memory * passes > _MOST_WORK or lanes > _MOST_LANES:
        return "asks for too much memory or time to derive the key"
    return ""
