"""Whether another tool's name for a kind of credential and a rule of ours mean the same kind.

Names are compared by the words that tell kinds apart; there is no table of all rules of all tools.
"""

import re

from scanner.model import Finding

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_COMMON = frozenset(
    (
        *("access", "account", "admin", "api", "app", "application", "auth", "authorization"),
        *("base", "based", "basic", "bot", "bearer", "client", "code", "combination"),
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
# What these find is known by its name or place, so it may be of any kind.
_ANY_KIND = ("assignment", "url", "kubernetes")


def akin(name: str, finding: Finding) -> bool:
    """Tell whether what another tool calls `name` can be `finding`."""
    theirs, rule = _telling(name), finding.rule
    if "jwt" in theirs and _JWT_HEAD in finding.secret.reveal():
        return True  # others go by the form, whoever issues it
    if not theirs or rule.method in _ANY_KIND:
        return True
    ours = _telling(" ".join((rule.id, rule.family, rule.name, rule.provider)))
    joined = "".join(_words(name))
    return bool(theirs & ours) or any(len(word) > 2 and word in joined for word in ours)


def _telling(name: str) -> frozenset[str]:
    return frozenset(_SAME.get(word, word) for word in _words(name)) - _COMMON


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_JWT.sub("jwt", name))]
