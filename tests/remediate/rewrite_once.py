"""Rewrites one secret in one file, as the tests of the formats ask for it."""

from typing import NamedTuple

from scanner.remediate.rewrite.content import Wanted, change
from scanner.remediate.rewrite.edit import Language, Refusal

SECRET = b"sample-horses"
VARIABLE = "APP_X"


class Outcome(NamedTuple):
    value: bytes
    name: str
    content: bytes
    environment: str
    note: str


def once(language: Language, source: bytes, secret: bytes = SECRET) -> Outcome | str:
    """Return what became of `source`, or the reason of a refusal."""
    start = source.index(secret)
    return between(language, source, start, start + len(secret))


def between(language: Language, source: bytes, start: int, end: int) -> Outcome | str:
    literal = language.locate(source, start, end)
    if isinstance(literal, Refusal):
        return literal.reason
    assert literal.start <= end
    assert literal.end >= start
    changed = change(source, language, [Wanted(literal, VARIABLE)])
    rewrite = changed.rewrites[0]
    if isinstance(rewrite, Refusal):
        assert changed.content == source
        return rewrite.reason
    assert literal.value.reveal() not in changed.content
    assert language.problem(changed.content) == ""
    value = literal.value.reveal()
    return Outcome(value, literal.name, changed.content, rewrite.environment, rewrite.note)


def content(language: Language, source: bytes, secret: bytes = SECRET) -> bytes | str:
    """Return the new content, or the reason of a refusal."""
    outcome = once(language, source, secret)
    return outcome if isinstance(outcome, str) else outcome.content
