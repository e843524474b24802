"""How far to believe that a literal is a credential, given what its name promises."""

import re

from scanner.detect.assignment import Style
from scanner.detect.names import Promise
from scanner.detect.randomness import entropy, looks_random, surprise
from scanner.detect.shapes import not_a_literal
from scanner.detect.values import is_uuid, orderly, plain
from scanner.detect.words import worded, words_share
from scanner.model import Confidence

_NOT_ASCII = bytes(range(128, 256))
_JOINTS = b"_-. /"
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.,:;/+=~%|()[]{}<> "
_DIGESTS = (32, 40, 64, 96, 128)
_HEX = b"0123456789abcdefABCDEF"
_WORDED = 0.8
_WORDED_KEY = 0.5
_BLOCK_KEYS = (16, 24, 32)  # bytes of an AES key
_WORDLESS = 0.2
_STRANGE = 6.0  # bits a character
_LONG_PASSWORD = 10
_SHORT_SECRET, _SHORT_TOKEN = 6, 8
_SHORTEST_KEY, _LONG_KEY = 16, 24

_TITLE = re.compile(rb"[A-Z][a-z]+(?:[ '\-][A-Za-z]+)*+\Z")
_CODED = re.compile(rb"[A-Za-z0-9+/_\-]{24,128}={0,2}\Z")
_CODE = re.compile(rb"[A-Za-z0-9]+[:.\-]?[A-Za-z0-9]+\Z")
_NO_NAME = 16  # letters, which no name in a program has without words among them
_UPPER, _LOWER, _DIGIT = (re.compile(of) for of in (rb"[A-Z]", rb"[a-z]", rb"[0-9]"))

Judgement = tuple[Confidence, str]


def judge(value: bytes, style: Style, promised: Promise) -> Judgement | None:
    """Return the confidence that `value` is what its name promises, and why; None if it is not."""
    if not_a_literal(value, style):
        return None
    if is_uuid(value):
        if promised in (Promise.LABEL, Promise.SOME_KEY):
            return None
        return Confidence.MEDIUM, "a UUID, as services give out for keys"
    if promised is Promise.PASSWORD:
        return _password(value, style)
    if promised is Promise.SOME_KEY:
        return _some_key(value, style)
    return _key(value, style, promised)


def _password(value: bytes, style: Style) -> Judgement:
    written = worded(value) >= _WORDED
    meant = style is not Style.BARE
    drawn = len(value) >= _NO_NAME and not written and looks_random(value)
    if not meant and not drawn and value.replace(b"_", b"").isalpha():
        return Confidence.LOW, "may be a name in a program"
    letters = value.translate(None, _NOT_ASCII)
    joined = letters.translate(None, _JOINTS).isalpha()
    strange = style is Style.QUOTED and _is_strange(letters)
    if not strange and (_TITLE.match(value) or (joined and letters != value)):
        return Confidence.LOW, "a word, perhaps of another language"
    if not written and len(value) >= _LONG_PASSWORD and looks_random(value):
        if len(value) in _DIGESTS and not value.strip(_HEX):
            return Confidence.MEDIUM, "hexadecimal, a password or a digest of one"
        if worded(plain(value)) < _WORDED:
            confidence = Confidence.MEDIUM if orderly(value) else Confidence.HIGH
            return confidence, f"looks generated ({entropy(value):.1f} bits a character)"
    if value.isdigit():
        number = meant and len(value) > 4
        return Confidence.MEDIUM if number else Confidence.LOW, "a number"
    if value.isalpha():
        if written:
            return Confidence.LOW, "a word"
        return Confidence.MEDIUM, "letters that make no known word"
    if joined and (written or not meant):
        return Confidence.LOW, "words, joined as in a name"
    return Confidence.MEDIUM, "a literal password"


def _key(value: bytes, style: Style, promised: Promise) -> Judgement | None:
    words = words_share(value)
    if words >= _WORDED_KEY or b" " in value:
        return None
    if promised is Promise.SECRET and style is Style.QUOTED and _is_chosen(value):
        return Confidence.MEDIUM, "letters, digits and signs, as people choose them"
    if not value.isascii():
        return None
    if len(value) >= _SHORTEST_KEY:
        if looks_random(value):
            sure = promised is not Promise.LABEL and words < _WORDLESS and _is_long_and_mixed(value)
            confidence = Confidence.HIGH if sure else Confidence.MEDIUM
            return confidence, f"looks generated ({entropy(value):.1f} bits a character)"
        if _dense(value):
            return Confidence.MEDIUM, "letters and digits mixed"
    value = value.strip(b"_-=")
    if style is Style.BARE or not value.isalnum():
        return None
    if value.isdigit():
        block = len(value) in _BLOCK_KEYS and promised is not Promise.TOKEN
        known = block or (promised is Promise.SECRET and len(value) >= _SHORT_SECRET)
        return (Confidence.MEDIUM, "a number") if known and len(set(value)) > 4 else None
    if promised not in (Promise.SECRET, Promise.TOKEN):
        return None
    if value.isalpha() and style is Style.QUOTED and _is_strange(value):
        shortest = _SHORT_SECRET if promised is Promise.SECRET else _SHORT_TOKEN
        known = len(value) < shortest or value.isupper()
    else:
        known = len(value) < _SHORT_TOKEN or _TITLE.match(value) is not None
        known = known or (value.isalpha() and (promised is Promise.TOKEN or value.isupper()))
    return None if known else (Confidence.MEDIUM, "letters that make no known word")


def _is_chosen(value: bytes) -> bool:
    """Tell whether `value` is a password rather than a key: letters, digits and rare signs."""
    signs = value.translate(None, _PLAIN)
    mixed = _DIGIT.search(value) and (_UPPER.search(value) or _LOWER.search(value))
    unworded = words_share(value) < _WORDLESS and entropy(value) >= 3
    return len(value) >= _LONG_PASSWORD and bool(signs) and mixed is not None and unworded


def _is_strange(value: bytes) -> bool:
    """Tell whether `value` is a single run of letters that hardly follow each other in words."""
    return value.isalpha() and worded(value) < _WORDLESS and surprise(value) >= _STRANGE


def _some_key(value: bytes, style: Style) -> Judgement | None:
    """Judge the value of a key that may be secret: only what can hardly be anything else counts."""
    coded = style is Style.QUOTED and _CODED.match(value) and _is_long_and_mixed(value)
    if not coded or words_share(value) >= _WORDED_KEY or not looks_random(value):
        return None
    return Confidence.MEDIUM, f"looks generated ({entropy(value):.1f} bits a character)"


def _dense(value: bytes) -> bool:
    """Tell whether letters and digits are mixed in `value` as in few texts."""
    digits = sum(48 <= byte <= 57 for byte in value)
    letters = sum(chr(byte).isalpha() for byte in value)
    return (
        4 * digits >= len(value) <= 6 * letters
        and entropy(value) >= 3
        and _CODE.match(value) is not None
    )


def _is_long_and_mixed(value: bytes) -> bool:
    """Tell whether letters of both cases and digits are in `value`, in no order."""
    mixed = _UPPER.search(value) and _LOWER.search(value) and _DIGIT.search(value)
    return len(value) >= _LONG_KEY and mixed is not None and not orderly(value)
