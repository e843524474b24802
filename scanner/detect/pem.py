"""Finds private key blocks from BEGIN to END in whatever dress source code puts them.

A body may stand on plain or indented lines, behind comment signs or a patch's `+`, in string
literals joined line by line, or on one line with its breaks escaped. The secret is the body alone,
in canonical base64, so that each dress gives the same one.
"""

import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.detect import keybody, randomness
from scanner.detect.candidate import Candidate
from scanner.detect.memo import Memo
from scanner.model import Confidence, Rule

LONGEST = 1 << 16
_SHORTEST_BODY = 56
_CUT_SHORT_LINES = 3
_BODY_LINE = 40
_CLEARLY_BODY = 24
_SHORTEST_LINE = 16
_LONGEST_LABEL = 64

_BEGIN = re.compile(rb"-{4,5} ?BEGIN (?P<label>[A-Za-z0-9 .]{3,48}?) ?-{4,5}")
_ESCAPE = re.compile(rb"\\{1,4}(?:u00|x)(0[aAdD]|2[bBfF]|3[dD])|\\{1,4}([nrt/=+])|<br ?/?>")
_MEANING = {b"n": b"\n", b"r": b"\n", b"t": b" "}
_QUOTE = re.compile(rb"\\{0,4}[\"'`]")
_HEADER = re.compile(
    rb"Proc-Type: ?4,ENCRYPTED|DEK-Info: ?[A-Za-z0-9-]{3,24},[0-9A-Fa-f]{8,32}"
    rb"|(?m:^[ \t#*/]{0,16}(?:Version|Comment|Subject|Hash|Charset|X-[\w-]{1,20}): [^\r\n]{0,200})"
)
_WORD = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
# Nothing but an escape, and a header that is taken out, can make one word of several pieces.
_MAYBE_BODY = re.compile(rb"[A-Za-z0-9+/=]{%d}|\\|Proc-Type:|DEK-Info:" % _CLEARLY_BODY)
_NOISE = bytes.maketrans(b",;()[]{}\\*#|>", b" " * 13)
_ELLIPSIS = re.compile(rb"\.\.\.|\xe2\x80\xa6|\*\*\*|REDACTED|(?i:x{8})")


class _Body(NamedTuple):
    """What stands between the lines of a block: how far it goes, and the key, empty if none."""

    used: int
    secret: bytes
    confidence: Confidence | None
    reasons: tuple[str, ...]


_NO_BODY = _Body(0, b"", None, ())
_READ: Memo[tuple[bytes, bytes, bytes, bool], _Body] = Memo(4 << 20)
_WORDS: Memo[tuple[bytes, int | None], list[bytes]] = Memo(2 << 20)


def candidates(data: bytes, start: int, end: int, rule: Rule) -> Iterator[Candidate]:
    """Yield the private key block whose BEGIN line holds `data[start:end]`, if it is a real one.

    A rule's pattern, if any, must match the whole label (`RSA PRIVATE KEY`).
    """
    opening = _opening(data, start, end)
    if opening is None or not _label(rule.pattern).fullmatch(opening["label"]):
        return
    closing = opening[0].replace(b"BEGIN", b"END")
    begin, stop = opening.end(), min(len(data), opening.end() + LONGEST)
    again = data.find(b"BEGIN ", begin, stop)
    if again >= 0:
        stop = again
    at = data.find(closing, begin, stop)
    cut = at < 0
    if cut:
        at = stop
    block = data[begin:at]
    dressed = data[max(0, opening.start() - 1) : opening.start()]
    body = _lately(block, dressed, opening["label"], cut)
    if body.secret:
        last = begin + body.used if cut else at + len(closing)
        yield Candidate(opening.start(), last, body.secret, body.confidence, body.reasons)


def _lately(block: bytes, dressed: bytes, label: bytes, cut: bool) -> _Body:
    """Return what `_read` does; every version of a file with a key asks it of the same bytes."""
    key = block, dressed, label, cut
    body = _READ.get(key)
    if body is None:
        body = _READ.keep(key, _read(*key), len(block) * 2)
    return body


def _read(block: bytes, dressed: bytes, label: bytes, cut: bool) -> _Body:
    words, used = _words(block, dressed, cut)
    words = _without_strays(words)
    judged = _judge(block[:used], words, label)
    if judged is None:
        return _NO_BODY
    secret, confidence, reason = judged
    if not cut:
        return _Body(used, secret, confidence, (reason,))
    if sum(len(word) >= _BODY_LINE for word in words) < _CUT_SHORT_LINES:
        return _NO_BODY
    return _Body(used, secret, Confidence.MEDIUM, (reason, "the block is cut short"))


