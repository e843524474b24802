"""Facts as tags of an AWS resource, and tags as the user gives them.

A tag's value has at most 256 characters: letters, digits, spaces and `_ . : / = + - @`
(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html). In a fact
any other character is written as `=` and two hex digits for each byte of its UTF-8, and what is
longer goes on in a tag whose key ends in `.2`.
"""

import re
from collections.abc import Iterable, Mapping

from scanner.errors import UsageError
from scanner.report.escape import as_bytes, as_text, visible

Tags = list[dict[str, str]]
PREFIX = "leakseal:"
_LONGEST_KEY = 128
_LONGEST = 256
_PLAIN = " _.:/+-@"
_ESCAPE = re.compile(rb"=([0-9A-F]{2})")


def checked_tag(key: str, value: str) -> str:
    """Return `value` if AWS can have it as the value of a tag `key`; raise UsageError if not."""
    reserved = key.lower().startswith(("aws:", PREFIX))
    fits = 0 < len(key) <= _LONGEST_KEY and len(value) <= _LONGEST
    if reserved or not fits or not all(_is_plain(c) or c == "=" for c in key + value):
        raise UsageError(
            f"tag.{visible(key)} is no tag that AWS can keep: at most 128 and 256 characters, "
            "letters, digits, spaces and _.:/=+-@"
        )
    return value


def tags(facts: Mapping[str, str], own: Mapping[str, str]) -> Tags:
    """Return `facts` under our prefix and the user's `own` tags, as the API wants them."""
    pairs = dict(own)
    for name, fact in facts.items():
        escaped = "".join(c if _is_plain(c) else _escaped(c) for c in fact)
        pairs[PREFIX + name] = escaped[:_LONGEST]
        for number, start in enumerate(range(_LONGEST, len(escaped), _LONGEST), 2):
            pairs[f"{PREFIX}{name}.{number}"] = escaped[start : start + _LONGEST]
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def facts(kept: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the facts among the tags that the API gave."""
    ours = {t["Key"].removeprefix(PREFIX): t["Value"] for t in kept if t["Key"].startswith(PREFIX)}
    found = {}
    for name in sorted(ours):
        if "." in name:
            continue
        escaped, number = ours[name], 2
        while (more := ours.get(f"{name}.{number}")) is not None:
            escaped, number = escaped + more, number + 1
        found[name] = as_text(
            _ESCAPE.sub(lambda m: bytes.fromhex(m[1].decode()), as_bytes(escaped))
        )
    return found


def stale(kept: Iterable[Mapping[str, str]], wanted: Tags) -> list[str]:
    """Return the keys of our tags that are `kept` and no longer `wanted`."""
    keys = {tag["Key"] for tag in wanted}
    return sorted(t["Key"] for t in kept if t["Key"].startswith(PREFIX) and t["Key"] not in keys)


def _is_plain(character: str) -> bool:
    return character.isalnum() or character in _PLAIN


def _escaped(character: str) -> str:
    return "".join(f"={byte:02X}" for byte in as_bytes(character))
