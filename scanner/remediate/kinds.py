"""What may be said in the open about a secret of each kind, and what is odd about it."""

import base64
import hashlib
import re
import warnings
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from scanner.model import Secret

_SAFE = re.compile(r"[A-Za-z0-9._:/@+-]{1,200}")


def facts(kind: str, secret: Secret) -> dict[str, str]:
    """Return facts of a secret that are safe to keep beside it in the open.

    The public fingerprint of an SSH key, the expiry of a certificate, user, host and database of a
    connection string. What cannot be parsed has none; keys that must outlive their rotation, since
    data may be encrypted with them, say so.
    """
    value = secret.reveal()
    if kind == "encryption-key":
        return {"keep": "until nothing is encrypted with it"}
    made = {
        "connection-string": _connection,
        "ssh-key": _ssh,
        "certificate": _certificate,
    }.get(kind)
    found = {} if made is None else dict(made(value))
    return {name: text for name, text in found.items() if _SAFE.fullmatch(text)}


def _connection(value: bytes) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(value.decode("ascii").removeprefix("jdbc:"))
        password = parts.password or ""
        if not (password and parts.hostname):  # else the user or the path can be the secret
            return
        found = {
            "scheme": parts.scheme,
            "user": parts.username or "",
            "host": parts.hostname or "",
            "port": str(parts.port or ""),
            "database": parts.path.strip("/"),
        }
    except ValueError:
        return
    for name, text in found.items():
        if text and not any(p in unquote(text) for p in (password, unquote(password))):
            yield name, text


def _ssh(value: bytes) -> Iterator[tuple[str, str]]:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old kinds of keys are what is found in old code
            key = serialization.load_ssh_private_key(value, None)
            public = key.public_key().public_bytes(
                serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
            )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return
    digest = hashlib.sha256(base64.b64decode(public.split()[1])).digest()
    yield "public_key", "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _certificate(value: bytes) -> Iterator[tuple[str, str]]:
    try:
        from cryptography import x509  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            certificate = x509.load_pem_x509_certificates(value)[0]
            yield "expires", certificate.not_valid_after_utc.date().isoformat()
            yield "serial", f"{certificate.serial_number:x}"
    except (ValueError, IndexError):
        return
