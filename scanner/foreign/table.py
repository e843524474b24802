"""Values of a document that nobody vouches for, asked for by name and type; odd ones are absent."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.model import Secret

_LARGEST_LINE = 1 << 31
_REDACTED = ("REDACTED", "[REDACTED")
_CUT = "..."


def table(value: object) -> Mapping[str, Any]:
    """Return `value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the mappings in a list; of anything else nothing."""
    listed = value if isinstance(value, list) else ()
    yield from (each for each in listed if isinstance(each, dict))


def text(values: Mapping[str, Any], *names: str) -> str:
    """Return the first text that stands under one of `names`, empty if none does."""
    return next((v for v in map(values.get, names) if isinstance(v, str) and v), "")


def texts(value: object) -> list[str]:
    """Return the texts in a list, or the one text that `value` is."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else ()
    return [each for each in listed if isinstance(each, str) and each]


def line(values: Mapping[str, Any], *names: str) -> int:
    """Return the number of a line, from 1; 0 if there is none under `names`."""
    found = (values.get(name) for name in names)
    return next((n for n in found if type(n) is int and 0 < n < _LARGEST_LINE), 0)


def secrets(*values: str) -> tuple[Secret, ...]:
    """Return the credentials that `values` are, but those that are blacked out, cut or empty."""
    whole = (v for v in dict.fromkeys(values) if v and not v.endswith(_CUT))
    shown = (v for v in whole if not v.startswith(_REDACTED))
    return tuple(Secret(v.encode("utf-8", "surrogatepass")) for v in shown)
