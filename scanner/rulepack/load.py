"""Reads rule packs from YAML and checks every rule.

A file is a mapping with `rules`, a list; other keys of the mapping are defaults for its rules.
docs/rules.md describes the fields.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from scanner.errors import RuleError
from scanner.model import Allow, Confidence, Part, Rule, Severity
from scanner.rulepack import expression, linear, macros, searchers
from scanner.rulepack.document import from_json, parsed

KINDS = ("api-key", "ssh-key", "certificate", "encryption-key", "connection-string", "password")
METHODS = ("pattern", "assignment", "url", "pem", "kubernetes", "search", "file")
TARGETS = ("secret", "match", "line")
CHECKS = frozenset(
    (
        *("age-key", "aws-key-id", "azure-client-secret", "azure-common-key", "azure-key"),
        *("azure-sas", "azure-signed-key", "base58-64", "base62-crc32", "base64-json"),
        *("basic-credentials", "bip32-key", "bitcoin-wif", "confluent-crc32", "discord-token"),
        *("fly-macaroon", "gitlab-routable", "google-private-key", "grafana-crc32"),
        *("hex-crc32", "jfrog-reference"),
        *("jwt", "letters-and-digits", "macaroon", "named-password", "named-secret", "nkey-seed"),
        *("nostr-key", "not-hex", "openai-key", "password-hash", "pypi-macaroon", "ripple-seed"),
        *("secp256k1", "sendgrid-key", "slack-token", "stellar-seed", "stripe-key"),
        *("telegram-token", "tezos-key", "tor-key", "x25519"),
    )
)
"""The names of the checks that `scanner.detect.structure` has."""
_REQUIRED = ("id", "name", "kind", "provider", "severity", "remediation")
_OPTIONAL = (
    *("family", "confidence", "method", "pattern", "lead", "checks", "min_entropy"),
    *("companions", "within", "rotation", "keywords", "path", "engine", "required", "silent"),
)
_ALLOW = ("reason", "rules", "patterns", "target", "words", "paths", "commits", "every", "filter")
_OF_ALLOW = ("rules", "patterns", "words", "paths", "commits")
_LISTS = frozenset(
    (*_OF_ALLOW, "checks", "companions", "keywords", "required", "examples", "counterexamples")
)
_FLAGS = frozenset(("silent", "every"))
_NUMBERS = {"lead": 1024, "within": 1_000_000, "min_entropy": 8}
"""Fields that are numbers, and how large they may be."""
_SAMPLES = ("examples", "counterexamples")
SHORTEST_COMMIT = 7
"""Digits that an id of a commit has at least where it is not whole."""
_LARGEST_FILE = 4 << 20
_LONGEST_KEYWORD = 64
_WITHIN = 20  # lines
_NEAR = 2500  # bytes on either side of a keyword


_Level = TypeVar("_Level", Severity, Confidence)


class RuleSource(NamedTuple):
    """A rule as written, with the texts that test it and the reach of its pattern."""

    rule: Rule
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    reach: linear.Reach | None


class Contents(NamedTuple):
    """What a file holds: rules, and what they are not to report."""

    sources: tuple[RuleSource, ...]
    allow: tuple[Allow, ...]


def builtin_directory() -> str:
    """Return the folder of the built-in packs, in an installed package or a checkout."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(package, "rules")
    return installed if os.path.isdir(installed) else os.path.join(package, os.pardir, "rules")


def directory(path: str) -> list[RuleSource]:
    """Return the rules of all `*.yaml` files in `path`; raise RuleError if any is bad."""
    sources: list[RuleSource] = []
    for name in sorted(os.listdir(path)):
        if name.endswith(".yaml"):
            sources.extend(file(os.path.join(path, name)))
    seen: set[str] = set()
    for source in sources:
        if source.rule.id in seen:
            raise RuleError(f"rule {source.rule.id} is defined twice")
        seen.add(source.rule.id)
    return sources


def file(path: str) -> list[RuleSource]:
    """Return the rules of one YAML file; raise RuleError naming the file and rule that is bad."""
    return list(contents(os.path.basename(path), document(path)).sources)


def document(path: str, *, json: bool = False) -> object:
    """Return what one YAML file says, or one of JSON; raise RuleError if it cannot be read."""
    text = read(path)
    try:
        return from_json(text) if json else parsed(text)
    except RuleError as error:
        raise RuleError(f"{os.path.basename(path)}: {error}") from None


def read(path: str) -> bytes:
    """Return the bytes of a rule file; raise RuleError if they cannot be had or are too many."""
    name = os.path.basename(path)
    try:
        with open(path, "rb", opener=_at_once) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise RuleError(f"{name}: no regular file")
            text = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise RuleError(f"{name}: {error.strerror}") from None
    if len(text) > _LARGEST_FILE:
        raise RuleError(f"{name}: larger than {_LARGEST_FILE >> 20} MiB")
    return text


