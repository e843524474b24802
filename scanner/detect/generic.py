"""Generic credentials: a name that says password, secret or key, and the value assigned to it.

A keyword hit is widened to the whole name; the text after it is read as an assignment in any of the
usual notations (code, JSON, YAML, INI, env files, XML, PHP arrays); the value is then judged by
what it looks like, since the name alone proves nothing.
"""

import re
from collections.abc import Iterator

from scanner.detect.candidate import Candidate
from scanner.detect.randomness import entropy, looks_random
from scanner.detect.values import not_a_literal
from scanner.model import Confidence, Rule

_NAME_LEFT = re.compile(rb"[A-Za-z0-9_.\-$]{0,64}\Z")
_NAME_RIGHT = re.compile(rb"[A-Za-z0-9_.\-]{0,48}")
_ASSIGN = re.compile(
    rb"""(?P<close>\\{0,3}["'`])?[\])}]{0,2}[ \t]{0,24}
    (?:(?::[ \t]{0,3}(?:Optional\[|&(?:'[a-z]{1,8}[ ])?)?[A-Za-z]{1,24}\]?[ \t]{0,3})?
       (?P<op>=>|:=|={1,3}|!==?)
      |(?P<colon>:)|(?P<xml>>)|(?P<comma>,)|(?P<attribute>[ \t]value=))
    [ \t]{0,24}(?P<prefix>[bruBRUfFL@]{1,2}(?=["']))?(?P<open>\\{0,3}["'`])?
    (?:(?i:bearer|basic|token)[ ](?=[^\s]))?(?:<!\[CDATA\[)?""",
    re.VERBOSE,
)
_LONGEST = 256
_UNQUOTED = re.compile(rb"[^\s\"'`<>,;]{1,%d}" % _LONGEST)
_XML_TEXT = re.compile(rb"[^<>\r\n]{1,256}?(?=(?:\]\]>)?</)")
# `ENV NAME value` of a Dockerfile, with the groups of the other notations.
_DOCKERFILE = re.compile(
    rb"(?P<space>[ \t]{1,8})(?P<close>!)?(?P<op>!)?(?P<xml>!)?(?P<comma>!)?(?P<prefix>!)?"
    rb"(?P<open>[\"'])?(?=[^\s=:])"
)
_LINE_BREAKS = re.compile(rb"(?:\\+[nr])+\Z")
_UNICODE_ESCAPE = re.compile(rb"u[0-9A-Fa-f]{4}\\?u[0-9A-Fa-f]{4}|\\u[0-9A-Fa-f]{4}")
_LINE = 256
_ESCAPE = re.compile(rb"\\(.)")

_PASSWORD_END = tuple(b"password passwd passphrase passcode pwd pass passwort".split())
_KEY_END = (
    b"secret",
    b"token",
    b"apikey",
    b"credential",
    b"credentials",
    b"secrets",
    b"authorization",
)
_KEY_QUALIFIERS = tuple(
    b"""access account admin aes api app auth cipher consumer cookie crypt crypto deploy encrypt
    encryption hmac integration jwt license master primary private secondary secret server service
    session shared sign signing storage subscription token webhook write""".split()
)
_TRAILERS = re.compile(
    rb"(?:[_.\-]?(?:production|prod|development|dev|staging|stage|test|qa|uat|live|base|value|val"
    rb"|string|str|plaintext|plain|text|old|new|default|v?[0-9]{1,3}))++\Z"
)
# Names of texts on the screen that speak of passwords: LABEL_PASSWORD, forgot-password.
_INTERFACE = re.compile(
    rb"(?i:label|title|mandatory|forg[eo]t|confirm|repeat|hint|message|msg|error|invalid|prompt"
    rb"|help|tooltip|caption|heading|button|placeholder|reset|change|required|wrong|lost|enter)"
)
_SEPARATORS = bytes(b for b in range(256) if not chr(b).isascii() or not chr(b).isalnum())
_NOT_OF_A_NAME = b" =:\"'"
_NOT_ASCII = bytes(range(128, 256))
_NOT_SECRET = tuple(
    b"""publickey publickeytoken nextpagetoken pagetoken
    continuationtoken csrftoken bypass compass surpass
    trespass canceltoken cancellationtoken""".split()
)


