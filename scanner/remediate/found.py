"""Finds the secrets of a report again in the working tree, and what holds each of them there."""

import re
from collections.abc import Callable, Collection, Container, Iterable, Iterator
from typing import NamedTuple

from scanner.detect.engine import Engine
from scanner.model import Confidence, Match, Rule, Secret
from scanner.remediate.rewrite.edit import Language, Literal, Refusal
from scanner.remediate.rewrite.languages import language_of
from scanner.remediate.rewrite.whole import is_secret
from scanner.remediate.worktree import UnfitFileError, WorkTree

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_SIGNS = re.compile(rb"[\W_]+")
_TELLING = 8  # letters and digits of a secret in a row that a name may not have


Name = Callable[[Rule, Secret], str]  # the fingerprint of what is looked for, else nothing


def sought(
    wanted: Container[str], families: Collection[str], fingerprint: Callable[[str, bytes], str]
) -> Name:
    """Return what names a secret by the one of the `wanted` fingerprints that is its own.

    A report names a secret once, by one of `families`, though other rules may find it elsewhere.
    """
    seen: dict[Secret, str] = {}

    def name(rule: Rule, secret: Secret) -> str:
        if secret not in seen:
            ordered = sorted(families, key=lambda family: family != rule.family)
            names = (fingerprint(family, secret.reveal()) for family in ordered)
            seen[secret] = next((found for found in names if found in wanted), "")
        return seen[secret]

    return name


class Held(NamedTuple):
    """What holds one or more secrets of the report in a file.

    `language` is None where the whole file is the secret, and where `refusal` says why nothing can
    be replaced. `secrets` are the secrets found in it, each with its rule and the fingerprint that
    it is looked for by. `others` are the spans of all secrets of the file that are not looked for.
    """

    path: bytes
    content: bytes
    line: int
    kind: str
    literal: Literal
    language: Language | None
    refusal: str
    secrets: tuple[tuple[str, Rule, Secret], ...]
    others: tuple[tuple[int, int], ...]


def in_tree(
    paths: Iterable[bytes],
    tree: WorkTree,
    engine: Engine,
    name: Name,
    unfit: Callable[[bytes, str], None],
) -> Iterator[Held]:
    """Yield what holds secrets in the files at `paths`, by path and position.

    `name` gives the fingerprint of a secret that is looked for, and nothing for any other.
    `unfit` is told of each file that cannot be read, and why.
    """
    for path in sorted(paths):
        try:
            content = tree.read(path)
        except UnfitFileError as error:
            unfit(path, str(error))
            continue
        yield from in_file(path, content, engine, name)


def in_file(path: bytes, content: bytes, engine: Engine, name: Name) -> Iterator[Held]:
    """Yield what holds secrets in one file, by position; `name` is as in `in_tree`."""
    matches = engine.findings(content).matches
    wanted, others = [], []
    for match in matches:
        fingerprint = name(match.rule, match.secret)
        if fingerprint:
            wanted.append((match, fingerprint))
        elif match.confidence >= Confidence.MEDIUM:
            others.append((match.start, match.end))
    if not wanted:
        return
    language = language_of(path, content) or Refusal("the file is not text")
    told = {_plain(match.secret.reveal()) for match in matches}
    by_span: dict[tuple[int, int], Held] = {}
    for match, fingerprint in wanted:
        held = _held(path, content, match, language, fingerprint)._replace(others=tuple(others))
        if _tells(held.literal.name, told):  # as a key, say; what is named so is public
            held = held._replace(literal=held.literal._replace(name=""))
        span = held.literal.start, held.literal.end
        known = by_span.get(span)
        if known is not None:
            held = known._replace(secrets=(*known.secrets, *held.secrets))
        by_span[span] = held
    yield from _apart(by_span[span] for span in sorted(by_span, key=lambda s: (s[0], -s[1])))


def _held(
    path: bytes, content: bytes, match: Match, language: Language | Refusal, fingerprint: str
) -> Held:
    secrets = ((fingerprint, match.rule, match.secret),)
    found = Literal(match.start, match.end, match.secret, "")
    held = Held(path, content, match.line, match.rule.kind, found, None, "", secrets, ())
    if not match.via and is_secret(content, match.start, match.end):
        file = path.rpartition(b"/")[2].decode("utf-8", "replace")
        kind = "certificate" if _CERTIFICATE in content else held.kind
        return held._replace(literal=Literal(0, len(content), Secret(content), file), kind=kind)
    if isinstance(language, Refusal):
        return held._replace(refusal=language.reason)
    if match.via and not (match.via == ("base64",) and language.name == "kubernetes"):
        return held._replace(refusal=f"it stands encoded there ({', '.join(match.via)})")
    literal = language.locate(content, match.start, match.end)
    if isinstance(literal, Refusal):
        return held._replace(refusal=literal.reason)
    return held._replace(literal=literal, language=language)


def _tells(name: str, secrets: Iterable[bytes]) -> bool:
    """Tell whether `name` has a secret in it or is a part of one."""
    plain = _plain(name.encode("utf-8", "surrogateescape"))
    return len(plain) >= _TELLING and any(
        plain in secret or (len(secret) >= _TELLING and secret in plain) for secret in secrets
    )


def _plain(value: bytes) -> bytes:
    """Return the letters and digits of `value`, by which a name made from it can be told."""
    return _SIGNS.sub(b"", value).lower()


def _apart(found: Iterable[Held]) -> Iterator[Held]:
    """Yield `found`, which is in order, without what lies inside another's literal."""
    last: Held | None = None
    for held in found:
        if last is not None and held.literal.end <= last.literal.end:
            last = last._replace(secrets=(*last.secrets, *held.secrets))
            continue
        if last is not None:
            yield last
        last = held
    if last is not None:
        yield last
