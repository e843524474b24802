"""Entries of block mappings in YAML: taken out, or with others put before them."""

import re

from scanner.remediate.rewrite.config.yaml_scalar import Document, Scalar
from scanner.remediate.rewrite.edit import Edit, Refusal

_COLON = re.compile(rb"[ \t]*:[ \t]*(?:(?:#[^\r\n]*)?\r?\n[ \t]*)?(?:!!str[ \t]+)?")
_REST = re.compile(rb"[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\r|\Z)")


def indent(content: bytes, key: Scalar) -> bytes:
    """Return the blanks that put an entry into the column of `key`, be it after a dash."""
    first = max(content.rfind(mark, 0, key.start) for mark in (b"\n", b"\r")) + 1
    return b" " * (key.start - first)


def key_of_entry(document: Document, scalar: Scalar) -> Scalar | Refusal:
    """Return the key of `scalar`, if the two can be replaced as one."""
    key = document.key(scalar.path)
    if key is None:
        return Refusal("it is not the value of a key")
    if not _COLON.fullmatch(document.content, key.end, scalar.start):
        return Refusal("its value has an anchor, which other places may name")
    return key


def removal(document: Document, scalar: Scalar) -> Edit | Refusal:
    """Return the edit that takes out the entry of `scalar`; the last one leaves `{}`."""
    key = key_of_entry(document, scalar)
    if isinstance(key, Refusal):
        return key
    if scalar.flow:
        return Refusal("it is in a mapping in braces; write one entry on a line first")
    if len(document.keys(scalar.path[:-1])) == 1:
        return Edit(key.start, scalar.end, b"{}")
    content = document.content
    first = key.start - len(indent(content, key))
    rest = _REST.match(content, scalar.end)
    if content[first : key.start].strip() or rest is None:
        return Refusal("it shares its line with something else")
    return Edit(first, rest.end(), b"")
