"""What plain YAML scalars mean to SOPS, in the words that its MAC is made of, and how to quote.

The rules are those of `resolve` in go.yaml.in/yaml/v3 and of `ToBytes` in SOPS.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal

import yaml

_NULLS = ("", "~", "null", "Null", "NULL")
_BOOLS = dict.fromkeys(("true", "True", "TRUE"), "True") | dict.fromkeys(
    ("false", "False", "FALSE"), "False"
)
_INTEGER = re.compile(
    r"([-+]?)(?:0[xX]([0-9a-fA-F]{1,20})|0[bB]([01]{1,70})|0[oO]?([0-7]{1,30})|(0|[1-9][0-9]{0,20}))"
)
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DIGITS = "[0-9](?:_?[0-9])*"
_PART = re.compile(rf"\.{_DIGITS}([eE][-+]?{_DIGITS})?")
_ODD_REALS = {
    sign + word: shown
    for sign, name, shown in (("", "inf", "+Inf"), ("+", "inf", "+Inf"), ("-", "inf", "-Inf"))
    for word in (f".{name}", f".{name.title()}", f".{name.upper()}")
} | dict.fromkeys((".nan", ".NaN", ".NAN"), "NaN")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})"
    r"(?:\.([0-9]{1,9}))?(Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_ENDLESS = 1 << 30


def plain(value: str) -> tuple[str | None, bool]:
    """Return what an unquoted scalar says and whether it is a string; None stands for null."""
    if value in _NULLS:
        return None, False
    if value in _BOOLS:
        return _BOOLS[value], False
    if value[0].isalpha():
        return value, True
    for read in (_time, _integer, _real):
        found = read(value)
        if found is not None:
            return found, False
    return value, True


def quoted(text: str) -> str:
    """Return `text` as a YAML scalar on one line that is a string to every reader."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    shown: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=_ENDLESS)
    return shown.rstrip("\n")


def real(text: str) -> str:
    """Return a decimal number as Go prints it without an exponent: FormatFloat(x, 'f', -1, 64)."""
    number = float(text)
    if abs(number) == float("inf"):
        return "+Inf" if number > 0 else "-Inf"
    shown = format(Decimal(repr(number)), "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _integer(value: str) -> str | None:
    match = _INTEGER.fullmatch(value.replace("_", ""))
    if match is None or value[0] == "_":
        return None
    sign, *digits = match.groups()
    base, number = next((b, d) for b, d in zip((16, 2, 8, 10), digits, strict=True) if d)
    result = int(sign + number, base)
    return str(result) if -(1 << 63) <= result < 1 << 64 else None


def _real(value: str) -> str | None:
    if value in _ODD_REALS:
        return _ODD_REALS[value]
    text = value.replace("_", "")
    fits = _PART.fullmatch(value) if value[0] == "." else value[0] != "_" and _REAL.fullmatch(text)
    return real(text) if fits else None


def _time(value: str) -> str | None:
    """Return a time as Go's MarshalText writes it: RFC 3339, no zeros at the end of a fraction."""
    match = _TIME.fullmatch(value)
    if match is None:
        return None
    year, month, day, gap, hour, minute, second, fraction, zone = match.groups()
    if gap is not None and (gap == " ") is not (zone is None):
        return None
    date = int(year), int(month), int(day)
    try:
        moment = datetime(*date, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None
    part = "." + fraction.rstrip("0") if fraction and fraction.strip("0") else ""
    return moment.isoformat()[:19] + part + ("Z" if zone in (None, "+00:00") else zone)