def candidates(data: bytes, start: int, end: int, rule: Rule) -> Iterator[Candidate]:
    """Yield the value that is assigned to the name around the keyword at `data[start:end]`."""
    end = start + len(data[start:end].rstrip(_NOT_OF_A_NAME))
    right = _NAME_RIGHT.match(data, end)
    name_end = right.end() if right else end
    assign = _ASSIGN.match(data, name_end) or _DOCKERFILE.match(data, name_end)
    if assign is None:
        return
    left = _NAME_LEFT.search(data, max(0, start - 64), start)
    name_start = left.start() if left else start
    name = data[name_start:name_end]
    strength = None if name.endswith(b".") else _strength(name)
    if strength is None or not _assigns(data, name_start, assign):
        return
    span = _value(data, assign, quoted_name=assign["close"] is not None)
    if span is None:
        return
    first, last, quoted = span
    value = data[first:last]
    if b"\\" in value:
        value = _LINE_BREAKS.sub(b"", value)
        value = _ESCAPE.sub(rb"\1", value) if quoted else value
    if value.lower() in name.lower() or _UNICODE_ESCAPE.search(value):
        return  # the latter is judged in the decoded text
    judged = _judge(value, quoted, "key" if _INTERFACE.search(name) else strength)
    if judged is not None:
        confidence, reason = judged
        label = name.decode("ascii", "replace")
        yield Candidate(first, last, value, confidence, (f"assigned to {label}", reason))


def _assigns(data: bytes, name_start: int, assign: re.Match[bytes]) -> bool:
    """Tell an assignment from text that only has its characters.

    In `"Password: "` the second quote closes a string; a comma assigns in a call, such as
    `define('DB_PASSWORD', 'value')`, but not in a list of words.
    """
    if assign.re is _DOCKERFILE:
        return data[max(0, name_start - 4) : name_start] == b"ENV "
    if assign["comma"]:
        before = data[max(0, name_start - 2) : name_start]
        return before.startswith(b"(") and not before.endswith(b"\n")
    if assign["open"] and not assign["close"]:
        before = data[max(0, name_start - _LINE) : name_start]
        return before[before.rfind(b"\n") + 1 :].count(assign["open"]) % 2 == 0
    return True


def _strength(name: bytes) -> str | None:
    """Return "password" or "key" if the name ends in a word for one, else None."""
    word = _TRAILERS.sub(b"", name.lower().strip(b"-._$")).translate(None, _SEPARATORS)
    if word.endswith(_NOT_SECRET):
        return None
    if word.endswith(_PASSWORD_END):
        return "password"
    if word.endswith(_KEY_END):
        return "key"
    if word.endswith(b"key") and word[:-3].endswith(_KEY_QUALIFIERS):
        return "key"
    return None


def _value(
    data: bytes, assign: re.Match[bytes], *, quoted_name: bool
) -> tuple[int, int, bool] | None:
    """Return where the assigned value stands and whether it is quoted; None if there is none."""
    at = assign.end()
    quote = assign["open"]
    if quote:
        limit = data.find(b"\n", at, at + 512)
        stop = data.find(quote, at, limit if limit >= 0 else at + 512)
        while stop > at and len(quote) == 1 and _escaped(data, stop):
            stop = data.find(quote, stop + 1, limit if limit >= 0 else at + 512)
        return (at, stop, True) if stop > at else None
    if assign["comma"]:
        return None
    if assign["xml"]:
        text = _XML_TEXT.match(data, at)
        return (at, text.end(), True) if text else None
    text = _UNQUOTED.match(data, at)
    if text is None or assign["prefix"] or (quoted_name and assign["op"]):
        return None
    if data.startswith((b">", b"&gt;"), text.end()) and text[0].endswith((b"-", b"=")):
        return None  # `->` or `=>`: code
    if text.end() - at == _LONGEST:
        return None
    return (at, text.end(), False)


def _escaped(data: bytes, at: int) -> bool:
    count = 0
    while data[at - 1 - count] == 0x5C and count < 16:
        count += 1
    return count % 2 == 1


def _judge(value: bytes, quoted: bool, strength: str) -> tuple[Confidence, str] | None:
    if not_a_literal(value, quoted):
        return None
    bits = f"{entropy(value):.1f} bits a character"
    random = looks_random(value)
    if strength == "password":
        if random and len(value) >= 10:
            return Confidence.HIGH, f"looks generated ({bits})"
        letters = value.translate(None, _NOT_ASCII)
        mixed = not letters.isalpha() and not value.isdigit()
        if quoted or mixed:
            return Confidence.MEDIUM if mixed else Confidence.LOW, "a literal password"
        return Confidence.LOW, "may be a password"
    if random and len(value) >= 16:
        return Confidence.MEDIUM, f"looks generated ({bits})"
    return None
