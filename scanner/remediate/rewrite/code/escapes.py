r"""What the escapes in string literals mean, for languages that write them with a backslash.

The pattern of a language names its groups by what they are: `point` is a code point (hexadecimal,
also several in braces), `hex` and `octal` are numbers, `skip` stands for nothing, and `one` is a
single character.
"""

import re
from collections.abc import Callable, Mapping

Decode = Callable[[bytes], bytes]

CONTROL = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
BELLS = {**CONTROL, b"a": b"\a", b"v": b"\v"}
QUOTES = {b"'": b"'", b'"': b'"', b"\\": b"\\"}
POINTS = rb"[uU](?P<point>(?<=u)[0-9A-Fa-f]{4}|(?<=U)[0-9A-Fa-f]{8})"


def plain(raw: bytes) -> bytes:
    """Return what has no escapes as it is."""
    return raw


def unix_lines(raw: bytes) -> bytes:
    """Return `raw` with the line ends that compilers make of any others."""
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def text(raw: bytes) -> bytes:
    """Return `raw` in UTF-8 with surrogate pairs joined; ValueError for what is no text."""
    utf16 = raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return utf16.decode("utf-16-le").encode()


def kept(character: bytes) -> bytes:
    """Return an escape that means nothing special as it is written."""
    return b"\\" + character


def numeric(pattern: bytes) -> re.Pattern[bytes]:
    """Return the pattern of all escapes, given that of those which are more than a character."""
    return re.compile(rb"\\(?:" + pattern + rb"|(?P<one>[\s\S]))")


ONE = numeric(rb"(?!)")  # no escape is longer than a character


def decoder(
    escape: re.Pattern[bytes],
    single: Mapping[bytes, bytes],
    *,
    of_bytes: bool = False,
    unknown: Callable[[bytes], bytes] | None = None,
) -> Decode:
    """Return a function that undoes the escapes of some text; it raises ValueError if it cannot.

    Numbers are bytes or code points. `unknown` says what the escape of any other character means;
    without it there is no such escape.
    """

    def meaning(match: re.Match[bytes]) -> bytes:
        kind, digits = match.lastgroup or "skip", match[match.lastgroup or 0]
        if kind == "skip":
            return b""
        if kind == "one":
            return _character(digits, single, unknown)
        if kind == "point":
            return b"".join(_point(word) for word in digits.strip(b"{}").split())
        number = int(digits, 16 if kind == "hex" else 8)
        return bytes([number & 0xFF]) if of_bytes else _utf8(number)

    def decode(raw: bytes) -> bytes:
        value = escape.sub(meaning, raw)
        return value if of_bytes else text(value)

    return decode


def _character(
    character: bytes, single: Mapping[bytes, bytes], unknown: Callable[[bytes], bytes] | None
) -> bytes:
    if character in single:
        return single[character]
    if unknown is None:
        raise ValueError("unknown escape")
    return unknown(character)


def _point(digits: bytes) -> bytes:
    return _utf8(int(digits.replace(b"_", b""), 16))


def _utf8(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass")
