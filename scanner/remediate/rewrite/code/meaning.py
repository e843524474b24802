"""What a program sees in the strings around a secret."""

from typing import NamedTuple

from scanner.remediate.rewrite.code.dialect import Text, body
from scanner.remediate.rewrite.code.enclosing import Found


class Meaning(NamedTuple):
    """The value of all the strings, and of the secret in it.

    `alone` says that there is nothing else in it, or line ends and indentation only.
    """

    whole: bytes
    secret: bytes
    alone: bool


def meaning(found: Found, start: int, end: int, encoding: str) -> Meaning:
    """Return what a program sees from `start` to `end` and around it.

    Raises ValueError or SyntaxError if that is not certain.
    """
    values = [_value(text, encoding) for text in found.texts]
    whole = b"".join(values)
    if found.inside is None:
        return Meaning(whole, whole, True)
    left, right = found.inside.form.span("body")
    if start < left or right < end:
        if left < start or end < right:
            raise ValueError("it ends within the quotes of a string")
        start, end = left, right
    spans = ((left, start), (start, end), (end, right))
    before, secret, after = (_decoded(found.inside, *span, encoding) for span in spans)
    at = found.texts.index(found.inside)
    if found.inside.style.outline is body and before + secret + after != values[at]:
        raise ValueError("it ends within an escape")
    rest = b"".join([*values[:at], before, after, *values[at + 1 :]])
    return Meaning(whole, secret, not rest or (rest.isspace() and b"\n" in rest + secret))


def _value(text: Text, encoding: str) -> bytes:
    return text.style.decode(_utf8(text.style.outline(text.form), encoding))


def _decoded(text: Text, start: int, end: int, encoding: str) -> bytes:
    return text.style.decode(_utf8(text.form.string[start:end], encoding))


def _utf8(raw: bytes, encoding: str) -> bytes:
    return raw.decode(encoding).encode() if encoding else raw
