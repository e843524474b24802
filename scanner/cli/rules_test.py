"""Tests rules on their own examples, for `leakseal rules test`, and describes them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from scanner.detect.engine import Engine
from scanner.errors import UsageError
from scanner.model import Confidence, Rule, Severity
from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.rulepack import load, samples
from scanner.rulepack.imported import read
from scanner.rulepack.imported.result import Imported
from scanner.rulepack.pack import make

_SHOWN = 60  # characters of an example that failed


class Outcome(NamedTuple):
    """What testing came to: how much was tested, and in words what failed and was refused."""

    rules: int
    examples: int
    failures: tuple[str, ...]
    refused: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Yield it in words."""
        yield from self.failures
        yield from self.refused
        tested = f"{amount(self.rules, 'rules')}, {amount(self.examples, 'examples')}"
        bad = len(self.failures) + len(self.refused)
        yield f"{tested}: {amount(bad, 'problems') if bad else 'all well'}"


def tested(paths: Sequence[str]) -> Outcome:
    """Return the outcome for the files at `paths`, or for the built-in rules.

    Raises RuleError, naming file and rule, for one of our own files with a rule that is malformed
    or could take more than linear time.
    """
    imported = read.all_of(paths) or [_builtin()]
    failures: list[str] = []
    refused: list[str] = []
    count = 0
    for each in imported:
        for code, subject, detail in each.notes:
            if code == "refused":
                refused.append(f"{visible(subject)}: refused: {visible(detail)}")
        found, tried = _tried(each)
        failures += found
        count += tried
    return Outcome(sum(len(e.rules) for e in imported), count, tuple(failures), tuple(refused))


def _builtin() -> Imported:
    sources = load.directory(load.builtin_directory())
    return Imported(
        "leakseal",
        tuple(s.rule for s in sources),
        examples={s.rule.id: s.examples for s in sources},
        counterexamples={s.rule.id: s.counterexamples for s in sources},
    )


def _tried(imported: Imported) -> tuple[list[str], int]:
    """Return what failed in words, and how many texts were tried.

    Rules of ours are tested together, with the parts of texts filled in; those of others as the
    other tools test them: each by its pattern alone.
    """
    ours = imported.tool == "leakseal"
    together = Engine(make(imported.rules, imported.allow)) if ours else None
    failures: list[str] = []
    count = 0
    for rule in imported.rules:
        engine = together or Engine(make([_alone(rule)]), Confidence.LOW)
        for texts, wanted in (
            (imported.examples.get(rule.id, ()), True),
            (imported.counterexamples.get(rule.id, ()), False),
        ):
            count += len(texts)
            for number, text in enumerate(texts, 1):
                if _finds(engine, rule, samples.expand(text) if ours else text) != wanted:
                    failures.append(_failure(rule, number, text, wanted))
    return failures, count


def _alone(rule: Rule) -> Rule:
    return rule._replace(silent=False, required=(), min_entropy=0.0, path="")


def _finds(engine: Engine, rule: Rule, text: str) -> bool:
    content = text.encode("utf-8", "replace")
    if rule.confidence == Confidence.LOW:  # not reported itself: what it finds is a companion
        return any(found.rule.id == rule.id for found in engine.direct.found(content))
    return any(match.rule.id == rule.id for match in engine.findings(content).matches)


def _failure(rule: Rule, number: int, text: str, wanted: bool) -> str:
    what = "example" if wanted else "counterexample"
    said = "is not found" if wanted else "is found"
    shown = " ".join(text.split())
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    return f"{visible(rule.id)}: {what} {number} {said}: {visible(shown)}"


def described(rule: Rule) -> dict[str, Any]:
    """Return everything that a rule says, under the names that a rule file uses."""
    fields: dict[str, Any] = {}
    for name, value in rule._asdict().items():
        if isinstance(value, Severity | Confidence):
            fields[name] = value.name.lower()
        elif name == "required":
            fields[name] = [part._asdict() for part in rule.required]
        elif name != "far":
            fields[name] = [*value] if isinstance(value, tuple) else value
    return fields


def samples_of(name: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """Return the examples and counterexamples of the rule with the id `name`, filled in.

    Raises UsageError if there are none: rules of gitleaks have none.
    """
    imported = read.all_of(paths) or [_builtin()]
    for each in imported:
        if each.examples.get(name):
            make_up = samples.expand if each.tool == "leakseal" else str
            return {
                "examples": [make_up(text) for text in each.examples[name]],
                "counterexamples": [make_up(text) for text in each.counterexamples[name]],
            }
    raise UsageError(f"the file of rule {name} has no examples")
