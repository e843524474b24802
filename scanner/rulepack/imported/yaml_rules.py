"""Reads the YAML rules of Nosey Parker and of Kingfisher, whose format grew out of it.

https://github.com/praetorian-inc/noseyparker/blob/main/docs/RULES.md,
https://github.com/mongodb/kingfisher/blob/main/docs/RULES.md
"""

import json
from collections.abc import Iterator

from scanner.errors import RuleError
from scanner.model import Allow, Confidence, Rule
from scanner.rulepack import searchers
from scanner.rulepack.imported.result import EVERY_CONTENT, Fields, Imported, Note, rule
from scanner.rulepack.imported.syntax import pieces, rewritten, with_secret
from scanner.rulepack.load import checked

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_SPECIAL = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_COUNTED = {"min_digits": _DIGITS, "min_uppercase": _LOWER.upper(), "min_lowercase": _LOWER}
_UNUSED = ("description", "references", "categories", "prevalidated", "tls_mode")
_CHECKED = ("validation", "revocation")


def read(name: str, document: object) -> Imported:
    """Return the rules that a file called `name` holds; raise RuleError if it has none."""
    searchers.required("re2")
    top = Fields(document, name)
    reader = _Reader(name)
    for number, fields in enumerate(top.tables("rules"), 1):
        id_ = fields.text("id").strip()
        if not id_:
            raise RuleError(f"{name}: rule {number} has no id")
        fields.what = f"{name}: rule {id_}"
        reader.rule(id_, fields)
    return reader.imported(top.unknown())


class _Reader:
    """Makes rules and allow entries of one file."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rules: dict[str, Rule] = {}
        self._allow: list[Allow] = []
        self._notes: list[Note] = []
        self._examples: dict[str, tuple[str, ...]] = {}
        self._counterexamples: dict[str, tuple[str, ...]] = {}

    def imported(self, unknown: list[str]) -> Imported:
        """Return all that was made; `unknown` are names that the file has besides rules."""
        for name in unknown:
            self._notes.append(Note("ignored", self._name, f"{name} is not known"))
        reported = {id_ for id_, made in self._rules.items() if not made.silent}
        rules = (
            made._replace(companions=tuple(c for c in made.companions if c in reported))
            for made in self._rules.values()
        )
        return Imported(
            "noseyparker or kingfisher",
            tuple(rules),
            tuple(self._allow),
            tuple(self._notes),
            (),
            self._examples,
            self._counterexamples,
        )

    def rule(self, id_: str, fields: Fields) -> None:
        """Take in one rule."""
        try:
            if id_ in self._rules:
                raise RuleError("another rule before it has this id")
            made = _rule(id_, fields)
        except RuleError as error:
            self._notes.append(Note("refused", id_, str(error)))
            return
        if not made.keywords:
            self._notes.append(Note("differs", id_, EVERY_CONTENT))
        self._rules[id_] = made
        for requirements in fields.tables("pattern_requirements"):
            self._requirements(id_, requirements)
        for name in _CHECKED:
            if fields.raw(name) is not None:
                detail = f"{name}: nothing is sent to a provider"
                self._notes.append(Note("ignored", id_, detail))
        self._examples[id_] = fields.texts("examples")
        self._counterexamples[id_] = (
            *fields.texts("negative_examples"),
            *fields.texts("non_examples"),
        )
        for name in _UNUSED:
            fields.raw(name)
        for name in fields.unknown():
            self._notes.append(Note("ignored", id_, f"{name} is not known"))

    def _requirements(self, id_: str, fields: Fields) -> None:
        """Take in what a secret must have or must not: what lacks it is not reported."""
        words = tuple(word.lower() for word in fields.texts("ignore_if_contains") if word)
        if words:
            self._allow.append(
                Allow(f"{id_} ignores what contains one of them", (id_,), words=words)
            )
        wanting = " || ".join(_wanting(fields))
        if wanting:
            reason = f"{id_} asks for more kinds of characters"
            self._allow.append(checked(Allow(reason, (id_,), filter=wanting)))
        for name in fields.unknown():
            self._notes.append(Note("ignored", id_, f"pattern_requirements.{name} is not known"))


def _rule(id_: str, fields: Fields) -> Rule:
    if not fields.text("pattern"):
        raise RuleError("it has no pattern")
    confidence = (fields.text("confidence") or "medium").upper()
    if confidence not in Confidence.__members__:
        raise RuleError("confidence must be low, medium or high")
    pattern = rewritten(fields.text("pattern"))
    made = rule(
        id_,
        with_secret(pattern, _secret(pattern)),
        name=fields.text("name"),
        min_entropy=float(fields.number("min_entropy")),
        confidence=Confidence[confidence],
    )
    depends = tuple(filter(None, (t.text("rule_id") for t in fields.tables("depends_on_rule"))))
    return made._replace(companions=depends, silent=not fields.flag("visible", default=True))


def _secret(pattern: str) -> int:
    """Return the number of the group that is called TOKEN; 0 if there is none."""
    groups = [p.text for p in pieces(pattern) if p.kind == "open" and p.text[1:3] in ("", "?P")]
    named = [at for at, text in enumerate(groups, 1) if text.upper() == "(?P<TOKEN>"]
    return named[0] if named else 0


def _wanting(fields: Fields) -> Iterator[str]:
    """Yield expressions that are true of a secret with too few of some characters."""
    special = fields.text("special_chars") or _SPECIAL
    for name, characters in (*_COUNTED.items(), ("min_special_chars", special)):
        least = int(fields.number(name))
        if least > 0:
            yield f'countOf(finding["secret"], {json.dumps(characters)}) < {least}'
