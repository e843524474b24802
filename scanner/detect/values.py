"""What people write in place of a credential: placeholders, references, characters in order."""

import re
from itertools import pairwise

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
    variable verify was whatever where with wrong xml xx xxx xxxx xxxxx you your yours""".split()
)
_REFERENCE = re.compile(
    rb"""\$\{|\$\(|(?:\A[\\'"]{0,3}|[/:@,])\$[A-Za-z_][A-Za-z0-9_]*(?:\Z|[/:@,'"])|\A@{1,2}[a-z_]{3,40}\Z|\A@[A-Z0-9_]{4,40}@?\Z|\{\{|\#\{|<%|<<[a-z]
    |%\([a-z_]+\)s|(?<![A-Za-z0-9!\#$@^&*])%[sdvqr@](?![A-Za-z0-9!$^&*])|\A@@|@@[A-Za-z_]{2,40}@@
    |\A%[A-Za-z]{1,20}(?:_[A-Za-z]{1,20}){1,6}%?\Z|[a-z]\#%[sd]|\{\d?\}
    |\{[A-Za-z_.]{1,40}\}|\A%[A-Za-z_]{2,40}%\Z|\A<[^<>]{1,60}>\Z|\A\[[^\[\]]{1,60}\]\Z|\A&[A-Za-z_]
    |process\.env|os\.environ|getenv|System\.get|\bENV\[|\benv\(|\benv\.|secrets\.|\bvar\.|\bdata\.
    |\blocal\.|\bmodule\.|\bself\.|\bthis[.\-]|\bparams?[.\[]|\bargs?[.\[]|\bconfig[.\[(]|\boptions?\.
    |\Avault:|\Aarn:aws|\A!Ref|\A!Sub|\A!vault|\Aref\+|\Assm:|\Aop://|\Akv/|\Afile:|ENC\[|\AENC\(
    |\bsettings\.|\Alookup\(|\Adecouple|\.get\(|\bnew [A-Z]|\bfunction\b|=>|->|-&gt|::""",
    re.VERBOSE,
)
_SAMPLE = re.compile(
    rb"""x{4,}|\*{3,}|\.{3}|\xe2\x80\xa6|_{4,}|-{6,}|\A-{5}\Z|\#{4,}|\?{3,}|\A0+\Z|example|placeholder
    |change.?me|\byour[_\-. ]|\Ayour|insert[_\- ]|replace.?(?:me|with)|redacted|dummy|sample
    |foobar|(?<![A-Za-z0-9])<[a-z\-_\ ]{2,40}>|<[a-z\-_\ ]{2,40}>(?![A-Za-z0-9])
    |deadbeef|hunter2|todo\b""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED_SO = re.compile(
    rb"(?:[A-Za-z0-9_.\-]{0,64}[_.\-])?(?:password|passwd|secret|pwd)\Z"
    rb"|[a-z]{0,12}(?:password|passwd)\Z"
    rb"|[A-Z][A-Z0-9_]*_(?:PASSWORD|PASS|PASSWD|PASSPHRASE|PWD|PSW|TOKEN|SECRET|KEY|CREDENTIALS)\Z"
)
_UUID = re.compile(rb"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\Z")
_SEQUENCE = re.compile(
    rb"abcdefghijkl|1234567890|0123456789|qwertyuiop|\A12345?6?7?8?9?0?\Z|\A(?:qwerty|abcdef)",
    re.IGNORECASE,
)
_ROWS = (
    b"abcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm"
    b" 12345678901234567890 98765432109876543210"
)
_NO_LETTER = bytes(b for b in range(256) if not 97 <= b <= 122)
_NO_DIGIT = bytes(b for b in range(256) if not 48 <= b <= 57)
_LEET = bytes.maketrans(b"013457@$", b"oieastas")


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


def orderly(value: bytes) -> bool:
    """Tell whether most letters of `value` follow each other in the alphabet: `a1b2c3d4e5f6`."""
    letters = value.lower().translate(None, _NO_LETTER)
    steps = sum(b - a in (0, 1) for a, b in pairwise(letters))
    return len(letters) > 5 and 5 * steps >= 2 * len(letters)


def is_uuid(value: bytes) -> bool:
    """Tell whether `value` is a UUID and no more."""
    return _UUID.match(value) is not None


def sequence(value: bytes) -> bool:
    """Tell whether `value` holds characters in keyboard or alphabet order, as made-up keys do.

    In a short one, letters and digits are also looked at apart: `qwer5678`.
    """
    if _SEQUENCE.search(value):
        return True
    letters, digits = value.lower().translate(None, _NO_LETTER), value.translate(None, _NO_DIGIT)
    return (
        len(value) <= 12
        and 3 < len(letters) + len(digits) == len(value)
        and (len(letters) < 2 or letters in _ROWS)
        and digits in _ROWS
    )


def plain(value: bytes) -> bytes:
    """Return `value` in lower case with the digits and signs that stand for letters undone."""
    return value.lower().translate(_LEET)


def reference(value: bytes) -> bool:
    """Tell whether `value` names where the credential comes from instead of being one."""
    return _REFERENCE.search(value) is not None