def _at_once(path: str, flags: int) -> int:
    """Open a file without waiting for the other end of a pipe, which another file may name."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def contents(name: str, document: object, examples: int = 2) -> Contents:
    """Return what the file called `name` holds, given what it says; raise RuleError if it is bad.

    Every key beside `rules` and `allow` is a default for its rules. `examples` is as for `rules`.
    """
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        raise RuleError(f"{name}: must be a mapping with a list `rules`")
    allow = document.get("allow", [])
    if not isinstance(allow, list):
        raise RuleError(f"{name}: `allow` must be a list")
    defaults = {key: value for key, value in document.items() if key not in ("rules", "allow")}
    sources = tuple(rules(name, document["rules"], defaults, examples))
    return Contents(sources, tuple(_allows(name, allow)))


def rules(
    name: str, entries: object, defaults: Mapping[str, Any] | None = None, examples: int = 2
) -> list[RuleSource]:
    """Return the rules of a list called `name`; raise RuleError naming the rule that is bad.

    Each needs at least so many `examples`, and as many counterexamples, unless it is searched for
    with RE2.
    """
    if not isinstance(entries, list):
        raise RuleError(f"{name}: must be a list of rules")
    return list(_rules(name, {**(defaults or {})}, entries, examples))


def _rules(
    name: str, defaults: dict[str, Any], entries: list[Any], examples: int
) -> Iterator[RuleSource]:
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise RuleError(f"{name}: rule {number} is not a mapping")
        fields = {k: value for k, value in {**defaults, **entry}.items() if value is not None}
        try:
            yield _rule(fields, examples)
        except RuleError as error:
            raise RuleError(f"{name}: rule {fields.get('id', number)}: {error}") from None


def _rule(fields: dict[str, Any], samples: int) -> RuleSource:
    unknown = set(fields) - {*_REQUIRED, *_OPTIONAL, *_SAMPLES}
    missing = [key for key in _REQUIRED if not fields.get(key)]
    if unknown or missing:
        raise RuleError(
            "; ".join(
                [f"unknown field {key}" for key in sorted(map(str, unknown))]
                + [f"field {key} is missing" for key in missing]
            )
        )
    typed(fields)
    method, engine = fields.get("method", "pattern"), fields.get("engine", "python")
    if method not in METHODS:
        raise RuleError(f"method must be one of {', '.join(METHODS)}")
    if engine not in searchers.ENGINES:
        raise RuleError(f"engine must be one of {', '.join(searchers.ENGINES)}")
    if engine != "python" and method not in ("search", "file"):
        raise RuleError(f"the engine {engine} needs the method search or file")
    if fields["kind"] not in KINDS:
        raise RuleError(f"kind must be one of {', '.join(KINDS)}")
    wrong = next((check for check in fields.get("checks", ()) if check not in CHECKS), None)
    if wrong is not None:
        raise RuleError(f"there is no check {wrong}; there are {', '.join(sorted(CHECKS))}")
    pattern, reach = _pattern(str(fields.get("pattern") or ""), method, engine)
    path = str(fields.get("path", ""))
    if path:
        _searched(path, engine)
    rule = Rule(
        id=str(fields["id"]),
        family=str(fields.get("family", fields["id"])),
        name=str(fields["name"]),
        kind=fields["kind"],
        provider=str(fields["provider"]),
        severity=level(Severity, "severity", fields["severity"]),
        confidence=level(Confidence, "confidence", fields.get("confidence", "high")),
        method=method,
        keywords=_keywords(fields, method),
        pattern=pattern,
        lead=int(fields.get("lead", 0)),
        checks=tuple(str(check) for check in fields.get("checks", ())),
        min_entropy=float(fields.get("min_entropy", 0)),
        remediation=str(fields["remediation"]),
        rotation=str(fields.get("rotation", "")),
        companions=tuple(str(companion) for companion in fields.get("companions", ())),
        within=int(fields.get("within", _WITHIN)),
        far=_far(method, int(fields.get("lead", 0)), reach),
        path=path,
        engine=engine,
        required=tuple(map(_part, fields.get("required", ()))),
        silent=fields.get("silent", False),
    )
    few = samples if engine == "python" else 0
    examples, counterexamples = (_texts(fields, key, few) for key in _SAMPLES)
    return RuleSource(rule, examples, counterexamples, reach)


def typed(fields: Mapping[str, Any]) -> None:
    """Raise RuleError for a value that is not of the type that its field has."""
    for key, value in fields.items():
        if key in _LISTS:
            fits = isinstance(value, list) and (key == "required" or all(map(_is_text, value)))
            said = "a list of texts"
        elif key in _NUMBERS:
            fits = _is_text(value) and not isinstance(value, str)
            fits, said = fits and 0 <= value <= _NUMBERS[key], f"a number from 0 to {_NUMBERS[key]}"
        elif key in _FLAGS:
            fits, said = isinstance(value, bool), "true or false"
        else:
            fits, said = _is_text(value), "a text"
        if not fits:
            raise RuleError(f"{key} must be {said}")


def _is_text(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def level(levels: type[_Level], name: str, value: object) -> _Level:
    """Return a level of `levels`; raise RuleError if there is none that is called `value`."""
    if str(value).upper() not in levels.__members__:
        raise RuleError(f"{name} must be one of {', '.join(levels.__members__).lower()}")
    return levels[str(value).upper()]


def _pattern(written: str, method: str, engine: str) -> tuple[str, linear.Reach | None]:
    if not written:
        if method in ("pattern", "search", "file"):
            raise RuleError("field pattern is missing")
        return "", None
    pattern = macros.expand(written) if engine == "python" else written
    reach = linear.check(pattern) if engine == "python" else None
    if method in ("search", "file"):
        searchers.searcher(pattern, engine)
    # Those that are compiled when they are first used keep their macros: the pack is half as long.
    return (written if method == "pattern" else pattern), reach


def _searched(pattern: str, engine: str) -> None:
    """Raise RuleError if `pattern` cannot be searched for in linear time."""
    if engine == "python":
        linear.check(pattern)
    searchers.searcher(pattern, engine)


def _part(entry: object) -> Part:
    if isinstance(entry, dict) and {"rule"} <= entry.keys() <= {"rule", "lines", "columns"}:
        far = [entry.get("lines", -1), entry.get("columns", -1)]
        if _is_text(entry["rule"]) and all(isinstance(number, int) for number in far):
            return Part(str(entry["rule"]), *far)
    raise RuleError("a required part has a rule, and may have numbers of lines and columns")


def _allows(name: str, entries: list[Any]) -> Iterator[Allow]:
    for number, entry in enumerate(entries, 1):
        try:
            yield _allow(entry)
        except RuleError as error:
            raise RuleError(f"{name}: allow entry {number}: {error}") from None


def _allow(entry: Any) -> Allow:
    if not isinstance(entry, dict) or not entry.keys() <= {*_ALLOW, "engine"}:
        raise RuleError(f"must be a mapping with some of {', '.join(_ALLOW)}, engine")
    fields = {key: value for key, value in entry.items() if value is not None}
    typed(fields)
    made = Allow(
        reason=str(fields.get("reason", "")),
        target=str(fields.get("target", "secret")),
        every=fields.get("every", False),
        engine=str(fields.get("engine", "python")),
        filter=str(fields.get("filter", "")),
        **{key: tuple(map(str, fields.get(key, ()))) for key in _OF_ALLOW},
    )
    return checked(made)


def checked(allow: Allow) -> Allow:
    """Return `allow`; raise RuleError if it asks for nothing, or for what cannot be looked for."""
    if not (allow.patterns or allow.words or allow.paths or allow.commits or allow.filter):
        raise RuleError("asks for nothing: patterns, words, paths, commits or filter are missing")
    if allow.target not in TARGETS:
        raise RuleError(f"target must be one of {', '.join(TARGETS)}")
    if allow.engine not in searchers.ENGINES:
        raise RuleError(f"engine must be one of {', '.join(searchers.ENGINES)}")
    for pattern in (*allow.patterns, *allow.paths):
        _searched(pattern, allow.engine)
    if "" in allow.words:
        raise RuleError("a word is empty, so every secret holds it")
    if any(len(commit) < SHORTEST_COMMIT for commit in allow.commits):
        raise RuleError(f"a commit id has fewer than {SHORTEST_COMMIT} digits")
    if allow.filter:
        expression.check(allow.filter)
    return allow


def _far(method: str, lead: int, reach: linear.Reach | None) -> bool:
    within = reach is None or (reach.one_line and reach.width + lead <= _NEAR)
    return method in ("pem", "kubernetes", "search", "file") or not within


def keyword(word: object) -> str:
    """Return a keyword as the automaton takes it; raise RuleError if it does not."""
    text = str(word).lower()
    if not 3 <= len(text) <= _LONGEST_KEYWORD or not text.isascii() or "\n" in text:
        raise RuleError(
            f"keyword {text!r} must be 3 to {_LONGEST_KEYWORD} ASCII characters of a line"
        )
    return text


def _keywords(fields: dict[str, Any], method: str) -> tuple[str, ...]:
    """Return the keywords; those that are searched for may be any text, and need not be any."""
    words = fields.get("keywords") or ()
    if method in ("search", "file"):
        return tuple(str(word).lower() for word in words if str(word))
    if not words:
        raise RuleError("field keywords is missing")
    return tuple(keyword(word) for word in words)


def _texts(fields: dict[str, Any], key: str, few: int) -> tuple[str, ...]:
    texts = tuple(str(text) for text in fields.get(key, ()))
    if len(texts) < few:
        raise RuleError(f"at least two {key} are needed")
    return texts
