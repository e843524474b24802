"""What the name of a value promises: a password, a secret, a key, or nothing to hide."""

import re
from enum import Enum
from functools import lru_cache

_OF_A_NAME = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_BEFORE, _AFTER = 64, 48  # bytes of a name before and after its keyword

_PASSWORDS = tuple(b"password passwd passphrase passcode passwort kennwort".split())
# Short words for a password count only where a word begins, or after one of these.
_SHORT_PASSWORDS = (b"pass", b"pwd", b"psw", b"pw")
_OWNERS = frozenset(
    b"""admin amqp auth become bind ca cert client database db default encrypt ftp http imap jks key
    ldap login mail master mongo mqtt my mysql new old p12 pfx pg pgsql pop3 proxy rabbit redis root
    rpc sasl server smtp sql ssh store sudo svn trust user usr vnc web wifi zip""".split()
)
_LONG_OWNERS = tuple(b"admin database login mail root server user".split())
_SECRETS = tuple(b"secret secrets secretkey secretaccesskey credential credentials".split())
_TOKENS = tuple(b"token apikey authorization".split())
_KEY_OWNERS = tuple(
    b"""access account admin aes api app auth certificate cipher client consumer cookie crypt crypto
    deploy encrypt encryption hmac integration jwt license master primary private secondary secret
    server service session shared sign signing storage subscription token webhook write""".split()
)
_TRAILERS = re.compile(
    rb"(?:[_.\-]?(?:production|prod|development|dev|staging|stage|test|qa|uat|live|base|value|val"
    rb"|string|str|plaintext|plain|text|old|new|default|confirmation|data|bytes|b64|base64|hex"
    rb"|v?[0-9]{1,3}))++\Z"
)
_OF_KEYS = (b"secret", b"jwt", b"crypt", b"cipher", b"aes", b"hmac", b"encrypt", b"signing")
_COMPOUND_KEY = re.compile(rb"(?:[a-z0-9][_.\-]|[A-Z0-9]_)(?i:key)\Z|[a-z0-9A-Z]Key\Z")
_COMPARED = (b".equals", b".equalsIgnoreCase", b".eq", b".Equals", b".is")
_WORKING_DIRECTORY = frozenset((b"PWD", b"OLDPWD"))
_SEPARATORS = bytes(b for b in range(256) if not chr(b).isascii() or not chr(b).isalnum())


class Promise(Enum):
    """What a value is by its name."""

    PASSWORD = "password"  # noqa: S105 - a word
    SECRET = "secret"  # noqa: S105 - a word
    TOKEN = "token"  # noqa: S105 - a word
    KEY = "key"
    SOME_KEY = "some key"
    LABEL = "label"


def name_at(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Return the place of the name that holds `data[start:end]`."""
    left = data[start - _BEFORE if start > _BEFORE else 0 : start]
    right = data[end : end + _AFTER]
    first = start - len(left) + len(left.rstrip(_OF_A_NAME + b"$"))
    if first < start and data[first - 1 : first] == b"\\" and data[first] in b"nrt":
        first += 1  # a line break within a string
    return first, end + len(right) - len(right.lstrip(_OF_A_NAME))


@lru_cache(1 << 14)
def promise(name: bytes) -> Promise | None:
    """Return what the value of `name` is by the word that `name` ends in; None if nothing secret.

    LABEL means that the name speaks of a password, and holds a text about it more likely than one.
    SOME_KEY means a key of which the name does not tell whether it is to be hidden.
    """
    compared = name.endswith(_COMPARED)
    stem = (name[: name.rfind(b".")] if compared else name).strip(b"-._$")
    stem = stem[: len(_TRAILERS.sub(b"", stem.lower()))]
    word = stem.lower().translate(None, _SEPARATORS)
    if word.endswith(_PASSWORDS) or _ends_in_short(stem):
        found = Promise.PASSWORD
    elif word.endswith(_SECRETS):
        found = Promise.SECRET
    elif word.endswith(_TOKENS):
        found = Promise.TOKEN
    elif word.endswith(b"tokens") or _is_secret_key(word):
        found = Promise.KEY
    elif word == b"key" or (word.endswith(b"key") and _COMPOUND_KEY.search(stem)):
        found = Promise.SOME_KEY
    else:
        return None
    if name.endswith(b".") or name.strip(b"$") in _WORKING_DIRECTORY:
        return None
    return _not_a_namesake(name, found)


def _is_secret_key(word: bytes) -> bool:
    if not word.endswith(b"key"):
        return False
    return word[:-3].endswith(_KEY_OWNERS) or (
        word.endswith(b"setkey") and word.startswith(_OF_KEYS)
    )


def _not_a_namesake(name: bytes, found: Promise) -> Promise | None:
    from scanner.detect import namesakes  # noqa: PLC0415 - most names promise nothing

    if namesakes.harmless(name):
        return None
    if found is Promise.SOME_KEY and namesakes.lookup(name):
        return None
    if found in (Promise.SECRET, Promise.TOKEN) and namesakes.hashed(name):
        return None
    if found is Promise.PASSWORD:
        if namesakes.transformed(name):
            return None
        return Promise.LABEL if namesakes.label(name) else found
    return found


def _ends_in_short(stem: bytes) -> bool:
    """Tell whether `stem` ends in a short word for a password, as `dbpass` does, not `bypass`."""
    lower = stem.lower()
    for short in _SHORT_PASSWORDS:
        if lower.endswith(short):
            before, last = stem[: -len(short)], stem[-len(short) :]
            if not before[-1:].isalpha() or (before[-1:].islower() and last[:1].isupper()):
                return True
            lower = lower[: -len(short)]
            owner = lower[len(lower.rstrip(_OF_A_NAME[26:62])) :]
            return owner in _OWNERS or owner.endswith(_LONG_OWNERS)
    return False
