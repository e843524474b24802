"""Whether another tool's name for a kind of credential and a rule of ours mean the same kind.

Names are compared by the words that tell kinds apart; there is no table of all rules of all tools.
"""

import re
from collections.abc import Sequence
from functools import partial

from scanner.model import Finding

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_COMMON = frozenset(
    (
        *("access", "account", "admin", "api", "app", "application", "auth", "authorization"),
        *("base", "based", "basic", "bot", "bearer", "client", "cloud", "code", "combination"),
        *("credential", "credentials", "curl", "custom", "data", "db", "database", "entropy"),
        *("generic", "header", "hex", "high", "id", "identifier", "key", "keys", "keyword"),
        *("live", "login", "oauth", "of", "old", "org", "pass", "passwd", "password", "pat"),
        *("personal", "project", "random", "refresh", "scoped", "secret", "secrets", "service"),
        *("session", "short", "string", "test", "the", "token", "tokens", "uri", "url", "user"),
        *("username", "value", "v1", "v2", "webhook", "with", "credentialsurl", "64", "1", "2"),
    )
)
_SAME = {
    "gcp": "google",
    "gh": "github",
    "amazon": "aws",
    "pem": "private",
    "pgp": "private",
    "rsa": "private",
    "ssh": "private",
    "tf": "terraform",
    "k8s": "kubernetes",
    "xoxb": "slack",
}
_JWT = re.compile(r"json[\W_]*web[\W_]*token", re.IGNORECASE)
_JWT_HEAD = b"eyJ"  # base64 of what a JSON object begins with
_WORDS = 16  # of a name that are looked at together
# What may follow the word that tells a kind, where words are written as one.
_TAIL = re.compile(rf"(?>(?:js|{'|'.join(sorted(_COMMON, key=len, reverse=True))})*)")
# What these find is known by its name or place, so it may be of any kind.
_ANY_KIND = ("assignment", "url", "kubernetes")


def akin(name: str, finding: Finding) -> bool:
    """Tell whether what another tool calls `name` can be `finding`."""
    return _is_of(name, finding) or not _telling(name) or _is_general(finding)


def meant(name: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return which of several akin `findings` on one line another tool calls `name`.

    A name that tells a kind means what is of that kind, and one that tells none what is of none. If
    nothing is, all of it is meant where it belongs together, and else nothing: one may be known,
    and another beside it real.
    """
    fits = _is_general if not _telling(name) else partial(_is_of, name)
    fitting = tuple(filter(fits, findings))
    if fitting or _belong_together(findings):
        return fitting or tuple(findings)
    return ()


def _is_of(name: str, finding: Finding) -> bool:
    """Tell whether `name` tells the kind that `finding` is of."""
    theirs, rule = _telling(name), finding.rule
    if "jwt" in theirs and _JWT_HEAD in finding.secret.reveal():
        return True  # others go by the form, whoever issues it
    ours = _telling(" ".join((rule.id, rule.family, rule.name, rule.provider)))
    # Some write words apart that others write as one; `box` in `databox` or `boxed` says nothing.
    words = _words(name)[:_WORDS]
    ends = range(1, len(words) + 1)
    joined = {"".join(words[start:end]) for end in ends for start in range(end)}
    return bool(theirs & ours) or any(
        each.startswith(word) and _TAIL.fullmatch(each, len(word))
        for word in ours
        for each in joined
    )


def _is_general(finding: Finding) -> bool:
    return finding.rule.method in _ANY_KIND


def _belong_together(findings: Sequence[Finding]) -> bool:
    if len({finding.rule.id for finding in findings}) == 1:
        return True
    first, *others = findings
    return all(other.fingerprint in first.companions for other in others)


def _telling(name: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in _words(name)) - _COMMON


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_JWT.sub("jwt", name))]
