"""What `leakseal rules import` says and writes."""

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from scanner.report.escape import visible
from scanner.report.words import amount
from scanner.rulepack.imported import read, write
from scanner.rulepack.imported.result import Note, grouped
from scanner.rulepack.pack import RulePack

_SAID = {
    "refused": "not taken over",
    "ignored": "without effect",
    "differs": "works otherwise",
}


class Taken(NamedTuple):
    """What was taken over from a file or directory."""

    source: str
    tools: tuple[str, ...]
    pack: RulePack
    notes: tuple[Note, ...]

    def lines(self) -> list[str]:
        """Return in words what was taken over and what was not."""
        rules, entries = self.pack.rules, self.pack.allow
        what = f"{amount(len(rules), 'rules')} and {amount(len(entries), 'allow entries')}"
        head = f"{visible(self.source)} ({', '.join(self.tools)}): {what}"
        parts = [
            f"{_SAID[code]}: {visible(subject)}: {visible(detail)}"
            for code, subject, detail in grouped(self.notes)
        ]
        return [head, *parts]

    def described(self) -> dict[str, Any]:
        """Return the same for a program, each note by itself."""
        return {
            "source": self.source,
            "tools": [*self.tools],
            "rules": [rule.id for rule in self.pack.rules],
            "allow": len(self.pack.allow),
            "notes": [note._asdict() for note in self.notes],
        }

    def text(self) -> str:
        """Return the rules as a YAML pack of ours."""
        return write.text(self.pack.rules, self.pack.allow, "\n".join(self.lines()))


def taken(path: str) -> Taken:
    """Return what the file or directory at `path` gives; raise RuleError if it cannot be used."""
    imported = read.read(path)
    whole, notes = read.together(_nothing(), imported)
    tools = tuple(dict.fromkeys(each.tool for each in imported))
    return Taken(os.path.basename(os.path.normpath(path)), tools, whole, tuple(notes))


def pack(paths: Sequence[str]) -> RulePack:
    """Return the rules of the files at `paths` together; raise RuleError if one cannot be used."""
    return read.together(_nothing(), read.all_of(paths))[0]


def _nothing() -> RulePack:
    return RulePack((), "")
