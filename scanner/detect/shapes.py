"""What a text assigned to a name is if it is no credential: path, code, digest, prose, number."""

import re
from functools import lru_cache

from scanner.detect.assignment import Style
from scanner.detect.randomness import looks_random
from scanner.detect.values import placeholder, reference, sequence
from scanner.detect.words import worded

_PATH = re.compile(rb"(?:[A-Za-z]:\\|\.{0,2}/|~/|/)[A-Za-z0-9_.\-]+(?:[/\\][A-Za-z0-9_.\-]*)*\Z")
_RELATIVE = re.compile(rb"[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)+\.[A-Za-z]{1,5}\Z")
_DIGEST = re.compile(
    rb"\{?\$(?:1|2[abxy]?|5|6|7|8|y|gy|apr1|sha1|md5|P|H|S|argon2(?:i|d|id)|pbkdf2[a-z0-9_\-]*"
    rb"|scrypt|bcrypt[a-z0-9_\-]*|e0801|ml)\$|(?:pbkdf2|bcrypt|argon2|scrypt|sha1|md5|sha256|sha512)"
    rb"(?:_[a-z0-9_]+)?[$:]|(?i:\{(?:SSHA|SHA|CRYPT|MD[45]|SMD5|PBKDF2|bcrypt|scrypt|argon2|noop)"
    rb"[A-Za-z0-9_@.\-]*\})|(?i:sha-?(?:1|256|384|512)|md5)[:\-]|grub\.pbkdf2\."
    rb"|scrypt:\d|\*[0-9A-F]{40}\Z"
)
_REGEX = re.compile(rb"\\[dwsbDWS]|\[\^?[a-z0-9]-[a-z0-9]|\(\?|\.\*|\.\+|\{\d+,\d*\}")
_DOTTED = re.compile(rb"[A-Za-z_$][A-Za-z0-9_$]*(?:(?:\.|::|->|/|:|-)[A-Za-z_$][A-Za-z0-9_$]*)+\Z")
_PASS_PHRASE = re.compile(rb"(?=.{0,80}[0-9])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+\Z")
_MEMBER = re.compile(rb"[A-Za-z_]+(?:\.[A-Za-z_][A-Za-z_0-9]*+|\.[0-9]{1,2})+\??\Z")
_BYTES = re.compile(rb"\\x[0-9a-f]{2}")
_CALL = re.compile(rb"[@$]?[A-Za-z_][\w.]{0,40}\([^()]{0,60}\)\Z")
_TYPED = re.compile(rb"\w\?[\w.]|&&|\|\||\A[a-z]+\.\d|\A\d?\*[A-Z(]")
_VERSION = re.compile(
    rb"(?:npm:|workspace:|file:|link:)|[\^~]\d+\.|[<>]=?\s?\d+\.\d|\d+\.\d+\.\d+\Z"
)
_ADDRESS = re.compile(rb"[\w:/.\-]{0,40}0x[0-9A-Fa-f]{40}\Z")  # of an account or a coin on a chain
_RULES = re.compile(
    rb"[a-z_]{2,24}(?::[\w,.:\-]{1,40})?(?:\|[a-z_]{2,24}(?::[\w,.:\-]{1,40})?){1,12}\Z"
)  # of validation: required|string|min:8
_NUMBER = re.compile(rb"-?(?:0x[0-9A-Fa-f]{1,16}|[0-9]{1,12}\.[0-9]{1,12})[uUlL]{0,3}\Z")
_DIGIT = re.compile(rb"[0-9]")
_IDENTIFIER = re.compile(rb"[A-Za-z_$]++(?:[0-9]{1,2}[A-Za-z_$]*+){0,2}\Z|0x[0-9A-Fa-f]+\Z")


@lru_cache(1 << 14)  # the versions of a file assign the same values again and again
def not_a_literal(value: bytes, style: Style) -> str:
    """Return in one word what `value` is if it cannot be a credential, else an empty string."""
    quoted = style is Style.QUOTED
    if len(value) < 4 or value.isspace():
        return "too short"
    if reference(value):
        return "reference"
    if placeholder(value) or sequence(value):
        return "placeholder"
    if value.startswith((b"http://", b"https://")) or b"://" in value:
        return "URL"
    if _VERSION.match(value):
        return "version"
    if len(value) > 150 and value.startswith(b"Ag"):
        return "sealed secret"
    if _REGEX.search(value):
        return "regular expression"
    if _DIGEST.match(value):
        return "digest"
    if _ADDRESS.match(value):
        return "address"
    if not quoted and (any(b in b"()[]{}" for b in value) or value[0] in b"!&*+-@?"):
        return "code"
    if not quoted and _BYTES.search(value):
        return "binary"
    if _CALL.match(value) or (_RULES.match(value) and worded(value) >= 0.5):
        return "code"
    if value[-1] in b":=" and value[:-1].replace(b"-", b"").isalpha():
        return "beginning of a text"
    random = looks_random(value)
    if (_PATH.match(value) or _RELATIVE.match(value)) and not (random and _DIGIT.search(value)):
        return "path"
    if not quoted and (value[0] in b":|" or value.endswith(b":")):
        return "code"
    bare = style is Style.BARE
    if not quoted and _NUMBER.match(value):
        return "number"
    if not quoted and _MEMBER.match(value) and (bare or worded(value) >= 0.5):
        return "code"
    if bare and _TYPED.search(value):
        return "code"
    if not random:
        code = bare or (worded(value) >= 0.5 and not (quoted and _PASS_PHRASE.match(value)))
        if code and _DOTTED.match(value):
            return "qualified name"
        if style is Style.BARE and _IDENTIFIER.match(value):
            return "code"
    if b" " in value and (
        value.count(b" ") > 1 or value.endswith(b";") or not (random or _DIGIT.search(value))
    ):
        return "prose"
    return "" if value.isascii() else _in_other_letters(value)


def _in_other_letters(value: bytes) -> str:
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return "binary"
    if not text.isprintable():
        return "binary"
    # People type a letter of their own in a password, and seldom more of them than of the others.
    return "prose" if 2 * sum(not c.isascii() for c in text) > len(text) else ""
