"""What was made of another tool's rule file, and what was not."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from scanner.errors import RuleError
from scanner.model import Allow, Confidence, Rule, Severity
from scanner.rulepack import searchers
from scanner.rulepack.imported.literals import literals

NO_PAGE = "see the pages of whoever issued it; the imported rule names none"
EVERY_CONTENT = "no text stands in every match, so it is searched for in every content: slow"
EVERY_NAME = "its path need not end where a file's does, so every file is looked at: slow"
_NAMED = 3  # subjects that are named before the rest is counted
_KINDS = (
    ("private-key", "encryption-key"),
    ("privatekey", "encryption-key"),
    ("ssh", "ssh-key"),
    ("cert", "certificate"),
    ("password", "password"),
    ("passwd", "password"),
    ("connection-string", "connection-string"),
)


class Note(NamedTuple):
    """Something to know about an imported file.

    `code` is `refused` for a rule that was left out, `ignored` for a part that has no effect, and
    `differs` for one that works otherwise than in the tool it comes from.
    """

    code: str
    subject: str
    detail: str


def grouped(notes: Iterable[Note]) -> list[Note]:
    """Return `notes` with those that say the same of several subjects as one, in their order."""
    subjects: dict[tuple[str, str], list[str]] = {}
    for code, subject, detail in notes:
        subjects.setdefault((code, detail), []).append(subject)
    return [Note(code, _listed(names), detail) for (code, detail), names in subjects.items()]


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


class Imported(NamedTuple):
    """The rules of a file, what they are not to report, and notes.

    `disabled` are ids of built-in rules that the file switches off. `examples` and
    `counterexamples` hold, by rule id, texts that the rule must find, and must not.
    """

    tool: str
    rules: tuple[Rule, ...]
    allow: tuple[Allow, ...] = ()
    notes: tuple[Note, ...] = ()
    disabled: tuple[str, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = {}
    counterexamples: Mapping[str, tuple[str, ...]] = {}


def rule(
    id_: str,
    pattern: str,
    *,
    name: str = "",
    keywords: tuple[str, ...] = (),
    min_entropy: float = 0.0,
    confidence: Confidence = Confidence.MEDIUM,
    remediation: str = "",
) -> Rule:
    """Return a rule that is searched for with RE2; raise RuleError if its pattern is none.

    Without `keywords` those are taken from the pattern, if there are any.
    """
    searchers.searcher(pattern, "re2")
    return Rule(
        id=id_,
        family=id_,
        name=name.strip() or id_,
        kind=next((kind for part, kind in _KINDS if part in id_.lower()), "api-key"),
        provider="unknown",
        severity=Severity.HIGH,
        confidence=confidence,
        method="search",
        keywords=keywords or literals(pattern),
        pattern=pattern,
        lead=0,
        checks=(),
        min_entropy=min_entropy,
        remediation=remediation or NO_PAGE,
        within=20,
        engine="re2",
    )


class Fields:
    """A table of a document, whose values are asked for by name and type."""

    def __init__(self, table: object, what: str) -> None:
        """Read `table`, called `what`; raise RuleError if it is none."""
        if not isinstance(table, dict):
            raise RuleError(f"{what} must be a table")
        self.what = what
        # The tools read names in any case.
        self._values = {str(key).lower(): value for key, value in table.items()}
        self._asked: set[str] = set()

    def raw(self, name: str) -> Any:
        """Return what stands under `name`, None if nothing does."""
        self._asked.add(name.lower())
        return self._values.get(name.lower())

    def text(self, name: str) -> str:
        """Return a text, empty if there is none."""
        value = self.raw(name)
        if value is None:
            return ""
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise RuleError(f"{self.what}: {name} must be a text")
        return str(value)

    def number(self, name: str, default: float = 0) -> float:
        """Return a number."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RuleError(f"{self.what}: {name} must be a number")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return whether something is so."""
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise RuleError(f"{self.what}: {name} must be true or false")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.raw(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        if not isinstance(value, list) or any(isinstance(v, dict | list) for v in value):
            raise RuleError(f"{self.what}: {name} must be a list of texts")
        return tuple(map(str, value))

    def tables(self, name: str) -> list["Fields"]:
        """Return a list of tables, or the one table there is."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list):
            return [Fields(value, f"{self.what}: {name}")]
        return [Fields(entry, f"{self.what}: {name} {n}") for n, entry in enumerate(value, 1)]

    def unknown(self) -> list[str]:
        """Return the names that nobody asked for."""
        return sorted(self._values.keys() - self._asked)
