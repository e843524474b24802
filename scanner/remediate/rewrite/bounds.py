"""What no format here is asked to edit, and what of a value is replaced as one."""

import re

from scanner.remediate.rewrite.edit import Refusal

LARGEST = 4 << 20  # bytes of a file
NEVER = re.compile(rb"(?!)")  # for a format that knows no references
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_URL = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*(?::[A-Za-z][A-Za-z0-9+.-]*)*://\S+")
_JDBC = re.compile(rb"jdbc:\S+")
_KEYWORDS = (b"host=", b"hostaddr=", b"dbname=", b"user=", b"password=", b"port=", b"service=")


def unfit(content: bytes) -> Refusal | None:
    """Return why no part of `content` can be replaced; None if it is text of a usual size."""
    if len(content) > LARGEST:
        return Refusal(f"the file is larger than {LARGEST >> 20} MiB")
    if content.startswith(_WIDE) or b"\0" in content:
        return Refusal("the file is UTF-16 or not text")
    return None


def newline(content: bytes) -> bytes:
    """Return the line end that `content` uses, by its first line."""
    first = content.find(b"\n")
    return b"\r\n" if first > 0 and content[first - 1 : first] == b"\r" else b"\n"


def is_connection(value: bytes) -> bool:
    """Tell whether `value` is nothing but a URL or a connection string.

    That is a URL with a scheme, a JDBC address, `Key=Value;Key=Value` as of ODBC and .NET, or
    `host=… password=…` as of libpq.
    """
    value = value.strip()
    if _URL.fullmatch(value) or _JDBC.fullmatch(value):
        return True
    pairs, words = value.strip(b";").split(b";"), value.split()
    if b"\n" in value or not words:
        return False
    if len(pairs) > 1:
        return all(b"=" in pair for pair in pairs)
    keyed = words[0].startswith(_KEYWORDS) and all(b"=" in word for word in words)
    return keyed and len(words) > 1


def is_whole(value: bytes, start: int, end: int) -> bool:
    """Tell whether a secret at `start` to `end` of `value` means that all of it is replaced."""
    return value[start:end].strip() == value.strip() or is_connection(value)
