"""Tells values that cannot be credentials from those that may be: placeholders, references."""

import re
from functools import lru_cache

from scanner.detect.randomness import looks_random

_WORDS = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")

# A value made of nothing but these words (and short numbers) says what should stand there.
_TRIVIAL = frozenset(
    b"""a abc abcd abcdef access account actual add admin an any api apikey app argon ascii asdf
    asdfasdf auth bar basic baz bcrypt bearer binary bla blah bot change changed changeit
    changeme char check client code config confirm credential credentials current data
    database db dbpass dbpassword default demo dev development digest disabled do dummy
    email empty enabled encrypted enter error example expired fail fake false field file
    fill foo foobar for form generated get given go goes has hash hello here hidden host
    html http https id in input insert invalid ipsum is it item json jwt key keys label
    language latin letmein localhost login lookup lorem manager masked master md me
    missing mock my mypassword mysecret mysql mytoken n name new nil no none not null
    number object of ok old on or other pass passphrase passwd password passwords path
    placeholder plain plaintext please postgres private prod production prompt provided
    public put pwd qwerty qwertyuiop r random raw read real redacted redis refresh remote
    removed replace replaced required reset root sample scrypt secret secretkey secrets
    secure see server service set setting settings sha shared should signature simple some
    something stage staging state str string strong super system temp template test
    testing tests text that the this to todo token tokens true two type undefined unknown
    unset update url use user username userpass users utf uuid valid value values var
    variable verify was where with wrong xml xx xxx xxxx xxxxx you your yours""".split()
)
_REFERENCE = re.compile(
    rb"""\$\{|\$\(|(?:\A\\{0,2}|[/:@,])\$[A-Za-z_][A-Za-z0-9_]*(?:\Z|[/:@,])|\{\{|\#\{|<%|<<[a-z]
    |%\([a-z_]+\)s|(?<![A-Za-z0-9!\#])%[sdvqr@](?![A-Za-z0-9])|@@|\{\d?\}
    |\{[A-Za-z_.]{1,40}\}|\A%[A-Za-z_]{2,40}%\Z|\A<[^<>]{1,60}>\Z|\A\[[^\[\]]{1,60}\]\Z|\A&[A-Za-z_]
    |process\.env|os\.environ|getenv|System\.get|\bENV\[|\benv\(|\benv\.|secrets\.|\bvar\.|\bdata\.
    |\blocal\.|\bmodule\.|\bself\.|\bthis[.\-]|\bparams?[.\[]|\bargs?[.\[]|\bconfig[.\[(]|\boptions?\.
    |\Avault:|\Aarn:aws|\A!Ref|\A!Sub|\A!vault|\Aref\+|\Assm:|\Aop://|\Akv/|\Afile:|ENC\[|\AENC\(
    |\bsettings\.|\Alookup\(|\Adecouple|\.get\(|\bnew [A-Z]|\bfunction\b|=>|->|::""",
    re.VERBOSE,
)
_SAMPLE = re.compile(
    rb"""x{4,}|\*{3,}|\.{3}|\xe2\x80\xa6|_{4,}|-{5,}|\#{4,}|\?{3,}|\A0+\Z|example|placeholder
    |change.?me|\byour[_\-. ]|\Ayour|insert[_\- ]|replace.?(?:me|with)|redacted|dummy|sample
    |foobar|<[a-z\-_ ]{2,40}>|deadbeef|hunter2|todo\b""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED_SO = re.compile(
    rb"[a-z_\-]{0,24}(?:password|passwd|secret|pwd)\Z"
    rb"|[A-Z][A-Z0-9_]*_(?:PASSWORD|PASS|PASSWD|PASSPHRASE|PWD|PSW|TOKEN|SECRET|KEY|CREDENTIALS)\Z"
)
_SEQUENCE = re.compile(
    rb"abcdefghijkl|1234567890|0123456789|qwertyuiop|\A(?:12345678?9?|qwerty|abcdef)",
    re.IGNORECASE,
)
_PATH = re.compile(rb"(?:[A-Za-z]:\\|\.{0,2}/|~/|/)[A-Za-z0-9_.\-]+(?:[/\\][A-Za-z0-9_.\-]*)*\Z")
_RELATIVE = re.compile(rb"[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+)+\.[A-Za-z]{1,5}\Z")
_REGEX = re.compile(rb"\\[dwsbDWS]|\[\^?[a-z0-9]-[a-z0-9]|\(\?|\.\*|\.\+|\{\d+,\d*\}")
_UUID = re.compile(rb"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\Z")
_DOTTED = re.compile(rb"[A-Za-z_$][A-Za-z0-9_$]*(?:(?:\.|::|->|/|:|-)[A-Za-z_$][A-Za-z0-9_$]*)+\Z")
_MEMBER = re.compile(rb"[A-Za-z_]+(?:\.[A-Za-z_][A-Za-z_0-9]*+|\.[0-9]{1,2})+\??\Z")
_DIGIT = re.compile(rb"[0-9]")
_IDENTIFIER = re.compile(rb"[A-Za-z_$]++(?:[0-9]{1,2}[A-Za-z_$]*+){0,2}\Z|0x[0-9A-Fa-f]+\Z")


def placeholder(value: bytes) -> bool:
    """Tell whether `value` only marks where a credential goes: `xxxx`, `<token>`, `your-key`."""
    if len(set(value)) <= min(6, max(2, len(value) // 12)):
        return True
    if _SAMPLE.search(value):
        return True
    if _NAMED_SO.match(value):
        return True
    words = _WORDS.findall(value)
    return all(_trivial(word) for word in words) if words else len(set(value)) < 5


def _trivial(word: bytes) -> bool:
    return len(word) <= 4 if word.isdigit() else word.lower() in _TRIVIAL


def sequence(value: bytes) -> bool:
    """Tell whether `value` holds characters in keyboard or alphabet order, as made-up keys do."""
    return _SEQUENCE.search(value) is not None


def reference(value: bytes) -> bool:
    """Tell whether `value` names where the credential comes from instead of being one."""
    return _REFERENCE.search(value) is not None


@lru_cache(1 << 14)  # the versions of a file assign the same values again and again
def not_a_literal(value: bytes, quoted: bool) -> str:
    """Return in one word what `value` is if it cannot be a credential, else an empty string."""
    if len(value) < 4 or value.isspace():
        return "too short"
    if reference(value):
        return "reference"
    if placeholder(value) or sequence(value):
        return "placeholder"
    if value.startswith((b"http://", b"https://")) or b"://" in value:
        return "URL"
    if len(value) > 150 and value.startswith(b"Ag"):
        return "sealed secret"
    if _REGEX.search(value):
        return "regular expression"
    if _UUID.match(value):
        return "UUID"
    if not quoted and any(b in b"()[]{}" for b in value):
        return "code"
    random = looks_random(value)
    if (_PATH.match(value) or _RELATIVE.match(value)) and not (random and _DIGIT.search(value)):
        return "path"
    if not quoted and (_MEMBER.match(value) or value[0] in b":|" or value.endswith(b":")):
        return "code"
    if not random:
        if _DOTTED.match(value):
            return "qualified name"
        if not quoted and _IDENTIFIER.match(value):
            return "code"
    if b" " in value and (value.count(b" ") > 1 or not any(c in b"0123456789" for c in value)):
        return "prose"
    if 5 * sum(c > 127 for c in value) > len(value):
        return "prose"
    return ""