@lru_cache(maxsize=64)
def _label(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode() or rb"[^\n]*")


def _opening(data: bytes, start: int, end: int) -> re.Match[bytes] | None:
    at = data.rfind(b"BEGIN ", max(0, start - _LONGEST_LABEL), end)
    if at < 0:
        return None
    found = _BEGIN.search(data, max(0, at - 6), end + _LONGEST_LABEL)
    return found if found is not None and found.start() <= at and found.end() > start else None


def _words(block: bytes, dressed: bytes, cut: bool) -> tuple[list[bytes], int]:
    """Return the body's base64 words and how much of `block` they take up.

    `dressed` is the byte before the BEGIN line: a quotation mark if it opens a string literal, `+`
    or `-` in a patch. A block that was cut ends where a line no longer looks like a body's.
    """
    words: list[bytes] = []
    used = 0
    inside = 0 if dressed in (b'"', b"'", b"`") else None
    for line in block.splitlines(keepends=True):
        text = line
        if dressed in (b"+", b"-") and text[:1] == dressed:
            text = text[1:]
        found = _line_words(text, inside) if not cut or _MAYBE_BODY.search(text) else []
        if cut and not any(len(word) >= _CLEARLY_BODY for word in found):
            if words and text.strip(b" \t\r\n\"'+\\#*/"):
                break
            found = []
        words += found
        used += len(line)
        inside = None
    return words, used


def _without_strays(words: list[bytes]) -> list[bytes]:
    """Drop what code or prose left between a body's lines: all its lines but the last are long."""
    long = [i for i, word in enumerate(words) if len(word) >= _SHORTEST_LINE]
    if not long:
        return words
    return [words[i] for i in long] + words[long[-1] + 1 : long[-1] + 2]


def _line_words(line: bytes, inside: int | None) -> list[bytes]:
    """Return the base64 words of a line; `inside` is 0 if it starts within a string literal."""
    key = line, inside
    words = _WORDS.get(key)
    if words is None:
        words = _WORDS.keep(key, _split(line, inside), 2 * len(line))
    return words


def _split(line: bytes, inside: int | None) -> list[bytes]:
    pieces = _QUOTE.split(_HEADER.sub(b"", line))
    if len(pieces) > 1:
        if inside is None:
            # Code precedes the first mark, unless the literal began on an earlier line.
            head = pieces[0].strip()
            inside = 0 if len(head) >= _SHORTEST_LINE and _WORD.fullmatch(head) else 1
        pieces = pieces[inside::2]
    text = _HEADER.sub(b" ", b" ".join(_ESCAPE.sub(_unescape, piece) for piece in pieces))
    return [
        word
        for word in text.translate(_NOISE).split()
        if _WORD.fullmatch(word) and word.strip(b"+/=")
    ]


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 16)])
    return _MEANING.get(match[2], match[2]) if match[2] else b"\n"


def _judge(
    block: bytes, words: list[bytes], label: bytes
) -> tuple[bytes, Confidence | None, str] | None:
    """Return the secret, how sure we are (None: as the rule says) and why; None for no key."""
    body = b"".join(words)
    if label.startswith(b"OpenVPN"):
        real = len(body) == 512 and randomness.entropy(body) > 3
        return (body.lower(), None, "OpenVPN static key of 2048 bits") if real else None
    bare = body.rstrip(b"=")
    if len(bare) < _SHORTEST_BODY or randomness.entropy(bare) < 4:
        return None
    try:
        content = binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return None if _ELLIPSIS.search(block) else (bare, Confidence.LOW, _NO_KEY)
    secret = binascii.b2a_base64(content, newline=False)
    key = keybody.describe(content)
    if b"4,ENCRYPTED" in block:
        key = keybody.Key("key in PEM encryption", len(content) % 8 == 0, protected=True)
    if key is None:
        likely = randomness.looks_random(bare) and not _ELLIPSIS.search(block)
        return (secret, Confidence.LOW, _NO_KEY) if likely else None
    if not key.whole:
        if _ELLIPSIS.search(block) or max(map(len, words)) < _BODY_LINE:
            return None
        return secret, Confidence.MEDIUM, f"{key.words}, not whole"
    if key.protected or label.startswith(b"ENCRYPTED "):
        return secret, Confidence.MEDIUM, f"{key.words}, protected by a passphrase"
    return secret, None, f"{key.words}, no passphrase"


_NO_KEY = "the body is not a key in a known form"
