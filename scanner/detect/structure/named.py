"""Checks for values that are known by a name on another line: judged as those on the same line."""

import binascii

from scanner.detect.names import Promise
from scanner.detect.structure.verdict import Standing, Verdict, told
from scanner.model import Confidence

_STANDINGS = {
    Confidence.LOW: Standing.DOUBTFUL,
    Confidence.MEDIUM: Standing.UNKNOWN,
    Confidence.HIGH: Standing.PROVED,
}


def named_password(secret: bytes) -> Verdict:
    """Tell whether `secret` is a literal password, and no placeholder, reference or word."""
    return _verdict(secret, Promise.PASSWORD)


def named_secret(secret: bytes) -> Verdict:
    """Tell whether `secret` is a generated secret, token or key."""
    return _verdict(secret, Promise.SECRET)


def basic_credentials(secret: bytes) -> Verdict:
    """Tell whether `secret` holds a user and a password as HTTP sends them (RFC 7617)."""
    try:
        user, colon, password = binascii.a2b_base64(secret, strict_mode=True).partition(b":")
    except ValueError:
        return Verdict(Standing.DISPROVED, "no base64")
    try:
        printable = user.decode().isprintable()
    except UnicodeDecodeError:
        printable = False
    if not colon or not printable:
        return Verdict(Standing.DISPROVED, "no user and password")
    return _verdict(password, Promise.PASSWORD)


def password_hash(secret: bytes) -> Verdict:
    """Tell whoever reads of `secret`, a hash of a password, what it is worth."""
    return told(f"a hash of {len(secret)} characters: the password has to be guessed from it")


def _verdict(secret: bytes, promised: Promise) -> Verdict:
    from scanner.detect.assignment import Style  # noqa: PLC0415 - the guard starts without them
    from scanner.detect.literals import judge  # noqa: PLC0415

    judged = judge(secret, Style.QUOTED, promised)
    if judged is None:
        return Verdict(Standing.DISPROVED, "no literal credential")
    confidence, reason = judged
    return Verdict(_STANDINGS[confidence], reason)
