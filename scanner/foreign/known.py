"""What another scanner was told not to report, in this tool's words.

A reader of one format makes a `Foreign` of a file; nothing here knows the formats.
"""

from typing import NamedTuple

from scanner.model import Secret

TOOLS = ("gitleaks", "betterleaks", "detect-secrets", "trufflehog", "kingfisher", "ggshield")


class Known(NamedTuple):
    """A credential that another scanner knows, by whatever its file says of it.

    `rule` is the other tool's name for its kind. `line` and `end` count from 1 and are 0 where no
    line is given; `path` and `commit` are empty where the file names none. `values` are what it
    says the credential, or its parts, are. `sha1` is the hex SHA-1 of its value, `signature` the
    hex SHA-256 that ggshield makes of all its parts. `name` stands in for a place that is not
    given. `added` is an ISO 8601 date, `note` what else is to be remembered.
    """

    rule: str
    path: str = ""
    line: int = 0
    end: int = 0
    commit: str = ""
    values: tuple[Secret, ...] = ()
    sha1: str = ""
    signature: str = ""
    name: str = ""
    added: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        """Return what to call it: its place and rule; not made safe to show."""
        place = f"{self.path}:{self.line}" if self.path and self.line else self.path or self.name
        at = f" in {self.commit[:8]}" if self.commit else ""
        return " ".join(filter(None, (place + at, self.rule)))


class Exclusion(NamedTuple):
    """An entry for `allow` in the settings: paths as globs, commits, perhaps only some rules.

    All that it gives must hold. `label` is what the other file says, for people.
    """

    label: str
    reason: str
    paths: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Untaken(NamedTuple):
    """Something of a file that has no place here, and why."""

    label: str
    why: str


class Foreign(NamedTuple):
    """All that a file of another tool says.

    `name` is the file's own, without its directory. `notes` are for the user to read.
    """

    tool: str
    name: str
    known: tuple[Known, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    untaken: tuple[Untaken, ...] = ()
    notes: tuple[str, ...] = ()

    def reason(self) -> str:
        """Return why its entries are not reported, in words for a baseline and settings."""
        return f"taken over from {self.tool}: {self.name}"
